"""The settings that every kind of platform has, and those of its own kind."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from emdash_cli.domain.delivery import EventType, Lane
from emdash_cli.platforms import _values as values
from emdash_cli.platforms import find
from emdash_cli.settings import PlatformAccount

if TYPE_CHECKING:
    from emdash_cli.domain.delivery import Table

_TIMEOUT_S: Final = 30.0


def read(name: str, table: Table, streams: tuple[str, ...]) -> PlatformAccount:
    """What ``[platforms.NAME]`` says; see ``PlatformReader`` of `settings`.

    Raises:
        UsageError: there is no such kind, or a value is none.
    """
    kind = table.need("kind", values.text)
    found = table.need("kind", find)
    own = found.Settings.read(table)
    traits = found.TRAITS
    rate = table.take("rate", traits.rate, values.rate)
    interval_us, burst = _pace(*rate) if rate else (0, 1)
    events = table.take("events", traits.events, values.events) if traits.events else ()
    sends_updates = table.take("on_update", traits.sends_updates, values.on_update)
    lane = Lane(
        name=name,
        kind=kind,
        streams=streams,
        since=table.take("since", None, values.moment),
        idempotent=traits.idempotent,
        sends_updates=sends_updates and (not events or EventType.UPDATED in events),
        every_change=traits.every_change,
        stale_after_s=table.take("stale_after", traits.stale_after_s, values.lifetime),
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


def _pace(requests: int, seconds: int) -> tuple[int, int]:
    """The interval in microseconds and the burst with which no stretch of that many seconds has more requests.

    Half of them may go at once: of several posts that go live together, a run of `emdash distribute` announces more
    than one. What follows keeps to twice the plain interval, so that the burst and what follows it are not too many.
    """
    burst = max(1, requests // 2)
    return -(-seconds * 1_000_000 // max(1, requests - burst)), burst
