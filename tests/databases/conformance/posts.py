"""Two tables that refer to each other, and how the tests of the port fill and read them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emdash_cli.domain.ports import Statement

if TYPE_CHECKING:
    from emdash_cli.domain.ports import Database, Row, Value

POSTS = Statement("CREATE TABLE post (id TEXT PRIMARY KEY, slug TEXT UNIQUE, number INTEGER, body TEXT)")
LINKS = Statement("CREATE TABLE link (id INTEGER PRIMARY KEY, post TEXT NOT NULL REFERENCES post (id))")


def insert(key: str, slug: str | None = None) -> Statement:
    return Statement("INSERT INTO post (id, slug) VALUES (?1, ?2)", (key, slug or key))


def rows(database: Database, sql: str, *params: Value) -> list[Row]:
    return database.query(Statement(sql, params))


def keys(database: Database) -> list[Value]:
    return [row["id"] for row in rows(database, "SELECT id FROM post ORDER BY id")]
