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
    UPDATE content_taxonomies AS t SET status = p.status, scheduled_at = p.scheduled_at, deleted_at = p.deleted_at,
      locale = p.locale, published_at = p.published_at, created_at = p.created_at
    FROM {layout.posts} AS p
    WHERE p.id = t.entry_id AND t.rowid IN (
      SELECT l.rowid FROM ({posts}) AS w
      CROSS JOIN content_taxonomies AS l ON l.collection = '{layout.names.collection}' AND l.entry_id = w.post_id)"""
    return Statement(sql, params)
