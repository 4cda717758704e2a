"""A post with its lock, and the batch that schedules, reschedules or unschedules a group of posts.

The lock is a copy of what was reviewed, not a revision's id: EmDash rewrites or deletes the revisions of a draft
(docs/decisions/schedule-lock.md).
"""

from __future__ import annotations

import json
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from emdash_cli.domain.ports import Statement
from emdash_cli.scheduling.sql.selection import AT_A_TIME, posts
from emdash_cli.scheduling.sql.strays import staged_slug
from emdash_cli.store.changes import (
    CLAIMED,
    change_posts,
    claim_posts,
    claim_stands,
    claimed_posts,
    revision_of_columns,
)
from emdash_cli.store.went_live import ChangedPosts, audited, notified, stamped

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from emdash_cli.domain.article import FieldNames
    from emdash_cli.domain.delivery import Lane
    from emdash_cli.domain.ports import Row
    from emdash_cli.store.changes import Claim, Group
    from emdash_cli.store.layout import Layout
    from emdash_cli.store.session import Run


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


def change_schedules(layout: Layout, group: Group, lanes: Sequence[Lane] = ()) -> list[Statement]:
    """The statements of the batch. The last one returns one row if it took effect, and none if a post had changed.

    Args:
        layout: of the store.
        group: the audit rows; each detail has ``scheduled_at``, UTC text, or None to unschedule; then, with
            ``expires_before``, the post does not expire any more.
        lanes: all that the settings have.
    """
    claimed = (group.claim.first, group.claim.last)
    statements = [
        claim_posts(layout, group),
        # Locks change before posts: see `promotion.promote`.
        Statement(_unlock(layout), claimed),
        Statement(_without_expiry(layout), claimed),
        Statement(_revisions(layout), claimed),
        Statement(_lock(layout), claimed),
        Statement(_update(layout), (*claimed, group.now)),
    ]
    statements += stamped(layout, ChangedPosts(_CHANGED, *claimed), "1")
    statements += notified(layout, audited(group.claim), group.now, lanes)
    return [*statements, claim_stands(group.claim)]


_AT: Final = "a.detail ->> 'scheduled_at'"


@lru_cache(maxsize=4)
def _revisions(layout: Layout) -> str:
    """Create revisions from the columns: a draft created through EmDash's API has its text only there."""
    return revision_of_columns(
        layout,
        f"""{claimed_posts(layout)}
    WHERE {_AT} > '' AND p.draft_revision_id IS NULL AND p.live_revision_id IS NULL""",
    )


@lru_cache(maxsize=4)
def _lock(layout: Layout) -> str:
    return f"""
    INSERT INTO schedule_locks
      (post_id, revision_id, slug, data, scheduled_at, locked_by, locked_at, held_at, held_reason)
    SELECT p.id, r.id,
      {staged_slug("r.data", "p")}, r.data, {_AT}, a.actor, a.at, NULL, NULL
    FROM {claimed_posts(layout)}
    CROSS JOIN revisions AS r ON r.id = coalesce(p.draft_revision_id, p.live_revision_id, a.id)
    WHERE {_AT} > ''
    ON CONFLICT (post_id) DO UPDATE SET revision_id = excluded.revision_id, slug = excluded.slug,
      data = excluded.data, scheduled_at = excluded.scheduled_at, locked_by = excluded.locked_by,
      locked_at = excluded.locked_at, held_at = NULL, held_reason = NULL"""


@lru_cache(maxsize=4)
def _unlock(layout: Layout) -> str:
    return f"""
    DELETE FROM schedule_locks WHERE post_id IN (
      SELECT +a.post_id FROM {claimed_posts(layout)} WHERE {_AT} IS NULL)"""


@lru_cache(maxsize=4)
def _without_expiry(layout: Layout) -> str:
    """Posts of which nothing but their end was planned."""
    return f"""
    DELETE FROM post_expiries WHERE post_id IN (
      SELECT +a.post_id FROM {claimed_posts(layout)} WHERE {_AT} IS NULL AND a.detail ->> 'expires_before' > '')"""


