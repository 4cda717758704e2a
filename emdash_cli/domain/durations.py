"""Spans of time as an operator types and reads them: ``15m``, ``26h``, ``1d 12h``."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Final

from emdash_cli.domain.errors import UsageError

_UNITS: Final = (("w", "weeks"), ("d", "days"), ("h", "hours"), ("m", "minutes"), ("s", "seconds"))
_SPAN: Final = re.compile(r"(?=[0-9])" + " ?".join(rf"(?:([0-9]{{1,6}}){unit})?" for unit, _ in _UNITS))
_SHOWN: Final = ((86_400, "d"), (3_600, "h"), (60, "m"), (1, "s"))


def parse_duration(text: str) -> timedelta:
    """Read ``90s``, ``15m``, ``26h``, ``7d``, ``2w`` or several of them in a row: ``1h30m``.

    Raises:
        UsageError: another form.
    """
    match = _SPAN.fullmatch(" ".join(text.lower().split()))
    if match is None:
        raise UsageError(f"{text!r} is not a span of time", hint="write one such as 90s, 15m, 26h, 7d or 1h30m")
    return timedelta(**{name: int(number) for (_, name), number in zip(_UNITS, match.groups(), strict=True) if number})


def describe_duration(span: timedelta) -> str:
    """A span for people, in its two largest units: ``3d 4h``; what is below zero is nothing."""
    left = max(0, int(span.total_seconds()))
    parts = []
    for seconds, unit in _SHOWN:
        number, left = divmod(left, seconds)
        parts.append((number, unit))
    first = next((place for place, (number, _) in enumerate(parts) if number), len(parts) - 1)
    return " ".join(f"{number}{unit}" for number, unit in parts[first : first + 2] if number) or "0s"
