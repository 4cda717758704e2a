"""The editors' calendar: what goes live and what expires when, by days in the time zone of the settings."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from string import ascii_uppercase
from typing import TYPE_CHECKING, Final

from emdash_cli.domain.days import start_of_day
from emdash_cli.domain.errors import UsageError
from emdash_cli.domain.instants import from_utc_text, utc_text
from emdash_cli.reports.sql.listing import Window, calendar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from zoneinfo import ZoneInfo

    from emdash_cli.domain.ports import Row
    from emdash_cli.store.session import Session

_ODD_TEXT: Final = timedelta(hours=15)
"""How far a stored text may sort from its instant; UTC offsets go up to 14 hours."""
_LONG_AGO: Final = "0"
NOBODY: Final = "no author"
NOTHING: Final = "no category"
SYMBOLS: Final = "●▲■◆★✚○△□◇☆✖"
"""Shapes that can be distinguished without colour, and that every common font has."""
NO_LETTER: Final = "–"
NO_SYMBOL: Final = "·"


@dataclass(frozen=True, slots=True)
class Days:
    """The days to show.

    Attributes:
        first: the first day.
        with_past: include posts that were published on these days; otherwise, overdue posts of earlier days.
        now: aware.
    """

    first: date
    count: int
    with_past: bool
    zone: ZoneInfo
    now: datetime


@dataclass(frozen=True, slots=True)
class Entry:
    """A post on its day.

    Attributes:
        kind: scheduled, change (to a published post), published, or expiry (the post is taken down then).
        at: in the time zone of the calendar.
        is_overdue: its time has passed, but it is not live or, for an expiry, still there.
        held: why it waits until somebody has reviewed it; None if it is not held.
        version: of the post; grows with each change.
        changed_at: time of the last change to the post, in UTC.
    """

    kind: str
    at: datetime
    is_overdue: bool
    held: str | None
    post_id: str
    slug: str
    locale: str
    title: str
    author: str | None
    categories: tuple[str, ...]
    version: int
    changed_at: datetime

    @property
    def category(self) -> str | None:
        """The first of its categories."""
        return self.categories[0] if self.categories else None


@dataclass(frozen=True, slots=True)
class Calendar:
    """Entries in the order of their times, including overdue ones of earlier days.

    Attributes:
        letters: by author; `symbols`: by category.
    """

    first: date
    last: date
    zone: ZoneInfo
    now: datetime
    entries: Sequence[Entry]
    letters: Mapping[str, str]
    symbols: Mapping[str, str]

    def earlier(self) -> list[Entry]:
        """Overdue entries of days before the first."""
        return [entry for entry in self.entries if entry.at.date() < self.first]

    def by_day(self) -> dict[date, list[Entry]]:
        """Every day of the calendar with its entries."""
        days = (self.last - self.first).days + 1
        found: dict[date, list[Entry]] = {self.first + timedelta(days=number): [] for number in range(days)}
        for entry in self.entries:
            if entry.at.date() in found:
                found[entry.at.date()].append(entry)
        return found


def show_calendar(session: Session, days: Days) -> Calendar:
    """The calendar of these days.

    Raises:
        UsageError: the days are outside the years 1 to 9999.
        DatabaseError: the store is unreachable or failing, or the database is not a store.
    """
    try:
        end_day = days.first + timedelta(days=days.count)
        start, end = start_of_day(days.first, days.zone), start_of_day(end_day, days.zone)
        window = _window(days, start, end)
    except OverflowError as error:
        raise UsageError("the calendar would exceed the years 1 to 9999", hint="choose other days") from error
    [rows] = session.read([calendar(session.names, window)])
    found = (_entry(row, days) for row in rows)
    entries = sorted(
        (entry for entry in found if entry and _belongs(entry, days, start, end)),
        key=lambda entry: (entry.at.astimezone(UTC), entry.slug, entry.locale, entry.kind),
    )
    return Calendar(
        first=days.first,
        last=end_day - timedelta(days=1),
        zone=days.zone,
        now=days.now.astimezone(days.zone),
        entries=entries,
        letters=_legend(letters, [entry.author for entry in entries], NOBODY, NO_LETTER),
        symbols=_legend(symbols, [entry.category for entry in entries], NOTHING, NO_SYMBOL),
    )


def _legend(
    mark: Callable[[Iterable[str]], dict[str, str]], names: Sequence[str | None], none: str, mark_of_none: str
) -> dict[str, str]:
    """The mark of each name. If some entries have no name, their mark comes last."""
    legend = mark(name for name in names if name)
    return {**legend, none: mark_of_none} if any(not name for name in names) else legend


def _window(days: Days, start: datetime, end: datetime) -> Window:
    first, last = utc_text(start - _ODD_TEXT), utc_text(end + _ODD_TEXT)
    if days.with_past:
        return Window(first, last, first, last)
    return Window(_LONG_AGO, last, last, last)


def _belongs(entry: Entry, days: Days, start: datetime, end: datetime) -> bool:
    at = entry.at.astimezone(UTC)
    return at < end and (at >= start or (entry.is_overdue and not days.with_past))


def _entry(row: Row, days: Days) -> Entry | None:
    """None for a time that cannot be read, which the sweep reports."""
    try:
        at = from_utc_text(str(row["at"])).astimezone(days.zone)
    except (ValueError, OverflowError):
        return None
    kind = str(row["kind"])
    return Entry(
        kind=kind,
        at=at,
        is_overdue=kind != "published" and at <= days.now,
        held=None if row["held"] is None else str(row["held"]),
        post_id=str(row["id"]),
        slug=str(row["slug"] or ""),
        locale=str(row["locale"]),
        title=str(row["title"]),
        author=None if row["author"] is None else str(row["author"]),
        categories=tuple(json.loads(str(row["categories"]))),
        version=int(row["version"] or 0),
        changed_at=_changed(row, at),
    )


def _changed(row: Row, default: datetime) -> datetime:
    try:
        return from_utc_text(str(row["updated_at"]))
    except ValueError:
        return default.astimezone(UTC)


def letters(names: Iterable[str]) -> dict[str, str]:
    """A letter for each name, one of its own letters if that is free, assigned in order; then pairs of letters."""
    given: dict[str, str] = {}
    ordered = _ordered(names)
    # A name without letters gets what is left.
    for name in sorted(ordered, key=lambda name: not any(map(str.isalpha, name))):
        taken = set(given.values())
        own = [char for char in name.upper() if char.isalpha()]
        initials = [word[0].upper() for word in name.split() if word[0].isalpha()]
        pairs = (one + other for one in (own[:1] or ["?"]) for other in ascii_uppercase + "0123456789")
        choices = (*initials, *own, *ascii_uppercase, *pairs)
        given[name] = next((letter for letter in choices if letter not in taken), f"#{len(given)}")
    return {name: given[name] for name in ordered}


def symbols(names: Iterable[str]) -> dict[str, str]:
    """A symbol for each name; when all symbols are used, pairs of them."""
    ordered = _ordered(names)
    doubled = (one + other for one in SYMBOLS for other in SYMBOLS)
    endless = (f"#{number}" for number in range(len(ordered)))
    supply = iter((*SYMBOLS, *doubled, *endless))
    return {name: next(supply) for name in ordered}


def _ordered(names: Iterable[str]) -> list[str]:
    return sorted(set(names), key=lambda name: (name.casefold(), name))
