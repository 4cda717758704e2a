"""Drafts to schedule."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.harness.posts import body, give_post

if TYPE_CHECKING:
    from tests.harness.site import Site

DRAFT = {"title": "Fresh", "content": body("fresh")}


def draft(site: Site, slug: str = "a-draft", **columns: Any) -> str:
    return give_post(site, slug, **({"status": "draft", "draft": DRAFT} | columns))
