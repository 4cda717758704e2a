from __future__ import annotations

import os
from typing import TYPE_CHECKING

import freezegun
import pytest
from hypothesis import settings

from tests.harness.d1_site import D1Site, empty_d1_site, new_d1_site
from tests.harness.site import LAYOUTS, Site, new_site

if TYPE_CHECKING:
    from pathlib import Path

    from tests.d1_engine.engine import Instance

# The first two generate the same inputs every time, so that a run can be repeated; `make explore` tries others.
settings.register_profile("quick", max_examples=60, deadline=None, derandomize=True)
settings.register_profile("thorough", max_examples=1000, deadline=None, derandomize=True)
settings.register_profile("explore", max_examples=1000, deadline=None)
settings.load_profile("quick")
# Else the durations that pytest shows are those of the frozen clock.
freezegun.configure(extend_ignore_list=["_pytest.timing"])
# What whoever runs the tests has set for a site of their own.
for name in ("EMDASH_CONFIG", "EMDASH_DATABASE", "EMDASH_USER", "CLOUDFLARE_API_BASE_URL", "CLOUDFLARE_API_TOKEN"):
    os.environ.pop(name, None)

pytest_plugins = ["tests.targets", "tests.d1_engine.fixtures"]


@pytest.fixture(params=LAYOUTS)
def store_layout(request: pytest.FixtureRequest) -> str:
    """Whose tables a store has: the tool's own, or those of a version of EmDash. The test runs on each."""
    layout: str = request.param
    return layout


@pytest.fixture
def bare(tmp_path: Path) -> Site:
    """An empty directory: neither settings nor a store."""
    root = tmp_path / "site"
    root.mkdir()
    return Site(root)


@pytest.fixture
def site(tmp_path: Path) -> Site:
    """A site as `emdash init` makes it."""
    return new_site(tmp_path / "site")


@pytest.fixture
def any_site(tmp_path: Path, store_layout: str) -> Site:
    """A site on the store of `emdash init`, and on the databases of EmDash. The test runs on each."""
    return new_site(tmp_path / "site", layout=store_layout)


@pytest.fixture
def d1_site(tmp_path: Path, d1: Instance) -> D1Site:
    """A site as `emdash init` makes it, with its store in D1."""
    return new_d1_site(tmp_path / "site", d1)


@pytest.fixture
def bare_d1(tmp_path: Path, d1: Instance) -> D1Site:
    """An empty directory and an empty database of D1."""
    return empty_d1_site(tmp_path / "site", d1)
