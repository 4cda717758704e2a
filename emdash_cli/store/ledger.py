"""The ledger, asked about one article; and a key retired, so that its article may be published anew."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emdash_cli.domain.ports import Statement

if TYPE_CHECKING:
    from emdash_cli.domain.article import Article
    from emdash_cli.domain.collection import FieldNames


def standing(names: FieldNames, article: Article) -> Statement:
    """One row: what the ledger and the posts say of an article that may be published.

    ``key`` (None: it never was), ``digest``, ``published_as``, ``post_id``; what became of that post: ``gone``,
    ``trashed``, ``slug_now``; and of the post that has the article's own slug, if it brings one: ``owner_id``,
    ``owner_trashed``.
    """
    return Statement(
        f"""
    SELECT l.key, l.digest, l.slug AS published_as, l.post_id, p.id IS NULL AS gone,
      p.deleted_at IS NOT NULL AS trashed, p.slug AS slug_now, o.id AS owner_id,
      o.deleted_at IS NOT NULL AS owner_trashed
    FROM (SELECT ?1 AS key, ?2 AS slug, ?3 AS locale) AS w
    LEFT JOIN publish_ledger AS l ON l.key = w.key
    LEFT JOIN {names.table} AS p ON p.id = l.post_id
    LEFT JOIN {names.table} AS o ON o.slug = w.slug AND o.locale = w.locale""",
        (article.key, article.slug, article.locale),
    )


def retire(key: str, audit_id: str, actor: str, file: str, now: str) -> list[Statement]:
    """A batch that frees a key and notes by whom; its number stays used, and its row stays to tell of the old post.

    Sent again it changes nothing: the key is gone, and the audit row there.

    Args:
        key: of the ledger.
        audit_id: of the new row; unique.
        actor: as the audit table names people.
        file: the one that is to be published anew.
        now: UTC text.
    """
    return [
        Statement(
            """
    INSERT INTO pipeline_audit (id, at, actor, action, post_id, slug, locale, detail)
    SELECT ?2, ?5, ?3, 'requeue', l.post_id, l.slug, l.locale, json_object('key', l.key, 'file', ?4)
    FROM publish_ledger AS l WHERE l.key = ?1 ON CONFLICT DO NOTHING""",
            (key, audit_id, actor, file, now),
        ),
        Statement("UPDATE publish_ledger SET key = key || '#retired-' || ?2 WHERE key = ?1", (key, now)),
    ]
