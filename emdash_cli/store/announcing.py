"""What a batch that makes posts live writes for the platforms: the lanes as the settings have them, and the jobs.

The rows of the lanes decide alone who is announced where, so nothing else of the settings is handed through publishing.
"""

from __future__ import annotations

import json
from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

from emdash_cli.domain.delivery import Lane
from emdash_cli.domain.ports import Statement

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from emdash_cli.domain.ports import Row
    from emdash_cli.store.layout import Layout

# Columns whose values come from the settings, as SQL of the row j of the JSON; `since` has rules of its own.
_AT: Final = {field: place for place, field in enumerate(Lane._fields)}
_SET: Final = {
    "kind": f"j.value ->> {_AT['kind']}",
    "streams": f"j.value ->> {_AT['streams']}",
    "idempotent": f"j.value ->> {_AT['idempotent']}",
    "sends_updates": f"j.value ->> {_AT['sends_updates']}",
    "every_change": f"j.value ->> {_AT['every_change']}",
    "stale_after_s": f"j.value ->> {_AT['stale_after_s']}",
    "concurrency": f"j.value ->> {_AT['concurrency']}",
    "interval_us": f"j.value ->> {_AT['interval_us']}",
    "burst": f"j.value ->> {_AT['burst']}",
    "budget": f"j.value ->> {_AT['budget']}",
    "events": f"j.value ->> {_AT['events']}",
}
_SINCE: Final = f"j.value ->> {_AT['since']}"
_SET_UP_AT: Final = "iif(removed_at IS NULL, set_up_at, ?2)"

# ?1 lanes, ?2 now. A lane that comes back begins anew: what went live while it was away is not announced late. When it
# was set up is kept beside `since`, which is that instant again once the settings no longer say another one.
_CHANGE: Final = f"""
UPDATE publish_lanes SET removed_at = NULL, set_up_at = {_SET_UP_AT}, since = coalesce({_SINCE}, {_SET_UP_AT}),
  {", ".join(f"{column} = {value}" for column, value in _SET.items())}
FROM json_each(?1) AS j
WHERE publish_lanes.lane = j.value ->> {_AT["name"]} AND (
  publish_lanes.removed_at IS NOT NULL OR publish_lanes.since IS NOT coalesce({_SINCE}, publish_lanes.set_up_at)
  OR ({", ".join(f"publish_lanes.{column}" for column in _SET)}) IS NOT ({", ".join(_SET.values())}))"""
_ADD: Final = f"""
INSERT INTO publish_lanes (lane, since, set_up_at, {", ".join(_SET)})
SELECT j.value ->> {_AT["name"]}, coalesce({_SINCE}, ?2), ?2, {", ".join(_SET.values())} FROM json_each(?1) AS j
WHERE 1 ON CONFLICT DO NOTHING"""
_REMOVE: Final = f"""
UPDATE publish_lanes SET removed_at = ?2
WHERE removed_at IS NULL AND lane NOT IN (SELECT j.value ->> {_AT["name"]} FROM json_each(?1) AS j)"""


def keep_lanes(lanes: Sequence[Lane], now: str) -> list[Statement]:
    """Make the lanes those of the settings; nothing is written where they are.

    Args:
        lanes: all that the settings have.
        now: UTC text.
    """
    packed = _packed(lanes)
    return [Statement(sql, (packed, now)) for sql in (_CHANGE, _ADD, _REMOVE)]


@lru_cache(maxsize=8)
def _packed(lanes: tuple[Lane, ...]) -> str:
    rows = [[int(value) if isinstance(value, bool) else value for value in _with_json(lane)] for lane in lanes]
    return json.dumps(rows, separators=(",", ":"))


def _with_json(lane: Lane) -> Lane | tuple[object, ...]:
    values: list[object] = list(lane)
    for name in ("streams", "events"):
        values[_AT[name]] = json.dumps(values[_AT[name]], separators=(",", ":"))
    return tuple(values)


