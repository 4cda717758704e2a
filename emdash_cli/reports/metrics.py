"""Figures for monitoring, in the terms of Prometheus, which is not needed for them.

Counters count from midnight UTC. Prometheus takes the return to zero for the start of a new process, for which its
`rate()` and `increase()` are made, and no query has to look at more than a day.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from emdash_cli.domain.instants import from_utc_text, utc_text
from emdash_cli.jobs.sql.claiming import names
from emdash_cli.reports.sql import metrics as sql
from emdash_cli.reports.status import status

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime, timedelta

    from emdash_cli.domain.ports import Row
    from emdash_cli.reports.status import Status
    from emdash_cli.store.session import Session

BOUNDS_S: Final = (1.0, 5.0, 15.0, 60.0, 300.0, 900.0, 3600.0, 21600.0, 86400.0)
"""Of the buckets of ages."""


class Sample(NamedTuple):
    """One value.

    Attributes:
        labels: name and value of each, in the order of the family's.
    """

    labels: tuple[str, ...]
    value: float


class Distributed(NamedTuple):
    """One histogram.

    Attributes:
        numbers: in each bucket, not cumulated; the last one is beyond all bounds.
        total: of all values.
    """

    labels: tuple[str, ...]
    numbers: tuple[int, ...]
    total: float


class Family(NamedTuple):
    """Values of one name.

    Attributes:
        kind: ``gauge``, ``counter`` or ``histogram``.
        labels: their names.
    """

    name: str
    kind: str
    about: str
    labels: tuple[str, ...] = ()
    samples: tuple[Sample, ...] = ()
    histograms: tuple[Distributed, ...] = ()


def metrics(session: Session, stale_after: timedelta) -> tuple[Family, ...]:
    """The figures of this moment, in two requests.

    Args:
        session: whose queues, posts and platforms are counted.
        stale_after: see `status`.

    Raises:
        DatabaseError: the store is unreachable or failing.
    """
    found = status(session, stale_after)
    lanes = names([platform.name for platform in session.settings.platforms])
    midnight = utc_text(found.at.replace(hour=0, minute=0, second=0, microsecond=0))
    reads = [
        sql.under_way(lanes, utc_text(found.at)),
        sql.attempts(lanes, midnight),
        sql.ages(lanes, midnight, BOUNDS_S),
        sql.ended(lanes, midnight),
    ]
    answers = session.read(reads) if session.settings.platforms else [[], [], [], []]
    return (*_of_store(found), *_of_platforms(found, *answers))


def _of_store(found: Status) -> Iterator[Family]:
    at = found.at
    yield _one("read_timestamp_seconds", "When these figures were read.", at.timestamp())
    queues = found.queues
    yield _each("queue_files", "Files waiting in the queue.", "stream", {q.stream: q.depth for q in queues})
    ages = {q.stream: _age_s(q.oldest_at, at) for q in queues}
    yield _each("queue_oldest_age_seconds", "Age of the oldest waiting file; 0 without any.", "stream", ages)
    troubles = {q.stream: int(bool(q.problem)) for q in queues}
    yield _each("queue_unreadable", "1 if the queue cannot be listed.", "stream", troubles)
    yield _one("posts_scheduled", "Scheduled posts and changes, those that are held included.", found.scheduled)
    yield _one("posts_due", "Posts that are due now.", found.due)
    yield _one("posts_overdue", "Posts that have been due for more than five minutes.", found.overdue)
    yield _one("posts_oldest_due_age_seconds", "For how long the oldest has been due.", _age_s(found.oldest_due_at, at))
    yield _one("posts_held", "Posts that a person has to review.", found.held)
    yield _one("posts_held_overdue", "Held posts that are past their time.", found.held_late)
    yield _one("posts_expiring", "Posts that are to be taken down later.", found.expiring)
    yield _one("posts_expired", "Posts that are live more than five minutes past their expiry.", found.expired)
    yield _one("posts_scheduled_in_trash", "Scheduled posts in the trash.", found.trashed)
    seen = {run.kind: run.seen_at.timestamp() for run in found.runs if run.seen_at}
    yield _each("heartbeat_timestamp_seconds", "Last sign of life of a kind of run.", "kind", seen)
    silent = {run.kind: int(run.stale) for run in found.runs}
    yield _each("heartbeat_stale", "1 if a kind of run was silent for too long.", "kind", silent)


def _of_platforms(
    found: Status, under_way: Sequence[Row], attempts: Sequence[Row], ages: Sequence[Row], ended: Sequence[Row]
) -> Iterator[Family]:
    states = found.platforms.states
    lanes = {str(row["lane"]): row for row in under_way}
    labels = ("platform", "state")
    numbers = [
        Sample((each.platform, state), number)
        for each in states
        for state, number in (
            ("pending", each.waiting),
            ("running", int(lanes[each.platform]["running"] or 0) if each.platform in lanes else 0),
            ("dead", each.dead),
            ("unknown", each.unknown),
        )
    ]
    yield Family("jobs", "gauge", "Jobs that are not done, by state.", labels, tuple(numbers))
    waits = {lane: _age_s(_instant(row["oldest"]), found.at) for lane, row in lanes.items()}
    yield _each("jobs_oldest_due_age_seconds", "For how long the oldest job has been due; 0: none.", "platform", waits)
    paused = {each.platform: int(each.paused_at is not None) for each in states}
    yield _each("platform_paused", "1 if the platform is paused.", "platform", paused)
    budgets = {each.platform: each.budget for each in states if each.budget is not None}
    yield _each("platform_budget", "Posts that the settings allow in a month.", "platform", budgets)
    spent = {each.platform: each.spent for each in states if each.budget is not None}
    yield _each("platform_budget_used", "How many of them are used up.", "platform", spent)
    tried = tuple(Sample((str(row["lane"]), str(row["category"])), int(row["number"] or 0)) for row in attempts)
    about = "Attempts of jobs that have ended since midnight UTC, by what came of them."
    yield Family("attempts", "counter", about, ("platform", "category"), tried)
    done = tuple(Sample((str(row["lane"]), str(row["state"])), int(row["number"] or 0)) for row in ended)
    yield Family("jobs_ended", "counter", "Jobs that have ended since midnight UTC, by state.", labels, done)
    costs = dict.fromkeys((each.platform for each in states), 0.0)
    for row in ended:
        costs[str(row["lane"])] = costs.get(str(row["lane"]), 0.0) + float(row["cost"] or 0)
    about = "US dollars that jobs have cost that have ended since midnight UTC."
    yield _each("cost_usd", about, "platform", costs, kind="counter")
    about = "From the moment that a job was written until its first request, for jobs that ended since midnight UTC."
    yield Family("job_age_seconds", "histogram", about, ("platform",), histograms=_histograms(ages))


def _histograms(rows: Sequence[Row]) -> tuple[Distributed, ...]:
    numbers: dict[str, list[int]] = {}
    totals: dict[str, float] = {}
    for row in rows:
        lane = str(row["lane"])
        numbers.setdefault(lane, [0] * (len(BOUNDS_S) + 1))[int(row["bucket"] or 0)] = int(row["number"] or 0)
        totals[lane] = totals.get(lane, 0.0) + float(row["total"] or 0)
    return tuple(Distributed((lane,), tuple(found), totals[lane]) for lane, found in numbers.items())


def _one(name: str, about: str, value: float) -> Family:
    return Family(name, "gauge", about, samples=(Sample((), value),))


def _each(name: str, about: str, label: str, values: Mapping[str, float], *, kind: str = "gauge") -> Family:
    return Family(name, kind, about, (label,), tuple(Sample((key,), value) for key, value in values.items()))


def _age_s(since: datetime | None, at: datetime) -> float:
    """Never negative: a clock may be wrong."""
    return max(0.0, (at - since).total_seconds()) if since else 0.0


def _instant(text: object) -> datetime | None:
    return from_utc_text(str(text)) if text else None
