"""Runs, and what each has done to posts: found by the ids of its audit rows, and of the posts that it created.

A run's id is older than the id of everything that it wrote, and the record of a run is written with what it did. The
rows of a run are therefore among those with ids from its own to that of the moment when it was last seen.
"""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from emdash_cli.domain.errors import EmdashError
from emdash_cli.domain.instants import from_utc_text
from emdash_cli.domain.ports import Statement
from emdash_cli.domain.ulid import least

if TYPE_CHECKING:
    from collections.abc import Sequence

    from emdash_cli.domain.article import FieldNames

_SLACK: Final = timedelta(hours=2)
"""A clock may be set back while a run works, whose ids continue from where they were."""

# Runs that only published left no record of their own up to version 4 of the tables: only who started them.
_OLD: Final = """a.post_id IS NULL AND a.action IN ('publish', 'import')
      AND NOT EXISTS (SELECT 1 FROM pipeline_runs AS x WHERE x.id = a.id)"""


def no_such_run(run: str) -> EmdashError:
    """The error for an id that no run has."""
    return EmdashError(
        f"there is no run {run} that has changed anything", hint="`emdash runs list` lists the runs", code="no_such_run"
    )


def find_run(run: str) -> Statement:
    """The run as one row, or none: id, kind, started_at, seen_at (NULL: not known), counts."""
    return Statement(
        f"""
    SELECT r.id, r.kind, r.started_at, r.seen_at, r.counts FROM pipeline_runs AS r WHERE r.id = ?1
    UNION ALL SELECT a.id, a.action, a.at, NULL, '{{}}' FROM pipeline_audit AS a WHERE a.id = ?1 AND {_OLD}""",
        (run,),
    )


def latest_runs(kind: str | None, most: int) -> Statement:
    """The latest runs that changed something, newest first; rows as of `find_run`."""
    newest = "ORDER BY r.id DESC" if kind is None else "WHERE r.kind = ?1 ORDER BY r.started_at DESC, r.id DESC"
    return Statement(
        f"""
    SELECT * FROM (
      SELECT * FROM (SELECT r.id, r.kind, r.started_at, r.seen_at, r.counts FROM pipeline_runs AS r
        {newest} LIMIT ?2)
      UNION ALL SELECT * FROM (SELECT a.id, a.action, a.at, NULL, '{{}}' FROM pipeline_audit AS a
        WHERE {_OLD} AND (?1 IS NULL OR +a.action = ?1) ORDER BY a.at DESC LIMIT ?2)
    ) ORDER BY id DESC LIMIT ?2""",
        (kind, most),
    )


def last_id(seen_at: str | None) -> str:
    """An id that nothing written by a run that was last seen then has reached."""
    return least(from_utc_text(seen_at) + _SLACK) if seen_at else "~"


def deeds(names: FieldNames, run: str, last: str) -> Statement:
    """What the run did to posts, in order, and each post as it is now.

    Columns: of the deed ``id``, ``action`` (``created`` for a new post, otherwise as in the audit table), ``at``,
    ``actor``, ``slug``, ``locale``, ``detail`` (of a new post ``outcome`` and ``revision``) and ``undone_version``, the
    version of the post when the run was undone; of the post ``post_id``, ``gone``, ``slug_now``, ``status``,
    ``version``, ``scheduled_at``, ``published_at``, ``deleted_at``, ``draft_revision_id``, ``live_revision_id``; of the
    file that it came from ``stream``, ``file``, ``outcome``, ``recorded_at``, ``file_updated_at``, ``key``, ``digest``.

    Args:
        names: of the collection.
        run: its id.
        last: as of `last_id`.
    """
    sql = f"""
    SELECT d.*, p.id IS NULL AS gone, p.slug AS slug_now, p.status, p.version, p.scheduled_at, p.published_at,
      p.deleted_at, p.draft_revision_id, p.live_revision_id,
      (SELECT max(CAST(u.detail ->> 'version' AS INTEGER)) FROM pipeline_audit AS u
        WHERE u.post_id = d.post_id AND u.detail ->> 'undoes' = ?1) AS undone_version,
      k.stream, k.file, k.outcome, k.recorded_at, s.updated_at AS file_updated_at, k.key, k.digest
    FROM (
      SELECT l.post_id AS id, l.post_id, 'created' AS action, l.recorded_at AS at,
        (SELECT w.actor FROM pipeline_audit AS w WHERE w.id = ?1) AS actor, l.slug, l.locale,
        json_object('version', 0, 'outcome', l.outcome, 'revision', l.revision_id) AS detail
      FROM publish_ledger AS l WHERE l.post_id >= ?1 AND l.post_id <= ?2 AND +l.run_id = ?1
      UNION ALL
      SELECT a.id, a.post_id, a.action, a.at, a.actor, a.slug, a.locale, a.detail
      FROM pipeline_audit AS a
      WHERE a.id >= ?1 AND a.id <= ?2 AND a.post_id IS NOT NULL AND a.detail ->> 'run' = ?1
    ) AS d
    LEFT JOIN {names.table} AS p ON p.id = d.post_id
    LEFT JOIN publish_ledger AS k ON k.post_id = d.post_id
    LEFT JOIN publish_sources AS s ON s.post_id = d.post_id
    ORDER BY d.id"""
    return Statement(sql, (run, last))


def created_by(spans: Sequence[Sequence[str]]) -> Statement:
    """The new posts of runs: rows (run, outcome, posts).

    Args:
        spans: the id of each run and, as of `last_id`, the last that it can have written.
    """
    return Statement(
        """
    SELECT j.value ->> 0 AS run, l.outcome, count(*) AS posts
    FROM json_each(?1) AS j CROSS JOIN publish_ledger AS l
      ON l.post_id >= j.value ->> 0 AND l.post_id <= j.value ->> 1 AND +l.run_id = j.value ->> 0
    GROUP BY run, l.outcome""",
        (json.dumps([list(span) for span in spans]),),
    )
