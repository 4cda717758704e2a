"""How the platforms stand, as `emdash status` reports it."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final, NamedTuple

from emdash_cli.domain.announced import reason
from emdash_cli.domain.days import describe_duration
from emdash_cli.domain.delivery import Expiring
from emdash_cli.domain.instants import from_utc_text, utc_text
from emdash_cli.jobs.sql.claiming import names
from emdash_cli.reports.sql import platforms as sql

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from emdash_cli.domain.ports import Row, Statement
    from emdash_cli.settings import PlatformAccount
    from emdash_cli.store.session import Session

WEEK: Final = timedelta(days=7)
"""What the digest of dead letters looks back on."""


class PlatformState(NamedTuple):
    """One platform of emdash.toml.

    Attributes:
        waiting: jobs that are still to be sent.
        dead: jobs that failed for good and that nobody has taken care of.
        unknown: jobs of which nobody knows whether they arrived.
        paused_at: UTC text; None if it is not paused.
        longest: requests that one of the waiting jobs needs, at most.
        budget: requests in a month; None: any number. `spent`: this month.
        is_busy: whether something is being sent.
    """

    platform: str
    waiting: int
    longest: int
    dead: int
    unknown: int
    paused_at: str | None
    paused_reason: str | None
    budget: int | None
    spent: int
    is_busy: bool

    @property
    def is_spent(self) -> bool:
        """Whether something waits that the budget of this month does not allow."""
        return self.budget is not None and self.longest > self.budget - self.spent


class Failures(NamedTuple):
    """What failed on a platform for one reason.

    Attributes:
        state: ``dead`` or ``unknown``.
        recent: of the last seven days.
        last_at: UTC text: when the latest of them ended, whose slug, error and number the others are.
    """

    platform: str
    state: str
    category: str
    number: int
    recent: int
    last_at: str
    slug: str | None
    error: str | None
    job: int


class Platforms(NamedTuple):
    """All of them.

    Attributes:
        due_at: since when something could have been sent, or will be able to; None: nothing waits.
        expiring: credentials that end soon, one sentence each, with the platform.
    """

    states: tuple[PlatformState, ...] = ()
    failures: tuple[Failures, ...] = ()
    due_at: datetime | None = None
    expiring: tuple[str, ...] = ()

    @property
    def digest(self) -> tuple[Failures, ...]:
        """The dead letters of the last seven days."""
        return tuple(each for each in self.failures if each.state == "dead" and each.recent)

    def problems(self, at: datetime, grace: timedelta) -> Iterator[str]:
        """The problems at that instant, one line each; what has been due for less than `grace` is none."""
        # Whoever sends may have much to send; whether the limits are low is not for an alarm.
        is_busy = any(state.is_busy for state in self.states)
        if self.due_at and at - self.due_at > grace and not is_busy:
            since = describe_duration(at - self.due_at)
            yield f"announcements overdue for {since}: is `emdash distribute` running?"
        for state in self.states:
            if state.paused_at:
                why = f": {state.paused_reason}" if state.paused_reason else ""
                yield f"platform {state.platform} is paused{why}; `emdash platforms resume {state.platform}`"
            if state.is_spent:
                used = f"{state.spent} of its {state.budget} posts of this month"
                yield f"platform {state.platform} has used {used}, {state.waiting} wait"
        yield from self.expiring
        for each in self.failures:
            why = reason(each.category, None)
            what = f"{each.number} {each.state} on {each.platform}{f' ({why})' if why else ''}"
            yield f"{what}: {_ADVICE[each.state].format(job=each.job)}"


_ADVICE: Final = {
    "dead": "`emdash dead list`, then `emdash jobs retry {job}` or `emdash jobs discard {job}`",
    "unknown": "see whether it is there, then `emdash jobs resolve {job} --posted ID` or `--not-posted`",
}


def reads(session: Session) -> list[Statement]:
    """What `stand` needs from the store; nothing where no platforms are set up."""
    lanes = [platform.name for platform in session.settings.platforms]
    week_ago = utc_text(session.clock() - WEEK)
    return sql.standing(session.names, names(lanes), session.now(), week_ago) if lanes else []


def stand(answers: Sequence[Sequence[Row]], accounts: Sequence[PlatformAccount], now: datetime) -> Platforms:
    """How the platforms stand, by what the store answers to `reads`, and by their settings."""
    if not answers:
        return Platforms()
    lanes, failed, (due,) = answers
    failures = tuple(_failures(row) for row in failed)
    return Platforms(
        tuple(_state(row, failures) for row in lanes),
        failures,
        from_utc_text(str(due["at"])) if due["at"] else None,
        tuple(
            f"platform {account.name}: {text}"
            for account in accounts
            if isinstance(account.own, Expiring)
            for text in account.own.warnings(now)
        ),
    )


def _state(row: Row, failures: Sequence[Failures]) -> PlatformState:
    lane = str(row["lane"])
    of_state = {
        state: sum(each.number for each in failures if (each.platform, each.state) == (lane, state))
        for state in ("dead", "unknown")
    }
    return PlatformState(
        platform=lane,
        waiting=int(row["waiting"] or 0),
        longest=int(row["longest"] or 0),
        dead=of_state["dead"],
        unknown=of_state["unknown"],
        paused_at=None if row["paused_at"] is None else str(row["paused_at"]),
        paused_reason=None if row["paused_reason"] is None else str(row["paused_reason"]),
        budget=None if row["budget"] is None else int(row["budget"]),
        spent=int(row["spent"] or 0),
        is_busy=bool(row["busy"]),
    )


def _failures(row: Row) -> Failures:
    return Failures(
        platform=str(row["lane"]),
        state=str(row["state"]),
        category=str(row["category"] or ""),
        number=int(row["number"] or 0),
        recent=int(row["recent"] or 0),
        last_at=str(row["last_at"]),
        slug=None if row["slug"] is None else str(row["slug"]),
        error=None if row["error"] is None else str(row["error"]),
        job=int(row["id"] or 0),
    )
