from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from emdash_cli import platforms
from tests.platforms.support import server_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.platforms.servers.base import Server


@pytest.fixture(params=platforms.kinds())
def server(request: pytest.FixtureRequest) -> Iterator[Server]:
    """A server of each kind of platform that there is a file for."""
    with server_of(request.param) as running:
        yield running
