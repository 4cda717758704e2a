"""Posts that another script published before emdash came, and that say the same: entered into the ledger."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from emdash_cli.domain.ports import Statement
from emdash_cli.store.run import actor_of_run

if TYPE_CHECKING:
    from collections.abc import Sequence

    from emdash_cli.domain.article import Article
    from emdash_cli.store.layout import Layout


def unknown_owners(layout: Layout, post_ids: Sequence[str]) -> Statement:
    """Title and text of those posts that no ledger row tells of."""
    names = layout.names
    return Statement(
        f"""
        SELECT p.id AS id, p.{names.title} AS title, p.{names.content} AS content
        FROM json_each(?1) AS j CROSS JOIN {layout.posts} AS p ON p.id = j.value
        WHERE p.deleted_at IS NULL AND NOT EXISTS (SELECT 1 FROM publish_ledger AS l WHERE l.post_id = p.id)""",
        (json.dumps(post_ids),),
    )


def adopt(layout: Layout, owners: Sequence[tuple[str, Article]], run: tuple[str, str, str, str]) -> list[Statement]:
    """Enter each post under its article's key, unless one of the two has come into the ledger meanwhile.

    The last statement answers the ``post_id`` of those that were entered. `run` is what `actor_of_run` takes.
    """
    rows = [
        [post, a.key, a.digest, a.stream, a.file, a.words, a.metadata, a.platforms, a.queued_at, a.meaning, a.said]
        for post, a in owners
    ]
    wishes = json.dumps(rows, ensure_ascii=False)
    run_id, now, *_ = run
    enter = f"""
    INSERT INTO publish_ledger (key, digest, post_id, revision_id, translation_group, outcome, stream, file, locale,
      slug, words, metadata, platforms, queued_at, recorded_at, run_id)
    SELECT j.value ->> 1, j.value ->> 2, p.id, coalesce(p.live_revision_id, p.draft_revision_id, ''),
      coalesce(p.translation_group, p.id), p.status, j.value ->> 3, j.value ->> 4, p.locale, p.slug,
      j.value ->> 5, j.value ->> 6, j.value ->> 7, j.value ->> 8, ?2, ?3
    FROM json_each(?1) AS j CROSS JOIN {layout.posts} AS p ON p.id = j.value ->> 0
    WHERE p.status IN ('published', 'scheduled', 'draft')
      AND NOT EXISTS (SELECT 1 FROM publish_ledger AS l WHERE l.key = j.value ->> 1)
      AND NOT EXISTS (SELECT 1 FROM publish_ledger AS l WHERE l.post_id = p.id)"""
    entered = """
    SELECT l.post_id AS post_id FROM json_each(?1) AS j CROSS JOIN publish_ledger AS l ON l.key = j.value ->> 1
    WHERE l.post_id = j.value ->> 0"""
    said = """
    INSERT INTO publish_sources (post_id, digest, said)
    SELECT l.post_id, j.value ->> 9, j.value ->> 10
    FROM json_each(?1) AS j CROSS JOIN publish_ledger AS l ON l.key = j.value ->> 1
    WHERE l.post_id = j.value ->> 0 ON CONFLICT DO NOTHING"""
    written = f"{entered.replace('?1', '?5')} AND l.run_id = ?1"
    return [
        Statement(enter, (wishes, now, run_id)),
        Statement(said, (wishes,)),
        Statement(actor_of_run(written), (*run, wishes)),
        Statement(entered, (wishes,)),
    ]
