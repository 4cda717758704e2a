"""When posts are taken down again, and which are due for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emdash_cli.domain.ports import Statement

if TYPE_CHECKING:
    from emdash_cli.domain.article import FieldNames


def expiring_posts(names: FieldNames, now: str, overdue: str) -> Statement:
    """One row: how many posts are ``expiring``, when the ``next`` one expires, how many are ``late`` since ``since``.

    Args:
        names: of the collection.
        now: UTC text.
        overdue: UTC text; what expired before it is late.
    """
    public = f"""FROM post_expiries AS e CROSS JOIN {names.table} AS p ON p.id = e.post_id
      WHERE {{which}} AND +p.status = 'published' AND +p.deleted_at IS NULL"""
    planned = public.format(which="e.expires_at > ?1").replace("= 'published'", "IN ('scheduled', 'published')")
    sql = f"""
    SELECT w.expiring, w.next, l.late, l.since
    FROM (SELECT count(*) AS expiring, min(e.expires_at) AS next {planned}) AS w
    CROSS JOIN (SELECT count(*) AS late, min(e.expires_at) AS since {public.format(which="e.expires_at <= ?2")}) AS l"""
    return Statement(sql, (now, overdue))
