"""A post to edit, and editing it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from tests.harness.posts import body, give_post, post_row, read

if TYPE_CHECKING:
    from tests.harness.cli import Cli

MARKDOWN = "---\ntitle: New title\n---\nSome **new** text.\n"


def a_draft(blog: Cli, **values: Any) -> str:
    data = {"title": "Old title", "content": body("old"), "excerpt": "By hand", "subtitle": "Kept"}
    return give_post(blog, "a", **({"status": "draft", "draft": data, "locale": "en"} | values))


def a_published_post(blog: Cli, **values: Any) -> str:
    data = {"title": "Old title", "content": body("old"), "excerpt": "old"}
    return a_draft(blog, **({"status": "published", "draft": None, "live": data} | values))


def edited(blog: Cli, content: object = MARKDOWN, name: str = "new.md", *options: str) -> dict[str, Any]:
    """The data of the new draft."""
    blog("edit", "a", "--file", blog.write(name, content), *options).succeeds()
    found: dict[str, Any] = json.loads(read(blog, "revisions", id=post_row(blog, "a")["draft_revision_id"])["data"])
    return found
