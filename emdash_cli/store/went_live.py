"""What follows when a batch has changed what is public: the outbox, redirects, EmDash's own notes.

Every statement is driven by the audit rows of a claim (see `audit`), whose ``detail`` names ``slug_before``,
``status_before`` and ``revision``; the row's ``slug`` is the one that the post has now. Sent again, they change
nothing.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final

from emdash_cli.domain.ports import Statement
from emdash_cli.store.audit import CLAIMED, path_of
from emdash_cli.store.labels import restamp

if TYPE_CHECKING:
    from emdash_cli.domain.collection import PostPath
    from emdash_cli.store.audit import Claim
    from emdash_cli.store.layout import Layout


def went_live(layout: Layout, claim: Claim, now: str, post_path: PostPath, which: str) -> list[Statement]:
    """The statements, for those of the claim's rows (``a``) that the condition `which` picks.

    Args:
        layout: of the store.
        claim: of the batch.
        now: UTC text.
        post_path: the path of a post.
        which: SQL.
    """
    of_path = (claim.first, claim.last, now, *post_path)
    statements = [Statement(_record(which), of_path)]
    if layout.has_redirects:
        statements += [Statement(sql, of_path) for sql in _redirects(which)]
    return statements


def stamped(layout: Layout, claim: Claim, which: str) -> list[Statement]:
    """What EmDash keeps beside its posts: stamps of their term links, and the newest revision of each.

    Args:
        layout: of the store.
        claim: of the batch.
        which: SQL: the rows (``a``) whose post has the revision that they name.
    """
    claimed = (claim.first, claim.last)
    statements = []
    if not layout.terms_by_group:
        statements.append(restamp(layout, f"SELECT a.post_id FROM {CLAIMED}", claimed))
    if layout.has_prune_queue:
        statements.append(Statement(_prune_queue(layout, which), claimed))
    return statements


_NEW_PATH: Final = path_of("coalesce(a.slug, a.post_id)", "a.locale")
_OLD_PATH: Final = path_of("a.detail ->> 'slug_before'", "a.locale")


@lru_cache(maxsize=8)
def _record(which: str) -> str:
    """?3 now, ?4 and ?5 the path of a post."""
    return f"""
    INSERT INTO publish_outbox (id, post_id, path, path_before, recorded_at)
    SELECT a.id, a.post_id, {_NEW_PATH}, CASE WHEN {_WAS_RENAMED} THEN {_OLD_PATH} END, ?3
    FROM {CLAIMED} WHERE {which}
    ON CONFLICT DO NOTHING"""


_WAS_RENAMED: Final = "a.detail ->> 'status_before' = 'published' AND a.detail ->> 'slug_before' <> a.slug"


def _renamed(which: str) -> str:
    return f"""
    FROM {CLAIMED} WHERE {which} AND {_WAS_RENAMED}"""


@lru_cache(maxsize=8)
def _redirects(which: str) -> tuple[str, str]:
    """The parameters of `_record`.

    Whoever has the old address of a renamed post is sent to the new one, as EmDash does it for a slug that is
    changed there; a redirect away from the new address would hide the post.
    """
    return (
        f"""
    DELETE FROM _emdash_redirects
    WHERE ?3 IS NOT NULL AND source IN (SELECT {_NEW_PATH} {_renamed(which)})""",
        f"""
    INSERT INTO _emdash_redirects (id, source, destination, type, auto, created_at, updated_at)
    SELECT a.id, {_OLD_PATH}, {_NEW_PATH}, 301, 1, ?3, ?3
    {_renamed(which)} AND NOT EXISTS (SELECT 1 FROM _emdash_redirects AS x WHERE x.source = {_OLD_PATH})
    ON CONFLICT DO NOTHING""",
    )


@lru_cache(maxsize=8)
def _prune_queue(layout: Layout, which: str) -> str:
    return f"""
    INSERT INTO _emdash_revision_prune_queue (collection, entry_id, revision_id)
    SELECT '{layout.names.collection}', a.post_id, a.detail ->> 'revision'
    FROM {CLAIMED} WHERE {which} AND a.detail ->> 'revision' IS NOT NULL
    ON CONFLICT (collection, entry_id) DO UPDATE SET revision_id = excluded.revision_id"""
