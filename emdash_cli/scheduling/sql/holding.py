"""The batch of a sweep that holds posts whose time has passed in the trash.

They are taken off the schedule at once, since EmDash would publish them the moment that they are restored.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from emdash_cli.domain.outcome import HOLDS
from emdash_cli.domain.ports import Statement
from emdash_cli.scheduling.sql.promotion import hold_locked, hold_unlocked
from emdash_cli.scheduling.sql.strays import staged_slug
from emdash_cli.store.changes import CLAIMED, change_posts, is_new_claim
from emdash_cli.store.due import OVERDUE_IN_TRASH, overdue_in_trash
from emdash_cli.store.went_live import audited, notified, restamp

if TYPE_CHECKING:
    from emdash_cli.scheduling.sql.promotion import DueGroup
    from emdash_cli.store.layout import Layout


def hold_overdue(layout: Layout, group: DueGroup) -> list[Statement]:
    """Hold the posts that `due.overdue_in_trash` finds, and take them off the schedule.

    The rows of the last statement have ``action`` (held), ``code``, ``post_id``, ``slug``, ``locale``,
    ``published_at``.
    """
    claim = group.claim
    claimed = (claim.first, claim.last)
    dated = (*claimed, group.now)
    statements = [
        Statement(_record(layout), (group.now, group.later, group.size, claim.prefix, claim.actor, claim.run)),
        # Before the posts, whose versions show whether this batch was sent before.
        Statement(hold_locked(layout), dated),
        Statement(hold_unlocked(layout), dated),
        Statement("DELETE FROM trashed_schedules WHERE post_id IN (SELECT a.post_id FROM " + CLAIMED + ")", claimed),
        Statement(_unschedule(layout), dated),
    ]
    if not layout.terms_by_group:
        statements.append(restamp(layout, f"SELECT a.post_id FROM {CLAIMED}", claimed))
    statements += notified(layout, audited(claim), group.now, group.site.lanes)
    read_back = f"""
    SELECT a.action, a.detail ->> 'code' AS code, a.post_id, a.slug, a.locale, NULL AS published_at
    FROM {CLAIMED} ORDER BY a.id"""
    return [*statements, Statement(read_back, claimed)]


@lru_cache(maxsize=4)
def _record(layout: Layout) -> str:
    """?4 the claim, which has no rows yet; ?5 the actor, ?6 the run."""
    return f"""
    INSERT INTO pipeline_audit (id, at, actor, action, post_id, slug, locale, detail)
    WITH {overdue_in_trash(layout.names)}
    SELECT ?4 || printf('%04d', row_number() OVER (ORDER BY p.id)), ?1, ?5, 'held', p.id, p.slug, p.locale,
      json_object('code', '{OVERDUE_IN_TRASH}', 'reason', '{HOLDS[OVERDUE_IN_TRASH]}', 'version', p.version,
        'revision', coalesce(p.draft_revision_id, p.live_revision_id), 'wanted', d.wanted, 'slug_before', p.slug,
        'slug_after', {staged_slug("r.data", "p")}, 'status_before', p.status, 'live_before', p.live_revision_id,
        'draft_before', p.draft_revision_id, 'run', ?6)
    FROM overdue AS d CROSS JOIN {layout.posts} AS p ON p.id = d.id
    LEFT JOIN revisions AS r ON r.id = coalesce(p.draft_revision_id, p.live_revision_id)
    WHERE {is_new_claim("?4 || '0000'", "?4 || '9999'")}"""


@lru_cache(maxsize=4)
def _unschedule(layout: Layout) -> str:
    """?3 now. On the embedded store, published_at alone may have been the time for which a post was scheduled."""
    wish = "p.status = 'scheduled' AND p.scheduled_at IS NULL" if layout.is_embedded else "0"
    return change_posts(
        layout,
        f"published_at = iif({wish}, NULL, p.published_at), scheduled_at = NULL,"
        " status = iif(p.status = 'scheduled', 'draft', p.status)",
        f"SELECT +a.post_id AS post_id, CAST(a.detail ->> 'version' AS INTEGER) AS version FROM {CLAIMED}",
    )
