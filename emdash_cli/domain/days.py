"""Days as a clock on the wall has them: of 23, 24 or 25 hours, and begun when the clock first shows their date."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Final

from emdash_cli.domain.errors import UsageError
from emdash_cli.domain.instants import parse_instant

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def start_of_day(day: date, zone: ZoneInfo) -> datetime:
    """The first instant of a day, in UTC.

    Where the clocks skip midnight that is the instant at which they do: the reading before the change, which
    `fold=0` stands for in a gap, names it (https://peps.python.org/pep-0495/).
    """
    return datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(UTC)


def parse_day(text: str) -> date:
    """Read ``2026-06-15``.

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


def parse_start(text: str, zone: ZoneInfo) -> datetime:
    """Read the beginning of a period: a date, which begins when the day does, or whatever `parse_instant` reads.

    Raises:
        UsageError: neither.
    """
    if _DAY.fullmatch(text.strip()):
        return start_of_day(parse_day(text), zone)
    return parse_instant(text, zone)
