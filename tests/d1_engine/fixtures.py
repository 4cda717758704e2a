"""Pytest plugin: ``pytest_plugins = ["tests.d1_engine.fixtures"]``.

``d1_engine`` and ``d1_reference`` are running engines, one of each a worker process; take a fresh database from
them with ``.database()``, or ask for ``d1`` and have one of the first. ``d1_engine`` is a stand-in in Python, and
with ``--d1-engine=workerd`` the SQLite that D1 runs on; ``d1_reference`` is always real.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.d1_engine.engine import start

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.d1_engine.engine import Engine, Instance


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--d1-engine", choices=["stand-in", "workerd"], default="stand-in", help="what stands for D1")


@pytest.fixture(scope="session")
def d1_engine(pytestconfig: pytest.Config) -> Iterator[Engine]:
    with start(pytestconfig.getoption("--d1-engine")) as engine:
        yield engine


@pytest.fixture(scope="session")
def d1_reference() -> Iterator[Engine]:
    with start("miniflare") as engine:
        yield engine


@pytest.fixture
def d1(d1_engine: Engine) -> Instance:
    return d1_engine.database()
