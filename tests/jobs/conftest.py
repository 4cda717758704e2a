from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.databases.conformance.stores import D1Store, SqliteStore
from tests.jobs.queue import Queue, prepared

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.databases.conformance.stores import Store


@pytest.fixture(params=["sqlite", pytest.param("d1", marks=pytest.mark.d1)])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    if request.param == "sqlite":
        return SqliteStore(tmp_path)
    return D1Store(request.getfixturevalue("d1_engine").database())


@pytest.fixture
def queue(store: Store) -> Iterator[Queue]:
    """Without lanes, on a file and on D1."""
    database = store.connect()
    yield prepared(database)
    database.close()
