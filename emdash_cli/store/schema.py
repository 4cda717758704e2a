"""What `emdash init` creates in a database: EmDash's tables for the embedded store, and the tool's, by migrations.

``schema.sql`` shows the result. The tool's tables are created and changed only by the numbered files in
``migrations/``, each of which is applied once, in one batch with the row that records it
(docs/decisions/migrations.md).
"""

from __future__ import annotations

import re
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from emdash_cli.domain.article import FieldNames
from emdash_cli.domain.errors import DatabaseError, UsageError
from emdash_cli.domain.ports import Row, Statement, Value
from emdash_cli.store.layout import TOOL_VERSION, VERSION, layout_from

if TYPE_CHECKING:
    from collections.abc import Sequence

    from emdash_cli.domain.ports import Database

_CREATES: Final = re.compile(r"CREATE (?:UNIQUE )?(?:TABLE|INDEX|VIEW) (?:IF NOT EXISTS )?(\w+)")
_SITE: Final = "_emdash_collections"
"""A table that every EmDash site has, but not the embedded store."""

OBJECTS: Final = Statement("SELECT name, type FROM sqlite_master WHERE name NOT LIKE 'sqlite!_%' ESCAPE '!'")
"""What the database holds: its tables, indexes, views and triggers."""

MIGRATIONS: Final = Statement("SELECT name FROM _emdash_migrations")

_VERSIONS: Final = "CREATE TABLE IF NOT EXISTS pipeline_schema (version INTEGER PRIMARY KEY, applied_at TEXT NOT NULL)"


class Migration(NamedTuple):
    """One migration of the tool's tables.

    Attributes:
        version: of the tables after it is applied.
        name: of its file.
        sql: its statements.
    """

    version: int
    name: str
    sql: tuple[str, ...]

    def statements(self, now: str) -> list[Statement]:
        """Its batch. The row that records it comes first: a second run fails on that row and changes nothing.

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
    """Statements that create those of EmDash's tables that the tool writes; harmless if they exist."""
    return [Statement(sql) for sql in _section("emdash")]


def tool_tables(now: str) -> list[Statement]:
    """Statements that create the tool's tables in a database without them, by all migrations."""
    return [statement for migration in migrations() for statement in migration.statements(now)]


def indexes_and_tables() -> list[Statement]:
    """The statements of ``schema.sql`` for the tool's tables; harmless if they exist."""
    return [Statement(sql) for sql in _section("tool")]


class Missing(NamedTuple):
    """What is missing from a database.

    Attributes:
        emdash: names of the tables and indexes of the embedded store; empty if EmDash's tables exist.
        migrations: those to apply.
        lost: names of the tool's tables and indexes that existed before.
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
            # In one batch, because half a store could not be completed later.
            return [(VERSION, [*(emdash_tables() if self.emdash else []), *tool_tables(now)])]
        batches = [(migration.version, migration.statements(now)) for migration in self.migrations]
        if self.emdash or self.lost:
            again = [*(emdash_tables() if self.emdash else []), *(indexes_and_tables() if self.lost else [])]
            batches.append((VERSION, again))
        return batches


def missing(names: FieldNames, objects: Sequence[Row], version: int | None) -> Missing:
    """What is missing from the database with these `OBJECTS`. An empty database lacks everything.

    Args:
        names: of the collection and its fields.
        objects: rows of `OBJECTS`.
        version: of the tool's tables; None without them.

    Raises:
        UsageError: the database is not empty, nor the embedded store, nor an EmDash site with that collection.
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

    The batch fails if another run was faster, or if the reply to a committed batch was lost. The version that is then
    read back shows that it was applied.

    Args:
        database: to change.
        lacking: the result of `missing`.
        now: UTC text.

    Raises:
        DatabaseError: the store is unreachable or failing; applied batches stay, and the next run continues.
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
    """A row if an article whose own id starts with this prefix was ever published."""
    first = f"id:{prefix}"
    return Statement(
        "SELECT key FROM publish_ledger WHERE key >= ?1 AND key < ?2 LIMIT 1",
        (first, first[:-1] + chr(ord(first[-1]) + 1)),
    )


def check(
    names: FieldNames, columns: Sequence[Row], migrations: Sequence[Row], version: Value | None
) -> tuple[str, ...]:
    """Refuse EmDash tables that lack a written column, and tool tables that a newer emdash has created.

    Returns warnings.

    Args:
        names: of the collection and its fields.
        columns: the rows of `layout.describe_store`.
        migrations: the rows of EmDash's migrations.
        version: of the tool's tables; `init` changes an older version, or creates the tables if there is none.

    Raises:
        EmdashError: the tables do not fit; the message says why.
    """
    newest = max(int(version or 0), VERSION)
    return layout_from(names, columns, migrations, [{"version": newest}]).warnings


def _check_embeddable(names: FieldNames, tables: set[str]) -> None:
    """Refuse to create an embedded store in a database that belongs to something else, or under other names."""
    if _SITE in tables:
        collections = sorted(name.removeprefix("ec_") for name in tables if name.startswith("ec_"))
        raise UsageError(
            f"this EmDash database has no collection `{names.collection}`",
            hint=f"set `collection` in emdash.toml to one that it has: {', '.join(collections) or 'none yet'}",
            code="no_collection",
        )
    if names != FieldNames():
        raise UsageError(
            "`collection` and `fields` in emdash.toml name parts of an EmDash site, but this database is not one",
            hint="remove them to create an embedded store, or point `database` at the site's database",
            code="no_collection",
        )
    # Every D1 database has an internal table (_cf_KV).
    foreign = sorted(name for name in tables - _tool_names() if not name.startswith("_cf_"))
    if foreign:
        shown = ", ".join(foreign[:5]) + (", …" if foreign[5:] else "")
        raise UsageError(
            f"the database contains another program's tables ({shown}) and none of EmDash's",
            hint="name an EmDash site's database, or an empty or new one",
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
    """The statements of a file in which every statement ends with a semicolon at the end of a line."""
    without_comments = re.sub(r"^\s*--.*$", "", text, flags=re.MULTILINE)
    return tuple(sql.strip() for sql in without_comments.split(";\n") if sql.strip())
