"""Drafts to schedule."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.harness.posts import body, give_post

if TYPE_CHECKING:
    from tests.harness.cli import Cli

DRAFT = {"title": "Fresh", "content": body("fresh")}


def draft(blog: Cli, slug: str = "a-draft", **columns: Any) -> str:
    return give_post(blog, slug, **({"status": "draft", "draft": DRAFT} | columns))
