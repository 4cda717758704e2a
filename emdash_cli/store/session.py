"""The first request of every command: what kind of store this is, and whatever else is asked along with it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emdash_cli.domain.errors import DatabaseError
from emdash_cli.store import layout as layouts

if TYPE_CHECKING:
    from collections.abc import Sequence

    from emdash_cli.domain.collection import FieldNames
    from emdash_cli.domain.ports import Database, Row, Statement
    from emdash_cli.store.layout import Layout


def open_store(
    database: Database, names: FieldNames, extra: Sequence[Statement] = ()
) -> tuple[Layout, list[list[Row]]]:
    """The layout of the store and the rows of `extra`, in one batch.

    Raises:
        DatabaseError: the store is not initialised, of another version, or lacks what would be written.
    """
    reads = [*layouts.describe_store(names), *layouts.versions()]
    try:
        tables, migrations, version, *answers = database.batch([*reads, *extra])
    except DatabaseError as error:
        if "no such table" in error.message:
            raise layouts.missing_store_error() from error
        raise
    return layouts.layout_from(names, tables, migrations, version), answers
