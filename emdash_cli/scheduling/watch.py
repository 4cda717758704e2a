"""Doing something again and again until asked to stop."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

_NAP_S: Final = 0.25
"""A signal does not end a sleep, so sleeps are short."""


def repeat(
    work: Callable[[], object], every_s: float, stopped: Callable[[], bool], sleep: Callable[[float], None]
) -> None:
    """Wait and work in turn.

    Args:
        work: what to do; it copes with its own trouble.
        every_s: from the end of one turn to the next, in seconds.
        stopped: whether to end; asked before each turn and while waiting.
        sleep: waits for that many seconds.
    """
    while not stopped():
        left = every_s
        while left > 0 and not stopped():
            sleep(min(_NAP_S, left))
            left -= _NAP_S
        if not stopped():
            work()
