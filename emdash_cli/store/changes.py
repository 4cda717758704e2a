"""Changes of posts: claimed by a row of the audit table, and written to revisions and columns.

The audit table says who changed what, and when; its rows also serve as the claim to a change.

A change is one batch whose first statement writes its audit row under a condition. Every later statement is driven by
that row and by the version of the post that it names. If the batch is sent again, it finds its row there and the
version raised, and changes nothing.

Such a statement uses ``+a.post_id``: without the plus, the planner may search all posts for those of the audit rows, if
its statistics suggest that the audit table is large.
"""

from __future__ import annotations

import json
from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

from emdash_cli.domain.article import compact_json
from emdash_cli.domain.ports import Row, Statement

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from emdash_cli.store.layout import Layout

MOST_POSTS: Final = 500
"""Posts in one batch. EmDash waits for less than a tenth of a second while one is written."""
_PREFIX: Final = 22
"""Characters of a ULID that the rows of one batch share; four digits follow."""


CLAIMED: Final = "(SELECT * FROM pipeline_audit WHERE id >= ?1 AND id <= ?2 ORDER BY id LIMIT 1000) AS a"
"""SQL: the rows of a claim, from ?1, its first, to ?2, its last.

The limit tells the planner how few they are. Without statistics, it assumes that the table is large, and reads whole
tables to prepare for it.
"""


class Claim(NamedTuple):
    """The common beginning of the ids of the audit rows of one batch, the actor, and the run that it belongs to."""

    prefix: str
    actor: str = ""
    run: str = ""

    def __str__(self) -> str:
        return self.prefix

    @classmethod
    def new(cls, new_id: Callable[[], str], actor: str = "", run: str = "") -> Claim:
        """A claim that no other batch has."""
        return cls(new_id()[:_PREFIX], actor, run)

    def following(self, new_id: Callable[[], str]) -> Claim:
        """A later claim of the same actor and run, for another change in the same batch."""
        while (prefix := new_id()[:_PREFIX]) == self.prefix:
            pass  # Ids of one millisecond may have the same beginning.
        return self._replace(prefix=prefix)

    @property
    def first(self) -> str:
        """The lowest id of a row of this claim, which is the id of an only row."""
        return f"{self.prefix}0000"

    @property
    def last(self) -> str:
        """The highest id of a row of this claim."""
        return f"{self.prefix}9999"


class AuditEntry(NamedTuple):
    """The audit row of a change to one post.

    Attributes:
        now: UTC text.
        post: as it was read; if it has changed since, nothing is claimed.
        detail: JSON object, kept in the audit row.
    """

    claim: Claim
    now: str
    action: str
    post: Row
    detail: str


def claim_post(layout: Layout, entry: AuditEntry) -> Statement:
    """Insert the audit row of a change to one post, if the post has not changed since it was read."""
    post = entry.post
    as_read = ("version", "status", "scheduled_at", "draft_revision_id", "live_revision_id")
    named = (entry.claim.first, entry.now, entry.claim.actor, entry.action, post["id"])
    values = (*named, *(post[name] for name in as_read), entry.detail, entry.claim.run)
    return Statement(_claim_post(layout), values)


def of_run(detail: str, run: str) -> str:
    """SQL: the detail of an audit row with the run that it belongs to, if it belongs to one."""
    return f"iif({run} = '', {detail}, json_set({detail}, '$.run', {run}))"


def _before(post: str) -> str:
    """SQL: what the detail of an audit row says of the post as the change finds it; `undo` restores it from there."""
    return f"""'$.version', {post}.version, '$.status_before', {post}.status, '$.scheduled_before', {post}.scheduled_at,
      '$.slug_before', {post}.slug, '$.live_before', {post}.live_revision_id,
      '$.draft_before', {post}.draft_revision_id"""


