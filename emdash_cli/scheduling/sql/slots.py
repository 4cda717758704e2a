"""Which posts take the slots of a stream.

A slot is taken by every post of the stream that goes live in it, however it was scheduled; a held post keeps its own.
Times are compared as instants: see `store.due`.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

from emdash_cli.domain.article import compact_json
from emdash_cli.domain.ports import Statement
from emdash_cli.store.due import IS_SITE, ONLY_LOCKED, UNSORTED

if TYPE_CHECKING:
    from collections.abc import Sequence

    from emdash_cli.domain.article import FieldNames

_MOST: Final = 1_000_000
_LIVE: Final = "+p.deleted_at IS NULL AND +p.status IN ('scheduled', 'published')"
"""SQL: the sweep publishes post p, or its change, at its time."""


def stream_of(post: str, otherwise: str) -> str:
    """SQL: the stream of a post, both given as SQL: the one that published it or, without one, the other."""
    return f"coalesce((SELECT l.stream FROM publish_ledger AS l WHERE l.post_id = {post}), {otherwise})"


def planned(names: FieldNames, start: str, end: str, otherwise: str) -> Statement:
    """Posts that are to go live from `start` until `end`, UTC texts: stream, at (as stored), id, slug, locale, held.

    A time with an offset or a space sorts hours away from its instant: the caller asks for more on either side, and
    compares the instants. A post of no stream counts for the one named `otherwise`.
    """
    columns = "p.id AS id, p.slug AS slug, p.locale AS locale"
    # A writer of the embedded store may set published_at alone; on a site, that means something else.
    most_embedded = f"(SELECT iif({IS_SITE}, 0, {_MOST}))"
    sql = f"""
    WITH wanted AS MATERIALIZED (
      SELECT {columns}, p.scheduled_at AS at FROM {names.table} AS p
      WHERE p.scheduled_at >= ?1 AND p.scheduled_at < ?2 AND {_LIVE}
      UNION ALL SELECT * FROM (
        SELECT {columns}, p.published_at FROM {names.table} AS p
        WHERE p.status = 'scheduled' AND p.scheduled_at IS NULL AND p.published_at >= ?1 AND p.published_at < ?2
          AND +p.deleted_at IS NULL LIMIT {most_embedded})
      UNION ALL SELECT {columns}, k.scheduled_at
      FROM schedule_locks AS k CROSS JOIN {names.table} AS p ON p.id = k.post_id
      WHERE k.held_at > '' AND +k.scheduled_at >= ?1 AND +k.scheduled_at < ?2 AND {ONLY_LOCKED}
    )
    SELECT {stream_of("w.id", "?3")} AS stream, w.at AS at, w.id AS id, w.slug AS slug, w.locale AS locale,
      (SELECT coalesce(k.held_reason, 'held') FROM schedule_locks AS k
       WHERE k.post_id = w.id AND k.held_at IS NOT NULL) AS held
    FROM wanted AS w"""
    return Statement(sql, (start, end, otherwise))


class Wanted(NamedTuple):
    """A slot that a post is to take; the times are UTC texts, as stored."""

    post_id: str
    stream: str
    at: str
    until: str


class Around(NamedTuple):
    """UTC texts between which all times sort that may lie in one of the slots, however they are written."""

    start: str
    end: str


def all_free(names: FieldNames, wanted: Sequence[Wanted], around: Around, otherwise: str) -> Statement:
    """The condition that no other post has taken one of the slots; a `Group` has it as its guard.

    Args:
        names: of the collection and its fields.
        wanted: at most as many as a group has posts.
        around: all of them.
        otherwise: the stream of posts that no stream published.
    """
    return Statement(_all_free(names), (compact_json(wanted), otherwise, *around))


@lru_cache(maxsize=4)
def _all_free(names: FieldNames) -> str:
    """?9 the slots, ?10 the stream of posts without one, ?11 and ?12 around them.

    Few times do not sort like their instants, and few posts are held, so these are read once for all slots.
    """
    slot = """(
      SELECT value ->> 0 AS post, value ->> 1 AS stream, value ->> 2 AS at, value ->> 3 AS until FROM json_each(?9))"""
    is_taken = "+{post}.id <> s.post AND " + stream_of("{post}.id", "?10") + " = s.stream"
    most_embedded = f"(SELECT iif({IS_SITE}, 0, {_MOST}))"
    live = _LIVE.replace("p.", "o.")
    return f"""NOT EXISTS (
      SELECT 1 FROM {slot} AS s
      CROSS JOIN {names.table} AS o ON o.scheduled_at >= s.at AND o.scheduled_at < s.until
      WHERE {live} AND {is_taken.format(post="o")}
    ) AND NOT EXISTS (
      WITH other AS MATERIALIZED (
        SELECT p.id AS id, julianday(p.scheduled_at) AS instant FROM {names.table} AS p
        WHERE p.scheduled_at >= ?11 AND p.scheduled_at < ?12 AND {UNSORTED.format(text="p.scheduled_at")} AND {_LIVE}
        UNION ALL SELECT * FROM (
          SELECT p.id, julianday(p.published_at) FROM {names.table} AS p
          WHERE p.status = 'scheduled' AND p.scheduled_at IS NULL AND p.published_at >= ?11 AND p.published_at < ?12
            AND +p.deleted_at IS NULL LIMIT {most_embedded})
        UNION ALL SELECT p.id, julianday(k.scheduled_at)
        FROM schedule_locks AS k CROSS JOIN {names.table} AS p ON p.id = k.post_id
        WHERE k.held_at > '' AND +k.scheduled_at >= ?11 AND +k.scheduled_at < ?12 AND {ONLY_LOCKED}
      )
      SELECT 1 FROM other CROSS JOIN {slot} AS s
        ON other.instant >= julianday(s.at) AND other.instant < julianday(s.until)
      WHERE {is_taken.format(post="other")}
    )"""
