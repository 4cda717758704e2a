"""A real EmDash 0.32.0 site on 127.0.0.1, with a database of its own, for as long as a test session.

The site is the production build, as its users run it. EmDash's development server makes the database and the
administrator first, and serves the admin to the browser, since only it lets one in without a passkey.
"""

from __future__ import annotations

import os
import signal
import socket
import sqlite3
import subprocess
import time
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import httpx

from tests.harness.node import Node, NodeError, node
from tests.live.installation import installed

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

START_LIMIT = 180
"""Seconds until the first page: the first development server bundles EmDash's packages, others take a few seconds."""

STOP_LIMIT = 10
FAULTS = ("[ERROR]", "Error:", "PortableText [components")
"""What the server's log says when a page or a request went wrong."""


@dataclass(frozen=True, slots=True)
class EmdashSite:
    """The running site.

    Attributes:
        base_url: without a slash at the end.
        database: the SQLite file that it serves, made by its own migrations and seeded from ``seed.json``.
        token: an administrator's, for the REST API.
        log: what the server printed.
        home: where the site is installed.
    """

    base_url: str
    database: Path
    token: str
    log: Path
    home: Path
    _process: subprocess.Popen[bytes] = field(repr=False)
    _client: httpx.Client = field(repr=False)

    def get(self, path: str, status: int = 200) -> str:
        """The text of a page, as a visitor gets it."""
        answer = self._client.get(path)
        assert answer.status_code == status, f"GET {path}: {answer.status_code} {answer.text[:400]}"
        return answer.text

    def api(self, method: str, path: str, json: Any = None, status: int = 200) -> Any:
        """The ``data`` of a REST answer, as the admin gets it; of a refusal, its ``error``."""
        answer = self._client.request(
            method,
            f"/_emdash/api{path}",
            json=json,
            headers={"Authorization": f"Bearer {self.token}", "X-EmDash-Request": "1"},
        )
        assert answer.status_code == status, f"{method} {path}: {answer.status_code} {answer.text[:400]}"
        body = answer.json()
        return body["data"] if body["success"] else body["error"]

    def item(self, post_id: str) -> dict[str, Any]:
        """The post as the admin's editor loads it."""
        item: dict[str, Any] = self.api("GET", f"/content/posts/{post_id}")["item"]
        return item

    def rows(self, statement: str, *parameters: object) -> list[dict[str, Any]]:
        """Rows read straight from the database file."""
        connection = sqlite3.connect(f"file:{self.database}?mode=ro", uri=True)
        try:
            connection.row_factory = sqlite3.Row
            return [dict(row) for row in connection.execute(statement, parameters)]
        finally:
            connection.close()

    def faults(self, since: int = 0) -> list[str]:
        """The faults in the log after that many bytes."""
        text = self.log.read_bytes()[since:].decode(errors="replace")
        return [line for line in text.splitlines() if any(fault in line for fault in FAULTS)]

    def _is_writing(self) -> bool:
        """Whether somebody holds the write lock of the database."""
        with closing(sqlite3.connect(self.database, timeout=0, isolation_level=None)) as connection:
            try:
                connection.execute("BEGIN IMMEDIATE")
                connection.execute("ROLLBACK")
            except sqlite3.OperationalError:
                return True
        return False

    @contextmanager
    def paused(self) -> Iterator[None]:
        """The site stands still, so that its own scheduler, which ticks every 60 s, cannot come first."""
        os.kill(self._process.pid, signal.SIGSTOP)
        try:
            while self._is_writing():  # Stopped like this, it would keep every other program from writing.
                os.kill(self._process.pid, signal.SIGCONT)
                time.sleep(0.05)
                os.kill(self._process.pid, signal.SIGSTOP)
            yield
        finally:
            os.kill(self._process.pid, signal.SIGCONT)


def schema_of(site: EmdashSite) -> dict[str, str]:
    """The statement that made each table, index and trigger, by its name."""
    rows = site.rows("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL")
    return {row["name"]: row["sql"] for row in rows}


@contextmanager
def running_site(directory: Path) -> Iterator[EmdashSite]:
    """Installs the site if need be, starts it on a free port with a new database in ``directory``, ends it after.

    Raises:
        NodeError: something is missing, or it does not start.
    """
    toolchain = node()
    with installed(toolchain) as home:
        database = directory / "site.db"
        with development_server(toolchain, home, database) as base_url:
            token = _administrator(base_url)
        log = directory / "site.log"
        port = _free_port()
        # The build knows its database as ./site.db.
        command = [str(toolchain.program), str(home / "dist" / "server" / "entry.mjs")]
        settings = {**toolchain.environment, "HOST": "127.0.0.1", "PORT": str(port)}
        base_url = f"http://127.0.0.1:{port}"
        with (
            _server(command, directory, settings, log) as process,
            httpx.Client(base_url=base_url, timeout=60, trust_env=False) as client,
        ):
            _wait(process, base_url, log)
            yield EmdashSite(base_url, database, token, log, home, process, client)


@contextmanager
def development_server(toolchain: Node, home: Path, database: Path) -> Iterator[str]:
    """EmDash's development server on the same database; its base URL."""
    port = _free_port()
    command = [
        *(str(toolchain.program), "node_modules/astro/bin/astro.mjs", "dev", "--ignore-lock"),
        *("--host", "127.0.0.1", "--port", str(port)),
    ]
    settings = {
        **toolchain.environment,
        "LIVE_DATABASE": str(database),
        "LIVE_UPLOADS": str(database.parent / "uploads"),
    }
    log = database.parent / "development.log"
    base_url = f"http://127.0.0.1:{port}"
    with _server(command, home, settings, log) as process:
        _wait(process, base_url, log)
        yield base_url


@contextmanager
def _server(
    command: list[str], directory: Path, settings: dict[str, str], log: Path
) -> Iterator[subprocess.Popen[bytes]]:
    with log.open("wb") as output:
        process = subprocess.Popen(command, cwd=directory, env=settings, stdout=output, stderr=subprocess.STDOUT)
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(STOP_LIMIT)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait(process: subprocess.Popen[bytes], base_url: str, log: Path) -> None:
    until = time.monotonic() + START_LIMIT
    while time.monotonic() < until:
        if process.poll() is not None:
            break
        try:
            if httpx.get(base_url, timeout=START_LIMIT, trust_env=False).status_code == httpx.codes.OK:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.25)
    last = "\n".join(log.read_text(errors="replace").splitlines()[-25:])
    raise NodeError(f"the site did not start (process {process.pid}, returned {process.poll()}):\n{last}")


def _administrator(base_url: str) -> str:
    """Makes the admin user and a token, as EmDash's development servers offer it.

    On a connection of its own: it also answers with the cookie of a session, and visitors have none.
    """
    answer = httpx.post(
        f"{base_url}/_emdash/api/setup/dev-bypass?token=1",
        headers={"X-EmDash-Request": "1"},
        timeout=60,
        trust_env=False,
    )
    if answer.status_code != httpx.codes.OK:
        raise NodeError(f"the site's setup answered {answer.status_code}: {answer.text[:400]}")
    token: str = answer.json()["data"]["token"]
    return token


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
