"""Questions to the store by commands that only read: one request, and a clear word if it is no store."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from emdash_cli.domain.errors import DatabaseError
from emdash_cli.store.layout import TOOL_VERSION, check_version

if TYPE_CHECKING:
    from collections.abc import Sequence

    from emdash_cli.domain.ports import Database, Row, Statement


def ask(database: Database, statements: Sequence[Statement]) -> list[list[Row]]:
    """The rows of each statement, all as of one moment.

    Raises:
        DatabaseError: the store is unreachable or failing, or is not a store.
        UsageError: its tables are of another version.
    """
    try:
        version, *answers = database.batch([TOOL_VERSION, *statements])
    except DatabaseError as error:
        missing = re.search(r"no such table: (?:main\.)?(\w+)", error.message)
        if not missing:
            raise
        raise DatabaseError(
            f"there is nothing to read: the database has no table {missing[1]}",
            hint="run `emdash init` to make a store; for a site, look at `database` and `collection` in emdash.toml",
            code="store_layout",
        ) from error
    check_version(version)
    return answers
