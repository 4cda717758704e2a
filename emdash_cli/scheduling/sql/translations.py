"""The posts of translation groups, and the batch that moves posts from one group to another.

A group has at most one post outside the trash for each locale. From migration 068 on, EmDash's term links belong to the
group. Bylines belong to the post, and stay.
"""

from __future__ import annotations

import json
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from emdash_cli.domain.ports import Statement
from emdash_cli.scheduling.sql.selection import by_ids, by_slugs, posts
from emdash_cli.store.changes import CLAIMED, change_posts, claim_posts, claimed_posts
from emdash_cli.store.updating import regroup_links
from emdash_cli.store.went_live import audited, went_live

if TYPE_CHECKING:
    from collections.abc import Sequence

    from emdash_cli.domain.article import FieldNames, PublicSite
    from emdash_cli.store.changes import Group
    from emdash_cli.store.layout import Layout

_GROUP: Final = ", coalesce(p.translation_group, p.id) AS translation_group"


def named(names: FieldNames, *slugs: str) -> list[Statement]:
    """The posts with those slugs or ids, with their ``translation_group``; otherwise as of `selection.by_slugs`."""
    return [*by_slugs(names, slugs, _GROUP), *by_ids(names, slugs, _GROUP)]


def members(names: FieldNames, groups: Sequence[str]) -> Statement:
    """The posts of those groups, in the trash too, as of `named`."""
    return Statement(posts(names, "p.translation_group", _GROUP), (json.dumps(list(groups)),))


def move(layout: Layout, group: Group, site: PublicSite) -> list[Statement]:
    """The statements of the batch. The rows of the last one are the posts that were moved: all of them, or none.

    None are if one of them has changed since it was read, is locked, or would be the second of its locale there.

    Args:
        layout: of the store.
        group: the audit rows; each detail has ``group``, the one that the post moves to; ``group_before``; ``alone``,
            whether the post must be the only one there from before; and ``public``, whether readers see it.
        site: where the posts are, and where they are announced.
    """
    claim = group.claim
    claimed = (claim.first, claim.last)
    statements = [claim_posts(layout, group), Statement(_release(layout), claimed)]
    if layout.terms_by_group:
        statements += [Statement(sql, claimed) for sql in regroup_links(layout)]
    statements.append(Statement(_move(layout), (*claimed, group.now)))
    statements += went_live(layout, audited(claim), group.now, site, "a.detail ->> 'public' = 1")
    return [*statements, Statement(f"SELECT a.post_id FROM {CLAIMED}", claimed)]


@lru_cache(maxsize=4)
def _release(layout: Layout) -> str:
    """Give all posts of the claim up if one of them cannot be moved."""
    return f"""
    DELETE FROM pipeline_audit WHERE id >= ?1 AND id <= ?2 AND EXISTS (
      SELECT 1 FROM {claimed_posts(layout)}
      WHERE p.deleted_at IS NULL AND EXISTS (SELECT 1 FROM schedule_locks AS k WHERE k.post_id = p.id)
        OR EXISTS (
          SELECT 1 FROM {layout.posts} AS o
          WHERE o.translation_group = a.detail ->> 'group' AND +o.id <> p.id
            AND (+o.locale = p.locale AND +o.deleted_at IS NULL OR a.detail ->> 'alone' = 1)
            AND NOT EXISTS (
              SELECT 1 FROM pipeline_audit AS c WHERE c.id >= ?1 AND c.id <= ?2 AND c.post_id = o.id)))"""


@lru_cache(maxsize=4)
def _move(layout: Layout) -> str:
    """?3 now."""
    changes = f"""
      SELECT +a.post_id AS post_id, CAST(a.detail ->> 'version' AS INTEGER) AS version, a.detail ->> 'group' AS moved_to
      FROM {CLAIMED}"""
    return change_posts(layout, "translation_group = c.moved_to", changes)
