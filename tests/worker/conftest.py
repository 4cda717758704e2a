from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.distribution.conftest import TOKEN, settings
from tests.harness.receiver import Receiver, receiver

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.harness.site import Site


@pytest.fixture
def platform() -> Iterator[Receiver]:
    """A server that stands for a platform."""
    with receiver() as found:
        yield found


@pytest.fixture
def announcing(site: Site, platform: Receiver) -> Site:
    """A site whose posts are announced to `platform`, a target."""
    site.settings(settings(platform))
    site.environment["PARTNER_TOKEN"] = TOKEN
    return site
