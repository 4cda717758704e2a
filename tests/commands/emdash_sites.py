"""Databases that EmDash itself has made; they lie beside the checkout where the project is developed."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.commands.cli import Cli

FOLDER = Path(__file__).parents[3] / "shared" / "data"
VERSIONS = ("0.32", "0.34")


def emdash_site(blog: Cli, version: str) -> None:
    """Put the empty database of that version of EmDash in the place of the store, with the tool's tables added.

    Where there is no such database the test is skipped, and says so.
    """
    source = FOLDER / f"emdash-{version}-empty.db"
    if not source.is_file():
        pytest.skip(f"NOT TESTED on EmDash {version}: there is no {source}")
    for name in ("emdash.db", "emdash.db-wal", "emdash.db-shm"):
        (blog.root / name).unlink(missing_ok=True)
    shutil.copy(source, blog.root / "emdash.db")
    blog("init").succeeds()
