"""What an editor types for a time: ``tomorrow 09:00``, ``mon 8:30``, ``+1h30m``.

Pure grammar: the answer is a clock reading; `emdash_cli.domain.instants.parse_when` finds its instant.
"""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta
from typing import NamedTuple

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
_WEEKDAY = {word: number for number, words in enumerate(_DAYS) for word in words}
_TIME = "[0-9]{1,2}:[0-9]{2}|[0-9]{1,2}(?::[0-9]{2})? ?[ap]m|noon|midnight"
_SPOKEN = re.compile(
    rf"(?P<day>today|tomorrow|(?:next )?(?:{'|'.join(_WEEKDAY)})|[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}})?"
    rf"(?:(?(day) )(?:at )?(?P<time>{_TIME}))?"
)
_AFTER = re.compile(r"\+(?=[0-9])(?:([0-9]{1,6})w)? ?(?:([0-9]{1,6})d)? ?(?:([0-9]{1,6})h)? ?(?:([0-9]{1,6})m)?")
_NOON = 12
_END = "24:00"
"""The end of a day in ISO 8601, which is the beginning of the next one."""


class Reading(NamedTuple):
    """A clock reading, and what is to be added to its instant."""

    wall: datetime | None
    """Naive; None for the present instant."""
    after: timedelta = timedelta()


def read_words(text: str, wall: datetime) -> Reading | None:
    """The reading that ``text`` names, or None if it is none of the forms.

    A weekday is the next such day after today; a time alone is the next one after ``wall``. Weeks and
    days of ``+…`` keep the clock reading, hours and minutes are exact.

    Args:
        text: case and surplus blanks do not matter.
        wall: the present clock reading, naive.

    Raises:
        ValueError: one of the forms, but with an impossible date or time.
        OverflowError: it lies outside the years 1 to 9999.
    """
    words = " ".join(text.lower().split())
    if words == "now":
        return Reading(None)
    if match := _AFTER.fullmatch(words):
        weeks, days, hours, minutes = (int(group or 0) for group in match.groups())
        span = timedelta(weeks=weeks, days=days)
        return Reading(wall + span if span else None, timedelta(hours=hours, minutes=minutes))
    match = _SPOKEN.fullmatch(words)
    if match is None or words in {"", "today", "today midnight", "today at midnight"}:
        # The beginning of today is past, which is not what anybody means by these.
        return None
    if match["time"] is None:
        return Reading(datetime.combine(_day(match["day"], wall.date()), time()))
    is_end = match["time"] == _END
    clock = time() if is_end else _clock(match["time"])
    if match["day"]:
        return Reading(datetime.combine(_day(match["day"], wall.date()) + timedelta(days=is_end), clock))
    reading = datetime.combine(wall.date(), clock)
    return Reading(reading if reading > wall else reading + timedelta(days=1))


def _day(words: str, today: date) -> date:
    """The day that is meant; a weekday is never today."""
    if words == "today":
        return today
    if words == "tomorrow":
        return today + timedelta(days=1)
    weekday = _WEEKDAY.get(words.removeprefix("next "))
    if weekday is None:
        return date.fromisoformat(words)
    return today + timedelta(days=(weekday - today.weekday() - 1) % 7 + 1)


def _clock(words: str) -> time:
    """The time of day that is meant, on a clock of 24 or of 12 hours."""
    if words in {"noon", "midnight"}:
        return time(_NOON if words == "noon" else 0)
    half = words[-2:] if words.endswith("m") else ""
    hour, _, minute = words.removesuffix(half).strip().partition(":")
    if not half:
        return time(int(hour), int(minute))
    if not 1 <= int(hour) <= _NOON:
        raise ValueError(f"{words} is not on a clock of 12 hours")
    return time(int(hour) % _NOON + (_NOON if half == "pm" else 0), int(minute or 0))
