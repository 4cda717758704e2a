"""Jobs as people see them: listed, shown with their evidence, and decided about."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple

from emdash_cli.distribution import sql
from emdash_cli.domain.errors import RefusedChangeError
from emdash_cli.jobs.sql import managing
from emdash_cli.jobs.sql.managing import Decision, Seen
from emdash_cli.store.changes import Claim

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from emdash_cli.distribution.sql import Filter
    from emdash_cli.domain.ports import Row, Statement
    from emdash_cli.store.session import Session

MOST_AT_ONCE: Final = 10_000
"""Jobs that one command changes when it is given a filter."""

Verb = Literal["retry", "discard"]
_STATES: Final[dict[Verb, tuple[str, ...]]] = {"retry": ("dead",), "discard": ("pending", "dead", "unknown")}
_ACTIONS: Final[dict[Verb, str]] = {"retry": "job_retried", "discard": "job_discarded"}
_GOOD: Final = ("delivered", "duplicate")


@dataclass(frozen=True, slots=True)
class ListedJob:
    """A job in a list.

    Attributes:
        slug: of the post; None if the post is gone.
        run_after: UTC text: of a pending job.
        next: a command for the next step; empty if nothing is left to do.
    """

    id: int
    platform: str
    kind: str
    slug: str | None
    post_id: str
    state: str
    category: str | None
    attempts: int
    external_id: str | None
    error: str | None
    run_after: str | None
    cost_usd: float | None
    ended_at: str | None
    held: str | None
    next: str

    @classmethod
    def of(cls, row: Row) -> ListedJob:
        """The job in a row of `sql.listing`."""
        state = str(row["state"])
        return cls(
            id=_number(row["id"]),
            platform=str(row["lane"]),
            kind=str(row["kind"]),
            slug=_text(row["slug"]),
            post_id=str(row["subject"]),
            state=state,
            category=_text(row["category"]),
            attempts=_number(row["attempts"]),
            external_id=_text(row["external_id"]),
            error=_text(row["error"]),
            run_after=str(row["run_after"]) if state == "pending" else None,
            cost_usd=float(row["cost_usd"]) if isinstance(row["cost_usd"], int | float) else None,
            ended_at=_text(row["ended_at"]),
            held=_held(row),
            next=_next(row),
        )


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt at a job.

    Attributes:
        lost_at: when the job was taken away from its worker, which had not answered for too long.
        was_late: whether its outcome came after that, so that it did not count.
    """

    begun_at: str
    worker: str
    ended_at: str | None
    category: str | None
    error: str | None
    external_id: str | None
    evidence: str | None
    lost_at: str | None
    was_late: bool


@dataclass(frozen=True, slots=True)
class Step:
    """One part of a thread; without `done_at`, it may be out or not."""

    step: int
    begun_at: str
    done_at: str | None
    external_id: str | None


@dataclass(frozen=True, slots=True)
class Decided:
    """What somebody decided about a job."""

    at: str
    who: str
    action: str
    detail: dict[str, Any]


@dataclass(frozen=True, slots=True)
class ShownJob:
    """A job with everything that is known about it; the dates are UTC texts."""

    job: ListedJob
    created_at: str
    stale_at: str | None
    triggered_by: str | None
    parts: int
    texts: tuple[str, ...]
    attempts: tuple[Attempt, ...]
    steps: tuple[Step, ...]
    decisions: tuple[Decided, ...]

    @property
    def told_late(self) -> str | None:
        """What the platform called the result, according to an answer that came too late to count; empty if unnamed."""
        late = next((one for one in self.attempts if one.was_late and one.category in _GOOD), None)
        return None if late is None else late.external_id or ""


@dataclass(frozen=True, slots=True)
class ChangedJobs:
    """What came of a decision: the jobs as they are now, or would be changed; and those that it was refused for."""

    jobs: tuple[ListedJob, ...]
    refused: tuple[RefusedChangeError, ...]


def list_jobs(session: Session, wanted: Filter) -> tuple[list[ListedJob], bool]:
    """The jobs, and whether there are more of them.

    Raises:
        DatabaseError: the store is unreachable or failing, or the database is not a store.
    """
    [rows] = session.read([sql.listing(session.names, wanted._replace(most=wanted.most + 1))])
    return [ListedJob.of(row) for row in rows[: wanted.most]], len(rows) > wanted.most


def show_job(session: Session, job: int) -> ShownJob:
    """One job.

    Raises:
        EmdashError: there is none of that number.
        DatabaseError: the store is unreachable or failing, or the database is not a store.
    """
    [rows, attempts, steps] = session.read(
        [sql.by_ids(session.names, [job]), sql.attempts(job), sql.steps(job)],
    )
    row = _the_job(job, rows)
    decisions = session.database.query(sql.decisions(str(row["subject"]), job))
    return _shown(row, attempts, steps, decisions)


