from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.commands.cli import Cli

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def cli(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Cli:
    """The command line in an empty directory of its own, with nothing set in the environment."""
    for name in ("EMDASH_CONFIG", "EMDASH_DATABASE", "CLOUDFLARE_API_BASE_URL", "CLOUDFLARE_API_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    return Cli(tmp_path, capfd)


@pytest.fixture
def blog(cli: Cli) -> Cli:
    """The command line in a place that `emdash init` has made."""
    cli("init").succeeds()
    return cli
