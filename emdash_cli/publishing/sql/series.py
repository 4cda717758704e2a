"""Number series: the last number that a pattern's slugs reached in a locale."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emdash_cli.domain.ports import Statement

if TYPE_CHECKING:
    from collections.abc import Sequence

    from emdash_cli.domain.collection import FieldNames
    from emdash_cli.domain.ports import Row
    from emdash_cli.domain.slugs import SlugPattern

_CANDIDATES = 1000
"""Slugs that look numbered and may not be (`3d-printing`), at most, before the last one of the series."""


def last_numbers(names: FieldNames, pattern: SlugPattern, locale: str) -> list[Statement]:
    """Two reads for `last_number`: the highest number given, and the latest published slugs that may fit.

    Whoever gave a slug, and however: one that fits counts, as `041-first` in a file of its own does.
    Only what was published since the series' last entry can be news; before its first one, the whole blog is.
    """
    series = pattern.series(locale)
    return [
        Statement(
            "SELECT number, slug FROM publish_ledger WHERE series = ?1 AND number IS NOT NULL"
            " ORDER BY number DESC LIMIT 1",
            (series,),
        ),
        Statement(
            f"""
            SELECT p.slug AS slug FROM {names.table} AS p
            WHERE p.deleted_at IS NULL AND +p.status = 'published' AND +p.locale = ?2 AND p.slug GLOB ?3
              AND p.published_at >= coalesce((
                SELECT l.recorded_at FROM publish_ledger AS l WHERE l.series = ?1 ORDER BY l.number DESC LIMIT 1), '')
            ORDER BY p.published_at DESC, p.id DESC LIMIT {_CANDIDATES}""",
            (series, locale, pattern.glob()),
        ),
    ]


def last_number(pattern: SlugPattern, given: Sequence[Row], published: Sequence[Row]) -> tuple[int, int]:
    """The number to count on from, and the width that it is padded to; (0, 0) where nothing was published."""
    slugs = [str(row["slug"]) for row in given]
    fitting = (str(row["slug"]) for row in published if pattern.number_in(str(row["slug"])))
    slugs += [slug for slug in [next(fitting, None)] if slug]
    numerals = [numeral for slug in slugs if (numeral := pattern.number_in(slug))]
    last = max(numerals, default=None)
    return (last.value, last.width) if last else (0, 0)
