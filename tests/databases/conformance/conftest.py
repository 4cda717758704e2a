from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.databases.conformance.posts import LINKS, POSTS
from tests.databases.conformance.stores import D1Store, SqliteStore

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from emdash_cli.domain.ports import Database
    from tests.databases.conformance.stores import Store


@pytest.fixture(
    params=[
        "sqlite",
        pytest.param("d1", marks=pytest.mark.d1),
        pytest.param("d1-reference", marks=pytest.mark.engines),
    ]
)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    match request.param:
        case "sqlite":
            return SqliteStore(tmp_path)
        case "d1":
            return D1Store(request.getfixturevalue("d1_engine").database())
        case _:
            return D1Store(request.getfixturevalue("d1_reference").database())


@pytest.fixture
def database(store: Store) -> Iterator[Database]:
    database = store.connect()
    yield database
    database.close()


@pytest.fixture
def posts(database: Database) -> Database:
    database.batch([POSTS, LINKS])
    return database
