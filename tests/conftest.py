from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.publishing_site import Site, new_site

if TYPE_CHECKING:
    from pathlib import Path

pytest_plugins = ["tests.d1_engine.fixtures"]


@pytest.fixture
def site(tmp_path: Path) -> Site:
    """An empty site: settings, queue, archive, and a store without posts."""
    return new_site(tmp_path / "site")
