"""What `emdash cleanup` finds and removes: incomplete posts, orphaned rows, and old outbox rows.

An orphan is a row whose post, term or byline is gone. The batch that removes a row first checks it again with the SQL
that found it. Orphans are found by anti-joins over covering indexes.
"""

from __future__ import annotations

import json
from datetime import timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

from emdash_cli.domain.instants import utc_text
from emdash_cli.domain.ports import Statement
from emdash_cli.domain.ulid import ALPHABET
from emdash_cli.maintenance.sql.rows import LOCKS, REVISIONS, TERM_LINKS, by_key
from emdash_cli.store.changes import (
    CLAIMED,
    assignments,
    change_posts,
    claimed_posts,
    is_new_claim,
    revision_of_columns,
)
from emdash_cli.store.went_live import audited, stamped, went_live

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from emdash_cli.domain.article import PublicSite
    from emdash_cli.domain.ports import Row
    from emdash_cli.maintenance.sql.rows import RowKind, Target
    from emdash_cli.store.changes import Claim
    from emdash_cli.store.layout import Layout

_LEAD: Final = timedelta(days=1)
"""How far another machine's clock may be ahead. An ID from further in the future only looks like a ULID."""


class Cutoff(NamedTuple):
    """Rows older than this are not work in progress: the first parameters of every statement that checks it."""

    instant: str
    """UTC text; rows created before it are old enough."""
    first_id: str
    """The beginning of ULIDs of that instant."""
    last_id: str
    """The beginning of the last ULIDs that can have been created by now."""

    @classmethod
    def before(cls, now: datetime, age: timedelta) -> Cutoff:
        """The cutoff for what is older than `age`."""
        return cls(utc_text(now - age), _ulid_prefix(now - age), _ulid_prefix(now + _LEAD))


def _is_old(*, times: tuple[str, ...], made_id: str) -> str:
    """SQL: each of the times, and the ID if it is a ULID, lies before the cutoff, which is ?1 to ?3.

    Times are compared as instants: by default, that of a revision is ``2026-06-15 09:00:00`` and that of a post is ISO
    8601. A tool may backdate what it writes, but a ULID still shows when it was created.
    """
    conditions = [f"coalesce(julianday({time}), 0) < julianday(?1)" for time in times]
    return " AND ".join([*conditions, f"NOT ({made_id} >= ?2 AND {made_id} < ?3 AND {_is_ulid(made_id)})"])


def _is_dated_before(made_id: str) -> str:
    """SQL: the ID is a ULID from before the cutoff."""
    return f"({made_id} < ?2 AND {_is_ulid(made_id)})"


def _is_ulid(made_id: str) -> str:
    return f"length({made_id}) = 26 AND {made_id} NOT GLOB '*[^0-9A-HJKMNP-TV-Z]*'"


def _ulid_prefix(moment: datetime) -> str:
    milliseconds = int(moment.timestamp() * 1000)
    return "".join(ALPHABET[(milliseconds >> shift) & 31] for shift in range(45, -1, -5))


class PlannedRepair(NamedTuple):
    """The answer of `find_incomplete` for a post: its fate, which is valid for this version of the post."""

    post_id: str
    fate: str
    version: int | None


class Repair(NamedTuple):
    """The work of one batch.

    Attributes:
        posts: those whose fate is ``remove`` must have been saved in a file before.
        remove_all: whether to remove everything incomplete.
        now: UTC text.
    """

    posts: Sequence[PlannedRepair]
    remove_all: bool
    cutoff: Cutoff
    claim: Claim
    now: str
    site: PublicSite


