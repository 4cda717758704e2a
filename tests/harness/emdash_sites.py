"""Commands on a database that EmDash made."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.emdash_databases.databases import VERSIONS, write_database

if TYPE_CHECKING:
    from tests.harness.cli import Cli

__all__ = ["VERSIONS", "emdash_site"]


def emdash_site(blog: Cli, version: str) -> None:
    """Put the empty database of that version of EmDash in the place of the store, with the tool's tables added."""
    write_database(version, blog.root / "emdash.db")
    blog("init").succeeds()
