"""Writes the SQL that makes an empty database as EmDash itself makes it, from the database of a site.

``python -m tests.emdash_databases.generate VERSION DATABASE`` writes ``emdash-VERSION.sql`` beside this file:
the tables, indexes and triggers of a site whose one collection is ``posts``, the names of the migrations that made
them, and the definition of the collection and its fields. Nothing else of the database goes into the file, and
what differs from site to site (ids, times) is replaced, so that every site of a version gives the same text.

- 0.32 is what npm has: `make test-emdash` compares its file with the database of the site that it runs, and leaves
  the text of that site in ``build/live/emdash-0.32.sql``.
- 0.34 was generated once, from the database that EmDash 0.34.0 had made at the first start of its blog template
  (migrations up to 070). No registry has that version, so nothing compares it.

EmDash is MIT-licensed: https://github.com/emdash-cms/emdash.
"""

from __future__ import annotations

import re
import sqlite3
import sys
from contextlib import closing
from pathlib import Path

MOMENT = "2026-01-01T00:00:00.000Z"
HEADER = """\
-- An empty site of EmDash {version}, https://github.com/emdash-cms/emdash (MIT licence), as EmDash itself makes it.
-- Written by tests/emdash_databases/generate.py; do not edit.
"""
OTHER_COLLECTIONS = re.compile(r"ec_(?!posts$)|_emdash_fts_(?!posts$|posts_)")


def file_of(version: str) -> Path:
    """Where the SQL of a version lies."""
    return Path(__file__).with_name(f"emdash-{version}.sql")


def sql_of(version: str, database: Path) -> str:
    """The text of the file, for a version, from a site's database."""
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
        connection.row_factory = sqlite3.Row
        statements = [*_schema(connection), *_migrations(connection), *_collection(connection)]
    return HEADER.format(version=version) + "\n".join(f"{statement};" for statement in statements) + "\n"


def _schema(connection: sqlite3.Connection) -> list[str]:
    """Statements in an order in which they can be executed: tables, then indexes, then triggers."""
    # The tables behind a virtual table are made with it.
    shadows = {row["name"] for row in connection.execute("PRAGMA table_list") if row["type"] == "shadow"}
    rows = connection.execute(
        "SELECT name, tbl_name, sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'"
        " ORDER BY CASE type WHEN 'table' THEN 1 WHEN 'index' THEN 2 ELSE 3 END, name"
    )
    return [
        row["sql"].strip()
        for row in rows
        if row["name"] not in shadows and not OTHER_COLLECTIONS.match(row["tbl_name"])
    ]


def _migrations(connection: sqlite3.Connection) -> list[str]:
    names = connection.execute("SELECT name FROM _emdash_migrations ORDER BY name")
    return [_insert("_emdash_migrations", {"name": row["name"], "timestamp": MOMENT}) for row in names]


def _collection(connection: sqlite3.Connection) -> list[str]:
    (posts,) = connection.execute("SELECT * FROM _emdash_collections WHERE slug = 'posts'")
    fields = connection.execute(
        "SELECT * FROM _emdash_fields WHERE collection_id = ? ORDER BY sort_order", (posts["id"],)
    )
    return [
        _insert("_emdash_collections", {**dict(posts), "id": "posts"}),
        *(
            _insert("_emdash_fields", {**dict(field), "id": f"posts.{field['slug']}", "collection_id": "posts"})
            for field in fields
        ),
    ]


def _insert(table: str, values: dict[str, object]) -> str:
    reported = {name: value for name, value in values.items() if value is not None}
    reported |= {name: MOMENT for name in ("created_at", "updated_at") if name in reported}
    columns = ", ".join(f'"{name}"' for name in reported)
    return f"INSERT INTO {table} ({columns}) VALUES ({', '.join(map(_literal, reported.values()))})"


def _literal(value: object) -> str:
    return str(value) if isinstance(value, int | float) else "'" + str(value).replace("'", "''") + "'"


if __name__ == "__main__":
    file_of(sys.argv[1]).write_text(sql_of(sys.argv[1], Path(sys.argv[2])), "utf-8")
