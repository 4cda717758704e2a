"""The calendar as one page of HTML that needs no other file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from emdash_cli.reports.calendar import NOBODY, NOTHING
from emdash_cli.views.calendar_table import colour_of, marks

if TYPE_CHECKING:
    from datetime import date

    from emdash_cli.reports.calendar import Calendar, Entry

COLOURS = 10
"""That the template knows."""

_MONTHS = (
    *("January", "February", "March", "April", "May", "June", "July", "August", "September"),
    *("October", "November", "December"),
)
_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def page(found: Calendar) -> str:
    """The page."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("emdash_cli"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    return environment.get_template("calendar.html").render(
        period=f"{_long(found.first)} to {_long(found.last)}",
        zone=found.zone.key,
        count=len(found.entries),
        weekdays=[name[:3] for name in _WEEKDAYS],
        authors=[
            {"name": name, "letter": letter, "colour": place % COLOURS}
            for place, (name, letter) in enumerate(found.letters.items())
        ],
        categories=[{"name": name, "symbol": symbol} for name, symbol in found.symbols.items()],
        earlier=[_entry(entry, found, dated=True) for entry in found.earlier()],
        days=[_day(day, entries, found) for day, entries in found.by_day().items()],
        made=f"{found.now:%Y-%m-%d %H:%M %Z}",
    )


def _day(day: date, entries: list[Entry], found: Calendar) -> dict[str, Any]:
    return {
        "date": day.isoformat(),
        "weekday": _WEEKDAYS[day.weekday()],
        "column": day.weekday() + 1,
        "number": day.day,
        "month": _MONTHS[day.month - 1],
        "is_first": day in {found.first, day.replace(day=1)},
        "is_today": day == found.now.date(),
        "entries": [_entry(entry, found, dated=False) for entry in entries],
    }


def _entry(entry: Entry, found: Calendar, *, dated: bool) -> dict[str, Any]:
    return {
        "moment": entry.at.isoformat(timespec="minutes"),
        "clock": f"{entry.at:%Y-%m-%d %H:%M}" if dated else f"{entry.at:%H:%M}",
        "zone": f"{entry.at:%Z}",
        "letter": found.letters[entry.author or NOBODY],
        "colour": colour_of(entry.author, found) % COLOURS,
        "author": entry.author or NOBODY,
        "symbol": found.symbols[entry.category or NOTHING],
        "category": entry.category or NOTHING,
        "title": entry.title,
        "slug": entry.slug,
        "locale": entry.locale,
        "kind": entry.kind,
        "marks": marks(entry),
        "held": entry.held,
    }


def _long(day: date) -> str:
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"
