"""Statements that purge jobs which are done.

The row of an announcement stays, without what was sent and how: it is the proof that the post must not be announced
there again, and it holds the platform's ID, by which a change is sent. So does the row with the highest number, since
SQLite would give that number to the next job. Every other row is deleted.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from emdash_cli.domain.ports import Statement

if TYPE_CHECKING:
    from collections.abc import Sequence

GROUP: Final = 500
"""Jobs in one batch."""

_OLD: Final = "j.state = 'done' AND j.purged_at IS NULL AND j.ended_at < ?1"
# SQLite would choose the index on all jobs that have ended, in which those that were purged still are.
_FOUND: Final = f"FROM publish_jobs AS j INDEXED BY publish_jobs_done WHERE {_OLD}"
_CHOSEN: Final = f"SELECT j.id FROM json_each(?2) AS b CROSS JOIN publish_jobs AS j ON j.id = b.value WHERE {_OLD}"


def count_done(before: str) -> Statement:
    """One row: how many jobs were done before that time (UTC text) and are not purged, as ``jobs``."""
    return Statement(f"SELECT count(*) AS jobs {_FOUND}", (before,))


def find_done(before: str) -> Statement:
    """Jobs that were done before that time (UTC text), oldest first: ``id``."""
    return Statement(f"SELECT j.id {_FOUND} ORDER BY j.ended_at LIMIT {GROUP}", (before,))


def purge(before: str, jobs: Sequence[int], now: str) -> list[Statement]:
    """Purge these jobs, except those that are not done any more.

    Args:
        before: as in `find_done`.
        jobs: their numbers; at most `GROUP`.
        now: UTC text.
    """
    chosen = (before, json.dumps(list(jobs)))
    keep = f"""
    UPDATE publish_jobs SET purged_at = ?3, payload = NULL
    WHERE id IN ({_CHOSEN}) AND (kind = 'announce' OR id = (SELECT max(n.id) FROM publish_jobs AS n))"""
    return [
        *(
            Statement(f"DELETE FROM {table} WHERE job_id IN ({_CHOSEN})", chosen)
            for table in ("job_attempts", "job_steps")
        ),
        Statement(keep, (*chosen, now)),
        Statement(f"DELETE FROM publish_jobs WHERE id IN ({_CHOSEN})", chosen),
    ]
