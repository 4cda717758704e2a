"""A post to edit, and editing it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from tests.harness.posts import body, give_post

if TYPE_CHECKING:
    from tests.harness.site import Site

MARKDOWN = "---\ntitle: New title\n---\nSome **new** text.\n"


def a_draft(site: Site, **values: Any) -> str:
    data = {"title": "Old title", "content": body("old"), "excerpt": "By hand", "subtitle": "Kept"}
    return give_post(site, "a", **({"status": "draft", "draft": data, "locale": "en"} | values))


def a_published_post(site: Site, **values: Any) -> str:
    data = {"title": "Old title", "content": body("old"), "excerpt": "old"}
    return a_draft(site, **({"status": "published", "draft": None, "live": data} | values))


def edited(site: Site, content: object = MARKDOWN, name: str = "new.md", *options: str) -> dict[str, Any]:
    """The data of the new draft."""
    site.run("edit", "a", "--file", site.write(name, content), *options).succeeds()
    found: dict[str, Any] = json.loads(site.row("revisions", id=site.post("a")["draft_revision_id"])["data"])
    return found
