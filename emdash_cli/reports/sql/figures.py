"""Counts and times for `status` and `stats`, from the ledger's covering index, the runs and the schedule.

Every read uses an index.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final, NamedTuple

from emdash_cli.domain.ports import Statement
from emdash_cli.store.due import candidates

if TYPE_CHECKING:
    from collections.abc import Sequence

    from emdash_cli.domain.article import FieldNames

_MOST: Final = 1_000_000
"""Maximum number of due posts that are counted."""


def due_posts(names: FieldNames, now: str, later: str, overdue: str) -> Statement:
    """One row: how many posts are ``due`` and ``overdue``, and the ``oldest`` due time.

    Args:
        names: of the collection.
        now: UTC text.
        later: UTC text, `due.OFFSET_HOURS` after it.
        overdue: UTC text; posts that were due before it are overdue.
    """
    sql = f"""
    WITH {candidates(names)}
    SELECT count(*) AS due, coalesce(sum(c.instant < julianday(?4)), 0) AS overdue,
      strftime('%Y-%m-%dT%H:%M:%fZ', min(c.instant)) AS oldest
    FROM candidate AS c"""
    return Statement(sql, (now, later, _MOST, overdue))


def waiting_posts(names: FieldNames) -> Statement:
    """One row: how many posts are ``scheduled``, and when the ``next`` one is due (as stored in its row).

    A held post goes live at no time until a person has reviewed it, so it is never the next one.
    """
    scheduled = f"FROM {names.table} AS p WHERE p.scheduled_at > '' AND +p.deleted_at IS NULL"
    undated = (
        f"FROM {names.table} AS p WHERE p.deleted_at IS NULL AND p.status = 'scheduled' AND p.scheduled_at IS NULL"
    )
    free = "AND NOT EXISTS (SELECT 1 FROM schedule_locks AS k WHERE k.post_id = p.id AND k.held_at > '')"
    sql = f"""
    SELECT (SELECT count(*) {scheduled}) + (SELECT count(*) {undated}) AS scheduled,
      (SELECT p.scheduled_at {scheduled} {free} ORDER BY p.scheduled_at LIMIT 1) AS next"""
    return Statement(sql)


def held_posts(names: FieldNames, overdue: str) -> Statement:
    """One row: how many posts are ``held`` until a person has reviewed them, and since when (``since``).

    ``late`` of them were due before `overdue`, UTC text.
    """
    return Statement(
        "SELECT count(*) AS held, min(k.held_at) AS since, coalesce(sum(k.scheduled_at < ?1), 0) AS late"
        f" FROM schedule_locks AS k CROSS JOIN {names.table} AS p ON p.id = k.post_id"
        " WHERE k.held_at > '' AND +p.deleted_at IS NULL",
        (overdue,),
    )


# One kind at a time, using the index on the kind, because there are many runs.
_RUNS: Final = """
WITH RECURSIVE kinds (kind) AS (
  SELECT min(kind) FROM pipeline_runs
  UNION ALL
  SELECT (SELECT min(r.kind) FROM pipeline_runs AS r WHERE r.kind > kinds.kind) FROM kinds
  WHERE kinds.kind IS NOT NULL
),
known AS (SELECT kind FROM pipeline_heartbeats UNION SELECT kind FROM kinds WHERE kind IS NOT NULL)
SELECT known.kind AS kind, h.started_at AS started_at, h.seen_at AS seen_at, r.started_at AS run_started_at,
  r.seen_at AS run_seen_at, r.counts AS counts
FROM known
LEFT JOIN pipeline_heartbeats AS h ON h.kind = known.kind
LEFT JOIN pipeline_runs AS r ON r.id = (
  SELECT last.id FROM pipeline_runs AS last WHERE last.kind = known.kind ORDER BY last.started_at DESC LIMIT 1)
