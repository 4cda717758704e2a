"""What people decide about jobs and lanes: send again, give up, resolve, purge, pause, announce once more.

Each decision is one batch. Its first statement writes an audit row for each job that still is as it was read; every
later statement is driven by these rows and by the state of the job that they name. A batch that is sent twice finds its
rows there, and the jobs changed.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final, NamedTuple

from emdash_cli.domain.ports import Statement
from emdash_cli.store.changes import is_new_claim

if TYPE_CHECKING:
    from collections.abc import Sequence

    from emdash_cli.store.changes import Claim

GROUP: Final = 500
"""Jobs that one batch changes."""


class Seen(NamedTuple):
    """A job as it was read; if it has changed since, nothing is done to it."""

    job: int
    state: str
    ended_at: str | None


class Decision(NamedTuple):
    """What is decided about some jobs.

    Attributes:
        claim: of the audit rows, and who decides.
        now: UTC text.
        action: as the audit table names it.
        jobs: at most `GROUP`.
        detail: what else the audit rows say.
    """

    claim: Claim
    now: str
    action: str
    jobs: Sequence[Seen]
    detail: dict[str, str]


# ?1 and ?2 the first and last id of the claim, ?3 now.
_RECORD: Final = f"""
INSERT INTO pipeline_audit (id, at, actor, action, post_id, detail)
SELECT ?4 || printf('%04d', b.key), ?3, ?5, ?6, j.subject, json_patch(?8, json_object(
  'job', j.id, 'platform', j.lane, 'state_before', j.state, 'ended_before', j.ended_at, 'error', j.error))
FROM json_each(?7) AS b CROSS JOIN publish_jobs AS j
  ON j.id = b.value ->> 0 AND j.state = b.value ->> 1 AND j.ended_at IS b.value ->> 2
WHERE {is_new_claim("?1", "?2")} ON CONFLICT DO NOTHING"""
_RECORDED: Final = "(SELECT * FROM pipeline_audit WHERE id >= ?1 AND id <= ?2 ORDER BY id LIMIT 1000) AS a"
_DECIDED: Final = f"""SELECT j.id FROM {_RECORDED} CROSS JOIN publish_jobs AS j ON j.id = a.detail ->> 'job'
  AND j.state = a.detail ->> 'state_before' AND j.ended_at IS a.detail ->> 'ended_before'"""

DECIDED: Final = f"SELECT a.detail ->> 'job' FROM {_RECORDED}"
"""SQL: the ids of the jobs that the batch of a claim (?1 and ?2, its first and last id) has changed."""

_DONE_STEPS: Final = "(SELECT count(*) FROM job_steps AS s WHERE s.job_id = publish_jobs.id AND s.done_at IS NOT NULL)"
_FIRST_STEP: Final = "(SELECT s.external_id FROM job_steps AS s WHERE s.job_id = publish_jobs.id AND s.step = 0)"
_NOT_TOO_LATE: Final = "iif(publish_jobs.stale_at <= ?3, NULL, publish_jobs.stale_at)"

FORGET_OPEN_STEPS: Final = f"DELETE FROM job_steps WHERE done_at IS NULL AND ?3 IS NOT NULL AND job_id IN ({_DECIDED})"
# What is sent again after it was refused is rendered anew, since the post was probably corrected; a thread of which
# parts are out goes on with the texts that it began with.
SEND_AGAIN: Final = f"""
UPDATE publish_jobs SET state = 'pending', run_after = ?3, stale_at = {_NOT_TOO_LATE}, attempts = 0, crashes = 0,
  ended_at = NULL, payload = iif({_DONE_STEPS}, payload, NULL), parts = iif({_DONE_STEPS}, parts, 1),
  units = iif({_DONE_STEPS}, max(1, parts - {_DONE_STEPS}), 1)
WHERE id IN ({_DECIDED})"""
DISCARD: Final = f"""
UPDATE publish_jobs SET state = 'discarded', ended_at = ?3,
  payload = iif(EXISTS (SELECT 1 FROM job_attempts AS t WHERE t.job_id = publish_jobs.id), payload, NULL)
WHERE id IN ({_DECIDED})"""
MARK_STEP: Final = f"""
UPDATE job_steps SET done_at = ?3, external_id = ?4 WHERE done_at IS NULL AND job_id IN ({_DECIDED})"""
_IS_WHOLE: Final = f"(parts = 1 OR {_DONE_STEPS} >= parts)"
POSTED: Final = f"""
UPDATE publish_jobs SET state = iif({_IS_WHOLE}, 'done', 'pending'), ended_at = iif({_IS_WHOLE}, ?3, NULL),
  run_after = iif({_IS_WHOLE}, run_after, ?3), external_id = iif(parts = 1, ?4, {_FIRST_STEP}),
  category = iif({_IS_WHOLE}, 'delivered', category), error = iif({_IS_WHOLE}, NULL, error),
  stale_at = {_NOT_TOO_LATE}, units = max(1, parts - {_DONE_STEPS})
WHERE id IN ({_DECIDED})"""
NOT_POSTED: Final = f"""
UPDATE publish_jobs SET state = 'pending', ended_at = NULL, run_after = ?3, stale_at = {_NOT_TOO_LATE}, crashes = 0,
  units = max(1, parts - {_DONE_STEPS})
WHERE id IN ({_DECIDED})"""


def _record(decision: Decision) -> Statement:
    claim = decision.claim
    jobs = json.dumps([list(job) for job in decision.jobs])
    detail = json.dumps(decision.detail, ensure_ascii=False)
    return Statement(
        _RECORD, (claim.first, claim.last, decision.now, claim.prefix, claim.actor, decision.action, jobs, detail)
    )


def _of(decision: Decision) -> tuple[str, str, str]:
    return decision.claim.first, decision.claim.last, decision.now


def send_again(decision: Decision) -> list[Statement]:
    """Dead jobs are pending again, with all their attempts before them, and however late they are."""
    return [_record(decision), *(Statement(sql, _of(decision)) for sql in (FORGET_OPEN_STEPS, SEND_AGAIN))]


def discard(decision: Decision) -> list[Statement]:
    """Jobs that are neither sent nor running are given up for good."""
    return [_record(decision), Statement(DISCARD, _of(decision))]


def posted(decision: Decision, external_id: str | None) -> list[Statement]:
    """What was unknown has arrived: the job is done, or goes on with the next part of its thread."""
    told = (*_of(decision), external_id)
    return [_record(decision), Statement(MARK_STEP, told), Statement(POSTED, told)]


def not_posted(decision: Decision) -> list[Statement]:
    """What was unknown has not arrived: it is sent again, a thread from its first part that is not out."""
    return [_record(decision), *(Statement(sql, _of(decision)) for sql in (FORGET_OPEN_STEPS, NOT_POSTED))]
