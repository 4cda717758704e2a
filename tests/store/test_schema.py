"""The embedded store is EmDash's, column for column where it is written, and the tool's tables keep to themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlite_utils import Database

from emdash_cli.store import layout, schema
from tests.emdash_databases.databases import empty_database

if TYPE_CHECKING:
    from collections.abc import Iterator


def made_by(statements: list[str]) -> Database:
    store = Database(memory=True)
    for sql in statements:
        store.execute(sql)
    return store


@pytest.fixture
def embedded() -> Iterator[Database]:
    store = made_by([statement.sql for statement in schema.emdash_tables()])
    yield store
    store.close()


@pytest.fixture
def tool() -> Iterator[Database]:
    store = Database(memory=True)
    for statement in schema.tool_tables("2026-01-01T00:00:00.000Z"):
        store.execute(statement.sql, statement.params)
    yield store
    store.close()


def test_its_columns_are_those_of_emdash(embedded: Database) -> None:
    theirs = Database(memory=True)
    theirs.conn.deserialize(empty_database("0.34"))
    for table in embedded.tables:
        ours = {column.name: (column.type.upper(), bool(column.notnull)) for column in table.columns}
        # SQLite says NOT NULL of a text key only where it was written.
        wanted = {column.name: (column.type.upper(), bool(column.notnull)) for column in theirs[table.name].columns}
        if table.name == "_emdash_migrations":
            assert ours.keys() == wanted.keys()
            continue
        assert ours.keys() == wanted.keys(), table.name
        assert {name: ours[name][0] for name in ours} == {name: wanted[name][0] for name in wanted}, table.name
    theirs.close()


def test_the_tools_tables_bear_no_name_of_emdash_and_hang_on_nothing(tool: Database) -> None:
    assert tool.table_names()
    for table in tool.tables:
        assert not table.name.startswith(("ec_", "_emdash_")), table.name
        assert table.foreign_keys == [], table.name


def test_the_migrations_lead_to_what_schema_sql_shows(tool: Database) -> None:
    shown = made_by([statement.sql for statement in schema.indexes_and_tables()])
    assert described(tool) == described(shown)
    versions = [row["version"] for row in tool.query("SELECT version FROM pipeline_schema ORDER BY version")]
    assert versions == list(range(1, layout.VERSION + 1))


def described(store: Database) -> dict[str, str]:
    """Every table and index, and the statement that makes it, however it is written."""
    rows = store.query("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL")
    return {row["name"]: " ".join(str(row["sql"]).replace("IF NOT EXISTS ", "").split()) for row in rows}
