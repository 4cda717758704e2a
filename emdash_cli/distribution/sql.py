"""What distribution asks of the store beside the work on jobs itself."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Final, NamedTuple

from emdash_cli.domain.instants import utc_text
from emdash_cli.domain.ports import Statement
from emdash_cli.jobs.sql.managing import ANNOUNCED, DECIDED

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from emdash_cli.domain.article import FieldNames
    from emdash_cli.store.changes import Claim

MOST: Final = 1000
"""Jobs that a preview shows."""


def paused(lanes: str) -> Statement:
    """Of these lanes (names, as JSON) those that are paused: ``lane``, ``paused_at``, ``paused_reason``."""
    return Statement(
        "SELECT l.lane, l.paused_at, l.paused_reason FROM json_each(?1) AS s CROSS JOIN publish_lanes AS l"
        " ON l.lane = s.value WHERE l.paused_at IS NOT NULL ORDER BY l.lane",
        (lanes,),
    )


ASKED_AFTER: Final = timedelta(minutes=1)
"""How long a job is unknown before its platform is asked; after each answer that says nothing, twice as long."""
ASKED_FOR: Final = timedelta(days=7)
"""How long it is asked at all."""


class AskedAt(NamedTuple):
    """UTC texts: now; and between which instants a job became unknown that its platform is asked about."""

    now: str
    since: str
    before: str

    @classmethod
    def of(cls, now: datetime) -> AskedAt:
        """The present moment."""
        return cls(utc_text(now), utc_text(now - ASKED_FOR), utc_text(now - ASKED_AFTER))


def uncertain(lanes: Iterable[str], when: AskedAt) -> Statement:
    """The names of those lanes that have jobs to ask about, as ``lane``."""
    return Statement(
        "SELECT w.value AS lane FROM json_each(?1) AS w WHERE EXISTS (SELECT 1 FROM publish_jobs AS j"
        " WHERE j.state = 'unknown' AND j.ended_at >= ?3 AND j.ended_at < ?4 AND j.lane = w.value"
        " AND j.run_after <= ?2)",
        (json.dumps(list(lanes)), *when),
    )


def due(names: FieldNames, lanes: str, now: str, most: int | None) -> Statement:
    """The jobs of these lanes that are due, in the order in which they are claimed.

    Rows as of `job_row`.
    """
    return Statement(
        f"""
    {_jobs(names)}
    WHERE j.lane IN (SELECT s.value FROM json_each(?1) AS s) AND j.state = 'pending'
      AND j.priority IN (0, 1, 2, 3) AND j.run_after <= ?2
      AND EXISTS (
        SELECT 1 FROM publish_lanes AS l WHERE l.lane = j.lane AND l.paused_at IS NULL AND l.closed_until <= ?2)
    ORDER BY j.priority, j.run_after, j.id LIMIT CAST(?3 AS INTEGER)""",
        (lanes, now, most or MOST),
    )


class Filter(NamedTuple):
    """Which jobs to list; None: any.

    Attributes:
        since: UTC text: those that ended then or later; of those that have not ended, that were written then or later.
        before: UTC text, likewise.
        most: how many.
    """

    state: str | None = None
    platform: str | None = None
    category: str | None = None
    since: str | None = None
    before: str | None = None
    most: int = 50


# Four seeks for each lane, in the order in which the jobs are sent.
_WAITING: Final = """
    FROM publish_lanes AS w CROSS JOIN (SELECT 0 AS priority UNION ALL SELECT 1 UNION ALL SELECT 2 UNION ALL SELECT 3)
      AS q CROSS JOIN publish_jobs AS j ON j.id IN (
        SELECT d.id FROM publish_jobs AS d WHERE d.state = 'pending' AND d.lane = w.lane AND d.priority = q.priority
          AND (?2 IS NULL OR d.category IS ?2) AND (?3 IS NULL OR d.created_at >= ?3)
          AND (?4 IS NULL OR d.created_at < ?4)
        ORDER BY d.run_after LIMIT CAST(?5 AS INTEGER))"""
_OF_LANE: Final = "(?1 IS NULL OR j.lane = ?1) AND (?2 IS NULL OR j.category IS ?2)"
_CREATED: Final = "(?3 IS NULL OR j.created_at >= ?3) AND (?4 IS NULL OR j.created_at < ?4)"


def listing(names: FieldNames, wanted: Filter) -> Statement:
    """The jobs of a state, or of all: those that wait in the order of sending, others beginning with the latest.

    Rows as of `_COLUMNS`.
    """
    match wanted.state:
        case "pending":
            source = f"{_WAITING} {_joined(names)} WHERE (?1 IS NULL OR w.lane = ?1)"
            order = "j.priority, j.run_after, j.id"
        case "running":
            running = "publish_lanes AS w CROSS JOIN publish_jobs AS j ON j.state = 'running' AND j.lane = w.lane"
            source = f"FROM {running} {_joined(names)} WHERE {_OF_LANE} AND {_CREATED}"
            order = "+j.id DESC"
        case None:
            source = f"FROM publish_jobs AS j {_joined(names)} WHERE {_OF_LANE} AND {_CREATED} AND j.purged_at IS NULL"
            order = "j.id DESC"
        case _:
            ended = "j.ended_at >= coalesce(?3, '') AND j.ended_at < coalesce(?4, '9999') AND j.purged_at IS NULL"
            source = f"FROM publish_jobs AS j {_joined(names)} WHERE j.state = ?6 AND {ended} AND {_OF_LANE}"
            order = "j.ended_at DESC, j.id DESC"
    is_ended = wanted.state not in {None, "pending", "running"}
    return Statement(
        f"SELECT {_COLUMNS} {source} ORDER BY {order} LIMIT CAST(?5 AS INTEGER)",
        (*wanted[1:], wanted.state) if is_ended else tuple(wanted[1:]),
    )


def by_ids(names: FieldNames, ids: Sequence[int]) -> Statement:
    """These jobs, in this order; rows as of `listing`, with ``payload``."""
    return Statement(
        f"SELECT {_COLUMNS}, j.payload FROM json_each(?1) AS b CROSS JOIN publish_jobs AS j ON j.id = b.value"
        f" {_joined(names)} ORDER BY b.key",
        (json.dumps(list(ids)),),
    )


def changed(names: FieldNames, claim: Claim) -> Statement:
    """The jobs that the batch of this claim has changed; rows as of `listing`."""
    return Statement(
        f"SELECT {_COLUMNS} FROM publish_jobs AS j {_joined(names)} WHERE j.id IN ({DECIDED}) ORDER BY j.id",
        (claim.first, claim.last),
    )


def announced(names: FieldNames, claim: Claim) -> Statement:
    """The announcements that the batch of this claim has written; rows as of `listing`."""
    return Statement(
        f"SELECT {_COLUMNS} FROM publish_jobs AS j {_joined(names)} WHERE j.id IN ({ANNOUNCED}) ORDER BY j.id",
        (claim.first, claim.last),
    )


def announcements(names: FieldNames, post: str) -> Statement:
    """All announcements of a post, the last of each platform first; rows as of `listing`, with ``version``."""
    return Statement(
        f"SELECT {_COLUMNS}, j.version FROM publish_jobs AS j {_joined(names)}"
        " WHERE j.subject = ?1 AND j.kind = 'announce' ORDER BY j.lane, j.version DESC",
        (post,),
    )


def wishes(post: str) -> Statement:
    """Where a post is to be announced: ``platforms``, JSON or NULL, and ``stream``; no row without a file."""
    return Statement("SELECT l.platforms, l.stream FROM publish_ledger AS l WHERE l.post_id = ?1", (post,))


def lanes(now: str) -> Statement:
    """Every lane that there has been, with its limits, its use of them, and how many jobs wait or run there."""
    return Statement(
        """
    SELECT l.lane, l.kind, l.streams, l.set_up_at, l.removed_at, l.paused_at, l.paused_reason, l.closed_until, l.budget,
      l.period, l.interval_us, l.concurrency,
      iif(l.spent_in >= substr(?1, 1, iif(l.period = 'day', 10, 7)), l.spent, 0) AS spent,
      (SELECT count(*) FROM publish_jobs AS j WHERE j.state = 'pending' AND j.lane = l.lane) AS pending,
      (SELECT count(*) FROM publish_jobs AS j WHERE j.state = 'running' AND j.lane = l.lane) AS running
    FROM publish_lanes AS l ORDER BY l.lane""",
        (now,),
    )


def in_need() -> Statement:
    """How many jobs of each lane are dead or unknown: ``lane``, ``state``, ``jobs``."""
    return Statement(
        "SELECT j.lane, j.state, count(*) AS jobs FROM publish_jobs AS j WHERE j.state IN ('dead', 'unknown')"
        " AND j.ended_at IS NOT NULL GROUP BY j.lane, j.state"
    )


def attempts(job: int) -> Statement:
    """Every attempt at a job, in order."""
    return Statement(
        "SELECT t.begun_at, t.worker, t.ended_at, t.category, t.error, t.external_id, t.evidence, t.lost_at, t.applied"
        " FROM job_attempts AS t WHERE t.job_id = CAST(?1 AS INTEGER) ORDER BY t.begun_at, t.claim",
        (job,),
    )


def steps(job: int) -> Statement:
    """The parts of a job that were begun, in order."""
    return Statement(
        "SELECT s.step, s.begun_at, s.done_at, s.external_id FROM job_steps AS s"
        " WHERE s.job_id = CAST(?1 AS INTEGER) ORDER BY s.step",
        (job,),
    )


def decisions(post_id: str, job: int) -> Statement:
    """What people, or a run that asked the platform, decided about a job: at, actor, action, detail."""
    return Statement(
        "SELECT a.at, a.actor, a.action, a.detail FROM pipeline_audit AS a"
        " WHERE a.post_id = ?1 AND a.detail ->> 'job' = CAST(?2 AS INTEGER) ORDER BY a.id",
        (post_id, job),
    )


def jobs_beginning(names: FieldNames, prefix: str, states: Sequence[str], most: int) -> Statement:
    """Numbers of the latest jobs in these states, as ``word``, with ``label``: for completion."""
    return Statement(
        f"""
    SELECT CAST(j.id AS TEXT) AS word, coalesce(p.slug, j.subject) || ' on ' || j.lane || ': ' || j.state AS label
    FROM json_each(?2) AS b CROSS JOIN publish_jobs AS j ON j.id IN (
      SELECT d.id FROM publish_jobs AS d WHERE d.state = b.value AND d.ended_at IS NOT NULL
        AND substr(d.id, 1, length(?1)) = ?1
      ORDER BY d.ended_at DESC LIMIT CAST(?3 AS INTEGER))
    {_joined(names)} ORDER BY j.ended_at DESC LIMIT CAST(?3 AS INTEGER)""",
        (prefix, json.dumps(list(states)), most),
    )


_COLUMNS: Final = """j.id, j.lane, j.kind, j.subject, j.state, j.category, j.attempts, j.external_id, j.error,
      j.run_after, j.cost_usd, j.ended_at, j.created_at, j.stale_at, j.parts, j.triggered_by,
      p.slug, p.locale, l.paused_at, l.paused_reason, l.closed_until, l.removed_at"""


def _joined(names: FieldNames) -> str:
    return f"""LEFT JOIN {names.table} AS p ON p.id = j.subject LEFT JOIN publish_lanes AS l ON l.lane = j.lane"""


def _jobs(names: FieldNames) -> str:
    return f"""SELECT j.id, j.lane, j.kind, j.subject, j.state, j.category, j.attempts, j.external_id, j.error,
      j.run_after, p.slug, p.locale
    FROM publish_jobs AS j LEFT JOIN {names.table} AS p ON p.id = j.subject"""
