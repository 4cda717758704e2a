"""Send what is due to the platforms, and report each job."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final, NamedTuple, Protocol

from emdash_cli.distribution import alarms, sql
from emdash_cli.domain.errors import EmdashError
from emdash_cli.domain.instants import utc_text
from emdash_cli.domain.outcome import Notice, Sent, SentJob
from emdash_cli.jobs.sql.claiming import names, next_work
from emdash_cli.store.session import Run

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from emdash_cli.distribution.alarms import Sender
    from emdash_cli.distribution.announcements import Announcements
    from emdash_cli.domain.delivery import Platform
    from emdash_cli.domain.ports import Row
    from emdash_cli.jobs.job import Ended
    from emdash_cli.settings import PlatformAccount
    from emdash_cli.store.session import Session

GROUP: Final = 50
"""Jobs that are claimed at once, unless one request carries more."""
THREADS: Final = 32
"""Requests at once, over all platforms of a process."""
POLL_S: Final = 5.0
"""Seconds until a run that waits looks again for work that it cannot foresee."""
STAYS_S: Final = 3.0
"""How long a run that does not wait stays for what is due soon, in seconds: a platform that takes 20 posts a minute
gets all of them in one run, while the first retry, after 3.75 s at the earliest, is left to the next run."""
_AS_WANTED: Final = frozenset({Sent.SENT, Sent.DUPLICATE})
LINGER_S: Final = 0.1
"""How long outcomes are gathered before they are reported to a remote store, in seconds."""


class Resident(NamedTuple):
    """How a process works that stays, and comes back to the jobs again and again.

    Attributes:
        poll_s: seconds until it comes back; it waits for what is due sooner.
        away: called with the error whenever the store does not answer, and with None once it does: the outcomes in hand
            are kept for as long as that takes.
    """

    poll_s: float
    away: Callable[[EmdashError | None], None]


class Distribution(NamedTuple):
    """What to send, and how.

    Attributes:
        platforms: to send to.
        connect: makes one of them ready; raises an `EmdashError` where it lacks a secret.
        worker: names this process in the attempts.
        limit: jobs, at most; None: any number.
        waits: whether to wait for what is to be tried again, or is limited to a rate.
        is_preview: report what would be sent, and change nothing.
        stopped: whether to end after the requests under way.
        threads: requests at once, at most.
        resident: how a process works that stays; None: one that ends.
        alarms: sends on what went wrong; None: only the report and the audit table are told.
    """

    platforms: Sequence[PlatformAccount]
    connect: Callable[[PlatformAccount], Platform]
    worker: str
    limit: int | None
    waits: bool
    is_preview: bool
    stopped: Callable[[], bool]
    threads: int = THREADS
    resident: Resident | None = None
    alarms: Sender | None = None


class Reporter(Protocol):
    """Whoever is told of each event as it happens."""

    def add(self, event: SentJob | Notice) -> None:
        """Take in one event."""
        ...

    def add_error(self, error: EmdashError) -> None:
        """Take in what kept a platform from being served."""
        ...


def distribute(session: Session, task: Distribution, report: Reporter) -> None:
    """Work off the jobs of the platforms. If nothing is due, this costs one request.

    Raises:
        NotAllowedError: whoever acts may not publish.
        DatabaseError: the store is unreachable or failing; what was reported before is durable.
    """
    session.require("publish")
    run = Run("distribute", session, actor=None if session.user else "distribute")
    lanes = names([platform.name for platform in task.platforms])
    now = session.now()
    signs = [] if task.is_preview else run.sign_of_life()
    at = alarms.moment(session, lanes)
    news = [alarms.anything_new(at)] if task.platforms and not task.is_preview else []
    once = [platform.name for platform in task.platforms if not platform.lane.idempotent]
    uncertain = sql.uncertain(once, sql.AskedAt.of(session.clock()))
    (work,), held, asked, *rest = session.open([next_work(lanes, now), sql.paused(lanes), uncertain, *news, *signs])
    for row in held:
        report.add(_paused(row))
    if news and rest[0]:
        # What was overdue will not be once it is sent. Whoever is told of it must not keep it waiting.
        alarms.sound(session, at, run.actor, None, report.add)
    if task.is_preview:
        for row in session.database.query(sql.due(session.names, lanes, now, task.limit)):
            report.add(_previewed(row))
    elif asked or (work["at"] is not None and (task.waits or str(work["at"]) <= _soon(session, task))):
        _send(session, task, run, report)
    if run.has_unrecorded_counts():
        session.database.batch(run.sign_of_life())
    if news and (rest[0] or run.counts.keys() - _AS_WANTED):
        alarms.sound(session, alarms.moment(session, lanes), run.actor, task.alarms, report.add)


def _send(session: Session, task: Distribution, run: Run, report: Reporter) -> None:
    from emdash_cli.distribution.asking import ask
    from emdash_cli.jobs.runner import Manner, Runner
    from emdash_cli.store.announcing import keep_lanes

    workload = _workload(session, task, report)
    if not workload.served:
        return
    is_remote = session.database.limits.is_remote
    resident = task.resident
    manner = Manner(
        task.worker,
        threads=task.threads,
        group=max(GROUP, *(served.at_once for served in workload.served.values())),
        limit=task.limit,
        poll_s=resident.poll_s if resident else POLL_S if task.waits else STAYS_S,
        linger_s=LINGER_S if is_remote else 0.0,
        until="empty" if task.waits and not resident else "calm",
        gives_up=resident is None,
        has_clock=is_remote,
    )
    away = resident.away if resident else lambda _: None

    def ended(one: Ended) -> None:
        event = _event(one)
        run.counts[event.outcome] = run.counts.get(event.outcome, 0) + 1
        report.add(event)

    session.database.batch(keep_lanes(session.settings.site.lanes, session.now()))
    for found in ask(session, workload, sql.AskedAt.of(session.clock()), run.actor):
        report.add(found)
    Runner(session.database, workload, manner, session.clock, task.stopped, ended, run.sign_of_life, away).run()


def _soon(session: Session, task: Distribution) -> str:
    """Until when a job must be due for this run to stay for it."""
    return utc_text(session.clock() + timedelta(seconds=task.resident.poll_s if task.resident else 0))


def _workload(session: Session, task: Distribution, report: Reporter) -> Announcements:
    """The platforms that can be served; one that lacks a secret keeps none of the others waiting."""
    from emdash_cli.distribution.announcements import Announcements, Served

    served = {}
    for platform in task.platforms:
        try:
            served[platform.name] = Served(task.connect(platform), platform.at_once, platform.lane.every_change)
        except EmdashError as error:
            report.add_error(error)
    settings = session.settings
    return Announcements(
        settings.fields,
        lambda slug, locale: settings.site_url + settings.paths.of(slug, locale),
        served,
        session.clock,
    )


def _paused(row: Row) -> Notice:
    why = f": {row['paused_reason']}" if row["paused_reason"] else ""
    return Notice(f"platform {row['lane']} has been paused since {row['paused_at']}{why}", is_news=False)


_OUTCOMES: Final = {"done": Sent.SENT, "pending": Sent.WAITING, "dead": Sent.DEAD, "unknown": Sent.UNKNOWN}


def _event(ended: Ended) -> SentJob:
    job, outcome = ended.job, ended.outcome
    details: Mapping[str, Any] = job.details or job.change.get("data") or {}
    if not ended.is_applied:
        sent = Sent.LATE
    elif ended.state == "done" and outcome.category == "duplicate":
        sent = Sent.DUPLICATE
    else:
        sent = _OUTCOMES[ended.state]
    return SentJob(
        outcome=sent,
        id=job.id,
        platform=job.lane,
        kind=job.kind,
        slug=str(details.get("slug") or ""),
        locale=str(details.get("locale") or ""),
        post_id=job.subject,
        state=ended.state,
        category=outcome.category,
        attempts=job.attempts + ended.uses_attempt,
        external_id=outcome.external_id,
        error=outcome.error,
        run_after=ended.run_after,
    )


def _previewed(row: Row) -> SentJob:
    return SentJob(
        outcome=Sent.SENT,
        id=int(row["id"] or 0),
        platform=str(row["lane"]),
        kind=str(row["kind"]),
        slug=str(row["slug"] or ""),
        locale=str(row["locale"] or ""),
        post_id=str(row["subject"]),
        state=str(row["state"]),
        category=str(row["category"] or ""),
        attempts=int(row["attempts"] or 0),
        external_id=None,
        error=None,
        run_after=str(row["run_after"]),
    )
