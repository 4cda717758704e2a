"""The platforms as people see them: listed, paused, resumed, and checked without posting."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from emdash_cli.distribution import sql
from emdash_cli.domain.delivery import Category, Checkable
from emdash_cli.domain.errors import EmdashError
from emdash_cli.jobs.sql import managing
from emdash_cli.store.announcing import keep_lanes
from emdash_cli.store.changes import Claim

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from emdash_cli.domain.delivery import Platform
    from emdash_cli.domain.ports import Row, Statement
    from emdash_cli.settings import PlatformAccount
    from emdash_cli.store.session import Session

State = Literal["ready", "paused", "waiting", "used up", "later", "new", "removed"]


@dataclass(frozen=True, slots=True)
class ListedPlatform:
    """A platform with its limits and how far they are used.

    Attributes:
        state: ``waiting``: it asked for a pause; ``later``: its `since` is in the future; ``new``: the store does not
            know it yet; ``removed``: the settings do not have it any more, and jobs of it are left.
        reason: why it is paused.
        until: UTC text: until when it waits, or nothing is announced there; of a paused one, since when it is paused.
        since: UTC text: what went live before is not announced.
    """

    name: str
    kind: str
    state: State
    streams: tuple[str, ...]
    since: str | None
    until: str | None
    reason: str | None
    pending: int
    running: int
    dead: int
    unknown: int
    spent: int
    budget: int | None


@dataclass(frozen=True, slots=True)
class Check:
    """What came of the check of one platform.

    Attributes:
        outcome: ``unchecked``: the platform documents no request that posts nothing.
        message: for people: whose account it is, or what is wrong.
    """

    name: str
    kind: str
    outcome: Literal["ok", "failed", "unchecked"]
    message: str
    hint: str = ""


UNCHECKED: Final = "the settings are complete; there is nothing to ask: every request to a {} is a post"


def list_platforms(session: Session) -> list[ListedPlatform]:
    """Those of the settings, in their order, then those that were removed and have jobs left.

    Raises:
        DatabaseError: the store is unreachable or failing, or the database is not a store.
    """
    now = session.now()
    lanes, needs = session.read([sql.lanes(now), sql.in_need()])
    rows = {str(row["lane"]): row for row in lanes}
    counts = {(str(row["lane"]), str(row["state"])): int(row["jobs"] or 0) for row in needs}
    listed = []
    for account in session.settings.platforms:
        row = rows.pop(account.name, None)
        listed.append(_new(account, now) if row is None else _listed(row, counts, now, account))
    left = [_listed(row, counts, now, None) for row in rows.values()]
    return [*listed, *(one for one in left if one.pending or one.running or one.dead or one.unknown)]


def pause(session: Session, name: str, reason: str, *, is_preview: bool) -> bool:
    """Send nothing to a platform until it is resumed.

    Returns:
        Whether that is new: false if it was paused already.

    Raises:
        UsageError: there is no such platform.
        NotAllowedError: whoever acts may not.
        DatabaseError: the store is unreachable or failing.
    """
    return _switch(session, name, lambda claim, now: managing.pause(name, claim, now, reason), "paused", is_preview)


def resume(session: Session, name: str, *, is_preview: bool) -> bool:
    """Send again to a platform that was paused; returns and raises like `pause`."""
    return _switch(session, name, lambda claim, now: managing.resume(name, claim, now), "resumed", is_preview)


def _switch(
    session: Session,
    name: str,
    statements: Callable[[Claim, str], list[Statement]],
    done: str,
    is_preview: bool,  # noqa: FBT001 - handed on
) -> bool:
    session.settings.platform(name)
    now = session.now()
    [lanes] = session.open([sql.lanes(now)])
    session.require("announce")
    is_paused = any(row["lane"] == name and row["paused_at"] for row in lanes)
    if is_preview:
        return is_paused is (done == "resumed")
    claim = Claim.new(session.new_id, session.actor)
    *_, answer = session.database.batch([*keep_lanes(session.settings.site.lanes, now), *statements(claim, now)])
    return bool(answer[0]["changed"])


def check(
    session: Session, accounts: Sequence[PlatformAccount], connect: Callable[[PlatformAccount], Platform]
) -> Iterator[Check]:
    """Ask each platform whether it would take a post; nothing is posted.

    Raises:
        NotAllowedError: whoever acts may not.
        DatabaseError: the store is unreachable or failing, or the database is not a store.
    """
    session.require("announce")
    listed = {one.name: one for one in list_platforms(session)}
    for account in accounts:
        yield _limits(_checked(session, account, connect), listed[account.name])


def _checked(session: Session, account: PlatformAccount, connect: Callable[[PlatformAccount], Platform]) -> Check:
    try:
        platform = connect(account)
    except EmdashError as error:
        return Check(account.name, account.kind, "failed", error.message, error.hint)
    if not isinstance(platform, Checkable):
        return Check(account.name, account.kind, "unchecked", UNCHECKED.format(account.kind))
    said = platform.check(session.clock())
    if said.category == Category.DELIVERED:
        return Check(account.name, account.kind, "ok", said.evidence or "the credentials are accepted")
    hints: dict[str, str] = {
        Category.AUTH: f"check the credentials of [platforms.{account.name}]",
        Category.RATE_LIMITED: "try again later",
        Category.TRANSIENT: "try again later",
    }
    return Check(account.name, account.kind, "failed", said.error or said.category, hints.get(said.category, ""))


def _limits(checked: Check, listed: ListedPlatform) -> Check:
    """The check, with what keeps the platform from being served although its credentials are good."""
    if checked.outcome == "failed":
        return checked
    match listed.state:
        case "paused":
            why = f": {listed.reason}" if listed.reason else ""
            message, hint = f"it has been paused since {listed.until}{why}", f"emdash platforms resume {listed.name}"
        case "used up":
            message = f"the budget of {listed.budget} requests is used up"
            hint = f"raise `platforms.{listed.name}.monthly_posts`, or wait for the next month"
        case "waiting":
            message, hint = f"it asked for a pause until {listed.until}", ""
        case "later":
            message = f"nothing that goes live before {listed.until} is announced there"
            hint = f"change `platforms.{listed.name}.since`, which is in the future"
        case _:
            return checked
    is_over = listed.state not in {"waiting", "later"}
    outcome: Literal["ok", "failed", "unchecked"] = "failed" if is_over else checked.outcome
    return Check(checked.name, checked.kind, outcome, f"{checked.message}; {message}", hint)


def _begins_later(account: PlatformAccount, now: str) -> bool:
    """Whether the settings say a `since` in the future; what is told of every change is told all the same."""
    return not account.lane.every_change and (account.lane.since or "") > now


def _new(account: PlatformAccount, now: str) -> ListedPlatform:
    is_later = _begins_later(account, now)
    return ListedPlatform(
        name=account.name,
        kind=account.kind,
        state="later" if is_later else "new",
        streams=account.lane.streams,
        since=account.lane.since,
        until=account.lane.since if is_later else None,
        reason=None,
        pending=0,
        running=0,
        dead=0,
        unknown=0,
        spent=0,
        budget=account.lane.budget,
    )


def _listed(row: Row, counts: dict[tuple[str, str], int], now: str, account: PlatformAccount | None) -> ListedPlatform:
    name = str(row["lane"])
    closed_until = str(row["closed_until"] or "")
    budget = None if row["budget"] is None else int(row["budget"])
    spent = int(row["spent"] or 0)
    state: State = "ready"
    if account is None:
        state = "removed"
    elif row["paused_at"]:
        state = "paused"
    elif closed_until > now:
        state = "waiting"
    elif budget is not None and spent >= budget:
        state = "used up"
    elif _begins_later(account, now):
        state = "later"
    since = (account.lane.since if account else None) or str(row["set_up_at"])
    until = {"paused": str(row["paused_at"]), "waiting": closed_until, "later": since}
    return ListedPlatform(
        name=name,
        kind=str(row["kind"]),
        state=state,
        streams=() if account is None else account.lane.streams,
        since=since,
        until=until.get(state),
        reason=str(row["paused_reason"]) if row["paused_reason"] else None,
        pending=int(row["pending"] or 0),
        running=int(row["running"] or 0),
        dead=counts.get((name, "dead"), 0),
        unknown=counts.get((name, "unknown"), 0),
        spent=spent,
        budget=budget,
    )
