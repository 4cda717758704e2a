"""Read JSON as defined by RFC 8259 and I-JSON (RFC 7493), and report exactly where a text does not comply.

The fast path is the standard library's parser, the only fast one that reveals duplicate keys (msgspec, orjson and
pydantic-core silently keep the last one). It merely notices that something is wrong; then `scan` finds out what and
where. The scan is exact rather than fast. It is not recursive, so a text may be nested to any depth.
"""

from __future__ import annotations

import json
import re
from functools import cache
from math import isinf
from typing import TYPE_CHECKING, Any, NamedTuple, NoReturn

from emdash_cli.domain.queue_file.shapes import (
    INT64_MAX,
    INT64_MIN,
    MAX_DEPTH,
    MAX_FILE_BYTES,
    Problem,
    QueueFileError,
    quoted,
    shown_path,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


INT64_DIGITS = 19
_ESCAPED = re.compile(r"\\u")
"""Twice as fast as `in`, which stops at every ``\\n`` of a text."""
BOM = "\ufeff"


class _SuspectError(Exception):
    """The text contains something that is valid JSON but is not accepted."""


def read(raw: bytes) -> tuple[Any, Callable[[], Locations]]:
    """The value in the bytes, and a function that finds the lines of its parts.

    A byte order mark is skipped. Raises `QueueFileError` for anything that is not well-formed JSON in UTF-8, and for
    duplicate keys, NaN and infinities, whole numbers beyond 64 bits, NUL characters, lone surrogates and nesting deeper
    than `MAX_DEPTH`.
    """
    text = _decode(raw)
    try:
        value = _DECODER.decode(text)
        _inspect(value, text)
    except (ValueError, RecursionError, _SuspectError) as error:
        raise _explained(text, error) from None
    return value, cache(lambda: scan(text))


def _decode(raw: bytes) -> str:
    if len(raw) > MAX_FILE_BYTES:
        message = f"the file has {len(raw):,} bytes; the maximum is {MAX_FILE_BYTES:,}"
        raise QueueFileError([Problem(None, None, message, "split the article, or link to the large parts")])
    if not raw.strip(b"\0 \t\r\n"):
        message = "the file is empty" if not raw else "the file contains only white space or NUL bytes"
        raise QueueFileError([Problem(None, None, message)], incomplete=True)
    encoding = json.detect_encoding(raw)
    if not encoding.startswith("utf-8"):
        message = f"the file is in {encoding.upper()}, not in UTF-8"
        raise QueueFileError([Problem(1, None, message, "save it as UTF-8")], incomplete=True)
    try:
        return decoded(raw).removeprefix(BOM)
    except QueueFileError as error:
        raise QueueFileError(error.problems, incomplete=True) from None


def decoded(raw: bytes) -> str:
    """The text of a file.

    Raises:
        QueueFileError: it is not UTF-8; gives the line and the byte.
    """
    try:
        return raw.decode()
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        message = f"byte {error.start + 1} of the file, 0x{raw[error.start]:02x}, is not UTF-8"
        problem = Problem(line, None, message, "save it as UTF-8")
        raise QueueFileError([problem]) from None


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise _SuspectError
    return found


def _whole(digits: str) -> int:
    if len(digits) > INT64_DIGITS + 1:
        raise _SuspectError
    number = int(digits)
    if not INT64_MIN <= number <= INT64_MAX:
        raise _SuspectError
    return number


def _fraction(digits: str) -> float:
    number = float(digits)
    if isinf(number):
        raise _SuspectError
    return number


def _constant(_: str) -> NoReturn:
    raise _SuspectError


_DECODER = json.JSONDecoder(
    object_pairs_hook=_object, parse_int=_whole, parse_float=_fraction, parse_constant=_constant
)


def _inspect(value: object, text: str) -> None:
    """Check what the parser does not: depth, and characters that only an escape can express."""
    if _ESCAPED.search(text):
        _check_characters(value)
    if text.count("[") + text.count("{") <= MAX_DEPTH:
        return
    level = [value]
    for _ in range(MAX_DEPTH):
        level = [
            part
            for holder in level
            for part in (holder.values() if type(holder) is dict else holder if type(holder) is list else ())
            if type(part) is dict or type(part) is list
        ]
        if not level:
            return
    raise _SuspectError


def _check_characters(value: object) -> None:
    """Encode all keys and texts. Text that can be encoded has no lone surrogates."""
    level = [value]
    while level:
        below: list[Any] = []
        for item in level:
            if isinstance(item, str):
                if "\0" in item:
                    raise _SuspectError
                item.encode()
            elif isinstance(item, dict):
                below.extend(item)
                below.extend(item.values())
            elif isinstance(item, list):
                below.extend(item)
        level = below


def _explained(text: str, error: Exception) -> QueueFileError:
    problems = scan(text).problems
    if isinstance(error, json.JSONDecodeError) or not problems:
        malformed = _malformed(text)
        if malformed:
            return QueueFileError([malformed], incomplete=True)
    return QueueFileError(problems or [Problem(1, None, "the nesting of the file is too deep")])


def _malformed(text: str) -> Problem | None:
    try:
        json.loads(text, parse_int=str, parse_float=str)
    except json.JSONDecodeError as error:
        reason = error.msg[0].lower() + error.msg[1:]
        return Problem(error.lineno, None, f"this is not JSON: {reason} (column {error.colno})")
    return None


Path = tuple[str | int, ...]

LONGEST_INT64 = 20

_PIECE = re.compile(r'[ \t\r\n]*([{}\[\]:,]|"[^"\\]*(?:\\.[^"\\]*)*"|[^\s{}\[\]:,"]+)', re.DOTALL)
_INTEGER = re.compile(r"-?[0-9]+")
_FRACTION = re.compile(r"-?[0-9]+(\.[0-9]+)?([eE][-+]?[0-9]+)?")
_CONSTANTS = ("NaN", "Infinity", "-Infinity")


class Locations(NamedTuple):
    """The result of a scan."""

    lines: dict[Path, int]
    """The line of each key (for members of an object) or value (for items of an array)."""
    problems: list[Problem]
    """In the order of the text."""

    def line(self, path: Path) -> int | None:
        """The line of the part, or of the nearest enclosing part with a known line."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path)


class _Frame:
    """An object or array that is not closed yet."""

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
                    message = f"more than {MAX_DEPTH} nested arrays and objects"
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
            self._complain(line, "contains a NUL character (\\u0000)", "remove it")
        lone = next((char for char in text if "\ud800" <= char <= "\udfff"), None)
        if lone:
            message = f"contains half of a surrogate pair (\\u{ord(lone):04x})"
            self._complain(line, message, "write the character itself, or both halves")

    def _check_scalar(self, piece: str, line: int) -> None:
        if piece in _CONSTANTS:
            self._complain(line, f"{piece} is not JSON", "omit the key, or write null")
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
    except ValueError:  # An invalid escape, which the parser reports.
        return piece


def _shortened(digits: str, longest: int = 24) -> str:
    return digits if len(digits) <= longest else f"{digits[:12]}… ({len(digits)} characters)"


def scan(text: str) -> Locations:
    """The lines and violations of a JSON text; for a malformed text, those of its readable part."""
    return _Scan(text).run()