def jobs(layout: Layout, rows: str, which: str, paths: tuple[str, str], *, are_new: bool) -> list[str]:
    """SQL of the jobs that follow from public changes; parameters as those of `went_live`, and ?6, whether to announce.

    Args:
        layout: of the store.
        rows: of `went_live.ChangedPosts`.
        which: SQL: the rows (``a``) whose posts are public now.
        paths: SQL: the path of a post, and the one that it had before or NULL.
        are_new: whether all the posts were inserted by this batch.
    """
    path, path_before = paths
    change = f"json_object('path', {path}, 'path_before', {path_before})"
    statements = [_announce(layout, rows, which, change, are_new=are_new)]
    return (
        statements
        if are_new
        else [
            *statements,
            _revive(layout, rows, which, change),
            _update(rows, which, change),
        ]
    )


def jobs_of_withdrawn(layout: Layout, rows: str, which: str, path: str) -> list[str]:
    """SQL of what follows when posts are taken back; parameters as those of `went_live`.

    What waits to be announced is discarded. Platforms that are told of every change, as caches and search engines are,
    are told of this one, too; what they were to be told before stays as it is.

    Args:
        layout: of the store.
        rows: of `went_live.ChangedPosts`.
        which: SQL: the rows (``a``) whose posts were public.
        path: SQL: where the post was.
    """
    return [_discard(layout, rows, which), _tell(rows, which, f"json_object('path', {path}, 'path_before', NULL)")]


_IS_PUBLIC: Final = "(+p.status = 'published' AND +p.deleted_at IS NULL)"
_TAKEN_BACK: Final = "the post was taken back before this was sent"
"""The error of a discarded job by which its announcement is known as one to make when the post is published again."""


@lru_cache(maxsize=8)
def _discard(layout: Layout, rows: str, which: str) -> str:
    """Not if the batch is sent again after the post was published again."""
    return f"""
    UPDATE publish_jobs SET state = 'discarded', ended_at = ?3, error = '{_TAKEN_BACK}'
    FROM (
      SELECT a.post_id AS subject FROM {rows} AS a CROSS JOIN {layout.posts} AS p ON p.id = a.post_id
      WHERE {which} AND NOT {_IS_PUBLIC} AND coalesce(?4, ?5) IS NOT NULL LIMIT 1000) AS w
    WHERE publish_jobs.subject = w.subject AND +publish_jobs.state = 'pending'
      AND +publish_jobs.kind IN ('announce', 'update') AND EXISTS (
        SELECT 1 FROM publish_lanes AS n WHERE n.lane = publish_jobs.lane AND NOT n.every_change)"""


@lru_cache(maxsize=8)
def _tell(rows: str, which: str, change: str) -> str:
    """Ahead of announcements: a page that was taken back should not be seen any longer than it must."""
    return f"""
    INSERT INTO publish_jobs (subject, lane, kind, version, priority, run_after, change, created_at, triggered_by)
    SELECT a.post_id, n.lane, 'update', CAST(a.detail ->> 'version' AS INTEGER) + 1, 1, ?3, {change}, ?3, a.actor
    FROM {rows} AS a CROSS JOIN publish_lanes AS n LEFT JOIN publish_ledger AS l ON l.post_id = a.post_id
    WHERE {which} AND n.removed_at IS NULL AND n.every_change AND {IS_WANTED}
    ON CONFLICT DO NOTHING"""


# The wish of the file, if it has one: [] is none at all. Otherwise the stream's.
IS_WANTED: Final = """CASE WHEN l.platforms IS NULL
      THEN EXISTS (SELECT 1 FROM json_each(n.streams) AS s WHERE s.value = coalesce(l.stream, ''))
      ELSE EXISTS (SELECT 1 FROM json_each(l.platforms) AS w WHERE w.value = n.lane) END"""


_TAKES_FIRST: Final = """(n.events = '[]' OR instr(n.events, '"post.published"'))"""
"""SQL: whether the lane is notified when a post goes live for the first time; one that takes events may not be."""


def _moved(instant: str, sign: str) -> str:
    """SQL: the instant and the lane's `stale_after_s`; NULL if that is."""
    return f"strftime('%Y-%m-%dT%H:%M:%fZ', {instant}, '{sign}' || n.stale_after_s || ' seconds')"