def find_incomplete(layout: Layout, cutoff: Cutoff, *, remove_all: bool) -> Statement:
    """Published posts without a live revision, as left by a tool that inserts in three steps and dies between them.

    Rows of ``id``, ``slug``, ``locale``, ``version``, ``fate``, and the ``size`` of the text.

    The fate is ``revision``, ``columns``, ``remove`` or ``left`` (a revision exists but cannot be read). Visitors see
    the columns of a post. A revision that agrees with the columns, or that supplies what they lack, becomes the live
    one; if it disagrees, a revision is created from the columns, so that no visible text changes.
    """
    posts = layout.posts
    # References to missing revisions: an anti-join over the index on the reference.
    dangling = f"""
      SELECT d.rowid AS place FROM {posts} AS d WHERE d.live_revision_id > ''
        AND NOT EXISTS (SELECT 1 FROM revisions AS r WHERE r.id = d.live_revision_id)"""
    candidates = f"""
      SELECT p.id AS id FROM {posts} AS p WHERE p.live_revision_id IS NULL AND {_PUBLISHED} AND {_IS_OLD}
      UNION ALL
      SELECT p.id FROM ({dangling}) AS g CROSS JOIN {posts} AS p ON p.rowid = g.place
      WHERE {_PUBLISHED} AND {_IS_OLD}"""
    sql = f"""
    {_judged(layout, candidates)}
    SELECT id, slug, locale, version, fate, size FROM judged ORDER BY id"""
    return Statement(sql, (*cutoff, int(remove_all)))


def repair_incomplete(layout: Layout, repair: Repair) -> list[Statement]:
    """Finish or remove the posts, each only if `find_incomplete` would give the same answer again.

    The rows of the last statement report what was done: ``post_id``, ``action`` (finished or removed), ``stands``.
    """
    claimed = (repair.claim.first, repair.claim.last)
    dated = (*claimed, repair.now)
    posts = json.dumps([list(post) for post in repair.posts])
    decide = (*repair.cutoff, int(repair.remove_all), posts, str(repair.claim), repair.now, repair.claim.actor)
    statements = [
        Statement(_record(layout), decide),
        Statement(_new_revisions(layout), claimed),
        Statement(_point_at_new(layout), dated),
        Statement(_point_at_newest(layout), dated),
        Statement(_delete(layout), claimed),
        *went_live(layout, audited(repair.claim), repair.now, repair.site, "1"),
        *stamped(layout, audited(repair.claim), "a.action = 'finished'"),
    ]
    return [*statements, Statement(_read_back(layout), claimed)]


_PUBLISHED: Final = "+p.status = 'published' AND +p.deleted_at IS NULL"
_IS_OLD: Final = _is_old(times=("p.created_at", "p.updated_at"), made_id="p.id")
_LIVE_IS_MISSING: Final = (
    "(p.live_revision_id IS NULL OR NOT EXISTS (SELECT 1 FROM revisions AS x WHERE x.id = p.live_revision_id))"
)


def _is_empty(column: str) -> str:
    return f"coalesce(CAST({column} AS TEXT), '') IN ('', '[]', '{{}}', 'null', '0')"


def _parts(text: str) -> str:
    """SQL: JSON as a list of its parts, independent of how it is written."""
    return (
        "(SELECT group_concat(t.fullkey || char(31) || t.type || char(31) || coalesce(t.atom, ''), char(30))"
        f" FROM (SELECT fullkey, type, atom FROM json_tree({text}) ORDER BY fullkey) AS t)"
    )


def _differs(name: str) -> str:
    """SQL: 1 if the post p has a value in a field for which its revision r has a different value."""
    column, key = f'p."{name}"', f"""'$."{name}"'"""
    same = f"json_type(r.data, {key}) IS NULL OR {column} IS (r.data ->> {key})"
    return f"""CASE WHEN {_is_empty(column)} OR {same} THEN 0
        WHEN json_type(r.data, {key}) IN ('array', 'object') AND json_valid({column})
          THEN {_parts(column)} IS NOT {_parts(f"r.data -> {key}")}
        ELSE 1 END"""