@lru_cache(maxsize=4)
def _claim_post(layout: Layout) -> str:
    return f"""
    INSERT INTO pipeline_audit (id, at, actor, action, post_id, slug, locale, detail)
    SELECT ?1, ?2, ?3, ?4, p.id, p.slug, p.locale, {of_run(f"json_set(?11, {_before('p')})", "?12")}
    FROM {layout.posts} AS p
    WHERE p.id = ?5 AND p.version IS CAST(?6 AS INTEGER) AND p.status IS ?7 AND p.scheduled_at IS ?8
      AND p.draft_revision_id IS ?9 AND p.live_revision_id IS ?10 AND p.deleted_at IS NULL
    ON CONFLICT DO NOTHING"""


class Group(NamedTuple):
    """The audit rows of one change to many posts.

    Attributes:
        now: UTC text.
        posts: as they were read, with ``id``, ``version``, ``status``, ``scheduled_at``, ``draft_revision_id``,
            ``live_revision_id`` and ``deleted_at``; at most `MOST_POSTS`. If one has changed since, none is claimed.
        details: a JSON object for each post, kept in its audit row.
        guard: a further condition, as SQL whose parameters begin with ?9; none is claimed unless it holds.
    """

    claim: Claim
    now: str
    action: str
    posts: Sequence[Row]
    details: Sequence[Mapping[str, object]]
    guard: Statement = Statement("1")


_AS_READ: Final = ("version", "status", "scheduled_at", "draft_revision_id", "live_revision_id", "deleted_at")


def claim_posts(layout: Layout, group: Group) -> Statement:
    """Insert the audit rows of a change to many posts: all of them or, if a post has changed since it was read, none.

    Nor are they inserted if the group's guard does not hold.

    The rows have the ids of the claim, in the order of the posts, from `Claim.first` on.
    """
    return Statement(_claim_posts(layout, group.guard.sql), (*_claimed_values(group), *group.guard.params))


class Judgement(NamedTuple):
    """What a claim finds out about its posts before it takes them.

    Attributes:
        query: SQL over ``found``, the posts as they were read: its rows have the same columns, ``new_slug``, which is
            the audit row's, and ``fault``, which is empty if there is none. ?3 is the present.
        members: SQL: what the details say of it, as further arguments of ``json_set``, of its row c, whose audit row
            is ``ROW_ID``.
    """

    query: str
    members: str


ROW_ID: Final = "?2 || printf('%04d', c.place)"
"""SQL: the id of the audit row of a post in a claim."""


def claim_judged(layout: Layout, group: Group, judgement: Judgement) -> Statement:
    """Insert the rows that `claim_posts` does, with the judgement; none if one post has a fault."""
    return Statement(_claim_judged(layout, judgement), _claimed_values(group))


@lru_cache(maxsize=8)
def _claim_judged(layout: Layout, judgement: Judgement) -> str:
    return f"""
    INSERT INTO pipeline_audit (id, at, actor, action, post_id, slug, locale, detail)
    WITH {_found(layout)},
    judged AS MATERIALIZED ({judgement.query})
    SELECT {ROW_ID}, ?3, ?4, ?5, c.id, c.new_slug, c.locale,
      {of_run(f"json_set(c.detail, {_before('c')}, {judgement.members})", "?8")}
    FROM judged AS c
    WHERE {is_new_claim("?6", "?7")} AND json_array_length(?1) = (SELECT count(*) FROM judged AS n)
      AND NOT EXISTS (SELECT 1 FROM judged AS n WHERE n.fault <> '')"""


def _claimed_values(group: Group) -> tuple[str, ...]:
    """?1 the posts as they were read, ?2 prefix, ?3 now, ?4 actor, ?5 action, ?6 and ?7 first and last row, ?8 run."""
    rows = [
        [post["id"], *(post[name] for name in _AS_READ), detail]
        for post, detail in zip(group.posts, group.details, strict=True)
    ]
    claim = group.claim
    named = (compact_json(rows), claim.prefix, group.now, claim.actor, group.action)
    return (*named, claim.first, claim.last, claim.run)


