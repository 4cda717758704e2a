"""Totals of a period: posts and words by month and stream, failures, files, storage and publishing time."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from emdash_cli.domain.days import start_of_day
from emdash_cli.domain.errors import DatabaseError, UsageError
from emdash_cli.domain.instants import from_utc_text, utc_text
from emdash_cli.domain.outcome import DURABLE, Outcome
from emdash_cli.inbox.filing import count_by_outcome
from emdash_cli.reports.sql import figures as store
from emdash_cli.reports.sql.figures import Period

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from zoneinfo import ZoneInfo

    from emdash_cli.domain.ports import Row
    from emdash_cli.settings import Stream
    from emdash_cli.store.session import Session

_BEGINNING, _END = "0", "9999-12-31T23:59:59.999Z"
_OUTCOMES = (Outcome.PUBLISHED, Outcome.SCHEDULED, Outcome.DRAFT)
ALL = ""
"""Stands for all streams together."""


@dataclass(frozen=True, slots=True)
class Scope:
    """The period to count.

    Attributes:
        first: the first day; None: from the beginning.
        last: the last day; None: without an end.
    """

    first: date | None
    last: date | None
    zone: ZoneInfo
    streams: Sequence[Stream]


@dataclass(frozen=True, slots=True)
class Month:
    """A stream's totals for a month in the time zone of the settings.

    Attributes:
        month: ``2026-06``.
        posts: articles that became a post, by the status they got: published, scheduled or draft.
    """

    month: str
    stream: str
    posts: dict[str, int]
    words: int

    @property
    def total(self) -> int:
        """The number of all its posts."""
        return sum(self.posts.values())


@dataclass(frozen=True, slots=True)
class Statistics:
    """The totals.

    Attributes:
        months: from the ledger, and therefore without posts that were created elsewhere.
        failures: files that became no post, by outcome, as counted by each run: a file that was left ten times counts
            ten times.
        median_seconds: from the queue to the readers, by stream; the empty stream stands for all of them.
        posts: in the store at present, by status, whoever created them.
        archive: files in the archives at present, by outcome.
        storage_bytes: of the database; None if the engine does not report it.
        notes: what could not be counted, and why.
    """

    months: Sequence[Month]
    failures: Mapping[str, int]
    median_seconds: Mapping[str, float]
    posts: Mapping[str, int]
    archive: Mapping[str, int]
    storage_bytes: int | None
    notes: tuple[str, ...]


def count_everything(session: Session, scope: Scope) -> Statistics:
    """The totals of the period, and the present totals of the store and the archive.

    Raises:
        UsageError: the period is outside the years 1 to 9999.
        DatabaseError: the store is unreachable or failing, or the database is not a store.
        QueueTroubleError: an archive cannot be listed.
    """
    period = _period(scope)
    [[ends]] = session.read([store.first_and_last()])
    months = list(_months(ends, period, scope.zone))
    counted, waits, failed, posts = session.read(
        [store.by_month(months), store.waits(period), store.failures(period), store.posts_by_status(session.names)],
    )
    size, notes = _size(session)
    return Statistics(
        months=_by_month(counted),
        failures={str(row["outcome"]): int(row["files"] or 0) for row in failed if row["outcome"] not in DURABLE},
        median_seconds=_medians(waits),
        posts={str(row["status"]): int(row["posts"] or 0) for row in posts if row["posts"]},
        archive=_archives(scope.streams),
        storage_bytes=size,
        notes=notes,
    )


def _period(scope: Scope) -> Period:
    try:
        start = utc_text(start_of_day(scope.first, scope.zone)) if scope.first else _BEGINNING
        end = utc_text(start_of_day(scope.last + timedelta(days=1), scope.zone)) if scope.last else _END
    except OverflowError as error:
        raise UsageError("the period would exceed the years 1 to 9999", hint="choose other days") from error
    return Period(start, end)


def _months(ends: Row, period: Period, zone: ZoneInfo) -> Iterator[tuple[str, str, str]]:
    """Name, start and end of each month in which something may have been recorded."""
    if ends["first"] is None or ends["last"] is None:
        return
    first = _local(max(str(ends["first"]), period.start), zone)
    last = min(str(ends["last"]), period.end)
    month = first.date().replace(day=1)
    while (start := utc_text(start_of_day(month, zone))) <= last:
        following = (month + timedelta(days=31)).replace(day=1)
        end = utc_text(start_of_day(following, zone))
        yield f"{month:%Y-%m}", max(start, period.start), min(end, period.end)
        month = following


def _local(text: str, zone: ZoneInfo) -> datetime:
    return from_utc_text(text).astimezone(zone)


def _by_month(rows: Sequence[Row]) -> list[Month]:
    found = []
    for row in rows:
        *posts, words = json.loads(str(row["counts"]))
        counts = {str(outcome): count for outcome, count in zip(_OUTCOMES, posts, strict=True) if count}
        if counts:
            found.append(Month(str(row["month"]), str(row["stream"]), counts, int(words or 0)))
    return found


def _medians(rows: Sequence[Row]) -> dict[str, float]:
    """The median of times that are given with the number of posts for each, shortest first."""
    by_stream: dict[str, list[tuple[float, int]]] = {}
    for row in rows:
        taken = (float(row["taken"] or 0), int(row["posts"] or 0))
        for stream in (ALL, str(row["stream"])):
            by_stream.setdefault(stream, []).append(taken)
    return {stream: _median(waits) for stream, waits in sorted(by_stream.items())}


def _median(waits: Sequence[tuple[float, int]]) -> float:
    half = sum(posts for _, posts in waits) / 2
    passed = 0
    for place, (seconds, posts) in enumerate(waits):
        passed += posts
        if passed > half:
            return seconds
        if passed == half:
            return round((seconds + waits[place + 1][0]) / 2, 3)
    return 0.0


def _archives(streams: Sequence[Stream]) -> dict[str, int]:
    """An archive that several streams share is counted once."""
    counts: dict[str, int] = {}
    for archive in dict.fromkeys(stream.archive for stream in streams):
        for outcome, files in count_by_outcome(archive).items():
            counts[outcome] = counts.get(outcome, 0) + files
    return counts


def _size(session: Session) -> tuple[int | None, tuple[str, ...]]:
    try:
        [row] = session.database.query(store.SIZE)
    except DatabaseError as error:
        if "not authorized" not in error.message:
            raise
        return None, ("this kind of store does not report its size",)
    return int(row["bytes"] or 0), ()
