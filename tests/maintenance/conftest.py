from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from freezegun import freeze_time

from tests.maintenance.support import NOW, Half, half_done, whole

if TYPE_CHECKING:
    from tests.harness.site import Site


@pytest.fixture
def frozen() -> Any:
    with freeze_time(NOW) as clock:
        yield clock


@pytest.fixture
def half(any_site: Site) -> Half:
    """An empty store, embedded or EmDash's own."""
    return Half(any_site, by_group=any_site.layout != "0.32")


@pytest.fixture
def mess(half: Half) -> Half:
    whole(half)
    half_done(half)
    return half


@pytest.fixture
def embedded(site: Site) -> Half:
    return Half(site, by_group=True)
