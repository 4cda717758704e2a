"""Pytest plugin: ``pytest_plugins = ["tests.d1_engine.fixtures"]``.

``d1_engine`` and ``d1_reference`` are running engines, one of each a worker process; take a fresh database from
them with ``.database()``, or ask for ``d1`` and have one of the fast engine. A test that needs the reference
carries the mark ``reference``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.d1_engine.engine import start

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.d1_engine.engine import Engine, Instance


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "reference: runs on miniflare's D1 binding, which starts slowly")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "d1_reference" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.reference)


@pytest.fixture(scope="session")
def d1_engine() -> Iterator[Engine]:
    with start("workerd") as engine:
        yield engine


@pytest.fixture(scope="session")
def d1_reference() -> Iterator[Engine]:
    with start("miniflare") as engine:
        yield engine


@pytest.fixture
def d1(d1_engine: Engine) -> Instance:
    return d1_engine.database()
