"""The batch of a sweep that publishes a group of due posts.

One transaction chooses the posts, decides about each and publishes it, so nothing can happen in between: a concurrent
edit, unscheduling or sweep either is seen completely or happens afterwards. The audit rows are the claim (see
`store.changes`); they record the version that was decided upon.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

from emdash_cli.domain.outcome import HOLDS
from emdash_cli.domain.ports import Statement
from emdash_cli.scheduling.sql.strays import staged_slug, unschedule_held
from emdash_cli.store.changes import (
    CLAIMED,
    LIVE,
    as_queued,
    change_posts,
    claimed_posts,
    from_columns,
    is_new_claim,
    publish_revisions,
    revision_of_columns,
)
from emdash_cli.store.due import candidates
from emdash_cli.store.went_live import audited, notified, stamped, went_live

if TYPE_CHECKING:
    from emdash_cli.domain.article import PublicSite
    from emdash_cli.store.changes import Claim
    from emdash_cli.store.layout import Layout


_PUBLISHED: Final = "a.action = 'published'"


class DueGroup(NamedTuple):
    """The due posts that one batch publishes.

    Attributes:
        now: UTC text.
        later: UTC text, `due.OFFSET_HOURS` after it.
        size: maximum number of posts.
        hold: a code of `HOLDS` for holding all of them, whatever their state; or None.
    """

    claim: Claim
    now: str
    later: str
    size: int
    hold: str | None
    site: PublicSite


def promote(layout: Layout, group: DueGroup) -> list[Statement]:
    """The statements of the batch. The rows of the last one report each post, oldest first.

    Each row has ``action`` (published or held), ``post_id``, ``slug``, ``locale``, ``published_at``, ``code``, and
    ``stands``: whether the post really is as the row says.
    """
    claimed = (group.claim.first, group.claim.last)
    dated = (*claimed, group.now)
    decide = (group.now, group.later, group.size, group.hold, group.claim.prefix, group.claim.actor, group.claim.run)
    statements = [
        Statement(_decide_and_record(layout), decide),
        # Locks change before posts: a post that still has the version decided upon shows that this batch was not sent
        # before.
        Statement(hold_locked(layout), dated),
        Statement(hold_unlocked(layout), dated),
        *publish_claimed(layout, group.claim, group.now),
        *went_live(layout, audited(group.claim), group.now, group.site, _PUBLISHED),
    ]
    if not layout.is_embedded:
        # EmDash's own scheduler would otherwise publish the held posts.
        statements.append(Statement(unschedule_held(layout), dated))
    statements += stamped(layout, audited(group.claim), _PUBLISHED)
    statements += notified(layout, audited(group.claim), group.now, group.site.lanes)
    return [*statements, Statement(_read_back(layout), claimed)]


def publish_claimed(layout: Layout, claim: Claim, now: str) -> list[Statement]:
    """Make live what the audit rows ``published`` of a claim name, and drop the locks.

    Their details have ``form``, ``revision``, ``slug_after`` and ``published_at``, as `_decide_and_record` writes them.
    """
    claimed = (claim.first, claim.last)
    return [
        Statement(_missing_revisions(layout), claimed),
        Statement(_unlock(layout), claimed),
        Statement(_publish_as_it_stands(layout), (*claimed, now)),
        Statement(_publish_revision(layout), (*claimed, now)),
    ]


def form_of(layout: Layout, revision: str, post: str) -> str:
    """SQL: how the text of a post gets into its columns when it is published.

    ``same``: it is there already. ``columns``: it is only there, and a revision is created from it. ``other``: it is
    copied from the revision. ``unreadable``: the revision cannot be read.
    """
    return f"""CASE
          WHEN {revision}.id IS NULL THEN 'columns'
          WHEN {revision}.data = {as_queued(layout, post)} THEN 'same'
          WHEN json_valid({revision}.data) AND json_type({revision}.data) = 'object' THEN 'other'
          ELSE 'unreadable' END"""


def preview(layout: Layout, now: str, later: str, size: int) -> Statement:
    """The result that `promote` would have, as rows like those of its last statement."""
    sql = f"""
    {_decided(layout)}
    SELECT action, id AS post_id, CASE WHEN action = 'held' THEN slug ELSE new_slug END AS slug, locale,
      CASE WHEN action = 'published' THEN goes_live END AS published_at, code, 1 AS stands
    FROM decided ORDER BY place"""
    return Statement(sql, (now, later, size, None))


def _instant_text(text: str) -> str:
    return f"strftime('%Y-%m-%dT%H:%M:%fZ', {text})"


@lru_cache(maxsize=4)
def _decided(layout: Layout) -> str:
    """SQL: the CTEs up to ``decided``; ?1 now, ?2 later, ?3 size, ?4 a code for holding all of them."""
    return f"""
    WITH {candidates(layout.names)},
    picked AS MATERIALIZED (
      SELECT row_number() OVER (ORDER BY c.instant, c.id) AS place, c.id AS id, c.wanted AS wanted,
        c.instant AS instant
      FROM candidate AS c ORDER BY c.instant, c.id LIMIT ?3
    ),
    {_seen(layout)},
    judged AS MATERIALIZED (
      SELECT s.*, CASE
          WHEN s.fault <> '' THEN s.fault
          WHEN s.form = 'unreadable' THEN 'revision_unreadable'
          WHEN s.new_slug IS s.slug THEN iif(s.locked, '', 'unlocked')
          WHEN EXISTS (SELECT 1 FROM {layout.posts} AS o
            WHERE o.slug = s.new_slug AND +o.locale = s.locale AND +o.id <> s.id) THEN 'slug_taken'
          WHEN row_number() OVER (
            PARTITION BY s.new_slug, s.locale, s.fault = '' AND s.form <> 'unreadable' AND s.new_slug IS NOT s.slug
            ORDER BY s.place) > 1
            THEN 'slug_contested'
          ELSE iif(s.locked, '', 'unlocked') END AS code
      FROM seen AS s
    ),
    decided AS (SELECT j.*, iif(j.code IN ('', 'unlocked'), 'published', 'held') AS action FROM judged AS j)"""


def _seen(layout: Layout) -> str:
    """SQL: the CTE of what each picked post is like, with the parameters of `_decided`; ``form`` as of `form_of`."""
    locked = "k.post_id IS NOT NULL"
    staged = staged_slug("r.data", "p")
    return f"""seen AS MATERIALIZED (
      SELECT d.place, d.wanted, p.id, p.slug, p.locale, p.version, p.status, p.scheduled_at, p.published_at,
        coalesce(p.draft_revision_id, p.live_revision_id) AS revision_id, p.live_revision_id AS live_before,
        p.draft_revision_id AS draft_before,
        CASE WHEN p.scheduled_at IS NULL THEN {_instant_text("d.wanted")}
          ELSE coalesce(p.published_at, {_instant_text("d.wanted")}) END AS goes_live,
        {locked} AS locked,
        CASE WHEN {locked} THEN coalesce(k.slug, p.slug) ELSE {staged} END AS new_slug,
        {form_of(layout, "r", "p")} AS form,
        CASE
          WHEN ?4 IS NOT NULL THEN ?4
          WHEN d.instant = 0 THEN 'time_unreadable'
          WHEN EXISTS (SELECT 1 FROM post_expiries AS e WHERE e.post_id = p.id AND e.expires_at <= ?1)
            THEN 'already_expired'
          WHEN r.id IS NULL AND coalesce(p.draft_revision_id, p.live_revision_id) IS NOT NULL THEN 'revision_missing'
          WHEN {locked} AND r.data IS NOT k.data THEN 'text_changed'
          WHEN {locked} AND k.slug IS NOT p.slug AND k.slug IS NOT ({staged}) THEN 'slug_changed'
          ELSE '' END AS fault
      FROM picked AS d CROSS JOIN {layout.posts} AS p ON p.id = d.id
      LEFT JOIN revisions AS r ON r.id = coalesce(p.draft_revision_id, p.live_revision_id) AND +r.entry_id = p.id
      LEFT JOIN schedule_locks AS k ON k.post_id = p.id
    )"""


@lru_cache(maxsize=4)
def _decide_and_record(layout: Layout) -> str:
    """?5 the claim, which has no rows yet; ?6 the actor, ?7 the run.

    A row's id is also the id of the revision created for it.
    """
    reasons = " ".join(f"WHEN '{code}' THEN '{reason}'" for code, reason in HOLDS.items())
    return f"""
    INSERT INTO pipeline_audit (id, at, actor, action, post_id, slug, locale, detail)
    {_decided(layout)}
    SELECT ?5 || printf('%04d', place), ?1, ?6, action, id, iif(action = 'held', slug, new_slug), locale,
      json_object('code', code, 'reason', CASE code {reasons} END, 'version', version, 'form', form,
        'revision', CASE WHEN form = 'columns' THEN ?5 || printf('%04d', place) ELSE revision_id END,
        'wanted', wanted, 'published_at', goes_live, 'slug_before', slug, 'slug_after', new_slug,
        'status_before', status, 'live_before', live_before, 'draft_before', draft_before, 'run', ?7)
    FROM decided
    WHERE {is_new_claim("?5 || '0000'", "?5 || '9999'")}"""


@lru_cache(maxsize=4)
def _missing_revisions(layout: Layout) -> str:
    return revision_of_columns(
        layout,
        f"{claimed_posts(layout)} WHERE a.action = 'published' AND a.detail ->> 'form' = 'columns'",
    )


@lru_cache(maxsize=4)
def hold_locked(layout: Layout) -> str:
    """SQL: hold posts that have a lock; ?1 and ?2 the claim's rows, of which those that say ``held`` count, ?3 now."""
    return f"""
    UPDATE schedule_locks SET held_at = ?3, held_reason = h.reason
    FROM (
      SELECT +a.post_id AS post_id, a.detail ->> 'reason' AS reason
      FROM {claimed_posts(layout)} WHERE a.action = 'held'
    ) AS h
    WHERE schedule_locks.post_id = h.post_id"""


