"""Whether a schedule locks a post: its text must stay what was reviewed, so nobody changes it meanwhile."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emdash_cli.domain.errors import RefusedChangeError
from emdash_cli.scheduling.schedule import shown_time

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from emdash_cli.domain.ports import Row


def check_changeable(post: Row, zone: ZoneInfo, done: str) -> None:
    """Pass if the text and the slug of the post may be changed.

    Args:
        post: row of `scheduling.find_posts`.
        zone: of the times in the message.
        done: what is to be done to it, such as ``edited``.

    Raises:
        RefusedChangeError: a schedule locks it, or it is neither a draft nor published.
    """
    if refusal := lock_of(post, zone):
        raise refusal
    if post["status"] not in {"draft", "published"}:
        raise RefusedChangeError(
            f"{post['slug']} ({post['locale']}) has the status {post['status']}, but only drafts and published posts"
            f" can be {done}"
        )


def lock_of(post: Row, zone: ZoneInfo) -> RefusedChangeError | None:
    """The error that names who scheduled the post, and for when; None if it is neither scheduled nor held."""
    named = f"{post['slug']} ({post['locale']})"
    hint = f"`emdash unschedule {post['slug']}` first, and schedule it again afterwards"
    if post["scheduled_at"] is not None or post["status"] == "scheduled":
        when = shown_time(post["scheduled_at"] or post["published_at"], zone)
        locked = (
            f"; {post['locked_by']} locked its text on {shown_time(post['locked_at'], zone)}" if post["locked"] else ""
        )
        return RefusedChangeError(f"{named} is scheduled for {when}{locked}", hint=hint, code="locked")
    if post["locked"]:
        why = f"is held: {post['held_reason']}" if post["held_at"] else f"was locked by {post['locked_by']}"
        return RefusedChangeError(
            f"{named} {why}", hint=hint if post["held_at"] else "run `emdash sweep`", code="locked"
        )
    return None
