"""Schedule, reschedule or unschedule one post."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Final, Literal, assert_never

from emdash_cli.domain.errors import RefusedChangeError
from emdash_cli.domain.instants import describe, from_utc_text, utc_text
from emdash_cli.posts.read import the_post
from emdash_cli.scheduling.sql.scheduling import Schedule, change_schedule, find_posts
from emdash_cli.store.changes import AuditEntry, Claim

if TYPE_CHECKING:
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from emdash_cli.domain.ports import Row
    from emdash_cli.store.session import Session

_DONE = {"schedule": "scheduled", "reschedule": "rescheduled", "unschedule": "unscheduled"}
_PAST = "that time has passed: the post goes live with the next sweep"
_UNREVIEWED = "its text has changed since {by} scheduled it; the changed text is what will go live"
CHANGED_MEANWHILE: Final = "changed_meanwhile"
"""The code of the error when somebody else has changed the post since it was read."""
_LENIENCY = timedelta(minutes=1)
"""No warning for `now` or the present minute, which has always begun when the command runs."""


@dataclass(frozen=True, slots=True)
class ScheduleChange:
    """A change to the schedule of one post.

    Attributes:
        at: aware; None to unschedule.
        is_preview: report what would change without changing it.
    """

    verb: Literal["schedule", "reschedule", "unschedule"]
    slug: str
    locale: str | None
    at: datetime | None
    is_preview: bool


@dataclass(frozen=True, slots=True)
class Scheduled:
    """The schedule after the change.

    Attributes:
        outcome: scheduled, rescheduled or unscheduled.
        status: of the post afterwards.
        scheduled_at: UTC text, or None.
        display_time: the same time for people.
        by: who made the change, as in the audit table.
        announced_on: in a preview, the platforms where the post would be announced when it goes live.
    """

    outcome: str
    slug: str
    locale: str
    post_id: str
    status: str
    scheduled_at: str | None
    display_time: str | None
    by: str
    warnings: tuple[str, ...]
    announced_on: tuple[str, ...] = ()


def change(session: Session, request: ScheduleChange) -> Scheduled:
    """Make the change or, with `is_preview`, only report it.

    Raises:
        RefusedChangeError: the post's state forbids it, or somebody else has just changed the post.
        NotAllowedError: the user's role does not suffice.
        DatabaseError: the store is unreachable or failing.
    """
    asked_at = session.clock()
    [rows] = session.open([find_posts(session.names, request.slug)])
    session.require(request.verb)
    post = the_post(session, request.slug, request.locale, rows)
    zone = session.settings.timezone
    status = _status_after(request, post, zone)
    at = utc_text(request.at) if request.at else None
    has_only_published_at = post["status"] == "scheduled" and post["scheduled_at"] is None
    is_edited = at is not None and bool(post["edited"])
    detail = json.dumps({"scheduled_at": at} | ({"accepted": "text_changed"} if is_edited else {}))
    claim = Claim.new(session.new_id, session.actor)
    entry = AuditEntry(claim, session.now(), _DONE[request.verb], post, detail)
    # If a scheduled row has only published_at, that is the time it was scheduled for, not the time it went live.
    published_at = None if has_only_published_at or post["published_at"] is None else str(post["published_at"])
    schedule = Schedule(at, status, published_at)
    changes = change_schedule(session.layout, entry, schedule, session.settings.site.lanes)
    if not request.is_preview and not session.database.batch(changes)[-1]:
        raise changed_meanwhile(request.slug)
    warnings = list(session.layout.warnings)
    if request.at is not None and request.at <= asked_at - _LENIENCY:
        warnings.append(_PAST)
    if is_edited:
        warnings.append(_UNREVIEWED.format(by=post["locked_by"]))
    shown = describe(request.at, zone) if request.at else None
    done = _result(entry, schedule, shown, tuple(warnings))
    return replace(done, announced_on=_announced_on(session, done)) if request.is_preview else done


def _announced_on(session: Session, done: Scheduled) -> tuple[str, ...]:
    """The platforms where the post would be announced, or its change sent, when it goes live."""
    lanes = session.settings.site.lanes
    if not lanes or done.scheduled_at is None:
        return ()
    from emdash_cli.store.announcing import Expected, by_post, expected

    post = Expected(done.post_id, scheduled_at=done.scheduled_at)
    return by_post(session.database.query(expected(session.layout, [post], lanes, session.now()))).get(done.post_id, ())


def _result(entry: AuditEntry, schedule: Schedule, shown: str | None, warnings: tuple[str, ...]) -> Scheduled:
    return Scheduled(
        outcome=entry.action,
        slug=str(entry.post["slug"]),
        locale=str(entry.post["locale"]),
        post_id=str(entry.post["id"]),
        status=schedule.status,
        scheduled_at=schedule.at,
        display_time=shown,
        by=entry.claim.actor,
        warnings=warnings,
    )


def _status_after(request: ScheduleChange, post: Row, zone: ZoneInfo) -> str:
    """The new status of the post.

    Raises:
        RefusedChangeError: the post cannot be scheduled, or is not scheduled.
    """
    status = str(post["status"])
    is_scheduled = post["scheduled_at"] is not None or status == "scheduled"
    match request.verb:
        case "schedule":
            if is_scheduled:
                when = shown_time(post["scheduled_at"] or post["published_at"], zone)
                _refuse(post, f"is already scheduled, for {when}", "emdash reschedule")
            if post["held_at"]:
                _refuse(post, f"is held: {post['held_reason']}", "emdash reschedule")
            _check_schedulable(post)
            return "scheduled" if status == "draft" else status
        case "reschedule":
            if not is_scheduled and not post["held_at"]:
                _refuse(post, "is not scheduled", "emdash schedule")
            _check_schedulable(post)
            return "published" if status == "published" else "scheduled"
        case "unschedule":
            if not is_scheduled and not post["held_at"]:
                _refuse(post, "is not scheduled", "")
            return "draft" if status == "scheduled" else status
        case _:
            assert_never(request.verb)


def _check_schedulable(post: Row) -> None:
    if post["status"] not in {"draft", "scheduled", "published"}:
        _refuse(post, f"has the status {post['status']}, but only drafts and published posts can be scheduled", "")
    if post["status"] == "published" and post["draft_revision_id"] in {None, post["live_revision_id"]}:
        _refuse(post, "is published and has no change to schedule", "emdash edit")
    if post["staged_owner"]:
        raise RefusedChangeError(
            f"{post['slug']} has the new slug {post['staged']}, which belongs to post {post['staged_owner']}",
            hint="give it another slug with `emdash edit`",
            code="slug_taken",
        )


def shown_time(text: object, zone: ZoneInfo) -> str:
    """A stored time for people. A text that is not a time, which other tools may write, is returned unchanged."""
    try:
        return describe(from_utc_text(str(text)), zone)
    except ValueError:
        return str(text)


def changed_meanwhile(slug: str) -> RefusedChangeError:
    """The error for a change to a post that has changed since it was read."""
    return RefusedChangeError(
        f"somebody else has just changed {slug}; nothing was done",
        hint="review the change, then run the command again",
        code=CHANGED_MEANWHILE,
    )


def _refuse(post: Row, why: str, instead: str) -> None:
    raise RefusedChangeError(
        f"{post['slug']} ({post['locale']}) {why}", hint=f"use `{instead} {post['slug']}`" if instead else ""
    )
