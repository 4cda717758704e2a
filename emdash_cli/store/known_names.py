"""Whether there is a byline or a term of some name, and how the others are called."""

from __future__ import annotations

from typing import Final

from emdash_cli.domain.ports import Statement

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
