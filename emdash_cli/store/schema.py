"""What `emdash init` makes of a database: EmDash's tables for the embedded store, and the tool's, by migrations.

``schema.sql`` shows the result. The tool's tables come to be, and change, by the numbered files in ``migrations/``
alone; each is applied once, in one batch with the row that records it (docs/decisions/migrations.md).
"""

from __future__ import annotations

import re
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from emdash_cli.domain.collection import FieldNames
from emdash_cli.domain.errors import DatabaseError, UsageError
from emdash_cli.domain.ports import Row, Statement, Value
from emdash_cli.store.layout import TOOL_VERSION, VERSION, layout_from

if TYPE_CHECKING:
    from collections.abc import Sequence

    from emdash_cli.domain.ports import Database

_CREATES: Final = re.compile(r"CREATE (?:UNIQUE )?(?:TABLE|INDEX|VIEW) (?:IF NOT EXISTS )?(\w+)")
_SITE: Final = "_emdash_collections"
"""A table that every EmDash site has, and the embedded store has not."""

OBJECTS: Final = Statement("SELECT name, type FROM sqlite_master WHERE name NOT LIKE 'sqlite!_%' ESCAPE '!'")
"""What the database holds: its tables, indexes, views and triggers."""

MIGRATIONS: Final = Statement("SELECT name FROM _emdash_migrations")

_VERSIONS: Final = "CREATE TABLE IF NOT EXISTS pipeline_schema (version INTEGER PRIMARY KEY, applied_at TEXT NOT NULL)"


class Migration(NamedTuple):
    """One step forward of the tool's tables.

    Attributes:
        version: of the tables once it is applied.
        name: of its file.
        sql: its statements.
    """

    version: int
    name: str
    sql: tuple[str, ...]

    def statements(self, now: str) -> list[Statement]:
        """Its batch. The row that records it comes first: a second run of it fails there, and changes nothing.

        Args:
            now: UTC text.
        """
        record = f"INSERT INTO pipeline_schema (version, applied_at) VALUES ({self.version}, ?1)"
        return [Statement(_VERSIONS), Statement(record, (now,)), *map(Statement, self.sql)]


def migrations() -> tuple[Migration, ...]:
    """All of them, in order."""
    found = {file.name: file for file in files("emdash_cli.store.migrations").iterdir() if file.name.endswith(".sql")}
    return tuple(
        Migration(int(name[:4]), name.removesuffix(".sql"), _split(found[name].read_text("utf-8")))
        for name in sorted(found)
    )


def emdash_tables() -> list[Statement]:
    """Statements that create the part of EmDash's tables which the tool writes; harmless where they exist."""
    return [Statement(sql) for sql in _section("emdash")]


def tool_tables(now: str) -> list[Statement]:
    """Statements that create the tool's tables in a database without them, by all migrations."""
    return [statement for migration in migrations() for statement in migration.statements(now)]


def indexes_and_tables() -> list[Statement]:
    """The statements of ``schema.sql`` for the tool's tables; harmless where they exist."""
    return [Statement(sql) for sql in _section("tool")]


class Missing(NamedTuple):
    """What a database lacks.

    Attributes:
        emdash: names of the tables and indexes of the embedded store; empty where EmDash's tables are.
        migrations: those to apply.
        lost: names of the tool's tables and indexes that were there once.
    """

    emdash: tuple[str, ...]
    migrations: tuple[Migration, ...]
    lost: tuple[str, ...]

    @property
    def is_new(self) -> bool:
        """Whether the database has none of the tool's tables."""
        return bool(self.migrations) and self.migrations[0].version == 1

    def batches(self, now: str) -> list[tuple[int, list[Statement]]]:
        """The batches that bring the database up to date, each with the version that it leads to.

        Args:
            now: UTC text.
        """
        if self.is_new:
            # In one batch: half a store could not be completed later.
            return [(VERSION, [*(emdash_tables() if self.emdash else []), *tool_tables(now)])]
        batches = [(migration.version, migration.statements(now)) for migration in self.migrations]
        if self.emdash or self.lost:
            again = [*(emdash_tables() if self.emdash else []), *(indexes_and_tables() if self.lost else [])]
            batches.append((VERSION, again))
        return batches


