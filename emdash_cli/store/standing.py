"""Posts as they are before they are changed: all that a change depends on, and all that it must not lose."""

from __future__ import annotations

import json
from functools import lru_cache
from typing import TYPE_CHECKING

from emdash_cli.domain.ports import Statement
from emdash_cli.store.fields import Fields, from_columns

if TYPE_CHECKING:
    from collections.abc import Sequence

    from emdash_cli.store.layout import Layout


def posts_as_read(layout: Layout, post_ids: Sequence[str]) -> Statement:
    """One row for each post that is there, in the trash too.

    The columns that `updating.Change` takes as ``post``, and beside them: ``published_at``, ``deleted_at``,
    ``translation_group``, ``primary_byline_id``; of its lock ``locked_by``, ``locked_at``, ``locked_for``, ``held_at``,
    ``held_reason``; of its SEO row ``seo_title``, ``seo_description``, ``seo_image``, ``seo_canonical``,
    ``seo_no_index``; of its first byline ``byline_name`` and ``byline_slug``; of the ledger ``ledger_key``,
    ``written_revision``, ``digest``, ``file``; and of its source, where the store has that table, ``meaning``,
    ``said``, ``written``, ``file_updated_at``.
    """
    return Statement(_posts(layout), (json.dumps(list(post_ids)),))


@lru_cache(maxsize=4)
def _posts(layout: Layout) -> str:
    return f"""
    SELECT p.id, p.slug, p.locale, p.status, p.version, p.scheduled_at, p.published_at, p.deleted_at,
      p.draft_revision_id, p.live_revision_id, p.author_id, p.primary_byline_id,
      coalesce(p.translation_group, p.id) AS translation_group,
      k.locked_by, k.locked_at, k.scheduled_at AS locked_for, k.held_at, k.held_reason,
      o.seo_title, o.seo_description, o.seo_image, o.seo_canonical, o.seo_no_index,
      {_byline("display_name")} AS byline_name, {_byline("slug")} AS byline_slug,
      l.key AS ledger_key, l.revision_id AS written_revision, l.digest, l.file,
      s.digest AS meaning, s.said, s.written, s.updated_at AS file_updated_at
    FROM json_each(?1) AS j CROSS JOIN {layout.posts} AS p ON p.id = j.value
    LEFT JOIN schedule_locks AS k ON k.post_id = p.id
    LEFT JOIN _emdash_seo AS o ON o.collection = '{layout.names.collection}' AND o.content_id = p.id
    LEFT JOIN publish_ledger AS l ON l.post_id = p.id
    LEFT JOIN publish_sources AS s ON s.post_id = p.id
    ORDER BY j.key"""


def _byline(column: str) -> str:
    """SQL: a column of the post's first byline, as its locale has it."""
    return (
        f"(SELECT found FROM (SELECT x.{column} AS found, x.locale = p.locale AS near FROM _emdash_bylines AS x"
        " WHERE x.translation_group = p.primary_byline_id) ORDER BY near DESC LIMIT 1)"
    )


def texts_of(fields: Fields, post_ids: Sequence[str]) -> Statement:
    """Rows (post_id, kind, data): what each post says in its ``draft``, in its ``live`` revision and in ``columns``."""
    return Statement(_texts(fields), (json.dumps(list(post_ids)),))


@lru_cache(maxsize=4)
def _texts(fields: Fields) -> str:
    posts = f"json_each(?1) AS j CROSS JOIN {fields.layout.posts} AS p ON p.id = j.value"
    return f"""
    SELECT p.id AS post_id, 'draft' AS kind, r.data AS data
    FROM {posts} CROSS JOIN revisions AS r ON r.id = p.draft_revision_id
    UNION ALL SELECT p.id, 'live', r.data FROM {posts} CROSS JOIN revisions AS r ON r.id = p.live_revision_id
    UNION ALL SELECT p.id, 'columns', {from_columns(fields, "p")} FROM {posts}"""
