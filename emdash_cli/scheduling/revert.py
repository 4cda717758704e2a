"""Return a post to an older revision: as its draft, or live at once.

As in EmDash, the older text is copied into a new revision, so that nothing of the history is lost:
https://github.com/emdash-cms/emdash/blob/main/packages/core/src/emdash-runtime.ts (``handleRevisionRestore``).
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from difflib import unified_diff
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from emdash_cli.domain.article import compact_json
from emdash_cli.domain.errors import RefusedChangeError
from emdash_cli.domain.post_text import STAGED_SLUG, ValueChange, changed_fields, read, rendered, value_changes
from emdash_cli.posts.read import the_post
from emdash_cli.scheduling.locked import Override, before_change, check_changeable, overridden, unlocked
from emdash_cli.scheduling.schedule import changed_meanwhile
from emdash_cli.scheduling.sql import reverting
from emdash_cli.scheduling.sql.scheduling import find_posts, slug_owner
from emdash_cli.store.changes import texts_of
from emdash_cli.store.session import Run, record_finished
from emdash_cli.store.updating import Change, UpdateContext, expected_of, posts_as_read, update_posts

if TYPE_CHECKING:
    from collections.abc import Mapping

    from emdash_cli.domain.ports import Row
    from emdash_cli.store.session import Session

LAST: Final = "LAST"
"""Stands for the revision before the present one."""
_SEE: Final = "`emdash history {}` lists the revisions that there are"


@dataclass(frozen=True, slots=True)
class RevertTarget:
    """Which post to return to which revision.

    Attributes:
        to: id of the revision, or `LAST`.
        is_live: whether the older text goes live at once; if not, it becomes the draft.
        is_preview: report what would change without changing it.
        reason: kept in the audit table; empty if none was given.
        force: end a schedule that locks the post; only for admins.
    """

    slug: str
    locale: str | None
    to: str
    is_live: bool
    is_preview: bool
    reason: str = ""
    force: bool = False


@dataclass(frozen=True, slots=True)
class Reverted:
    """The result, or its preview.

    Attributes:
        outcome: reverted, or unchanged if the post already has that text.
        slug: of the post now.
        status: of the post afterwards.
        to: id of the revision that the post returned to.
        written_at: when that revision was written, as EmDash stored it.
        revision: id of the new revision, which has the older text; None in a preview and if nothing changed.
        replaced: id of the draft that was pending and is now history; None if there was none.
        is_live: whether it is the live text that returned, and not the draft.
        fields: names of the changed fields.
        left_out: names of fields of the older revision that the collection no longer has.
        notices: remarks on the change.
        lines: unified diff as Markdown, without line endings.
        values: differences that Markdown does not show; empty if there are `lines`.
        announced_on: in a preview, the platforms that would be sent the change.
        run: id of the run; None in a preview and if nothing changed.
    """

    outcome: str
    slug: str
    locale: str
    post_id: str
    status: str
    to: str
    written_at: str | None
    revision: str | None
    replaced: str | None
    is_live: bool
    fields: tuple[str, ...]
    left_out: tuple[str, ...]
    notices: tuple[str, ...]
    by: str
    lines: tuple[str, ...]
    values: tuple[ValueChange, ...]
    announced_on: tuple[str, ...]
    run: str | None


def revert(session: Session, target: RevertTarget) -> Reverted:
    """Return the post to the older revision or, with `is_preview`, only report what would change.

    Raises:
        RefusedChangeError: a schedule locks the post, the revision cannot be used, it is not known which one `LAST`
            is, or somebody else has just changed the post.
        NotAllowedError: the user's role does not suffice.
        DatabaseError: the store is unreachable or failing.
    """
    [rows] = session.open([find_posts(session.names, target.slug)])
    found = the_post(session, target.slug, target.locale, rows)
    session.require("edit", {found["author_id"], found["byline_user_id"]})
    if target.is_live:
        session.require("publish")
    override = None
    if target.force:
        override = overridden(session, found, "reverted")
    else:
        check_changeable(found, session.settings.timezone, "reverted")
    post = _read(session, found, target)
    if override:
        post = post._replace(standing=unlocked(post.standing))
    planned = _plan(session, post, target)
    if override and planned.fields:
        planned = planned._replace(notices=(override.notice, *planned.notices))
    if planned.fields and not target.is_preview:
        return _result(session, post, planned, target, _carry_out(session, planned.change, override))
    return _result(session, post, planned, target, None)


class _Opened(NamedTuple):
    """The post as it is, and the revision that it is to return to.

    Attributes:
        standing: row of `updating.posts_as_read`.
        before: the data that is replaced, with the slug that it gives to the post.
        draft: the stored draft; None if there is none.
        older: row of `reverting.one_revision`.
        required: names of the fields that must have a value.
        notices: remarks on the choice of the revision.
    """

    standing: Row
    before: Mapping[str, Any]
    draft: str | None
    older: Row
    required: frozenset[str]
    notices: tuple[str, ...]


class _Plan(NamedTuple):
    change: Change
    fields: tuple[str, ...]
    left_out: tuple[str, ...]
    notices: tuple[str, ...]
    lines: tuple[str, ...]
    values: tuple[ValueChange, ...]


class _Done(NamedTuple):
    revision: str
    run: str


def _read(session: Session, found: Row, target: RevertTarget) -> _Opened:
    names, post_id = session.names, str(found["id"])
    notices: tuple[str, ...] = ()
    wanted = target.to
    if wanted.upper() == LAST:
        wanted, notices = _last(session, found, target)
    stands, texts, older, required = session.database.batch(
        [
            posts_as_read(session.layout, [post_id]),
            texts_of(session.layout, [post_id]),
            reverting.one_revision(names, wanted),
            reverting.required_fields(names),
        ]
    )
    if not stands or stands[0]["version"] != found["version"]:
        raise changed_meanwhile(target.slug)
    by_kind = {str(row["kind"]): row["data"] for row in texts}
    replaces_draft = not (target.is_live and found["status"] == "published")
    present = (by_kind.get("draft") if replaces_draft else None) or by_kind.get("live") or by_kind["columns"]
    return _Opened(
        standing=stands[0],
        before=read(present),
        draft=None if by_kind.get("draft") is None else str(by_kind["draft"]),
        older=_of_post(found, wanted, older),
        required=frozenset(str(row["name"]) for row in required),
        notices=notices,
    )


def _of_post(post: Row, wanted: str, rows: list[Row]) -> Row:
    """The row of the revision.

    Raises:
        RefusedChangeError: it does not exist, or belongs to another post.
    """
    named = f"{post['slug']} ({post['locale']})"
    if not rows:
        raise RefusedChangeError(
            f"there is no revision {wanted}: EmDash keeps the last 50 of each post",
            hint=_SEE.format(post["slug"]),
            code="no_such_revision",
        )
    if rows[0]["entry_id"] != post["id"] or rows[0]["slug"] is None:
        other = f"post {rows[0]['slug']} ({rows[0]['locale']})" if rows[0]["slug"] else str(rows[0]["entry_id"])
        raise RefusedChangeError(
            f"the revision {wanted} belongs to {other}, not to {named}",
            hint=_SEE.format(post["slug"]),
            code="revision_of_another_post",
        )
    return rows[0]


def _last(session: Session, post: Row, target: RevertTarget) -> tuple[str, tuple[str, ...]]:
    """The revision before the present one: of a published post, the one that was live before; and what to remark."""
    post_id = str(post["id"])
    ordered, live = session.database.batch(
        [reverting.revisions_in_order(session.names, post_id), reverting.went_live(post_id)]
    )
    ids, is_public = [str(row["id"]) for row in ordered], post["status"] == "published"
    present = _unrenamed(live, str(post["live_revision_id"])) if is_public else post["draft_revision_id"]
    earlier = ids[: ids.index(str(present))] if present in ids else ids
    if is_public:
        if known := _live_before(str(present), earlier, live):
            return known, ()
        if earlier and target.is_live:
            raise RefusedChangeError(
                f"which revision of {target.slug} was live before the present one is not recorded: EmDash published it",
                hint=f"choose one: {_SEE.format(target.slug)}",
                code="last_unknown",
            )
    if not earlier:
        raise RefusedChangeError(
            f"{target.slug} ({post['locale']}) has no revision before the present one",
            hint=_SEE.format(target.slug),
            code="no_such_revision",
        )
    guessed = "which revision was live before is not recorded: this is the one that was written before the present one"
    return earlier[-1], ((guessed,) if is_public else ())


def _unrenamed(live: list[Row], present: str) -> str:
    """The revision that had the text of this one before the post was renamed: a new slug makes a new revision."""
    renamed = {str(row["revision"]): row["live_before"] for row in live if row["action"] == "renamed"}
    while before := renamed.pop(present, None):
        present = str(before)
    return present


def _live_before(present: str, earlier: list[str], live: list[Row]) -> str | None:
    """The revision that the present one replaced; None if that is not recorded."""
    of_present = [place for place, row in enumerate(live) if row["revision"] == present]
    if of_present:
        row = live[of_present[-1]]
        others = [str(each["revision"]) for each in live[: of_present[-1]] if each["revision"] != present]
        return str(row["live_before"]) if row["live_before"] else (others[-1] if others else None)
    # EmDash has published the present one: what was live before is certain only if nothing was written in between.
    return earlier[-1] if earlier and live and live[-1]["revision"] == earlier[-1] else None


def _plan(session: Session, post: _Opened, target: RevertTarget) -> _Plan:
    older = _data_of(post.older)
    data, notices = _with_slug(session, post, older)
    left_out = tuple(name for name in older if name not in session.layout.fields and name != STAGED_SLUG)
    data = {name: value for name, value in data.items() if name not in left_out}
    data |= _cleared(session, post, data)
    slug = str(post.standing["slug"])
    old, new = _said(session, post.before), _said(session, data)
    fields = changed_fields((old, slug), (new, slug))
    if target.is_live and post.standing["status"] != "published":
        fields = (*fields, "status")
    staged = str(data.get(STAGED_SLUG) or slug)
    person = session.person
    change = Change(
        post.standing,
        is_live=target.is_live,
        data=str(post.older["data"]) if data == older else compact_json(data),
        draft_read=post.draft,
        slug=staged if target.is_live and staged != slug else None,
        written_by=person.id if person else None,
        detail={"to_revision": post.older["id"], "fields": fields}
        | ({"reason": target.reason} if target.reason else {}),
    )
    labels = ("as it is live" if target.is_live else "as it is now", f"as it was in {post.older['id']}")
    was, becomes = rendered(old, slug, session.names), rendered(new, slug, session.names)
    lines = tuple(unified_diff(was, becomes, *labels, lineterm=""))
    values = () if lines else tuple(value_changes(old, new))
    notices = (*post.notices, *notices, *_of_draft(post, target, fields))
    return _Plan(change, fields, left_out, notices, lines, values)


def _of_draft(post: _Opened, target: RevertTarget, fields: tuple[str, ...]) -> tuple[str, ...]:
    """What becomes of the pending change of a published post."""
    if post.draft is None or not target.is_live or post.standing["status"] != "published":
        return ()
    if not fields:
        return ("its pending change stays",)
    return (f"its pending change is replaced; the history keeps it as revision {post.standing['draft_revision_id']}",)


def _data_of(older: Row) -> dict[str, Any]:
    """The data of the revision.

    Raises:
        RefusedChangeError: it is not a JSON object.
    """
    try:
        data = json.loads(str(older["data"]))
    except ValueError:
        data = None
    if not isinstance(data, dict):
        raise RefusedChangeError(
            f"the text of revision {older['id']} cannot be read: it is not a JSON object",
            hint=_SEE.format(older["slug"]),
            code="revision_unreadable",
        )
    return data


def _with_slug(session: Session, post: _Opened, data: dict[str, Any]) -> tuple[dict[str, Any], tuple[str, ...]]:
    """The data, without the slug that was staged in it if another post has that slug now."""
    staged, slug = data.get(STAGED_SLUG), str(post.standing["slug"])
    if not staged or staged == slug:
        return data, ()
    owner = session.database.query(slug_owner(session.names, str(staged), str(post.standing["id"])))
    if not owner:
        return data, ()
    kept = {name: value for name, value in data.items() if name != STAGED_SLUG}
    return kept, (f"it keeps the slug {slug}: {staged} belongs to post {owner[0]['id']} now",)


def _cleared(session: Session, post: _Opened, data: Mapping[str, Any]) -> dict[str, None]:
    """The fields that had no value then and have one now, as null: without it, they would stay as they are.

    EmDash and this tool leave out what has no value when they write a revision.
    """
    return {
        name: None
        for name in session.layout.fields
        if name not in data and name not in post.required and post.before.get(name) is not None
    }


def _said(session: Session, data: Mapping[str, Any]) -> dict[str, Any]:
    """What the data says in the fields of the collection: null says the same as nothing."""
    known = {*session.layout.fields, STAGED_SLUG}
    return {name: value for name, value in data.items() if name in known and value is not None}


def _carry_out(session: Session, change: Change, override: Override | None) -> _Done:
    run = Run("revert", session)
    first, claim = before_change(session, run.claim(), override)
    now = session.now()
    act = UpdateContext(claim, "reverted", now, session.settings.site, session.new_id)
    batch = [*first, *update_posts(session.layout, [change], act)]
    record = record_finished(run, claim, now, {"reverted": 1})
    if not session.database.batch([*batch, record])[len(batch) - 1]:
        raise changed_meanwhile(str(change.post["slug"]))
    return _Done(claim.first, run.id)


def _result(session: Session, post: _Opened, planned: _Plan, target: RevertTarget, done: _Done | None) -> Reverted:
    standing = post.standing
    return Reverted(
        outcome="reverted" if planned.fields else "unchanged",
        slug=str(planned.change.slug or standing["slug"]) if done else str(standing["slug"]),
        locale=str(standing["locale"]),
        post_id=str(standing["id"]),
        status="published" if target.is_live else str(standing["status"]),
        to=str(post.older["id"]),
        written_at=None if post.older["created_at"] is None else str(post.older["created_at"]),
        revision=done.revision if done else None,
        replaced=str(standing["draft_revision_id"]) if post.draft is not None and planned.fields else None,
        is_live=target.is_live,
        fields=planned.fields,
        left_out=planned.left_out,
        notices=(*session.layout.warnings, *planned.notices),
        by=session.actor,
        lines=planned.lines,
        values=planned.values,
        announced_on=_announced_on(session, planned) if planned.fields and target.is_preview else (),
        run=done.run if done else None,
    )


def _announced_on(session: Session, planned: _Plan) -> tuple[str, ...]:
    """The platforms that would be sent the change."""
    lanes = session.settings.site.lanes
    if not lanes or not planned.change.is_public:
        return ()
    from emdash_cli.store.announcing import by_post

    rows = session.database.query(expected_of(session.layout, [planned.change], lanes, session.now()))
    return by_post(rows).get(str(planned.change.post["id"]), ())
