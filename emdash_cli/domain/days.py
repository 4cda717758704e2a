"""Days as a clock on the wall has them: of 23, 24 or 25 hours, and begun when the clock first shows their date."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Final

from emdash_cli.domain.errors import UsageError
from emdash_cli.domain.instants import parse_instant

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}|[0-9]{4}(-?)W[0-9]{2}\1[1-7]")


def start_of_day(day: date, zone: ZoneInfo) -> datetime:
    """The first instant of a day, in UTC.

    Where the clocks skip midnight that is the instant at which they do: the reading before the change, which
    `fold=0` stands for in a gap, names it (https://peps.python.org/pep-0495/).
    """
    return datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(UTC)


def parse_day(text: str) -> date:
    """Read ``2026-06-15``, or the day of a week, ``2026-W25-1``.

    Raises:
        UsageError: another form, or a day that is not in the calendar.
    """
    shown = repr(text[:60])
    if not _DAY.fullmatch(text.strip()):
        raise UsageError(f"{shown} is not a date", hint="write 2026-06-15")
    try:
        return date.fromisoformat(text.strip())
    except ValueError as error:
        raise UsageError(f"{shown} is not a date: {error}", hint="write 2026-06-15") from None


def parse_period(start: str | None, end: str | None) -> tuple[date | None, date | None]:
    """Read the first and the last day of a period; either may be left open.

    Raises:
        UsageError: one of them is no day, or the first comes after the last.
    """
    first, last = parse_day(start) if start else None, parse_day(end) if end else None
    if first and last and first > last:
        raise UsageError(
            f"the period from {first} to {last} ends before it begins", hint=f"write --from {last} --to {first}"
        )
    return first, last


def parse_start(text: str, zone: ZoneInfo) -> datetime:
    """Read the beginning of a period: a date, which begins when the day does, or whatever `parse_instant` reads.

    Raises:
        UsageError: neither, or a day that begins before the year 1 or after the year 9999 of UTC.
    """
    if _DAY.fullmatch(text.strip()):
        day = parse_day(text)
        try:
            return start_of_day(day, zone)
        except OverflowError:
            raise UsageError(
                f"{day} in {zone.key} begins outside the years 1 to 9999", hint="ask for another day"
            ) from None
    return parse_instant(text, zone)
