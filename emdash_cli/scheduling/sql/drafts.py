"""The texts of a post, and who has a slug that it is to get."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emdash_cli.domain.ports import Statement
from emdash_cli.store.fields import Fields, from_columns

if TYPE_CHECKING:
    from emdash_cli.domain.collection import FieldNames


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
