"""Slots: the times at which a stream's posts go live one by one, as ``mon 09:00`` or a cadence names them.

A slot is a local time. If the clocks skip it on a day, it is the instant at which they move; if they show it twice, it
is the first of the two. `Cadence` treats the ticks of its cron expressions the same way.
"""

from __future__ import annotations

import heapq
import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise, takewhile
from typing import TYPE_CHECKING, Final, NamedTuple, Protocol

from emdash_cli.domain.cadence import Cadence, first_instant
from emdash_cli.domain.errors import UsageError
from emdash_cli.domain.instants import TIME, WEEKDAY, WEEKDAYS, time_of_day

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from zoneinfo import ZoneInfo

SLOT_FORMS: Final = "'mon 09:00', 'mon,thu 9am', 'mon-fri 09:00,17:00', 'weekdays 09:00', 'weekends noon', 'daily 8:30'"
"""What a slot may look like, by example, for people."""

_WEEK: Final = 7
_GROUPS: Final = {
    "daily": range(_WEEK),
    "day": range(_WEEK),
    "weekdays": range(5),
    "weekday": range(5),
    "weekends": range(5, _WEEK),
    "weekend": range(5, _WEEK),
}
_MINUTE: Final = timedelta(minutes=1)
_DAY: Final = timedelta(days=1)
_END: Final = datetime(9999, 12, 25)  # noqa: DTZ001 - a clock reading, no instant
_OPENING: Final = time(9)
_OPEN: Final = timedelta(hours=12)
"""A quota names no time of day: its articles are spread over the hours from 09:00 to 21:00."""


class Slot(NamedTuple):
    """One slot; both instants are in UTC.

    Attributes:
        at: when its post goes live.
        until: a post that goes live from `at` until then, without that instant, takes the slot.
    """

    at: datetime
    until: datetime


class FreeSlots(NamedTuple):
    """When posts go live of which each takes a free slot.

    Attributes:
        every: names the slots, as `WeeklyTimes` reads them; None: those of the posts' streams.
        start: aware; the first slot may be then. None: now. Slots that have passed are not taken.
    """

    every: str | None = None
    start: datetime | None = None


class Timetable(Protocol):
    """What names the slots of a stream."""

    def slots_after(self, moment: datetime, zone: ZoneInfo) -> Iterator[Slot]:
        """The slots whose instant is after ``moment``, an aware one, in order, at most until late in the year 9999."""


def timetable(slots: tuple[str, ...], cadence: str | None) -> Timetable | None:
    """The slots of a stream with those settings; None if it has neither.

    Raises:
        UsageError: one of them cannot be read.
    """
    if slots:
        return WeeklyTimes.parse(slots)
    if cadence is None:
        return None
    found = Cadence.parse(cadence)
    quota = found.quota()
    return CronTicks(found) if quota is None else QuotaTimes(found.unit, quota)


@dataclass(frozen=True, slots=True)
class WeeklyTimes:
    """Times of days of the week. Create it with `parse`.

    Attributes:
        times: number of the day, of which Monday is 0, and time of day; in order.
    """

    times: tuple[tuple[int, time], ...]

    @classmethod
    def parse(cls, texts: Iterable[str]) -> WeeklyTimes:
        """Read texts of the `SLOT_FORMS`; case and extra spaces are ignored.

        Raises:
            UsageError: one has another form, names an impossible time, or two name the same time.
        """
        seen: dict[tuple[int, time], str] = {}
        for text in texts:
            named = dict.fromkeys(_times_of(text), text)
            for day, clock in seen.keys() & named.keys():
                raise UsageError(
                    f"{seen[day, clock]!r} and {text!r} both name {WEEKDAYS[day]} {clock:%H:%M}",
                    hint="name each time once: a slot takes one post",
                )
            seen |= named
        return cls(tuple(sorted(seen)))

    def slots_after(self, moment: datetime, zone: ZoneInfo) -> Iterator[Slot]:
        """As `Timetable` says. A post takes a slot if it goes live in its minute."""
        ordered = _in_order(self._readings(_day_before(moment, zone)), lambda wall: _first(wall, zone))
        return (Slot(at, at + _MINUTE) for at in _after(moment, ordered))

    def _readings(self, first: date) -> Iterator[datetime]:
        for day in _days_from(first):
            for weekday, clock in self.times:
                if weekday == day.weekday():
                    yield datetime.combine(day, clock)


@dataclass(frozen=True, slots=True)
class CronTicks:
    """The ticks of a cron expression."""

    cadence: Cadence

    def slots_after(self, moment: datetime, zone: ZoneInfo) -> Iterator[Slot]:
        """As `Timetable` says. A post takes a slot if it goes live in its minute."""
        readings = self._readings(_day_before(moment, zone))
        ordered = _in_order(readings, lambda tick: self.cadence.instants(tick.replace(tzinfo=zone)))
        return (Slot(at, at + _MINUTE) for at in _after(moment, ordered))

    def _readings(self, first: date) -> Iterator[datetime]:
        try:
            yield from takewhile(lambda tick: tick < _END, self.cadence.ticks_from(datetime.combine(first, time())))
        except OverflowError:
            return


