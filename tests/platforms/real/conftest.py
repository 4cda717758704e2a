from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.platforms.real import servers
from tests.targets import MASTODON, PDS, demand

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="session")
def pds(tmp_path_factory: pytest.TempPathFactory) -> Iterator[servers.Pds]:
    """A real PDS with an account of its own."""
    demand(*PDS)
    with servers.pds(tmp_path_factory.mktemp("pds")) as running:
        yield running


@pytest.fixture(scope="session")
def mastodon(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a Mastodon server."""
    demand(MASTODON)
    with servers.mastodon(tmp_path_factory.mktemp("mastodon")) as running:
        yield running