@lru_cache(maxsize=4)
def _judged(layout: Layout, candidates: str) -> str:
    """SQL: CTEs up to ``judged``; ?4 is whether to remove all."""
    names = layout.names
    texts = [name for name in layout.fields if name != names.title]
    differs = ", ".join(_differs(name) for name in layout.fields)
    empty = ", ".join(_is_empty(f'p."{name}"') for name in texts)
    readable = "CASE WHEN json_valid(n.data) THEN json_type(n.data) = 'object' ELSE 0 END"
    of_post = f"n.collection = '{names.collection}' AND n.entry_id = p.id"
    return f"""
    WITH candidate AS MATERIALIZED ({candidates}),
    seen AS MATERIALIZED (
      SELECT p.id, p.slug, p.locale, p.version, p.draft_revision_id, r.id AS revision_id,
        CASE WHEN r.id IS NULL THEN 0 ELSE max(0, {differs}) END AS differs, min(1, {empty}) AS empty,
        EXISTS (SELECT 1 FROM revisions AS n WHERE {of_post}) AS has_revision,
        length(p."{names.content}") AS size
      FROM candidate AS c CROSS JOIN {layout.posts} AS p ON p.id = c.id
      LEFT JOIN revisions AS r ON r.id = (
        SELECT n.id FROM revisions AS n WHERE {of_post} AND {readable}
        ORDER BY julianday(n.created_at) DESC, n.id DESC LIMIT 1)
    ),
    judged AS (
      SELECT s.*, CASE
        WHEN CAST(?4 AS INTEGER) = 1 THEN 'remove'
        WHEN s.revision_id IS NOT NULL AND (s.empty OR NOT s.differs) THEN 'revision'
        WHEN NOT s.empty THEN 'columns'
        WHEN s.has_revision THEN 'left'
        ELSE 'remove' END AS fate
      FROM seen AS s
    )"""


@lru_cache(maxsize=4)
def _record(layout: Layout) -> str:
    """?5 the posts, ?6 the claim, which must have no rows yet, ?7 now, ?8 the actor."""
    wanted = f"""
      SELECT p.id AS id FROM json_each(?5) AS j CROSS JOIN {layout.posts} AS p ON p.id = j.value ->> 0
      WHERE {_PUBLISHED} AND {_LIVE_IS_MISSING} AND {_IS_OLD}"""
    row_id = "?6 || printf('%04d', row_number() OVER (ORDER BY d.id))"
    return f"""
    INSERT INTO pipeline_audit (id, at, actor, action, post_id, slug, locale, detail)
    {_judged(layout, wanted)}
    SELECT {row_id}, ?7, ?8, CASE d.fate WHEN 'remove' THEN 'removed' ELSE 'finished' END, d.id, d.slug,
      d.locale, json_object('fate', d.fate, 'version', d.version,
        'revision', CASE d.fate WHEN 'revision' THEN d.revision_id WHEN 'columns' THEN {row_id} END)
    FROM judged AS d CROSS JOIN json_each(?5) AS j ON j.value ->> 0 = d.id
    WHERE d.fate <> 'left' AND d.fate = j.value ->> 1 AND d.version IS j.value ->> 2
      AND {is_new_claim("?6 || '0000'", "?6 || '9999'")}"""


@lru_cache(maxsize=4)
def _new_revisions(layout: Layout) -> str:
    return revision_of_columns(layout, f"{claimed_posts(layout)} WHERE a.detail ->> 'fate' = 'columns'")


# A post without a date sorts nowhere. It went live, at the latest, when it was created.
_WHOLE: Final = """live_revision_id = c.revision,
      published_at = coalesce(p.published_at, strftime('%Y-%m-%dT%H:%M:%fZ', p.created_at), ?3)"""
_CHANGE: Final = """+a.post_id AS post_id, a.detail ->> 'revision' AS revision,
        CAST(a.detail ->> 'version' AS INTEGER) AS version"""


@lru_cache(maxsize=4)
def _point_at_new(layout: Layout) -> str:
    return change_posts(layout, _WHOLE, f"SELECT {_CHANGE} FROM {CLAIMED} WHERE a.detail ->> 'fate' = 'columns'")


