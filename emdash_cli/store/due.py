"""Which posts are due, found by index however many posts are scheduled.

Due times are compared as instants. Usually the text of a time, which is what the index holds, sorts like its instant. A
text with an offset or a space, as written by EmDash's API and other tools, may sort hours away from its instant. The
query therefore reads a range that certainly contains it, and checks it again with julianday().
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from emdash_cli.domain.ports import Statement

if TYPE_CHECKING:
    from emdash_cli.domain.article import FieldNames

OFFSET_HOURS: Final = 14
"""How far a text may sort after its instant: the easternmost offset."""

IS_SITE: Final = "EXISTS (SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'media')"

ON_SITE: Final = f"(SELECT CASE WHEN {IS_SITE} THEN {{most}} ELSE 0 END)"
"""SQL for LIMIT: the number of rows if EmDash itself runs there, otherwise none."""

HELD: Final = "(SELECT post_id FROM schedule_locks WHERE held_at > '')"
"""SQL: posts that are held until a person has reviewed them."""

ONLY_LOCKED: Final = """+p.deleted_at IS NULL AND +p.scheduled_at IS NULL
        AND (+p.status = 'draft' OR (+p.status = 'published' AND +p.draft_revision_id IS NOT NULL))"""
"""SQL: only its lock knows the time of held post p, since a sweep unschedules the posts that it holds on a site.

A published post without a draft is no longer held: EmDash has published it.
"""

INSTANT: Final = "coalesce(julianday({text}), 0)"
"""SQL: the instant of a stored time. An unreadable one is due at once, so that it is held and reported."""

# A text that does not sort like its instant. The embedded store has an index with the same condition.
_UNSORTED: Final = "(length({text}) <> 24 OR substr({text}, -1) <> 'Z')"


def candidates(names: FieldNames) -> str:
    """SQL: (id, wanted, instant) of due posts, oldest first within each kind, without held posts.

    ?1 now, ?2 now and `OFFSET_HOURS`, ?3 maximum number of each kind.
    """
    by_schedule = f"""
        SELECT p.id AS id, p.scheduled_at AS wanted, {INSTANT.format(text="p.scheduled_at")} AS instant
        FROM {names.table} AS p
        WHERE {{range}} AND +p.deleted_at IS NULL AND +p.status IN ('scheduled', 'published')
          AND {INSTANT.format(text="p.scheduled_at")} <= julianday(?1) AND p.id NOT IN {HELD}
        ORDER BY p.scheduled_at LIMIT ?3"""
    ordinary = by_schedule.format(range="p.scheduled_at <= ?1")
    unsorted = by_schedule.format(
        range=f"p.scheduled_at > ?1 AND p.scheduled_at <= ?2 AND {_UNSORTED.format(text='p.scheduled_at')}"
    )
    # Writers of the embedded store may set published_at alone; on a site, that means something else.
    embedded = f"(SELECT CASE WHEN {IS_SITE} THEN 0 ELSE ?3 END)"
    undated = f"""
        SELECT p.id, p.published_at, {INSTANT.format(text="p.published_at")}
        FROM {names.table} AS p
        WHERE p.status = 'scheduled' AND p.scheduled_at IS NULL AND p.published_at <= ?2 AND +p.deleted_at IS NULL
          AND {INSTANT.format(text="p.published_at")} <= julianday(?1) AND p.id NOT IN {HELD}
        ORDER BY p.published_at LIMIT {embedded}"""
    branches = " UNION ALL ".join(f"SELECT * FROM ({branch})" for branch in (ordinary, unsorted, undated))
    return f"candidate AS MATERIALIZED ({branches})"


def anything_due(names: FieldNames, now: str, later: str) -> Statement:
    """Whether any post is due: one row, or none."""
    return Statement(f"WITH {candidates(names)} SELECT 1 AS due FROM candidate LIMIT 1", (now, later, 1))
