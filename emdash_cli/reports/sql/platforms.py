"""How the platforms stand: what waits for them, what failed there, and whether they are paused."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emdash_cli.domain.ports import Statement
from emdash_cli.jobs.sql.claiming import next_work

if TYPE_CHECKING:
    from emdash_cli.domain.article import FieldNames


def standing(names: FieldNames, lanes: str, now: str, week_ago: str) -> list[Statement]:
    """The reads of `reports.platforms.stand`: of these lanes (names, as JSON), by index.

    The first answers a row for each lane; the second a row for each lane, state and category of what is dead or
    unknown, with the latest of it; the third when something should be done next (``at``).

    Args:
        names: of the collection.
        lanes: names, as JSON.
        now: UTC text.
        week_ago: UTC text: since when ``recent`` counts.
    """
    return [_lanes(lanes, now), _failures(names, lanes, week_ago), next_work(lanes, now)]


def _lanes(lanes: str, now: str) -> Statement:
    return Statement(
        """
    SELECT l.lane, l.paused_at, l.paused_reason, l.budget,
      iif(l.spent_in >= substr(?2, 1, iif(l.period = 'day', 10, 7)), l.spent, 0) AS spent,
      (SELECT count(*) FROM publish_jobs AS j WHERE j.state = 'pending' AND j.lane = l.lane) AS waiting,
      (SELECT max(j.units) FROM publish_jobs AS j WHERE j.state = 'pending' AND j.lane = l.lane) AS longest,
      EXISTS (SELECT 1 FROM publish_jobs AS r
        WHERE r.state = 'running' AND r.lane = l.lane AND r.lease_until > ?2) AS busy
    FROM json_each(?1) AS s CROSS JOIN publish_lanes AS l ON l.lane = s.value
    ORDER BY s.key""",
        (lanes, now),
    )


def _failures(names: FieldNames, lanes: str, week_ago: str) -> Statement:
    # The bare columns are those of the row with the latest end: https://sqlite.org/lang_select.html#bareagg
    return Statement(
        f"""
    SELECT f.*, p.slug FROM (
      SELECT j.lane, j.state, j.category, count(*) AS number, sum(j.ended_at >= ?2) AS recent,
        max(j.ended_at) AS last_at, j.error, j.subject, j.id
      FROM publish_jobs AS j
      WHERE j.state IN ('dead', 'unknown') AND j.ended_at IS NOT NULL
        AND j.lane IN (SELECT s.value FROM json_each(?1) AS s)
      GROUP BY j.lane, j.state, j.category
    ) AS f LEFT JOIN {names.table} AS p ON p.id = f.subject
    ORDER BY f.lane, f.state, f.category""",
        (lanes, week_ago),
    )
