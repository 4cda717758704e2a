"""Starts a D1 engine on 127.0.0.1 and hands out fresh databases in it.

Two real kinds, behind one contract (``contract.mjs``): ``workerd`` is the SQLite that D1 runs on, alone, and starts in
a fifth of a second; ``miniflare`` is Cloudflare's own D1 binding, and the reference for the first. And a third that
needs nothing but Python: ``stand-in``, in ``stand_in.py``.
"""

from __future__ import annotations

import json
import os
import secrets
import select
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, Self

from tests.d1_engine.install import SOURCES, EngineError, Packages

if TYPE_CHECKING:
    from types import TracebackType

    from tests.d1_engine.faults import Fault

Kind = Literal["stand-in", "workerd", "miniflare"]

START_S = 30.0

# The engine ends, and its files go, with the shell's standard input: also when the test process is killed.
GUARD = (
    'exec 3<&0; "$@" </dev/null & child=$!; { read -r _; kill "$child"; } <&3 2>/dev/null &'
    ' wait "$child"; rm -rf -- "$0"'
)


class Request(NamedTuple):
    """A request that the engine saw."""

    statements: int
    bytes: int
    """Of the body."""
    status: int
    """Of the answer; 0 while it is still being worked on."""
    sql: tuple[str, ...]
    form: str
    """``query``, ``raw`` or ``time_travel/bookmark``."""


@dataclass(frozen=True, slots=True)
class Instance:
    """One database in an engine, empty at first and nobody else's."""

    origin: str
    token: str = field(repr=False)
    database_id: str
    account_id: str = "0123456789abcdef0123456789abcdef"

    @property
    def base_url(self) -> str:
        """What stands for ``https://api.cloudflare.com/client/v4``."""
        return f"{self.origin}/client/v4"

    def faults(self, *faults: Fault, cycle: bool = False) -> None:
        """Meet the coming requests with these faults, in this order; with ``cycle`` over and over again."""
        self._control(faults=[fault.as_dict() for fault in faults], cycle=cycle)

    def faults_left(self) -> int:
        """How many of the faults no request has met yet."""
        return len(self._control()["faults"])

    def max_body(self, size: int | None) -> None:
        """Refuse bodies of more bytes than this with 413; None: take them all."""
        self._control(maxBody=size)

    def requests(self) -> list[Request]:
        """Every request since the last `forget`, in the order of arrival."""
        return [
            Request(seen["statements"], seen["bytes"], seen["status"], tuple(seen["sql"]), seen["form"])
            for seen in self._control()["log"]
        ]

    def forget(self) -> None:
        """Begin the log of requests anew."""
        self._control(forget=True)

    def execute(self, *sql: str) -> list[list[dict[str, Any]]]:
        """Rows of each statement, by a way that is not the code under test; unlogged and without faults."""
        return [
            answer["results"] for answer in self._control(run=[{"sql": one, "params": []} for one in sql])["result"]
        ]

    def _control(self, **wish: object) -> dict[str, Any]:
        request = urllib.request.Request(  # noqa: S310  # the origin is ours
            f"{self.origin}/control/{self.database_id}", json.dumps(wish).encode(), method="POST"
        )
        with urllib.request.urlopen(request, timeout=30) as response:  # noqa: S310
            answer: dict[str, Any] = json.load(response)
        return answer


class Engine:
    """A running engine; a context manager that stops it."""

    def __init__(self, kind: Kind, packages: Packages) -> None:
        self.kind = kind
        self.token = secrets.token_urlsafe(30)
        # In memory where that can be had: the engine syncs each commit, which is D1's business, not the tests'.
        memory = "/dev/shm"  # noqa: S108  # mkdtemp makes the private folder in it
        self._home = Path(tempfile.mkdtemp(prefix=f"d1-{kind}-", dir=memory if os.access(memory, os.W_OK) else None))
        self._log = self._home / "log"
        listening, answering = os.pipe()
        try:
            self._process = self._spawn(packages, answering)
        except BaseException:
            shutil.rmtree(self._home, ignore_errors=True)
            os.close(listening)
            raise
        finally:
            os.close(answering)
        try:
            self.origin = f"http://127.0.0.1:{self._port(listening)}"
        except BaseException:
            self.stop()
            raise
        finally:
            os.close(listening)

    def _spawn(self, packages: Packages, ready_fd: int) -> subprocess.Popen[bytes]:
        files = self._home / "files"
        files.mkdir()
        match self.kind:
            case "stand-in":
                serve = [sys.executable, "-m", "tests.d1_engine.stand_in", str(ready_fd)]
            case "workerd":
                config = SOURCES / "workerd.capnp"
                serve = [
                    str(packages.workerd()),
                    "serve",
                    f"--control-fd={ready_fd}",
                    f"--directory-path=files={files}",
                    str(config),
                ]
            case "miniflare":
                serve = [
                    str(packages.node()),
                    str(SOURCES / "reference.mjs"),
                    str(packages.folder()),
                    str(SOURCES),
                    str(files),
                    str(ready_fd),
                ]
        with self._log.open("wb") as log:
            return subprocess.Popen(
                ["/bin/sh", "-c", GUARD, str(self._home), *serve],
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                pass_fds=(ready_fd,),
                cwd=SOURCES.parents[1],
                env={**os.environ, "D1_ENGINE_TOKEN": self.token},
            )

    def _port(self, listening: int) -> int:
        """What the engine says that it listens on, in a line of JSON."""
        said = b""
        deadline = time.monotonic() + START_S
        while b"\n" not in said:
            readable, _, _ = select.select([listening], [], [], max(0.0, deadline - time.monotonic()))
            piece = os.read(listening, 4096) if readable else b""
            if not piece:
                raise EngineError(
                    f"the {self.kind} engine did not start within {START_S:.0f} s:\n{self._log.read_text()}"
                )
            said += piece
        return int(json.loads(said.splitlines()[0])["port"])

    def database(self) -> Instance:
        """A fresh database."""
        return Instance(self.origin, self.token, f"db-{secrets.token_hex(8)}")

    def stop(self) -> None:
        """End the engine and remove its files; harmless the second time."""
        if self._process.stdin:
            self._process.stdin.close()
        try:
            self._process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
            shutil.rmtree(self._home, ignore_errors=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.stop()


def start(kind: Kind, packages: Packages | None = None) -> Engine:
    """A running engine of that kind, from packages that are installed if they are not there yet.

    Raises:
        EngineError: it cannot be installed or does not start.
    """
    return Engine(kind, packages or Packages())
