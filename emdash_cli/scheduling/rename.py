"""Give a post another slug, at once; the old address of a published post redirects to the new one.

EmDash does the same when its API is sent a slug without a text (``handleContentUpdate`` in
https://github.com/emdash-cms/emdash/blob/main/packages/core/src/api/handlers/content.ts).
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from emdash_cli.domain.article import compact_json
from emdash_cli.domain.errors import RefusedChangeError
from emdash_cli.domain.post_text import STAGED_SLUG
from emdash_cli.posts.read import the_post
from emdash_cli.scheduling.locked import Override, before_change, check_changeable, overridden, unlocked
from emdash_cli.scheduling.schedule import changed_meanwhile
from emdash_cli.scheduling.sql.renaming import NewSlug, live_slug, rename, renamed_before, slug_owner
from emdash_cli.scheduling.sql.scheduling import find_posts
from emdash_cli.store.changes import AuditEntry, texts_of
from emdash_cli.store.session import Run, record_finished

if TYPE_CHECKING:
    from emdash_cli.domain.ports import Row
    from emdash_cli.store.session import Session


@dataclass(frozen=True, slots=True)
class RenameTarget:
    """Which post to rename.

    Attributes:
        new: the slug that it gets, valid; see `new_slug`.
        is_preview: report what would change without changing it.
        reason: kept in the audit table; empty if none was given.
        force: end a schedule that locks the post; only for admins.
    """

    slug: str
    new: str
    locale: str | None
    is_preview: bool
    reason: str = ""
    force: bool = False


@dataclass(frozen=True, slots=True)
class Renamed:
    """The result, or its preview.

    Attributes:
        outcome: renamed, or unchanged if the post already has that slug.
        slug: the new one.
        slug_before: the old one.
        path: the address that the post has, or will have once it is published.
        redirected_from: the old address, which redirects to the new one; None for a post that is not public, and in a
            store without redirects.
        notices: remarks on the change.
        announced_on: in a preview, the platforms that would be sent the change.
        run: id of the run; None in a preview and if nothing changed.
    """

    outcome: str
    slug: str
    slug_before: str
    locale: str
    post_id: str
    status: str
    path: str
    redirected_from: str | None
    notices: tuple[str, ...]
    by: str
    announced_on: tuple[str, ...]
    run: str | None


def new_slug(session: Session, text: str) -> tuple[str, tuple[str, ...]]:
    """The slug in the text, as a queue file may name it, and remarks.

    Raises:
        UsageError: it is not a slug.
    """
    from emdash_cli.scheduling.edits import Options, edits_of_options

    options = Options({"slug": text}, names={"slug": "NEW"})
    edits = edits_of_options(options, session.settings.timezone, session.clock())
    return str(edits.values["slug"]), edits.notices


def rename_post(session: Session, target: RenameTarget) -> Renamed:
    """Rename the post or, with `is_preview`, only report what would change.

    Raises:
        RefusedChangeError: a schedule locks the post, another one has the slug, or somebody else has just changed it.
        NotAllowedError: the user's role does not suffice.
        UsageError: the new slug is not valid.
        DatabaseError: the store is unreachable or failing.
    """
    new, remarks = new_slug(session, target.new)
    names = session.names
    rows, done, there = session.open(
        [find_posts(names, target.slug), renamed_before(names, target.slug, new), find_posts(names, new)]
    )
    if not rows and done:
        # A run that was killed too late, or whose answer was lost, is repeated.
        rows = [row for row in there if row["id"] in {each["id"] for each in done}]
        remarks = (*remarks, f"it was renamed from {target.slug} before")
    found = the_post(session, target.slug, target.locale, rows)
    session.require("edit", {found["author_id"], found["byline_user_id"]})
    if found["status"] == "published":
        session.require("publish")
    override = None
    if target.force:
        override = overridden(session, found, "renamed")
    else:
        check_changeable(found, session.settings.timezone, "renamed")
    if override and new != found["slug"]:
        found = unlocked(found)
        remarks = (override.notice, *remarks)
    post = _read(session, found, new)._replace(override=override)
    notices = (*session.layout.warnings, *remarks, *_notices(post, new))
    run = None
    if new != found["slug"] and not target.is_preview:
        run = _carry_out(session, post, new, target.reason)
    return _result(session, found, new, notices, run)


class _Opened(NamedTuple):
    """A post that may be renamed.

    Attributes:
        texts: the data of its ``draft`` and its ``live`` revision, as far as it has them, and that of its ``columns``.
        staged: the slug that its draft gives to it.
        names_slug: whether the revision that it shows, or the draft of a post that is not public, names a slug.
    """

    row: Row
    texts: dict[str, str]
    staged: str | None
    names_slug: bool
    override: Override | None = None


def _read(session: Session, found: Row, new: str) -> _Opened:
    names, post_id = session.names, str(found["id"])
    texts, owner, live = session.database.batch(
        [texts_of(session.layout, [post_id]), slug_owner(names, new, post_id), live_slug(names, post_id)]
    )
    if owner:
        where = "in the trash" if owner[0]["deleted_at"] else str(owner[0]["status"])
        raise RefusedChangeError(
            f"the slug {new} ({found['locale']}) belongs to post {owner[0]['id']}, “{owner[0]['title']}”, which is"
            f" {where}",
            hint="choose another slug, or rename that post first",
            code="slug_taken",
        )
    by_kind = {str(row["kind"]): str(row["data"]) for row in texts if row["data"] is not None}
    staged = None if found["staged"] is None else str(found["staged"])
    return _Opened(found, by_kind, staged, bool(live) if found["status"] == "published" else staged is not None)


def _notices(post: _Opened, new: str) -> tuple[str, ...]:
    if post.row["status"] != "published" or post.staged in {None, new}:
        return ()
    return (f"its pending change has another slug, {post.staged}, which the post gets when that goes live",)


def _carry_out(session: Session, post: _Opened, new: str, reason: str) -> str:
    """Rename the post; the id of the run."""
    run = Run("rename", session)
    first, claim = before_change(session, run.claim(), post.override)
    now = session.now()
    is_live = post.row["status"] == "published"
    detail = {"form": "live" if is_live and post.names_slug else "touch"} | ({"reason": reason} if reason else {})
    entry = AuditEntry(claim, now, "renamed", post.row, compact_json(detail))
    batch = [*first, *rename(session.layout, entry, _revised(post, new), session.settings.site)]
    record = record_finished(run, claim, now, {"renamed": 1})
    if not session.database.batch([*batch, record])[len(batch) - 1]:
        raise changed_meanwhile(str(post.row["slug"]))
    return run.id


def _revised(post: _Opened, new: str) -> NewSlug:
    """The revision with the new slug in place of the one that the present revision names.

    Raises:
        RefusedChangeError: the text cannot be read.
    """
    is_live = post.row["status"] == "published"
    if not post.names_slug:
        return NewSlug(new, None, None)
    stored = post.texts["live" if is_live else "draft"]
    try:
        data = json.loads(stored)
    except ValueError:
        data = None
    if not isinstance(data, dict):
        raise RefusedChangeError(
            f"the text of {post.row['slug']} ({post.row['locale']}) cannot be read: it is not a JSON object",
            hint=f"return it to an older revision first: `emdash revert {post.row['slug']} --to REVISION`",
            code="revision_unreadable",
        )
    return NewSlug(new, compact_json({**data, STAGED_SLUG: new}), None if is_live else stored)


def _result(session: Session, found: Row, new: str, notices: tuple[str, ...], run: str | None) -> Renamed:
    before, locale = str(found["slug"]), str(found["locale"])
    path = session.settings.site.path
    is_change = new != before
    is_redirected = is_change and found["status"] == "published" and session.layout.has_redirects
    return Renamed(
        outcome="renamed" if is_change else "unchanged",
        slug=new,
        slug_before=before,
        locale=locale,
        post_id=str(found["id"]),
        status=str(found["status"]),
        path=path.of(new, locale),
        redirected_from=path.of(before, locale) if is_redirected else None,
        notices=notices,
        by=session.actor,
        announced_on=_announced_on(session, found) if is_change and run is None else (),
        run=run,
    )


def _announced_on(session: Session, found: Row) -> tuple[str, ...]:
    """The platforms that would be sent the change."""
    lanes = session.settings.site.lanes
    if not lanes or found["status"] != "published":
        return ()
    from emdash_cli.store.announcing import Expected, by_post, expected

    rows = session.database.query(expected(session.layout, [Expected(str(found["id"]))], lanes, session.now()))
    return by_post(rows).get(str(found["id"]), ())
