"""Say when posts are to be taken down, or that they are not, in groups of which each is one batch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from emdash_cli.domain.errors import RefusedChangeError, UsageError
from emdash_cli.domain.instants import describe, from_utc_text, utc_text
from emdash_cli.scheduling.schedule import changed_meanwhile
from emdash_cli.scheduling.selection import label, one_error, select_posts
from emdash_cli.scheduling.sql import expiries as sql
from emdash_cli.scheduling.sql.scheduling import record_progress
from emdash_cli.scheduling.verbs import UNCHANGED, ActedOn
from emdash_cli.store.changes import MOST_POSTS, Group
from emdash_cli.store.session import Run

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import datetime

    from emdash_cli.domain.ports import Row
    from emdash_cli.scheduling.selection import Selection
    from emdash_cli.store.session import Session

_SET: Final = "expiry_set"
_REMOVED: Final = "expiry_removed"
_WAITS: Final = "it is a draft: the time counts once it is live"


@dataclass(frozen=True, slots=True)
class ExpiryRequest:
    """When posts are to be taken down.

    Attributes:
        posts: which ones.
        at: aware; None: never.
        reason: kept in the audit table; empty: none.
        is_preview: report what would change without changing it.
    """

    posts: Selection
    at: datetime | None
    reason: str = ""
    is_preview: bool = False


def change_expiries(
    session: Session, request: ExpiryRequest, stopped: Callable[[], bool] = lambda: False
) -> Iterator[ActedOn]:
    """Set or remove the time, and yield each post once that is durable. If one of them forbids it, nothing is changed.

    Raises:
        NotAllowedError: the user's role does not suffice.
        UsageError: the time has passed, or posts in several locales have a slug, and none was chosen.
        EmdashError: there are no such posts.
        RefusedChangeError: a post's state forbids it, and nothing was done; or somebody has just changed posts of a
            group: nothing was done to that group, and what was yielded before is done.
        DatabaseError: the store is unreachable or failing; what was yielded before is durable.
    """
    if request.at is not None and request.at <= session.clock():
        raise UsageError("that time has passed", hint="without --at, `emdash unpublish` takes posts down at once")
    posts = select_posts(session, request.posts, "unpublish")
    refused = [refusal for post in posts if (refusal := _refusal(session, request, post))]
    if refused:
        raise one_error(refused, len(posts))
    text = utc_text(request.at) if request.at else None
    yield from (_done(post, UNCHANGED, text) for post in posts if post["expires_at"] == text)
    wanted = [post for post in posts if post["expires_at"] != text]
    run = Run("expire", session)
    outcome = _SET if text else _REMOVED
    for start in range(0, len(wanted), MOST_POSTS):
        if stopped():
            return
        group = wanted[start : start + MOST_POSTS]
        if not request.is_preview:
            _write(run, request, group, outcome)
        yield from (_done(post, outcome, text) for post in group)


def _refusal(session: Session, request: ExpiryRequest, post: Row) -> RefusedChangeError | None:
    if post["status"] not in {"draft", "scheduled", "published"}:
        return RefusedChangeError(f"{label(post)} has the status {post['status']}, which emdash does not change")
    goes_live = post["scheduled_at"] or (post["published_at"] if post["status"] == "scheduled" else None)
    if request.at is None or goes_live is None:
        return None
    try:
        at = from_utc_text(str(goes_live))
    except ValueError:
        return None  # The sweep holds it.
    if request.at > at:
        return None
    what = "its change goes live" if post["status"] == "published" else "it goes live"
    when = describe(at, session.settings.timezone)
    hint = f"choose a later time, or change the schedule: `emdash reschedule {post['slug']}`"
    return RefusedChangeError(f"{label(post)} cannot be taken down before {what}, {when}", hint=hint)


def _write(run: Run, request: ExpiryRequest, posts: Sequence[Row], outcome: str) -> None:
    """Change a group of posts.

    Raises:
        RefusedChangeError: a post has changed since it was read; nothing was changed.
    """
    session = run.session
    text = utc_text(request.at) if request.at else None
    reason = {"reason": request.reason} if request.reason else {}
    details = [{"expires_at": text, "expires_before": post["expires_at"], **reason} for post in posts]
    group = Group(run.claim(), session.now(), outcome, posts, details)
    counts = {outcome: run.counts.get(outcome, 0) + len(posts)}
    batch = [*sql.change_expiries(session.layout, group), record_progress(run, counts, group.claim)]
    if not session.database.batch(batch)[-2]:
        raise changed_meanwhile(", ".join(str(post["slug"] or post["id"]) for post in posts[:10]), len(posts))
    run.counts |= counts
    session.run = run.id


def _done(post: Row, outcome: str, text: str | None) -> ActedOn:
    is_live = post["status"] == "published"
    return ActedOn(
        outcome=outcome,
        slug=str(post["slug"] or ""),
        locale=str(post["locale"]),
        post_id=str(post["id"]),
        status=str(post["status"]),
        published_at=str(post["published_at"]) if is_live and post["published_at"] else None,
        scheduled_at=str(post["scheduled_at"]) if post["scheduled_at"] else None,
        expires_at=text,
        notes=(_WAITS,) if text and post["status"] == "draft" else (),
    )
