"""The rows that `cleanup` removes and `restore` restores: their kinds, and how they are read and inserted."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from emdash_cli.domain.ports import Statement

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from emdash_cli.domain.ports import Row, Value
    from emdash_cli.store.changes import Claim
    from emdash_cli.store.layout import Layout

POINTERS = ("live_revision_id", "draft_revision_id")
"""The columns of a post that refer to a revision."""


class Target(NamedTuple):
    """What a row links its post to.

    Attributes:
        name: for people.
        table: a table of rows with an ``id`` and a ``translation_group``.
        column: holds the group, or the id for rows that have no group.
    """

    name: str
    table: str
    column: str


class RowKind(NamedTuple):
    """A kind of row that belongs to a post.

    Attributes:
        name: for people and programs.
        key: the columns that identify a row.
        owner: the column that refers to the post.
        collection: the column with the collection's name; None if there is none.
        made_at: columns with a time that is no later than the creation of the row.
        made_id: the column that may hold a ULID, whose time is that of the creation.
        text: the column with a long text; None if there is none.
        target: what the row links the post to; None if the row belongs to the post alone.
    """

    name: str
    table: str
    key: tuple[str, ...]
    owner: str
    collection: str | None
    made_at: tuple[str, ...]
    made_id: str
    text: str | None = None
    target: Target | None = None


TERM_LINKS: Final = RowKind(
    "term_link",
    "content_taxonomies",
    ("collection", "entry_id", "taxonomy_id"),
    "entry_id",
    "collection",
    (),
    "entry_id",
    target=Target("term", "taxonomies", "taxonomy_id"),
)
CREDITS: Final = RowKind(
    "credit",
    "_emdash_content_bylines",
    ("id",),
    "content_id",
    "collection_slug",
    ("created_at",),
    "content_id",
    target=Target("byline", "_emdash_bylines", "byline_id"),
)
SEO: Final = RowKind(
    "seo", "_emdash_seo", ("collection", "content_id"), "content_id", "collection", ("created_at",), "content_id"
)
LOCKS: Final = RowKind("lock", "schedule_locks", ("post_id",), "post_id", None, ("locked_at",), "post_id")
REVISIONS: Final = RowKind("revision", "revisions", ("id",), "entry_id", "collection", ("created_at",), "id", "data")
KINDS: Final = (TERM_LINKS, CREDITS, SEO, LOCKS, REVISIONS)


def posts_kind(layout: Layout) -> RowKind:
    """The posts themselves, which `repair_incomplete` removes and which are restored like any other row."""
    names = layout.names
    return RowKind("post", layout.posts, ("id",), "id", None, ("created_at",), "id", names.content)


def rows_of(kind: RowKind, keys: Sequence[Sequence[str]]) -> Statement:
    """All columns of the rows with those keys."""
    return Statement(f"SELECT o.* {by_key(kind, 1)} ORDER BY j.key", (json.dumps(keys),))


def by_key(kind: RowKind, param: int) -> str:
    """SQL: rows ``o`` of the kind whose keys are in the JSON array that is the parameter."""
    on = " AND ".join(f'o."{column}" = j.value ->> {place}' for place, column in enumerate(kind.key))
    return f"FROM json_each(?{param}) AS j CROSS JOIN {kind.table} AS o ON {on}"


def audit_row(claim: Claim, now: str, action: str, detail: Mapping[str, object]) -> Statement:
    """Record in the audit table what was done to a group of rows. Sending it again changes nothing.

    Args:
        claim: of the batch.
        now: UTC text.
        action: removed or restored.
        detail: of the audit row.
    """
    return Statement(
        "INSERT INTO pipeline_audit (id, at, actor, action, detail) VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT DO NOTHING",
        (claim.first, now, claim.actor, action, json.dumps(detail)),
    )


def describe_columns(tables: Sequence[str]) -> Statement:
    """The columns of the tables: ``name`` of the table, ``columns`` with commas between them."""
    return Statement(
        "SELECT j.value AS name, (SELECT group_concat(c.name) FROM pragma_table_info(j.value) AS c) AS columns"
        " FROM json_each(?1) AS j",
        (json.dumps(list(tables)),),
    )


def slug_owners(layout: Layout, posts: Sequence[Row]) -> Statement:
    """Posts that have the slug and the locale of one of these: ``id``, and ``wanted_by``."""
    wanted = json.dumps([[post["id"], post["slug"], post["locale"]] for post in posts])
    return Statement(
        f"SELECT j.value ->> 0 AS wanted_by, p.id AS id FROM json_each(?1) AS j"
        f" CROSS JOIN {layout.posts} AS p ON p.slug = j.value ->> 1 AND p.locale = j.value ->> 2",
        (wanted,),
    )


def revisions_there(ids: Sequence[str]) -> Statement:
    """The ``id`` of each of these revisions that exists."""
    return Statement(
        "SELECT r.id AS id FROM json_each(?1) AS j CROSS JOIN revisions AS r ON r.id = j.value", (json.dumps(ids),)
    )


def same_credits(rows: Sequence[Row]) -> Statement:
    """Other credits that link the same byline to the same post: ``id``, and ``wanted_by``."""
    wanted = [[row.get(column) for column in ("id", "collection_slug", "content_id", "byline_id")] for row in rows]
    return Statement(
        "SELECT j.value ->> 0 AS wanted_by, c.id AS id FROM json_each(?1) AS j"
        " CROSS JOIN _emdash_content_bylines AS c ON c.collection_slug = j.value ->> 1"
        " AND c.content_id = j.value ->> 2 AND c.byline_id = j.value ->> 3 AND +c.id <> j.value ->> 0",
        (json.dumps(wanted),),
    )


def put_back(layout: Layout, kind: RowKind, row: Mapping[str, Any]) -> Statement:
    """Insert the row unless another row is in its way or a revision it refers to is missing. May be sent again."""
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
