"""The first request of every command: it finds out the layout of the store, and reads what else is needed."""

from __future__ import annotations

import re
from contextlib import contextmanager
from typing import TYPE_CHECKING

from emdash_cli.domain.errors import DatabaseError
from emdash_cli.store import layout as layouts

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from emdash_cli.domain.collection import FieldNames
    from emdash_cli.domain.ports import Database, Row, Statement
    from emdash_cli.store.layout import Layout


def open_store(
    database: Database, names: FieldNames, extra: Sequence[Statement] = ()
) -> tuple[Layout, list[list[Row]]]:
    """The layout of the store and the rows of `extra`, read in one batch; for commands that write.

    Raises:
        DatabaseError: the store is unreachable or not initialised, or lacks a table or column that would be written.
        UsageError: its tables have another version.
    """
    reads = [*layouts.describe_store(names), *layouts.versions()]
    try:
        tables, migrations, version, *answers = database.batch([*reads, *extra])
    except DatabaseError as error:
        if "no such table" in error.message:
            raise layouts.missing_store_error() from error
        raise
    return layouts.layout_from(names, tables, migrations, version), answers


def read_store(database: Database, statements: Sequence[Statement]) -> list[list[Row]]:
    """The rows of each statement, all from the same moment; for commands that only read.

    Raises:
        DatabaseError: the store is unreachable or failing, or the database is not a store.
        UsageError: its tables have another version.
    """
    with reading():
        version, *answers = database.batch([layouts.TOOL_VERSION, *statements])
    layouts.check_version(version)
    return answers


@contextmanager
def reading() -> Iterator[None]:
    """Report a table that is missing as a database that is not a store.

    Raises:
        DatabaseError: in place of the engine's own.
    """
    try:
        yield
    except DatabaseError as error:
        missing = re.search(r"no such table: (?:main\.)?(\w+)", error.message)
        if not missing:
            raise
        raise DatabaseError(
            f"there is nothing to read: the database has no table {missing[1]}",
            hint="run `emdash init` to create a store; for a site, check `database` and `collection` in emdash.toml",
            code="store_layout",
        ) from error