@lru_cache(maxsize=4)
def _point_at_newest(layout: Layout) -> str:
    return change_posts(
        layout,
        f"{_WHOLE}, {assignments(layout, 'c')},"
        " draft_revision_id = CASE WHEN p.draft_revision_id = c.revision THEN NULL ELSE p.draft_revision_id END",
        f"SELECT {_CHANGE}, r.data FROM {CLAIMED} CROSS JOIN revisions AS r ON r.id = a.detail ->> 'revision'"
        " WHERE a.detail ->> 'fate' = 'revision'",
    )


@lru_cache(maxsize=4)
def _delete(layout: Layout) -> str:
    return f"""
    DELETE FROM {layout.posts} WHERE id IN (
      SELECT p.id FROM {claimed_posts(layout)}
      WHERE a.detail ->> 'fate' = 'remove' AND {_PUBLISHED} AND {_LIVE_IS_MISSING})"""


@lru_cache(maxsize=4)
def _read_back(layout: Layout) -> str:
    return f"""
    SELECT a.post_id, a.action, CASE a.action WHEN 'removed' THEN p.id IS NULL
      ELSE p.live_revision_id IS a.detail ->> 'revision' END AS stands
    FROM {CLAIMED} LEFT JOIN {layout.posts} AS p ON p.id = a.post_id ORDER BY a.id"""


MOST: Final = 50_000
"""The maximum number of orphans of a kind that one statement finds."""


class Store(NamedTuple):
    """What the statements on orphans depend on: the layout, and the tables of all collections."""

    layout: Layout
    collections: tuple[str, ...]


def describe_collections() -> Statement:
    """The statement whose rows `collections_from` takes."""
    return Statement("SELECT name FROM sqlite_master WHERE type = 'table' AND name >= 'ec_' AND name < 'ec`'")


def collections_from(layout: Layout, rows: Sequence[Row]) -> Store:
    """The tables in the rows of `describe_collections`; only names that are safe in SQL."""
    names = (str(row["name"]) for row in rows)
    return Store(layout, tuple(name for name in names if name.isascii() and name.isidentifier()))


def find_orphans(store: Store, kind: RowKind, cutoff: Cutoff, without: Sequence[str] | None = None) -> Statement:
    """Orphans: the columns of their key, and the ``size`` of their text.

    Args:
        store: what the statement depends on.
        kind: the kind of row.
        cutoff: orphans created before it are included.
        without: IDs of posts to treat as removed, for a preview; it costs time.
    """
    size = f'length(o."{kind.text}")' if kind.text else "0"
    sql = f"""
    SELECT {_keys(kind)}, {size} AS size FROM {_found(store, kind, without_posts=bool(without))} LIMIT {MOST}"""
    return Statement(sql, (*cutoff, *([json.dumps(list(without))] if without else [])))


def count_orphans(store: Store, kind: RowKind, cutoff: Cutoff) -> Statement:
    """One row: the number of rows that `find_orphans` would return, as ``orphans``, up to `MOST`."""
    sql = f"""
    SELECT count(*) AS orphans FROM (
      SELECT 1 FROM {_found(store, kind)} LIMIT {MOST})"""
    return Statement(sql, tuple(cutoff))


def _found(store: Store, kind: RowKind, *, without_posts: bool = False) -> str:
    """SQL: orphans ``o`` that may be removed, found by the covering index on the post that they refer to."""
    return f"""(
        SELECT c.rowid AS place FROM {kind.table} AS c WHERE {_is_orphan(store, kind, "c", without_posts=without_posts)}
      ) AS f CROSS JOIN {kind.table} AS o ON o.rowid = f.place
      WHERE {_may_go(store, kind)}"""


def remove_orphans(store: Store, kind: RowKind, cutoff: Cutoff, keys: Sequence[Sequence[str]]) -> list[Statement]:
    """Delete the rows that are still orphans. The last statement returns the keys of the others."""
    sql = f"""
    DELETE FROM {kind.table} WHERE rowid IN (
      SELECT o.rowid {by_key(kind, 4)} WHERE {_is_orphan(store, kind, "o")} AND {_may_go(store, kind)})"""
    left = f"SELECT {_keys(kind)} {by_key(kind, 1)}"
    values = json.dumps(keys)
    return [Statement(sql, (*cutoff, values)), Statement(left, (values,))]


