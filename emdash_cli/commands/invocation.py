"""How a command is started and stopped: the root options, and SIGINT and SIGTERM, which end it after the current group.

Typer is not imported, to keep `cron` fast.
"""

from __future__ import annotations

import signal
from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple

from emdash_cli.domain.errors import Exit

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType

    from emdash_cli.settings import Settings


class Root(NamedTuple):
    """``--config`` and ``--db``."""

    config: str | None
    database: str | None

    def settings(self) -> Settings:
        """The settings that follow from these options, the environment and emdash.toml."""
        from emdash_cli import wiring

        return wiring.settings(self.config, self.database)


_EXITS = {signal.SIGINT: Exit.INTERRUPTED, signal.SIGTERM: Exit.TERMINATED}


class Stop:
    """Whether a signal has asked the program to stop; a second signal stops it at once."""

    def __init__(self) -> None:
        self.exit_code: Exit | None = None

    def __call__(self) -> bool:
        """Whether to stop."""
        return self.exit_code is not None

    def receive(self, number: int, frame: FrameType | None) -> None:
        """The signal handler."""
        del frame
        if self.exit_code is not None:
            raise KeyboardInterrupt
        self.exit_code = _EXITS[signal.Signals(number)]


@contextmanager
def stoppable() -> Iterator[Stop]:
    """Handle both signals inside the block."""
    stop = Stop()
    before = {number: signal.signal(number, stop.receive) for number in _EXITS}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
