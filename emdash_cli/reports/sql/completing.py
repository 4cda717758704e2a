"""What a shell may complete: words that begin with a text, by index, never many."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from emdash_cli.domain.ports import Statement
from emdash_cli.store.due import HELD

if TYPE_CHECKING:
    from emdash_cli.domain.collection import FieldNames

MOST: Final = 50
_LAST: Final = "\U0010ffff"
"""Comes after every character: the end of the range of a prefix."""
_BEGINS: Final = "+p.slug >= ?1 AND +p.slug < ?2"
"""SQL: not by the index of slugs, which would look at every published post for the few that are wanted."""


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


def schedulable_beginning(names: FieldNames, start: str) -> Statement:
    """Slugs (``word``) of what `schedule` takes: drafts and changes of published posts, neither scheduled nor held."""
    return _slugs(
        f"""
    SELECT p.slug FROM {names.table} AS p
    WHERE p.deleted_at IS NULL AND p.status = 'draft' AND +p.scheduled_at IS NULL AND {_BEGINS}
      AND +p.id NOT IN {HELD}
    UNION SELECT p.slug FROM {names.table} AS p
    WHERE p.draft_revision_id > '' AND p.draft_revision_id IS NOT p.live_revision_id AND +p.deleted_at IS NULL
      AND +p.status = 'published' AND +p.scheduled_at IS NULL AND {_BEGINS} AND +p.id NOT IN {HELD}""",
        start,
    )


def scheduled_beginning(names: FieldNames, start: str) -> Statement:
    """Slugs (``word``) of what `reschedule` and `unschedule` take: posts that are scheduled or held."""
    return _slugs(
        f"""
    SELECT p.slug FROM {names.table} AS p
    WHERE p.scheduled_at IS NOT NULL AND +p.deleted_at IS NULL AND +p.status IN ('scheduled', 'published')
      AND {_BEGINS}
    UNION SELECT p.slug FROM {names.table} AS p
    WHERE p.deleted_at IS NULL AND p.status = 'scheduled' AND {_BEGINS}
    UNION SELECT p.slug FROM schedule_locks AS k CROSS JOIN {names.table} AS p ON p.id = k.post_id
    WHERE k.held_at > '' AND +p.deleted_at IS NULL AND {_BEGINS}""",
        start,
    )


def _slugs(found: str, start: str) -> Statement:
    return Statement(f"SELECT f.slug AS word FROM ({found}) AS f ORDER BY f.slug LIMIT {MOST}", (start, start + _LAST))
