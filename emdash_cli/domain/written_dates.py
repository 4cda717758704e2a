"""Dates as people and other tools write them, put into ISO 8601: ``Jul 08 2022``, ``Tue, 10 Jun 2014 09:00:00 GMT``.

Read are the forms of RFC 2822 (https://www.rfc-editor.org/rfc/rfc2822#section-3.3), of Ruby's ``Time.parse``, which
Jekyll calls, of Go's layouts that Hugo tries (https://github.com/spf13/cast), and of JavaScript's ``Date``, which Astro
and Eleventy call. Where these disagree about which number is the day, the date is refused with both readings named.
"""

from __future__ import annotations

import re
from datetime import date
from typing import Final

from emdash_cli.domain.errors import UsageError

_NAMES: Final = (
    "january", "february", "march", "april", "may", "june",
    "july", "august", "september", "october", "november", "december",
)  # fmt: skip
_MONTHS: Final = {word: number for number, name in enumerate(_NAMES, 1) for word in (name, name[:3])} | {"sept": 9}
_WEEKDAY: Final = r"(?:(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?\.?,? +)?"
_TIME: Final = r"(?:(?:,| at|,? +@)? *(?P<time>(?:T| )[0-9].*))?"
_CLOCK: Final = r"[0-9]{1,2}:[0-9]{2}:[0-9]{2}"
_DAY: Final = r"(?P<day>[0-9]{1,2})(?:st|nd|rd|th)?"
_MONTH: Final = r"(?P<month>[a-z]{3,9})\.?"
_FORMS: Final = tuple(
    re.compile(_WEEKDAY + form, re.IGNORECASE)
    for form in (
        rf"{_DAY}[ .-]+(?:of )?{_MONTH},?[ -](?P<year>[0-9]{{4}}|[0-9]{{2}}){_TIME}",
        rf"{_MONTH}[ -]{_DAY}(?:, ?|[ -])(?P<year>[0-9]{{4}}){_TIME}",
        rf"(?P<year>[0-9]{{4}})[ -]{_MONTH}[ -]{_DAY}{_TIME}",
        # as the C library and Unix's date write it
        rf"{_MONTH} {_DAY} (?P<time>{_CLOCK}(?: [A-Z]{{3,4}}| [+-][0-9]{{4}})?) (?P<year>[0-9]{{4}})",
        rf"(?P<year>[0-9]{{4}})年 ?(?P<month>[0-9]{{1,2}})月 ?{_DAY}日{_TIME}",
    )
)
_NUMBERS: Final = re.compile(
    rf"(?P<first>[0-9]{{1,2}})(?P<between>[-/.])(?P<second>[0-9]{{1,2}})(?P=between)(?P<third>[0-9]{{4}}|[0-9]{{1,2}}){_TIME}"
)
PIVOT: Final = 69
"""The first year of two digits in the last century, for Ruby, Go and POSIX alike."""
_MONTHS_A_YEAR: Final = 12


def iso_text(text: str, *, as_ruby: bool = False) -> str | None:
    """The date, and the time if there is one, with the date in ISO 8601; None for none of the forms.

    Args:
        text: whatever its author took for a date.
        as_ruby: take ``11-9-2017`` and ``11/9/2017`` for days in September, and ``14-3-3`` for a day in 2014.

    Raises:
        UsageError: the day and the month of the date cannot be distinguished.
        ValueError: a day that no calendar has.
    """
    words = " ".join(text.split())
    found = next((match for form in _FORMS if (match := form.fullmatch(words))), None)
    if found is None:
        numbers = _NUMBERS.fullmatch(words)
        return _of_numbers(numbers, as_ruby=as_ruby) if numbers else None
    name = found["month"].lower()
    month = int(name) if name.isdigit() else _MONTHS.get(name)
    if month is None:
        return None
    return _joined(date(_year(found["year"]), month, int(found["day"])), found["time"])


def _of_numbers(found: re.Match[str], *, as_ruby: bool) -> str:
    first, second, third = (int(found[part]) for part in ("first", "second", "third"))
    if len(found["third"]) <= len("14"):
        if as_ruby:
            return _joined(date(_year(found["first"]), second, third), found["time"])
        raise UsageError(f"{found[0]} has a year of two digits", hint="write the date as 2026-06-15")
    if second > _MONTHS_A_YEAR:
        return _joined(date(third, first, second), found["time"])
    day_first = date(third, second, first)
    if as_ruby or found["between"] == "." or first > _MONTHS_A_YEAR or first == second:
        return _joined(day_first, found["time"])
    month_first = date(third, first, second)
    raise UsageError(f"{found[0]} can mean {day_first} or {month_first}", hint=f"write {day_first} or {month_first}")


def _year(digits: str) -> int:
    year = int(digits)
    if len(digits) > len("14"):
        return year
    return year + (1900 if year >= PIVOT else 2000)


def _joined(day: date, time: str | None) -> str:
    return f"{day.isoformat()} {time.lstrip('Tt ')}" if time else day.isoformat()
