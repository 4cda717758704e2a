"""Every database engine, as the conformance suite sees it: an empty store that can be opened again and again."""

from __future__ import annotations

import socket
from contextlib import closing
from typing import TYPE_CHECKING, Protocol

from emdash_cli.databases.d1 import D1Database
from emdash_cli.databases.sqlite import SqliteDatabase

if TYPE_CHECKING:
    from pathlib import Path

    from emdash_cli.domain.ports import Database
    from tests.d1_engine.engine import Instance


class Store(Protocol):
    """An engine under test, with one empty store."""

    def connect(self) -> Database:
        """A connection of its own to the store."""
        ...

    def connect_to_nothing(self) -> Database:
        """A connection to a store that is not there; the first query fails at the latest."""
        ...


class SqliteStore:
    def __init__(self, folder: Path) -> None:
        self._folder = folder
        SqliteDatabase(folder / "store.db", create=True).close()

    def connect(self) -> Database:
        return SqliteDatabase(self._folder / "store.db")

    def connect_to_nothing(self) -> Database:
        return SqliteDatabase(self._folder / "missing.db")


class D1Store:
    def __init__(self, instance: Instance) -> None:
        self._instance = instance

    def connect(self) -> Database:
        return self._connect(self._instance.base_url)

    def connect_to_nothing(self) -> Database:
        return self._connect(f"http://127.0.0.1:{closed_port()}")

    def _connect(self, base_url: str) -> Database:
        return D1Database(
            self._instance.account_id,
            self._instance.database_id,
            self._instance.token,
            base_url=base_url,
            sleep=lambda _: None,
        )


def closed_port() -> int:
    """A port of 127.0.0.1 where nothing listens."""
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
