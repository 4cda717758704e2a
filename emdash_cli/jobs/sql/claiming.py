"""The claim: which jobs of which lanes a runner may hold now, within the lanes' limits.

A lane's row counts for all machines: requests at once, the rate (the generic cell rate algorithm, in microseconds:
https://en.wikipedia.org/wiki/Generic_cell_rate_algorithm) and the budget of the period. Rate and budget are charged
here, before anything is sent; what was not sent is given back to the budget, and never to the rate.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final, NamedTuple

from emdash_cli.domain.ports import Statement

if TYPE_CHECKING:
    from collections.abc import Sequence

UNLIMITED: Final = 1_000_000_000
_AHEAD: Final = 100
"""Units that claims may have moved a lane's theoretical arrival time beyond its burst. Further ahead: the clock went
back, and the time counts as now."""

_PRIORITIES: Final = "(SELECT 0 AS priority UNION ALL SELECT 1 UNION ALL SELECT 2 UNION ALL SELECT 3) AS p"

# A claim that is sent again changes nothing: neither while its jobs run, nor after the last of them has ended.
_NONE_RUNS: Final = "NOT EXISTS (SELECT 1 FROM publish_jobs AS c WHERE c.state = 'running' AND c.claim = ?1)"
_NOT_GRANTED: Final = "NOT EXISTS (SELECT 1 FROM publish_lanes AS g WHERE g.granted_to = ?1)"


def _period(lane: str) -> str:
    return f"substr(?2, 1, iif({lane}.period = 'day', 10, 7))"


def _spent(lane: str) -> str:
    return f"iif({lane}.spent_in >= {_period(lane)}, {lane}.spent, 0)"


def _arrival(lane: str) -> str:
    """SQL: the lane's theoretical arrival time, in microseconds since 1970; ?4 is the present in the same unit."""
    latest = f"CAST(?4 AS INTEGER) + ({lane}.burst + {_AHEAD}) * {lane}.interval_us"
    return f"""iif({lane}.tat_us BETWEEN CAST(?4 AS INTEGER) AND {latest}, {lane}.tat_us, CAST(?4 AS INTEGER))"""


# ?1 token, ?2 now, ?3 most jobs, ?4 now in microseconds, ?5 names of the lanes. Four priorities are four seeks of the
# index, so that jobs of a high priority that are not due yet are in nobody's way. Nor is a thread that has more parts
# than the budget has left: it waits for the next period, and shorter ones go.
GRANT: Final = f"""
WITH open AS MATERIALIZED (
  SELECT l.lane,
    l.concurrency - (SELECT count(*) FROM publish_jobs AS r WHERE r.state = 'running' AND r.lane = l.lane) AS jobs,
    iif(l.interval_us = 0, {UNLIMITED},
      (CAST(?4 AS INTEGER) - {_arrival("l")} + l.burst * l.interval_us) / max(l.interval_us, 1)) AS rate,
    coalesce(l.budget - {_spent("l")}, {UNLIMITED}) AS budget
  FROM json_each(?5) AS s CROSS JOIN publish_lanes AS l ON l.lane = s.value
  WHERE l.paused_at IS NULL AND l.closed_until <= ?2 AND {_NONE_RUNS} AND {_NOT_GRANTED}
),
due AS MATERIALIZED (
  SELECT o.lane, o.jobs, o.rate, o.budget, j.id, j.priority, j.run_after, j.units
  FROM open AS o CROSS JOIN {_PRIORITIES} CROSS JOIN publish_jobs AS j ON j.id IN (
    SELECT d.id FROM publish_jobs AS d
    WHERE d.state = 'pending' AND d.lane = o.lane AND d.priority = p.priority AND d.run_after <= ?2
      AND d.units <= o.budget
    ORDER BY d.run_after LIMIT CAST(?3 AS INTEGER))
  WHERE o.jobs > 0 AND o.rate > 0 AND o.budget > 0
),
placed AS (
  SELECT d.*, count(*) OVER w AS turn, sum(d.units) OVER w - d.units AS before FROM due AS d
  WINDOW w AS (PARTITION BY d.lane ORDER BY d.priority, d.run_after, d.id ROWS UNBOUNDED PRECEDING)
),
chosen AS (
  SELECT lane, id, units FROM placed WHERE turn <= jobs AND before < rate AND before + units <= budget
  ORDER BY priority, run_after, id LIMIT CAST(?3 AS INTEGER)
)
UPDATE publish_lanes SET granted = c.ids, granted_to = ?1,
  tat_us = iif(interval_us = 0, 0, {_arrival("publish_lanes")} + c.units * interval_us),
  spent = c.units + {_spent("publish_lanes")}, spent_in = max(spent_in, {_period("publish_lanes")})
FROM (SELECT lane, json_group_array(id) AS ids, sum(units) AS units FROM chosen GROUP BY lane) AS c
WHERE publish_lanes.lane = c.lane"""

