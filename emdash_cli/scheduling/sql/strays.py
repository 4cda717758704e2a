"""Locks whose post somebody else has changed: EmDash's own scheduler and admin know nothing of them.

Nothing can be forbidden to EmDash. What is edited before its time is unscheduled, so that EmDash's scheduler
does not publish it; what EmDash published first is compared with what was reviewed, and told of.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

from emdash_cli.domain.outcome import HOLDS
from emdash_cli.domain.ports import Statement
from emdash_cli.store.audit import CLAIMED
from emdash_cli.store.due import HELD, ON_SITE
from emdash_cli.store.labels import restamp

if TYPE_CHECKING:
    from emdash_cli.domain.collection import FieldNames
    from emdash_cli.store.audit import Claim
    from emdash_cli.store.layout import Layout

MOST: Final = 100
"""Strays of a kind that one sweep settles, and held posts that it tells of again."""
_LOOKED_AHEAD: Final = 200
"""Posts that are looked at for early edits, the next ones first."""


class Moment(NamedTuple):
    """UTC texts: now, and until when the text of a post is compared though nothing else tells of an edit."""

    now: str
    soon: str


def find_strays(names: FieldNames, moment: Moment) -> Statement:
    """Locks that want settling; rows as those of `settle`."""
    return Statement(f"WITH {_strays(names)} {_told(names)}", moment)


def still_held(names: FieldNames) -> Statement:
    """Posts that earlier sweeps held back, and that still wait: ``held_at``, ``held_reason``, and the post."""
    sql = f"""
    SELECT p.id AS post_id, p.slug AS slug, p.locale AS locale, k.held_at AS held_at, k.held_reason AS held_reason
    FROM schedule_locks AS k CROSS JOIN {names.table} AS p ON p.id = k.post_id
    WHERE k.held_at > '' AND +p.deleted_at IS NULL
    ORDER BY k.held_at, k.post_id LIMIT {MOST}"""
    return Statement(sql)


def settle(layout: Layout, moment: Moment, claim: Claim) -> list[Statement]:
    """Hold and unschedule what was edited early, and drop locks that have nothing to lock any more.

    The rows of the last statement tell of each: ``action`` (held, preempted, released), ``code``, ``post_id``,
    ``slug``, ``locale``, ``published_at``.
    """
    claimed = (claim.first, claim.last)
    statements = [
        Statement(_record(layout.names), (*moment, claim.prefix, claim.actor)),
        Statement(_HOLD, (*claimed, moment.now)),
        Statement(_DROP, claimed),
        Statement(unschedule_held(layout), (*claimed, moment.now)),
    ]
    if not layout.terms_by_group:
        statements.append(restamp(layout, f"SELECT a.post_id FROM {CLAIMED} WHERE a.action = 'held'", claimed))
    told = f"""
    SELECT a.action, a.detail ->> 'code' AS code, a.post_id, a.slug, a.locale,
      a.detail ->> 'published_at' AS published_at
    FROM {CLAIMED} ORDER BY a.id"""
    return [*statements, Statement(told, claimed)]


def edited(text: str, post: str) -> str:
    """SQL: the text (a revision's data) or the slug of the post is not the one that lock k keeps."""
    staged = f"""CASE WHEN instr({text}, '"_slug"') > 0 AND json_valid({text}) THEN {text} ->> '$._slug'
        ELSE {post}.slug END"""
    return f"({text} IS NOT k.data OR (k.slug IS NOT {post}.slug AND k.slug IS NOT {staged}))"


def _same_text(one: str, other: str) -> str:
    """SQL: two texts say the same; the staged slug, which publishing may take out, aside."""
    return f"""CASE WHEN {one} IS {other} THEN 1 WHEN json_valid({one}) AND json_valid({other})
        THEN json_remove({one}, '$._slug') IS json_remove({other}, '$._slug') ELSE 0 END"""


@lru_cache(maxsize=4)
def _strays(names: FieldNames) -> str:
    """SQL: (id, action, code). ?1 now, ?2 soon."""
    live = "+p.status = 'published' AND +p.deleted_at IS NULL"
    code = f"""CASE WHEN NOT ({live}) THEN 'unscheduled_elsewhere'
        WHEN {_same_text("r.data", "k.data")} THEN 'published_elsewhere' ELSE 'published_unreviewed' END"""
    return f"""
    overdue AS (
      SELECT k.post_id AS id, iif({live}, 'preempted', 'released') AS action, {code} AS code
      FROM schedule_locks AS k CROSS JOIN {names.table} AS p ON p.id = k.post_id
      LEFT JOIN revisions AS r ON r.id = p.live_revision_id
      WHERE k.held_at IS NULL AND k.scheduled_at <= ?1 AND +p.scheduled_at IS NULL AND +p.status <> 'scheduled'
      LIMIT {MOST}
    ),
    held_and_published AS (
      SELECT k.post_id, 'preempted', {code}
      FROM schedule_locks AS k CROSS JOIN {names.table} AS p ON p.id = k.post_id
      LEFT JOIN revisions AS r ON r.id = p.live_revision_id
      WHERE k.held_at > '' AND {live} AND +p.scheduled_at IS NULL AND +p.draft_revision_id IS NULL
      LIMIT {MOST}
    ),
    next AS MATERIALIZED (
      SELECT p.id, p.slug, p.scheduled_at, p.draft_revision_id,
        coalesce(p.draft_revision_id, p.live_revision_id) AS revision_id
      FROM {names.table} AS p WHERE p.scheduled_at > ?1 AND +p.deleted_at IS NULL
      ORDER BY p.scheduled_at LIMIT {ON_SITE.format(most=_LOOKED_AHEAD)}
    ),
    edited AS (
      SELECT n.id, 'held', 'edited_early'
      FROM next AS n CROSS JOIN schedule_locks AS k ON k.post_id = n.id
      LEFT JOIN revisions AS r ON r.id = n.revision_id
      WHERE k.post_id NOT IN {HELD}
        AND CASE WHEN k.revision_id IS n.draft_revision_id AND n.scheduled_at > ?2 AND k.slug IS n.slug THEN 0
          ELSE {edited("r.data", "n")} END
      LIMIT {MOST}
    ),
    stray AS MATERIALIZED (
      SELECT * FROM overdue UNION ALL SELECT * FROM held_and_published UNION ALL SELECT * FROM edited)"""


def _told(names: FieldNames) -> str:
    return f"""
    SELECT s.action, s.code, p.id AS post_id, p.slug AS slug, p.locale AS locale, p.published_at AS published_at
    FROM stray AS s CROSS JOIN {names.table} AS p ON p.id = s.id"""


@lru_cache(maxsize=4)
def _record(names: FieldNames) -> str:
    """?3 the claim, without rows of it yet; ?4 who sweeps."""
    return f"""
    INSERT INTO pipeline_audit (id, at, actor, action, post_id, slug, locale, detail)
    WITH {_strays(names)}
    SELECT ?3 || printf('%04d', row_number() OVER (ORDER BY p.id)), ?1, ?4, s.action, p.id, p.slug, p.locale,
      json_object('code', s.code, 'version', p.version, 'published_at', p.published_at, 'wanted', p.scheduled_at)
    FROM stray AS s CROSS JOIN {names.table} AS p ON p.id = s.id
    WHERE NOT EXISTS (SELECT 1 FROM pipeline_audit AS x WHERE x.id >= ?3 || '0000' AND x.id <= ?3 || '9999')"""


# A lock that somebody made since then, in case this batch is sent again, is younger than its own rows.
_CLAIMED_LOCKS: Final = f"""
  SELECT k.post_id FROM {CLAIMED} CROSS JOIN schedule_locks AS k ON k.post_id = a.post_id
  WHERE k.locked_at <= a.at"""
_HOLD: Final = f"""
UPDATE schedule_locks SET held_at = ?3, held_reason = '{HOLDS["edited_early"]}'
WHERE post_id IN ({_CLAIMED_LOCKS} AND a.action = 'held' AND k.held_at IS NULL)"""
_DROP: Final = f"DELETE FROM schedule_locks WHERE post_id IN ({_CLAIMED_LOCKS} AND a.action <> 'held')"


@lru_cache(maxsize=4)
def unschedule_held(layout: Layout) -> str:
    """SQL: what the claim holds is off EmDash's own schedule, too; ?1 and ?2 the claim's rows, ?3 now."""
    return f"""
    UPDATE {layout.posts} AS p SET status = iif(p.status = 'scheduled', 'draft', p.status), scheduled_at = NULL,
      updated_at = ?3, version = coalesce(p.version, 0) + 1
    FROM (SELECT +a.post_id AS post_id, CAST(a.detail ->> 'version' AS INTEGER) AS version
      FROM {CLAIMED} WHERE a.action = 'held') AS c
    WHERE p.id = c.post_id AND +p.version IS c.version"""
