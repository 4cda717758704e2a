"""A site whose store is a database of a D1 engine instead of a file: the same vocabulary, the same checks."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from emdash_cli.store import schema
from tests.harness.site import MADE_AT, Site

if TYPE_CHECKING:
    from pathlib import Path

    from tests.d1_engine.engine import Instance


@dataclass
class D1Site(Site):
    """A site on D1, which its commands find by their environment.

    `row`, `post`, `dump` and `assert_exactly_once` look at a copy of the store in ``emdash.db``, which `mirror` makes;
    `sql` asks the engine itself.
    """

    instance: Instance | None = None

    def __post_init__(self) -> None:
        self.environment = {
            "EMDASH_DATABASE": self.url,
            "CLOUDFLARE_API_BASE_URL": self.d1.base_url,
            "CLOUDFLARE_API_TOKEN": self.d1.token,
        } | self.environment

    @property
    def d1(self) -> Instance:
        assert self.instance is not None
        return self.instance

    @property
    def url(self) -> str:
        """What ``--db`` takes."""
        return f"d1:{self.d1.account_id}/{self.d1.database_id}"

    def sql(self, text: str, *values: object, database: str = "") -> list[tuple[Any, ...]]:
        assert not database, "a site on D1 has one store"
        (rows,) = self.d1.execute(_with_values(text, values))
        return [tuple(row.values()) for row in rows]

    def row(self, table: str, **where: object) -> dict[str, Any]:
        self.mirror()
        return super().row(table, **where)

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
        return D1Site(root, dict(self.originals), dict(self.environment), instance=self.instance)


def _with_values(text: str, values: tuple[object, ...]) -> str:
    """The statement with its values written into it, for an engine that is asked by text alone."""
    if not values:
        return text
    pieces = text.split("?")
    assert len(pieces) == len(values) + 1, "a ? for each value, and no other"
    with closing(sqlite3.connect(":memory:")) as connection:
        quoted = [connection.execute("SELECT quote(?)", (value,)).fetchone()[0] for value in values]
    return "".join(piece + value for piece, value in zip(pieces, [*quoted, ""], strict=True))


def _copy(connection: sqlite3.Connection, table: str, instance: Instance) -> None:
    rows = instance.execute(f'SELECT * FROM "{table}"')[0]  # its name comes from the schema
    if rows:
        marks = ", ".join("?" for _ in rows[0])
        connection.executemany(
            f'INSERT INTO "{table}" ({", ".join(rows[0])}) VALUES ({marks})', [tuple(row.values()) for row in rows]
        )


def empty_d1_site(root: Path, instance: Instance) -> D1Site:
    """A directory without a file, and an empty database."""
    root.mkdir(parents=True, exist_ok=True)
    return D1Site(root, instance=instance)


def new_d1_site(root: Path, instance: Instance) -> D1Site:
    """A site without posts: settings, an empty queue, an empty archive, and a database with the tables of `init`."""
    site = empty_d1_site(root, instance)
    for directory in (site.queue, site.archive):
        directory.mkdir(parents=True)
    site.write("emdash.toml", "")
    made = [*schema.emdash_tables(), *schema.tool_tables(MADE_AT)]
    instance.execute(*(statement.sql.replace("?1", f"'{MADE_AT}'") for statement in made))
    return site
