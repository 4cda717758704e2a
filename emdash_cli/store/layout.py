"""The layout of the database: the embedded store, or an EmDash site's at one of its migrations."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Final, NamedTuple

from emdash_cli.domain.errors import DatabaseError, UsageError
from emdash_cli.domain.ports import Row, Statement

if TYPE_CHECKING:
    from collections.abc import Sequence

    from emdash_cli.domain.article import FieldNames

VERSION: Final = 5
"""The version of the tool's own tables that this program reads and writes: the number of the last migration."""
NEWEST_KNOWN_MIGRATION: Final = 70
"""EmDash 0.34's last migration. Later ones were not tested."""

_TERMS_BY_GROUP: Final = 68
_NEEDED: Final = {
    "revisions": {"id", "collection", "entry_id", "data", "author_id", "created_at"},
    "taxonomies": {"id", "name", "slug", "label", "locale", "translation_group"},
    "content_taxonomies": {"collection", "entry_id", "taxonomy_id"},
    "users": {"id", "email", "name", "role", "disabled"},
    "_emdash_bylines": {"id", "slug", "display_name", "user_id", "is_guest", "locale", "translation_group"},
    "_emdash_content_bylines": {"id", "collection_slug", "content_id", "byline_id", "sort_order"},
    "_emdash_seo": {
        *("collection", "content_id", "seo_title", "seo_description", "seo_image", "seo_canonical"),
        "seo_no_index",
    },
}
TOOL_VERSION: Final = Statement("SELECT max(version) AS version FROM pipeline_schema")
POST_COLUMNS: Final = frozenset(
    {
        *("id", "slug", "status", "author_id", "primary_byline_id", "created_at", "updated_at", "published_at"),
        *("scheduled_at", "deleted_at", "version", "live_revision_id", "draft_revision_id", "locale"),
        "translation_group",
    }
)
"""Columns that every collection's table has; the others are its fields."""


class Layout(NamedTuple):
    """What the SQL of the store has to know about the database."""

    names: FieldNames
    fields: tuple[str, ...] = ()
    """The columns of the collection's table that hold fields; a site may have more than this tool writes."""
    has_excerpt: bool = True
    has_featured_image: bool = True
    terms_by_group: bool = True
    """Term links hold the post's translation group (from migration 068); before, its id and copies of its dates."""
    has_prune_queue: bool = False
    has_redirects: bool = False
    is_embedded: bool = True
    warnings: tuple[str, ...] = ()

    @property
    def posts(self) -> str:
        """The table of the collection."""
        return self.names.table


def describe_store(names: FieldNames) -> list[Statement]:
    """The statements whose rows `layout_from` takes: columns of the written tables, and EmDash's migrations."""
    tables = (
        names.table,
        *_NEEDED,
        "_emdash_migrations",
        "_emdash_revision_prune_queue",
        "_emdash_redirects",
        "media",
    )
    marks = ", ".join(f"?{place}" for place in range(1, len(tables) + 3))
    return [
        Statement(
            "SELECT m.name AS name, json_group_array(json_array(c.cid, c.name)) AS columns FROM sqlite_master AS m"
            f" JOIN pragma_table_info(m.name) AS c WHERE m.type = 'table' AND m.name IN ({marks}) GROUP BY m.name",
            (*tables, "publish_ledger", "pipeline_schema"),
        ),
    ]


def versions() -> list[Statement]:
    """The statements that work once the tables exist: EmDash's migrations, and the version of the tool's tables."""
    return [
        Statement("SELECT name FROM _emdash_migrations"),
        TOOL_VERSION,
    ]


def layout_from(names: FieldNames, tables: Sequence[Row], migrations: Sequence[Row], version: Sequence[Row]) -> Layout:
    """The layout described by the rows of `describe_store` and `versions`.

    Raises:
        DatabaseError: a table or column to be written is missing, or the tool's tables have another version.
    """
    columns = {str(row["name"]): [name for _, name in sorted(json.loads(str(row["columns"])))] for row in tables}
    _check_columns(names, columns)
    check_version(version)
    numbers = [int(found[0]) for row in migrations if (found := re.match(r"\d+", str(row["name"])))]
    newest = max(numbers, default=0)
    of_post = columns[names.table]
    warnings: tuple[str, ...] = ()
    if newest > NEWEST_KNOWN_MIGRATION:
        warning = (
            f"this EmDash database is at migration {newest:03}, newer than {NEWEST_KNOWN_MIGRATION:03}, the last one"
            " that emdash was tested with; every column that emdash writes exists, so the command continues"
        )
        warnings = (warning,)
    return Layout(
        names=names,
        fields=tuple(name for name in of_post if name not in POST_COLUMNS and name.isascii() and name.isidentifier()),
        has_excerpt=names.excerpt in of_post,
        has_featured_image=names.featured_image in of_post,
        terms_by_group=newest >= _TERMS_BY_GROUP,
        has_prune_queue="_emdash_revision_prune_queue" in columns,
        has_redirects="_emdash_redirects" in columns,
        is_embedded="media" not in columns,
        warnings=warnings,
    )


def missing_store_error() -> DatabaseError:
    """The error for a database in which `emdash init` has not been run."""
    return DatabaseError(
        "this database does not have emdash's own tables, such as the ledger",
        hint="run `emdash init` once for it; EmDash's own tables are not changed",
        code="store_not_initialised",
    )


def _check_columns(names: FieldNames, columns: dict[str, list[str]]) -> None:
    needed = {names.table: {*POST_COLUMNS, names.title, names.content}, **_NEEDED}
    for table, wanted in needed.items():
        missing = wanted.difference(columns.get(table, ()))
        if missing:
            what = f"column {', '.join(sorted(missing))} of table {table}" if table in columns else f"table {table}"
            raise DatabaseError(
                f"the database lacks {what}",
                hint="check that this is an EmDash database and that emdash.toml names the right collection",
                code="store_layout",
            )


def check_version(version: Sequence[Row]) -> None:
    """Refuse tables of another version; `version` holds the rows of `TOOL_VERSION`.

    Raises:
        DatabaseError: this tool's tables are missing.
        UsageError: they are newer, or `emdash init` has not brought them up to date.
    """
    found = version[0]["version"] if version else None
    if found is None:
        raise missing_store_error()
    if int(found) > VERSION:
        raise UsageError(
            f"the store's tables have version {int(found)}, but this emdash supports only version {VERSION}",
            hint="upgrade emdash",
            code="store_too_new",
        )
    if int(found) < VERSION:
        raise UsageError(
            f"the store's tables have version {int(found)}, but this emdash requires version {VERSION}",
            hint="run `emdash init` to bring them up to date; `emdash init --dry-run` shows the statements",
            code="store_too_old",
        )
