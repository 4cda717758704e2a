"""Posts by the time at which they go live, or went."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from emdash_cli.domain.ports import Statement
from emdash_cli.store import labels

if TYPE_CHECKING:
    from emdash_cli.domain.collection import FieldNames

_IS_SITE: Final = "EXISTS (SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'media')"

UNSCHEDULED: Final = """+p.deleted_at IS NULL AND +p.scheduled_at IS NULL
        AND (+p.status = 'draft' OR (+p.status = 'published' AND +p.draft_revision_id IS NOT NULL))"""
"""SQL: of held post p its lock alone knows the time: on a site a sweep unschedules what it holds.

A published post without a draft is not held any more: EmDash has published it.
"""


class Window(NamedTuple):
    """UTC texts: from the first on, and before the second.

    What other tools have written as a local time or with a blank sorts hours away from its instant, so a reader asks
    for half a day more on either side and looks at the instants.
    """

    start: str
    end: str
    published_start: str
    published_end: str


def calendar(names: FieldNames, window: Window) -> Statement:
    """Rows of what is scheduled and what was published in a window, without order.

    ``kind`` is scheduled, change (of a post that is published) or published; ``at`` the time as it is stored;
    ``held`` the reason why it is held, if it is; and id, slug, locale, version, updated_at, author, ``title`` as it
    will read, and ``categories``, a JSON array.
    """
    columns = "p.id AS id, p.draft_revision_id AS draft"
    # A writer of the embedded store may set published_at alone; on a site it means something else.
    wishes = f"(SELECT iif({_IS_SITE}, 0, 1000000))"
    staged = f"""CASE WHEN w.kind = 'change' THEN (
        SELECT iif(json_valid(r.data), r.data ->> '$.{names.title}', NULL)
        FROM revisions AS r WHERE r.id = w.draft) END"""
    sql = f"""
    WITH wanted AS MATERIALIZED (
      SELECT {columns}, p.scheduled_at AS at, iif(p.status = 'published', 'change', 'scheduled') AS kind
      FROM {names.table} AS p
      WHERE p.scheduled_at >= ?1 AND p.scheduled_at < ?2 AND +p.deleted_at IS NULL
        AND +p.status IN ('scheduled', 'published')
      UNION ALL SELECT * FROM (
        SELECT {columns}, p.published_at, 'scheduled' FROM {names.table} AS p
        WHERE p.status = 'scheduled' AND p.scheduled_at IS NULL AND p.published_at >= ?1 AND p.published_at < ?2
          AND +p.deleted_at IS NULL LIMIT {wishes})
      UNION ALL SELECT {columns}, k.scheduled_at, iif(p.status = 'published', 'change', 'scheduled')
      FROM schedule_locks AS k CROSS JOIN {names.table} AS p ON p.id = k.post_id
      WHERE k.held_at > '' AND +k.scheduled_at >= ?1 AND +k.scheduled_at < ?2 AND {UNSCHEDULED}
      UNION ALL SELECT {columns}, p.published_at, 'published' FROM {names.table} AS p
      WHERE p.deleted_at IS NULL AND p.published_at >= ?3 AND p.published_at < ?4 AND +p.status = 'published'
    )
    SELECT w.kind AS kind, w.at AS at, p.id AS id, p.slug AS slug, p.locale AS locale, p.version AS version,
      p.updated_at AS updated_at, coalesce({staged}, p.{names.title}) AS title, {labels.author(names)} AS author,
      {labels.terms(names, "category")} AS categories,
      CASE WHEN w.kind <> 'published' THEN (
        SELECT coalesce(k.held_reason, 'held') FROM schedule_locks AS k
        WHERE k.post_id = w.id AND k.held_at IS NOT NULL) END AS held
    FROM wanted AS w CROSS JOIN {names.table} AS p ON p.id = w.id"""
    return Statement(sql, tuple(window))
