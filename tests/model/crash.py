"""``python -m tests.model.crash NTH MOMENT COMMAND…``: run `emdash` at a moment, and die at the nth thing it does.

What counts is what a crash could come between: each SQL statement, each request, and each call that writes to the
file system.
"""

from __future__ import annotations

import os
import signal
import sqlite3
import sys
from typing import Any

from freezegun import freeze_time

CONNECT = sqlite3.connect
CALLS = frozenset({"os.rename", "os.link", "os.remove", "os.mkdir", "os.truncate", "socket.connect"})


class Countdown:
    """Kills this process, as the out-of-memory killer would, when so many things have happened."""

    def __init__(self, left: int) -> None:
        self._left = left

    def happened(self) -> None:
        self._left -= 1
        if self._left <= 0:
            os.kill(os.getpid(), signal.SIGKILL)

    def connect(self, *arguments: Any, **options: Any) -> sqlite3.Connection:
        """As `sqlite3.connect`, with every statement counted."""
        connection: sqlite3.Connection = CONNECT(*arguments, **options)
        connection.set_trace_callback(lambda _: self.happened())
        return connection

    def hook(self, event: str, _: tuple[Any, ...]) -> None:
        """See https://docs.python.org/3/library/audit_events.html."""
        if event in CALLS:
            self.happened()


def main(nth: str, moment: str, *command: str) -> None:
    from emdash_cli.__main__ import run

    with freeze_time(moment):
        countdown = Countdown(int(nth))
        sys.addaudithook(countdown.hook)
        sqlite3.connect = countdown.connect  # type: ignore[assignment]
        code = run(list(command))
    sys.exit(code)


if __name__ == "__main__":
    main(*sys.argv[1:])
