"""Everything that is known about the origin and the changes of a post."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from emdash_cli.domain.ports import Statement
from emdash_cli.store.announced import jobs_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from emdash_cli.domain.article import FieldNames


def posts_with_slug(names: FieldNames, slug: str, *, jobs: bool = False) -> Statement:
    """The posts with that slug, one for each locale, those in the trash too, with their locks and expiries.

    With `jobs`, each row has what `jobs_of` answers, as ``jobs``.
    """
    more = f", {jobs_of('p.id')} AS jobs" if jobs else ""
    sql = f"""
    SELECT p.id AS id, p.slug AS slug, p.locale AS locale, p.status AS status, p.{names.title} AS title,
      p.created_at AS created_at, p.published_at AS published_at, p.scheduled_at AS scheduled_at,
      p.deleted_at AS deleted_at, p.version AS version, p.live_revision_id AS live_revision_id,
      p.draft_revision_id AS draft_revision_id, k.revision_id AS locked_revision_id, k.locked_by AS locked_by,
      k.locked_at AS locked_at, k.held_at AS held_at, k.held_reason AS held_reason,
      r.data IS NOT NULL AND k.data IS NOT r.data AS changed_since_locked, e.expires_at AS expires_at,
      e.set_by AS expiry_set_by, e.set_at AS expiry_set_at{more}
    FROM {names.table} AS p
    LEFT JOIN schedule_locks AS k ON k.post_id = p.id
    LEFT JOIN revisions AS r ON r.id = k.revision_id
    LEFT JOIN post_expiries AS e ON e.post_id = p.id
    WHERE p.slug = ?1 ORDER BY +p.locale"""
    return Statement(sql, (slug,))


def revisions_of(names: FieldNames, post_id: str) -> Statement:
    """The revisions of a post without their data: id, created_at, author, and size in bytes."""
    sql = f"""
    SELECT r.id AS id, r.created_at AS created_at, length(CAST(r.data AS BLOB)) AS size,
      (SELECT coalesce(nullif(u.name, ''), u.email) FROM users AS u WHERE u.id = r.author_id) AS author
    FROM revisions AS r WHERE r.collection = '{names.collection}' AND r.entry_id = ?1"""
    return Statement(sql, (post_id,))


def data_of(revisions: Sequence[str]) -> Statement:
    """The data of some revisions: id and data."""
    sql = """
    SELECT r.id AS id, r.data AS data FROM json_each(?1) AS j CROSS JOIN revisions AS r ON r.id = j.value"""
    return Statement(sql, (json.dumps(list(revisions)),))


def audit_of(post_id: str) -> Statement:
    """The actions on a post, and who took them: id, at, actor, action, detail."""
    sql = """
    SELECT a.id AS id, a.at AS at, a.actor AS actor, a.action AS action, a.detail AS detail
    FROM pipeline_audit AS a WHERE a.post_id = ?1 ORDER BY a.at, a.id"""
    return Statement(sql, (post_id,))


def source_of(post_id: str) -> Statement:
    """The ledger row: key, stream, file, outcome, slug, words, queued_at, recorded_at, run_id; and the run's actor."""
    sql = """
    SELECT k.key AS key, k.stream AS stream, k.file AS file, k.outcome AS outcome, k.slug AS slug, k.words AS words,
      k.queued_at AS queued_at, k.recorded_at AS recorded_at, k.run_id AS run_id,
      a.actor AS actor
    FROM publish_ledger AS k LEFT JOIN pipeline_audit AS a ON a.id = k.run_id WHERE k.post_id = ?1"""
    return Statement(sql, (post_id,))
