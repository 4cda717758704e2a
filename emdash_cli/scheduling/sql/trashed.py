"""Scheduled posts in the trash, for those who ask for them: nothing publishes them there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emdash_cli.domain.ports import Statement

if TYPE_CHECKING:
    from emdash_cli.domain.article import FieldNames


def count_trashed(names: FieldNames) -> Statement:
    """One row: how many posts in the ``trash`` are scheduled, or were until their time passed there."""
    return Statement(f"""
    SELECT count(*) AS trash FROM {names.table} AS p
    WHERE p.deleted_at > '' AND (+p.scheduled_at IS NOT NULL OR +p.status = 'scheduled'
      OR EXISTS (SELECT 1 FROM schedule_locks AS k WHERE k.post_id = p.id))""")


def named_trashed(names: FieldNames, most: int) -> Statement:
    """Rows (slug, locale, wanted, held_at) of the posts that `count_trashed` counts, the last trashed first."""
    return Statement(
        f"""
    SELECT p.slug, p.locale, coalesce(p.scheduled_at, k.scheduled_at, p.published_at) AS wanted, k.held_at
    FROM {names.table} AS p LEFT JOIN schedule_locks AS k ON k.post_id = p.id
    WHERE p.deleted_at > '' AND (+p.scheduled_at IS NOT NULL OR +p.status = 'scheduled' OR k.post_id > '')
    ORDER BY p.deleted_at DESC LIMIT CAST(?1 AS INTEGER)""",
        (most,),
    )
