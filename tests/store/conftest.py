"""Stores for the tests of statements."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from emdash_cli.databases.sqlite import SqliteDatabase
from emdash_cli.store import schema

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteDatabase]:
    """An empty store."""
    database = SqliteDatabase(tmp_path / "store.db", create=True)
    database.batch([*schema.emdash_tables(), *schema.tool_tables("2026-01-01T00:00:00.000Z")])
    yield database
    database.close()
