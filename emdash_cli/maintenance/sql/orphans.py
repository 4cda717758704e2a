"""Rows whose post, term or byline is gone: found by anti-joins over covering indexes.

They are removed only while they still are orphans.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final, NamedTuple

from emdash_cli.domain.ports import Statement
from emdash_cli.maintenance.sql.settled import Cutoff, dated_before, settled

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from emdash_cli.domain.ports import Row
    from emdash_cli.store.audit import Claim
    from emdash_cli.store.layout import Layout

MOST: Final = 50_000
"""Orphans of a kind that one look finds."""


class Target(NamedTuple):
    """What a row gives to its post.

    Attributes:
        name: for people.
        table: of rows with an ``id`` and a ``translation_group``.
        column: that holds the group, or the id in rows that have no group.
    """

    name: str
    table: str
    column: str


class Kind(NamedTuple):
    """Rows of a kind.

    Attributes:
        name: for people and programs.
        key: the columns that tell one row from another.
        owner: the column that names the post.
        collection: the column that names the collection; None if there is none.
        made_at: the columns with a time after which the row was surely made.
        made_id: the column that may hold a ULID which tells when.
        text: the column with a long text; None if there is none.
        target: what it gives to the post; None if that is in the row itself.
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


TERM_LINKS: Final = Kind(
    "term_link",
    "content_taxonomies",
    ("collection", "entry_id", "taxonomy_id"),
    "entry_id",
    "collection",
    (),
    "entry_id",
    target=Target("term", "taxonomies", "taxonomy_id"),
)
CREDITS: Final = Kind(
    "credit",
    "_emdash_content_bylines",
    ("id",),
    "content_id",
    "collection_slug",
    ("created_at",),
    "content_id",
    target=Target("byline", "_emdash_bylines", "byline_id"),
)
SEO: Final = Kind(
    "seo", "_emdash_seo", ("collection", "content_id"), "content_id", "collection", ("created_at",), "content_id"
)
LOCKS: Final = Kind("lock", "schedule_locks", ("post_id",), "post_id", None, ("locked_at",), "post_id")
REVISIONS: Final = Kind("revision", "revisions", ("id",), "entry_id", "collection", ("created_at",), "id", "data")
KINDS: Final = (TERM_LINKS, CREDITS, SEO, LOCKS, REVISIONS)


def posts_kind(layout: Layout) -> Kind:
    """The posts themselves, which are removed by `incomplete` and put back like everything else."""
    names = layout.names
    return Kind("post", layout.posts, ("id",), "id", None, ("created_at",), "id", names.content)


class Store(NamedTuple):
    """What the SQL must know: the layout, and the tables of every collection."""

    layout: Layout
    collections: tuple[str, ...]


def describe_collections() -> Statement:
    """The read that `collections_from` takes."""
    return Statement("SELECT name FROM sqlite_master WHERE type = 'table' AND name >= 'ec_' AND name < 'ec`'")


def collections_from(layout: Layout, rows: Sequence[Row]) -> Store:
    """The tables that the rows of `describe_collections` tell of; of the names, those that can stand in SQL."""
    names = (str(row["name"]) for row in rows)
    return Store(layout, tuple(name for name in names if name.isascii() and name.isidentifier()))


def find(store: Store, kind: Kind, cutoff: Cutoff, without: Sequence[str] | None = None) -> Statement:
    """Orphans: the columns of their key, and the ``size`` of their text.

    Args:
        store: where.
        kind: of which kind.
        cutoff: before which they were made.
        without: ids of posts that are to be thought away; a preview's, since it costs time.
    """
    size = f'length(o."{kind.text}")' if kind.text else "0"
    sql = f"""
    SELECT {_keys(kind)}, {size} AS size FROM {_found(store, kind, thought_away=bool(without))} LIMIT {MOST}"""
    return Statement(sql, (*cutoff, *([json.dumps(list(without))] if without else [])))


def count(store: Store, kind: Kind, cutoff: Cutoff) -> Statement:
    """One row: how many rows `find` would name, as ``orphans``, up to `MOST`."""
    sql = f"""
    SELECT count(*) AS orphans FROM (
      SELECT 1 FROM {_found(store, kind)} LIMIT {MOST})"""
    return Statement(sql, tuple(cutoff))


def _found(store: Store, kind: Kind, *, thought_away: bool = False) -> str:
    """SQL: orphans ``o`` that may go, by the covering index on the post that they name."""
    return f"""(
        SELECT c.rowid AS place FROM {kind.table} AS c WHERE {_is_orphan(store, kind, "c", thought_away=thought_away)}
      ) AS f CROSS JOIN {kind.table} AS o ON o.rowid = f.place
      WHERE {_may_go(store, kind)}"""


