"""The jobs of posts, read along with the posts themselves."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from emdash_cli.domain.announced import Distribution, PlatformJob, latest

if TYPE_CHECKING:
    from emdash_cli.domain.ports import Value

_VALUES: Final = {
    "platform": "j.lane",
    "job": "j.id",
    "kind": "j.kind",
    "state": "j.state",
    "category": "j.category",
    "error": "j.error",
    "external_id": "j.external_id",
    "attempts": "j.attempts",
    "run_after": "j.run_after",
    "ended_at": "j.ended_at",
    "parts": "j.parts",
    "parts_out": (
        "iif(j.parts > 1, (SELECT count(*) FROM job_steps AS s WHERE s.job_id = j.id AND s.done_at IS NOT NULL), 0)"
    ),
    "is_notified": "n.every_change",
    "is_paused": "n.paused_at IS NOT NULL",
}

# Of each kind the latest version, by the index that keeps them unique. Nobody serves a platform that was taken out:
# what is done there stays done, and the rest concerns nobody any more.
_JOBS: Final = f"""(SELECT json_group_array(json_array({", ".join(_VALUES[name] for name in PlatformJob._fields)}))
      FROM publish_jobs AS j CROSS JOIN publish_lanes AS n ON n.lane = j.lane
      WHERE j.subject = {{post}} AND +j.kind IN ('announce', 'update') AND +j.state <> 'discarded'
        AND (n.removed_at IS NULL OR +j.state = 'done')
        AND +j.version = (SELECT max(o.version) FROM publish_jobs AS o
          WHERE o.subject = j.subject AND o.lane = j.lane AND o.kind = j.kind))"""


def jobs_of(post: str) -> str:
    """SQL: the jobs of a post that count, as JSON for `distribution`.

    Args:
        post: SQL of its id.
    """
    return _JOBS.format(post=post)


def distribution(jobs: Value, *, is_live: bool) -> Distribution | None:
    """What has become of the jobs of a post; None for a post that is not live and was never announced.

    Args:
        jobs: as `jobs_of` answers them; None where they were not read.
        is_live: whether the post is public.
    """
    if jobs is None:
        return None
    found = (PlatformJob(*row) for row in json.loads(str(jobs)))
    counted = latest(job._replace(is_notified=bool(job.is_notified), is_paused=bool(job.is_paused)) for job in found)
    return Distribution(counted) if counted or is_live else None