def _found(layout: Layout) -> str:
    """SQL: the CTE of the posts that are as they were read."""
    as_read = " AND ".join(f"p.{name} IS j.value ->> {place}" for place, name in enumerate(_AS_READ, start=1))
    columns = ", ".join(f"p.{name}" for name in ("id", "slug", "locale", *_AS_READ))
    return f"""found AS MATERIALIZED (
      SELECT j.key AS place, j.value -> {len(_AS_READ) + 1} AS detail, {columns}
      FROM json_each(?1) AS j CROSS JOIN {layout.posts} AS p ON p.id = j.value ->> 0 AND {as_read}
    )"""


@lru_cache(maxsize=8)
def _claim_posts(layout: Layout, guard: str) -> str:
    return f"""
    INSERT INTO pipeline_audit (id, at, actor, action, post_id, slug, locale, detail)
    WITH {_found(layout)}
    SELECT {ROW_ID}, ?3, ?4, ?5, c.id, c.slug, c.locale,
      {of_run(f"json_set(c.detail, {_before('c')})", "?8")}
    FROM found AS c
    WHERE {is_new_claim("?6", "?7")} AND json_array_length(?1) = (SELECT count(*) FROM found AS n) AND {guard}"""


def is_new_claim(first: str, last: str) -> str:
    """SQL: no row has an id from `first` to `last`, which are SQL, too: the batch was not sent before."""
    return f"NOT EXISTS (SELECT 1 FROM pipeline_audit AS x WHERE x.id >= {first} AND x.id <= {last})"


def is_unchanged(post: str, row: str = "a") -> str:
    """SQL: the post has the version that the audit row names; every change to a post raises it."""
    return f"+{post}.version IS CAST({row}.detail ->> 'version' AS INTEGER)"


def claimed_post(layout: Layout) -> str:
    """SQL: an audit row a and its post p, as long as the post is unchanged."""
    return f"pipeline_audit AS a CROSS JOIN {layout.posts} AS p ON p.id = a.post_id AND {is_unchanged('p')}"


def claimed_posts(layout: Layout) -> str:
    """SQL: the audit rows a of a claim, as in `CLAIMED`, and their posts p, of those that are unchanged."""
    return f"{CLAIMED} CROSS JOIN {layout.posts} AS p ON p.id = a.post_id AND {is_unchanged('p')}"


def change_posts(layout: Layout, assignments: str, changes: str, updated_at: str = "?3") -> str:
    """SQL: change the posts p and raise their versions.

    Args:
        layout: of the store.
        assignments: of columns; they may use ?3, the present.
        changes: a query for ``post_id``, ``version`` and what the assignments need, which call its rows c. A post of
            another version is left alone.
        updated_at: SQL of the date of the last modification, which sites show to search engines.
    """
    return f"""
    UPDATE {layout.posts} AS p SET {assignments}, updated_at = {updated_at}, version = coalesce(p.version, 0) + 1
    FROM ({changes}) AS c
    WHERE p.id = c.post_id AND +p.version IS c.version"""


def claim_stands(claim: Claim) -> Statement:
    """One row if the change was made, none if the post had changed before."""
    return Statement("SELECT a.post_id FROM pipeline_audit AS a WHERE a.id = ?1", (claim.first,))


def as_queued(layout: Layout, post: str) -> str:
    """SQL: the data of the revision that `publish-queue` makes of the columns; what is NULL is left out.

    Comparing texts shows that a revision says nothing new at a tenth of the cost of reading its JSON.
    """
    names = layout.names
    title, content = f"json_quote({post}.{names.title})", f"{post}.{names.content}"
    # Each || copies what is before it, so what follows the long text is joined first.
    tail = "'}'"
    if layout.has_featured_image:
        tail = f"""coalesce(',"{names.featured_image}":' || {post}.{names.featured_image}, '') || {tail}"""
    if layout.has_excerpt:
        excerpt = f"{post}.{names.excerpt}"
        tail = f"""iif({excerpt} IS NULL, '', ',"{names.excerpt}":' || json_quote({excerpt})) || {tail}"""
    return f"""('{{"{names.title}":' || {title} || ',"{names.content}":' || {content} || ({tail}))"""


