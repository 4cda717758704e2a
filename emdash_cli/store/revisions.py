"""What a post says in its revisions and in the columns of its row, and how the one becomes the other."""

from __future__ import annotations

import json
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from emdash_cli.domain.ports import Statement
from emdash_cli.store.audit import change_posts

if TYPE_CHECKING:
    from collections.abc import Sequence

    from emdash_cli.store.layout import Layout


def as_queued(layout: Layout, post: str) -> str:
    """SQL: the data of the revision that `publish-queue` makes of the columns; what is NULL is left out.

    Comparing texts shows that a revision says nothing new at a tenth of the cost of reading its JSON.
    """
    names = layout.names
    title, content = f"json_quote({post}.{names.title})", f"{post}.{names.content}"
    data = f"""'{{"{names.title}":' || {title} || ',"{names.content}":' || {content}"""
    if layout.has_excerpt:
        excerpt = f"{post}.{names.excerpt}"
        data += f"""|| CASE WHEN {excerpt} IS NULL THEN '' ELSE ',"{names.excerpt}":' || json_quote({excerpt}) END"""
    if layout.has_featured_image:
        data += f"""|| coalesce(',"{names.featured_image}":' || {post}.{names.featured_image}, '')"""
    return f"({data} || '}}')"


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
    """
    return Statement(_texts(layout), (json.dumps(list(post_ids)),))


@lru_cache(maxsize=4)
def _texts(layout: Layout) -> str:
    posts = f"json_each(?1) AS j CROSS JOIN {layout.posts} AS p ON p.id = j.value"
    return f"""
    SELECT p.id AS post_id, 'draft' AS kind, r.id AS revision, r.data AS data
    FROM {posts} CROSS JOIN revisions AS r ON r.id = p.draft_revision_id
    UNION ALL SELECT p.id, 'live', r.id, r.data FROM {posts} CROSS JOIN revisions AS r ON r.id = p.live_revision_id
    UNION ALL SELECT p.id, 'columns', NULL, {from_columns(layout, "p")} FROM {posts}"""
