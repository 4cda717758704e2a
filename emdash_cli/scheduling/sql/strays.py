"""The batch of a sweep that resolves strays: posts that somebody else changed or published although they are locked.

EmDash's own scheduler and admin know nothing of the locks, and cannot be stopped. A post that was edited before its
time is unscheduled, so that EmDash's scheduler does not publish it. A post that EmDash published first is compared with
what was reviewed, and reported.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

from emdash_cli.domain.outcome import HOLDS
from emdash_cli.domain.ports import Statement
from emdash_cli.store.changes import CLAIMED, change_posts, is_new_claim
from emdash_cli.store.due import HELD, ON_SITE

if TYPE_CHECKING:
    from emdash_cli.domain.article import FieldNames
    from emdash_cli.store.changes import Claim
    from emdash_cli.store.layout import Layout

MOST: Final = 100
"""How many strays of each kind one sweep resolves, and how many held posts it reports again."""
_LOOKED_AHEAD: Final = 200
"""How many posts are checked for early edits, those due next first."""


class Moment(NamedTuple):
    """UTC texts: now, and the due time up to which texts are compared although nothing else suggests an edit."""

    now: str
    soon: str


def find_strays(names: FieldNames, moment: Moment) -> Statement:
    """Locks whose posts were changed elsewhere; rows as from `resolve_strays`."""
    return Statement(f"WITH {_strays(names)} {_stray_rows(names)}", moment)


def still_held(names: FieldNames) -> Statement:
    """Posts that earlier sweeps held and that are still held: ``held_at``, ``held_reason``, and the post."""
    sql = f"""
    SELECT p.id AS post_id, p.slug AS slug, p.locale AS locale, k.held_at AS held_at, k.held_reason AS held_reason
    FROM schedule_locks AS k CROSS JOIN {names.table} AS p ON p.id = k.post_id
    WHERE k.held_at > '' AND +p.deleted_at IS NULL
    ORDER BY k.held_at, k.post_id LIMIT {MOST}"""
    return Statement(sql)


def resolve_strays(layout: Layout, moment: Moment, claim: Claim) -> list[Statement]:
    """Hold and unschedule posts that were edited early, and drop locks that no longer lock anything.

    Each row of the last statement has ``action`` (held, preempted, released), ``code``, ``post_id``,
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
        # Imported here because most sweeps find nothing to resolve.
        from emdash_cli.store.went_live import restamp

        statements.append(restamp(layout, f"SELECT a.post_id FROM {CLAIMED} WHERE a.action = 'held'", claimed))
    read_back = f"""
    SELECT a.action, a.detail ->> 'code' AS code, a.post_id, a.slug, a.locale,
      a.detail ->> 'published_at' AS published_at
    FROM {CLAIMED} ORDER BY a.id"""
    return [*statements, Statement(read_back, claimed)]


def edited(text: str, post: str) -> str:
    """SQL: the text (a revision's data) or the slug of the post differs from what lock k keeps."""
    staged = staged_slug(text, post)
    return f"({text} IS NOT k.data OR (k.slug IS NOT {post}.slug AND k.slug IS NOT {staged}))"


def staged_slug(text: str, post: str) -> str:
    """SQL: the slug that the post gets with the text (a revision's data): the staged slug or else the present one."""
    return f"""CASE WHEN instr({text}, '"_slug"') > 0 AND json_valid({text})
          THEN coalesce(nullif({text} ->> '$._slug', ''), {post}.slug) ELSE {post}.slug END"""


def _same_text(one: str, other: str) -> str:
    """SQL: two texts are equal, apart from the staged slug, which publishing may remove."""
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


def _stray_rows(names: FieldNames) -> str:
    return f"""
    SELECT s.action, s.code, p.id AS post_id, p.slug AS slug, p.locale AS locale, p.published_at AS published_at
    FROM stray AS s CROSS JOIN {names.table} AS p ON p.id = s.id"""


@lru_cache(maxsize=4)
def _record(names: FieldNames) -> str:
    """?3 the claim, which has no rows yet; ?4 the actor."""
    return f"""
    INSERT INTO pipeline_audit (id, at, actor, action, post_id, slug, locale, detail)
    WITH {_strays(names)}
    SELECT ?3 || printf('%04d', row_number() OVER (ORDER BY p.id)), ?1, ?4, s.action, p.id, p.slug, p.locale,
      json_object('code', s.code, 'version', p.version, 'published_at', p.published_at, 'wanted', p.scheduled_at)
    FROM stray AS s CROSS JOIN {names.table} AS p ON p.id = s.id
    WHERE {is_new_claim("?3 || '0000'", "?3 || '9999'")}"""


# If this batch is sent again, a lock made in the meantime is newer than the audit rows and stays.
_CLAIMED_LOCKS: Final = f"""
  SELECT k.post_id FROM {CLAIMED} CROSS JOIN schedule_locks AS k ON k.post_id = a.post_id
  WHERE k.locked_at <= a.at"""
_HOLD: Final = f"""
UPDATE schedule_locks SET held_at = ?3, held_reason = '{HOLDS["edited_early"]}'
WHERE post_id IN ({_CLAIMED_LOCKS} AND a.action = 'held' AND k.held_at IS NULL)"""
_DROP: Final = f"DELETE FROM schedule_locks WHERE post_id IN ({_CLAIMED_LOCKS} AND a.action <> 'held')"


@lru_cache(maxsize=4)
def unschedule_held(layout: Layout) -> str:
    """SQL: remove the posts that the claim holds from EmDash's own schedule; ?1 and ?2 the claim's rows, ?3 now."""
    return change_posts(
        layout,
        "status = iif(p.status = 'scheduled', 'draft', p.status), scheduled_at = NULL",
        f"SELECT +a.post_id AS post_id, CAST(a.detail ->> 'version' AS INTEGER) AS version"
        f" FROM {CLAIMED} WHERE a.action = 'held'",
    )
