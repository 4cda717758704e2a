"""Which posts are due, found by index however many posts are scheduled.

Due times are compared as instants. Usually the text of a time, which is what the index holds, sorts like its instant. A
text with an offset or a space, as written by EmDash's API and other tools, may sort hours away from its instant. The
query therefore reads a range that certainly contains it, and checks it again with julianday().

A scheduled post in the trash is not due. EmDash's restore changes ``deleted_at`` and nothing else, so afterwards the
post looks as if it had never been there. What a sweep sees in the trash is therefore noted, and the note is kept until
the post is back before its time (docs/decisions/expiry.md).
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

UNSORTED: Final = "(length({text}) <> 24 OR substr({text}, -1) <> 'Z')"
"""SQL: the text of a time does not sort like its instant. The embedded store has an index with the same condition."""


def candidates(names: FieldNames, deleted: str = "IS NULL") -> str:
    """SQL: (id, wanted, instant) of due posts, oldest first within each kind, without held posts.

    ?1 now, ?2 now and `OFFSET_HOURS`, ?3 maximum number of each kind.

    Args:
        names: of the collection.
        deleted: SQL: what is true of ``deleted_at``; ``IS NOT NULL`` finds the due posts in the trash.
    """
    by_schedule = f"""
        SELECT p.id AS id, p.scheduled_at AS wanted, {INSTANT.format(text="p.scheduled_at")} AS instant
        FROM {names.table} AS p
        WHERE {{range}} AND +p.deleted_at {deleted} AND +p.status IN ('scheduled', 'published')
          AND {INSTANT.format(text="p.scheduled_at")} <= julianday(?1) AND p.id NOT IN {HELD}
        ORDER BY p.scheduled_at LIMIT ?3"""
    ordinary = by_schedule.format(range="p.scheduled_at <= ?1")
    unsorted = by_schedule.format(
        range=f"p.scheduled_at > ?1 AND p.scheduled_at <= ?2 AND {UNSORTED.format(text='p.scheduled_at')}"
    )
    # Writers of the embedded store may set published_at alone; on a site, that means something else.
    embedded = f"(SELECT CASE WHEN {IS_SITE} THEN 0 ELSE ?3 END)"
    undated = f"""
        SELECT p.id, p.published_at, {INSTANT.format(text="p.published_at")}
        FROM {names.table} AS p
        WHERE p.status = 'scheduled' AND p.scheduled_at IS NULL AND p.published_at <= ?2 AND +p.deleted_at {deleted}
          AND {INSTANT.format(text="p.published_at")} <= julianday(?1) AND p.id NOT IN {HELD}
        ORDER BY p.published_at LIMIT {embedded}"""
    branches = " UNION ALL ".join(f"SELECT * FROM ({branch})" for branch in (ordinary, unsorted, undated))
    return f"candidate AS MATERIALIZED ({branches})"


def anything_due(names: FieldNames, now: str, later: str) -> Statement:
    """Whether any post is due: one row, or none."""
    return Statement(f"WITH {candidates(names)} SELECT 1 AS due FROM candidate LIMIT 1", (now, later, 1))


def anything_expired(names: FieldNames, now: str) -> Statement:
    """Whether any live post is to be taken down: one row, or none."""
    sql = f"""
    SELECT 1 AS expired FROM post_expiries AS e CROSS JOIN {names.table} AS p ON p.id = e.post_id
    WHERE e.expires_at <= ?1 AND +p.status = 'published' AND +p.deleted_at IS NULL LIMIT 1"""
    return Statement(sql, (now,))


_IS_SCHEDULED: Final = "(+p.scheduled_at IS NOT NULL OR +p.status = 'scheduled')"
_SINCE: Final = """coalesce(
      (SELECT strftime('%Y-%m-%dT%H:%M:%fZ', h.seen_at, '-1 hour') FROM pipeline_heartbeats AS h
       WHERE h.kind = 'sweep'), '')"""
"""SQL: when the sweep before may have looked last: the clock of whoever trashes posts may be wrong by an hour."""
_WANTED: Final = f"""CASE WHEN p.scheduled_at IS NOT NULL THEN p.scheduled_at
        WHEN p.status = 'scheduled' AND NOT {IS_SITE} THEN p.published_at END"""
"""SQL: when post p is to be published; on a site, published_at alone means something else."""


def note_trashed(names: FieldNames, now: str) -> list[Statement]:
    """Note what was trashed since the sweep before, and forget what is back in time; before the heartbeat is renewed.

    Args:
        names: of the collection.
        now: UTC text.
    """
    note = f"""
    INSERT INTO trashed_schedules (post_id, seen_at)
    SELECT p.id, ?1 FROM {names.table} AS p
    WHERE p.deleted_at >= {_SINCE} AND {_IS_SCHEDULED} AND p.id NOT IN {HELD}
    ON CONFLICT DO NOTHING"""
    forget = f"""
    DELETE FROM trashed_schedules WHERE NOT EXISTS (
      SELECT 1 FROM {names.table} AS p WHERE p.id = trashed_schedules.post_id AND (+p.deleted_at IS NOT NULL
        OR ({_WANTED}) IS NOT NULL AND {INSTANT.format(text=f"({_WANTED})")} <= julianday(?1)))"""
    return [Statement(note, (now,)), Statement(forget, (now,))]


def overdue_in_trash(names: FieldNames) -> str:
    """SQL: CTEs up to ``overdue`` (id, wanted): posts whose time passed in the trash, even if they are back by now.

    ?1 now, ?2 now and `OFFSET_HOURS`, ?3 maximum number. A post that is back and was then scheduled with a lock is
    none of them.
    """
    return f"""{candidates(names, "IS NOT NULL")},
    back AS MATERIALIZED (
      SELECT w.id, w.wanted FROM (
        SELECT n.post_id AS id, (
          SELECT {_WANTED} FROM {names.table} AS p
          WHERE p.id = n.post_id AND +p.deleted_at IS NULL AND {_IS_SCHEDULED}) AS wanted
        FROM trashed_schedules AS n
        WHERE n.post_id NOT IN {HELD} AND NOT EXISTS (
          SELECT 1 FROM schedule_locks AS k WHERE k.post_id = n.post_id AND k.locked_at > n.seen_at)
      ) AS w WHERE w.wanted IS NOT NULL AND {INSTANT.format(text="w.wanted")} <= julianday(?1) LIMIT ?3
    ),
    overdue AS MATERIALIZED (
      SELECT id, wanted FROM candidate UNION ALL SELECT id, wanted FROM back LIMIT ?3)"""


OVERDUE_IN_TRASH: Final = "overdue_in_trash"
"""Why such a post is held: a code of `HOLDS`."""


def find_overdue_in_trash(names: FieldNames, now: str, later: str, size: int) -> Statement:
    """The posts that `overdue_in_trash` finds, in rows like those of a sweep: ``action``, ``code``, ``post_id`` etc.

    Args:
        names: of the collection.
        now: UTC text.
        later: UTC text, `OFFSET_HOURS` after it.
        size: maximum number of posts.
    """
    sql = f"""
    WITH {overdue_in_trash(names)}
    SELECT 'held' AS action, '{OVERDUE_IN_TRASH}' AS code, p.id AS post_id, p.slug AS slug, p.locale AS locale,
      NULL AS published_at
    FROM overdue AS d CROSS JOIN {names.table} AS p ON p.id = d.id ORDER BY p.id"""
    return Statement(sql, (now, later, size))
