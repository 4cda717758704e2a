"""The batches that publish, unpublish, trash and untrash a group of posts.

The first statement claims all posts of the group or, if one of them has changed since it was read, none (see
`store.changes`). Everything else is driven by the audit rows of the claim. What each verb does to EmDash's tables is
what EmDash's own API does (docs/decisions/verbs.md).
"""

from __future__ import annotations

import json
from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

from emdash_cli.domain.ports import Statement
from emdash_cli.scheduling.sql.promotion import form_of, publish_claimed
from emdash_cli.scheduling.sql.selection import EXPIRES_AT
from emdash_cli.scheduling.sql.strays import edited, staged_slug
from emdash_cli.store.changes import (
    CLAIMED,
    ROW_ID,
    Judgement,
    change_posts,
    claim_judged,
    claim_posts,
    claimed_posts,
    from_columns,
)
from emdash_cli.store.went_live import audited, notified, restamp, stamped, went_live, withdrawn

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from emdash_cli.domain.article import PublicSite
    from emdash_cli.store.changes import Claim, Group
    from emdash_cli.store.layout import Layout


class RunRecord(NamedTuple):
    """What is recorded of the run, once its group is done: its counts with this group's."""

    id: str
    kind: str
    started_at: str
    counts: Mapping[str, int]


MORE: Final = ", k.scheduled_at AS locked_until"
"""SQL: what verbs need of posts beside the columns of `selection.by_slugs`: the time that the lock is for."""


def _packed(values: Sequence[str]) -> str:
    return json.dumps(list(values), ensure_ascii=False)


def publish(layout: Layout, group: Group, site: PublicSite, run: RunRecord) -> list[Statement]:
    """Make drafts, scheduled posts and pending changes live, as a sweep does.

    A post whose details do not say ``overrides`` must be as it was reviewed if a lock says what that is. If one post
    cannot be published, none is. The last statement answers as that of `unpublish`.
    """
    claim = group.claim
    return [
        claim_judged(layout, group, _to_publish(layout)),
        *publish_claimed(layout, claim, group.now),
        *went_live(layout, audited(claim), group.now, site, "1"),
        *stamped(layout, audited(claim), "1"),
        *finished(layout, group, run),
    ]


def unpublish(layout: Layout, group: Group, site: PublicSite, run: RunRecord) -> list[Statement]:
    """Take published posts back: each is a draft with the text that was live, or with its pending change.

    The last statement answers a row for each post, as it is now: ``id``, ``slug``, ``locale``, ``status``,
    ``published_at``, ``scheduled_at``, ``deleted_at``, ``expires_at``; no row at all if nothing was done.
    """
    return [
        claim_posts(layout, group),
        *taken_back(layout, group.claim, group.now, site),
        *finished(layout, group, run),
    ]


def taken_back(layout: Layout, claim: Claim, now: str, site: PublicSite) -> list[Statement]:
    """Make drafts of the published posts that a claim names, and let that be known; they need no expiry any more."""
    claimed = (claim.first, claim.last)
    return [
        Statement(_unlock(layout), claimed),
        Statement(_without_expiry(layout), claimed),
        Statement(_draft_of_live(layout), claimed),
        Statement(_take_back(layout), (*claimed, now)),
        *withdrawn(layout, audited(claim), now, site),
        *stamped(layout, audited(claim), "1"),
    ]


def trash(layout: Layout, group: Group, site: PublicSite, run: RunRecord) -> list[Statement]:
    """Move posts to EmDash's trash, as they are: text, status, date, schedule and slug stay.

    The last statement answers as that of `unpublish`.
    """
    claim = group.claim
    claimed = (claim.first, claim.last)
    return [
        claim_posts(layout, group),
        Statement(_set_deleted(layout, "?3"), (*claimed, group.now)),
        *withdrawn(layout, audited(claim), group.now, site),
        *_restamped(layout, claimed),
        *finished(layout, group, run),
    ]


def untrash(layout: Layout, group: Group, site: PublicSite, run: RunRecord) -> list[Statement]:
    """Bring posts back from the trash as they were; a published one is public at once.

    Those whose details have a ``code`` are held, and taken off EmDash's own schedule: see `HOLDS`. The last statement
    answers as that of `unpublish`.
    """
    claim = group.claim
    claimed = (claim.first, claim.last)
    dated = (*claimed, group.now)
    return [
        claim_posts(layout, group),
        Statement(_hold(layout), dated),
        Statement(_bring_back_held(layout), claimed),
        Statement(_set_deleted(layout, "NULL"), dated),
        Statement(_FORGET_TRASHED, claimed),
        *went_live(layout, audited(claim), group.now, site, "a.status_before = 'published'"),
        *_restamped(layout, claimed),
        *notified(layout, audited(claim), group.now, site.lanes),
        *finished(layout, group, run),
    ]


