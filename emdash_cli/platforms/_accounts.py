"""The settings that every kind of platform has, and those of its own kind."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from emdash_cli.domain.delivery import EventType, Lane
from emdash_cli.platforms import _values as values
from emdash_cli.platforms import find
from emdash_cli.settings import PlatformAccount

if TYPE_CHECKING:
    from collections.abc import Callable

    from emdash_cli.domain.delivery import Table

_TIMEOUT_S: Final[float] = 30


def read(name: str, table: Table, streams: tuple[str, ...]) -> PlatformAccount:
    """What ``[platforms.NAME]`` says; see ``PlatformReader`` of `settings`.

    Raises:
        UsageError: there is no such kind, or a value is none.
    """
    kind = table.need("kind", values.text)
    found = table.need("kind", find)
    own = found.Settings.read(table)
    traits = found.TRAITS
    rate = table.take("rate", traits.rate, _as_written(values.rate))
    interval_us, burst = _pace(*values.rate(rate)) if rate else (0, 1)
    events = table.take("events", traits.events, values.events) if traits.events else ()
    on_update = table.take("on_update", "send" if traits.sends_updates else "ignore", _as_written(values.on_update))
    stale_after = table.take("stale_after", traits.stale_after, _as_written(values.lifetime))
    lane = Lane(
        name=name,
        kind=kind,
        streams=streams,
        since=table.take("since", None, values.moment),
        idempotent=traits.idempotent,
        sends_updates=values.on_update(on_update) and (not events or EventType.UPDATED in events),
        every_change=traits.every_change,
        stale_after_s=values.lifetime(stale_after),
        # In jobs, of which one request may carry several.
        concurrency=table.take("concurrency", traits.concurrency, values.count) * traits.at_once,
        interval_us=interval_us,
        burst=burst,
        budget=table.take("monthly_posts", None, values.count),
        events=events,
    )
    return PlatformAccount(
        name=name,
        kind=kind,
        own=own,
        lane=lane,
        timeout_s=table.take("timeout", _TIMEOUT_S, values.seconds),
        allow_private=table.take("allow_private", False, values.yes_or_no),  # noqa: FBT003 - the default
        at_once=traits.at_once,
        shown={},
    )


def _as_written(read: Callable[[object], object]) -> Callable[[object], str]:
    """A reader of values that only checks them: `emdash config` shows a default as it would stand in the file."""

    def check(value: object) -> str:
        read(value)
        return str(value)

    return check


def _pace(requests: int, seconds: int) -> tuple[int, int]:
    """The interval in microseconds and the burst with which no stretch of that many seconds has more requests.

    Half of them may go at once: of several posts that go live together, a run of `emdash distribute` announces more
    than one. What follows keeps to twice the plain interval, so that the burst and what follows it are not too many.
    """
    burst = max(1, requests // 2)
    return -(-seconds * 1_000_000 // max(1, requests - burst)), burst
