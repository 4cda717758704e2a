from __future__ import annotations

from typing import TYPE_CHECKING

import freezegun
import pytest
from hypothesis import settings

from tests.emdash_databases.databases import VERSIONS
from tests.harness.cli import Cli
from tests.harness.emdash_sites import emdash_site
from tests.harness.site import Site, new_site

if TYPE_CHECKING:
    from pathlib import Path

settings.register_profile("quick", max_examples=60, deadline=None)
settings.register_profile("thorough", max_examples=1000, deadline=None)
settings.load_profile("quick")
# Else the durations that pytest shows are those of the frozen clock.
freezegun.configure(extend_ignore_list=["_pytest.timing"])

pytest_plugins = ["tests.targets", "tests.d1_engine.fixtures"]


@pytest.fixture(params=["embedded", *VERSIONS])
def store_layout(request: pytest.FixtureRequest) -> str:
    """A kind of store: the embedded one, or the version of EmDash that made it."""
    layout: str = request.param
    return layout


@pytest.fixture
def site(tmp_path: Path) -> Site:
    """An empty site: settings, queue, archive, and a store without posts."""
    return new_site(tmp_path / "site")


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
