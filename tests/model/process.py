"""``python -m tests.model.process``: run `emdash` at a moment, and have it die at the nth thing it does.

It reads orders as lines of JSON and answers each with one. Every command gets a forked child, so that it starts as
fresh as a process of its own, without its 0.3 s of imports.

What counts is what a crash could come between: each SQL statement, each request, each answer of a platform, and each
call that writes to the file system.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import pkgutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import traceback
from typing import TYPE_CHECKING, Any, NamedTuple, NoReturn, TypeAlias

from freezegun import freeze_time

import emdash_cli
from tests.harness.site import TOP, Result, clean_environment

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

CONNECT = sqlite3.connect
CALLS = frozenset({"os.rename", "os.link", "os.remove", "os.mkdir", "os.truncate", "socket.connect"})
LIBRARIES = ("httpcore", "httpx", "pyromark", "yaml", "tests.model.timing")
KILLED = -signal.SIGKILL
Begin: TypeAlias = "Callable[[str, Callable[[], None]], None]"
"""Begins a command's time, and has each answer counted."""


class Order(NamedTuple):
    """A command to run.

    Attributes:
        moment: what its clock says; empty: the real time, and clocks that go on.
        nth: at which of the things it does it dies; 0: it does not; below 0: at that answer of a platform.
    """

    words: tuple[str, ...]
    moment: str
    nth: int
    root: str
    environment: Mapping[str, str]


class Processes:
    """The process that runs commands, from outside."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.model.process"],
            cwd=TOP,
            env=clean_environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def run(self, words: tuple[str, ...], moment: str, nth: int, root: Path, environment: Mapping[str, str]) -> Result:
        """A command that died has the code `KILLED`."""
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(json.dumps(Order(words, moment, nth, str(root), environment)) + "\n")
        self._process.stdin.flush()
        return Result(*json.loads(self._process.stdout.readline()))

    def close(self) -> None:
        self._process.communicate(timeout=60)


class Countdown:
    """Strikes this process when so many things have happened: by default as the out-of-memory killer would."""

    def __init__(self, left: int, number: int = signal.SIGKILL) -> None:
        self._left = left
        self._number = number

    def happened(self) -> None:
        self._left -= 1
        if self._left == 0:
            os.kill(os.getpid(), self._number)

    def connect(self, *arguments: Any, **options: Any) -> sqlite3.Connection:
        """As `sqlite3.connect`, with every statement counted."""
        connection: sqlite3.Connection = CONNECT(*arguments, **options)
        connection.set_trace_callback(lambda _: self.happened())
        return connection

    def hook(self, event: str, _: tuple[Any, ...]) -> None:
        """See https://docs.python.org/3/library/audit_events.html."""
        if event in CALLS:
            self.happened()


def child(order: Order, out: int, err: int, begin_at: Begin) -> NoReturn:
    """Run the command, and end this process as it ends."""
    code = 1
    try:
        os.chdir(order.root)
        os.environ.clear()
        os.environ.update(order.environment)
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        os.dup2(out, 1)
        os.dup2(err, 2)
        countdown = Countdown(abs(order.nth))
        if order.nth > 0:
            sys.addaudithook(countdown.hook)
            sqlite3.connect = countdown.connect  # type: ignore[assignment]
        from emdash_cli.__main__ import run

        begin_at(order.moment, countdown.happened)
        code = int(run(list(order.words)))
    except BaseException:  # noqa: BLE001 - else the child would go on as its parent
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def answer(order: Order, begin_at: Begin) -> Result:
    """Run the command in a child."""
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        pid = os.fork()
        if pid == 0:
            child(order, out.fileno(), err.fileno(), begin_at)
        _, status = os.waitpid(pid, 0)
        texts = [os.pread(file.fileno(), os.fstat(file.fileno()).st_size, 0).decode() for file in (out, err)]
        return Result(os.waitstatus_to_exitcode(status), *texts)


def main() -> None:
    """Answer orders until there are no more."""
    for module in pkgutil.walk_packages(emdash_cli.__path__, "emdash_cli."):
        importlib.import_module(module.name)
    for name in LIBRARIES:
        importlib.import_module(name)
    freezer = freeze_time("2040-01-01")
    clock = freezer.start()

    def begin_at(moment: str, happened: Callable[[], None]) -> None:
        if moment:
            clock.move_to(moment)
            importlib.import_module("tests.model.timing").take_over(clock, happened)
        else:
            freezer.stop()

    gc.freeze()  # A child that collects garbage copies what it shares with this process.
    for line in sys.stdin:
        reply = json.dumps(answer(Order(*json.loads(line)), begin_at))
        sys.stdout.write(reply + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
