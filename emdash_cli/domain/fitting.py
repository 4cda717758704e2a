"""Texts made to fit: shortened at the end of a sentence or word, or split into the numbered parts of a thread."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Length = Callable[[str], int]

_SENTENCE_END: Final = re.compile(r"[.!?\u2026][\"'\u201d\u2019)\]]*(?=\s)|[\u3002\uff01\uff1f]|\n(?=\n)")
_BLANK_ENDS: Final = re.compile(r"[ \t]+(?=\n)")
_BLANK: Final = re.compile(r"\s+")
_LINK: Final = re.compile(r"https?://\S+")
_HASHTAGS: Final = re.compile(r"(?:[#\uff03]\w+\s*)+")
_NUMBERED: Final = re.compile(r"^\W?\d+\s?/\s?\d+\b|\b\d+\s?/\s?\d+\W?$")
_LEAST_KEPT: Final = 0.5
"""A cut at a sentence or word must keep this share of the room; else the text is cut further on."""


def shortened(text: str, limit: int, length: Length) -> str:
    """The text, cut so that it fits; its last lines stay if they are only links and hashtags.

    The cut is at the end of a sentence or, with an ellipsis, of a word; in a text without blanks, anywhere.

    Args:
        text: to fit.
        limit: what `length` may say of the result.
        length: how the platform counts.
    """
    text = _BLANK_ENDS.sub("", text.strip())
    if length(text) <= limit:
        return text
    head, tail = _apart(text)
    if head and tail and (kept := _cut(head, limit, lambda cut: length(f"{cut}{tail}"))):
        return f"{kept}{tail}"
    return _cut(text, limit, length)


def _apart(text: str) -> tuple[str, str]:
    """The text, and the lines at its end that are only links and hashtags, with the blanks before them."""
    lines = text.splitlines(keepends=True)
    keep = len(lines)
    while keep and not _HASHTAGS.sub("", _LINK.sub("", lines[keep - 1])).strip():
        keep -= 1
    head = "".join(lines[:keep])
    bare = head.rstrip()
    return bare, head[len(bare) :] + "".join(lines[keep:])


def _cut(text: str, limit: int, length: Length) -> str:
    """The text, or as much of it as fits; ``""`` if nothing does."""
    if length(text) <= limit:
        return text
    room = _longest(text, limit, lambda end: length(f"{text[:end].rstrip()}\u2026") <= limit)
    if not room:
        return ""
    sentences = [end.end() for end in _SENTENCE_END.finditer(text, 0, room + 1) if end.end() <= room]
    if sentences and sentences[-1] >= room * _LEAST_KEPT:
        return text[: sentences[-1]].rstrip()
    words = [blank.start() for blank in _BLANK.finditer(text, 0, room + 1)]
    end = words[-1] if words and words[-1] >= room * _LEAST_KEPT else room
    return text[:end].rstrip(" \t\n,;:-\u2013\u2014") + "\u2026"


def _longest(text: str, limit: int, fits: Callable[[int], bool]) -> int:
    """The most characters that fit, of those between which the text may be cut.

    Looks at no more of a long text than it needs: measuring all of it for each part takes minutes.
    """
    import regex

    size = 2 * limit
    while size < len(text) and fits(size):
        size *= 2
    places = [seen.end() for seen in regex.finditer(r"\X", text[:size])]
    if size < len(text):
        places.pop()  # it may go on
    low, high = 0, len(places)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if fits(places[middle - 1]) else (low, middle - 1)
    # A link that is cut may be longer than the whole one.
    while low and not fits(places[low - 1]):
        low -= 1
    return places[low - 1] if low else 0


def thread(texts: list[str], limit: int, length: Length) -> list[str]:
    """The parts of a thread, each of which fits; nothing of the texts is lost.

    A text that is too long is split between paragraphs, sentences or words. Where there are several parts, each gets
    its number, as ``2/5`` in a line of its own, unless the author numbered one.

    Args:
        texts: what the author wants in parts of their own; blank ones are left out.
        limit: of each part.
        length: how the platform counts.
    """
    texts = [_BLANK_ENDS.sub("", text.strip()) for text in texts if text.strip()]
    if len(texts) == 1 and length(texts[0]) <= limit:
        return texts
    if any(_NUMBERED.search(text) for text in texts):
        return [part for text in texts for part in _parts(text, limit, length)]
    parts: list[str] = []
    for digits in (1, 2, 3):
        number = len(f"\n\n{'9' * digits}/{'9' * digits}")
        parts = [part for text in texts for part in _parts(text, limit - number, length)]
        if len(str(len(parts))) <= digits:
            break
    return [f"{part}\n\n{place}/{len(parts)}" for place, part in enumerate(parts, 1)]


def _parts(text: str, limit: int, length: Length) -> Iterator[str]:
    while text:
        room = _longest(text, limit, lambda end: length(text[:end].rstrip()) <= limit)  # noqa: B023 - used at once
        end = _break(text, room) if 0 < room < len(text) else len(text)
        yield text[:end].rstrip()
        text = text[end:].lstrip()


def _break(text: str, room: int) -> int:
    """Where a text is split so that its first part has `room` characters at most."""
    for ends in (r"\n\s*\n", _SENTENCE_END.pattern, r"\s+"):
        found = [end.start() if end[0].isspace() else end.end() for end in re.finditer(ends, text[: room + 1])]
        found = [end for end in found if room * _LEAST_KEPT <= end <= room]
        if found:
            return found[-1]
    return room
