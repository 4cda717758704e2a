"""Databases as EmDash makes them, without an EmDash: each version's own statements, an administrator and a category."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from functools import cache
from typing import TYPE_CHECKING

from tests.emdash_databases.generate import MOMENT, file_of

if TYPE_CHECKING:
    from pathlib import Path

VERSIONS = ("0.32", "0.34")

# The administrator is the one that EmDash's development server makes at the first sign-in.
CONTENT = (
    "INSERT INTO users (id, email, name, role, email_verified, created_at, updated_at)"
    f" VALUES ('01KDWV8000ADMINADMINADMIN0', 'dev@emdash.local', 'Dev Admin', 50, 1, '{MOMENT}', '{MOMENT}');"
    "INSERT INTO taxonomies (id, name, slug, label, locale, translation_group) VALUES"
    " ('01KDWV8000NEWSNEWSNEWSNEWS', 'category', 'news', 'News', 'en', '01KDWV8000NEWSNEWSNEWSNEWS')"
)


@cache
def empty_database(version: str) -> bytes:
    """The bytes of the SQLite file of a site of that version, with no posts."""
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.executescript(file_of(version).read_text("utf-8"))
        connection.executescript(CONTENT)
        return connection.serialize()


def write_database(version: str, path: Path) -> None:
    """Put such a file there, in the place of whatever store is there."""
    for old in (path, path.with_name(f"{path.name}-wal"), path.with_name(f"{path.name}-shm")):
        old.unlink(missing_ok=True)
    path.write_bytes(empty_database(version))
