"""Alarms: one row for each cause, ever, so that any number of runs on any number of machines raise it once.

A cause is derived from what is wrong and names the moment when it began: a job that dies again after it was sent again,
or a platform that is paused again, is another cause.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from emdash_cli.domain.ports import Statement
from emdash_cli.jobs.sql.claiming import next_work

if TYPE_CHECKING:
    from collections.abc import Sequence

MOST_TRIES: Final = 5
"""Runs that try to tell of an alarm before it is left to `emdash status`."""
MOST_AT_ONCE: Final = 100


class Moment(NamedTuple):
    """When alarms are looked for, in UTC texts.

    Attributes:
        lanes: names, as JSON.
        since: what failed before is an old story.
        lost: whoever took an alarm before then and has not told of it is gone.
        overdue: what could have been sent before then is overdue.
    """

    lanes: str
    now: str
    since: str
    lost: str
    overdue: str


def _failed(state: str, kind: str) -> str:
    """?1 lanes, ?3 since. What the author can correct is of the class content."""
    return f"""
  SELECT '{kind}:' || j.id || ':' || j.ended_at AS cause, iif(j.category = 'validation', 'content', 'ops') AS class,
    '{kind}' AS kind, j.lane AS platform, j.id AS job, j.subject AS post_id, j.category, j.error AS detail
  FROM publish_jobs AS j WHERE j.state = '{state}' AND j.ended_at >= ?3
    AND j.lane IN (SELECT s.value FROM json_each(?1) AS s)"""


# ?1 lanes, ?2 now, ?3 since, ?5 overdue. What is overdue is found among the lanes that nobody is sending to. While a
# budget lasts, only jobs of several parts can be too much for it; they have an index of their own.
_CAUSES: Final = f"""
WITH cause AS ({_failed("dead", "dead")}
  UNION ALL {_failed("unknown", "unknown")}
  UNION ALL
  SELECT 'paused:' || l.lane || ':' || l.paused_at, 'ops', 'paused', l.lane, NULL, NULL, NULL, l.paused_reason
  FROM json_each(?1) AS s CROSS JOIN publish_lanes AS l ON l.lane = s.value WHERE l.paused_at IS NOT NULL
  UNION ALL
  SELECT 'budget:' || l.lane || ':' || l.spent_in, 'ops', 'budget', l.lane, NULL, NULL, NULL,
    l.spent || ' of ' || l.budget || ' requests are used up'
  FROM json_each(?1) AS s CROSS JOIN publish_lanes AS l ON l.lane = s.value
  WHERE l.budget IS NOT NULL AND l.spent_in = substr(?2, 1, iif(l.period = 'day', 10, 7))
    AND iif(l.spent >= l.budget, EXISTS (SELECT 1 FROM publish_jobs AS j WHERE j.state = 'pending' AND j.lane = l.lane),
      EXISTS (SELECT 1 FROM publish_jobs AS j
        WHERE j.state = 'pending' AND j.units > 1 AND j.lane = l.lane AND j.units > l.budget - l.spent))
  UNION ALL
  SELECT 'overdue:' || w.at, 'ops', 'overdue', NULL, NULL, NULL, NULL, w.at FROM ({{next}}) AS w
  WHERE w.at < ?5 AND NOT EXISTS (SELECT 1 FROM json_each(?1) AS s CROSS JOIN publish_jobs AS r
    ON r.state = 'running' AND r.lane = s.value WHERE r.lease_until > ?2)
)""".format(next=next_work("", "").sql)
_TO_TELL: Final = f"told_at IS NULL AND tries < {MOST_TRIES} AND (claim IS NULL OR claimed_at < ?4)"

_ANY: Final = f"""{_CAUSES}
SELECT * FROM (SELECT 1 AS found FROM cause AS c WHERE NOT EXISTS (SELECT 1 FROM alarms AS a WHERE a.cause = c.cause)
  AND ?4 > '' LIMIT 1)
UNION ALL SELECT * FROM (SELECT 1 FROM alarms WHERE {_TO_TELL} LIMIT 1)"""

# ?6 a token: unique, and the beginning of the ids of audit rows. The job of a post that is gone stays a cause.
_RAISE: Final = f"""{_CAUSES}
INSERT INTO alarms (cause, class, kind, platform, job_id, post_id, category, detail, raised_at, raised_by)
SELECT c.cause, c.class, c.kind, c.platform, c.job, c.post_id, c.category, c.detail, ?2, ?6 FROM cause AS c
WHERE ?4 > '' AND NOT EXISTS (SELECT 1 FROM alarms AS a WHERE a.cause = c.cause)
ORDER BY c.cause LIMIT {MOST_AT_ONCE}"""
_AUDIT: Final = """
INSERT INTO pipeline_audit (id, at, actor, action, post_id, detail)
SELECT ?1 || printf('%04d', row_number() OVER (ORDER BY a.cause)), ?2, ?3, 'alarm', a.post_id, json_object(
  'class', a.class, 'kind', a.kind, 'platform', a.platform, 'alarm_about', a.job_id, 'error', a.detail)
FROM alarms AS a WHERE a.raised_by = ?1 AND a.raised_at = ?2 ON CONFLICT DO NOTHING"""
_RAISED: Final = "SELECT * FROM alarms WHERE raised_by = ?1 AND raised_at = ?2 ORDER BY cause"
# ?1 token, ?2 now, ?4 lost.
_TAKE: Final = f"""
UPDATE alarms SET claim = ?1, claimed_at = ?2 WHERE cause IN (
  SELECT cause FROM alarms WHERE {_TO_TELL} ORDER BY raised_at, cause LIMIT {MOST_AT_ONCE}) AND ?3 > ''"""
_TAKEN: Final = "SELECT * FROM alarms WHERE told_at IS NULL AND claim = ?1 ORDER BY raised_at, cause"
_TOLD: Final = """
UPDATE alarms SET told_at = iif(?3 IS NULL, ?2, NULL), error = ?3, tries = tries + 1, claim = NULL
WHERE claim = ?1 AND cause IN (SELECT value FROM json_each(?4))"""


def anything_new(moment: Moment) -> Statement:
    """A row if an alarm is to be raised or told; nothing is written."""
    return Statement(_ANY, moment)


def raise_alarms(moment: Moment, token: str, actor: str) -> list[Statement]:
    """Write a row for each new cause, and one into the audit; the last statement answers the new rows."""
    return [
        Statement(_RAISE, (*moment, token)),
        Statement(_AUDIT, (token, moment.now, actor)),
        Statement(_RAISED, (token, moment.now)),
    ]


def take(moment: Moment, token: str) -> list[Statement]:
    """Take what nobody else tells; the last statement answers the rows."""
    return [
        Statement(_TAKE, (token, moment.now, moment.since, moment.lost)),
        Statement(_TAKEN, (token,)),
    ]


def told(token: str, now: str, error: str | None, causes: Sequence[str]) -> Statement:
    """Record that these alarms were told, or why not."""
    import json

    return Statement(_TOLD, (token, now, error, json.dumps(list(causes))))
