"""A token bucket that keeps one process below Cloudflare's rate limit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

BURST: Final = 200
PER_SECOND: Final = 3.0
"""At most 200 + 3 * 300 = 1,100 requests in any five minutes.

Cloudflare's API takes 1,200 from one user and then refuses every call for the next five minutes
(https://developers.cloudflare.com/fundamentals/api/reference/limits/); the rest is left to the user's other
programs. The bucket is one process's own: several at once are held back by the 429 that they are sent.
"""


class TokenBucket:
    """Lets a burst through, then a steady rate.

    Args:
        burst: requests that may go out at once after a rest.
        per_second: requests a second that may follow.
        monotonic: seconds on a clock that never goes back.
        sleep: waits for that many seconds.
    """

    def __init__(
        self,
        *,
        monotonic: Callable[[], float],
        sleep: Callable[[float], None],
        burst: int = BURST,
        per_second: float = PER_SECOND,
    ) -> None:
        self._burst = burst
        self._per_second = per_second
        self._monotonic = monotonic
        self._sleep = sleep
        self._tokens = float(burst)
        self._filled_at = monotonic()

    def take(self) -> None:
        """Take one token, after waiting for it if there is none."""
        self._fill()
        if self._tokens < 1:
            self._sleep((1 - self._tokens) / self._per_second)
            self._fill()
        # A sleep that ends early leaves a debt, which the next request pays.
        self._tokens -= 1

    def _fill(self) -> None:
        now = self._monotonic()
        self._tokens = min(self._burst, self._tokens + (now - self._filled_at) * self._per_second)
        self._filled_at = now
