from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from freezegun import freeze_time

from tests.commands.cleaning import NOW
from tests.commands.cli import Cli
from tests.commands.emdash_sites import VERSIONS, emdash_site
from tests.commands.half_done import Half, half_done, whole

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def cli(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Cli:
    """The command line in an empty directory of its own, with nothing set in the environment."""
    for name in ("EMDASH_CONFIG", "EMDASH_DATABASE", "CLOUDFLARE_API_BASE_URL", "CLOUDFLARE_API_TOKEN", "EMDASH_USER"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    return Cli(tmp_path, capfd)


@pytest.fixture
def blog(cli: Cli) -> Cli:
    """The command line in a place that `emdash init` has made."""
    cli("init").succeeds()
    return cli


@pytest.fixture
def stores(blog: Cli, request: pytest.FixtureRequest) -> Cli:
    """The embedded store, or a database that EmDash made."""
    if request.param:
        emdash_site(blog, request.param)
    return blog


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
