"""The batch that gives a post another slug, at once."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from emdash_cli.domain.ports import Statement
from emdash_cli.store.changes import change_posts, claim_post, claim_stands, claimed_post
from emdash_cli.store.went_live import audited, stamped, went_live

if TYPE_CHECKING:
    from emdash_cli.domain.article import FieldNames, PublicSite
    from emdash_cli.store.changes import AuditEntry
    from emdash_cli.store.layout import Layout


class NewSlug(NamedTuple):
    """What becomes of the revisions of a post that is renamed.

    Attributes:
        data: of the new revision, JSON, if the present one names a slug: the post would get that when it is published
            again. None if it names none.
        draft_read: the stored draft, if the new revision replaces it.
    """

    slug: str
    data: str | None
    draft_read: str | None


def slug_owner(names: FieldNames, slug: str, post_id: str) -> Statement:
    """The other post that has the slug in the locale of this one: id, title, status, deleted_at."""
    sql = f"""
    SELECT o.id, o.{names.title} AS title, o.status, o.deleted_at
    FROM {names.table} AS p CROSS JOIN {names.table} AS o ON o.slug = ?1 AND +o.locale = p.locale
    WHERE p.id = ?2 AND +o.id <> p.id"""
    return Statement(sql, (slug, post_id))


def live_slug(names: FieldNames, post_id: str) -> Statement:
    """A row if the live revision names a slug, which it keeps from when it was published."""
    sql = f"""
    SELECT r.data ->> '$._slug' AS slug FROM {names.table} AS p
    CROSS JOIN revisions AS r ON r.id = p.live_revision_id
    WHERE p.id = ?1 AND instr(r.data, '"_slug"') > 0 AND json_valid(r.data) AND r.data ->> '$._slug' <> ''"""
    return Statement(sql, (post_id,))


def renamed_before(names: FieldNames, slug: str, new: str) -> Statement:
    """The posts that have the new slug because they were renamed from the old one: their ids."""
    sql = f"""
    SELECT p.id FROM {names.table} AS p
    WHERE p.slug = ?2 AND EXISTS (
      SELECT 1 FROM pipeline_audit AS a
      WHERE a.post_id = p.id AND a.action = 'renamed' AND a.detail ->> 'slug_before' = ?1)"""
    return Statement(sql, (slug, new))


def rename(layout: Layout, entry: AuditEntry, new: NewSlug, site: PublicSite) -> list[Statement]:
    """The statements of the batch. The last one returns a row if the post was renamed.

    It returns none if the post has changed since it was read, is locked, or the slug has been taken.
    """
    row_id = entry.claim.first
    changed = audited(entry.claim)
    return [
        claim_post(layout, entry),
        Statement(_release(layout), (row_id, new.slug, new.draft_read)),
        Statement(_revision(layout), (row_id, new.data)),
        Statement(_name(layout), (row_id, new.slug, 0 if new.data is None else 1)),
        Statement(_rename(layout), (row_id, new.slug, entry.now)),
        *went_live(layout, changed, entry.now, site, "a.status_before = 'published'"),
        *stamped(layout, changed, "1"),
        claim_stands(entry.claim),
    ]


@lru_cache(maxsize=4)
def _release(layout: Layout) -> str:
    """?1 row, ?2 slug, ?3 the draft as it was read, or NULL. EmDash 0.32 rewrites a draft in place."""
    return f"""
    DELETE FROM pipeline_audit WHERE id = ?1 AND EXISTS (
      SELECT 1 FROM {claimed_post(layout)}
      WHERE a.id = ?1 AND (
        EXISTS (SELECT 1 FROM schedule_locks AS k WHERE k.post_id = p.id)
        OR EXISTS (SELECT 1 FROM {layout.posts} AS o WHERE o.slug = ?2 AND +o.locale = p.locale AND +o.id <> p.id)
        OR ?3 IS NOT NULL AND ?3 IS NOT (SELECT r.data FROM revisions AS r WHERE r.id = p.draft_revision_id)))"""


@lru_cache(maxsize=4)
def _revision(layout: Layout) -> str:
    """?1 row, whose id is also that of the revision; ?2 data or NULL."""
    return f"""
    INSERT INTO revisions (id, collection, entry_id, data, author_id)
    SELECT a.id, '{layout.names.collection}', p.id, ?2, p.author_id
    FROM {claimed_post(layout)} WHERE a.id = ?1 AND ?2 IS NOT NULL
    ON CONFLICT DO NOTHING"""


@lru_cache(maxsize=4)
def _name(layout: Layout) -> str:
    """?1 row, ?2 slug, ?3 whether there is a new revision."""
    current = "iif(p.status = 'published', p.live_revision_id, p.draft_revision_id)"
    return f"""
    UPDATE pipeline_audit AS u SET slug = ?2, detail = json_set(u.detail, '$.slug_after', ?2, '$.revision', n.revision)
    FROM (
      SELECT a.id AS id, iif(?3 = 1, a.id, {current}) AS revision
      FROM {claimed_post(layout)} WHERE a.id = ?1 LIMIT 1
    ) AS n WHERE u.id = n.id"""


@lru_cache(maxsize=4)
def _rename(layout: Layout) -> str:
    """?1 row, ?2 slug, ?3 now. The draft of a published post stays as it is."""
    return change_posts(
        layout,
        "slug = ?2, live_revision_id = iif(p.status = 'published', c.revision, p.live_revision_id),"
        " draft_revision_id = iif(p.status = 'published', p.draft_revision_id, c.revision)",
        "SELECT +a.post_id AS post_id, CAST(a.detail ->> 'version' AS INTEGER) AS version,"
        " a.detail ->> 'revision' AS revision FROM pipeline_audit AS a WHERE a.id = ?1",
    )