def change(
    session: Session, verb: Verb, jobs: Sequence[int], *, is_preview: bool, states: tuple[str, ...] = ()
) -> ChangedJobs:
    """Send dead jobs again, or give jobs up.

    Args:
        session: in which it is decided, and by whom.
        verb: what to do.
        jobs: their numbers.
        is_preview: change nothing.
        states: those of them in other states are refused; without any, those that the verb applies to.

    Raises:
        NotAllowedError: whoever acts may not.
        DatabaseError: the store is unreachable or failing, or the database is not a store.
    """
    wanted = list(dict.fromkeys(jobs))
    [rows] = session.open([sql.by_ids(session.names, wanted)])
    session.require("announce")
    found = {_number(row["id"]): row for row in rows}
    refused: list[RefusedChangeError] = [_no_such_job(job) for job in wanted if job not in found]
    fit = []
    for row in rows:
        fault = _fault(verb, row, states or _STATES[verb])
        (refused.append(fault) if fault else fit.append(row))
    return _changed(session, verb, fit, refused, is_preview=is_preview)


def change_matching(session: Session, verb: Verb, wanted: Filter, *, is_preview: bool) -> ChangedJobs:
    """The same for the dead jobs that match; at most `MOST_AT_ONCE` of them, beginning with the latest.

    Raises:
        NotAllowedError: whoever acts may not.
        DatabaseError: the store is unreachable or failing, or the database is not a store.
    """
    [rows] = session.open([sql.listing(session.names, wanted._replace(state="dead", most=MOST_AT_ONCE))])
    session.require("announce")
    refused: list[RefusedChangeError] = []
    fit = []
    for row in rows:
        fault = _fault(verb, row, _STATES[verb])
        (refused.append(fault) if fault else fit.append(row))
    return _changed(session, verb, fit, refused, is_preview=is_preview)


def _changed(
    session: Session, verb: Verb, rows: Sequence[Row], refused: list[RefusedChangeError], *, is_preview: bool
) -> ChangedJobs:
    if is_preview:
        return ChangedJobs(tuple(ListedJob.of(row) for row in rows), tuple(refused))
    make = managing.send_again if verb == "retry" else managing.discard
    done: list[ListedJob] = []
    for start in range(0, len(rows), managing.GROUP):
        done += decide(session, rows[start : start + managing.GROUP], Choice(_ACTIONS[verb], {}, make))
    missing = {_number(row["id"]) for row in rows} - {job.id for job in done}
    refused += [_changed_meanwhile(job) for job in sorted(missing)]
    return ChangedJobs(tuple(done), tuple(refused))


def resolve(session: Session, job: int, external_id: str | None, *, is_preview: bool) -> tuple[ShownJob, ListedJob]:
    """Say of an unknown job whether it has arrived.

    Args:
        session: in which it is said, and by whom.
        job: its number.
        external_id: what the platform calls the result; None: it has not arrived, and is sent again.
        is_preview: change nothing.

    Returns:
        The job with its evidence as it was, and as it is now.

    Raises:
        EmdashError: there is no such job.
        RefusedChangeError: it is not unknown, or an answer that came late says that it arrived.
        NotAllowedError: whoever acts may not.
        DatabaseError: the store is unreachable or failing, or the database is not a store.
    """
    rows, attempts, steps = session.open([sql.by_ids(session.names, [job]), sql.attempts(job), sql.steps(job)])
    session.require("announce")
    row = _the_job(job, rows)
    before = _shown(row, attempts, steps, ())
    if before.job.state != "unknown":
        raise _refusal("resolved", row)
    if external_id is None and before.told_late is not None:
        raise RefusedChangeError(
            f"job {job} did arrive: the answer{_named(before.told_late)} came after its worker had been given up",
            hint=f"emdash jobs resolve {job} --posted {before.told_late or 'ID'}",
            code="job_posted",
        )
    if is_preview:
        return before, before.job
    done = decide(session, [row], not_posted() if external_id is None else posted(external_id))
    if not done:
        raise _changed_meanwhile(job)
    return before, done[0]


class Choice(NamedTuple):
    """What to decide about jobs.

    Attributes:
        action: as the audit table names it.
        detail: kept in the audit table.
        make: the statements.
    """

    action: str
    detail: dict[str, str]
    make: Callable[[Decision], list[Statement]]


def decide(session: Session, rows: Sequence[Row], choice: Choice, actor: str | None = None) -> list[ListedJob]:
    """Carry out one decision.

    Args:
        session: in which it is recorded.
        rows: the jobs as they were read: id, state and ended_at.
        choice: what to do with them.
        actor: who decides; None: whoever acts in the session.

    Returns:
        The jobs that it has changed; the others are not as they were read any more.
    """
    claim = Claim.new(session.new_id, session.actor if actor is None else actor)
    seen = [Seen(_number(row["id"]), str(row["state"]), _text(row["ended_at"])) for row in rows]
    decision = Decision(claim, session.now(), choice.action, seen, choice.detail)
    *_, changed = session.database.batch([*choice.make(decision), sql.changed(session.names, claim)])
    return [ListedJob.of(row) for row in changed]


