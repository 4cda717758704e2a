"""Cadence: how often a stream publishes, and when the present period began.

Unused quota is not carried over: it is lost when the next period begins.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING, Self

from emdash_cli.domain.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from zoneinfo import ZoneInfo

_UNITS = ("hourly", "daily", "weekly", "monthly")
_QUOTA = re.compile(r"([a-z]+)-([1-9][0-9]{0,3})")
_FIELDS = 5
_HINT = "write weekly-2 (two articles a week; also hourly-, daily-, monthly-) or a cron expression: 0 9 * * 1-5"
_SECOND = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Cadence:
    """A quota of articles per period, or the ticks of a cron expression. Create it with `parse`."""

    source: str
    unit: str
    """``hourly``, ``daily``, ``weekly``, ``monthly`` or ``cron``."""
    count: int | None
    """Articles per period; None for ``cron``."""

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a cadence such as ``weekly-2``, or the five fields of a cron expression.

        Raises:
            UsageError: the text is neither; the hint suggests what was probably meant.
        """
        source = " ".join(text.split())
        word = _QUOTA.fullmatch(source.lower())
        if word and word[1] in _UNITS:
            return cls(source.lower(), word[1], int(word[2]))
        if len(source.split()) > 1 or "*" in source:
            _check_cron(source)
            return cls(source, "cron", None)
        raise UsageError(f"invalid cadence {text!r}", hint=_meant(source.lower()))

    def quota(self) -> int | None:
        """Articles per period. None for a cron expression, for which each tick allows the articles of one run."""
        return self.count

    def period_start(self, now: datetime, zone: ZoneInfo) -> datetime:
        """The beginning of the period that contains ``now``, in UTC; never later than ``now``.

        Weeks are ISO weeks, which begin on Monday. Weeks, days and months begin with the first instant of their first
        day in ``zone``, hours with the local hour. For a cron expression, it is the latest tick.

        Raises:
            UsageError: the cron expression has not ticked in the last 50 years.
        """
        local = now.astimezone(zone)
        today = local.date()
        match self.unit:
            case "hourly":
                return first_instant(local.replace(minute=0, second=0, microsecond=0))
            case "daily":
                start = today
            case "weekly":
                start = today - timedelta(days=today.weekday())
            case "monthly":
                start = today.replace(day=1)
            case _:
                return self._latest_tick(local, zone)
        return first_instant(datetime.combine(start, time(), tzinfo=zone))

    def _latest_tick(self, local: datetime, zone: ZoneInfo) -> datetime:
        """The latest instant at or before ``local`` at which the cron expression ticks."""
        now = local.astimezone(UTC)
        wall = local.replace(tzinfo=None, fold=0)
        # During the repetition of an hour, later readings of its first pass are in the past.
        ahead = _repeated(local) if local.fold else timedelta()
        best: datetime | None = None
        for tick in self._ticks_back(wall + ahead):
            past = [instant for instant in self.instants(tick.replace(tzinfo=zone)) if instant <= now]
            best = max([*past, best] if best else past, default=None)
            if best and tick <= wall:
                return best
        raise UsageError(f"cadence {self.source!r} never comes due", hint=_HINT)

    def _ticks_back(self, wall: datetime) -> Iterator[datetime]:
        """Local times of the ticks, from ``wall`` backwards.

        They are computed without a zone. Changes of the clocks are handled here, not by cronsim, whose hour steps miss
        ticks where the clocks move by half an hour.
        """
        from cronsim import CronSim

        return CronSim(self.source, wall.replace(microsecond=0) + _SECOND, reverse=True)

    def ticks_from(self, wall: datetime) -> Iterator[datetime]:
        """Local times of the ticks of a cron expression after ``wall``, which is local time without a zone, too.

        They end when it has not ticked for 50 years.
        """
        from cronsim import CronSim

        return CronSim(self.source, wall)

    def instants(self, tick: datetime) -> list[datetime]:
        """The instant, in UTC, at which a clock in the zone of ``tick`` shows it.

        As in Debian's cron (cron(8), daylight saving), a skipped tick happens when the clocks move, and a repeated tick
        happens once, unless its minute or hour is ``*``, which counts time instead of naming it.
        """
        first = first_instant(tick)
        if not _repeated(tick) or not any(part.startswith("*") for part in self.source.split()[:2]):
            return [first]
        return [first, tick.replace(fold=1).astimezone(UTC)]


def _repeated(local: datetime) -> timedelta:
    """How far the clocks went back to make this reading occur twice; zero if it occurs once."""
    first, second = (local.replace(fold=fold).astimezone(UTC) for fold in (0, 1))
    return max(second - first, timedelta())


def first_instant(local: datetime) -> datetime:
    """The instant, in UTC, at which the clocks first show ``local`` or, if they skip it, move past it.

    ``fold`` is honoured for a reading that occurs twice.
    """
    late = local.astimezone(UTC)
    if late.astimezone(local.tzinfo).replace(tzinfo=None) == local.replace(tzinfo=None):
        return late
    early = local.replace(fold=1 - local.fold).astimezone(UTC)
    early, late = min(early, late), max(early, late)
    while late - early > _SECOND:
        middle = early + (late - early) // 2
        if middle.astimezone(local.tzinfo).utcoffset() == early.astimezone(local.tzinfo).utcoffset():
            early = middle
        else:
            late = middle
    return late.replace(microsecond=0)


def _check_cron(source: str) -> None:
    """Refuse a cron expression that is invalid or never ticks."""
    from cronsim import CronSim, CronSimError

    found = len(source.split())
    if found != _FIELDS:
        raise UsageError(
            f"cadence {source!r} has {found} fields; a cron expression has {_FIELDS}",
            hint="minute hour day-of-month month day-of-week: 0 9 * * 1-5 is 09:00 from Monday to Friday",
        )
    try:
        next(CronSim(source, datetime(2000, 1, 1)))  # noqa: DTZ001 - clock readings, no instant
    except CronSimError as error:
        field = str(error).removeprefix("Bad ")
        raise UsageError(f"cadence {source!r}: invalid {field}", hint=_HINT) from None
    except StopIteration:
        raise UsageError(f"cadence {source!r} never comes due", hint=_HINT) from None


def _meant(text: str) -> str:
    """A suggestion for what a text that is not a cadence was meant to be."""
    from difflib import get_close_matches

    word, _, count = text.partition("-")
    near = get_close_matches(word.lstrip("@"), _UNITS, n=1)
    number = count if re.fullmatch("[1-9][0-9]{0,3}", count) else "1"
    return f"did you mean {near[0]}-{number}? {_HINT}" if near else _HINT