def faults_of(layout: Layout, ids: Sequence[str]) -> Statement:
    """Why posts cannot be published whatever their locks say: ``id`` and ``fault``, a code of `HOLDS`."""
    rows = f"json_each(?1) AS a CROSS JOIN {layout.posts} AS p ON p.id = a.value"
    judged = _judged(layout, rows, "a.key", "1")
    return Statement(f"SELECT d.id, d.fault FROM ({judged}) AS d WHERE d.fault <> ''", (_packed(ids),))


def _restamped(layout: Layout, claimed: tuple[str, str]) -> list[Statement]:
    if layout.terms_by_group:
        return []
    return [restamp(layout, f"SELECT a.post_id FROM {CLAIMED}", claimed)]


def finished(layout: Layout, group: Group, run: RunRecord) -> list[Statement]:
    """The end of each of these batches: if the group is claimed, record the run and read the posts back."""
    claim = group.claim
    counts = json.dumps(run.counts)
    return [
        Statement(_RECORD_RUN, (claim.first, run.id, run.kind, run.started_at, group.now, counts)),
        Statement(_read_back(layout), (claim.first, claim.last)),
    ]


_RECORD_RUN: Final = """
    INSERT INTO pipeline_runs (id, kind, started_at, seen_at, counts)
    SELECT ?2, ?3, ?4, ?5, ?6 WHERE EXISTS (SELECT 1 FROM pipeline_audit AS a WHERE a.id = ?1)
    ON CONFLICT (id) DO UPDATE SET seen_at = excluded.seen_at, counts = excluded.counts"""


@lru_cache(maxsize=4)
def _read_back(layout: Layout) -> str:
    return f"""
    SELECT p.id, p.slug, p.locale, p.status, p.published_at, p.scheduled_at, p.deleted_at, {EXPIRES_AT}
    FROM {CLAIMED} CROSS JOIN {layout.posts} AS p ON p.id = a.post_id
    ORDER BY a.id"""


def _judged(layout: Layout, rows: str, place: str, overrides: str, more: str = "") -> str:
    """SQL: what publishing makes of posts, and why it cannot be done: (form, revision, new_slug, first_date, fault, …).

    Args:
        layout: of the store.
        rows: SQL: FROM clause with the posts ``p``.
        place: SQL: by which posts that want one slug are put in order.
        overrides: SQL: whether the lock of the post does not count.
        more: SQL: further columns, with a comma before each.
    """
    rivals = "PARTITION BY s.new_slug, s.locale, s.new_slug IS NOT s.slug ORDER BY s.place"
    is_scheduled = "(p.scheduled_at IS NOT NULL OR p.status = 'scheduled')"
    return f"""
      SELECT s.*, CASE
          WHEN s.lost THEN 'revision_missing'
          WHEN s.form = 'unreadable' THEN 'revision_unreadable'
          WHEN s.held THEN 'held'
          WHEN s.changed THEN 'text_changed'
          WHEN s.new_slug IS s.slug THEN ''
          WHEN EXISTS (SELECT 1 FROM {layout.posts} AS o
            WHERE o.slug = s.new_slug AND +o.locale = s.locale AND +o.id <> s.id) THEN 'slug_taken'
          WHEN row_number() OVER ({rivals}) > 1 THEN 'slug_contested'
          ELSE '' END AS fault
      FROM (
        SELECT {place} AS place, p.id, p.slug, p.locale, p.version, p.status, p.scheduled_at, p.live_revision_id,
          p.draft_revision_id, {form_of(layout, "r", "p")} AS form,
          coalesce(p.draft_revision_id, p.live_revision_id) AS revision,
          {staged_slug("r.data", "p")} AS new_slug,
          r.id IS NULL AND coalesce(p.draft_revision_id, p.live_revision_id) IS NOT NULL AS lost,
          NOT ({overrides}) AND k.held_at > '' AS held,
          NOT ({overrides}) AND k.post_id IS NOT NULL AND {is_scheduled} AND {edited("r.data", "p")} AS changed,
          {_first_date(layout)} AS first_date{more}
        FROM {rows}
        LEFT JOIN revisions AS r ON r.id = coalesce(p.draft_revision_id, p.live_revision_id) AND +r.entry_id = p.id
        LEFT JOIN schedule_locks AS k ON k.post_id = p.id
      ) AS s"""


def _first_date(layout: Layout) -> str:
    """SQL: when the post first went live, also if it was unpublished since; NULL if it never did.

    EmDash forgets the date of a post that it unpublishes; the audit row of `unpublish` keeps it.
    """
    kept = """(SELECT x.detail ->> 'published_before' FROM pipeline_audit AS x
            WHERE x.post_id = p.id AND +x.action = 'unpublished' ORDER BY x.at DESC, x.id DESC LIMIT 1)"""
    if not layout.is_embedded:
        return f"coalesce(p.published_at, {kept})"
    # Other writers of the embedded store set published_at alone: it is when the post was to be published.
    return f"coalesce(iif(p.status = 'scheduled' AND p.scheduled_at IS NULL, NULL, p.published_at), {kept})"


