"""The calendar as a feed for calendar programs, using the part of RFC 5545 that an agenda needs."""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from emdash_cli.reports.calendar import NOBODY

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from emdash_cli.reports.calendar import Calendar, Entry


_OTHER_EVENTS: Final = {"change": "change: ", "expiry": "expires: "}
"""Kinds of entries that are events of their own, and how their summaries begin."""


def feed(found: Calendar, site_url: str) -> str:
    """One VCALENDAR. It changes only when a post does, so that it can be compared and fetched again.

    There is no METHOD, so DTSTAMP means the same as LAST-MODIFIED (section 3.8.7.2).
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
    # A post that was scheduled and then went live is the same event; a change to it and its end are other events.
    suffix = f"-{entry.kind}" if entry.kind in _OTHER_EVENTS else ""
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
        # A post that goes live makes nobody busy.
        "TRANSP:TRANSPARENT",
        "END:VEVENT",
    )


def _summary(entry: Entry) -> str:
    mark = "held: " if entry.held else _OTHER_EVENTS.get(entry.kind, "")
    return f"{mark}{entry.title}"


def _description(entry: Entry) -> str:
    said = [f"{entry.author or NOBODY}", f"{entry.slug} ({entry.locale}), {entry.kind}"]
    return "\n".join([*said, entry.held] if entry.held else said)


LINE_OCTETS: Final = 75
"""Maximum length of a content line without its line break: https://www.rfc-editor.org/rfc/rfc5545#section-3.1."""


def text(value: str) -> str:
    r"""A TEXT value: ``\``, ``;``, ``,`` and line breaks escaped, control characters removed (section 3.3.11)."""
    escaped = value.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")
    lines = escaped.replace("\r\n", "\n").replace("\r", "\n").replace("\n", "\\n").replace("\t", " ")
    return "".join(char for char in lines if ord(char) >= ord(" ") and char != "\x7f")


def instant(moment: datetime) -> str:
    """A DATE-TIME in UTC: ``20260615T070000Z``."""
    return f"{moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec='seconds').translate(_BARE)}Z"


_BARE: Final = str.maketrans("", "", "-:")


def document(lines: Iterable[str]) -> str:
    """Content lines, folded, each ending in CRLF."""
    return "".join(f"{fold(line)}\r\n" for line in lines)


def fold(line: str) -> str:
    """The line in pieces of at most 75 octets, all but the first starting with a space; no character is split."""
    pieces = [""]
    room = LINE_OCTETS
    for char in line:
        size = len(char.encode())
        if size > room:
            pieces.append("")
            room = LINE_OCTETS - 1
        pieces[-1] += char
        room -= size
    return "\r\n ".join(pieces)
