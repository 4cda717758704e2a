"""Instants: how they are stored, read from ISO 8601 or from an editor's input, and displayed.

They are stored and compared in UTC. A text without an offset is a local time in a zone; a local time that is skipped or
repeated when the clocks change is refused, and the error names both possible instants.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta, timezone
from typing import TYPE_CHECKING, NamedTuple

from emdash_cli.domain.errors import UsageError

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo


WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
"""English, like all other output, whatever the locale of the process is."""

# Not datetime.fromisoformat, because each version of Python accepts more.
_ISO = re.compile(
    r"(?:([0-9]{4})([-/.])([0-9]{1,2})\2([0-9]{1,2})|([0-9]{4})(-?)W([0-9]{2})\6([1-7]))"
    r"(?:(?:[Tt]|[ \t]+)([0-9]{1,2}):([0-9]{2})(?::([0-9]{2})(?:[.,]([0-9]+))?)?(?:[ \t]*([AaPp])\.?[Mm]\.?)?"
    # An offset may be given twice, as Go and JavaScript do: +0000 UTC, GMT+0200 (CEST).
    r"(?:[ \t]*(?:([Zz]|UTC|GMT|[ECMP][SD]T)|(?:UTC|GMT)?([+-][0-9]{1,2}(?::[0-9]{2})?|[+-][0-9]{4})"
    r"(?:[ \t]+(?:[A-Z]{3,5}|\([^()]*\)))?))?)?"
)
_ZONED = re.compile(r"(.*?[0-9])[ \t]+([A-Z][A-Za-z_]+(?:/[A-Z][A-Za-z_-]+){1,2})")
_AMERICAN = {"E": 5, "C": 6, "M": 7, "P": 8}
"""Offsets, in hours behind UTC, of the zones in RFC 2822 (https://www.rfc-editor.org/rfc/rfc2822#section-4.3)."""
_MIDNIGHT, _NOON = 24, 12
_HOUR = 60
_ISO_HINT = "write 2026-06-15, 2026-06-15T09:00 or, with an offset, 2026-06-15T09:00+02:00"
_QUOTED = 60


def utc_text(moment: datetime) -> str:
    """An aware instant in its stored form: ``YYYY-MM-DDTHH:MM:SS.mmmZ``, truncated to milliseconds.

    Raises:
        ValueError: the instant has no zone.
    """
    if moment.tzinfo is None:
        raise ValueError(f"an instant without a zone: {moment}")
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def from_utc_text(text: str) -> datetime:
    """The instant in a row, aware, in UTC.

    In addition to the stored form, it reads what other tools write: ``2026-06-15 09:00:00`` (UTC), a date alone, times
    with an offset or without milliseconds.

    Raises:
        ValueError: it is not a time, or an impossible one.
    """
    try:
        return _read(text, UTC).astimezone(UTC)
    except OverflowError as error:
        raise ValueError(f"outside the years 1 to 9999: {text}") from error


def parse_instant(text: str, zone: ZoneInfo) -> datetime:
    """Read ISO 8601: a date (its 00:00), or a date and time, with or without an offset. Returns UTC.

    ``T`` or spaces separate date and time; seconds and their fraction are optional; 24:00 is the end of a day;
    ``2026-W25-1`` is a week date. The forms of YAML 1.1 (https://yaml.org/type/timestamp.html) and of site generators
    are read as well: months, days and hours with one digit, slashes or dots, ``9:00 PM``, and, with or without a space
    before it, an offset, UTC, GMT, or a zone of RFC 2822 or of the IANA database.

    Args:
        text: for example ``2026-06-15 09:00``.
        zone: for a text without an offset.

    Raises:
        UsageError: it is not a time, or it is impossible, skipped or repeated in the zone.
    """
    if zoned := _ZONED.fullmatch(text.strip()):
        return parse_instant(zoned[1], zone_named(zoned[2]))
    try:
        moment = _read(text.strip(), None)
        return moment.astimezone(UTC) if moment.tzinfo else resolve(moment, zone)
    except (ValueError, OverflowError) as error:
        raise UsageError(f"{_quoted(text)} is not a date and time: {error}", hint=_ISO_HINT) from None


def parse_when(text: str, zone: ZoneInfo, now: datetime) -> datetime:
    """Read an editor's input: one of `FORMS`, or anything that `parse_instant` reads. Returns UTC.

    A weekday is the next such day after today, and begins at 00:00, as a date does. A time alone is the next such time.
    ``+1d`` and ``+1w`` keep the local time; ``+2h`` and ``+90m`` are exact.

    Args:
        text: in upper or lower case.
        zone: of the editor's clock.
        now: the present instant, aware.

    Raises:
        UsageError: it has none of the forms, or is impossible, skipped or repeated.
    """
    hint = f"write one of: {FORMS}"
    wall = now.astimezone(zone).replace(tzinfo=None, fold=0)
    try:
        reading = read_words(text, wall)
        if reading:
            start = resolve(reading.wall, zone) if reading.wall else now.astimezone(UTC)
            return start + reading.after
    except (ValueError, OverflowError) as error:
        raise UsageError(f"{_quoted(text)} is not a possible time: {error}", hint=hint) from None
    if text.strip()[:4].isdigit():
        return parse_instant(text, zone)
    raise UsageError(f"{_quoted(text)} is not a time", hint=hint)


def resolve(wall: datetime, zone: ZoneInfo) -> datetime:
    """The instant, in UTC, at which the clocks of ``zone`` show ``wall`` (naive).

    Raises:
        UsageError: they never show it, or show it twice.
        OverflowError: it is outside the years 1 to 9999.
    """
    first, second = wall.replace(tzinfo=zone, fold=0), wall.replace(tzinfo=zone, fold=1)
    if first.utcoffset() == second.utcoffset():
        return first.astimezone(UTC)
    shown = wall.isoformat(sep=" ", timespec="minutes")
    early, late = sorted((first.astimezone(UTC), second.astimezone(UTC)))
    exists = early.astimezone(zone).replace(tzinfo=None, fold=0) == wall
    problem = (
        f"{shown} occurs twice in {zone.key}, where the clocks go back"
        if exists
        else f"{shown} does not exist in {zone.key}, where the clocks go forward"
    )
    raise UsageError(
        f"{problem}: it can mean {describe(early, zone)} or {describe(late, zone)}",
        hint=f"write {_with_offset(early, zone)} or {_with_offset(late, zone)}",
        code="clock_change",
    )


def describe(moment: datetime, zone: ZoneInfo) -> str:
    """An instant for people: ``Mon 2026-06-15 09:00 CEST (2026-06-15T07:00:00Z)``."""
    try:
        local = moment.astimezone(zone)
    except OverflowError:  # The first or the last representable day.
        local = moment.astimezone(UTC)
    clock = f"{WEEKDAYS[local.weekday()]} {local.date()} {local:%H:%M} {local.tzname()}"
    return f"{clock} ({moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec='seconds')}Z)"


def zone_named(name: str) -> ZoneInfo:
    """The zone of the IANA database with this name, such as ``Europe/Berlin``.

    Raises:
        UsageError: there is none; the hint suggests similar names.
    """
    from zoneinfo import ZoneInfo

    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise UsageError(f"unknown time zone {name!r}", hint=_near_zones(name)) from None


def _near_zones(name: str) -> str:
    """Advice for an unknown zone."""
    from difflib import get_close_matches
    from zoneinfo import available_timezones

    zones = sorted(available_timezones())
    if not zones:
        return "this system has no time zone database: install its tzdata package, or pip install tzdata"
    wanted = name.strip().lower().replace(" ", "_")
    by_key = {key: zone for zone in zones for key in (zone.lower(), zone.lower().rpartition("/")[2])}
    if wanted in by_key:
        return f"did you mean {by_key[wanted]}?"
    near = [by_key[key] for key in get_close_matches(wanted, by_key, n=3, cutoff=0.7)]
    example = "write a name such as Europe/Berlin, America/New_York or UTC"
    return f"did you mean {' or '.join(dict.fromkeys(near))}?" if near else example


def _read(text: str, default: timezone | None) -> datetime:
    """An ISO 8601 date, or date and time, with its own offset or the default one.

    Raises:
        ValueError: it has another form, or its date, time or offset is impossible.
    """
    match = _ISO.fullmatch(text)
    if match is None:
        raise ValueError("its format is not recognised")
    year, _, month, day, week_year, _, week, weekday, hour, minute, second, fraction, half, name, offset = (
        match.groups()
    )
    if week_year:
        start = date.fromisocalendar(int(week_year), int(week), int(weekday))
    else:
        start = date(int(year), int(month), int(day))
    hours = _hour(int(hour or 0), half)
    late = hours == _MIDNIGHT and not int(f"{minute}{second or 0}{fraction or 0}")
    clock = time(0 if late else hours, int(minute or 0), int(second or 0), int((fraction or "").ljust(6, "0")[:6]))
    tzinfo = _offset(offset or name) if offset or name else default
    return datetime.combine(start, clock, tzinfo) + timedelta(days=late)


def _hour(hour: int, half: str | None) -> int:
    """The hour of a day, read from a 12-hour clock if `half` names the half of the day."""
    if not half:
        return hour
    if not 1 <= hour <= _NOON:
        raise ValueError(f"{hour} is not an hour on a 12-hour clock")
    return hour % _NOON + (_NOON if half in "pP" else 0)


def _quoted(text: str) -> str:
    """The text, shortened for a message."""
    return repr(text if len(text) <= _QUOTED else text[:_QUOTED] + "…")


def _offset(text: str) -> timezone:
    """``Z``, ``UTC``, ``EST``, ``+2``, ``+02``, ``+0200`` or ``+02:00``; up to 23:59 in either direction."""
    if text in {"Z", "z", "UTC", "GMT"}:
        return UTC
    if text[0] in _AMERICAN:
        return timezone(-timedelta(hours=_AMERICAN[text[0]] - (text[1] == "D")))
    digits = text[1:].replace(":", "")
    hours, minutes = (int(digits[:-2]), int(digits[-2:])) if len(digits) > len("02") else (int(digits), 0)
    if minutes >= _HOUR:
        raise ValueError(f"the offset {text} has more than 59 minutes")
    span = timedelta(hours=hours, minutes=minutes)
    return timezone(-span if text.startswith("-") else span)


def _with_offset(moment: datetime, zone: ZoneInfo) -> str:
    """An instant in a form that `parse_instant` reads unambiguously."""
    return moment.astimezone(zone).isoformat()


FORMS = (
    "now, 9:00, 9am, 5:30pm, noon, midnight (the next one), today 18:00, tomorrow, tomorrow 09:00, "
    "monday, next friday 9:00, +90m, +2h, +1h30m, +1d, +1w, 2026-06-15, 2026-06-15T09:00, "
    "2026-06-15T09:00+02:00, 2026-W25-1"
)
"""Every accepted form by example, for people."""

_DAYS = (
    ("mon", "monday"),
    ("tue", "tues", "tuesday"),
    ("wed", "weds", "wednesday"),
    ("thu", "thur", "thurs", "thursday"),
    ("fri", "friday"),
    ("sat", "saturday"),
    ("sun", "sunday"),
)
WEEKDAY = {word: number for number, words in enumerate(_DAYS) for word in words}
"""Monday is 0."""
TIME = "[0-9]{1,2}:[0-9]{2}|[0-9]{1,2}(?::[0-9]{2})? ?[ap]m|noon|midnight"
"""Regular expression for the times of day that `time_of_day` reads."""
# Patterns are kept as text: compiling them would slow down every start, and few commands read such times.
_SPOKEN = (
    rf"(?P<day>today|tomorrow|(?:next )?(?:{'|'.join(WEEKDAY)})|[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}})?"
    rf"(?:(?(day) )(?:at )?(?P<time>{TIME}))?"
)
_AFTER = r"\+(?=[0-9])(?:([0-9]{1,6})w)? ?(?:([0-9]{1,6})d)? ?(?:([0-9]{1,6})h)? ?(?:([0-9]{1,6})m)?"
_END = "24:00"
"""The end of a day in ISO 8601, which is the beginning of the next day."""


class ClockReading(NamedTuple):
    """A local time, and a duration to add to its instant."""

    wall: datetime | None
    """Naive; None for the present instant."""
    after: timedelta = timedelta()


def read_words(text: str, wall: datetime) -> ClockReading | None:
    """The local time that ``text`` names, or None if it has none of the forms.

    A weekday is the next such day after today; a time alone is the next one after ``wall``. Weeks and days of ``+…``
    keep the local time; hours and minutes are exact.

    Args:
        text: case and extra spaces are ignored.
        wall: the present local time, naive.

    Raises:
        ValueError: it has one of the forms, but with an impossible date or time.
        OverflowError: it is outside the years 1 to 9999.
    """
    words = " ".join(text.lower().split())
    if words == "now":
        return ClockReading(None)
    if match := re.fullmatch(_AFTER, words):
        weeks, days, hours, minutes = (int(group or 0) for group in match.groups())
        span = timedelta(weeks=weeks, days=days)
        return ClockReading(wall + span if span else None, timedelta(hours=hours, minutes=minutes))
    match = re.fullmatch(_SPOKEN, words)
    if match is None or words in {"", "today", "today midnight", "today at midnight"}:
        # The beginning of today has passed, which nobody means by these.
        return None
    if match["time"] is None:
        return ClockReading(datetime.combine(_day(match["day"], wall.date()), time()))
    is_end = match["time"] == _END
    clock = time() if is_end else time_of_day(match["time"])
    if match["day"]:
        return ClockReading(datetime.combine(_day(match["day"], wall.date()) + timedelta(days=is_end), clock))
    reading = datetime.combine(wall.date(), clock)
    return ClockReading(reading if reading > wall else reading + timedelta(days=1))


def _day(words: str, today: date) -> date:
    """The day; a weekday never means today."""
    if words == "today":
        return today
    if words == "tomorrow":
        return today + timedelta(days=1)
    weekday = WEEKDAY.get(words.removeprefix("next "))
    if weekday is None:
        return date.fromisoformat(words)
    return today + timedelta(days=(weekday - today.weekday() - 1) % 7 + 1)


def time_of_day(words: str) -> time:
    """The time of day, read from a 24-hour or a 12-hour clock.

    Args:
        words: in lower case, as `TIME` has them.

    Raises:
        ValueError: there is no such time.
    """
    if words in {"noon", "midnight"}:
        return time(_NOON if words == "noon" else 0)
    half = words[-2:] if words.endswith("m") else ""
    hour, _, minute = words.removesuffix(half).strip().partition(":")
    if not half:
        return time(int(hour), int(minute))
    if not 1 <= int(hour) <= _NOON:
        raise ValueError(f"{words} is not on a 12-hour clock")
    return time(int(hour) % _NOON + (_NOON if half == "pm" else 0), int(minute or 0))