def fetch(kind: Kind, keys: Sequence[Sequence[str]]) -> Statement:
    """The rows of those keys, whole."""
    return Statement(f"SELECT o.* {_by_key(kind, 1)} ORDER BY j.key", (json.dumps(keys),))


def remove(store: Store, kind: Kind, cutoff: Cutoff, keys: Sequence[Sequence[str]]) -> list[Statement]:
    """Delete those that still are orphans; the rows of the last statement are the keys of the others."""
    sql = f"""
    DELETE FROM {kind.table} WHERE rowid IN (
      SELECT o.rowid {_by_key(kind, 4)} WHERE {_is_orphan(store, kind, "o")} AND {_may_go(store, kind)})"""
    left = f"SELECT {_keys(kind)} {_by_key(kind, 1)}"
    values = json.dumps(keys)
    return [Statement(sql, (*cutoff, values)), Statement(left, (values,))]


def noted(claim: Claim, now: str, action: str, detail: Mapping[str, object]) -> Statement:
    """The audit row of a group; sent again, it changes nothing.

    Args:
        claim: of the batch.
        now: UTC text.
        action: removed or restored.
        detail: what is to be known of it.
    """
    return Statement(
        "INSERT INTO pipeline_audit (id, at, actor, action, detail) VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT DO NOTHING",
        (claim.first, now, claim.actor, action, json.dumps(detail)),
    )


def _keys(kind: Kind) -> str:
    return ", ".join(f'o."{column}"' for column in kind.key)


def _by_key(kind: Kind, param: int) -> str:
    on = " AND ".join(f'o."{column}" = j.value ->> {place}' for place, column in enumerate(kind.key))
    return f"FROM json_each(?{param}) AS j CROSS JOIN {kind.table} AS o ON {on}"


def _may_go(store: Store, kind: Kind) -> str:
    """SQL: it is old enough, and no post points at it."""
    times = tuple(f"o.{column}" for column in kind.made_at)
    known = ""
    if kind is TERM_LINKS:
        # In newer EmDash nothing but the id of the post tells how old a link is: who does not know, leaves it.
        times = () if store.layout.terms_by_group else ("o.created_at",)
        tells = [dated_before(f"o.{kind.made_id}"), *(f"julianday({time}) IS NOT NULL" for time in times)]
        known = f" AND ({' OR '.join(tells)})"
    old = settled(times=times, made_id=f"o.{kind.made_id}") + known
    if kind.target:
        # A tool may write the term or byline last; its id tells that it is still to come.
        old += f" AND {settled(times=(), made_id=f'o.{kind.target.column}')}"
    if kind is not REVISIONS:
        return old
    posts = store.layout.posts
    return f"""{old}
      AND NOT EXISTS (SELECT 1 FROM {posts} AS p WHERE p.live_revision_id = o.id)
      AND NOT EXISTS (SELECT 1 FROM {posts} AS p WHERE p.draft_revision_id = o.id)"""


def _is_orphan(store: Store, kind: Kind, row: str, *, thought_away: bool = False) -> str:
    layout = store.layout
    owner = f"{row}.{kind.owner}"
    counts = " AND p.id NOT IN (SELECT t.value FROM json_each(?4) AS t)" if thought_away else ""

    def no_post(table: str, condition: str) -> str:
        return f"NOT EXISTS (SELECT 1 FROM {table} AS p WHERE {condition}{counts})"

    conditions = [no_post(layout.posts, f"p.id = {owner}")]
    if kind is LOCKS:
        # A lock does not say of which collection its post is.
        others = [table for table in store.collections if table != layout.posts]
        conditions += [no_post(table, f"p.id = {owner}") for table in others]
    if kind is TERM_LINKS and layout.terms_by_group:
        conditions.append(no_post(layout.posts, f"p.translation_group = {owner}"))
    gone = " AND ".join(conditions)
    if kind.target:
        gone = f"(({gone}) OR ({_is_target_gone(kind.target, row)}))"
    return f"{row}.{kind.collection} = '{layout.names.collection}' AND {gone}" if kind.collection else gone


def _is_target_gone(target: Target, row: str) -> str:
    # Two looks, each by its index.
    return " AND ".join(
        f"NOT EXISTS (SELECT 1 FROM {target.table} AS x WHERE x.{column} = {row}.{target.column})"
        for column in ("translation_group", "id")
    )
