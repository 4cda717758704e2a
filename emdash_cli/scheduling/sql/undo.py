"""The batch that puts former versions of a group of posts back, and the reads that `undo` needs before it.

Posts that a run published are taken back by the batch of `emdash unpublish`. Here are those that were public before:
the revision that was live then is live again.
"""

from __future__ import annotations

import json
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from emdash_cli.domain.ports import Statement
from emdash_cli.scheduling.sql.verbs import finished
from emdash_cli.store.changes import CLAIMED, change_posts, claim_posts, claimed_posts
from emdash_cli.store.went_live import audited, stamped, went_live

if TYPE_CHECKING:
    from collections.abc import Sequence

    from emdash_cli.domain.article import FieldNames, PublicSite
    from emdash_cli.scheduling.sql.verbs import RunRecord
    from emdash_cli.store.changes import Group
    from emdash_cli.store.layout import Layout


def put_back(layout: Layout, group: Group, site: PublicSite, run: RunRecord) -> list[Statement]:
    """Make former revisions live again, all of the group or, if that is not possible, none.

    The details of the group have ``revision``, the former one; ``draft_after``, the draft of the post afterwards;
    ``slug_after`` and ``published_at``. The last statement answers as that of `verbs.unpublish`.
    """
    claim = group.claim
    claimed = (claim.first, claim.last)
    return [
        claim_posts(layout, group),
        Statement(_release(layout), claimed),
        Statement(_NAME, claimed),
        Statement(_put_back(layout), (*claimed, group.now)),
        *went_live(layout, audited(claim), group.now, site, "1"),
        *stamped(layout, audited(claim), "1"),
        *finished(layout, group, run),
    ]


def obstacles(names: FieldNames, wanted: Sequence[tuple[str, str, str]]) -> Statement:
    """Why former revisions cannot be put back: rows (id, code), none for a post where nothing prevents it.

    Args:
        names: of the collection.
        wanted: for each post its id, the revision and the slug that it is to have.
    """
    rows = """json_each(?1) AS j"""
    post, revision, slug = (f"j.value ->> {place}" for place in range(3))
    sql = f"""
    SELECT p.id, {_obstacle(names.table, revision, slug)} AS code
    FROM {rows} CROSS JOIN {names.table} AS p ON p.id = {post}
    WHERE code <> ''"""
    return Statement(sql, (json.dumps([list(each) for each in wanted], ensure_ascii=False),))


def jobs_of(posts: Sequence[str]) -> Statement:
    """The announcements of posts, and of changes to them: rows (post_id, lane, kind, version, state).

    Platforms that are told of every change, as caches and search engines are, do not count.
    """
    return Statement(
        """
    SELECT j.subject AS post_id, j.lane, j.kind, j.version, j.state FROM json_each(?1) AS o
    CROSS JOIN publish_jobs AS j ON j.subject = o.value
    CROSS JOIN publish_lanes AS n ON n.lane = j.lane AND NOT n.every_change
    WHERE +j.kind IN ('announce', 'update') AND +j.state IN ('pending', 'running', 'done', 'unknown')
    ORDER BY o.key, j.lane, j.id""",
        (json.dumps(list(posts)),),
    )


def _obstacle(posts: str, revision: str, slug: str) -> str:
    """SQL: why the post p cannot be as it was before, as a code; empty if it can."""
    return f"""CASE
      WHEN NOT EXISTS (SELECT 1 FROM revisions AS r
        WHERE r.id = {revision} AND json_valid(r.data) AND json_type(r.data) = 'object') THEN 'revision_missing'
      WHEN p.slug IS NOT {slug} AND EXISTS (SELECT 1 FROM {posts} AS o
        WHERE o.slug = {slug} AND +o.locale = p.locale AND +o.id <> p.id) THEN 'slug_taken'
      ELSE '' END"""


@lru_cache(maxsize=4)
def _release(layout: Layout) -> str:
    """If anything prevents it for one post of the group, none is changed."""
    obstacle = _obstacle(layout.posts, "a.detail ->> 'revision'", "a.detail ->> 'slug_after'")
    return f"""
    DELETE FROM pipeline_audit WHERE id >= ?1 AND id <= ?2 AND EXISTS (
      SELECT 1 FROM {claimed_posts(layout)} WHERE {obstacle} <> '')"""


_NAME: Final = """
    UPDATE pipeline_audit SET slug = detail ->> 'slug_after' WHERE id >= ?1 AND id <= ?2"""


@lru_cache(maxsize=4)
def _put_back(layout: Layout) -> str:
    """?3 now. A field that only the change had is removed: revisions leave out what is NULL."""
    sets = ["slug = c.slug", "status = 'published'", "live_revision_id = c.revision", "draft_revision_id = c.draft"]
    sets += ["scheduled_at = NULL", "published_at = c.published_at"]
    sets += [_value(layout, name) for name in layout.fields]
    changes = f"""
      SELECT +a.post_id AS post_id, CAST(a.detail ->> 'version' AS INTEGER) AS version,
        a.detail ->> 'slug_after' AS slug, a.detail ->> 'revision' AS revision,
        d.id AS draft, a.detail ->> 'published_at' AS published_at, r.data AS data,
        coalesce(w.data, '{{}}') AS withdrawn
      FROM {CLAIMED} CROSS JOIN revisions AS r ON r.id = a.detail ->> 'revision'
      LEFT JOIN revisions AS d ON d.id = a.detail ->> 'draft_after'
      LEFT JOIN revisions AS w ON w.id = a.detail ->> 'live_before' AND json_valid(w.data)"""
    return change_posts(layout, ", ".join(sets), changes)


def _value(layout: Layout, name: str) -> str:
    key = f"""'$."{name}"'"""
    said = f"c.data ->> {key}"
    if name == layout.names.title:
        said = f"coalesce({said}, '')"
    gone = f"WHEN json_type(c.withdrawn, {key}) IS NOT NULL THEN {_nothing(layout, name)}"
    return f'"{name}" = CASE WHEN json_type(c.data, {key}) IS NOT NULL THEN {said} {gone} ELSE p."{name}" END'


def _nothing(layout: Layout, name: str) -> str:
    return "''" if name == layout.names.title else "NULL"
