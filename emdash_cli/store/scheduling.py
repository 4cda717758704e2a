"""One post by its slug, and the batch that schedules, reschedules or unschedules it.

The lock is a copy of what was reviewed, not a revision's id: EmDash rewrites or deletes the revisions of a draft
(docs/decisions/schedule-lock.md).
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

from emdash_cli.domain.ports import Row, Statement
from emdash_cli.store.fields import Fields, from_columns
from emdash_cli.store.terms import restamp

if TYPE_CHECKING:
    from emdash_cli.domain.collection import FieldNames
    from emdash_cli.store.audit import Claim
    from emdash_cli.store.layout import Layout


def find_posts(names: FieldNames, slug: str) -> Statement:
    """The posts with that slug, one for each locale, with their locks and what their drafts are to be called."""
    sql = f"""
    SELECT p.id, p.slug, p.locale, p.status, p.version, p.scheduled_at, p.published_at, p.author_id,
      p.live_revision_id, p.draft_revision_id, p.title AS title,
      (SELECT b.user_id FROM _emdash_bylines AS b
       WHERE b.translation_group = p.primary_byline_id AND +b.user_id IS NOT NULL LIMIT 1) AS byline_user_id,
      k.post_id IS NOT NULL AS locked, k.locked_by AS locked_by, k.locked_at AS locked_at, k.held_at AS held_at,
      k.held_reason AS held_reason, s.slug AS staged,
      (SELECT o.id FROM {names.table} AS o
       WHERE o.slug = s.slug AND +o.locale = p.locale AND +o.id <> p.id) AS staged_owner
    FROM {names.table} AS p
    LEFT JOIN schedule_locks AS k ON k.post_id = p.id
    LEFT JOIN (
      SELECT r.id AS id, nullif(r.data ->> '$._slug', '') AS slug FROM {names.table} AS q
      CROSS JOIN revisions AS r ON r.id = q.draft_revision_id
      WHERE q.slug = ?1 AND instr(r.data, '"_slug"') > 0 AND json_valid(r.data)
    ) AS s ON s.id = p.draft_revision_id
    WHERE p.slug = ?1 AND +p.deleted_at IS NULL
    ORDER BY p.locale"""
    return Statement(sql, (slug,))


def slugs_near(names: FieldNames, slug: str) -> Statement:
    """Slugs that begin as that one does."""
    start = slug[:3]
    sql = f"""
    SELECT p.slug AS slug FROM {names.table} AS p
    WHERE p.slug >= ?1 AND p.slug < ?2 AND +p.deleted_at IS NULL ORDER BY p.slug LIMIT 500"""
    return Statement(sql, (start, f"{start}\U0010ffff"))


def slugs_from(names: FieldNames, start: str) -> Statement:
    """Up to 50 slugs that begin with that text."""
    sql = f"""
    SELECT DISTINCT p.slug AS slug FROM {names.table} AS p
    WHERE p.slug >= ?1 AND p.slug < ?2 AND +p.deleted_at IS NULL ORDER BY p.slug LIMIT 50"""
    return Statement(sql, (start, f"{start}\U0010ffff"))


class Change(NamedTuple):
    """What is to become of a post.

    Attributes:
        action: scheduled, rescheduled or unscheduled, for the audit table.
        post: as `find_posts` answered it; if it is not so any more, nothing happens.
        at: UTC text, or None to unschedule.
        status: that the post gets.
        published_at: that the post gets.
    """

    claim: Claim
    now: str
    actor: str
    action: str
    post: Row
    at: str | None
    status: str
    published_at: str | None


def change_schedule(fields: Fields, change: Change) -> list[Statement]:
    """The statements of the batch; the last one answers one row if it took effect, none if the post had changed."""
    layout = fields.layout
    row_id, post = change.claim.first, change.post
    as_read = (
        post["version"],
        post["status"],
        post["scheduled_at"],
        post["draft_revision_id"],
        post["live_revision_id"],
    )
    named = (row_id, change.now, change.actor, change.action, post["id"])
    statements = [Statement(_record(layout), (*named, *as_read, change.at))]
    if change.at is None:
        statements.append(Statement(_unlock(layout), (row_id,)))
    else:
        statements.append(Statement(_revision(fields), (row_id,)))
        statements.append(Statement(_lock(layout), (row_id, change.at, change.actor, change.now)))
    values = (row_id, change.status, change.at, change.published_at, change.now)
    statements.append(Statement(_update(layout), values))
    if not layout.terms_by_group:
        statements.append(restamp(layout, "SELECT a.post_id FROM pipeline_audit AS a WHERE a.id = ?1", (row_id,)))
    if layout.has_prune_queue:
        statements.append(Statement(_PRUNE_QUEUE, (row_id,)))
    return [*statements, Statement("SELECT a.post_id FROM pipeline_audit AS a WHERE a.id = ?1", (row_id,))]


@lru_cache(maxsize=4)
def _record(layout: Layout) -> str:
    return f"""
    INSERT INTO pipeline_audit (id, at, actor, action, post_id, slug, locale, detail)
    SELECT ?1, ?2, ?3, ?4, p.id, p.slug, p.locale, json_object('version', p.version, 'status_before', p.status,
      'scheduled_before', p.scheduled_at, 'scheduled_at', ?11)
    FROM {layout.posts} AS p
    WHERE p.id = ?5 AND p.version IS CAST(?6 AS INTEGER) AND p.status IS ?7 AND p.scheduled_at IS ?8
      AND p.draft_revision_id IS ?9 AND p.live_revision_id IS ?10 AND p.deleted_at IS NULL
    ON CONFLICT DO NOTHING"""


_CHANGED: Final = """pipeline_audit AS a CROSS JOIN {posts} AS p
      ON p.id = a.post_id AND +p.version IS CAST(a.detail ->> 'version' AS INTEGER)"""


@lru_cache(maxsize=4)
def _revision(fields: Fields) -> str:
    """A draft that EmDash's API made has its text in the columns only: the revision is made of them."""
    layout = fields.layout
    return f"""
    INSERT INTO revisions (id, collection, entry_id, data, author_id)
    SELECT a.id, '{layout.names.collection}', p.id, {from_columns(fields, "p")}, p.author_id
    FROM {_CHANGED.format(posts=layout.posts)}
    WHERE a.id = ?1 AND p.draft_revision_id IS NULL AND p.live_revision_id IS NULL
    ON CONFLICT DO NOTHING"""