def posted(external_id: str | None, **evidence: str) -> Choice:
    """The unknown jobs have arrived."""
    detail = {"resolution": "posted", "external_id": external_id or "", **evidence}
    return Choice("job_resolved", detail, lambda made: managing.posted(made, external_id))


def not_posted(**evidence: str) -> Choice:
    """The unknown jobs have not arrived."""
    return Choice("job_resolved", {"resolution": "not posted", **evidence}, managing.not_posted)


def _shown(row: Row, attempts: Sequence[Row], steps: Sequence[Row], decisions: Sequence[Row]) -> ShownJob:
    return ShownJob(
        job=ListedJob.of(row),
        created_at=str(row["created_at"]),
        stale_at=_text(row["stale_at"]),
        triggered_by=_text(row["triggered_by"]),
        parts=_number(row["parts"]),
        texts=tuple(json.loads(str(row["payload"] or "[]"))),
        attempts=tuple(_attempt(one) for one in attempts),
        steps=tuple(
            Step(_number(one["step"]), str(one["begun_at"]), _text(one["done_at"]), _text(one["external_id"]))
            for one in steps
        ),
        decisions=tuple(
            Decided(str(one["at"]), str(one["actor"]), str(one["action"]), json.loads(str(one["detail"] or "{}")))
            for one in decisions
        ),
    )


def _attempt(row: Row) -> Attempt:
    return Attempt(
        begun_at=str(row["begun_at"]),
        worker=str(row["worker"]),
        ended_at=_text(row["ended_at"]),
        category=_text(row["category"]),
        error=_text(row["error"]),
        external_id=_text(row["external_id"]),
        evidence=_text(row["evidence"]),
        lost_at=_text(row["lost_at"]),
        was_late=row["ended_at"] is not None and row["applied"] is not None and not row["applied"],
    )


_HAPPENED: Final = {
    "pending": "it has not been sent yet",
    "running": "it is being sent",
    "done": "it was sent",
    "dead": "it is dead",
    "unknown": "it may have arrived, and sending it again might post it twice",
    "discarded": "it was discarded, which is final",
}


def _next(row: Row) -> str:
    """The command that comes next for a job in its state."""
    job, platform = row["id"], row["lane"]
    slug = row["slug"] or "SLUG"
    match row["state"]:
        case "pending" if row["paused_at"]:
            return f"emdash platforms resume {platform}"
        case "pending":
            return "emdash distribute"
        case "dead":
            return f"emdash jobs retry {job}"
        case "unknown":
            return f"emdash jobs resolve {job} --posted EXTERNAL_ID or --not-posted"
        case "discarded" if row["kind"] == "announce":
            return f"emdash announce {slug} --platform {platform} --again"
        case _:
            return ""


def _held(row: Row) -> str | None:
    """Why nothing is sent to the platform now."""
    if row["removed_at"]:
        return f"platform {row['lane']} is not set up any more"
    if row["paused_at"]:
        why = f": {row['paused_reason']}" if row["paused_reason"] else ""
        return f"platform {row['lane']} has been paused since {row['paused_at']}{why}"
    return None


def _fault(verb: Verb, row: Row, states: tuple[str, ...]) -> RefusedChangeError | None:
    if row["state"] not in states:
        return _refusal("retried" if verb == "retry" else "discarded", row)
    if verb == "retry" and (row["removed_at"] or row["closed_until"] is None):
        return RefusedChangeError(
            f"job {row['id']} cannot be retried: platform {row['lane']} is not set up any more",
            hint=f"add [platforms.{row['lane']}] to emdash.toml, or: emdash jobs discard {row['id']}",
            code="no_platform",
        )
    return None


def _refusal(done: str, row: Row) -> RefusedChangeError:
    state = str(row["state"])
    hint = _next(row)
    if state == "done" and row["kind"] == "announce":
        hint = f"emdash announce {row['slug'] or 'SLUG'} --platform {row['lane']} --again"
    elif state == "running":
        hint = f"wait for its end: emdash jobs show {row['id']}"
    elif state == "dead":
        hint = f"{hint}, or: emdash jobs discard {row['id']}"
    return RefusedChangeError(
        f"job {row['id']} cannot be {done}: {_HAPPENED[state]}{_named(_text(row['external_id']))}",
        hint=hint,
        code=f"job_{state}",
    )


def _named(external_id: str | None) -> str:
    return f" as {external_id}" if external_id else ""


def _the_job(job: int, rows: Sequence[Row]) -> Row:
    if not rows:
        raise _no_such_job(job)
    return rows[0]


def _no_such_job(job: int) -> RefusedChangeError:
    return RefusedChangeError(f"there is no job {job}", hint="see `emdash jobs list`", code="no_such_job")


def _changed_meanwhile(job: int) -> RefusedChangeError:
    return RefusedChangeError(
        f"job {job} has just been changed by somebody else",
        hint=f"look again: emdash jobs show {job}",
        code="job_changed",
    )


def _number(value: object) -> int:
    return int(value) if isinstance(value, int | float | str) else 0


def _text(value: object) -> str | None:
    return None if value is None else str(value)
