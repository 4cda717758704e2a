"""Totals: what was published, what failed, and how long it took; from the ledger's covering index and the runs."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final, NamedTuple

from emdash_cli.domain.ports import Statement

if TYPE_CHECKING:
    from collections.abc import Sequence

    from emdash_cli.domain.collection import FieldNames


class Period(NamedTuple):
    """UTC texts: from the first on, and before the second."""

    start: str
    end: str


# A stream after the other, each the first one after the last, without reading what lies between.
_STREAMS: Final = """
  streams AS (
    SELECT min(stream) AS stream FROM publish_ledger
    UNION ALL SELECT (SELECT min(k.stream) FROM publish_ledger AS k WHERE k.stream > s.stream)
    FROM streams AS s WHERE s.stream IS NOT NULL)"""


def first_and_last() -> Statement:
    """``first`` and ``last``: when anything was recorded; NULL if nothing was."""
    ends = "(SELECT {end}(k.recorded_at) FROM publish_ledger AS k WHERE k.stream = s.stream)"
    sql = f"""
    WITH RECURSIVE {_STREAMS}
    SELECT min({ends.format(end="min")}) AS first, max({ends.format(end="max")}) AS last
    FROM streams AS s WHERE s.stream IS NOT NULL"""
    return Statement(sql)


def by_month(months: Sequence[tuple[str, str, str]]) -> Statement:
    """Rows with month, stream and ``counts``, for months given as (name, start, end), UTC texts.

    ``counts`` is a JSON array: posts that were published, scheduled and drafts, and words of them all; nulls where
    there are none. It is one pass over a part of the index; grouping would sort the ledger.
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
    """Rows with stream, seconds from the queue to the readers, and posts that took so long.

    Only what went live at once counts: a scheduled post waits because it was told to. Seconds are rounded, the
    coarser the longer, so that there are few rows however many posts there are.
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
    """Rows with outcome and files: what runs of `publish-queue` counted of files that made no post."""
    sql = """
    SELECT j.key AS outcome, sum(j.value) AS files
    FROM pipeline_runs AS r CROSS JOIN json_each(r.counts) AS j
    WHERE r.kind = 'publish' AND r.started_at >= ?1 AND r.started_at < ?2
    GROUP BY j.key ORDER BY j.key"""
    return Statement(sql, tuple(period))


def posts_by_status(names: FieldNames) -> Statement:
    """Rows with status and posts; those in the trash as trashed."""
    sql = f"""
    SELECT status, count(*) AS posts FROM {names.table} WHERE deleted_at IS NULL GROUP BY status
    UNION ALL SELECT 'trashed', count(*) FROM {names.table} WHERE deleted_at > ''"""
    return Statement(sql)


SIZE: Final = Statement(
    "SELECT c.page_count * s.page_size AS bytes FROM pragma_page_count() AS c, pragma_page_size() AS s"
)
"""How large the database is; some engines do not say."""