@lru_cache(maxsize=4)
def _lock(layout: Layout) -> str:
    return f"""
    INSERT INTO schedule_locks
      (post_id, revision_id, slug, data, scheduled_at, locked_by, locked_at, held_at, held_reason)
    SELECT p.id, r.id,
      CASE WHEN instr(r.data, '"_slug"') > 0 THEN coalesce(nullif(r.data ->> '$._slug', ''), p.slug) ELSE p.slug END,
      r.data, ?2, ?3, ?4, NULL, NULL
    FROM {_CHANGED.format(posts=layout.posts)}
    CROSS JOIN revisions AS r ON r.id = coalesce(p.draft_revision_id, p.live_revision_id, a.id)
    WHERE a.id = ?1
    ON CONFLICT (post_id) DO UPDATE SET revision_id = excluded.revision_id, slug = excluded.slug,
      data = excluded.data, scheduled_at = excluded.scheduled_at, locked_by = excluded.locked_by,
      locked_at = excluded.locked_at, held_at = NULL, held_reason = NULL"""


@lru_cache(maxsize=4)
def _unlock(layout: Layout) -> str:
    return f"""
    DELETE FROM schedule_locks
    WHERE post_id = (SELECT p.id FROM {_CHANGED.format(posts=layout.posts)} WHERE a.id = ?1)"""


@lru_cache(maxsize=4)
def _update(layout: Layout) -> str:
    """?1 row, ?2 status, ?3 scheduled_at, ?4 published_at, ?5 now."""
    return f"""
    UPDATE {layout.posts} AS p SET status = ?2, scheduled_at = ?3, published_at = ?4, updated_at = ?5,
      version = coalesce(p.version, 0) + 1, draft_revision_id = coalesce(p.draft_revision_id, c.new_revision_id)
    FROM (
      SELECT a.post_id, CAST(a.detail ->> 'version' AS INTEGER) AS version, r.id AS new_revision_id
      FROM pipeline_audit AS a LEFT JOIN revisions AS r ON r.id = a.id WHERE a.id = ?1
    ) AS c
    WHERE p.id = c.post_id AND +p.version IS c.version"""


# A draft that just got its revision.
_PRUNE_QUEUE: Final = """
INSERT INTO _emdash_revision_prune_queue (collection, entry_id, revision_id)
SELECT r.collection, r.entry_id, r.id FROM revisions AS r WHERE r.id = ?1
ON CONFLICT (collection, entry_id) DO UPDATE SET revision_id = excluded.revision_id"""
