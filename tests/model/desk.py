"""What an editor's verbs make of a post: what is done, what was so before, and what is refused."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from tests.model.blog import Draft
from tests.model.jobs import SINCE

if TYPE_CHECKING:
    from tests.model.blog import Blog, Post

REFUSED, UNCHANGED = "refused", "unchanged"


def verdict(blog: Blog, verb: str, post: Post, *, force: bool = False) -> str:
    """What comes of the verb: its past participle, `UNCHANGED` or `REFUSED`."""
    if verb in {"trash", "untrash"}:
        return UNCHANGED if post.is_trashed == (verb == "trash") else f"{verb}ed"
    if post.is_trashed:
        return REFUSED
    if verb == "unpublish":
        return {"draft": UNCHANGED, "scheduled": REFUSED, "published": "unpublished"}[post.status]
    if post.draft is None:
        return UNCHANGED
    # Who scheduled it has not seen what it would publish.
    is_stray = post.held or (post.due is not None and post.draft != post.reviewed)
    return REFUSED if (is_stray and not force) or post.has_expired(blog.now) else "published"


def undo(blog: Blog, verb: str, post: Post, was: Post) -> None:
    """Take back what the verb has just done to a post, which had no schedule and has none."""
    match verb:
        case "publish" if was.live is None:
            blog.take_back(post)
        case "publish":
            change = Draft(post.live or "", post.slug if post.slug != was.slug else None)
            blog.rename(post, was.slug) if post.slug != was.slug else blog.changes(post)
            post.live, post.draft = was.live, change
        case "unpublish":
            post.live, post.draft, post.dated, post.first = was.live, was.draft, was.dated, None
            blog.announce(post)
            blog.board.went_live(post, blog.now, is_news=was.dated is not None and was.dated >= SINCE)
        case _:
            act(blog, {"trash": "untrash", "untrash": "trash"}[verb], post)


def copied(post: Post) -> Post:
    return replace(post)


def act(blog: Blog, verb: str, post: Post) -> None:
    """Do it to a post for which the verdict is that it is done."""
    match verb:
        case "publish":
            assert post.draft
            blog.goes_live(post, post.draft, post.first or blog.now)
        case "unpublish":
            blog.take_back(post)
        case "trash":
            post.is_trashed = True
            if post.status == "published":
                blog.is_gone(post)
        case "untrash":
            post.is_trashed, post.noted = False, None
            if post.planned and post.planned <= blog.now:
                # Its time has passed in the trash, and nobody has said that it may go live late.
                post.held = post.taken_off = True
            if post.status == "published":
                blog.announce(post)
                blog.board.changed(post, post.slug, None, blog.now)
