from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from freezegun import freeze_time

from tests.harness.emdash_sites import VERSIONS, emdash_site
from tests.maintenance.cleaning import NOW
from tests.maintenance.half_done import Half, half_done, whole

if TYPE_CHECKING:
    from tests.harness.cli import Cli


@pytest.fixture
def frozen() -> Any:
    with freeze_time(NOW) as clock:
        yield clock


@pytest.fixture(params=["embedded", *VERSIONS])
def half(blog: Cli, request: pytest.FixtureRequest) -> Half:
    """An empty store, embedded or EmDash's own."""
    if request.param != "embedded":
        emdash_site(blog, request.param)
    return Half(blog, by_group=request.param != "0.32")


@pytest.fixture
def mess(half: Half) -> Half:
    whole(half)
    half_done(half)
    return half


@pytest.fixture
def embedded(blog: Cli) -> Half:
    return Half(blog, by_group=True)
