"""Whether a schedule locks a post: its text must stay what was reviewed, so nobody changes it meanwhile.

An admin may override the lock. The post is then unscheduled, in the same batch, before it is changed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from emdash_cli.domain.errors import RefusedChangeError
from emdash_cli.scheduling.schedule import shown_time
from emdash_cli.scheduling.sql.scheduling import change_schedules
from emdash_cli.store.changes import Group

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from emdash_cli.domain.ports import Row, Statement
    from emdash_cli.store.changes import Claim
    from emdash_cli.store.session import Session


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


class Override(NamedTuple):
    """A lock that is to be overridden.

    Attributes:
        post: as it is before; row of `scheduling.find_posts`.
        done: what is then done to it, such as ``edited``.
        notice: says what becomes of the schedule.
    """

    post: Row
    done: str
    notice: str


def before_change(session: Session, claim: Claim, override: Override | None) -> tuple[list[Statement], Claim]:
    """What comes first in the batch of a change, and the claim of that change.

    With an override, the post is unscheduled under this claim; the change, which takes the post as `unlocked` describes
    it, gets a later one. If the post has changed since it was read, neither happens.
    """
    if override is None:
        return [], claim
    detail = {"scheduled_at": None, "forced": f"by an admin, so that it could be {override.done}"}
    group = Group(claim, session.now(), "unscheduled", [override.post], [detail])
    unscheduled = change_schedules(session.layout, group, session.settings.site.lanes)
    return unscheduled, claim.following(session.new_id)


def overridden(session: Session, post: Row, done: str) -> Override | None:
    """How an admin changes the post in spite of its lock; None if it has none.

    Raises:
        NotAllowedError: only admins may.
        RefusedChangeError: it is neither a draft nor published.
    """
    session.require("override the schedule of")
    lock = lock_of(post, session.settings.timezone)
    check_changeable(unlocked(post), session.settings.timezone, done)
    return Override(post, done, f"{lock.message}; this ends its schedule") if lock else None


def unlocked(post: Row) -> Row:
    """The post after it was unscheduled."""
    was_scheduled = post["status"] == "scheduled"
    return {
        **post,
        "version": int(post["version"] or 0) + 1,
        "status": "draft" if was_scheduled else post["status"],
        "published_at": None if was_scheduled and post["scheduled_at"] is None else post["published_at"],
        "scheduled_at": None,
        "locked": 0,
    }


def lock_of(post: Row, zone: ZoneInfo) -> RefusedChangeError | None:
    """The error that names who scheduled the post, and for when; None if it is neither scheduled nor held."""
    named = f"{post['slug']} ({post['locale']})"
    hint = f"`emdash unschedule {post['slug']}` first, and schedule it again afterwards; admins may use --force"
    if post["scheduled_at"] is not None or post["status"] == "scheduled":
        when = shown_time(post["scheduled_at"] or post["published_at"], zone)
        locked = (
            f"; {post['locked_by']} locked its text on {shown_time(post['locked_at'], zone)}" if post["locked"] else ""
        )
        return RefusedChangeError(f"{named} is scheduled for {when}{locked}", hint=hint, code="locked")
    if post["locked"]:
        since = shown_time(post["locked_at"], zone)
        why = f"was locked by {post['locked_by']} on {since}"
        if post["held_at"]:
            why = f"is held: {post['held_reason']}; {post['locked_by']} locked its text on {since}"
        return RefusedChangeError(
            f"{named} {why}", hint=hint if post["held_at"] else "run `emdash sweep`", code="locked"
        )
    return None
