"""Show how a post differs from what was reviewed or, without a review, from what is live."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import unified_diff
from typing import TYPE_CHECKING, Any

from emdash_cli.domain.instants import describe, from_utc_text
from emdash_cli.domain.post_text import ValueChange, changed_fields, read, rendered, value_changes
from emdash_cli.posts.read import the_post
from emdash_cli.scheduling.sql.scheduling import find_posts, reviewed
from emdash_cli.store.changes import texts_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from zoneinfo import ZoneInfo

    from emdash_cli.domain.ports import Row
    from emdash_cli.store.session import Session


@dataclass(frozen=True, slots=True)
class Difference:
    """How two versions of a post differ.

    Attributes:
        before: label of the older version, for people; None if there is only one version.
        after: label of the newer version.
        held_reason: why the post is held; empty if it is not held.
        fields: names of the fields that differ.
        lines: unified diff of the versions as Markdown, without line ends.
        values: differences that Markdown does not show; empty if there are `lines`.
        is_draft_lost: the draft that was scheduled no longer exists.
        is_stored_differently: the values are equal, but their JSON differs in key order or white space.
    """

    slug: str
    locale: str
    post_id: str
    before: str | None
    after: str
    held_reason: str
    fields: tuple[str, ...]
    lines: tuple[str, ...]
    values: tuple[ValueChange, ...]
    is_draft_lost: bool
    is_stored_differently: bool


def diff(session: Session, slug: str, locale: str | None) -> Difference:
    """Compare the reviewed text or, without a review, the live text with the present draft.

    Raises:
        EmdashError: there is no such post, or there are several.
        DatabaseError: the store is unreachable or failing.
    """
    names = session.names
    [rows] = session.open([find_posts(names, slug)])
    post = the_post(session, slug, locale, rows)
    found = _found(session, post)
    now = next(kind for kind in ("draft", "live", "columns") if kind in found)
    old = next((kind for kind in ("reviewed", "live") if kind in found and kind != now), None)
    after = found[now]
    before = found[old] if old else after
    labels = (
        _label(old, post, session.settings.timezone),
        "as it is in the draft" if now == "draft" else "as it is now",
    )
    versions = [(read(row["data"]), None if row["slug"] is None else str(row["slug"])) for row in (before, after)]
    old_lines, new_lines = (rendered(data, name, names) for data, name in versions)
    lines = tuple(unified_diff(old_lines, new_lines, *labels, lineterm=""))
    # A null in a revision has no counterpart in the columns.
    old_values, new_values = (_values(data, nulls=now != "columns") for data, _ in versions)
    values = () if lines else tuple(value_changes(old_values, new_values))
    return Difference(
        slug=str(post["slug"]),
        locale=str(post["locale"]),
        post_id=str(post["id"]),
        before=labels[0] if old else None,
        after=labels[1],
        held_reason=str(post["held_reason"] or ""),
        fields=changed_fields(*versions),
        lines=lines,
        values=values,
        is_draft_lost=_is_draft_lost(found),
        is_stored_differently=now != "columns" and not (lines or values) and before["data"] != after["data"],
    )


def _found(session: Session, post: Row) -> dict[str, Row]:
    """The texts that the post has, by their kind: ``reviewed``, ``draft``, ``live`` and ``columns``."""
    post_id = str(post["id"])
    locked, texts = session.database.batch([reviewed(post_id), texts_of(session.layout, [post_id])])
    found = {str(row["kind"]): {**row, "slug": post["slug"]} for row in texts}
    return {**found, "reviewed": locked[0]} if locked else found


def _values(data: Mapping[str, Any], *, nulls: bool) -> dict[str, Any]:
    return {key: value for key, value in data.items() if nulls or value is not None}


def _is_draft_lost(found: Mapping[str, Row]) -> bool:
    if "reviewed" not in found or "draft" in found:
        return False
    scheduled = found["reviewed"]["revision"]
    return bool(scheduled) and not ("live" in found and found["live"]["revision"] == scheduled)


def _label(kind: str | None, post: Row, zone: ZoneInfo) -> str:
    if kind != "reviewed":
        return "as it is live"
    when = describe(from_utc_text(str(post["locked_at"])), zone)
    return f"as it was scheduled by {post['locked_by']}, {when}"
