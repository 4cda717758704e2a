"""What `emdash metrics` asks beyond what `status` does: what is under way, and what was done today, by index."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from emdash_cli.domain.ports import Statement

if TYPE_CHECKING:
    from collections.abc import Sequence

# ?1 lanes, ?2 an instant. The jobs that have ended since then, one state of the index at a time.
_ENDED: Final = """
    FROM json_each('["done", "dead", "unknown", "discarded"]') AS w
    CROSS JOIN publish_jobs AS j ON j.state = w.value AND j.ended_at >= ?2"""
_OF_LANES: Final = "j.lane IN (SELECT s.value FROM json_each(?1) AS s)"


def under_way(lanes: str, now: str) -> Statement:
    """A row for each lane: ``running`` jobs, and since when the ``oldest`` of those that are due has been (or NULL)."""
    return Statement(
        """
    SELECT l.lane,
      (SELECT count(*) FROM publish_jobs AS j WHERE j.state = 'running' AND j.lane = l.lane) AS running,
      (SELECT min(p.oldest) FROM (
        SELECT (SELECT min(j.run_after) FROM publish_jobs AS j
          WHERE j.state = 'pending' AND j.lane = l.lane AND j.priority = n.value AND j.run_after <= ?2) AS oldest
        FROM json_each('[0, 1, 2, 3]') AS n) AS p) AS oldest
    FROM json_each(?1) AS s CROSS JOIN publish_lanes AS l ON l.lane = s.value""",
        (lanes, now),
    )


def attempts(lanes: str, since: str) -> Statement:
    """A row for each lane and category: attempts (``number``) of the jobs that have ended since that time (UTC text).

    An attempt whose worker was lost has the category ``lost``.
    """
    return Statement(
        f"""
    SELECT j.lane, iif(a.lost_at IS NULL, coalesce(a.category, ''), 'lost') AS category, count(*) AS number {_ENDED}
    CROSS JOIN job_attempts AS a ON a.job_id = j.id
    WHERE {_OF_LANES} GROUP BY 1, 2 ORDER BY 1, 2""",
        (lanes, since),
    )


def ages(lanes: str, since: str, bounds: Sequence[float]) -> Statement:
    """A row for each lane and ``bucket``: of the jobs that have ended since that time, how old they were when begun.

    ``bucket`` is the number of bounds (seconds, ascending) that the age is beyond; ``number`` is that of jobs, and
    ``total`` that of their ages in seconds.
    """
    return Statement(
        f"""
    SELECT d.lane, (SELECT count(*) FROM json_each(?3) AS b WHERE b.value < d.age) AS bucket, count(*) AS number,
      sum(d.age) AS total
    FROM (
      SELECT j.lane, max(0.0, round(86400 * (julianday(
        (SELECT min(a.begun_at) FROM job_attempts AS a WHERE a.job_id = j.id)) - julianday(j.created_at)), 3)) AS age
      {_ENDED} WHERE {_OF_LANES}
    ) AS d WHERE d.age IS NOT NULL GROUP BY 1, 2 ORDER BY 1, 2""",
        (lanes, since, json.dumps(list(bounds))),
    )


def ended(lanes: str, since: str) -> Statement:
    """A row for each lane and state: how many jobs (``number``) have ended since that time, and their ``cost``."""
    return Statement(
        f"""
    SELECT j.lane, j.state, count(*) AS number, coalesce(sum(j.cost_usd), 0) AS cost {_ENDED}
    WHERE {_OF_LANES} GROUP BY 1, 2 ORDER BY 1, 2""",
        (lanes, since),
    )
