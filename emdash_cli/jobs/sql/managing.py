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
# Each decision changes when a job ended, so that tells whether it was changed already.
_DECIDED: Final = f"""SELECT j.id FROM {_RECORDED} CROSS JOIN publish_jobs AS j ON j.id = a.detail ->> 'job'
  AND j.ended_at IS a.detail ->> 'ended_before'"""

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
# Of the budget that the claim was charged, what did not arrive: the one request whose answer was lost. What was charged
# in an earlier period is not part of this one's.
REFUND_UNPOSTED: Final = f"""
UPDATE publish_lanes SET spent = max(0, spent - (
  SELECT count(*) FROM publish_jobs AS d WHERE d.id IN ({_DECIDED}) AND d.lane = publish_lanes.lane
    AND (SELECT max(t.begun_at) FROM job_attempts AS t WHERE t.job_id = d.id) >= publish_lanes.spent_in))
WHERE ?3 IS NOT NULL AND lane IN (SELECT d.lane FROM publish_jobs AS d WHERE d.id IN ({_DECIDED}))"""
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
    changes = (REFUND_UNPOSTED, FORGET_OPEN_STEPS, NOT_POSTED)
    return [_record(decision), *(Statement(sql, _of(decision)) for sql in changes)]


# ?4 prefix, ?5 actor, ?6 [[lane, version], …], ?7 the post.
_RECORD_ANNOUNCED: Final = f"""
INSERT INTO pipeline_audit (id, at, actor, action, post_id, slug, locale, detail)
SELECT ?4 || printf('%04d', b.key), ?3, ?5, iif(b.value ->> 1 = 1, 'announced', 'announced_again'), p.id, p.slug,
  p.locale, json_object('platform', b.value ->> 0, 'version', b.value ->> 1)
FROM json_each(?6) AS b CROSS JOIN {{posts}} AS p ON p.id = ?7 AND p.status = 'published' AND p.deleted_at IS NULL
WHERE {is_new_claim("?1", "?2")} AND NOT EXISTS (
  SELECT 1 FROM publish_jobs AS j WHERE j.subject = p.id AND j.lane = b.value ->> 0 AND j.kind = 'announce'
    AND (j.version >= b.value ->> 1 OR j.state NOT IN ('done', 'discarded')))
ON CONFLICT DO NOTHING"""
ANNOUNCE: Final = f"""
INSERT INTO publish_jobs (subject, lane, kind, version, priority, run_after, created_at, triggered_by)
SELECT a.post_id, a.detail ->> 'platform', 'announce', CAST(a.detail ->> 'version' AS INTEGER), 1, ?3, ?3, a.actor
FROM {_RECORDED} WHERE 1 ON CONFLICT DO NOTHING"""
ANNOUNCED: Final = f"""SELECT n.id FROM {_RECORDED} CROSS JOIN publish_jobs AS n ON n.subject = a.post_id
  AND n.lane = a.detail ->> 'platform' AND n.kind = 'announce' AND n.version = a.detail ->> 'version'"""
"""SQL: the ids of the jobs that the batch of a claim (?1 and ?2, its first and last id) has written."""


def announce(posts: str, claim: Claim, now: str, post: str, lanes: Sequence[tuple[str, int]]) -> list[Statement]:
    """Write an announcement of a public post for each of the lanes (name, version), unless one is under way there.

    Args:
        posts: name of the table.
        claim: of the audit rows, and who decides.
        now: UTC text.
        post: its id.
        lanes: at most `GROUP`; a version is one more than that of the last announcement there.
    """
    packed = json.dumps([list(lane) for lane in lanes])
    return [
        Statement(
            _RECORD_ANNOUNCED.format(posts=posts),
            (claim.first, claim.last, now, claim.prefix, claim.actor, packed, post),
        ),
        Statement(ANNOUNCE, (claim.first, claim.last, now)),
    ]


# ?1 the lane, ?2 id of the audit row, ?3 now, ?4 reason, ?5 actor.
PAUSE: Final = """
UPDATE publish_lanes SET paused_at = ?3, paused_reason = ?4
WHERE lane = ?1 AND paused_at IS NULL AND NOT EXISTS (SELECT 1 FROM pipeline_audit AS a WHERE a.id = ?2)"""
_RECORD_PAUSED: Final = """
INSERT INTO pipeline_audit (id, at, actor, action, detail)
SELECT ?2, ?3, ?5, 'platform_paused', json_object('platform', l.lane, 'reason', l.paused_reason)
FROM publish_lanes AS l WHERE l.lane = ?1 AND l.paused_at = ?3 AND l.paused_reason IS ?4 ON CONFLICT DO NOTHING"""
_RECORD_RESUMED: Final = """
INSERT INTO pipeline_audit (id, at, actor, action, detail)
SELECT ?2, ?3, ?4, 'platform_resumed', json_object('platform', l.lane, 'paused_at', l.paused_at,
  'reason', l.paused_reason)
FROM publish_lanes AS l WHERE l.lane = ?1 AND l.paused_at IS NOT NULL ON CONFLICT DO NOTHING"""
RESUME: Final = """
UPDATE publish_lanes SET paused_at = NULL, paused_reason = NULL
WHERE lane = ?1 AND paused_at = (SELECT a.detail ->> 'paused_at' FROM pipeline_audit AS a WHERE a.id = ?2)"""
_IS_RECORDED: Final = "SELECT EXISTS (SELECT 1 FROM pipeline_audit AS a WHERE a.id = ?1) AS changed"


def pause(lane: str, claim: Claim, now: str, reason: str) -> list[Statement]:
    """Nothing is sent to the lane until somebody resumes it; the last statement answers whether that is new."""
    return [
        Statement(PAUSE, (lane, claim.first, now, reason)),
        Statement(_RECORD_PAUSED, (lane, claim.first, now, reason, claim.actor)),
        Statement(_IS_RECORDED, (claim.first,)),
    ]


def resume(lane: str, claim: Claim, now: str) -> list[Statement]:
    """What waits for the lane is sent again; the last statement answers whether it was paused."""
    return [
        Statement(_RECORD_RESUMED, (lane, claim.first, now, claim.actor)),
        Statement(RESUME, (lane, claim.first)),
        Statement(_IS_RECORDED, (claim.first,)),
    ]
