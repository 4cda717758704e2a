from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.harness.receiver import Receiver, receiver

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.harness.site import Site


@pytest.fixture
def platform() -> Iterator[Receiver]:
    """A server that stands for all platforms: each has the path of its name."""
    with receiver() as found:
        yield found


@pytest.fixture(params=["sqlite", pytest.param("d1", marks=pytest.mark.d1)])
def announcing(request: pytest.FixtureRequest, platform: Receiver) -> Site:
    """A site, on a file and on D1, whose posts are announced on ``blog`` and ``partner``."""
    fixture = "site" if request.param == "sqlite" else "d1_site"
    site: Site = request.getfixturevalue(fixture)
    site.settings(on_platforms(platform, "blog", "partner"))
    return site


def on_platforms(platform: Receiver, *names: str, more: str = "") -> str:
    """Settings with so many targets; `more` are further keys of the last one."""
    tables = "".join(
        f'[platforms.{name}]\nkind = "target"\nurl = "{platform.url}/{name}"\nallow_private = true\n' for name in names
    )
    listed = ", ".join(f'"{name}"' for name in names)
    return f'[streams.default]\nslug = "{{name}}"\nplatforms = [{listed}]\n{tables}{more}'
