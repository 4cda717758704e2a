"""What `emdash init` asks a database, and what it adds to it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from emdash_cli.domain.collection import FieldNames
from emdash_cli.domain.errors import UsageError
from emdash_cli.domain.ports import Row, Statement
from emdash_cli.store import schema
from emdash_cli.store.layout import layout_from

if TYPE_CHECKING:
    from collections.abc import Sequence

_CREATES: Final = re.compile(r"CREATE (?:UNIQUE )?(?:TABLE|INDEX|VIEW) IF NOT EXISTS (\w+)")
_SITE: Final = "_emdash_collections"
"""A table that every EmDash site has, and the embedded store has not."""

OBJECTS: Final = Statement("SELECT name, type FROM sqlite_master WHERE name NOT LIKE 'sqlite!_%' ESCAPE '!'")
"""What the database holds: its tables, indexes, views and triggers."""

MIGRATIONS: Final = Statement("SELECT name FROM _emdash_migrations")
TOOL_VERSION: Final = Statement("SELECT max(version) AS version FROM pipeline_schema")


@dataclass(frozen=True, slots=True)
class Missing:
    """What a database lacks.

    Attributes:
        emdash: names of the tables and indexes of the embedded store; empty where EmDash's tables are.
        tool: names of the tool's own tables and indexes.
    """

    emdash: tuple[str, ...]
    tool: tuple[str, ...]

    def statements(self, now: str) -> list[Statement]:
        """Statements that create it all; harmless when sent again.

        Args:
            now: UTC text, recorded beside the version of the tool's tables.
        """
        own = schema.emdash_tables() if self.emdash else []
        return [*own, *(schema.tool_tables(now) if self.tool else [])]


def missing(names: FieldNames, objects: Sequence[Row]) -> Missing:
    """What is missing from the database that holds these `OBJECTS`; an empty one lacks everything.

    Raises:
        UsageError: the database is neither empty nor the embedded store nor an EmDash site with that collection.
    """
    there = {str(row["name"]) for row in objects}
    tables = {str(row["name"]) for row in objects if row["type"] == "table"}
    tool = tuple(name for name in _created(schema.tool_tables("")) if name not in there)
    if names.table in tables:
        return Missing((), tool)
    _check_embeddable(names, tables)
    return Missing(tuple(_created(schema.emdash_tables())), tool)


def published_with_ids(prefix: str) -> Statement:
    """A row if an article whose own id begins so was ever published."""
    first = f"id:{prefix}"
    return Statement(
        "SELECT key FROM publish_ledger WHERE key >= ?1 AND key < ?2 LIMIT 1",
        (first, first[:-1] + chr(ord(first[-1]) + 1)),
    )


def check(
    names: FieldNames, columns: Sequence[Row], migrations: Sequence[Row], versions: Sequence[Row]
) -> tuple[str, ...]:
    """Refuse EmDash tables that lack what is written, and tool tables that a newer emdash has made.

    Answers what is worth a warning.

    Args:
        names: of the collection and its fields.
        columns: the rows of `layout.describe_store`.
        migrations: the rows of EmDash's migrations.
        versions: the row of the tool's version; none where its tables are yet to be created.

    Raises:
        DatabaseError: what was found instead.
    """
    return layout_from(names, columns, migrations, versions or [{"version": schema.VERSION}]).warnings


def _check_embeddable(names: FieldNames, tables: set[str]) -> None:
    """Refuse to make an embedded store in a database that belongs to something else, or under other names."""
    if _SITE in tables:
        collections = sorted(name.removeprefix("ec_") for name in tables if name.startswith("ec_"))
        raise UsageError(
            f"this EmDash database has no collection `{names.collection}`",
            hint=f"set `collection` in emdash.toml to one that it has: {', '.join(collections) or 'none yet'}",
            code="no_collection",
        )
    if names != FieldNames():
        raise UsageError(
            "`collection` and `fields` in emdash.toml name parts of an EmDash site, and this database is none",
            hint="take them out to have an embedded store made, or point `database` at the site's database",
            code="no_collection",
        )
    # D1 keeps a table of its own (_cf_KV) in every database.
    foreign = sorted(name for name in tables - set(_created(schema.tool_tables(""))) if not name.startswith("_cf_"))
    if foreign:
        shown = ", ".join(foreign[:5]) + (", …" if foreign[5:] else "")
        raise UsageError(
            f"the database holds tables of something else ({shown}), and no EmDash",
            hint="name an EmDash site's database, or one that is empty or not there yet",
            code="foreign_database",
        )


def _created(statements: Sequence[Statement]) -> list[str]:
    found = (_CREATES.match(statement.sql) for statement in statements)
    return [match[1] for match in found if match]
