"""On which line of a JSON text its parts stand, and which of them break a rule.

Only read when something is wrong already, so it is written for exactness, not for speed. It does not
recurse: a text may be nested as deep as it likes.
"""

from __future__ import annotations

import json
import re
from math import isinf
from typing import TYPE_CHECKING, NamedTuple

from emdash_cli.domain.queue_file.problems import Problem, quoted, shown_path
from emdash_cli.domain.queue_file.shapes import INT64_MAX, INT64_MIN, MAX_DEPTH

if TYPE_CHECKING:
    from collections.abc import Iterator

Path = tuple[str | int, ...]

LONGEST_INT64 = 20

_PIECE = re.compile(r'[ \t\r\n]*([{}\[\]:,]|"[^"\\]*(?:\\.[^"\\]*)*"|[^\s{}\[\]:,"]+)', re.DOTALL)
_INTEGER = re.compile(r"-?[0-9]+")
_FRACTION = re.compile(r"-?[0-9]+(\.[0-9]+)?([eE][-+]?[0-9]+)?")
_CONSTANTS = ("NaN", "Infinity", "-Infinity")


class Locations(NamedTuple):
    """What a scan found."""

    lines: dict[Path, int]
    """Line of each key (for members of an object) or value (for items of an array)."""
    problems: list[Problem]
    """In the order of the text."""

    def line(self, path: Path) -> int | None:
        """The line of the part, else of the nearest part around it that is known."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path)


class _Frame:
    """An object or array that is open."""

    __slots__ = ("is_object", "key", "seen")

    def __init__(self, *, is_object: bool) -> None:
        self.is_object = is_object
        self.key: str | int | None = None if is_object else 0
        self.seen: dict[str, int] = {}


class _Scan:
    def __init__(self, text: str) -> None:
        self.text = text
        self.found = Locations({(): 1}, [])
        self.stack: list[_Frame] = []

    def run(self) -> Locations:
        for piece, line in self._pieces():
            if piece in "{[":
                self._mark(line)
                self.stack.append(_Frame(is_object=piece == "{"))
                if len(self.stack) > MAX_DEPTH:
                    message = f"more than {MAX_DEPTH} arrays and objects inside one another"
                    self._complain(line, message, "no article needs that")
                    break
            elif piece in "}]":
                if self.stack:
                    self.stack.pop()
                self._value_ended()
            elif piece == ",":
                self._next_item()
            elif piece != ":":
                self._leaf(piece, line)
        return self.found

    def _pieces(self) -> Iterator[tuple[str, int]]:
        line, counted, position = 1, 0, 0
        while match := _PIECE.match(self.text, position):
            start, position = match.span(1)
            line += self.text.count("\n", counted, start)
            counted = start
            yield match[1], line

    def _path(self) -> Path:
        return tuple(frame.key for frame in self.stack if frame.key is not None)

    def _mark(self, line: int) -> None:
        if self.stack and not self.stack[-1].is_object:
            self.found.lines[self._path()] = line

    def _value_ended(self) -> None:
        if self.stack and self.stack[-1].is_object:
            self.stack[-1].key = None

    def _next_item(self) -> None:
        if not self.stack:
            return
        frame = self.stack[-1]
        if frame.is_object:
            frame.key = None
        elif isinstance(frame.key, int):
            frame.key += 1

    def _leaf(self, piece: str, line: int) -> None:
        if self.stack and self.stack[-1].is_object and self.stack[-1].key is None and piece[0] == '"':
            self._key(piece, line)
            return
        self._mark(line)
        if piece[0] == '"':
            self._check_string(piece, line)
        else:
            self._check_scalar(piece, line)
        self._value_ended()

    def _key(self, piece: str, line: int) -> None:
        frame = self.stack[-1]
        key = _string(piece)
        frame.key = key
        path = self._path()
        self.found.lines[path] = line
        if key in frame.seen:
            message = f"{quoted(key)} is given twice, first on line {frame.seen[key]}"
            self._complain(line, message, "keep one of them")
        frame.seen.setdefault(key, line)
        self._check_string(piece, line)

    def _check_string(self, piece: str, line: int) -> None:
        if "\\" not in piece:
            return
        text = _string(piece)
        if "\0" in text:
            self._complain(line, "holds a NUL character (\\u0000)", "remove it")
        lone = next((char for char in text if "\ud800" <= char <= "\udfff"), None)
        if lone:
            message = f"holds half of a surrogate pair (\\u{ord(lone):04x})"
            self._complain(line, message, "write the character itself, or both halves")

    def _check_scalar(self, piece: str, line: int) -> None:
        if piece in _CONSTANTS:
            self._complain(line, f"{piece} is not JSON", "leave the key out, or write null")
        elif _INTEGER.fullmatch(piece):
            if len(piece) > LONGEST_INT64 or not INT64_MIN <= int(piece) <= INT64_MAX:
                self._complain(line, f"the whole number {_shortened(piece)} has more than 64 bits", "quote it")
        elif _FRACTION.fullmatch(piece) and isinf(float(piece)):
            self._complain(line, f"the number {_shortened(piece)} is too large", "quote it")

    def _complain(self, line: int, message: str, hint: str) -> None:
        self.found.problems.append(Problem(line, shown_path(self._path()) or None, message, hint))


def _string(piece: str) -> str:
    try:
        return str(json.loads(piece, strict=False))
    except ValueError:  # a wrong escape: the parser reports it
        return piece


def _shortened(digits: str, longest: int = 24) -> str:
    return digits if len(digits) <= longest else f"{digits[:12]}… ({len(digits)} characters)"


def scan(text: str) -> Locations:
    """Lines and breaches of a JSON text; of a malformed one, those of the part that can be read."""
    return _Scan(text).run()