@dataclass(frozen=True, slots=True)
class QuotaTimes:
    """So many times in each hour, day, week or month, at even distances.

    Up to one article a day, each has a day of its own, at 09:00; more are spread over the hours from 09:00 to 21:00.
    Those of an hour begin with it.

    Attributes:
        unit: as `Cadence` has it.
    """

    unit: str
    count: int

    def slots_after(self, moment: datetime, zone: ZoneInfo) -> Iterator[Slot]:
        """As `Timetable` says. A slot lasts until the next one: whatever goes live in between is one of the quota."""
        # An hour that the clocks repeat is two periods.
        instants = _each if self.unit == "hourly" else _first
        ordered = _in_order(self._readings(_day_before(moment, zone)), lambda wall: instants(wall, zone))
        return (Slot(at, until) for at, until in pairwise(_after(moment, ordered)))

    def _readings(self, first: date) -> Iterator[datetime]:
        if self.unit == "hourly":
            spread = [_rounded(timedelta(hours=1), part, self.count) for part in range(self.count)]
            hours = (datetime.combine(day, time(hour)) for day in _days_from(first) for hour in range(24))
            yield from (hour + span for hour in hours for span in spread)
            return
        for start, days in _periods(self.unit, first):
            yield from self._readings_of(start, days)

    def _readings_of(self, start: date, days: int) -> Iterator[datetime]:
        if self.count <= days:
            for part in range(self.count):
                yield datetime.combine(start + part * days // self.count * _DAY, _OPENING)
            return
        for part in range(self.count):
            day, rest = divmod(_rounded(days * _OPEN, part, self.count), _OPEN)
            yield datetime.combine(start, _OPENING) + day * _DAY + rest


def _times_of(text: str) -> Iterator[tuple[int, time]]:
    """Each time that one text names, as in `WeeklyTimes.times`."""
    words = re.sub(r" ?([,-]) ?", r"\1", " ".join(text.lower().split()))
    days, _, times = words.partition(" ")
    hint = f"write one of: {SLOT_FORMS}"
    if re.fullmatch(TIME, words):
        raise UsageError(f"{text!r} names no day", hint=f"write 'daily {words}' or 'weekdays {words}'")
    numbers = _weekdays(days)
    clocks = times.removeprefix("at ").split(",")
    if numbers is None or not all(re.fullmatch(TIME, clock) for clock in clocks):
        raise UsageError(f"{text!r} is not a day of the week with a time", hint=hint)
    try:
        found = [time_of_day(clock) for clock in clocks]
    except ValueError as error:
        raise UsageError(f"{text!r} is not a possible time: {error}", hint=hint) from None
    yield from ((number, clock) for number in dict.fromkeys(numbers) for clock in dict.fromkeys(found))


def _weekdays(words: str) -> list[int] | None:
    """The numbers of the days; None if a word is no day. A range may go over the end of the week: ``fri-mon``."""
    numbers: list[int] = []
    for word in words.split(","):
        first, dash, last = word.partition("-")
        if word in _GROUPS:
            numbers += _GROUPS[word]
        elif first in WEEKDAY and (last in WEEKDAY or not dash):
            span = (WEEKDAY[last or first] - WEEKDAY[first]) % _WEEK
            numbers += ((WEEKDAY[first] + step) % _WEEK for step in range(span + 1))
        else:
            return None
    return numbers


def _rounded(whole: timedelta, part: int, parts: int) -> timedelta:
    """The beginning of a part of a span, in whole minutes unless the parts are shorter than that; then in seconds."""
    unit = _MINUTE if whole >= parts * _MINUTE else timedelta(seconds=1)
    return whole * part / parts // unit * unit


def _periods(unit: str, day: date) -> Iterator[tuple[date, int]]:
    """The days, weeks or months from the one of that day on: first day and number of days."""
    match unit:
        case "monthly":
            months = range(day.year * 12 + day.month - 1, date.max.year * 12 + 10)
            for start, after in pairwise(date(month // 12, month % 12 + 1, 1) for month in months):
                yield start, (after - start).days
        case "weekly":
            yield from ((monday, _WEEK) for monday in _days_from(day - day.weekday() * _DAY, _WEEK))
        case _:
            yield from ((start, 1) for start in _days_from(day))


def _days_from(first: date, step: int = 1) -> Iterator[date]:
    """Every so many days from that one on, until shortly before the end of the year 9999."""
    return map(date.fromordinal, range(first.toordinal(), date.max.toordinal() - _WEEK, step))


def _day_before(moment: datetime, zone: ZoneInfo) -> date:
    """The local day before the moment: no clock has ever been turned by more than a day."""
    return moment.astimezone(zone).date() - _DAY


def _first(wall: datetime, zone: ZoneInfo) -> list[datetime]:
    return [first_instant(wall.replace(tzinfo=zone))]


def _each(wall: datetime, zone: ZoneInfo) -> list[datetime]:
    [first] = _first(wall, zone)
    last = wall.replace(tzinfo=zone, fold=1).astimezone(UTC)
    return [first, last] if last > first else [first]


def _in_order(readings: Iterable[datetime], instants: _Instants) -> Iterator[datetime]:
    """The instants of readings that ascend. Where the clocks go back, they do not ascend themselves."""
    waiting: list[datetime] = []
    for reading in readings:
        new = instants(reading)
        while waiting and waiting[0] < new[0]:
            yield heapq.heappop(waiting)
        for instant in new:
            heapq.heappush(waiting, instant)
    while waiting:
        yield heapq.heappop(waiting)


class _Instants(Protocol):
    """The instants, in UTC and ascending, at which the clocks show a reading: one or two."""

    def __call__(self, wall: datetime, /) -> list[datetime]: ...


def _after(moment: datetime, instants: Iterable[datetime]) -> Iterator[datetime]:
    """Those after the moment, each once."""
    last = moment
    for instant in instants:
        if instant > last:
            yield instant
            last = instant
