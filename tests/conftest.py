from __future__ import annotations

from typing import TYPE_CHECKING

import freezegun
import pytest
from hypothesis import settings

from tests.emdash_databases.databases import VERSIONS
from tests.publishing_site import Site, new_site

if TYPE_CHECKING:
    from pathlib import Path

settings.register_profile("quick", max_examples=60, deadline=None)
settings.register_profile("thorough", max_examples=1000, deadline=None)
settings.load_profile("quick")
# Else the durations that pytest shows are those of the frozen clock.
freezegun.configure(extend_ignore_list=["_pytest.timing"])

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
