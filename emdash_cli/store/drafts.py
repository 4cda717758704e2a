"""The texts of a post, and the batch that gives it a new draft."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from emdash_cli.domain.ports import Statement
from emdash_cli.store.audit import claim_post, claim_stands, claimed_post
from emdash_cli.store.fields import Fields, from_columns
from emdash_cli.store.scheduling import PRUNE_QUEUE

if TYPE_CHECKING:
    from emdash_cli.domain.collection import FieldNames
    from emdash_cli.store.audit import Deed
    from emdash_cli.store.layout import Layout


def texts(fields: Fields, post_id: str) -> Statement:
    """Rows (kind, data, slug, revision) with what the post says: ``reviewed``, ``draft``, ``live`` and ``columns``.

    One row each, since two long texts do not fit one row of D1.
    """
    table = fields.layout.posts
    sql = f"""
    SELECT 'reviewed' AS kind, k.data AS data, k.slug AS slug, k.revision_id AS revision
    FROM schedule_locks AS k WHERE k.post_id = ?1
    UNION ALL SELECT 'draft', r.data, p.slug, r.id
    FROM {table} AS p CROSS JOIN revisions AS r ON r.id = p.draft_revision_id WHERE p.id = ?1
    UNION ALL SELECT 'live', r.data, p.slug, r.id
    FROM {table} AS p CROSS JOIN revisions AS r ON r.id = p.live_revision_id WHERE p.id = ?1
    UNION ALL SELECT 'columns', {from_columns(fields, "p")}, p.slug, NULL FROM {table} AS p WHERE p.id = ?1"""
    return Statement(sql, (post_id,))


def slug_owner(names: FieldNames, slug: str, post_id: str) -> Statement:
    """The post that has the slug in the locale of another one, if it is not that one."""
    sql = f"""
    SELECT o.id AS id FROM {names.table} AS p CROSS JOIN {names.table} AS o ON o.slug = ?1 AND +o.locale = p.locale
    WHERE p.id = ?2 AND +o.id <> p.id"""
    return Statement(sql, (slug, post_id))


def replace_draft(layout: Layout, deed: Deed, data: str) -> list[Statement]:
    """The statements of the batch; the last one answers one row if it took effect, none if the post had changed.

    As in EmDash, the columns and what is live stay as they are until the draft is published.
    """
    row_id = deed.claim.first
    statements = [
        claim_post(layout, deed),
        Statement(_revision(layout), (row_id, data)),
        Statement(_point_at_it(layout), (row_id, deed.now)),
    ]
    if layout.has_prune_queue:
        statements.append(Statement(PRUNE_QUEUE, (row_id,)))
    return [*statements, claim_stands(deed.claim)]


@lru_cache(maxsize=4)
def _revision(layout: Layout) -> str:
    return f"""
    INSERT INTO revisions (id, collection, entry_id, data, author_id)
    SELECT a.id, '{layout.names.collection}', p.id, ?2, p.author_id FROM {claimed_post(layout)} WHERE a.id = ?1
    ON CONFLICT DO NOTHING"""


@lru_cache(maxsize=4)
def _point_at_it(layout: Layout) -> str:
    return f"""
    UPDATE {layout.posts} AS p SET draft_revision_id = c.id, updated_at = ?2, version = coalesce(p.version, 0) + 1
    FROM (SELECT a.id, +a.post_id AS post_id, CAST(a.detail ->> 'version' AS INTEGER) AS version
      FROM pipeline_audit AS a WHERE a.id = ?1) AS c
    WHERE p.id = c.post_id AND +p.version IS c.version"""
