"""Days, periods and durations as an operator types and reads them: ``2026-06-15``, ``26h``, ``1d 12h``.

A day has 23, 24 or 25 hours, and begins when the clocks first show its date.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Final

from emdash_cli.domain.errors import UsageError
from emdash_cli.domain.instants import parse_instant

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo


_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}|[0-9]{4}(-?)W[0-9]{2}\1[1-7]")


def start_of_day(day: date, zone: ZoneInfo) -> datetime:
    """The first instant of a day, in UTC.

    Where the clocks skip midnight, it is the instant at which they do. That instant is named by the reading before the
    change, for which `fold=0` stands in a gap (https://peps.python.org/pep-0495/).
    """
    return datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(UTC)


def parse_day(text: str) -> date:
    """Read ``2026-06-15``, or a week date such as ``2026-W25-1``.

    Raises:
        UsageError: the text has another form, or the day does not exist.
    """
    shown = repr(text[:60])
    if not _DAY.fullmatch(text.strip()):
        raise UsageError(f"{shown} is not a date", hint="write 2026-06-15")
    try:
        return date.fromisoformat(text.strip())
    except ValueError as error:
        raise UsageError(f"{shown} is not a date: {error}", hint="write 2026-06-15") from None


def parse_period(start: str | None, end: str | None) -> tuple[date | None, date | None]:
    """Read the first and the last day of a period. Either may be open.

    Raises:
        UsageError: one of them is not a day, or the first is after the last.
    """
    first, last = parse_day(start) if start else None, parse_day(end) if end else None
    if first and last and first > last:
        raise UsageError(
            f"the period from {first} to {last} ends before it begins", hint=f"write --from {last} --to {first}"
        )
    return first, last


def parse_start(text: str, zone: ZoneInfo) -> datetime:
    """Read the beginning of a period: a date (the beginning of that day), or anything that `parse_instant` reads.

    Raises:
        UsageError: it is neither, or the day begins before the year 1 or after the year 9999 in UTC.
    """
    if _DAY.fullmatch(text.strip()):
        day = parse_day(text)
        try:
            return start_of_day(day, zone)
        except OverflowError:
            raise UsageError(
                f"{day} in {zone.key} begins outside the years 1 to 9999", hint="choose another day"
            ) from None
    return parse_instant(text, zone)


_UNITS: Final = (("w", "weeks"), ("d", "days"), ("h", "hours"), ("m", "minutes"), ("s", "seconds"))
_SPAN: Final = re.compile(r"(?=[0-9])" + " ?".join(rf"(?:([0-9]{{1,6}}){unit})?" for unit, _ in _UNITS))
_SHOWN: Final = ((86_400, "d"), (3_600, "h"), (60, "m"), (1, "s"))


def parse_duration(text: str) -> timedelta:
    """Read ``90s``, ``15m``, ``26h``, ``7d``, ``2w`` or a combination such as ``1h30m``.

    Raises:
        UsageError: the text has another form.
    """
    match = _SPAN.fullmatch(" ".join(text.lower().split()))
    if match is None:
        raise UsageError(f"{text!r} is not a duration", hint="write, for example, 90s, 15m, 26h, 7d or 1h30m")
    return timedelta(**{name: int(number) for (_, name), number in zip(_UNITS, match.groups(), strict=True) if number})


def describe_duration(span: timedelta) -> str:
    """A duration for people, in its two largest units: ``3d 4h``. Negative durations count as zero."""
    left = max(0, int(span.total_seconds()))
    parts = []
    for seconds, unit in _SHOWN:
        number, left = divmod(left, seconds)
        parts.append((number, unit))
    first = next((place for place, (number, _) in enumerate(parts) if number), len(parts) - 1)
    return " ".join(f"{number}{unit}" for number, unit in parts[first : first + 2] if number) or "0s"
