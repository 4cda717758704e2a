"""The ledger: look up one article, free a key so that its article can be published again, and rename files."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from emdash_cli.domain.article import REQUEUED
from emdash_cli.domain.ports import Statement

if TYPE_CHECKING:
    from collections.abc import Mapping

    from emdash_cli.domain.article import Article
    from emdash_cli.store.changes import Claim
    from emdash_cli.store.layout import Layout


def standing(layout: Layout, article: Article, file: tuple[str, str] | None = None) -> Statement:
    """One row: what the ledger and the posts know about an article that may be published.

    With `file`, a name and its stream, an article that is not known otherwise is that of the file.

    Columns: the ``key`` in the ledger (None: it was never published), ``digest``, ``published_as``, ``post_id``; the
    state of that post: ``gone``, ``trashed``, ``slug_now``; and, for the post that has the article's own slug, if the
    article names one: ``owner_id``, ``owner_trashed``.
    """
    posts = layout.posts
    return Statement(
        f"""
    SELECT l.key, l.digest, l.slug AS published_as, l.post_id, p.id IS NULL AS gone,
      p.deleted_at IS NOT NULL AS trashed, p.slug AS slug_now, o.id AS owner_id,
      o.deleted_at IS NOT NULL AS owner_trashed
    FROM (SELECT ?1 AS key, ?2 AS slug, ?3 AS locale) AS w
    LEFT JOIN publish_ledger AS l ON l.post_id = coalesce(
      (SELECT k.post_id FROM publish_ledger AS k WHERE k.key = w.key),
      (SELECT a.post_id FROM publish_keys AS a WHERE a.key = w.key),
      (SELECT f.post_id FROM publish_ledger AS f WHERE f.file = ?4 AND f.stream = ?5 AND instr(f.key, '#retired-') = 0
       ORDER BY f.recorded_at DESC LIMIT 1))
    LEFT JOIN {posts} AS p ON p.id = l.post_id
    LEFT JOIN {posts} AS o ON o.slug = w.slug AND o.locale = w.locale""",
        (article.key, article.slug, article.locale, *(file or (None, None))),
    )


def retire(claim: Claim, now: str, key: str, file: str) -> list[Statement]:
    """A batch that frees a key together with its article's other keys, and records who did it.

    Its number stays used, and its row stays as the record of the old post.

    Sending it again changes nothing: the key is gone, and the audit row exists.

    Args:
        claim: of the audit row, and who is at work.
        now: UTC text.
        key: of the ledger.
        file: the file to publish again.
    """
    others = "DELETE FROM publish_keys WHERE post_id = (SELECT l.post_id FROM publish_ledger AS l WHERE l.key = ?1)"
    return [
        Statement(others, (key,)),
        Statement(
            """
    INSERT INTO pipeline_audit (id, at, actor, action, post_id, slug, locale, detail)
    SELECT ?2, ?5, ?3, 'requeue', l.post_id, l.slug, l.locale, json_object('key', l.key, 'file', ?4)
    FROM publish_ledger AS l WHERE l.key = ?1 ON CONFLICT DO NOTHING""",
            (key, claim.first, claim.actor, file, now),
        ),
        Statement("UPDATE publish_ledger SET key = key || '#retired-' || ?2 WHERE key = ?1", (key, now)),
    ]


def ask_again(claim: Claim, now: str, key: str, file: str, also: str) -> list[Statement]:
    """A batch by which the next run publishes a post, which was taken back, again from its file.

    The ledger row stays, so that the post is the same. Sending it again changes nothing.

    Args:
        claim: of the audit row, and who is at work.
        now: UTC text.
        key: of the ledger.
        file: the file to publish again.
        also: a key of the file, which may say something else by now.
    """
    return [
        Statement(
            """
    INSERT INTO publish_keys (key, post_id, recorded_at)
    SELECT ?2, l.post_id, ?3 FROM publish_ledger AS l WHERE l.key = ?1 AND ?1 <> ?2
    ON CONFLICT (key) DO UPDATE SET post_id = excluded.post_id, recorded_at = excluded.recorded_at""",
            (key, also, now),
        ),
        Statement(
            f"""
    INSERT INTO publish_sources (post_id, digest, said)
    SELECT l.post_id, '{REQUEUED}', '{{}}' FROM publish_ledger AS l WHERE l.key = ?1
    ON CONFLICT (post_id) DO UPDATE SET digest = '{REQUEUED}' || digest WHERE digest NOT LIKE '{REQUEUED}%'""",
            (key,),
        ),
        Statement(
            """
    INSERT INTO pipeline_audit (id, at, actor, action, post_id, slug, locale, detail)
    SELECT ?2, ?5, ?3, 'requeue', l.post_id, l.slug, l.locale, json_object('key', l.key, 'file', ?4)
    FROM publish_ledger AS l WHERE l.key = ?1 ON CONFLICT DO NOTHING""",
            (key, claim.first, claim.actor, file, now),
        ),
    ]


def rename_files(renamed: Mapping[str, tuple[str, str]], stream: str) -> Statement:
    """By post, the former and the present name of its file. Sending it again changes nothing."""
    rows = [[post, *names] for post, names in renamed.items()]
    return Statement(
        f"""
    UPDATE publish_ledger AS l SET file = n.file
    FROM (SELECT j.value ->> 0 AS post_id, j.value ->> 1 AS was, j.value ->> 2 AS file FROM json_each(?1) AS j
      LIMIT {len(rows)}) AS n
    WHERE l.post_id = n.post_id AND +l.file = n.was AND +l.stream = ?2""",
        (json.dumps(rows, ensure_ascii=False), stream),
    )
