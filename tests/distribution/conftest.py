from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.harness.receiver import Receiver, receiver

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.harness.site import Site


@pytest.fixture
def platform() -> Iterator[Receiver]:
    """A server that stands for a platform."""
    with receiver() as found:
        yield found


TOKEN = "planted-secret-7Qx"  # noqa: S105 - planted


@pytest.fixture
def announcing(site: Site, platform: Receiver) -> Site:
    """A site whose posts are announced to `platform`, a target."""
    site.settings(settings(platform))
    site.environment["PARTNER_TOKEN"] = TOKEN
    return site


def settings(platform: Receiver, more: str = "") -> str:
    """Settings with one target; `more` are further keys of it."""
    return f"""
[streams.default]
slug = "{{name}}"
platforms = ["partner"]
[platforms.partner]
kind = "target"
url = "{platform.url}/publish"
token = "env:PARTNER_TOKEN"
allow_private = true
{more}
"""
