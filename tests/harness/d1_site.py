"""The directory of `tests.harness.site`, with its store in a D1 engine instead of a file."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from emdash_cli.store import schema
from tests.harness.site import MADE_AT, Ran, Site, assert_exactly_once, clean_environment, ended

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from tests.d1_engine.engine import Instance


@dataclass
class D1Site(Site):
    """A site whose store is a database of a D1 engine.

    `rows` and `assert_exactly_once` look at a copy of it in ``emdash.db``, which `mirror` makes: what holds of a
    store holds of it wherever it is.
    """

    instance: Instance | None = None

    @property
    def d1(self) -> Instance:
        assert self.instance is not None
        return self.instance

    @property
    def url(self) -> str:
        """What ``--db`` takes."""
        return f"d1:{self.d1.account_id}/{self.d1.database_id}"

    @property
    def environment(self) -> dict[str, str]:
        """What a process needs to find the store."""
        return {
            **clean_environment(),
            "EMDASH_DATABASE": self.url,
            "CLOUDFLARE_API_BASE_URL": self.d1.base_url,
            "CLOUDFLARE_API_TOKEN": self.d1.token,
        }

    def start(self, *arguments: str, launcher: Iterable[str] = ()) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [*launcher, sys.executable, "-m", "emdash_cli", *arguments],
            cwd=self.root,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, *arguments: str) -> Ran:
        """Run the command line; as a process of its own, for the environment's sake."""
        return ended(self.start(*arguments))

    def rows(self, sql: str, *params: object) -> list[tuple[Any, ...]]:
        self.mirror()
        return super().rows(sql, *params)

    def change(self, sql: str, *params: object) -> None:
        assert not params, "write the values into the statement"
        self.d1.execute(sql)

    def mirror(self) -> None:
        """Copy the store, row by row, into ``emdash.db``."""
        self.store.unlink(missing_ok=True)
        objects = self.d1.execute(
            "SELECT type, name, sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE '\\_cf\\_%' ESCAPE '\\'"
            " AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY type = 'table' DESC"
        )[0]
        assert self.d1.execute("PRAGMA foreign_key_check", "PRAGMA quick_check") == [[], [{"quick_check": "ok"}]]
        with closing(sqlite3.connect(self.store)) as connection, connection:
            for made in objects:
                connection.execute(made["sql"])
            for made in objects:
                if made["type"] == "table":
                    _copy(connection, made["name"], self.d1)

    def copy(self, root: Path) -> D1Site:
        """The same directory elsewhere, with the same store."""
        shutil.copytree(self.root, root, symlinks=True)
        return D1Site(root, dict(self.files), self.instance)


def _copy(connection: sqlite3.Connection, table: str, instance: Instance) -> None:
    rows = instance.execute(f'SELECT * FROM "{table}"')[0]  # its name comes from the schema
    if rows:
        marks = ", ".join("?" for _ in rows[0])
        connection.executemany(
            f'INSERT INTO "{table}" ({", ".join(rows[0])}) VALUES ({marks})', [tuple(row.values()) for row in rows]
        )


def new_d1_site(root: Path, instance: Instance) -> D1Site:
    """A site with an empty store and no articles."""
    site = D1Site(root, instance=instance)
    for directory in (site.queue, site.archive):
        directory.mkdir(parents=True)
    (root / "emdash.toml").write_text("")
    made = [*schema.emdash_tables(), *schema.tool_tables(MADE_AT)]
    instance.execute(*(statement.sql.replace("?1", f"'{MADE_AT}'") for statement in made))
    return site


def assert_exactly_once_on_d1(site: D1Site, outcomes: Mapping[str, str] | None = None) -> None:
    """As `assert_exactly_once`, of what D1 holds."""
    site.mirror()
    assert_exactly_once(site, outcomes)