@lru_cache(maxsize=4)
def hold_unlocked(layout: Layout) -> str:
    """SQL: hold posts without a lock by a lock of the sweep's own, which keeps the text that it found."""
    return f"""
    INSERT INTO schedule_locks
      (post_id, revision_id, slug, data, scheduled_at, locked_by, locked_at, held_at, held_reason)
    SELECT p.id, coalesce(a.detail ->> 'revision', ''), a.detail ->> 'slug_after',
      coalesce(r.data, {from_columns(layout, "p")}), a.detail ->> 'wanted', 'sweep', ?3, ?3, a.detail ->> 'reason'
    FROM {claimed_posts(layout)}
    LEFT JOIN revisions AS r ON r.id = a.detail ->> 'revision'
    WHERE a.action = 'held'
    ON CONFLICT DO NOTHING"""


@lru_cache(maxsize=4)
def _unlock(layout: Layout) -> str:
    return f"""
    DELETE FROM schedule_locks WHERE post_id IN (
      SELECT a.post_id FROM {claimed_posts(layout)} WHERE a.action = 'published')"""


_CLAIMED_POST: Final = f"""
      SELECT +a.post_id AS post_id, a.detail ->> 'revision' AS revision, a.detail ->> 'published_at' AS published_at,
        a.detail ->> 'slug_after' AS slug, CAST(a.detail ->> 'version' AS INTEGER) AS version
      FROM {CLAIMED} WHERE a.action = 'published'"""


@lru_cache(maxsize=4)
def _publish_as_it_stands(layout: Layout) -> str:
    """?3 now. Posts whose columns already have the text, as `publish-queue` leaves them: the text is not touched."""
    return change_posts(layout, LIVE, f"{_CLAIMED_POST} AND a.detail ->> 'form' <> 'other'")


@lru_cache(maxsize=4)
def _publish_revision(layout: Layout) -> str:
    """?3 now."""
    return publish_revisions(layout, f"{_CLAIMED_POST} AND a.detail ->> 'form' = 'other'")


@lru_cache(maxsize=4)
def _read_back(layout: Layout) -> str:
    return f"""
    SELECT a.action, a.post_id, a.slug, a.locale, a.detail ->> 'code' AS code,
      iif(a.action = 'published', a.detail ->> 'published_at', NULL) AS published_at,
      iif(a.action = 'published', p.version > CAST(a.detail ->> 'version' AS INTEGER),
        EXISTS (SELECT 1 FROM schedule_locks AS k WHERE k.post_id = a.post_id AND k.held_at > '')) AS stands
    FROM {CLAIMED} CROSS JOIN {layout.posts} AS p ON p.id = a.post_id
    ORDER BY a.id"""