# ?1 token, ?2 the end of the lease. The rows of the lanes hold the ids that were granted: choosing them again took
# twice as long as all the rest.
TAKE: Final = """
UPDATE publish_jobs SET state = 'running', claim = ?1, lease_until = ?2, suspected = 0
WHERE id IN (SELECT g.value FROM publish_lanes AS l CROSS JOIN json_each(l.granted) AS g)"""
# Outside of the batch nothing is granted, or the batch, sent again, would take jobs that have ended since.
USE_UP: Final = Statement("UPDATE publish_lanes SET granted = '[]' WHERE granted <> '[]'")

# ?1 token, ?2 names of the lanes.
TAKEN: Final = """
SELECT j.id, j.subject, j.lane, j.kind, j.version, j.priority, j.run_after, j.stale_at, j.change, j.payload, j.parts,
  j.units, j.attempts, j.claim, l.idempotent,
  CASE WHEN j.parts > 1 THEN (SELECT json_group_array(s.external_id) FROM (
    SELECT s.external_id FROM job_steps AS s WHERE s.job_id = j.id AND s.done_at IS NOT NULL ORDER BY s.step) AS s) END
    AS sent
FROM json_each(?2) AS w CROSS JOIN publish_jobs AS j ON j.state = 'running' AND j.lane = w.value AND j.claim = ?1
CROSS JOIN publish_lanes AS l ON l.lane = j.lane
ORDER BY j.priority, j.run_after, j.id"""

NOW: Final = Statement("SELECT strftime('%Y-%m-%dT%H:%M:%fZ', 'now') AS now")
"""The store's own time: machines that share a store need not agree about theirs."""

# ?1 names of the lanes, ?2 now.
NEXT: Final = f"""
SELECT min(n.at) AS at FROM (
  SELECT (
    SELECT max(d.run_after, l.closed_until, iif(l.interval_us = 0, '', strftime('%Y-%m-%dT%H:%M:%fZ',
        (l.tat_us - (l.burst - 1) * l.interval_us) / 1000000.0, 'unixepoch')))
    FROM publish_jobs AS d
    WHERE d.state = 'pending' AND d.lane = l.lane AND d.priority = p.priority
      AND d.units <= coalesce(l.budget - {_spent("l")}, {UNLIMITED})
    ORDER BY d.run_after LIMIT 1) AS at
  FROM json_each(?1) AS s CROSS JOIN publish_lanes AS l ON l.lane = s.value
    AND l.paused_at IS NULL AND coalesce(l.budget > {_spent("l")}, 1)
  CROSS JOIN {_PRIORITIES}
  UNION ALL SELECT min(r.lease_until) FROM publish_jobs AS r WHERE r.state = 'running'
) AS n"""


class Wanted(NamedTuple):
    """What a claim asks for.

    Attributes:
        token: names the claim; unique, and the fencing token of whatever it gets.
        lanes: names, as JSON.
        most: jobs.
        now: UTC text.
        now_us: the same in microseconds since 1970.
        lease_until: UTC text.
    """

    token: str
    lanes: str
    most: int
    now: str
    now_us: int
    lease_until: str


def claim(wanted: Wanted) -> list[Statement]:
    """The last three statements answer the jobs held, the store's time, and the instant of the next work (``at``)."""
    return [
        Statement(GRANT, (wanted.token, wanted.now, wanted.most, str(wanted.now_us), wanted.lanes)),
        Statement(TAKE, (wanted.token, wanted.lease_until)),
        USE_UP,
        Statement(TAKEN, (wanted.token, wanted.lanes)),
        NOW,
        next_work(wanted.lanes, wanted.now),
    ]


def next_work(lanes: str, now: str) -> Statement:
    """One row, ``at``: when something is to be done in these lanes, the end of a lease included; None: never."""
    return Statement(NEXT, (lanes, now))


def names(lanes: Sequence[str]) -> str:
    """The names of lanes as `Wanted` takes them."""
    return json.dumps(list(lanes))
