"""Ask platforms about unknown jobs: whoever can be asked says whether an attempt arrived whose answer was lost.

That a request arrived is believed at once, that it did not only after a while: what was sent may be taken late.
"""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from emdash_cli.distribution.jobs import ListedJob, decide, not_posted, posted
from emdash_cli.domain.delivery import Category, Searchable
from emdash_cli.domain.instants import from_utc_text, utc_text
from emdash_cli.domain.outcome import Sent, SentJob
from emdash_cli.domain.ports import Statement
from emdash_cli.jobs.job import job_of
from emdash_cli.posts import sql as posts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from emdash_cli.distribution import sql
    from emdash_cli.distribution.announcements import Announcements
    from emdash_cli.domain.delivery import Delivery, Outcome
    from emdash_cli.domain.ports import Row, Value
    from emdash_cli.store.session import Session

BELIEVED_AFTER: Final = timedelta(minutes=15)
"""How long it is unknown before the platform is believed that nothing arrived; no exchange may last longer."""
MOST: Final = 20
"""Jobs of a platform that one run asks about."""


def ask(session: Session, workload: Announcements, when: sql.AskedAt, actor: str) -> Iterator[SentJob]:
    """Resolve what can be resolved; an event for each job that was.

    Args:
        session: in which it is recorded.
        workload: serves the platforms; those that cannot be asked are skipped.
        when: the present moment.
        actor: as the audit table names whoever asks.
    """
    for lane, served in workload.served.items():
        if not isinstance(served.platform, Searchable):
            continue
        rows = session.database.query(_unknown(lane, when))
        ids = json.dumps([row["subject"] for row in rows])
        found = session.database.query(posts.public(session.names, "SELECT value FROM json_each(?1)", (ids,)))
        details = {row["id"]: row for row in found} if rows else {}
        for row in rows:
            if event := _asked(session, workload, (row, details), when, actor):
                yield event


def _unknown(lane: str, when: sql.AskedAt) -> Statement:
    """Rows of which `job_of` makes jobs, with ``ended_at`` and ``state``."""
    return Statement(
        """
    SELECT j.id, j.subject, j.lane, j.kind, j.version, '' AS claim, 0 AS idempotent, j.units, j.attempts, j.stale_at,
      j.change, j.payload, j.parts, j.state, j.ended_at,
      (SELECT json_group_array(s.external_id) FROM (SELECT s.external_id FROM job_steps AS s
        WHERE s.job_id = j.id AND s.done_at IS NOT NULL ORDER BY s.step) AS s) AS sent
    FROM publish_jobs AS j
    WHERE j.state = 'unknown' AND j.ended_at >= ?3 AND j.ended_at < ?4 AND j.lane = ?1 AND j.run_after <= ?2
    ORDER BY j.ended_at LIMIT CAST(?5 AS INTEGER)""",
        (lane, *when, MOST),
    )


def _asked(
    session: Session, workload: Announcements, about: tuple[Row, Mapping[Value, Row]], when: sql.AskedAt, actor: str
) -> SentJob | None:
    row, details = about
    job = job_of(row, 0.0)
    job.details = details.get(job.subject)
    platform = workload.served[job.lane].platform
    said = None
    if job.details is not None and len(job.sent) < len(job.texts) and isinstance(platform, Searchable):
        said = _answer(platform.find, workload.delivery(job))
    age = from_utc_text(when.now) - from_utc_text(str(row["ended_at"]))
    evidence = "" if said is None else said.evidence or said.error or ""
    if said is not None and said.category == Category.DELIVERED:
        choice = posted(said.external_id, evidence=evidence)
    elif said is not None and said.category == Category.TRANSIENT and age >= BELIEVED_AFTER:
        choice = not_posted(evidence=evidence)
    else:
        session.database.batch([_ask_again(job.id, str(row["ended_at"]), utc_text(session.clock() + age))])
        return None
    done = decide(session, [row], choice, actor)
    return _event(done[0], job.details) if done else None


def _answer(find: Callable[[Delivery], Outcome | None], delivery: Delivery) -> Outcome | None:
    try:
        return find(delivery)
    except Exception:  # noqa: BLE001 - an adapter's bug leaves the job as it is, for a person
        return None


def _ask_again(job: int, ended_at: str, at: str) -> Statement:
    """The time of an unknown job's next sending, which it does not have, is when its platform is asked again."""
    return Statement(
        "UPDATE publish_jobs SET run_after = ?3 WHERE id = CAST(?1 AS INTEGER) AND state = 'unknown' AND ended_at = ?2",
        (job, ended_at, at),
    )


def _event(job: ListedJob, details: Row | None) -> SentJob:
    return SentJob(
        outcome=Sent.SENT if job.state == "done" else Sent.WAITING,
        id=job.id,
        platform=job.platform,
        kind=job.kind,
        slug=job.slug or "",
        locale=str((details or {}).get("locale") or ""),
        post_id=job.post_id,
        state=job.state,
        category=job.category or "",
        attempts=job.attempts,
        external_id=job.external_id,
        error=job.error,
        run_after=job.run_after,
    )
