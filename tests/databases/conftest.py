from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.databases.support import Waiting

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.d1_engine.engine import Instance


@pytest.fixture
def waiting(d1: Instance) -> Iterator[Waiting]:
    waiting = Waiting(d1)
    yield waiting
    waiting.close()


@pytest.fixture
def names(d1: Instance) -> Instance:
    d1.execute("CREATE TABLE names (name TEXT, times INTEGER)", "CREATE TABLE effects (name TEXT)")
    return d1