@lru_cache(maxsize=8)
def _announce(layout: Layout, rows: str, which: str, change: str, *, are_new: bool) -> str:
    """The first time that a post is public, once for each lane, ever.

    Not what went live before the lane was there, nor a new post that is dated so far back that it would be too late at
    once. What was scheduled and is late through no fault of its own becomes a job, which then is dead and reported.
    """
    oldest = _moved("?3", "-") if are_new else "NULL"
    return f"""
    INSERT INTO publish_jobs (subject, lane, kind, run_after, stale_at, change, created_at, triggered_by)
    SELECT a.post_id, n.lane, 'announce', ?3, {_moved("p.published_at", "+")}, {change}, ?3, a.actor
    FROM {rows} AS a CROSS JOIN {layout.posts} AS p ON p.id = a.post_id
    LEFT JOIN publish_ledger AS l ON l.post_id = a.post_id
    CROSS JOIN publish_lanes AS n
    WHERE {which} AND a.status_before IS NOT 'published' AND n.removed_at IS NULL AND {IS_WANTED}
      AND {_TAKES_FIRST} AND (n.every_change OR (?6 AND p.published_at >= n.since
        AND p.published_at >= coalesce({oldest}, '')))
    ON CONFLICT DO NOTHING"""


def known_since() -> Statement:
    """A row for each lane that is in use: ``lane``, and ``since`` when it is, unless the settings say otherwise."""
    return Statement("SELECT lane, set_up_at AS since FROM publish_lanes WHERE removed_at IS NULL")


class Expected(NamedTuple):
    """A post that would go live, or whose public version would change.

    Attributes:
        post: its id.
        is_from_file: whether a file makes the change, and says where the post is announced.
        platforms: what the file says of that, as in the ledger.
        published_at: UTC text: of a post that was never live; None: when it is scheduled, or now.
        scheduled_at: UTC text: when it goes live, in place of what the store has; None: as there.
    """

    post: str
    is_from_file: bool = False
    platforms: str | None = None
    published_at: str | None = None
    scheduled_at: str | None = None


def expected(layout: Layout, posts: Sequence[Expected], lanes: Sequence[Lane], now: str) -> Statement:
    """Where these posts would be announced if they went live or were changed now: ``post_id`` and ``lane``.

    Args:
        layout: of the store.
        posts: which ones.
        lanes: all that the settings have.
        now: UTC text.
    """
    lane = f"j.value ->> {_AT['name']}"
    settings = ", ".join(f"{_SET[name]} AS {name}" for name in ("streams", "sends_updates", "every_change", "events"))
    is_wanted = IS_WANTED.replace("l.platforms", "iif(o.value ->> 1, o.value ->> 2, l.platforms)")
    goes_live = "coalesce(o.value ->> 4, p.scheduled_at, p.published_at, o.value ->> 3, ?3)"
    announced = "SELECT 1 FROM publish_jobs AS k WHERE k.subject = p.id AND k.lane = n.lane AND k.kind = 'announce'"
    out = "k.state IN ('running', 'done', 'unknown')"
    return Statement(
        f"""
    SELECT p.id AS post_id, n.lane FROM json_each(?1) AS o CROSS JOIN {layout.posts} AS p ON p.id = o.value ->> 0
    LEFT JOIN publish_ledger AS l ON l.post_id = p.id
    CROSS JOIN (SELECT j.key AS place, {lane} AS lane, {settings}, coalesce({_SINCE}, h.set_up_at, ?3) AS since
      FROM json_each(?2) AS j LEFT JOIN publish_lanes AS h ON h.lane = {lane} AND h.removed_at IS NULL) AS n
    WHERE CASE
      WHEN n.every_change THEN {is_wanted}
      WHEN p.status = 'published' THEN n.sends_updates AND iif({_TAKES_FIRST},
        EXISTS ({announced} AND {out}), {is_wanted})
      WHEN EXISTS ({announced} AND {out}) THEN n.sends_updates
      ELSE {is_wanted} AND {_TAKES_FIRST} AND {goes_live} >= n.since
        AND NOT EXISTS ({announced} AND NOT (k.state = 'discarded' AND k.error IS '{_TAKEN_BACK}')) END
    ORDER BY o.key, n.place""",
        (json.dumps(posts), _packed(tuple(lanes)), now),
    )


