"""Published posts without a live revision: what a tool leaves that inserts in three steps and dies between them.

Visitors see the columns of a post. A revision that says the same, or that says what the columns lack, becomes
the live one; where it says something else, a revision is made of the columns, so that no visible text changes.
"""

from __future__ import annotations

import json
from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

from emdash_cli.domain.ports import Statement
from emdash_cli.maintenance.sql.settled import Cutoff, settled
from emdash_cli.store.audit import CLAIMED
from emdash_cli.store.fields import Fields, assignments, from_columns
from emdash_cli.store.went_live import audited, stamped, went_live

if TYPE_CHECKING:
    from collections.abc import Sequence

    from emdash_cli.domain.collection import PostPath
    from emdash_cli.store.audit import Claim
    from emdash_cli.store.layout import Layout


class Planned(NamedTuple):
    """What `find` answered about a post: its fate, as long as it is of this version."""

    post_id: str
    fate: str
    version: int | None


class Mending(NamedTuple):
    """What one batch does.

    Attributes:
        posts: those whose fate is ``remove`` must have been written to a file before.
        remove_all: whether everything incomplete is removed.
        now: UTC text.
    """

    posts: Sequence[Planned]
    remove_all: bool
    cutoff: Cutoff
    claim: Claim
    now: str
    post_path: PostPath


def find(fields: Fields, cutoff: Cutoff, *, remove_all: bool) -> Statement:
    """Incomplete posts: ``id``, ``slug``, ``locale``, ``version``, ``fate``, and the ``size`` of the text.

    The fate is ``revision``, ``columns``, ``remove`` or ``left`` (a revision is there and cannot be read).
    """
    posts = fields.layout.posts
    # Pointers to revisions that are gone: an anti-join over the index on the pointer.
    dangling = f"""
      SELECT d.rowid AS place FROM {posts} AS d WHERE d.live_revision_id > ''
        AND NOT EXISTS (SELECT 1 FROM revisions AS r WHERE r.id = d.live_revision_id)"""
    candidates = f"""
      SELECT p.id AS id FROM {posts} AS p WHERE p.live_revision_id IS NULL AND {_PUBLISHED} AND {_SETTLED}
      UNION ALL
      SELECT p.id FROM ({dangling}) AS g CROSS JOIN {posts} AS p ON p.rowid = g.place
      WHERE {_PUBLISHED} AND {_SETTLED}"""
    sql = f"""
    {_judged(fields, candidates)}
    SELECT id, slug, locale, version, fate, size FROM judged ORDER BY id"""
    return Statement(sql, (*cutoff, int(remove_all)))


def mend(fields: Fields, mending: Mending) -> list[Statement]:
    """Finish or remove the posts, each only if `find` would say the same of it again.

    The rows of the last statement name what was done: ``post_id``, ``action`` (finished or removed), ``stands``.
    """
    layout = fields.layout
    claimed = (mending.claim.first, mending.claim.last)
    dated = (*claimed, mending.now)
    posts = json.dumps([list(post) for post in mending.posts])
    decide = (*mending.cutoff, int(mending.remove_all), posts, str(mending.claim), mending.now, mending.claim.actor)
    statements = [
        Statement(_record(fields), decide),
        Statement(_new_revisions(fields), claimed),
        Statement(_point_at_new(layout), dated),
        Statement(_point_at_newest(fields), dated),
        Statement(_delete(layout), claimed),
        *went_live(layout, audited(mending.claim), mending.now, mending.post_path, "1"),
        *stamped(layout, audited(mending.claim), "a.action = 'finished'"),
    ]
    return [*statements, Statement(_read_back(layout), claimed)]


_PUBLISHED: Final = "+p.status = 'published' AND +p.deleted_at IS NULL"
_SETTLED: Final = settled(times=("p.created_at", "p.updated_at"), made_id="p.id")
_LIVE_IS_MISSING: Final = (
    "(p.live_revision_id IS NULL OR NOT EXISTS (SELECT 1 FROM revisions AS x WHERE x.id = p.live_revision_id))"
)


def _is_empty(column: str) -> str:
    return f"coalesce(CAST({column} AS TEXT), '') IN ('', '[]', '{{}}', 'null', '0')"


def _parts(text: str) -> str:
    """SQL: JSON as a list of its parts, the same however it was written."""
    return (
        "(SELECT group_concat(t.fullkey || char(31) || t.type || char(31) || coalesce(t.atom, ''), char(30))"
        f" FROM (SELECT fullkey, type, atom FROM json_tree({text}) ORDER BY fullkey) AS t)"
    )


def _differs(name: str) -> str:
    """SQL: 1 where the post p says something in a field of which its revision r says something else."""
    column, key = f'p."{name}"', f"""'$."{name}"'"""
    same = f"json_type(r.data, {key}) IS NULL OR {column} IS (r.data ->> {key})"
    return f"""CASE WHEN {_is_empty(column)} OR {same} THEN 0
        WHEN json_type(r.data, {key}) IN ('array', 'object') AND json_valid({column})
          THEN {_parts(column)} IS NOT {_parts(f"r.data -> {key}")}
        ELSE 1 END"""