def _keys(kind: RowKind) -> str:
    return ", ".join(f'o."{column}"' for column in kind.key)


def _may_go(store: Store, kind: RowKind) -> str:
    """SQL: the row is old enough, and no post refers to it."""
    times = tuple(f"o.{column}" for column in kind.made_at)
    known = ""
    if kind is TERM_LINKS:
        # In newer EmDash, only the post's ID shows the age of a link. A link of unknown age is left alone.
        times = () if store.layout.terms_by_group else ("o.created_at",)
        tells = [_is_dated_before(f"o.{kind.made_id}"), *(f"julianday({time}) IS NOT NULL" for time in times)]
        known = f" AND ({' OR '.join(tells)})"
    old = _is_old(times=times, made_id=f"o.{kind.made_id}") + known
    if kind.target:
        # A tool may write the term or byline last: if its ID is a recent ULID, its row may still be written.
        old += f" AND {_is_old(times=(), made_id=f'o.{kind.target.column}')}"
    if kind is not REVISIONS:
        return old
    posts = store.layout.posts
    return f"""{old}
      AND NOT EXISTS (SELECT 1 FROM {posts} AS p WHERE p.live_revision_id = o.id)
      AND NOT EXISTS (SELECT 1 FROM {posts} AS p WHERE p.draft_revision_id = o.id)"""


def _is_orphan(store: Store, kind: RowKind, row: str, *, without_posts: bool = False) -> str:
    layout = store.layout
    owner = f"{row}.{kind.owner}"
    counts = " AND p.id NOT IN (SELECT t.value FROM json_each(?4) AS t)" if without_posts else ""

    def no_post(table: str, condition: str) -> str:
        return f"NOT EXISTS (SELECT 1 FROM {table} AS p WHERE {condition}{counts})"

    conditions = [no_post(layout.posts, f"p.id = {owner}")]
    if kind is LOCKS:
        # A lock does not name the collection of its post.
        others = [table for table in store.collections if table != layout.posts]
        conditions += [no_post(table, f"p.id = {owner}") for table in others]
    if kind is TERM_LINKS and layout.terms_by_group:
        conditions.append(no_post(layout.posts, f"p.translation_group = {owner}"))
    gone = " AND ".join(conditions)
    if kind.target:
        gone = f"(({gone}) OR ({_is_target_gone(kind.target, row)}))"
    return f"{row}.{kind.collection} = '{layout.names.collection}' AND {gone}" if kind.collection else gone


def _is_target_gone(target: Target, row: str) -> str:
    # Two subqueries, each with its own index.
    return " AND ".join(
        f"NOT EXISTS (SELECT 1 FROM {target.table} AS x WHERE x.{column} = {row}.{target.column})"
        for column in ("translation_group", "id")
    )


ANNOUNCED_GROUP: Final = 1_000
"""Outbox rows in one batch."""


def count_announced(before: str) -> Statement:
    """One row: how many outbox rows were processed before that time (UTC text), as ``announced``."""
    return Statement("SELECT count(*) AS announced FROM publish_outbox AS o WHERE o.done_at < ?1", (before,))


def find_announced(before: str) -> Statement:
    """Outbox rows that were processed before that time (UTC text), oldest first: ``id``."""
    sql = f"SELECT o.id AS id FROM publish_outbox AS o WHERE o.done_at < ?1 ORDER BY o.done_at LIMIT {ANNOUNCED_GROUP}"
    return Statement(sql, (before,))


def remove_announced(before: str, ids: Sequence[str]) -> Statement:
    """Delete those outbox rows, except rows that were reopened since."""
    return Statement(
        "DELETE FROM publish_outbox WHERE id IN (SELECT j.value FROM json_each(?2) AS j) AND done_at < ?1",
        (before, json.dumps(list(ids))),
    )
