"""ULIDs: 26 characters that sort by the time they were made (https://github.com/ulid/spec)."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from datetime import datetime

ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_PAIRS: Final = [a + b for a in ALPHABET for b in ALPHABET]
_RANDOM_BITS: Final = 80
_LENGTH: Final = 26


def milliseconds_of(ulid: str) -> int | None:
    """When it was made, in milliseconds since 1970; None if it is not a ULID."""
    digits = [ALPHABET.find(letter) for letter in ulid.upper()]
    if len(digits) != _LENGTH or min(digits) < 0 or digits[0] > 7:  # noqa: PLR2004 - the first of 130 bits are 0
        return None
    milliseconds = 0
    for digit in digits[:10]:
        milliseconds = milliseconds << 5 | digit
    return milliseconds


def least(moment: datetime) -> str:
    """The least ULID of the millisecond of `moment`."""
    value = int(moment.timestamp() * 1000)
    return "".join(ALPHABET[(value >> shift) & 31] for shift in range(45, -1, -5)) + "0" * 16


class UlidSource:
    """Makes ULIDs, each greater than the one before, also within one millisecond."""

    def __init__(self, entropy: bytes | None = None) -> None:
        self._last = 0
        self._entropy = entropy

    def next(self, moment: datetime) -> str:
        """A new ULID with the millisecond of `moment`; greater than every earlier one of this source."""
        milliseconds = int(moment.timestamp() * 1000)
        if milliseconds > self._last >> _RANDOM_BITS:
            value = milliseconds << _RANDOM_BITS | int.from_bytes(self._entropy or os.urandom(10), "big")
        else:
            # Room for a billion more in this millisecond, and still unpredictable to another writer.
            value = self._last + 1 + int.from_bytes(os.urandom(4), "big")
        self._last = value
        pairs = _PAIRS
        return "".join([pairs[(value >> shift) & 1023] for shift in range(120, -1, -10)])
