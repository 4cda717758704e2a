"""iCalendar, the part of RFC 5545 that an agenda needs: content lines, text and instants."""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

LINE_OCTETS: Final = 75
"""Of a content line, at most, its line break aside: https://www.rfc-editor.org/rfc/rfc5545#section-3.1."""


def text(value: str) -> str:
    r"""A TEXT value: ``\``, ``;``, ``,`` and line breaks escaped, control characters left out (section 3.3.11)."""
    escaped = value.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")
    lines = escaped.replace("\r\n", "\n").replace("\r", "\n").replace("\n", "\\n").replace("\t", " ")
    return "".join(char for char in lines if ord(char) >= ord(" ") and char != "\x7f")


def instant(moment: datetime) -> str:
    """A DATE-TIME in UTC: ``20260615T070000Z``."""
    return f"{moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec='seconds').translate(_BARE)}Z"


_BARE: Final = str.maketrans("", "", "-:")


def document(lines: Iterable[str]) -> str:
    """Content lines, folded, each with its CRLF."""
    return "".join(f"{fold(line)}\r\n" for line in lines)


def fold(line: str) -> str:
    """The line in pieces of at most 75 octets, each after the first with a blank before it; no character is cut."""
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
