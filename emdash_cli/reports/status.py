"""The state of a blog: what is waiting, due or held, and when each kind of run was last seen."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from emdash_cli.domain.days import describe_duration
from emdash_cli.domain.errors import EmdashError
from emdash_cli.domain.instants import from_utc_text, utc_text
from emdash_cli.inbox import files
from emdash_cli.reports import platforms
from emdash_cli.reports.sql import figures
from emdash_cli.scheduling.sql.expiries import expiring_posts
from emdash_cli.scheduling.sql.trashed import count_trashed
from emdash_cli.store.due import OFFSET_HOURS

if TYPE_CHECKING:
    from emdash_cli.domain.ports import Row, Value
    from emdash_cli.reports.platforms import Platforms
    from emdash_cli.settings import Stream
    from emdash_cli.store.session import Session

GRACE: Final = timedelta(minutes=5)
"""A post that has been due for longer than this is overdue: a sweep should have published it."""


@dataclass(frozen=True, slots=True)
class QueueState:
    """One stream.

    Attributes:
        depth: number of waiting files.
        oldest_at: when the oldest of them was written; None without waiting files.
        published_at: when the last article of the stream was recorded in the ledger; None: never.
        problem: why the queue cannot be listed; empty if it can.
    """

    stream: str
    depth: int
    oldest_at: datetime | None
    published_at: datetime | None
    problem: str = ""


@dataclass(frozen=True, slots=True)
class RunState:
    """One kind of run.

    Attributes:
        seen_at: the last sign of life; None for a kind that is run by hand and gives none.
        worked_at: when it last did something; for publish, also when the ledger last grew; None: never.
        counts: the results of that run.
        stale: whether the kind was silent for too long, or recorded a time that cannot be read or lies in the future.
    """

    kind: str
    seen_at: datetime | None
    worked_at: datetime | None
    counts: dict[str, int]
    stale: bool


@dataclass(frozen=True, slots=True)
class Status:
    """The state of the blog at the instant `at`.

    Attributes:
        expiring: posts, live or scheduled, that are to be taken down later.
        expired: live posts that a sweep should have taken down, the first of them at `expired_since`.
        trashed: posts in the trash that are scheduled, or were until their time passed there.
    """

    at: datetime
    queues: tuple[QueueState, ...]
    runs: tuple[RunState, ...]
    scheduled: int
    next_at: datetime | None
    due: int
    overdue: int
    oldest_due_at: datetime | None
    held: int
    held_since: datetime | None
    held_late: int
    expiring: int
    expires_next_at: datetime | None
    expired: int
    expired_since: datetime | None
    trashed: int
    warnings: tuple[str, ...]
    stale_after: timedelta
    platforms: Platforms

    @property
    def problems(self) -> list[str]:
        """The problems, one line each; none if all is well."""
        found = [f"stream {state.stream}: {state.problem}" for state in self.queues if state.problem]
        if self.overdue:
            since = f", the oldest for {describe_duration(self.at - self.oldest_due_at)}" if self.oldest_due_at else ""
            found.append(f"{self.overdue} overdue{since}: is `emdash sweep` running?")
        if self.expired:
            since = f", the first {describe_duration(self.at - self.expired_since)} ago" if self.expired_since else ""
            found.append(f"{self.expired} live past their expiry{since}: is `emdash sweep` running?")
        if self.held_late:
            found.append(f"{self.held_late} held past their time: `emdash diff SLUG`, then reschedule or unschedule")
        found += self.platforms.problems(self.at, GRACE)
        return found + [self._silence(run) for run in self.runs if run.stale]

    def _silence(self, run: RunState) -> str:
        if run.seen_at is None:
            return f"the last recorded run of {run.kind} has a time that cannot be read"
        if run.seen_at > self.at:
            return f"the last recorded run of {run.kind} is in the future, {utc_text(run.seen_at)}: is a clock wrong?"
        return f"{run.kind} has not run for {describe_duration(self.at - run.seen_at)}: is it still being started?"


def status(session: Session, stale_after: timedelta) -> Status:
    """The state of the blog, read in one request to the store.

    Args:
        session: whose streams' queues are counted.
        stale_after: a kind of run that was silent for longer than this is stale.

    Raises:
        DatabaseError: the store is unreachable or failing.
    """
    names, streams, now = session.names, session.settings.streams, session.clock()
    later, overdue = utc_text(now + timedelta(hours=OFFSET_HOURS)), utc_text(now - GRACE)
    reads = [
        figures.due_posts(names, utc_text(now), later, overdue),
        figures.waiting_posts(names),
        figures.held_posts(names, overdue),
        expiring_posts(names, utc_text(now), overdue),
        count_trashed(names),
        figures.runs_by_kind(),
        figures.last_recorded([stream.name for stream in streams]),
    ]
    answers = session.open([*reads, *platforms.reads(session)])
    (due,), (waiting,), (held,), (expiring,), (trashed,), runs, recorded, *of_platforms = answers
    queues = tuple(_queue(stream, row) for stream, row in zip(streams, recorded, strict=True))
    published_at = max((state.published_at for state in queues if state.published_at), default=None)
    return Status(
        at=now,
        queues=queues,
        runs=tuple(_run(row, published_at if row["kind"] == "publish" else None, stale_after, now) for row in runs),
        scheduled=int(waiting["scheduled"] or 0),
        next_at=_instant(waiting["next"]),
        due=int(due["due"] or 0),
        overdue=int(due["overdue"] or 0),
        oldest_due_at=_instant(due["oldest"]),
        held=int(held["held"] or 0),
        held_since=_instant(held["since"]),
        held_late=int(held["late"] or 0),
        expiring=int(expiring["expiring"] or 0),
        expires_next_at=_instant(expiring["next"]),
        expired=int(expiring["late"] or 0),
        expired_since=_instant(expiring["since"]),
        trashed=int(trashed["trash"] or 0),
        warnings=session.layout.warnings,
        stale_after=stale_after,
        platforms=platforms.stand(of_platforms, session.settings.platforms, now),
    )


def _queue(stream: Stream, row: Row) -> QueueState:
    recorded_at = _instant(row["recorded_at"])
    try:
        depth, oldest = files.depth(stream.queue)
    except EmdashError as error:
        return QueueState(stream.name, 0, None, recorded_at, error.message)
    oldest_at = datetime.fromtimestamp(oldest, UTC) if oldest is not None else None
    return QueueState(stream.name, depth, oldest_at, recorded_at)


def _run(row: Row, worked_at: datetime | None, stale_after: timedelta, now: datetime) -> RunState:
    """`worked_at`, including work that only the ledger records."""
    seen_at = _instant(row["seen_at"])
    recorded_at = _instant(row["run_seen_at"])
    moments = [moment for moment in (recorded_at, worked_at) if moment]
    # The last run that did something: what a publishing run wrote is in the ledger, and is not counted here.
    is_last = recorded_at is not None and recorded_at == max(moments)
    is_unreadable = bool(row["seen_at"]) and seen_at is None
    return RunState(
        kind=str(row["kind"]),
        seen_at=seen_at,
        worked_at=max(moments, default=None),
        counts=json.loads(str(row["counts"])) if row["counts"] and is_last else {},
        stale=is_unreadable or (seen_at is not None and not -GRACE <= now - seen_at <= stale_after),
    )


def _instant(text: Value) -> datetime | None:
    """The instant of a stored time; None if it cannot be read."""
    try:
        return from_utc_text(str(text)) if text else None
    except ValueError:
        return None
