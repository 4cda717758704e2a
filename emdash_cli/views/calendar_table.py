"""The calendar on a terminal, and as lines for a pipe."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from emdash_cli.domain.instants import WEEKDAYS
from emdash_cli.reports.calendar import NOBODY, NOTHING
from emdash_cli.views import output
from emdash_cli.views.output import harmless

if TYPE_CHECKING:
    from datetime import date

    from rich.table import Table

    from emdash_cli.reports.calendar import Calendar, Entry

COLOURS = ("cyan", "magenta", "green", "yellow", "blue", "red")
"""Of authors, by their place in the legend; there are more authors than colours, and each has a letter."""


def print_calendar(found: Calendar) -> None:
    """Show it."""
    if not output.is_terminal():
        for entry in found.entries:
            output.data("\t".join(_cells(entry)))
        return
    from rich.console import Console
    from rich.text import Text

    console = Console(highlight=False, no_color=bool(os.environ.get("NO_COLOR")) or None)
    console.print(Text(f"{_day(found.first)} to {_day(found.last)}, times in {found.zone.key}", style="bold"))
    if not found.entries:
        output.note("nothing is coming")
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


def marks(entry: Entry) -> list[str]:
    """Words that tell what is special about an entry."""
    special = ["change"] if entry.kind == "change" else ["live"] if entry.kind == "published" else []
    if entry.held:
        special.append("held")
    elif entry.is_overdue:
        special.append("overdue")
    return special


def _cells(entry: Entry) -> tuple[str, ...]:
    return (
        entry.at.isoformat(timespec="seconds"),
        entry.kind,
        ",".join(mark for mark in marks(entry) if mark in {"held", "overdue"}),
        harmless(entry.slug),
        entry.locale,
        harmless(entry.author or ""),
        harmless(", ".join(entry.categories)),
        harmless(entry.title),
    )


def _day(day: date) -> str:
    return f"{WEEKDAYS[day.weekday()]} {day.isoformat()}"


def _heading(day: date, found: Calendar) -> str:
    return f"{_day(day)}  today" if day == found.now.date() else _day(day)


def colour_of(author: str | None, found: Calendar) -> int:
    """The place of an author in the legend."""
    return list(found.letters).index(author or NOBODY)


def _style(author: str | None, found: Calendar) -> str:
    return COLOURS[colour_of(author, found) % len(COLOURS)]


def _legend(found: Calendar) -> Table:
    from rich.table import Table
    from rich.text import Text

    authors, categories = Text(), Text()
    for name, letter in found.letters.items():
        authors.append(f"{letter} ", style=f"bold {_style(name, found)}")
        authors.append(f"{harmless(name)}   ")
    for name, symbol in found.symbols.items():
        categories.append(f"{symbol} {harmless(name)}   ")
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
        # Between the two readings of an hour that comes twice only the name of the zone tells.
        clock = f"  {entry.at:%Y-%m-%d %H:%M %Z}" if dated else f"  {entry.at:%H:%M %Z}"
        colour = _style(entry.author, found)
        said = Text(harmless(entry.title), style=colour)
        for mark in marks(entry):
            said.append(f" [{mark}]", style="bold red" if mark in {"held", "overdue"} else "dim")
        said.append(f"  {harmless(entry.slug)} ({entry.locale})", style="dim")
        letter = Text(found.letters[entry.author or NOBODY], style=f"bold {colour}")
        drawn.add_row(Text(clock), letter, Text(found.symbols[entry.category or NOTHING]), said)
        if entry.held:
            drawn.add_row("", "", "", Text(harmless(entry.held), style="red"))
    return drawn
