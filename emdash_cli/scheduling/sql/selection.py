"""The posts that verbs change, found by slugs or ids, with the locks on their texts."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from emdash_cli.domain.ports import Statement
from emdash_cli.scheduling.sql.strays import edited

if TYPE_CHECKING:
    from collections.abc import Sequence

    from emdash_cli.domain.article import FieldNames

AT_A_TIME: Final = 1_000
"""Posts that one statement looks for: D1 limits the size of its parameter and of its answer."""


EXPIRES_AT: Final = "(SELECT e.expires_at FROM post_expiries AS e WHERE e.post_id = p.id) AS expires_at"
"""SQL: when post p is taken down again."""


def by_slugs(names: FieldNames, slugs: Sequence[str], more: str = "") -> list[Statement]:
    """The posts with those slugs, in every locale, in the trash and outside, ordered by locale.

    Each row has the columns that a claim compares and the permissions need; ``edited``, ``locked``, ``locked_by``,
    ``locked_at``, ``held_at`` and ``held_reason`` of its lock; ``expires_at``; the slug ``staged`` in its draft, and
    ``staged_owner``, another post that has it.

    Args:
        names: of the collection and its fields.
        slugs: each once.
        more: further columns, as SQL with a comma before each, of the post p, its lock k and its revision t: the draft
            or, without one, the live one.
    """
    return _in_parts(posts(names, "p.slug", more), slugs)


def by_ids(names: FieldNames, ids: Sequence[str], more: str = "") -> list[Statement]:
    """The posts with those ids; see `by_slugs`."""
    return _in_parts(posts(names, "p.id", more), ids)


def _in_parts(sql: str, keys: Sequence[str]) -> list[Statement]:
    parts = [keys[start : start + AT_A_TIME] for start in range(0, len(keys), AT_A_TIME)]
    return [Statement(sql, (json.dumps(list(part)),)) for part in parts]


def posts(names: FieldNames, key: str, more: str = "", condition: str = "1") -> str:
    """SQL: the posts p whose `key` is in the JSON list ?1 and that meet the condition; see `by_slugs`."""
    staged = """CASE WHEN p.draft_revision_id > '' AND instr(t.data, '"_slug"') > 0 AND json_valid(t.data)
        THEN nullif(t.data ->> '$._slug', '') END"""
    return f"""
    WITH seen AS MATERIALIZED (
      SELECT p.id, p.slug, p.locale, p.status, p.version, p.scheduled_at, p.published_at, p.author_id, p.deleted_at,
        p.live_revision_id, p.draft_revision_id, p.{names.title} AS title,
        (SELECT b.user_id FROM _emdash_bylines AS b
         WHERE b.translation_group = p.primary_byline_id AND +b.user_id IS NOT NULL LIMIT 1) AS byline_user_id,
        k.post_id IS NOT NULL AS locked, k.locked_by AS locked_by, k.locked_at AS locked_at, k.held_at AS held_at,
        k.held_reason AS held_reason, k.post_id IS NOT NULL AND {edited("t.data", "p")} AS edited,
        {staged} AS staged, {EXPIRES_AT}{more}
      FROM json_each(?1) AS w CROSS JOIN {names.table} AS p ON {key} = w.value
      LEFT JOIN schedule_locks AS k ON k.post_id = p.id
      LEFT JOIN revisions AS t ON t.id = coalesce(p.draft_revision_id, p.live_revision_id)
      WHERE {condition}
    )
    SELECT s.*, (
      SELECT o.id FROM {names.table} AS o
      WHERE o.slug = s.staged AND +o.locale = s.locale AND +o.id <> s.id) AS staged_owner
    FROM seen AS s ORDER BY s.locale, s.id"""
