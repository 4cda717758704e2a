"""Move times by a span that editors write, such as ``+7d``: days keep the local time, hours and minutes are exact."""

from __future__ import annotations

import re
from datetime import timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, Final, NamedTuple

from emdash_cli.domain.errors import UsageError
from emdash_cli.domain.instants import resolve

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from zoneinfo import ZoneInfo

_SPAN: Final = re.compile(
    r"([+-])(?=[0-9])(?:([0-9]{1,4})w)? ?(?:([0-9]{1,5})d)? ?(?:([0-9]{1,6})h)? ?(?:([0-9]{1,6})m)?"
)
_SATURDAY: Final = 5
_APART: Final = timedelta(minutes=1)


class Shift(NamedTuple):
    """How far times are moved.

    Attributes:
        text: as it was written.
        days: keep the local time.
        exact: is added to the instant.
        skips_weekends: whether what lands on a Saturday or Sunday goes on to Monday.
    """

    text: str
    days: timedelta
    exact: timedelta
    skips_weekends: bool = False


def parse_shift(text: str, *, skips_weekends: bool = False) -> Shift:
    """Read ``+7d``, ``-2d``, ``+1w``, ``+3h``, ``-90m`` or a combination such as ``+1w2d``.

    Raises:
        UsageError: the text has another form, or moves nothing.
    """
    words = " ".join(text.lower().split())
    match = _SPAN.fullmatch(words)
    weeks, days, hours, minutes = (int(number or 0) for number in match.groups()[1:]) if match else (0, 0, 0, 0)
    if not (match and (weeks or days or hours or minutes)):
        hint = "write, for example, +7d, -2d, +3h or +1w"
        raise UsageError(f"{text[:60]!r} is not a span of time with a sign", hint=hint)
    sign = -1 if match[1] == "-" else 1
    exact = timedelta(hours=hours, minutes=minutes)
    return Shift(words.replace(" ", ""), sign * timedelta(weeks=weeks, days=days), sign * exact, skips_weekends)


def shifted(at: datetime, shift: Shift, zone: ZoneInfo) -> datetime:
    """The instant, in UTC, to which `at` moves; `in_order` keeps several of them in order.

    Raises:
        UsageError: the local time does not exist then, or occurs twice.
        OverflowError: it is outside the years 1 to 9999.
    """
    wall = at.astimezone(zone).replace(tzinfo=None, fold=0)
    # An exact span leads from an hour that occurs twice to one instant; days would not.
    moved = (resolve(wall + shift.days, zone) if shift.days else at) + shift.exact
    return _after_weekend(moved, zone) if shift.skips_weekends else moved


def in_order(before: Sequence[datetime], after: Sequence[datetime], zone: ZoneInfo) -> list[datetime]:
    """The new times, changed so that none overtakes another: what would is a minute later than what it overtook.

    What had the same time keeps the same time. Only needed where weekends are skipped.

    Args:
        before: the former times.
        after: the new one of each.
        zone: of the weekends.
    """
    order = sorted(range(len(before)), key=lambda place: before[place])
    new = list(after)
    for earlier, later in pairwise(order):
        if before[earlier] == before[later]:
            new[later] = new[earlier]
        elif new[later] <= new[earlier]:
            new[later] = _after_weekend(new[earlier] + _APART, zone)
    return new


def _after_weekend(at: datetime, zone: ZoneInfo) -> datetime:
    """The same time on Monday, for a time on a Saturday or Sunday.

    Raises:
        UsageError: that local time does not exist, or occurs twice.
    """
    wall = at.astimezone(zone).replace(tzinfo=None, fold=0)
    late = wall.weekday() - _SATURDAY
    return at if late < 0 else resolve(wall + timedelta(days=2 - late), zone)
