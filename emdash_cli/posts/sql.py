"""Statements that read posts: one query, which uses only indexes, for everything that belongs to a post."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from emdash_cli.domain.ports import Statement
from emdash_cli.store.announced import jobs_of
from emdash_cli.store.labels import LAST_CHARACTER, TERMS_OWNER

if TYPE_CHECKING:
    from emdash_cli.domain.article import FieldNames

_NEAR = 12


def _is_in(locale: str) -> str:
    """SQL: whether post p has the locale, in any spelling. NULL matches any locale."""
    return f"({locale} IS NULL OR lower(replace(p.locale, '_', '-')) = lower(replace({locale}, '_', '-')))"


def post(names: FieldNames, slug: str, locale: str | None, *, jobs: bool = False, ledger: bool = False) -> Statement:
    """The posts with that slug that are not in the trash, ordered by locale: at most one for each locale.

    Each row has all columns of the post, including a site's own fields, and also ``shown_revision``, ``shown_data`` and
    ``shown_at`` (the live revision of a published post, the draft of any other), and ``shown_bylines``,
    ``shown_terms``, ``shown_seo`` and ``shown_translations``, as JSON; with `jobs` also ``shown_jobs``, see `jobs_of`;
    with `ledger` also ``ledger_key``, ``ledger_metadata``, ``ledger_platforms`` and ``ledger_stream``.
    """
    more = f", {jobs_of('p.id')} AS shown_jobs" if jobs else ""
    columns = "key", "metadata", "platforms", "stream"
    more += "".join(f", k.{column} AS ledger_{column}" for column in columns) if ledger else ""
    joined = "LEFT JOIN publish_ledger AS k ON k.post_id = p.id" if ledger else ""
    return Statement(
        f"""
    {_everything(names, more)}
    {joined}
    WHERE p.slug = ?1 AND {_is_in("?2")} AND +p.deleted_at IS NULL
    ORDER BY +p.locale""",
        (slug, locale),
    )


class Selection(NamedTuple):
    """Which posts to read; None: any."""

    status: str | None = None
    stream: str | None = None
    locale: str | None = None


def page(names: FieldNames, wanted: Selection, after: str, most: int) -> Statement:
    """Rows as from `post`, of posts with ids above `after`, ordered by id. Posts in the trash are left out.

    Each row also has the columns of the ledger, ``ledger_key``, ``ledger_digest``, ``ledger_platforms`` and
    ``ledger_metadata``; and, for the post that it translates, ``source_slug`` and ``source_key``, which are None for
    the source itself.
    """
    ledger = ", ".join(f"k.{column} AS ledger_{column}" for column in ("key", "digest", "platforms", "metadata"))
    return Statement(
        f"""
    {_everything(names, f", {ledger}, o.slug AS source_slug, s.key AS source_key")}
    LEFT JOIN publish_ledger AS k ON k.post_id = p.id
    LEFT JOIN {names.table} AS o ON o.id <> p.id AND o.id = (
      SELECT g.id FROM {names.table} AS g WHERE g.translation_group = p.translation_group AND +g.deleted_at IS NULL
      ORDER BY g.id <> g.translation_group, g.id LIMIT 1)
    LEFT JOIN publish_ledger AS s ON s.post_id = o.id
    WHERE p.id > ?1 AND +p.deleted_at IS NULL AND (?2 IS NULL OR +p.status = ?2) AND (?3 IS NULL OR k.stream = ?3)
      AND {_is_in("?4")}
    ORDER BY p.id LIMIT CAST(?5 AS INTEGER)""",
        (after, *wanted, most),
    )


def one(names: FieldNames, post_id: str) -> Statement:
    """The row, as from `post`, of one post outside the trash, with ``source_slug`` of the post that it translates."""
    return Statement(
        f"""
    {_everything(names, ", o.slug AS source_slug")}
    LEFT JOIN {names.table} AS o ON o.id = p.translation_group AND o.id <> p.id AND +o.deleted_at IS NULL
    WHERE p.id = ?1 AND +p.deleted_at IS NULL""",
        (post_id,),
    )


def known(names: FieldNames, wanted: str, params: tuple[str, ...], also: str = "1") -> Statement:
    """Rows as of `post`, of the wanted posts, public or not, with ``ledger_key`` and ``ledger_metadata``.

    Args:
        names: of the collection.
        wanted: SQL of a query for ids.
        params: of that query.
        also: SQL: another condition on the posts (``p``).
    """
    return Statement(
        f"""
    {_everything(names, ", k.key AS ledger_key, k.metadata AS ledger_metadata")}
    LEFT JOIN publish_ledger AS k ON k.post_id = p.id
    WHERE p.id IN ({wanted}) AND {also}""",
        params,
    )


def public(names: FieldNames, wanted: str, params: tuple[str, ...]) -> Statement:
    """Rows as of `known`, of those of the wanted posts that are public."""
    return known(names, wanted, params, "+p.status = 'published' AND +p.deleted_at IS NULL")


def revisions(names: FieldNames, post_id: str) -> Statement:
    """The live revision and those before it, newest first.

    Columns: whether title and text are those of the live one, when the revision was made, when a sweep made it public,
    and when the post came into the ledger.
    """
    same = " AND ".join(
        f"""r.data ->> '$."{name}"' IS v.data ->> '$."{name}"'""" for name in (names.title, names.content)
    )
    return Statement(
        f"""
    SELECT r.id, {same} AS is_same, strftime('%Y-%m-%dT%H:%M:%fZ', r.created_at) AS created_at,
      (SELECT min(a.at) FROM pipeline_audit AS a
        WHERE a.post_id = p.id AND a.action = 'published' AND a.detail ->> 'revision' = r.id) AS live_at,
      (SELECT l.recorded_at FROM publish_ledger AS l WHERE l.post_id = p.id AND l.outcome = 'published') AS recorded_at
    FROM {names.table} AS p CROSS JOIN revisions AS v ON v.id = p.live_revision_id
    CROSS JOIN revisions AS r ON r.collection = '{names.collection}' AND r.entry_id = p.id
    WHERE p.id = ?1 AND json_valid(v.data) AND json_valid(r.data)
      AND (r.created_at < v.created_at OR r.created_at = v.created_at AND r.id <= v.id)
    ORDER BY r.created_at DESC, r.id DESC""",
        (post_id,),
    )


def authors(names: FieldNames, post_id: str) -> Statement:
    """Name and website of each credited author, in order."""
    return Statement(
        f"""
    SELECT a.display_name AS name, a.website_url AS url FROM {names.table} AS p
    CROSS JOIN _emdash_content_bylines AS c ON c.collection_slug = '{names.collection}' AND c.content_id = p.id
    CROSS JOIN _emdash_bylines AS a ON a.translation_group = c.byline_id AND +a.locale = p.locale
    WHERE p.id = ?1 ORDER BY c.sort_order, c.id""",
        (post_id,),
    )


def _everything(names: FieldNames, more: str = "") -> str:
    return f"""SELECT p.*, r.id AS shown_revision, r.data AS shown_data, r.created_at AS shown_at,
      {_bylines(names)} AS shown_bylines,
      {_terms(names)} AS shown_terms,
      (SELECT json_object('title', s.seo_title, 'description', s.seo_description, 'image', s.seo_image,
          'canonical', s.seo_canonical, 'no_index', s.seo_no_index)
        FROM _emdash_seo AS s WHERE s.collection = '{names.collection}' AND s.content_id = p.id) AS shown_seo,
      (SELECT json_group_array(json_object('locale', sibling.locale, 'slug', sibling.slug, 'status', sibling.status))
        FROM (
          SELECT t.locale, t.slug, t.status FROM {names.table} AS t
          WHERE t.translation_group = p.translation_group AND t.id <> p.id AND +t.deleted_at IS NULL
          ORDER BY t.locale) AS sibling) AS shown_translations,
      (SELECT e.expires_at FROM post_expiries AS e WHERE e.post_id = p.id) AS shown_expires_at{more}
    FROM {names.table} AS p
    LEFT JOIN revisions AS r ON r.id = CASE WHEN p.status = 'published' THEN p.live_revision_id
      ELSE coalesce(p.draft_revision_id, p.live_revision_id) END"""


def _bylines(names: FieldNames) -> str:
    return f"""
      (SELECT json_group_array(json_object(
          'name', credited.display_name, 'slug', credited.slug, 'role', credited.role_label)) FROM (
          SELECT a.display_name, a.slug, c.role_label FROM _emdash_content_bylines AS c
          CROSS JOIN _emdash_bylines AS a ON a.translation_group = c.byline_id AND +a.locale = p.locale
          WHERE c.collection_slug = '{names.collection}' AND c.content_id = p.id
          ORDER BY c.sort_order, c.id) AS credited)"""


def _terms(names: FieldNames) -> str:
    return f"""
      (SELECT json_group_array(json_object('taxonomy', term.name, 'slug', term.slug, 'label', term.label)) FROM (
          SELECT x.name, x.slug, x.label FROM content_taxonomies AS l
          CROSS JOIN taxonomies AS x ON x.translation_group = l.taxonomy_id AND +x.locale = p.locale
          WHERE l.collection = '{names.collection}' AND l.entry_id = {TERMS_OWNER}
          ORDER BY x.name, x.label, x.id) AS term)"""


def neighbours(names: FieldNames, slug: str) -> Statement:
    """The slugs before and after `slug` in alphabetical order, and `slug` itself, with ``locale`` and ``trashed``."""
    columns = f"SELECT p.slug, p.locale, p.deleted_at IS NOT NULL AS trashed FROM {names.table} AS p"
    return Statement(
        f"""
    SELECT * FROM ({columns} WHERE p.slug >= ?1 ORDER BY p.slug LIMIT {_NEAR})
    UNION ALL SELECT * FROM ({columns} WHERE p.slug < ?1 ORDER BY p.slug DESC LIMIT {_NEAR})""",
        (slug,),
    )


def slugs_beginning(names: FieldNames, prefix: str, most: int) -> Statement:
    """Slugs with that prefix of posts that are not in the trash, without repetition, in alphabetical order."""
    return Statement(
        f"SELECT DISTINCT p.slug FROM {names.table} AS p WHERE p.slug >= ?1 AND p.slug < ?2 AND +p.deleted_at IS NULL"
        " ORDER BY p.slug LIMIT CAST(?3 AS INTEGER)",
        (prefix, prefix + LAST_CHARACTER, most),
    )
