"""What is recorded about a request: before it leaves, and when it has come to an end.

Rows travel as JSON arrays. The first two values are always the job and the claim that holds it: whoever has lost the
lease changes nothing, and what they report late is kept.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final, NamedTuple

from emdash_cli.domain.ports import Statement
from emdash_cli.store.notices import about_jobs

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


class Begin(NamedTuple):
    """A request that is about to leave.

    Attributes:
        step: None where the attempt is the only step.
        payload: the texts, kept from now on; None if they are kept already or need not be.
        parts: how many texts there are.
    """

    job: int
    claim: str
    step: int | None
    payload: str | None
    parts: int


class StepDone(NamedTuple):
    """A step that is out, while others follow."""

    job: int
    claim: str
    step: int
    external_id: str | None
    cost_usd: float | None


class Ending(NamedTuple):
    """What becomes of a job after an attempt, or without one.

    Attributes:
        run_after: UTC text; None: as before.
        uses_attempt: 1 or 0.
        closes_until: UTC text: nothing of this lane is sent before.
        pauses: 1: nothing of this lane is sent until somebody resumes it.
        keeps_step: 1: the step under way may be out.
        cost_usd: what has not been counted yet; that of a part is counted with it.
        used: units that were sent, or may have been.
        units: requests still to make.
    """

    job: int
    claim: str
    state: str
    run_after: str | None
    uses_attempt: int
    category: str
    error: str | None
    external_id: str | None
    evidence: str | None
    cost_usd: float | None
    closes_until: str | None
    pauses: int
    keeps_step: int
    used: int
    units: int


class Release(NamedTuple):
    """A job that goes back unsent; `payload`, `parts` and `units`, unless None, are what its rendering came to."""

    job: int
    claim: str
    payload: str | None = None
    parts: int | None = None
    units: int | None = None


def _value(row: type[Begin | StepDone | Ending | Release], field: str) -> str:
    return f"b.value ->> {row._fields.index(field)}"


# A job has a claim as long as it runs: a CHECK of the table says so.
_IS_HELD: Final = "{job}.id = b.value ->> 0 AND {job}.claim = b.value ->> 1"
_HELD: Final = f"FROM json_each(?1) AS b CROSS JOIN publish_jobs AS j ON {_IS_HELD.format(job='j')}"
_HOLDS: Final = _IS_HELD.format(job="publish_jobs")


def is_sent(job: str) -> str:
    """SQL: something may have left for the job under its present claim."""
    return f"EXISTS (SELECT 1 FROM job_attempts AS a WHERE a.job_id = {job}.id AND a.claim = {job}.claim)"


BEGIN: Final = f"""
INSERT INTO job_attempts (job_id, claim, begun_at, worker) SELECT j.id, j.claim, ?2, ?3 {_HELD}
WHERE 1 ON CONFLICT DO NOTHING"""
BEGIN_STEP: Final = f"""
INSERT INTO job_steps (job_id, step, claim, begun_at) SELECT j.id, {_value(Begin, "step")}, j.claim, ?2 {_HELD}
WHERE {_value(Begin, "step")} IS NOT NULL ON CONFLICT DO NOTHING"""
KEEP_TEXTS: Final = f"""
UPDATE publish_jobs SET payload = {_value(Begin, "payload")}, parts = {_value(Begin, "parts")}
FROM json_each(?1) AS b
WHERE {_HOLDS} AND {_value(Begin, "payload")} IS NOT NULL AND publish_jobs.payload IS NULL"""
# A positive list: nothing else may leave.
MAY_GO: Final = f"""
SELECT j.id, j.claim {_HELD}
WHERE {_value(Begin, "step")} IS NULL OR EXISTS (SELECT 1 FROM job_steps AS s WHERE s.job_id = j.id
  AND s.step = {_value(Begin, "step")} AND s.claim = j.claim AND s.done_at IS NULL)"""

_ABOUT_JOBS: Final = about_jobs(
    f"{_HELD} WHERE {_value(Ending, 'state')} IN ('dead', 'unknown')",
    _value(Ending, "state"),
    _value(Ending, "error"),
    _value(Ending, "category"),
)

# Kept whoever holds the job by now.
STEP_DONE: Final = f"""
UPDATE job_steps SET done_at = ?2, external_id = {_value(StepDone, "external_id")}
FROM json_each(?1) AS b
WHERE job_steps.job_id = b.value ->> 0 AND job_steps.step = {_value(StepDone, "step")}
  AND job_steps.claim = b.value ->> 1 AND job_steps.done_at IS NULL"""

# Before `STEP_DONE`: the open step is the guard, so that no part is charged twice.
STEP_COST: Final = f"""
UPDATE publish_jobs SET cost_usd = round(coalesce(cost_usd, 0) + c.cost, 6)
FROM (
  SELECT s.job_id, sum({_value(StepDone, "cost_usd")}) AS cost FROM json_each(?1) AS b
  CROSS JOIN job_steps AS s ON s.job_id = b.value ->> 0 AND s.step = {_value(StepDone, "step")}
    AND s.claim = b.value ->> 1 AND s.done_at IS NULL
  WHERE {_value(StepDone, "cost_usd")} IS NOT NULL GROUP BY s.job_id
) AS c
WHERE publish_jobs.id = c.job_id"""

END_ATTEMPT: Final = f"""
UPDATE job_attempts SET ended_at = ?2, category = {_value(Ending, "category")}, error = {_value(Ending, "error")},
  external_id = {_value(Ending, "external_id")}, evidence = {_value(Ending, "evidence")},
  applied = EXISTS (SELECT 1 FROM publish_jobs AS j WHERE j.id = job_attempts.job_id AND j.claim = job_attempts.claim)
