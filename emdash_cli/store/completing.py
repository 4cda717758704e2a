"""What a shell may complete: words that begin with a text, by index, never many."""

from __future__ import annotations

from typing import Final

from emdash_cli.domain.ports import Statement

MOST: Final = 50
_LAST: Final = "\U0010ffff"
"""Comes after every character: the end of the range of a prefix."""


def authors_beginning(start: str) -> Statement:
    """Slugs of bylines (``word``) with their names (``told``)."""
    sql = f"""
    SELECT b.slug AS word, min(b.display_name) AS told FROM _emdash_bylines AS b
    WHERE b.slug >= ?1 AND b.slug < ?2 GROUP BY b.slug ORDER BY b.slug LIMIT {MOST}"""
    return Statement(sql, (start, start + _LAST))


def terms_beginning(taxonomy: str, start: str) -> Statement:
    """Slugs of terms (``word``) with their labels (``told``)."""
    sql = f"""
    SELECT t.slug AS word, min(t.label) AS told FROM taxonomies AS t
    WHERE t.name = ?3 AND t.slug >= ?1 AND t.slug < ?2 GROUP BY t.slug ORDER BY t.slug LIMIT {MOST}"""
    return Statement(sql, (start, start + _LAST, taxonomy))
