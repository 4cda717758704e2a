from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.emdash_databases.databases import VERSIONS
from tests.publishing_site import Site, new_site

if TYPE_CHECKING:
    from pathlib import Path

pytest_plugins = ["tests.targets", "tests.d1_engine.fixtures"]


@pytest.fixture(params=["embedded", *VERSIONS])
def store_layout(request: pytest.FixtureRequest) -> str:
    """A kind of store: the embedded one, or the version of EmDash that made it."""
    layout: str = request.param
    return layout


@pytest.fixture
def site(tmp_path: Path) -> Site:
    """An empty site: settings, queue, archive, and a store without posts."""
    return new_site(tmp_path / "site")
