"""The calendar: as a JSON document, on a terminal, as lines for a pipe, and as a page of HTML."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from emdash_cli.domain.instants import WEEKDAYS, utc_text
from emdash_cli.reports.calendar import NOBODY, NOTHING
from emdash_cli.views import output

if TYPE_CHECKING:
    from datetime import date

    from rich.table import Table

    from emdash_cli.reports.calendar import Calendar, Entry
    from emdash_cli.views.documents import posts


def text(found: Calendar, form: str, site_url: str) -> str:
    """The calendar as a page (html), a feed (ics), which `site_url` names, or a JSON document (json)."""
    if form == "html":
        return page(found)
    if form == "ics":
        from emdash_cli.views.calendar_feed import feed

        return feed(found, site_url)
    from emdash_cli.views import json_form

    return f"{json_form.text(document(found))}\n"


def document(found: Calendar) -> posts.Calendar:
    """The calendar as a JSON document."""
    from emdash_cli.views.documents import posts

    entries = (
        posts.CalendarEntry.of(
            entry,
            date=entry.at.date().isoformat(),
            at=utc_text(entry.at),
            local=entry.at.isoformat(timespec="seconds"),
            overdue=entry.is_overdue,
        )
        for entry in found.entries
    )
    return posts.Calendar(found.first.isoformat(), found.last.isoformat(), found.zone.key, tuple(entries))


_COLOURS = ("cyan", "magenta", "green", "yellow", "blue", "red")
"""Colours of authors on a terminal, by their order in the legend. A letter distinguishes authors of one colour."""


def print_calendar(found: Calendar) -> None:
    """A calendar on a terminal; in a pipe, one line of tab-separated fields for each post."""
    if not output.is_terminal():
        for entry in found.entries:
            output.data("\t".join(_cells(entry)))
        return
    from rich.text import Text

    console = output.console()
    console.print(Text(f"{_day(found.first)} to {_day(found.last)}, times in {found.zone.key}", style="bold"))
    if not found.entries:
        output.note("nothing is scheduled")
        return
    console.print(_legend(found))
    if earlier := found.earlier():
        console.print()
        console.print(Text("Overdue", style="bold red"))
        console.print(_agenda(earlier, found, dated=True))
    for day, entries in found.by_day().items():
        if entries:
            console.print()
            console.print(Text(_heading(day, found), style="bold"))
            console.print(_agenda(entries, found, dated=False))


def _marks(entry: Entry) -> list[str]:
    """Words for what is special about an entry."""
    words = {"change": "change", "published": "live", "expiry": "expires"}
    special = [words[entry.kind]] if entry.kind in words else []
    if entry.held:
        special.append("held")
    elif entry.is_overdue:
        special.append("overdue")
    return special


def _cells(entry: Entry) -> tuple[str, ...]:
    return (
        entry.at.isoformat(timespec="seconds"),
        entry.kind,
        ",".join(mark for mark in _marks(entry) if mark in {"held", "overdue"}),
        output.sanitized(entry.slug),
        entry.locale,
        output.sanitized(entry.author or ""),
        output.sanitized(", ".join(entry.categories)),
        output.sanitized(entry.title),
    )


def _day(day: date) -> str:
    return f"{WEEKDAYS[day.weekday()]} {day.isoformat()}"


def _heading(day: date, found: Calendar) -> str:
    return f"{_day(day)}  today" if day == found.now.date() else _day(day)


def _colour_of(author: str | None, found: Calendar) -> int:
    """The position of an author in the legend."""
    return list(found.letters).index(author or NOBODY)


def _style(author: str | None, found: Calendar) -> str:
    return _COLOURS[_colour_of(author, found) % len(_COLOURS)]


def _legend(found: Calendar) -> Table:
    from rich.table import Table
    from rich.text import Text

    authors, categories = Text(), Text()
    for name, letter in found.letters.items():
        authors.append(f"{letter} ", style=f"bold {_style(name, found)}")
        authors.append(f"{output.sanitized(name)}   ")
    for name, symbol in found.symbols.items():
        categories.append(f"{symbol} {output.sanitized(name)}   ")
    drawn = Table.grid(padding=(0, 2))
    drawn.add_row(Text("authors", style="dim"), authors)
    drawn.add_row(Text("categories", style="dim"), categories)
    return drawn


def _agenda(entries: list[Entry], found: Calendar, *, dated: bool) -> Table:
    from rich.table import Table
    from rich.text import Text

    drawn = Table.grid(padding=(0, 1))
    drawn.add_column(no_wrap=True)
    drawn.add_column(no_wrap=True)
    drawn.add_column(no_wrap=True)
    drawn.add_column(overflow="fold")
    for entry in entries:
        # When the clocks go back, an hour occurs twice, and only the name of the zone distinguishes the two.
        clock = f"  {entry.at:%Y-%m-%d %H:%M %Z}" if dated else f"  {entry.at:%H:%M %Z}"
        colour = _style(entry.author, found)
        said = Text(output.sanitized(entry.title), style=colour)
        for mark in _marks(entry):
            said.append(f" [{mark}]", style="bold red" if mark in {"held", "overdue"} else "dim")
        said.append(f"  {output.sanitized(entry.slug)} ({entry.locale})", style="dim")
        letter = Text(found.letters[entry.author or NOBODY], style=f"bold {colour}")
        drawn.add_row(Text(clock), letter, Text(found.symbols[entry.category or NOTHING]), said)
        if entry.held:
            drawn.add_row("", "", "", Text(output.sanitized(entry.held), style="red"))
    return drawn


_PAGE_COLOURS = 10
"""The number of colours in the template."""

_MONTHS = (
    *("January", "February", "March", "April", "May", "June", "July", "August", "September"),
    *("October", "November", "December"),
)
_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def page(found: Calendar) -> str:
    """A self-contained HTML page."""
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
        period=f"{_long_date(found.first)} to {_long_date(found.last)}",
        zone=found.zone.key,
        count=len(found.entries),
        weekdays=[name[:3] for name in _WEEKDAYS],
        authors=[
            {"name": name, "letter": letter, "colour": place % _PAGE_COLOURS}
            for place, (name, letter) in enumerate(found.letters.items())
        ],
        categories=[{"name": name, "symbol": symbol} for name, symbol in found.symbols.items()],
        earlier=[_page_entry(entry, found, dated=True) for entry in found.earlier()],
        days=[_page_day(day, entries, found) for day, entries in found.by_day().items()],
        made=f"{found.now:%Y-%m-%d %H:%M %Z}",
    )


def _page_day(day: date, entries: list[Entry], found: Calendar) -> dict[str, Any]:
    return {
        "date": day.isoformat(),
        "weekday": _WEEKDAYS[day.weekday()],
        "column": day.weekday() + 1,
        "number": day.day,
        "month": _MONTHS[day.month - 1],
        "is_first": day in {found.first, day.replace(day=1)},
        "is_today": day == found.now.date(),
        "entries": [_page_entry(entry, found, dated=False) for entry in entries],
    }


def _page_entry(entry: Entry, found: Calendar, *, dated: bool) -> dict[str, Any]:
    return {
        "moment": entry.at.isoformat(timespec="minutes"),
        "clock": f"{entry.at:%Y-%m-%d %H:%M}" if dated else f"{entry.at:%H:%M}",
        "zone": f"{entry.at:%Z}",
        "letter": found.letters[entry.author or NOBODY],
        "colour": _colour_of(entry.author, found) % _PAGE_COLOURS,
        "author": entry.author or NOBODY,
        "symbol": found.symbols[entry.category or NOTHING],
        "category": entry.category or NOTHING,
        "title": entry.title,
        "slug": entry.slug,
        "locale": entry.locale,
        "kind": entry.kind,
        "marks": _marks(entry),
        "held": entry.held,
    }


def _long_date(day: date) -> str:
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"
