"""A store of an older emdash goes forward without losing a row, whatever happens on the way."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from emdash_cli.databases.sqlite import SqliteDatabase
from emdash_cli.domain.article import FieldNames
from emdash_cli.domain.errors import UnavailableError
from emdash_cli.store import layout, schema

if TYPE_CHECKING:
    from collections.abc import Sequence

    from emdash_cli.domain.ports import Row, Statement

DUMP = (Path(__file__).parent / "store-0.1.0.sql").read_text("utf-8")
NOW = "2026-12-01T00:00:00.000Z"
KEPT = ("publish_ledger", "schedule_locks", "pipeline_runs", "pipeline_heartbeats", "pipeline_audit")


def old_store(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.executescript(DUMP)
        connection.execute("PRAGMA journal_mode = wal")


def rows(path: Path, table: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(f"SELECT * FROM {table} ORDER BY 1").fetchall()


def schema_of(path: Path) -> dict[str, str]:
    with closing(sqlite3.connect(path)) as connection:
        found = connection.execute("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL")
        return {name: " ".join(sql.replace("IF NOT EXISTS ", "").replace('"', "").split()) for name, sql in found}


@pytest.fixture
def store(tmp_path: Path) -> Path:
    path = tmp_path / "emdash.db"
    old_store(path)
    return path


@pytest.fixture
def new(tmp_path: Path) -> Path:
    """A store that this emdash has made."""
    path = tmp_path / "new.db"
    with closing(SqliteDatabase(path, create=True)) as database:
        database.batch([*schema.emdash_tables(), *schema.tool_tables(NOW)])
    return path


def lacking(database: SqliteDatabase) -> schema.Missing:
    version = database.query(layout.TOOL_VERSION)[0]["version"]
    return schema.missing(FieldNames(), database.query(schema.OBJECTS), int(str(version)))


def bring_up(path: Path, kind: type[SqliteDatabase] = SqliteDatabase) -> None:
    with closing(kind(path)) as database:
        schema.bring_up(database, lacking(database), NOW)


def assert_forward(store: Path, before: dict[str, list[tuple[Any, ...]]], new: Path) -> None:
    """Everything that was there is there, and the store is as a new one."""
    kept = {table: before[table] for table in KEPT}
    # A file that named no platforms did not say that there are to be none.
    kept["publish_ledger"] = [
        tuple(None if value == "[]" else value for value in row) for row in kept["publish_ledger"]
    ]
    assert {table: rows(store, table) for table in KEPT} == kept
    moved = [(row[0], row[2], row[1], None, row[3], row[4] or row[3]) for row in before["purge_wishes"]]
    assert rows(store, "publish_outbox") == moved
    assert schema_of(store) == schema_of(new)
    assert [row[0] for row in rows(store, "pipeline_schema")] == list(range(1, layout.VERSION + 1))


def contents(path: Path) -> dict[str, list[tuple[Any, ...]]]:
    return {table: rows(path, table) for table in (*KEPT, "purge_wishes")}


class Killed(Exception):  # noqa: N818 - nothing went wrong here
    """The process is gone."""


def dies_at(statement_number: int) -> type[SqliteDatabase]:
    """An engine whose process is killed before its nth statement that writes."""
    left = [statement_number]

    class Dying(SqliteDatabase):
        def _rows(self, statement: Statement) -> list[Row]:
            if not statement.sql.startswith("SELECT"):
                left[0] -= 1
                if not left[0]:
                    raise Killed
            return super()._rows(statement)

    return Dying


def test_killed_between_any_two_statements_it_goes_on_where_it_ended(tmp_path: Path, new: Path) -> None:
    number = 0
    while True:
        number += 1
        store = tmp_path / f"{number}.db"
        old_store(store)
        before = contents(store)
        try:
            bring_up(store, dies_at(number))
        except Killed:
            bring_up(store)
            assert_forward(store, before, new)
        else:
            break
    assert number > sum(len(migration.sql) for migration in schema.migrations()[1:])


class SendsTwice(SqliteDatabase):
    """Each reply is lost, and the batch sent again."""

    def batch(self, statements: Sequence[Statement]) -> list[list[Row]]:
        super().batch(statements)
        return super().batch(statements)


def test_a_batch_that_is_sent_again_does_no_harm(store: Path, new: Path) -> None:
    before = contents(store)
    bring_up(store, SendsTwice)
    assert_forward(store, before, new)


def test_two_at_once_are_one(store: Path, new: Path) -> None:
    """The second one has seen the old store, too."""
    before = contents(store)
    with closing(SqliteDatabase(store)) as first, closing(SqliteDatabase(store)) as second:
        seen = lacking(first), lacking(second)
        schema.bring_up(first, seen[0], NOW)
        schema.bring_up(second, seen[1], NOW)
    assert_forward(store, before, new)


def test_a_store_that_fails_is_not_taken_for_one_that_was_changed(store: Path) -> None:
    class Full(SqliteDatabase):
        def batch(self, statements: Sequence[Statement]) -> list[list[Row]]:
            del statements
            raise UnavailableError("the disk is full", code="disk_full")

    with pytest.raises(UnavailableError, match="disk is full"):
        bring_up(store, Full)
    assert rows(store, "purge_wishes")
