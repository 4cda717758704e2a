"""Gets the engines' packages from the npm registry into ``.cache/d1-engine``, once per lock file."""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from tests.harness.node import Node, NodeError, node

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

SOURCES = Path(__file__).parent
CACHE = SOURCES.parent.parent / ".cache" / "d1-engine"

NODE_MAJOR = 22
"""What miniflare's package.json asks for under "engines"."""

LINES_SHOWN = 15


class EngineError(Exception):
    """The engine cannot be had or does not start; the message says what to do."""


class Packages:
    """What the lock file names, installed in a folder when it is first asked for.

    Every method raises `EngineError` when the registry does not give what is needed.
    """

    def __init__(self, cache: Path = CACHE) -> None:
        self._cache = cache

    def folder(self) -> Path:
        """The folder that holds ``node_modules``."""
        lock = SOURCES / "package-lock.json"
        stamp = self._cache / f"installed-{hashlib.sha256(lock.read_bytes()).hexdigest()[:16]}"
        with self._alone():
            if not stamp.exists():
                for name in ("package.json", "package-lock.json"):
                    shutil.copy(SOURCES / name, self._cache / name)
                self._run(
                    [*self._npm(), "ci", "--ignore-scripts", "--no-audit", "--no-fund"], "npm ci of tests/d1_engine"
                )
                for old in self._cache.glob("installed-*"):
                    old.unlink()
                stamp.touch()
        return self._cache

    def workerd(self) -> Path:
        """The workerd binary of this platform."""
        found = [*self.folder().glob("node_modules/@cloudflare/workerd-*/bin/workerd")]
        if not found:
            raise EngineError(
                "npm installed no workerd for this platform: it has one for Linux, macOS and Windows on x64, "
                "and for Linux and macOS on arm64; with musl instead of glibc there is none"
            )
        return found[0]

    def node(self) -> Path:
        """A Node new enough for miniflare: the one on PATH, else one from PyPI."""
        on_path = shutil.which("node")
        if on_path and _major(on_path) >= NODE_MAJOR:
            return Path(on_path)
        return _own_node().program

    def _npm(self) -> list[str]:
        return ["npm"] if shutil.which("npm") and shutil.which("node") else _own_node().npm

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """One process at a time: the workers of pytest-xdist all begin at once."""
        self._cache.mkdir(parents=True, exist_ok=True)
        with (self._cache / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _run(self, command: Sequence[str], what: str) -> None:
        # npm's own script finds its node on PATH.
        path = f"{Path(command[0]).parent}{os.pathsep}{os.environ.get('PATH', '')}"
        try:
            done = subprocess.run(
                command, cwd=self._cache, env={**os.environ, "PATH": path}, capture_output=True, text=True, check=False
            )
        except OSError as error:
            raise EngineError(f"{what} cannot be started: {error}") from error
        if done.returncode != 0:
            last = "\n".join((done.stdout + done.stderr).strip().splitlines()[-LINES_SHOWN:])
            raise EngineError(
                f"{what} failed, and without it there is no D1 engine to test against. It needs the npm registry, "
                f"and PyPI where Node is missing (install Node {NODE_MAJOR} with npm, or make both reachable):\n{last}"
            )


def _own_node() -> Node:
    try:
        return node()
    except NodeError as error:
        raise EngineError(f"without Node {NODE_MAJOR} there is no D1 engine to test against: {error}") from error


def _major(node_program: str) -> int:
    version = subprocess.run([node_program, "--version"], capture_output=True, text=True, check=False).stdout
    digits = version.removeprefix("v").split(".")[0]
    return int(digits) if digits.isdigit() else 0