@lru_cache(maxsize=4)
def _update(layout: Layout) -> str:
    """?3 now.

    If a scheduled row has only published_at, that is the time it was scheduled for, not the time it went live.
    """
    return change_posts(
        layout,
        """scheduled_at = c.scheduled_at,
      status = CASE WHEN c.scheduled_at IS NULL THEN iif(p.status = 'scheduled', 'draft', p.status)
        ELSE iif(p.status = 'draft', 'scheduled', p.status) END,
      published_at = CASE WHEN p.status = 'scheduled' AND p.scheduled_at IS NULL THEN NULL ELSE p.published_at END,
      draft_revision_id = coalesce(p.draft_revision_id, c.new_revision_id)""",
        f"SELECT +a.post_id AS post_id, CAST(a.detail ->> 'version' AS INTEGER) AS version,"
        f" {_AT} AS scheduled_at, r.id AS new_revision_id"
        f" FROM {CLAIMED} LEFT JOIN revisions AS r ON r.id = a.id",
    )


_CHANGED: Final = """(
      SELECT l.id AS id, l.post_id AS post_id, r.id AS revision
      FROM pipeline_audit AS l LEFT JOIN revisions AS r ON r.id = l.id
      WHERE l.id >= ?1 AND l.id <= ?2 ORDER BY l.id LIMIT 1000)"""
"""SQL: the posts in the audit rows, and the revision that `_revisions` created from each, if any."""


def interrupted_runs(kind: str, since: str) -> Statement:
    """Runs of that kind which began since then and did not come to their end: ``id`` and ``started_at``."""
    return Statement(
        "SELECT id, started_at FROM pipeline_runs WHERE kind = ?1 AND started_at >= ?2 AND counts ->> 'left' > 0",
        (kind, since),
    )


def last_moves(layout: Layout, posts: Sequence[Row]) -> list[Statement]:
    """The audit row of each post that was last moved, and has not changed since: ``post_id``, ``actor``, ``detail``.

    The version tells which row is the last one: clocks of several machines may not.
    """
    sql = f"""
    SELECT a.post_id, a.actor, a.detail
    FROM json_each(?1) AS w CROSS JOIN {layout.posts} AS p ON p.id = w.value
    CROSS JOIN pipeline_audit AS a ON a.post_id = p.id
    WHERE a.action = 'rescheduled' AND a.detail ->> 'by' > '' AND a.detail ->> 'scheduled_at' = p.scheduled_at
      AND a.detail ->> 'version' + 1 = p.version"""
    ids = [str(post["id"]) for post in posts]
    parts = [ids[start : start + AT_A_TIME] for start in range(0, len(ids), AT_A_TIME)]
    return [Statement(sql, (json.dumps(part),)) for part in parts]


def record_progress(run: Run, counts: Mapping[str, int], claim: Claim) -> Statement:
    """Record what a run has done, if the batch's claim stands; the counts are absolute."""
    sql = """
    INSERT INTO pipeline_runs (id, kind, started_at, seen_at, counts)
    SELECT ?1, ?2, ?3, ?4, ?5 WHERE EXISTS (SELECT 1 FROM pipeline_audit AS a WHERE a.id = ?6)
    ON CONFLICT (id) DO UPDATE SET seen_at = excluded.seen_at, counts = excluded.counts"""
    return Statement(sql, (run.id, run.kind, run.started_at, run.session.now(), json.dumps(counts), claim.first))


def mark_continued(run_ids: Sequence[str]) -> list[Statement]:
    """Record that another run did what was left of these."""
    sql = "UPDATE pipeline_runs SET counts = json_remove(counts, '$.left') WHERE id = ?1"
    return [Statement(sql, (run_id,)) for run_id in run_ids]