@lru_cache(maxsize=4)
def _judged(fields: Fields, candidates: str) -> str:
    """SQL: CTEs up to ``judged``; ?4 whether all are removed."""
    names = fields.layout.names
    texts = [name for name in fields.columns if name != names.title]
    differs = ", ".join(_differs(name) for name in fields.columns)
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
      FROM candidate AS c CROSS JOIN {fields.layout.posts} AS p ON p.id = c.id
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
def _record(fields: Fields) -> str:
    """?5 the posts, ?6 the claim, without rows of it yet, ?7 now, ?8 who."""
    wanted = f"""
      SELECT p.id AS id FROM json_each(?5) AS j CROSS JOIN {fields.layout.posts} AS p ON p.id = j.value ->> 0
      WHERE {_PUBLISHED} AND {_LIVE_IS_MISSING} AND {_SETTLED}"""
    row_id = "?6 || printf('%04d', row_number() OVER (ORDER BY d.id))"
    return f"""
    INSERT INTO pipeline_audit (id, at, actor, action, post_id, slug, locale, detail)
    {_judged(fields, wanted)}
    SELECT {row_id}, ?7, ?8, CASE d.fate WHEN 'remove' THEN 'removed' ELSE 'finished' END, d.id, d.slug,
      d.locale, json_object('fate', d.fate, 'version', d.version,
        'revision', CASE d.fate WHEN 'revision' THEN d.revision_id WHEN 'columns' THEN {row_id} END)
    FROM judged AS d CROSS JOIN json_each(?5) AS j ON j.value ->> 0 = d.id
    WHERE d.fate <> 'left' AND d.fate = j.value ->> 1 AND d.version IS j.value ->> 2
      AND NOT EXISTS (SELECT 1 FROM pipeline_audit AS x WHERE x.id >= ?6 || '0000' AND x.id <= ?6 || '9999')"""


def _claimed_posts(layout: Layout, fate: str) -> str:
    """SQL: a and p, where p is still of the version that was decided upon."""
    return f"""
      {CLAIMED} CROSS JOIN {layout.posts} AS p ON p.id = a.post_id
      WHERE a.detail ->> 'fate' = '{fate}'
        AND +p.version IS CAST(a.detail ->> 'version' AS INTEGER)"""


@lru_cache(maxsize=4)
def _new_revisions(fields: Fields) -> str:
    return f"""
    INSERT INTO revisions (id, collection, entry_id, data, author_id)
    SELECT a.id, '{fields.layout.names.collection}', p.id, {from_columns(fields, "p")}, p.author_id
    FROM {_claimed_posts(fields.layout, "columns")}
    ON CONFLICT DO NOTHING"""


# A post without a date sorts nowhere: it went live, at the latest, when it was made.
_WHOLE: Final = """live_revision_id = c.revision, updated_at = ?3, version = coalesce(p.version, 0) + 1,
      published_at = coalesce(p.published_at, strftime('%Y-%m-%dT%H:%M:%fZ', p.created_at), ?3)"""
_CHANGE: Final = """+a.post_id AS post_id, a.detail ->> 'revision' AS revision,
        CAST(a.detail ->> 'version' AS INTEGER) AS version"""


@lru_cache(maxsize=4)
def _point_at_new(layout: Layout) -> str:
    return f"""
    UPDATE {layout.posts} AS p SET {_WHOLE}
    FROM (SELECT {_CHANGE} FROM {CLAIMED} WHERE a.detail ->> 'fate' = 'columns') AS c
    WHERE p.id = c.post_id AND +p.version IS c.version"""


@lru_cache(maxsize=4)
def _point_at_newest(fields: Fields) -> str:
    return f"""
    UPDATE {fields.layout.posts} AS p SET {_WHOLE}, {assignments(fields, "c")},
      draft_revision_id = CASE WHEN p.draft_revision_id = c.revision THEN NULL ELSE p.draft_revision_id END
    FROM (
      SELECT {_CHANGE}, r.data FROM {CLAIMED} CROSS JOIN revisions AS r ON r.id = a.detail ->> 'revision'
      WHERE a.detail ->> 'fate' = 'revision'
    ) AS c
    WHERE p.id = c.post_id AND +p.version IS c.version"""


@lru_cache(maxsize=4)
def _delete(layout: Layout) -> str:
    return f"""
    DELETE FROM {layout.posts} WHERE id IN (
      SELECT p.id FROM {_claimed_posts(layout, "remove")} AND {_PUBLISHED} AND {_LIVE_IS_MISSING})"""


@lru_cache(maxsize=4)
def _read_back(layout: Layout) -> str:
    return f"""
    SELECT a.post_id, a.action, CASE a.action WHEN 'removed' THEN p.id IS NULL
      ELSE p.live_revision_id IS a.detail ->> 'revision' END AS stands
    FROM {CLAIMED} LEFT JOIN {layout.posts} AS p ON p.id = a.post_id ORDER BY a.id"""
