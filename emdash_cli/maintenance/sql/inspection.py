"""The statements of `emdash doctor`."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Final, NamedTuple

from emdash_cli.domain.ports import Statement
from emdash_cli.store import schema

if TYPE_CHECKING:
    from collections.abc import Sequence

    from emdash_cli.domain.ports import Row
    from emdash_cli.store.layout import Layout

_CREATES_INDEX: Final = re.compile(r"CREATE (?:UNIQUE )?INDEX IF NOT EXISTS (\w+)")

QUICK_CHECK: Final = Statement("PRAGMA quick_check(10)")
FOREIGN_KEYS: Final = Statement("PRAGMA foreign_key_check")
SQLITE_VERSION: Final = Statement("SELECT sqlite_version() AS version")
JOURNAL_MODE: Final = Statement("PRAGMA journal_mode")
SYNCHRONOUS: Final = Statement("PRAGMA synchronous")
CLOCK: Final = Statement("SELECT strftime('%Y-%m-%dT%H:%M:%fZ', 'now') AS now")
INDEXES: Final = Statement("SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL")
CLAIMS: Final = Statement("SELECT file, stream, run_id FROM publish_ledger WHERE claim IS NOT NULL LIMIT 10")

# One stream at a time, using the index on the stream.
NEWEST: Final = Statement("""
WITH RECURSIVE streams (stream) AS (
  SELECT min(stream) FROM publish_ledger
  UNION ALL
  SELECT (SELECT min(l.stream) FROM publish_ledger AS l WHERE l.stream > streams.stream) FROM streams
  WHERE streams.stream IS NOT NULL
)
SELECT 'an article of stream ' || s.stream AS what,
  (SELECT max(l.recorded_at) FROM publish_ledger AS l WHERE l.stream = s.stream) AS at
FROM streams AS s WHERE s.stream IS NOT NULL
UNION ALL
SELECT 'a run of ' || h.kind, h.seen_at FROM pipeline_heartbeats AS h""")


class Index(NamedTuple):
    """An index that the queries need.

    Attributes:
        statement: the statement that creates it; empty if EmDash creates it.
        is_ours: whether it is on one of the tool's own tables, so that `emdash init` adds it.
    """

    name: str
    statement: str
    is_ours: bool


def indexes_wanted(layout: Layout) -> list[Index]:
    """The indexes that ``schema.sql`` creates in such a store."""
    own = [(statement.sql, True) for statement in schema.indexes_and_tables()]
    emdash = [(statement.sql, False) for statement in schema.emdash_tables()] if layout.is_embedded else []
    found = ((sql, is_ours, _CREATES_INDEX.match(sql)) for sql, is_ours in own + emdash)
    return [Index(match[1], _plain(sql), is_ours) for sql, is_ours, match in found if match]


def index_faults(layout: Layout, rows: Sequence[Row]) -> list[tuple[Index, bool]]:
    """Indexes that are missing (False) or defined differently (True); `rows` are those of `INDEXES`."""
    there = {str(row["name"]): _plain(str(row["sql"])) for row in rows}
    wanted = indexes_wanted(layout)
    return [(index, index.name in there) for index in wanted if there.get(index.name) != index.statement]


def _plain(sql: str) -> str:
    return " ".join(sql.replace("IF NOT EXISTS ", "").replace('"', "").split())


_NEEDED_ON_SITE: Final = {
    "revisions": (("collection", "entry_id"),),
    "content_taxonomies": (("collection", "entry_id"),),
    "_emdash_content_bylines": (("collection_slug", "content_id"),),
    "_emdash_seo": (("collection", "content_id"),),
    "taxonomies": (("name", "slug"), ("translation_group",)),
}
_NEEDED_OF_POSTS: Final = (
    *(("id",), ("slug",), ("scheduled_at",), ("live_revision_id",), ("draft_revision_id",), ("translation_group",)),
    *(("deleted_at", "status"), ("deleted_at", "published_at")),
)


def describe_site_indexes(layout: Layout) -> Statement:
    """The columns of each index on EmDash's tables: the table's ``name``, and ``columns`` separated by commas."""
    return Statement(
        "SELECT name, group_concat(part) AS columns FROM ("
        " SELECT j.value AS name, i.name AS of_index, x.name AS part FROM json_each(?1) AS j"
        " CROSS JOIN pragma_index_list(j.value) AS i CROSS JOIN pragma_index_info(i.name) AS x"
        " ORDER BY j.value, i.name, x.seqno) GROUP BY name, of_index",
        (json.dumps([layout.posts, *_NEEDED_ON_SITE]),),
    )


def missing_on_site(layout: Layout, rows: Sequence[Row]) -> list[str]:
    """EmDash's own indexes that the queries need and that are not in the `rows` of `describe_site_indexes`."""
    there = [(str(row["name"]), str(row["columns"]).split(",")) for row in rows]
    wanted = {layout.posts: _NEEDED_OF_POSTS, **_NEEDED_ON_SITE}
    return [
        f"{table} ({', '.join(columns)})"
        for table, needed in wanted.items()
        for columns in needed
        if not any(name == table and tuple(parts[: len(columns)]) == columns for name, parts in there)
    ]


def without_ledger(files: Sequence[tuple[str, str, Sequence[str]]]) -> Statement:
    """The files that the ledger does not know, as each file's ``place`` in the list.

    Args:
        files: for each file its stream, its month (``2026-06``) and the names that it may have had.
    """
    sql = """
    SELECT j.key AS place FROM json_each(?1) AS j
    WHERE NOT EXISTS (
      SELECT 1 FROM publish_ledger AS l WHERE l.stream = j.value ->> 0 AND l.recorded_at >= j.value ->> 1
        AND l.recorded_at < (j.value ->> 1) || '~'
        AND +l.file IN (SELECT n.value FROM json_each(j.value, '$[2]') AS n))"""
    return Statement(sql, (json.dumps([[stream, month, list(names)] for stream, month, names in files]),))


def sample_ledger(fractions: Sequence[float]) -> Statement:
    """Rows from all over the ledger: ``stream``, ``file``, ``recorded_at``, ``imported``.

    Args:
        fractions: where to read, from 0 for the first row to 1 for the last.
    """
    sql = """
    SELECT DISTINCT l.rowid AS place, l.stream AS stream, l.file AS file, l.recorded_at AS recorded_at,
      EXISTS (SELECT 1 FROM pipeline_audit AS a WHERE a.id = l.run_id AND a.action = 'import') AS imported
    FROM json_each(?1) AS j CROSS JOIN publish_ledger AS l ON l.rowid = (
      SELECT min(x.rowid) FROM publish_ledger AS x
      WHERE x.rowid >= j.value * (SELECT max(m.rowid) FROM publish_ledger AS m))"""
    return Statement(sql, (json.dumps(list(fractions)),))
