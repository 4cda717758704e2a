"""A post with its lock, and the batch that schedules, reschedules or unschedules it.

The lock is a copy of what was reviewed, not a revision's id: EmDash rewrites or deletes the revisions of a draft
(docs/decisions/schedule-lock.md).
"""

from __future__ import annotations

import json
from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

from emdash_cli.domain.ports import Statement
from emdash_cli.scheduling.sql.selection import posts
from emdash_cli.scheduling.sql.strays import staged_slug
from emdash_cli.store.changes import change_posts, claim_post, claim_stands, claimed_post, revision_of_columns
from emdash_cli.store.went_live import ChangedPosts, audited, notified, stamped

if TYPE_CHECKING:
    from collections.abc import Sequence

    from emdash_cli.domain.article import FieldNames
    from emdash_cli.domain.delivery import Lane
    from emdash_cli.store.changes import AuditEntry
    from emdash_cli.store.layout import Layout


def find_posts(names: FieldNames, slug: str) -> Statement:
    """The posts with that slug that are not in the trash, one for each locale; see `selection.by_slugs`."""
    return Statement(posts(names, "p.slug", condition="+p.deleted_at IS NULL"), (json.dumps([slug]),))


def reviewed(post_id: str) -> Statement:
    """The copy that the lock of a post keeps, as a row (data, slug, revision)."""
    return Statement(
        "SELECT k.data, k.slug, k.revision_id AS revision FROM schedule_locks AS k WHERE k.post_id = ?1", (post_id,)
    )


def slug_owner(names: FieldNames, slug: str, post_id: str) -> Statement:
    """The id of another post that has the slug in the locale of this one."""
    sql = f"""
    SELECT o.id AS id FROM {names.table} AS p CROSS JOIN {names.table} AS o ON o.slug = ?1 AND +o.locale = p.locale
    WHERE p.id = ?2 AND +o.id <> p.id"""
    return Statement(sql, (slug, post_id))


class Schedule(NamedTuple):
    """The new schedule of a post.

    Attributes:
        at: UTC text, or None to unschedule.
        status: of the post afterwards.
        published_at: of the post afterwards.
    """

    at: str | None
    status: str
    published_at: str | None


def change_schedule(
    layout: Layout, entry: AuditEntry, schedule: Schedule, lanes: Sequence[Lane] = ()
) -> list[Statement]:
    """The statements of the batch. The last one returns one row if it took effect, and none if the post had changed.

    Args:
        layout: of the store.
        entry: the audit row.
        schedule: the new one.
        lanes: all that the settings have.
    """
    row_id = entry.claim.first
    statements = [claim_post(layout, entry)]
    if schedule.at is None:
        statements.append(Statement(_unlock(layout), (row_id,)))
    else:
        statements.append(Statement(_revision(layout), (row_id,)))
        statements.append(Statement(_lock(layout), (row_id, schedule.at, entry.claim.actor, entry.now)))
    statements.append(
        Statement(_update(layout), (row_id, schedule.status, entry.now, schedule.at, schedule.published_at))
    )
    statements += stamped(layout, ChangedPosts(_CHANGED, row_id, row_id), "1")
    statements += notified(layout, audited(entry.claim), entry.now, lanes)
    return [*statements, claim_stands(entry.claim)]


@lru_cache(maxsize=4)
def _revision(layout: Layout) -> str:
    """Create a revision from the columns: a draft created through EmDash's API has its text only there."""
    return revision_of_columns(
        layout,
        f"""{claimed_post(layout)}
    WHERE a.id = ?1 AND p.draft_revision_id IS NULL AND p.live_revision_id IS NULL""",
    )


@lru_cache(maxsize=4)
def _lock(layout: Layout) -> str:
    return f"""
    INSERT INTO schedule_locks
      (post_id, revision_id, slug, data, scheduled_at, locked_by, locked_at, held_at, held_reason)
    SELECT p.id, r.id,
      {staged_slug("r.data", "p")}, r.data, ?2, ?3, ?4, NULL, NULL
    FROM {claimed_post(layout)}
    CROSS JOIN revisions AS r ON r.id = coalesce(p.draft_revision_id, p.live_revision_id, a.id)
    WHERE a.id = ?1
    ON CONFLICT (post_id) DO UPDATE SET revision_id = excluded.revision_id, slug = excluded.slug,
      data = excluded.data, scheduled_at = excluded.scheduled_at, locked_by = excluded.locked_by,
      locked_at = excluded.locked_at, held_at = NULL, held_reason = NULL"""


@lru_cache(maxsize=4)
def _unlock(layout: Layout) -> str:
    return f"""
    DELETE FROM schedule_locks
    WHERE post_id = (SELECT p.id FROM {claimed_post(layout)} WHERE a.id = ?1)"""


@lru_cache(maxsize=4)
def _update(layout: Layout) -> str:
    """?1 row, ?2 status, ?3 now, ?4 scheduled_at, ?5 published_at."""
    return change_posts(
        layout,
        "status = ?2, scheduled_at = ?4, published_at = ?5,"
        " draft_revision_id = coalesce(p.draft_revision_id, c.new_revision_id)",
        "SELECT +a.post_id AS post_id, CAST(a.detail ->> 'version' AS INTEGER) AS version, r.id AS new_revision_id"
        " FROM pipeline_audit AS a LEFT JOIN revisions AS r ON r.id = a.id WHERE a.id = ?1",
    )


_CHANGED: Final = """(
      SELECT l.post_id AS post_id, r.id AS revision
      FROM pipeline_audit AS l LEFT JOIN revisions AS r ON r.id = l.id
      WHERE l.id >= ?1 AND l.id <= ?2 LIMIT 1)"""
"""SQL: the post in the audit row, and the revision that `_revision` created from it, if any."""
