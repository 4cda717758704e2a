"""The runner's time: the store's, carried on by the monotonic clock, so that nobody's wall clock matters in between."""

from __future__ import annotations

import time
from datetime import UTC, datetime

from emdash_cli.domain.instants import from_utc_text


def utc(epoch_s: float) -> str:
    """Seconds since 1970 as UTC text."""
    return f"{datetime.fromtimestamp(epoch_s, UTC):%Y-%m-%dT%H:%M:%S.%f}"[:23] + "Z"


def epoch_s(text: str) -> float:
    """UTC text as seconds since 1970."""
    return from_utc_text(text).timestamp()


class CarriedClock:
    """An instant, carried on by the monotonic clock."""

    def __init__(self, now_s: float) -> None:
        self.set(now_s)

    def set(self, now_s: float) -> None:
        """It is this instant now, in seconds since 1970."""
        self._epoch_s, self._at_s = now_s, time.monotonic()

    def now_s(self) -> float:
        """Seconds since 1970."""
        return self._epoch_s + time.monotonic() - self._at_s
