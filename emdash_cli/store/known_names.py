"""Whether there is a byline or a term of some name, and how the others are called."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from emdash_cli.domain.ports import Statement

if TYPE_CHECKING:
    from collections.abc import Sequence

    from emdash_cli.domain.collection import FieldNames

MOST: Final = 1_000
"""Names at most that are looked through for similar ones."""
_LAST: Final = "\U0010ffff"


def bylines(name: str) -> Statement:
    """Rows (slug, label, is_it) of bylines, the one with that slug or name first."""
    is_it = "b.slug = ?1 OR b.display_name = ?1"
    columns = "SELECT b.slug AS slug, b.display_name AS label"
    sql = f"""
    SELECT * FROM ({columns}, 1 AS is_it FROM _emdash_bylines AS b WHERE {is_it} LIMIT 1)
    UNION ALL SELECT * FROM ({columns}, 0 FROM _emdash_bylines AS b WHERE b.slug > '' ORDER BY b.slug LIMIT {MOST})"""
    return Statement(sql, (name,))


def users_known_as(keys: Sequence[str]) -> Statement:
    """Rows (asked, id, name, has_byline, shows_address) of the users with those e-mail addresses or ids.

    ``shows_address``: a byline of theirs has an e-mail address for its name.
    """
    theirs = "FROM _emdash_bylines AS b WHERE b.user_id = u.id"
    sql = f"""
    SELECT j.value AS asked, u.id AS id, u.name AS name, EXISTS (SELECT 1 {theirs}) AS has_byline,
      EXISTS (SELECT 1 {theirs} AND b.display_name LIKE '%_@_%') AS shows_address
    FROM json_each(?1) AS j CROSS JOIN users AS u
      ON u.email = j.value OR u.email = lower(j.value) OR u.id = j.value"""
    return Statement(sql, (json.dumps(list(keys)),))


def locales(names: FieldNames) -> Statement:
    """Rows (locale) of the locales that posts have: one step into an index for each, however many posts there are."""
    least = f"SELECT min(p.locale) FROM {names.table} AS p WHERE p.deleted_at IS NULL"
    return Statement(f"""
    WITH RECURSIVE found (locale) AS (
      {least} UNION ALL SELECT ({least} AND p.locale > f.locale) FROM found AS f WHERE f.locale IS NOT NULL
    ) SELECT locale FROM found WHERE locale IS NOT NULL""")


def terms(taxonomy: str, name: str) -> Statement:
    """Rows as of `bylines`, of the terms of a taxonomy."""
    columns = "SELECT t.slug AS slug, t.label AS label"
    # A range on both sides and an order have the planner take the index even where it knows of few rows.
    those = "FROM taxonomies AS t WHERE t.name = ?2 AND t.slug > '' AND t.slug < ?3"
    sql = f"""
    SELECT * FROM (
      {columns}, 1 AS is_it {those} AND (+t.slug = ?1 OR +t.label = ?1) ORDER BY t.slug LIMIT 1)
    UNION ALL SELECT * FROM ({columns}, 0 {those} ORDER BY t.slug LIMIT {MOST})"""
    return Statement(sql, (name, taxonomy, _LAST))
