"""When posts are taken down again: the batches that set and remove the time, and that of a sweep that acts on it.

The reviewed text plays no part in it: an edit does not keep a post public.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

from emdash_cli.domain.ports import Statement
from emdash_cli.store.changes import CLAIMED, claim_posts, claim_stands, claimed_posts, is_new_claim

if TYPE_CHECKING:
    from emdash_cli.domain.article import FieldNames, PublicSite
    from emdash_cli.store.changes import Claim, Group
    from emdash_cli.store.layout import Layout

EXPIRED: Final = "expired"
"""Why a sweep takes a post down: a code of `REASONS`."""


class ExpiredGroup(NamedTuple):
    """The expired posts that one batch takes down.

    Attributes:
        now: UTC text.
        size: maximum number of posts.
        passed_over: so many of the first ones are left alone, since the store refuses to change them.
    """

    claim: Claim
    now: str
    size: int
    passed_over: int
    site: PublicSite


def change_expiries(layout: Layout, group: Group) -> list[Statement]:
    """Set or remove the expiries of posts. The last statement answers one row, or none if a post had changed.

    The posts themselves stay as they are, but for their version.

    Args:
        layout: of the store.
        group: the audit rows; each detail has ``expires_at``, UTC text, or None to remove it.
    """
    claimed = (group.claim.first, group.claim.last)
    return [
        claim_posts(layout, group),
        # Before the posts, whose versions show whether this batch was sent before.
        Statement(_set(layout), claimed),
        Statement(_remove(layout), claimed),
        Statement(_touch(layout), claimed),
        claim_stands(group.claim),
    ]


def expire(layout: Layout, group: ExpiredGroup) -> list[Statement]:
    """Take down a group of live posts whose time has come, the first ones first; those in the trash are left out.

    Each row of the last statement has ``action`` (unpublished), ``code``, ``post_id``, ``slug``, ``locale``,
    ``published_at`` (None), and ``stands``: whether the post really is a draft now.
    """
    # Imported here because status and doctor only count.
    from emdash_cli.scheduling.sql.verbs import taken_back

    claim = group.claim
    claimed = (claim.first, claim.last)
    return [
        Statement(_record(layout), (group.now, group.size, claim.prefix, claim.actor, claim.run, group.passed_over)),
        *taken_back(layout, claim, group.now, group.site),
        Statement(_read_back(layout), claimed),
    ]


def find_expired(names: FieldNames, now: str, size: int, passed_over: int = 0) -> Statement:
    """The rows that `expire` would answer."""
    sql = f"""
    WITH {_expired(names, "?3")}
    SELECT 'unpublished' AS action, '{EXPIRED}' AS code, p.id AS post_id, p.slug AS slug, p.locale AS locale,
      NULL AS published_at, 1 AS stands
    FROM expired AS d CROSS JOIN {names.table} AS p ON p.id = d.id ORDER BY d.expires_at, p.id"""
    return Statement(sql, (now, size, passed_over))


def expiring_posts(names: FieldNames, now: str, overdue: str) -> Statement:
    """One row: how many posts are ``expiring``, when the ``next`` one expires, how many are ``late`` since ``since``.

    Args:
        names: of the collection.
        now: UTC text.
        overdue: UTC text; what expired before it is late.
    """
    public = f"""FROM post_expiries AS e CROSS JOIN {names.table} AS p ON p.id = e.post_id
      WHERE {{which}} AND +p.status = 'published' AND +p.deleted_at IS NULL"""
    planned = public.format(which="e.expires_at > ?1").replace("= 'published'", "IN ('scheduled', 'published')")
    sql = f"""
    SELECT w.expiring, w.next, l.late, l.since
    FROM (SELECT count(*) AS expiring, min(e.expires_at) AS next {planned}) AS w
    CROSS JOIN (SELECT count(*) AS late, min(e.expires_at) AS since {public.format(which="e.expires_at <= ?2")}) AS l"""
    return Statement(sql, (now, overdue))


def _expired(names: FieldNames, passed_over: str) -> str:
    """SQL: CTE (id, expires_at); ?1 now, ?2 maximum number."""
    return f"""expired AS MATERIALIZED (
      SELECT e.post_id AS id, e.expires_at FROM post_expiries AS e CROSS JOIN {names.table} AS p ON p.id = e.post_id
      WHERE e.expires_at <= ?1 AND +p.status = 'published' AND +p.deleted_at IS NULL
      ORDER BY e.expires_at, e.post_id LIMIT ?2 OFFSET {passed_over}
    )"""


@lru_cache(maxsize=4)
def _record(layout: Layout) -> str:
    """?3 the claim, which has no rows yet; ?4 the actor, ?5 the run, ?6 how many are left alone.

    The draft that is made of the live text has the id of its row, as in `unpublish`.
    """
    row = "?3 || printf('%04d', row_number() OVER (ORDER BY d.expires_at, d.id))"
    return f"""
    INSERT INTO pipeline_audit (id, at, actor, action, post_id, slug, locale, detail)
    WITH {_expired(layout.names, "?6")},
    numbered AS MATERIALIZED (SELECT {row} AS row, d.id, d.expires_at FROM expired AS d)
    SELECT d.row, ?1, ?4, 'unpublished', p.id, p.slug, p.locale,
      json_object('code', '{EXPIRED}', 'expired_at', d.expires_at, 'version', p.version, 'status_before', p.status,
        'scheduled_before', p.scheduled_at, 'slug_before', p.slug, 'live_before', p.live_revision_id,
        'draft_before', p.draft_revision_id, 'published_before', p.published_at,
        'revision', iif(p.draft_revision_id IS NULL AND p.live_revision_id IS NOT NULL, d.row, NULL), 'run', ?5)
    FROM numbered AS d CROSS JOIN {layout.posts} AS p ON p.id = d.id
    WHERE {is_new_claim("?3 || '0000'", "?3 || '9999'")}"""


@lru_cache(maxsize=4)
def _read_back(layout: Layout) -> str:
    return f"""
    SELECT a.action, a.detail ->> 'code' AS code, a.post_id, a.slug, a.locale, NULL AS published_at,
      p.version > CAST(a.detail ->> 'version' AS INTEGER) AS stands
    FROM {CLAIMED} CROSS JOIN {layout.posts} AS p ON p.id = a.post_id
    ORDER BY a.id"""


@lru_cache(maxsize=4)
def _set(layout: Layout) -> str:
    return f"""
    INSERT INTO post_expiries (post_id, expires_at, set_by, set_at)
    SELECT p.id, a.detail ->> 'expires_at', a.actor, a.at FROM {claimed_posts(layout)}
    WHERE a.detail ->> 'expires_at' > ''
    ON CONFLICT (post_id) DO UPDATE SET expires_at = excluded.expires_at, set_by = excluded.set_by,
      set_at = excluded.set_at"""


@lru_cache(maxsize=4)
def _remove(layout: Layout) -> str:
    return f"""
    DELETE FROM post_expiries WHERE post_id IN (
      SELECT a.post_id FROM {claimed_posts(layout)} WHERE a.detail ->> 'expires_at' IS NULL)"""


@lru_cache(maxsize=4)
def _touch(layout: Layout) -> str:
    """`updated_at` stays as it is: readers see no change."""
    return f"""
    UPDATE {layout.posts} AS p SET version = coalesce(p.version, 0) + 1
    FROM (SELECT +a.post_id AS post_id, CAST(a.detail ->> 'version' AS INTEGER) AS version FROM {CLAIMED}) AS c
    WHERE p.id = c.post_id AND +p.version IS c.version"""
