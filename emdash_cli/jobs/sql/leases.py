"""Leases: renewed by their runner, and ended by any runner once they have run out twice.

The first time, a lease is only suspected and gets half a lease more, which its owner's next renewal clears. Clocks that
jump can delay a job and make it `unknown`, but never send it twice.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final, NamedTuple

from emdash_cli.domain.ports import Statement
from emdash_cli.jobs.sql.sending import is_sent
from emdash_cli.store.notices import about_jobs

if TYPE_CHECKING:
    from collections.abc import Iterable

MOST_CRASHES: Final = 5
"""Workers that a job may lose after its request began; those that had only claimed it do not count."""

RENEW: Final = """
UPDATE publish_jobs SET lease_until = ?2, suspected = 0
WHERE state = 'running' AND claim IN (SELECT value FROM json_each(?1))"""
STILL_HELD: Final = (
    "SELECT id, claim FROM publish_jobs WHERE state = 'running' AND claim IN (SELECT value FROM json_each(?1))"
)


def _ran_out(job: str) -> str:
    """SQL: ?1 now, ?3 later than any lease can end: then the clock has gone back."""
    return f"{job}.state = 'running' AND ({job}.lease_until < ?1 OR {job}.lease_until > ?3)"


def _is_over(job: str) -> str:
    return f"{_ran_out(job)} AND {job}.suspected"


def _steps(job: str, condition: str = "") -> str:
    return f"(SELECT count(*) FROM job_steps AS s WHERE s.job_id = {job}.id AND s.claim = {job}.claim{condition})"


_IDEMPOTENT: Final = "(SELECT l.idempotent FROM publish_lanes AS l WHERE l.lane = publish_jobs.lane)"
_SENT: Final = is_sent("publish_jobs")

# The attempt of a job's present claim has not ended, or the batch that ended it would have taken the claim away.
LOSE_ATTEMPTS: Final = f"""
UPDATE job_attempts SET lost_at = ?1
FROM (SELECT e.id, e.claim FROM publish_jobs AS e WHERE {_is_over("e")}) AS e
WHERE job_attempts.job_id = e.id AND job_attempts.claim = e.claim"""
REFUND_LOST: Final = f"""
UPDATE publish_lanes SET spent = max(0, spent - c.unsent)
FROM (SELECT e.lane, sum(e.units - iif({is_sent("e")}, max(1, {_steps("e")}), 0)) AS unsent
  FROM publish_jobs AS e WHERE {_is_over("e")} GROUP BY e.lane) AS c
WHERE publish_lanes.lane = c.lane"""
# Where a request may be repeated, a step that was begun is begun again by the next attempt.
FORGET_STEPS: Final = f"""
DELETE FROM job_steps WHERE done_at IS NULL AND job_id IN (
  SELECT e.id FROM publish_jobs AS e CROSS JOIN publish_lanes AS l ON l.lane = e.lane
  WHERE {_is_over("e")} AND l.idempotent)"""
TAKE_BACK: Final = f"""
UPDATE publish_jobs SET
  state = CASE
    WHEN {_SENT} AND NOT {_IDEMPOTENT} THEN 'unknown'
    WHEN {_SENT} AND crashes + 1 >= {MOST_CRASHES} THEN 'dead'
    ELSE 'pending' END,
  ended_at = iif({_SENT} AND (crashes + 1 >= {MOST_CRASHES} OR NOT {_IDEMPOTENT}), ?1, NULL),
  category = iif({_SENT}, 'worker_lost', category),
  error = iif({_SENT}, 'the process that sent it ended before it could record the answer', error),
  crashes = crashes + {_SENT}, units = max(1, units - {_steps("publish_jobs", " AND s.done_at IS NOT NULL")}),
  claim = NULL, lease_until = NULL, suspected = 0, run_after = min(run_after, ?1)
WHERE {_is_over("publish_jobs")}"""
# ?1 is not used.
_ABOUT_LOST: Final = about_jobs(
    "FROM publish_jobs AS j WHERE j.state IN ('dead', 'unknown') AND j.ended_at = ?2",
    "j.state",
    "j.error",
    "j.category",
)
# Those that were suspected before run no more.
SUSPECT: Final = f"""
UPDATE publish_jobs SET suspected = 1, lease_until = ?2
WHERE {_ran_out("publish_jobs")}"""


class Moment(NamedTuple):
    """UTC texts: now; now and half a lease; and an instant after which no lease ends."""

    now: str
    grace: str
    absurd: str


def renew(claims: Iterable[str], until: str) -> list[Statement]:
    """Hold what these claims hold until then; the last statement answers what that is (id, claim)."""
    packed = json.dumps(sorted(claims))
    return [Statement(RENEW, (packed, until)), Statement(STILL_HELD, (packed,))]


def recover(moment: Moment) -> list[Statement]:
    """End the leases that ran out twice, then suspect those that ran out once."""
    ends = [Statement(sql, moment) for sql in (LOSE_ATTEMPTS, REFUND_LOST, FORGET_STEPS, TAKE_BACK)]
    return [*ends, Statement(_ABOUT_LOST, (None, moment.now)), Statement(SUSPECT, moment)]
