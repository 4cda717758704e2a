"""What the tests of D1 share: statements whose effects can be counted, and a client whose waiting takes no time."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from emdash_cli.databases.d1 import D1Database
from emdash_cli.domain.ports import Statement

if TYPE_CHECKING:
    from tests.d1_engine.engine import Instance


ONE = Statement("SELECT 1 AS one")


def announce(name: str) -> list[Statement]:
    """A batch that adds the name once, however often it is sent, and reads back what is so."""
    return [
        Statement("INSERT INTO names SELECT ?1, 1 WHERE NOT EXISTS (SELECT 1 FROM names WHERE name = ?1)", (name,)),
        Statement("INSERT INTO effects SELECT ?1 WHERE NOT EXISTS (SELECT 1 FROM effects WHERE name = ?1)", (name,)),
        Statement("SELECT name, times FROM names WHERE name = ?1", (name,)),
    ]


def effects(instance: Instance) -> Counter[str]:
    (rows,) = instance.execute("SELECT n.name FROM names AS n JOIN effects AS e ON e.name = n.name")
    return Counter(row["name"] for row in rows)


NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


class FakeTime:
    """Time that passes only by sleeping."""

    def __init__(self) -> None:
        self.passed = 0.0
        self.sleeps: list[float] = []

    def sleep(self, seconds: float) -> None:
        self.sleeps.append(seconds)
        self.passed += seconds

    def monotonic(self) -> float:
        return self.passed

    def now(self) -> datetime:
        return NOON + timedelta(seconds=self.passed)


class Waiting:
    """A database of the fast engine, its time and its notices."""

    def __init__(self, instance: Instance) -> None:
        self.instance = instance
        self.time = FakeTime()
        self.notices: list[str] = []
        self._opened: list[D1Database] = []
        self.database = self.open()

    def open(self, **changed: Any) -> D1Database:
        """A connection to the database; arguments of D1Database by name, to have them otherwise."""
        arguments: dict[str, Any] = {
            "account_id": self.instance.account_id,
            "database_id": self.instance.database_id,
            "token": self.instance.token,
            "base_url": self.instance.base_url,
            "sleep": self.time.sleep,
            "monotonic": self.time.monotonic,
            "clock": self.time.now,
            "random": lambda: 0.5,
            "notice": self.notices.append,
        }
        database = D1Database(**(arguments | changed))
        self._opened.append(database)
        return database

    def close(self) -> None:
        for database in self._opened:
            database.close()
