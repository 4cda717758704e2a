"""The calendar as a feed for calendar programs, by RFC 5545."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from emdash_cli.domain.icalendar import document, instant, text
from emdash_cli.reports.calendar import NOBODY

if TYPE_CHECKING:
    from collections.abc import Iterator

    from emdash_cli.reports.calendar import Calendar, Entry


def feed(found: Calendar, site_url: str) -> str:
    """One VCALENDAR; it changes only when a post does, so that it can be compared and fetched again.

    There is no METHOD, and DTSTAMP therefore means the same as LAST-MODIFIED (section 3.8.7.2).
    """
    host = urlsplit(site_url).hostname or "emdash"
    return document(_lines(found, host))


def _lines(found: Calendar, host: str) -> Iterator[str]:
    yield from (
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//emdash//calendar//EN",
        "CALSCALE:GREGORIAN",
        f"X-WR-CALNAME:{text(f'Posts of {host}')}",
        f"X-WR-TIMEZONE:{text(found.zone.key)}",
        "REFRESH-INTERVAL;VALUE=DURATION:PT1H",
        "X-PUBLISHED-TTL:PT1H",
    )
    for entry in found.entries:
        yield from _event(entry)
    yield "END:VCALENDAR"


def _event(entry: Entry) -> Iterator[str]:
    changed = instant(entry.changed_at)
    # A post that was scheduled and then went live is the same event; a change of it is another one.
    suffix = "-change" if entry.kind == "change" else ""
    yield from (
        "BEGIN:VEVENT",
        f"UID:{text(entry.post_id)}{suffix}@emdash",
        f"DTSTAMP:{changed}",
        f"LAST-MODIFIED:{changed}",
        f"SEQUENCE:{entry.version}",
        f"DTSTART:{instant(entry.at)}",
        "DURATION:PT15M",
        f"SUMMARY:{text(_summary(entry))}",
        f"DESCRIPTION:{text(_description(entry))}",
    )
    if entry.categories:
        yield f"CATEGORIES:{','.join(text(category) for category in entry.categories)}"
    yield from (
        f"STATUS:{'TENTATIVE' if entry.held else 'CONFIRMED'}",
        # Nobody is busy because a post goes live.
        "TRANSP:TRANSPARENT",
        "END:VEVENT",
    )


def _summary(entry: Entry) -> str:
    mark = "held: " if entry.held else "change: " if entry.kind == "change" else ""
    return f"{mark}{entry.title}"


def _description(entry: Entry) -> str:
    said = [f"{entry.author or NOBODY}", f"{entry.slug} ({entry.locale}), {entry.kind}"]
    return "\n".join([*said, entry.held] if entry.held else said)