def missing(names: FieldNames, objects: Sequence[Row], version: int | None) -> Missing:
    """What is missing from the database that holds these `OBJECTS`; an empty one lacks everything.

    Args:
        names: of the collection and its fields.
        objects: rows of `OBJECTS`.
        version: of the tool's tables; None where there are none.

    Raises:
        UsageError: the database is neither empty nor the embedded store nor an EmDash site with that collection.
    """
    there = {str(row["name"]) for row in objects}
    tables = {str(row["name"]) for row in objects if row["type"] == "table"}
    ahead = tuple(migration for migration in migrations() if migration.version > (version or 0))
    lost = () if ahead else tuple(sorted(_tool_names() - there))
    if names.table in tables:
        return Missing((), ahead, lost)
    _check_embeddable(names, tables)
    return Missing(tuple(_created(emdash_tables())), ahead, lost)


def bring_up(database: Database, lacking: Missing, now: str) -> None:
    """Send the batches, each of which is one transaction.

    Another run may be ahead, or the reply to a batch that was committed may have been lost: then the batch fails,
    and the version that is read back shows that it is done.

    Args:
        database: to change.
        lacking: what `missing` found.
        now: UTC text.

    Raises:
        DatabaseError: the store is unreachable or failing; what was applied before stays, and the next run goes on.
    """
    for version, statements in lacking.batches(now):
        try:
            database.batch(statements)
        except DatabaseError as error:
            if version > _version_now(database, error):
                raise


def _version_now(database: Database, error: DatabaseError) -> int:
    try:
        return int(database.query(TOOL_VERSION)[0]["version"] or 0)
    except DatabaseError:
        raise error from None


def published_with_ids(prefix: str) -> Statement:
    """A row if an article whose own id begins so was ever published."""
    first = f"id:{prefix}"
    return Statement(
        "SELECT key FROM publish_ledger WHERE key >= ?1 AND key < ?2 LIMIT 1",
        (first, first[:-1] + chr(ord(first[-1]) + 1)),
    )


def check(
    names: FieldNames, columns: Sequence[Row], migrations: Sequence[Row], version: Value | None
) -> tuple[str, ...]:
    """Refuse EmDash tables that lack what is written, and tool tables that a newer emdash has made.

    Answers what is worth a warning.

    Args:
        names: of the collection and its fields.
        columns: the rows of `layout.describe_store`.
        migrations: the rows of EmDash's migrations.
        version: of the tool's tables; an older one, or none, is what `init` changes.

    Raises:
        EmdashError: what was found instead.
    """
    newest = max(int(version or 0), VERSION)
    return layout_from(names, columns, migrations, [{"version": newest}]).warnings


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
    foreign = sorted(name for name in tables - _tool_names() if not name.startswith("_cf_"))
    if foreign:
        shown = ", ".join(foreign[:5]) + (", …" if foreign[5:] else "")
        raise UsageError(
            f"the database holds tables of something else ({shown}), and no EmDash",
            hint="name an EmDash site's database, or one that is empty or not there yet",
            code="foreign_database",
        )


def _tool_names() -> set[str]:
    return set(_created(indexes_and_tables()))


def _created(statements: Sequence[Statement]) -> list[str]:
    found = (_CREATES.match(statement.sql) for statement in statements)
    return [match[1] for match in found if match]


def _schema_text() -> str:
    """``schema.sql``: inside the installed package, or at the top of the checkout."""
    packaged = files("emdash_cli") / "schema.sql"
    if packaged.is_file():
        return packaged.read_text("utf-8")
    return (Path(__file__).parents[2] / "schema.sql").read_text("utf-8")


def _section(name: str) -> tuple[str, ...]:
    body = re.split(r"^-- \[(\w+)\]$", _schema_text(), flags=re.MULTILINE)
    return _split(dict(zip(body[1::2], body[2::2], strict=True))[name])


def _split(text: str) -> tuple[str, ...]:
    """The statements of a file in which each ends with a semicolon at the end of a line."""
    without_comments = re.sub(r"^\s*--.*$", "", text, flags=re.MULTILINE)
    return tuple(sql.strip() for sql in without_comments.split(";\n") if sql.strip())