FROM json_each(?1) AS b
WHERE job_attempts.job_id = b.value ->> 0 AND job_attempts.claim = b.value ->> 1 AND job_attempts.ended_at IS NULL"""
END_STEPS: Final = f"""
DELETE FROM job_steps WHERE done_at IS NULL AND job_id IN (
  SELECT j.id {_HELD} WHERE NOT {_value(Ending, "keeps_step")})"""
END_LANES: Final = f"""
UPDATE publish_lanes SET closed_until = max(closed_until, coalesce(c.until, '')), spent = max(0, spent - c.unsent),
  paused_at = coalesce(paused_at, iif(c.pauses, ?2, NULL)),
  paused_reason = coalesce(paused_reason, iif(c.pauses, c.error, NULL))
FROM (
  SELECT j.lane, max({_value(Ending, "closes_until")}) AS until, max({_value(Ending, "pauses")}) AS pauses,
    sum(j.units - ({_value(Ending, "used")})) AS unsent,
    max(iif({_value(Ending, "pauses")}, {_value(Ending, "error")}, NULL)) AS error
  {_HELD} GROUP BY j.lane
) AS c
WHERE publish_lanes.lane = c.lane"""
END_JOBS: Final = f"""
UPDATE publish_jobs SET state = {_value(Ending, "state")},
  run_after = coalesce({_value(Ending, "run_after")}, run_after),
  attempts = attempts + ({_value(Ending, "uses_attempt")}), category = {_value(Ending, "category")},
  error = {_value(Ending, "error")}, external_id = {_value(Ending, "external_id")},
  cost_usd = coalesce(cost_usd + {_value(Ending, "cost_usd")}, {_value(Ending, "cost_usd")}, cost_usd),
  units = {_value(Ending, "units")}, claim = NULL, lease_until = NULL,
  ended_at = iif({_value(Ending, "state")} = 'pending', NULL, ?2)
FROM json_each(?1) AS b WHERE {_HOLDS}"""
NOT_APPLIED: Final = """
SELECT a.job_id AS id, a.claim FROM json_each(?1) AS b
CROSS JOIN job_attempts AS a ON a.job_id = b.value ->> 0 AND a.claim = b.value ->> 1
WHERE a.applied IS NOT 1"""

REFUND_RELEASED: Final = f"""
UPDATE publish_lanes SET spent = max(0, spent - c.units)
FROM (SELECT j.lane, sum(j.units) AS units {_HELD} WHERE NOT {is_sent("j")} GROUP BY j.lane) AS c
WHERE publish_lanes.lane = c.lane"""
RELEASE: Final = f"""
UPDATE publish_jobs SET state = 'pending', claim = NULL, lease_until = NULL,
  payload = coalesce(publish_jobs.payload, {_value(Release, "payload")}),
  parts = coalesce({_value(Release, "parts")}, parts), units = coalesce({_value(Release, "units")}, units)
FROM json_each(?1) AS b WHERE {_HOLDS} AND NOT {is_sent("publish_jobs")}"""


def begin(rows: Sequence[Begin], now: str, worker: str) -> list[Statement]:
    """Record that requests are about to leave; only those in the rows of the last statement (id, claim) may."""
    packed = _packed(rows)
    statements = [Statement(BEGIN, (packed, now, worker))]
    if any(row.payload is not None for row in rows):
        statements.append(Statement(KEEP_TEXTS, (packed,)))
    if any(row.step is not None for row in rows):
        statements.append(Statement(BEGIN_STEP, (packed, now)))
    return [*statements, Statement(MAY_GO, (packed,))]


def next_steps(done: Sequence[StepDone], following: Sequence[Begin], now: str) -> list[Statement]:
    """Record what is out and, in the same batch, what is about to leave; the last statement answers as in `begin`."""
    packed, packed_done = _packed(following), _packed(done)
    return [
        *([Statement(STEP_COST, (packed_done,))] if any(row.cost_usd for row in done) else []),
        Statement(STEP_DONE, (packed_done, now)),
        Statement(BEGIN_STEP, (packed, now)),
        Statement(MAY_GO, (packed,)),
    ]


def end(rows: Sequence[Ending], now: str, *, with_steps: bool, with_lanes: bool) -> list[Statement]:
    """Apply outcomes; the rows of the last statement are those that came too late to be applied.

    Args:
        rows: one for each job.
        now: UTC text.
        with_steps: whether any of the jobs has steps.
        with_lanes: whether any of them closes or pauses its lane, or leaves units unused.
    """
    packed = _packed(rows)
    dated = (packed, now)
    return [
        Statement(END_ATTEMPT, dated),
        *([Statement(END_STEPS, (packed,))] if with_steps else []),
        *([Statement(END_LANES, dated)] if with_lanes else []),
        *([Statement(_ABOUT_JOBS, dated)] if any(row.state in {"dead", "unknown"} for row in rows) else []),
        Statement(END_JOBS, dated),
        Statement(NOT_APPLIED, (packed,)),
    ]


def release(rows: Sequence[Release]) -> list[Statement]:
    """Put back what was claimed and not begun."""
    packed = _packed(rows)
    return [Statement(REFUND_RELEASED, (packed,)), Statement(RELEASE, (packed,))]


def _packed(rows: Iterable[Sequence[object]]) -> str:
    return json.dumps(list(rows), ensure_ascii=False, separators=(",", ":"))
