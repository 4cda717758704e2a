"""Term links up to EmDash 0.32, which keep copies of their post's status and dates."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emdash_cli.domain.ports import Statement

if TYPE_CHECKING:
    from emdash_cli.domain.ports import Value
    from emdash_cli.store.layout import Layout


def restamp(layout: Layout, posts: str, params: tuple[Value, ...]) -> Statement:
    """Copy status and dates of some posts to their term links; for layouts whose links are not by group.

    Args:
        layout: of the store.
        posts: SQL that selects the posts' ids as ``post_id``.
        params: of that SQL.
    """
    sql = f"""
    UPDATE content_taxonomies SET status = c.status, scheduled_at = c.scheduled_at, deleted_at = c.deleted_at,
      locale = c.locale, published_at = c.published_at, created_at = c.created_at
    FROM (
      SELECT p.id, p.status, p.scheduled_at, p.deleted_at, p.locale, p.published_at, p.created_at
      FROM ({posts}) AS w CROSS JOIN {layout.posts} AS p ON p.id = w.post_id
    ) AS c
    WHERE content_taxonomies.collection = '{layout.names.collection}' AND content_taxonomies.entry_id = c.id"""
    return Statement(sql, params)
