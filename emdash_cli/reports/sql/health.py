"""What `emdash status` asks: what is due and held, and who was here last. Every read goes by an index."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from emdash_cli.domain.ports import Statement
from emdash_cli.store.due import candidates

if TYPE_CHECKING:
    from collections.abc import Sequence

    from emdash_cli.domain.collection import FieldNames

_MOST: Final = 1_000_000
"""Due posts that are counted, at most."""


def due_posts(names: FieldNames, now: str, later: str, overdue: str) -> Statement:
    """One row: how many posts are ``due`` and ``overdue``, and the ``oldest`` due time.

    Args:
        names: of the collection.
        now: UTC text.
        later: UTC text, `due.OFFSET_HOURS` after it.
        overdue: UTC text; what was due before it is overdue.
    """
    sql = f"""
    WITH {candidates(names)}
    SELECT count(*) AS due, coalesce(sum(c.instant < julianday(?4)), 0) AS overdue,
      strftime('%Y-%m-%dT%H:%M:%fZ', min(c.instant)) AS oldest
    FROM candidate AS c"""
    return Statement(sql, (now, later, _MOST, overdue))


def waiting_posts(names: FieldNames) -> Statement:
    """One row: how many posts are ``scheduled``, and when the ``next`` one is due (as its row has it).

    A post that is held goes live at no time until a person has looked at it, so that it is never the next one.
    """
    scheduled = f"FROM {names.table} AS p WHERE p.scheduled_at > '' AND +p.deleted_at IS NULL"
    wishes = f"FROM {names.table} AS p WHERE p.deleted_at IS NULL AND p.status = 'scheduled' AND p.scheduled_at IS NULL"
    free = "AND NOT EXISTS (SELECT 1 FROM schedule_locks AS k WHERE k.post_id = p.id AND k.held_at > '')"
    sql = f"""
    SELECT (SELECT count(*) {scheduled}) + (SELECT count(*) {wishes}) AS scheduled,
      (SELECT p.scheduled_at {scheduled} {free} ORDER BY p.scheduled_at LIMIT 1) AS next"""
    return Statement(sql)


def held_posts(names: FieldNames, overdue: str) -> Statement:
    """One row: how many posts are ``held`` until a person has looked at them, and since when (``since``).

    ``late`` of them were to be live before `overdue`, UTC text.
    """
    return Statement(
        "SELECT count(*) AS held, min(k.held_at) AS since, coalesce(sum(k.scheduled_at < ?1), 0) AS late"
        f" FROM schedule_locks AS k CROSS JOIN {names.table} AS p ON p.id = k.post_id"
        " WHERE k.held_at > '' AND +p.deleted_at IS NULL",
        (overdue,),
    )


# A kind at a time, by the index on it: the runs themselves are many.
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
    """A row for each ``stream``: when an article of it was ``recorded_at`` last; NULL: never."""
    return Statement(
        "SELECT j.value AS stream, (SELECT max(l.recorded_at) FROM publish_ledger AS l WHERE l.stream = j.value)"
        " AS recorded_at FROM json_each(?1) AS j ORDER BY j.key",
        (json.dumps(list(streams)),),
    )