def where_announced(posts: Sequence[str]) -> Statement:
    """Where these posts were announced, or may have been: ``post_id`` and ``lane``. Caches and engines do not count."""
    return Statement(
        """
    SELECT DISTINCT j.subject AS post_id, j.lane FROM json_each(?1) AS o CROSS JOIN publish_jobs AS j
      ON j.subject = o.value AND j.kind = 'announce' AND j.state IN ('running', 'done', 'unknown')
    CROSS JOIN publish_lanes AS n ON n.lane = j.lane AND NOT n.every_change
    ORDER BY o.key, j.lane""",
        (json.dumps(list(posts)),),
    )


def by_post(rows: Iterable[Row]) -> dict[str, tuple[str, ...]]:
    """The names of the lanes by post, of the rows of `expected` or `where_announced`."""
    found: dict[str, tuple[str, ...]] = {}
    for row in rows:
        post = str(row["post_id"])
        found[post] = (*found.get(post, ()), str(row["lane"]))
    return found


@lru_cache(maxsize=8)
def _revive(layout: Layout, rows: str, which: str, change: str) -> str:
    """An announcement that was never sent, since the post was taken back, is made now, unless it is too late.

    Not if somebody has announced the post by hand since: EmDash's admin can bring it back from the trash.
    """
    return f"""
    UPDATE publish_jobs SET state = 'pending', run_after = ?3, ended_at = NULL, error = NULL, change = w.change
    FROM (
      SELECT a.post_id AS subject, {change} AS change
      FROM {rows} AS a CROSS JOIN {layout.posts} AS p ON p.id = a.post_id
      WHERE {which} AND {_IS_PUBLIC} AND ?6 LIMIT 1000) AS w
    WHERE publish_jobs.subject = w.subject AND +publish_jobs.kind = 'announce' AND +publish_jobs.state = 'discarded'
      AND +publish_jobs.error = '{_TAKEN_BACK}' AND coalesce(publish_jobs.stale_at > ?3, 1)
      AND NOT EXISTS (SELECT 1 FROM publish_jobs AS k WHERE k.subject = publish_jobs.subject
        AND k.lane = publish_jobs.lane AND k.kind = 'announce' AND k.id > publish_jobs.id)
      AND EXISTS (
        SELECT 1 FROM publish_lanes AS n WHERE n.lane = publish_jobs.lane AND n.removed_at IS NULL)"""


_IS_PUBLIC_AGAIN: Final = """EXISTS (SELECT 1 FROM publish_jobs AS j WHERE j.subject = a.post_id AND j.lane = n.lane
        AND j.kind = 'announce' AND j.state <> 'pending' AND j.created_at < ?3)"""
"""SQL: the platform was told of the post before; it cannot be announced there a second time."""


@lru_cache(maxsize=8)
def _update(rows: str, which: str, change: str) -> str:
    """A change of a public post, where it was announced; several that are not sent yet are one.

    That a post is public again is such a change.
    """
    return f"""
    INSERT INTO publish_jobs (subject, lane, kind, version, priority, run_after, change, created_at, triggered_by)
    SELECT a.post_id, n.lane, 'update', CAST(a.detail ->> 'version' AS INTEGER) + 1, 3, ?3, {change}, ?3, a.actor
    FROM {rows} AS a CROSS JOIN publish_lanes AS n LEFT JOIN publish_ledger AS l ON l.post_id = a.post_id
    WHERE {which} AND (a.status_before = 'published' OR {_IS_PUBLIC_AGAIN}) AND n.removed_at IS NULL
      AND CASE WHEN n.every_change THEN {IS_WANTED} WHEN NOT {_TAKES_FIRST} THEN n.sends_updates AND {IS_WANTED}
        ELSE n.sends_updates AND EXISTS (
        SELECT 1 FROM publish_jobs AS j WHERE j.subject = a.post_id AND j.lane = n.lane AND j.kind = 'announce'
          AND j.state IN ('running', 'done', 'unknown')) END
      AND NOT EXISTS (SELECT 1 FROM publish_jobs AS j WHERE j.subject = a.post_id AND j.lane = n.lane
        AND j.kind = 'update' AND j.state = 'pending' AND j.change = {change})
      AND ?6 IS NOT NULL
    ON CONFLICT DO NOTHING"""
