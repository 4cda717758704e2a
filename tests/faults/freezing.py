"""Freeze a Python program at the nth thing it does: ``python -m tests.faults.freezing NTH PYTHON -m MODULE WORD…``.

What counts is what another process may come between: each transaction, before it has its lock, and what is said in
`tests.model.process` of requests and files. SIGCONT lets the process go on.
"""

from __future__ import annotations

import os
import runpy
import signal
import sqlite3
import sys
from typing import TYPE_CHECKING, Any

from tests.model.process import CONNECT, Countdown

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable


def launcher(nth: int) -> tuple[str, ...]:
    """What to put before a command line."""
    return (sys.executable, "-m", "tests.faults.freezing", str(nth))


def is_frozen(process: subprocess.Popen[str]) -> bool:
    """Wait until the process freezes or ends; answers whether it froze."""
    found = os.waitid(os.P_PID, process.pid, os.WSTOPPED | os.WEXITED | os.WNOWAIT)
    return found is not None and found.si_code == os.CLD_STOPPED


def watched(countdown: Countdown) -> Callable[..., sqlite3.Connection]:
    """In place of `sqlite3.connect`."""

    def connect(*arguments: Any, **options: Any) -> sqlite3.Connection:
        connection: sqlite3.Connection = CONNECT(*arguments, **options)
        connection.set_trace_callback(lambda sql: countdown.happened() if sql.startswith("BEGIN") else None)
        return connection

    return connect


if __name__ == "__main__":
    countdown = Countdown(int(sys.argv[1]), signal.SIGSTOP)
    sys.addaudithook(countdown.hook)
    sqlite3.connect = watched(countdown)  # type: ignore[assignment]
    sys.argv = sys.argv[4:]
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
