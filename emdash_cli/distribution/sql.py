"""What distribution asks of the store beside the work on jobs itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from emdash_cli.domain.ports import Statement

if TYPE_CHECKING:
    from emdash_cli.domain.article import FieldNames

MOST: Final = 1000
"""Jobs that a preview shows."""


def paused(lanes: str) -> Statement:
    """Of these lanes (names, as JSON) those that are paused: ``lane``, ``paused_at``, ``paused_reason``."""
    return Statement(
        "SELECT l.lane, l.paused_at, l.paused_reason FROM json_each(?1) AS s CROSS JOIN publish_lanes AS l"
        " ON l.lane = s.value WHERE l.paused_at IS NOT NULL ORDER BY l.lane",
        (lanes,),
    )


def due(names: FieldNames, lanes: str, now: str, most: int | None) -> Statement:
    """The jobs of these lanes that are due, in the order in which they are claimed.

    Rows as of `job_row`.
    """
    return Statement(
        f"""
    {_jobs(names)}
    WHERE j.lane IN (SELECT s.value FROM json_each(?1) AS s) AND j.state = 'pending' AND j.run_after <= ?2
      AND EXISTS (
        SELECT 1 FROM publish_lanes AS l WHERE l.lane = j.lane AND l.paused_at IS NULL AND l.closed_until <= ?2)
    ORDER BY j.priority, j.run_after, j.id LIMIT CAST(?3 AS INTEGER)""",
        (lanes, now, most or MOST),
    )


def _jobs(names: FieldNames) -> str:
    return f"""SELECT j.id, j.lane, j.kind, j.subject, j.state, j.category, j.attempts, j.external_id, j.error,
      j.run_after, p.slug, p.locale
    FROM publish_jobs AS j LEFT JOIN {names.table} AS p ON p.id = j.subject"""
