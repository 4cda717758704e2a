from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.actions.layouts import layouts
from tests.publishing_site import Site, new_site

if TYPE_CHECKING:
    from pathlib import Path

pytest_plugins = ["tests.targets", "tests.d1_engine.fixtures"]


def pytest_report_header() -> str:
    return f"layouts of stores: {', '.join(layout.name for layout in layouts())} (more with EMDASH_TEST_DATA)"


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Test on EmDash's own databases where there are any."""
    if "store_layout" in metafunc.fixturenames:
        metafunc.parametrize("store_layout", layouts(), ids=lambda layout: layout.name)


@pytest.fixture
def site(tmp_path: Path) -> Site:
    """An empty site: settings, queue, archive, and a store without posts."""
    return new_site(tmp_path / "site")
