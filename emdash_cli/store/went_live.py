"""What follows when a batch changes what is public: the outbox, redirects and EmDash's own bookkeeping.

Every statement is driven by the rows that the batch has claimed: audit rows (see `changes`), or the ledger rows of
`publish-queue`. Sending them again changes nothing.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

from emdash_cli.domain.ports import Statement, Value

if TYPE_CHECKING:
    from collections.abc import Sequence

    from emdash_cli.domain.article import PublicSite
    from emdash_cli.domain.delivery import Lane
    from emdash_cli.store.changes import Claim
    from emdash_cli.store.layout import Layout


class ChangedPosts(NamedTuple):
    """The posts that a batch has changed, one row each.

    Attributes:
        rows: SQL of the rows, with ``id`` (unique, also used for the outbox row), ``post_id``, ``slug`` (the present
            one), ``locale``, ``revision``, ``slug_before``, ``status_before``, ``actor``, and what conditions
            on them need.
        first: the parameter ?1 of that SQL.
        last: the parameter ?2 of that SQL.
        are_new: whether this batch inserted the posts: they then have no earlier address, and their term links were
            stamped when they were written.
        are_imported: whether they come from elsewhere, where they were announced.
    """

    rows: str
    first: str
    last: str
    are_new: bool = False
    are_imported: bool = False


# The limits tell the planner how few rows there are; see `changes.CLAIMED`.
_AUDITED: Final = """(
      SELECT id, action, post_id, slug, locale, detail, detail ->> 'revision' AS revision,
        detail ->> 'slug_before' AS slug_before, detail ->> 'status_before' AS status_before, actor
      FROM pipeline_audit WHERE id >= ?1 AND id <= ?2 ORDER BY id LIMIT 1000)"""
_IN_LEDGER: Final = """(
      SELECT revision_id AS id, outcome, post_id, slug, locale, revision_id AS revision, NULL AS slug_before,
        NULL AS status_before, 'run:' || run_id AS actor
      FROM publish_ledger WHERE claim >= ?1 AND claim <= ?2 LIMIT 1000)"""


def audited(claim: Claim) -> ChangedPosts:
    """The rows of an audit claim; conditions may use ``action`` and ``detail``."""
    return ChangedPosts(_AUDITED, claim.first, claim.last)


def published(claim: str, *, is_import: bool = False) -> ChangedPosts:
    """The new posts of a ledger claim while it lasts; conditions may use ``outcome``."""
    return ChangedPosts(_IN_LEDGER, claim, claim, are_new=True, are_imported=is_import)


def went_live(layout: Layout, changes: ChangedPosts, now: str, site: PublicSite, which: str) -> list[Statement]:
    """Record what has become public, write the jobs that announce it, and redirect earlier addresses.

    Args:
        layout: of the store.
        changes: made by the batch.
        now: UTC text.
        site: where the posts are, and where they are announced.
        which: SQL: condition on the rows (``a``) whose posts are now public.
    """
    of_path = (changes.first, changes.last, now, *site.path)
    statements = [Statement(_record(changes.rows, which), of_path)]
    if site.lanes:
        from emdash_cli.store import announcing

        of_job = (*of_path, 0 if changes.are_imported else 1)
        statements += announcing.keep_lanes(site.lanes, now)
        statements += [
            Statement(sql, of_job)
            for sql in announcing.jobs(layout, changes.rows, which, (_NEW_PATH, _BEFORE), are_new=changes.are_new)
        ]
    if layout.has_redirects and not changes.are_new:
        statements += [Statement(sql, of_path) for sql in _redirects(changes.rows, which)]
    return statements


def withdrawn(
    layout: Layout, changes: ChangedPosts, now: str, site: PublicSite, which: str = "a.status_before = 'published'"
) -> list[Statement]:
    """Record what is no longer public, discard what was to announce it, and tell caches, search engines and webhooks.

    Redirects are left alone, as EmDash leaves them.

    Args:
        layout: of the store.
        changes: made by the batch.
        now: UTC text.
        site: where the posts were, and where they are announced.
        which: SQL: condition on the rows (``a``) whose posts were public before.
    """
    params = (changes.first, changes.last, now, *site.path)
    statements = [Statement(_record(changes.rows, which), params)]
    if site.lanes:
        from emdash_cli.store import announcing

        statements += announcing.keep_lanes(site.lanes, now)
        sqls = announcing.jobs_of_withdrawn(layout, changes.rows, which, _NEW_PATH)
        statements += [Statement(sql, params) for sql in sqls]
    return [*statements, *notified(layout, changes, now, site.lanes)]


def notified(layout: Layout, changes: ChangedPosts, now: str, lanes: Sequence[Lane]) -> list[Statement]:
    """The jobs that notify of what was scheduled, unscheduled, held or taken back; see `notices.about_posts`."""
    if not lanes:
        return []
    from emdash_cli.store.notices import about_posts

    return about_posts(layout, changes, now, lanes)


def stamped(layout: Layout, changes: ChangedPosts, which: str) -> list[Statement]:
    """Update what EmDash stores beside its posts: the stamps of their term links, and the newest revision of each.

    Args:
        layout: of the store.
        changes: made by the batch.
        which: SQL: condition on the rows (``a``) whose post has the revision that they name.
    """
    claimed = (changes.first, changes.last)
    statements = []
    if not layout.terms_by_group and not changes.are_new:
        statements.append(restamp(layout, f"SELECT a.post_id FROM {changes.rows} AS a", claimed))
    if layout.has_prune_queue:
        statements.append(Statement(_prune_queue(layout, changes.rows, which), claimed))
    return statements


def restamp(layout: Layout, posts: str, params: tuple[Value, ...]) -> Statement:
    """Copy status and dates of some posts to their term links, which hold such copies up to EmDash 0.32.

    Args:
        layout: of the store.
        posts: SQL that selects the posts' ids as ``post_id``.
        params: of that SQL.
    """
    sql = f"""
    UPDATE content_taxonomies AS t SET status = p.status, scheduled_at = p.scheduled_at, deleted_at = p.deleted_at,
      locale = p.locale, published_at = p.published_at, created_at = p.created_at
    FROM {layout.posts} AS p
    WHERE p.id = t.entry_id AND t.rowid IN (
      SELECT l.rowid FROM ({posts}) AS w
      CROSS JOIN content_taxonomies AS l ON l.collection = '{layout.names.collection}' AND l.entry_id = w.post_id)"""
    return Statement(sql, params)


def _path(slug: str, locale: str) -> str:
    """SQL: the path of a post, like that of `PostPath.of`; ?4 and ?5 are the two parts of a `PostPath`."""
    is_default = f"lower({locale}) = lower(?5)"
    prefixed = f"replace(?4, iif({is_default}, '/{{locale}}', '{{locale}}'), iif({is_default}, '', {locale}))"
    return f"replace({prefixed}, '{{slug}}', {slug})"


_NEW_PATH: Final = _path("coalesce(a.slug, a.post_id)", "a.locale")
_OLD_PATH: Final = _path("a.slug_before", "a.locale")
_WAS_RENAMED: Final = "a.status_before = 'published' AND a.slug_before <> a.slug"
_BEFORE: Final = f"CASE WHEN {_WAS_RENAMED} THEN {_OLD_PATH} END"


@lru_cache(maxsize=8)
def _record(rows: str, which: str) -> str:
    """?3 now, ?4 and ?5 the path of a post. What follows is written in the same batch, so that it is done at once."""
    return f"""
    INSERT INTO publish_outbox (id, post_id, path, path_before, recorded_at, done_at)
    SELECT a.id, a.post_id, {_NEW_PATH}, {_BEFORE}, ?3, ?3
    FROM {rows} AS a WHERE {which}
    ON CONFLICT DO NOTHING"""


@lru_cache(maxsize=8)
def _redirects(rows: str, which: str) -> tuple[str, str]:
    """The parameters of `_record`.

    The old address of a renamed post redirects to the new one, as when its slug is changed in EmDash. A redirect away
    from the new address is deleted, since it would hide the post.
    """
    renamed = f"FROM {rows} AS a WHERE {which} AND {_WAS_RENAMED}"
    return (
        f"""
    DELETE FROM _emdash_redirects
    WHERE ?3 IS NOT NULL AND source IN (SELECT {_NEW_PATH} {renamed})""",
        f"""
    INSERT INTO _emdash_redirects (id, source, destination, type, auto, created_at, updated_at)
    SELECT a.id, {_OLD_PATH}, {_NEW_PATH}, 301, 1, ?3, ?3
    {renamed} AND NOT EXISTS (SELECT 1 FROM _emdash_redirects AS x WHERE x.source = {_OLD_PATH})
    ON CONFLICT DO NOTHING""",
    )


@lru_cache(maxsize=8)
def _prune_queue(layout: Layout, rows: str, which: str) -> str:
    """From migration 059, EmDash looks in this table for entries whose revisions it may prune."""
    return f"""
    INSERT INTO _emdash_revision_prune_queue (collection, entry_id, revision_id)
    SELECT '{layout.names.collection}', a.post_id, a.revision
    FROM {rows} AS a WHERE {which} AND a.revision IS NOT NULL
    ON CONFLICT (collection, entry_id) DO UPDATE SET revision_id = excluded.revision_id"""
