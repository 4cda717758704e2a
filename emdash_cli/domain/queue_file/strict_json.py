"""Read JSON as RFC 8259 and I-JSON (RFC 7493) mean it, and say exactly where a text does not comply.

The fast path is the standard library's parser: the only fast one that shows duplicate keys (msgspec,
orjson and pydantic-core keep the last one silently). It merely notices that something is wrong;
`locations.scan` then finds out what, and where.
"""

from __future__ import annotations

import json
import re
from functools import cache
from math import isinf
from typing import TYPE_CHECKING, Any, NoReturn

from emdash_cli.domain.queue_file.locations import Locations, scan
from emdash_cli.domain.queue_file.problems import Problem, QueueFileError
from emdash_cli.domain.queue_file.shapes import INT64_MAX, INT64_MIN, MAX_DEPTH, MAX_FILE_BYTES

if TYPE_CHECKING:
    from collections.abc import Callable

INT64_DIGITS = 19
_ESCAPED = re.compile(r"\\u")
"""Twice as quick as `in`, which stops at every ``\\n`` of a text."""
BOM = "\ufeff"


class _SuspectError(Exception):
    """The text holds something that is JSON by the letter but is not accepted."""


def read(raw: bytes) -> tuple[Any, Callable[[], Locations]]:
    """The value that the bytes hold, and a function that finds the lines of its parts.

    A byte order mark is skipped. Raises `QueueFileError` for anything that is not well-formed JSON in
    UTF-8, and for duplicate keys, NaN and infinities, whole numbers beyond 64 bits, NUL characters,
    lone surrogates and nesting deeper than `MAX_DEPTH`.
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
        message = f"the file has {len(raw):,} bytes; at most {MAX_FILE_BYTES:,} are read"
        raise QueueFileError([Problem(None, None, message, "split the article, or link to the large parts")])
    if not raw.strip(b"\0 \t\r\n"):
        message = "the file is empty" if not raw else "the file holds nothing but blanks or NUL bytes"
        raise QueueFileError([Problem(None, None, message)], incomplete=True)
    encoding = json.detect_encoding(raw)
    if not encoding.startswith("utf-8"):
        message = f"the file is written in {encoding.upper()}, not in UTF-8"
        raise QueueFileError([Problem(1, None, message, "save it as UTF-8")], incomplete=True)
    try:
        return decoded(raw).removeprefix(BOM)
    except QueueFileError as error:
        raise QueueFileError(error.problems, incomplete=True) from None


def decoded(raw: bytes) -> str:
    """The text of a file.

    Raises:
        QueueFileError: it is not UTF-8, with the line and the byte.
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
    """Look for what the parser cannot see: depth, and characters that only an escape can write."""
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
    """Encode all keys and texts; whatever encodes has no lone surrogate."""
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
    return QueueFileError(problems or [Problem(1, None, "the file is nested too deep to be read here")])


def _malformed(text: str) -> Problem | None:
    try:
        json.loads(text, parse_int=str, parse_float=str)
    except json.JSONDecodeError as error:
        reason = error.msg[0].lower() + error.msg[1:]
        return Problem(error.lineno, None, f"this is not JSON: {reason} (column {error.colno})")
    return None