ORDER BY known.kind"""


def runs_by_kind() -> Statement:
    """A row for each kind of run: its heartbeat (``started_at``, ``seen_at``) and its last run that did something."""
    return Statement(_RUNS)


def last_recorded(streams: Sequence[str]) -> Statement:
    """A row for each ``stream`` with the time of its last article, ``recorded_at``; NULL: never."""
    return Statement(
        "SELECT j.value AS stream, (SELECT max(l.recorded_at) FROM publish_ledger AS l WHERE l.stream = j.value)"
        " AS recorded_at FROM json_each(?1) AS j ORDER BY j.key",
        (json.dumps(list(streams)),),
    )


class Period(NamedTuple):
    """UTC texts: from the first, inclusive, to the second, exclusive."""

    start: str
    end: str


# One stream after another, each the first one after the last, without reading what lies between.
_STREAMS: Final = """
  streams AS (
    SELECT min(stream) AS stream FROM publish_ledger
    UNION ALL SELECT (SELECT min(k.stream) FROM publish_ledger AS k WHERE k.stream > s.stream)
    FROM streams AS s WHERE s.stream IS NOT NULL)"""


def first_and_last() -> Statement:
    """``first`` and ``last``: the times of the first and the last record; NULL if there is none."""
    ends = "(SELECT {end}(k.recorded_at) FROM publish_ledger AS k WHERE k.stream = s.stream)"
    sql = f"""
    WITH RECURSIVE {_STREAMS}
    SELECT min({ends.format(end="min")}) AS first, max({ends.format(end="max")}) AS last
    FROM streams AS s WHERE s.stream IS NOT NULL"""
    return Statement(sql)


def by_month(months: Sequence[tuple[str, str, str]]) -> Statement:
    """Rows with month, stream and ``counts``, for months given as (name, start, end), UTC texts.

    ``counts`` is a JSON array: posts that were published, scheduled and drafts, and the words of all of them; nulls if
    there are none. It is one pass over a part of the index, whereas grouping would sort the ledger.
    """
    sql = f"""
    WITH RECURSIVE {_STREAMS}
    SELECT j.value ->> 0 AS month, s.stream AS stream, (
      SELECT json_array(sum(k.outcome = 'published'), sum(k.outcome = 'scheduled'), sum(k.outcome = 'draft'),
        sum(k.words))
      FROM publish_ledger AS k
      WHERE k.stream = s.stream AND k.recorded_at >= j.value ->> 1 AND k.recorded_at < j.value ->> 2) AS counts
    FROM json_each(?1) AS j CROSS JOIN streams AS s
    WHERE s.stream IS NOT NULL ORDER BY j.key, s.stream"""
    return Statement(sql, (json.dumps(months),))


def waits(period: Period) -> Statement:
    """Rows with stream, seconds from the queue to the readers, and the number of posts that took so long.

    Only posts that went live at once count: a scheduled post waits on purpose. Longer times are rounded more coarsely,
    so that there are few rows however many posts there are.
    """
    taken = """
      SELECT k.stream AS stream, (julianday(k.recorded_at) - julianday(k.queued_at)) * 86400 AS seconds
      FROM streams AS s CROSS JOIN publish_ledger AS k ON k.stream = s.stream
        AND k.recorded_at >= ?1 AND k.recorded_at < ?2
      WHERE s.stream IS NOT NULL AND k.outcome = 'published' AND k.queued_at IS NOT NULL"""
    sql = f"""
    WITH RECURSIVE {_STREAMS}
    SELECT t.stream AS stream, CASE WHEN t.seconds < 60 THEN round(t.seconds, 1) WHEN t.seconds < 7200
        THEN round(t.seconds) ELSE round(t.seconds / 60) * 60 END AS taken, count(*) AS posts
    FROM ({taken}) AS t GROUP BY t.stream, taken ORDER BY taken"""
    return Statement(sql, tuple(period))


def failures(period: Period) -> Statement:
    """Rows with outcome and files: what runs of `publish-queue` counted of files that became no post."""
    sql = """
    SELECT j.key AS outcome, sum(j.value) AS files
    FROM pipeline_runs AS r CROSS JOIN json_each(r.counts) AS j
    WHERE r.kind = 'publish' AND r.started_at >= ?1 AND r.started_at < ?2
    GROUP BY j.key ORDER BY j.key"""
    return Statement(sql, tuple(period))


def posts_by_status(names: FieldNames) -> Statement:
    """Rows with status and posts; posts in the trash have the status trashed."""
    sql = f"""
    SELECT status, count(*) AS posts FROM {names.table} WHERE deleted_at IS NULL GROUP BY status
    UNION ALL SELECT 'trashed', count(*) FROM {names.table} WHERE deleted_at > ''"""
    return Statement(sql)


SIZE: Final = Statement(
    "SELECT c.page_count * s.page_size AS bytes FROM pragma_page_count() AS c, pragma_page_size() AS s"
)
"""The size of the database, which some engines do not report."""
