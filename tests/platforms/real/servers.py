"""Real servers on 127.0.0.1: a PDS, which Bluesky's accounts live on, and a Mastodon that keeps statuses in memory."""

from __future__ import annotations

import json
import secrets
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import httpx

from tests.harness.node import CACHE, NodeError, node, packages
from tests.platforms.servers.base import SECRET

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

SOURCES = Path(__file__).parent
MASTODON = CACHE / "mastodon" / "bin" / "mastodon_mock"
START_LIMIT = 120
"""Seconds until the first answer; on a quiet machine the PDS takes ten, and the other one five."""
LINES_SHOWN = 25


class Pds(NamedTuple):
    """A running PDS with one account.

    Attributes:
        jwt_secret: that it signs its tokens with.
    """

    base: str
    handle: str
    did: str
    jwt_secret: str

    def records(self) -> list[dict[str, Any]]:
        """The account's posts as everybody may read them, the oldest first."""
        query = {"repo": self.did, "collection": "app.bsky.feed.post", "reverse": "true", "limit": "100"}
        answer = httpx.get(f"{self.base}/xrpc/com.atproto.repo.listRecords", params=query)
        listed: list[dict[str, Any]] = answer.raise_for_status().json()["records"]
        return listed


def installed_pds() -> Path:
    """The folder with the PDS's packages; the first time, they are installed, which takes two minutes or more.

    Raises:
        NodeError: they cannot be.
    """
    return packages("pds", SOURCES, ("package.json", "package-lock.json"), built=("better-sqlite3",))


@contextmanager
def pds(folder: Path) -> Iterator[Pds]:
    """A PDS in an empty folder, with the account ``newsroom.test``, whose password is the planted secret."""
    home = installed_pds()
    program = home / "pds.mjs"  # beside node_modules, where Node looks for packages
    program.write_text((SOURCES / "pds.mjs").read_text("utf-8"))
    port, directory, secret = free_port(), free_port(), secrets.token_hex(16)
    found = node()
    command = [str(found.program), str(program), str(port), str(directory), str(folder), secret]
    with _running(command, folder / "log", found.environment):
        base = f"http://127.0.0.1:{port}"
        _wait(f"{base}/xrpc/_health", folder / "log")
        account = {"handle": "newsroom.test", "email": "newsroom@example.com", "password": SECRET}
        answer = httpx.post(f"{base}/xrpc/com.atproto.server.createAccount", json=account, timeout=60)
        yield Pds(base, "newsroom.test", answer.raise_for_status().json()["did"], secret)


@contextmanager
def mastodon(folder: Path) -> Iterator[str]:
    """A Mastodon server; its address. It knows the token ``mock_token``."""
    port = free_port()
    command = [str(MASTODON), "serve", "--in-memory", "--host", "127.0.0.1", "--port", str(port)]
    with _running(command, folder / "log", None):
        _wait(f"http://127.0.0.1:{port}/api/v1/instance", folder / "log")
        yield f"http://127.0.0.1:{port}"


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        number: int = listening.getsockname()[1]
    return number


@contextmanager
def _running(command: Sequence[str], log: Path, environment: dict[str, str] | None) -> Iterator[None]:
    with (
        log.open("wb") as output,
        subprocess.Popen(
            command, cwd=log.parent, env=environment, stdin=subprocess.PIPE, stdout=output, stderr=output
        ) as process,
    ):
        try:
            yield
        finally:
            process.terminate()


def _wait(address: str, log: Path) -> None:
    until = time.monotonic() + START_LIMIT
    while time.monotonic() < until:
        try:
            if httpx.get(address, timeout=5).status_code == httpx.codes.OK:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.2)
    last = "\n".join(log.read_text("utf-8", "replace").splitlines()[-LINES_SHOWN:])
    raise NodeError(f"nothing answered at {address} for {START_LIMIT} seconds:\n{last}")


if __name__ == "__main__":
    try:
        sys.stdout.write(json.dumps({"pds": str(installed_pds())}) + "\n")
    except NodeError as error:
        sys.exit(str(error))
