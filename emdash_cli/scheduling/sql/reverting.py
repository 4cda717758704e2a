"""Which revisions a post has, which of them were live, and the text of one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emdash_cli.domain.ports import Statement

if TYPE_CHECKING:
    from emdash_cli.domain.article import FieldNames


def revisions_in_order(names: FieldNames, post_id: str) -> Statement:
    """The ids of the revisions of a post, oldest first."""
    sql = f"""
    SELECT r.id AS id FROM revisions AS r
    WHERE r.collection = '{names.collection}' AND r.entry_id = ?1 ORDER BY r.created_at, r.id"""
    return Statement(sql, (post_id,))


def went_live(post_id: str) -> Statement:
    """The revisions of a post that are known to have gone live, oldest first, as the audit table and the ledger say.

    Columns: ``revision``; ``live_before``, the revision that it replaced, NULL if that is not known; ``action``, which
    made it live.
    """
    sql = """
    SELECT revision, live_before, action FROM (
      SELECT '' AS at, '' AS id, l.revision_id AS revision, NULL AS live_before, 'published' AS action
      FROM publish_ledger AS l WHERE l.post_id = ?1 AND l.outcome = 'published'
      UNION ALL
      SELECT a.at, a.id, a.detail ->> 'revision', a.detail ->> 'live_before', a.action
      FROM pipeline_audit AS a
      WHERE a.post_id = ?1 AND (a.action = 'published' OR a.detail ->> 'form' = 'live')
    ) AS w WHERE w.revision IS NOT NULL AND w.revision IS NOT w.live_before ORDER BY w.at, w.id"""
    return Statement(sql, (post_id,))


def one_revision(names: FieldNames, revision: str) -> Statement:
    """The revision with its data, and the ``slug`` and ``locale`` of the post that it belongs to.

    Columns: ``id``, ``collection``, ``entry_id``, ``data``, ``created_at``, ``slug``, ``locale``.
    """
    sql = f"""
    SELECT r.id, r.collection, r.entry_id, r.data, r.created_at, p.slug, p.locale
    FROM revisions AS r LEFT JOIN {names.table} AS p ON p.id = r.entry_id AND r.collection = '{names.collection}'
    WHERE r.id = ?1"""
    return Statement(sql, (revision,))


def required_fields(names: FieldNames) -> Statement:
    """The columns of the collection that must have a value."""
    return Statement("""SELECT c.name AS name FROM pragma_table_info(?1) AS c WHERE c."notnull" = 1""", (names.table,))