def from_columns(layout: Layout, post: str) -> str:
    """SQL: the data of a revision with the values of the columns; NULL is left out, JSON stays JSON."""
    plain = {layout.names.title, layout.names.excerpt}
    parts = []
    for name in layout.fields:
        column = f'{post}."{name}"'
        value = f"json_quote({column})"
        if name not in plain:
            is_json = f"substr({column}, 1, 1) IN ('{{', '[') AND json_valid({column})"
            value = f"CASE WHEN {is_json} THEN {column} ELSE {value} END"
        parts.append(f"""CASE WHEN {column} IS NULL THEN '' ELSE ',"{name}":' || {value} END""")
    return f"('{{' || substr({' || '.join(parts)}, 2) || '}}')"


def assignments(layout: Layout, revision: str) -> str:
    """SQL: each column set to what the revision's data says; a key that is missing leaves its column alone.

    ``->>`` answers what EmDash itself would store: text as it is, objects and lists as JSON, true as 1.
    """
    sets = []
    for name in layout.fields:
        key = f"""'$."{name}"'"""
        said = f"{revision}.data ->> {key}"
        if name == layout.names.title:
            said = f"coalesce({said}, '')"
        sets.append(f'"{name}" = CASE WHEN json_type({revision}.data, {key}) IS NULL THEN p."{name}" ELSE {said} END')
    return ", ".join(sets)


def revision_of_columns(layout: Layout, claimed: str) -> str:
    """SQL: give each claimed post a revision with the values of its columns.

    Args:
        layout: of the store.
        claimed: FROM and WHERE clauses for the audit rows ``a``, whose ids the revisions get, and the posts ``p``.
    """
    return f"""
    INSERT INTO revisions (id, collection, entry_id, data, author_id)
    SELECT a.id, '{layout.names.collection}', p.id, {from_columns(layout, "p")}, p.author_id
    FROM {claimed}
    ON CONFLICT DO NOTHING"""


LIVE: Final = """status = 'published', live_revision_id = c.revision, draft_revision_id = NULL, scheduled_at = NULL,
      published_at = c.published_at"""
"""SQL: what `change_posts` assigns to a post whose revision goes live."""


def publish_revisions(layout: Layout, changes: str, also: str = "") -> str:
    """SQL: publish the revisions that `changes` names: their data goes into the columns of their posts.

    Each post gets a single UPDATE, since on an EmDash site every UPDATE indexes it for search again.

    Args:
        layout: of the store.
        changes: as `change_posts` takes them, with ``slug``, ``revision`` and ``published_at``.
        also: further assignments, each with a comma after it.
    """
    return change_posts(
        layout,
        f"slug = c.slug, {LIVE}, {also}{assignments(layout, 'c')}",
        f"SELECT d.*, r.data FROM ({changes}) AS d CROSS JOIN revisions AS r ON r.id = d.revision",
    )


def texts_of(layout: Layout, post_ids: Sequence[str]) -> Statement:
    """What each post says in its ``draft``, in its ``live`` revision and in its ``columns``.

    Rows (post_id, kind, revision, data): one for each version, because two long texts do not fit into one row of D1.
    A live revision keeps the slug that was staged in it; it is left out, since the post has had its slug from then on.
    """
    return Statement(_texts(layout), (json.dumps(list(post_ids)),))


@lru_cache(maxsize=4)
def _texts(layout: Layout) -> str:
    from emdash_cli.domain.post_text import STAGED_SLUG

    posts = f"json_each(?1) AS j CROSS JOIN {layout.posts} AS p ON p.id = j.value"
    return f"""
    SELECT p.id AS post_id, 'draft' AS kind, r.id AS revision, r.data AS data
    FROM {posts} CROSS JOIN revisions AS r ON r.id = p.draft_revision_id
    UNION ALL SELECT p.id, 'live', r.id,
      iif(instr(r.data, '"{STAGED_SLUG}"') AND json_valid(r.data), json_remove(r.data, '$.{STAGED_SLUG}'), r.data)
    FROM {posts} CROSS JOIN revisions AS r ON r.id = p.live_revision_id
    UNION ALL SELECT p.id, 'columns', NULL, {from_columns(layout, "p")} FROM {posts}"""
