"""Notices to platforms that take events: jobs that are written in the batch of the change that they report.

Their data is recorded when it happens, since the post may have changed again by the time they are sent. The jobs that
follow when a post goes live or a public post is changed are written by `store.announcing`.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final

from emdash_cli.domain.delivery import EventType
from emdash_cli.domain.ports import Statement
from emdash_cli.store.announcing import IS_WANTED, keep_lanes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from emdash_cli.domain.delivery import Lane
    from emdash_cli.store.layout import Layout
    from emdash_cli.store.went_live import ChangedPosts

_OF_POSTS: Final = frozenset({EventType.SCHEDULED, EventType.UNSCHEDULED, EventType.HELD, EventType.UNPUBLISHED})
_TYPES: Final = f"""CASE
      WHEN a.action IN ('scheduled', 'rescheduled') THEN '{EventType.SCHEDULED}'
      WHEN a.action = 'unscheduled' THEN '{EventType.UNSCHEDULED}'
      WHEN a.action = 'held' OR a.action = 'untrashed' AND a.detail ->> 'code' IS NOT NULL THEN '{EventType.HELD}'
      WHEN a.action IN ('unpublished', 'trashed') AND a.detail ->> 'status_before' = 'published'
        THEN '{EventType.UNPUBLISHED}' END"""
_INSERT: Final = """
    INSERT INTO publish_jobs (subject, lane, kind, version, priority, run_after, change, created_at, triggered_by)"""


def about_posts(layout: Layout, changes: ChangedPosts, now: str, lanes: Sequence[Lane]) -> list[Statement]:
    """The jobs that notify of posts that the batch has scheduled, unscheduled, held or taken back; none if unwanted.

    Args:
        layout: of the store.
        changes: made by the batch, before this.
        now: UTC text.
        lanes: all that the settings have.
    """
    if not any(_OF_POSTS.intersection(lane.events) for lane in lanes):
        return []
    sql = _of_new(layout, changes.rows) if changes.are_new else _of_changed(layout, changes.rows)
    return [*keep_lanes(lanes, now), Statement(sql, (changes.first, changes.last, now))]


# What was retired keeps its old key with a mark: see `publishing.sql.adoption`.
_ARTICLE_ID: Final = "coalesce(substr(l.key, 1, instr(l.key || '#retired-', '#retired-') - 1), {post})"


def _jobs(layout: Layout, rows: str, kind: str, version: str, data: str) -> str:
    """?3 now."""
    article = _ARTICLE_ID.format(post="p.id")
    return f"""{_INSERT}
    SELECT p.id, n.lane, e.value, {version}, 1, ?3, json_object('at', ?3, 'data', json_object(
      'articleId', {article}, 'title', p.{layout.names.title}, 'slug', p.slug, 'locale', p.locale, {data},
      'actor', a.actor)), ?3, a.actor
    FROM {rows} AS a CROSS JOIN {layout.posts} AS p ON p.id = a.post_id
    LEFT JOIN publish_ledger AS l ON l.post_id = a.post_id
    CROSS JOIN publish_lanes AS n CROSS JOIN json_each(n.events) AS e ON e.value = {kind}
    WHERE n.removed_at IS NULL AND {IS_WANTED}
    ON CONFLICT DO NOTHING"""


@lru_cache(maxsize=4)
def _of_changed(layout: Layout, rows: str) -> str:
    """The rows of an audit claim. The version is the one that the change leaves, or would leave, behind."""
    data = """'scheduledAt', CASE a.action WHEN 'unscheduled' THEN a.detail ->> 'scheduled_before'
        WHEN 'held' THEN a.detail ->> 'wanted' WHEN 'untrashed' THEN a.detail ->> 'wanted'
        ELSE a.detail ->> 'scheduled_at' END,
      'scheduledBefore', CASE a.action WHEN 'rescheduled' THEN a.detail ->> 'scheduled_before' END,
      'code', a.detail ->> 'code', 'reason', a.detail ->> 'reason'"""
    return _jobs(layout, rows, _TYPES, "CAST(a.detail ->> 'version' AS INTEGER) + 1", data)


@lru_cache(maxsize=4)
def _of_new(layout: Layout, rows: str) -> str:
    """The new posts of a ledger claim."""
    kind = f"CASE a.outcome WHEN 'scheduled' THEN '{EventType.SCHEDULED}' END"
    data = "'scheduledAt', p.scheduled_at, 'scheduledBefore', NULL, 'code', NULL, 'reason', NULL"
    return _jobs(layout, rows, kind, "1", data)


def about_jobs(rows: str, state: str, error: str, category: str) -> str:
    """SQL: notify of jobs that are dead or unknown, on all other lanes that want to know; not of notices about jobs.

    A job that fails again after somebody has retried it is another event: the number of its attempts tells them apart.

    Args:
        rows: SQL: FROM and WHERE clauses of the jobs j; ?2 is the present.
        state: SQL: that they get.
        error: SQL: why.
        category: SQL: of their last attempt.
    """
    source, _, condition = rows.partition("WHERE")
    article = _ARTICLE_ID.format(post="j.subject")
    return f"""{_INSERT}
    SELECT j.subject, n.lane, e.value,
      j.id * 1000000 + (SELECT count(*) FROM job_attempts AS t WHERE t.job_id = j.id), 1, ?2,
      json_object('at', ?2, 'data', json_object('job', j.id, 'platform', j.lane, 'kind', j.kind,
        'articleId', {article}, 'slug', l.slug, 'locale', l.locale, 'category', {category}, 'error', {error})),
      ?2, j.triggered_by
    {source} LEFT JOIN publish_ledger AS l ON l.post_id = j.subject
    CROSS JOIN publish_lanes AS n CROSS JOIN json_each(n.events) AS e ON e.value = 'job.' || ({state})
    WHERE n.removed_at IS NULL AND n.lane <> j.lane AND j.kind NOT LIKE 'job.%' AND {condition or "1"}
    ON CONFLICT DO NOTHING"""