@lru_cache(maxsize=4)
def _to_publish(layout: Layout) -> Judgement:
    """A row's id is also the id of the revision that is created for it."""
    rows = f"found AS f CROSS JOIN {layout.posts} AS p ON p.id = f.id"
    return Judgement(
        _judged(layout, rows, "f.place", "f.detail ->> 'overrides' IS NOT NULL", ", f.detail"),
        f"""'$.form', c.form, '$.revision', CASE WHEN c.form = 'columns' THEN {ROW_ID} ELSE c.revision END,
      '$.slug_after', c.new_slug, '$.published_at', coalesce(c.first_date, ?3)""",
    )


@lru_cache(maxsize=4)
def _unlock(layout: Layout) -> str:
    return f"""
    DELETE FROM schedule_locks WHERE post_id IN (SELECT a.post_id FROM {claimed_posts(layout)})"""


@lru_cache(maxsize=4)
def _without_expiry(layout: Layout) -> str:
    return f"""
    DELETE FROM post_expiries WHERE post_id IN (SELECT a.post_id FROM {claimed_posts(layout)})"""


@lru_cache(maxsize=4)
def _draft_of_live(layout: Layout) -> str:
    """As in EmDash (``unpublish``), a copy of the live revision, by nobody, if there is no other draft."""
    return f"""
    INSERT INTO revisions (id, collection, entry_id, data, author_id)
    SELECT a.id, '{layout.names.collection}', p.id, r.data, NULL
    FROM {claimed_posts(layout)} CROSS JOIN revisions AS r ON r.id = p.live_revision_id
    WHERE p.draft_revision_id IS NULL
    ON CONFLICT DO NOTHING"""


@lru_cache(maxsize=4)
def _take_back(layout: Layout) -> str:
    """?3 now. EmDash would leave a scheduled change on its schedule, which would make the post public again."""
    return change_posts(
        layout,
        "status = 'draft', live_revision_id = NULL, published_at = NULL, scheduled_at = NULL,"
        " draft_revision_id = coalesce(p.draft_revision_id, c.new_revision)",
        f"""SELECT +a.post_id AS post_id, CAST(a.detail ->> 'version' AS INTEGER) AS version, r.id AS new_revision
      FROM {CLAIMED} LEFT JOIN revisions AS r ON r.id = a.id""",
    )


@lru_cache(maxsize=8)
def _set_deleted(layout: Layout, when: str) -> str:
    """?3 now. As in EmDash (``delete`` and ``restore``), `updated_at` stays as it is."""
    return f"""
    UPDATE {layout.posts} AS p SET deleted_at = {when}, version = coalesce(p.version, 0) + 1
    FROM (SELECT +a.post_id AS post_id, CAST(a.detail ->> 'version' AS INTEGER) AS version FROM {CLAIMED}
      WHERE a.detail ->> 'code' IS NULL AND ?3 IS NOT NULL) AS c
    WHERE p.id = c.post_id AND +p.version IS c.version"""


# Whoever brings a post back before its time means it to go live then; see `due.note_trashed`.
_FORGET_TRASHED: Final = f"DELETE FROM trashed_schedules WHERE post_id IN (SELECT a.post_id FROM {CLAIMED})"


@lru_cache(maxsize=4)
def _hold(layout: Layout) -> str:
    """?3 now. A post that was scheduled elsewhere gets a lock that keeps the text as it is now."""
    return f"""
    INSERT INTO schedule_locks
      (post_id, revision_id, slug, data, scheduled_at, locked_by, locked_at, held_at, held_reason)
    SELECT p.id, coalesce(r.id, ''), {staged_slug("r.data", "p")}, coalesce(r.data, {from_columns(layout, "p")}),
      a.detail ->> 'wanted', a.actor, ?3, ?3, a.detail ->> 'held_reason'
    FROM {claimed_posts(layout)}
    LEFT JOIN revisions AS r ON r.id = coalesce(p.draft_revision_id, p.live_revision_id)
    WHERE a.detail ->> 'code' IS NOT NULL
    ON CONFLICT (post_id) DO UPDATE SET held_at = coalesce(held_at, excluded.held_at),
      held_reason = coalesce(held_reason, excluded.held_reason)"""


@lru_cache(maxsize=4)
def _bring_back_held(layout: Layout) -> str:
    wish = "p.status = 'scheduled' AND p.scheduled_at IS NULL" if layout.is_embedded else "0"
    return f"""
    UPDATE {layout.posts} AS p SET deleted_at = NULL, scheduled_at = NULL, version = coalesce(p.version, 0) + 1,
      published_at = iif({wish}, NULL, p.published_at), status = iif(p.status = 'scheduled', 'draft', p.status)
    FROM (SELECT +a.post_id AS post_id, CAST(a.detail ->> 'version' AS INTEGER) AS version FROM {CLAIMED}
      WHERE a.detail ->> 'code' IS NOT NULL) AS c
    WHERE p.id = c.post_id AND +p.version IS c.version"""
