"""Putting rows back that `cleanup` has removed, each only where nothing has taken its place."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from emdash_cli.domain.ports import Statement

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from emdash_cli.domain.ports import Row, Value
    from emdash_cli.maintenance.sql.cleaning import RowKind
    from emdash_cli.store.layout import Layout

POINTERS = ("live_revision_id", "draft_revision_id")
"""The columns of a post that name a revision."""


def describe_columns(tables: Sequence[str]) -> Statement:
    """The columns of the tables: ``name`` of the table, ``columns`` with commas between them."""
    return Statement(
        "SELECT j.value AS name, (SELECT group_concat(c.name) FROM pragma_table_info(j.value) AS c) AS columns"
        " FROM json_each(?1) AS j",
        (json.dumps(list(tables)),),
    )


def slug_owners(layout: Layout, posts: Sequence[Row]) -> Statement:
    """Posts that have the slug of one of these, in its locale: ``id``, and ``wanted_by``."""
    wanted = json.dumps([[post["id"], post["slug"], post["locale"]] for post in posts])
    return Statement(
        f"SELECT j.value ->> 0 AS wanted_by, p.id AS id FROM json_each(?1) AS j"
        f" CROSS JOIN {layout.posts} AS p ON p.slug = j.value ->> 1 AND p.locale = j.value ->> 2",
        (wanted,),
    )


def revisions_there(ids: Sequence[str]) -> Statement:
    """Those of the revisions that are there: ``id``."""
    return Statement(
        "SELECT r.id AS id FROM json_each(?1) AS j CROSS JOIN revisions AS r ON r.id = j.value", (json.dumps(ids),)
    )


def same_credits(rows: Sequence[Row]) -> Statement:
    """Other credits of the same byline at the same post: ``id``, and ``wanted_by``."""
    wanted = [[row.get(column) for column in ("id", "collection_slug", "content_id", "byline_id")] for row in rows]
    return Statement(
        "SELECT j.value ->> 0 AS wanted_by, c.id AS id FROM json_each(?1) AS j"
        " CROSS JOIN _emdash_content_bylines AS c ON c.collection_slug = j.value ->> 1"
        " AND c.content_id = j.value ->> 2 AND c.byline_id = j.value ->> 3 AND +c.id <> j.value ->> 0",
        (json.dumps(wanted),),
    )


def put_back(layout: Layout, kind: RowKind, row: Mapping[str, Any]) -> Statement:
    """Insert the row, if no row is in its way and what it points at is there; harmless when sent again."""
    columns = list(row)
    values: list[Value] = [row[column] for column in columns]
    # Engines may bind whole numbers as REAL.
    marks = [
        f"CAST(?{place} AS INTEGER)" if isinstance(value, int) else f"?{place}" for place, value in enumerate(values, 1)
    ]
    place_of = {column: f"?{place}" for place, column in enumerate(columns, 1)}
    conditions = ["1"]
    if kind.table == layout.posts:
        conditions += [
            f"EXISTS (SELECT 1 FROM revisions AS r WHERE r.id = {place_of[pointer]})"
            for pointer in POINTERS
            if row.get(pointer)
        ]
    names = ", ".join(f'"{column}"' for column in columns)
    sql = f"""
    INSERT INTO {kind.table} ({names}) SELECT {", ".join(marks)} WHERE {" AND ".join(conditions)}
    ON CONFLICT DO NOTHING"""
    return Statement(sql, tuple(values))
