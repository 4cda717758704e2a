"""Bylines and terms: the labels of a post, the existing labels, and what old term links copy from their post.

`author`, `terms` and `STREAM` are subqueries on the post ``p`` that read a few rows by index, so the cost of a list
depends only on what it shows.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from emdash_cli.domain.ports import Statement

if TYPE_CHECKING:
    from collections.abc import Sequence

    from emdash_cli.domain.article import FieldNames

# From EmDash's migration 068, terms belong to the translation group; before, to the post. The names of migrations
# start with three digits, and ':' sorts after '9'.
BY_GROUP: Final = "EXISTS (SELECT 1 FROM _emdash_migrations AS m WHERE m.name >= '068' AND m.name < ':')"
"""SQL: whether term links name the translation group of a post."""

TERMS_OWNER: Final = f"(CASE WHEN {BY_GROUP} THEN coalesce(p.translation_group, p.id) ELSE p.id END)"
"""The ``entry_id`` of a term link of post p."""

MOST: Final = 1_000
"""The maximum number of names that are searched for similar ones."""
LAST_CHARACTER: Final = "\U0010ffff"
"""Sorts after every other: the end of the range of a prefix."""

STREAM: Final = "(SELECT k.stream FROM publish_ledger AS k WHERE k.post_id = p.id)"


def author(names: FieldNames) -> str:
    """The author's name for display: the post's byline in the post's language, or its user's name.

    NULL for a user without a name: an e-mail address is never shown, and lists may be published, for example as feeds.
    """
    # SQLite does not allow an outer column in ORDER BY, so the sort keys are selected first.
    named = "SELECT b.display_name AS name, b.locale = p.locale AS is_near, b.locale AS locale"
    primary = f"""SELECT o.name FROM (
        {named} FROM _emdash_bylines AS b WHERE b.translation_group = p.primary_byline_id
      ) AS o ORDER BY o.is_near DESC, o.locale LIMIT 1"""
    credited = f"""SELECT o.name FROM (
        {named}, c.sort_order AS place, c.id AS id FROM _emdash_content_bylines AS c
        CROSS JOIN _emdash_bylines AS b ON b.translation_group = c.byline_id
        WHERE c.collection_slug = '{names.collection}' AND c.content_id = p.id
      ) AS o ORDER BY o.place, o.id, o.is_near DESC, o.locale LIMIT 1"""
    user = "SELECT u.name FROM users AS u WHERE u.id = p.author_id AND u.name > '' AND u.name NOT LIKE '%_@_%'"
    return f"coalesce(({primary}), ({credited}), ({user}))"


def terms(names: FieldNames, taxonomy: str) -> str:
    """Labels of a taxonomy's terms in the post's language, sorted by name, as a JSON array."""
    return f"""
      (SELECT json_group_array(t.label) FROM (
        SELECT x.label FROM content_taxonomies AS l
        CROSS JOIN taxonomies AS x ON x.translation_group = l.taxonomy_id AND +x.locale = p.locale
        WHERE l.collection = '{names.collection}' AND l.entry_id = {TERMS_OWNER} AND +x.name = '{taxonomy}'
        ORDER BY x.label) AS t)"""


def known_bylines(name: str) -> Statement:
    """Rows (slug, label, is_it) of bylines, the one with that slug or name first."""
    is_it = "b.slug = ?1 OR b.display_name = ?1"
    columns = "SELECT b.slug AS slug, b.display_name AS label"
    sql = f"""
    SELECT * FROM ({columns}, 1 AS is_it FROM _emdash_bylines AS b WHERE {is_it} LIMIT 1)
    UNION ALL SELECT * FROM ({columns}, 0 FROM _emdash_bylines AS b WHERE b.slug > '' ORDER BY b.slug LIMIT {MOST})"""
    return Statement(sql, (name,))


def users_known_as(keys: Sequence[str]) -> Statement:
    """Rows (asked, id, name, has_byline, shows_address) of the users with those e-mail addresses or ids.

    ``shows_address``: a byline of the user has an e-mail address as its name.
    """
    theirs = "FROM _emdash_bylines AS b WHERE b.user_id = u.id"
    sql = f"""
    SELECT j.value AS asked, u.id AS id, u.name AS name, EXISTS (SELECT 1 {theirs}) AS has_byline,
      EXISTS (SELECT 1 {theirs} AND b.display_name LIKE '%_@_%') AS shows_address
    FROM json_each(?1) AS j CROSS JOIN users AS u
      ON u.email = j.value OR u.email = lower(j.value) OR u.id = j.value"""
    return Statement(sql, (json.dumps(list(keys)),))


def known_terms(taxonomy: str, name: str) -> Statement:
    """Rows like those of `known_bylines`, for the terms of a taxonomy."""
    columns = "SELECT t.slug AS slug, t.label AS label"
    # With a range on both sides and an order, the planner takes the index even if it knows of only a few rows.
    those = "FROM taxonomies AS t WHERE t.name = ?2 AND t.slug > '' AND t.slug < ?3"
    sql = f"""
    SELECT * FROM (
      {columns}, 1 AS is_it {those} AND (+t.slug = ?1 OR +t.label = ?1) ORDER BY t.slug LIMIT 1)
    UNION ALL SELECT * FROM ({columns}, 0 {those} ORDER BY t.slug LIMIT {MOST})"""
    return Statement(sql, (name, taxonomy, LAST_CHARACTER))
