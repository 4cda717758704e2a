"""Which translations a post has; link a post to another as its translation, and unlink it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, NamedTuple

from emdash_cli.domain.errors import RefusedChangeError
from emdash_cli.posts.read import the_post
from emdash_cli.scheduling.locked import check_changeable
from emdash_cli.scheduling.schedule import changed_meanwhile
from emdash_cli.scheduling.sql import translations as sql
from emdash_cli.store.changes import Group
from emdash_cli.store.session import Run, record_finished

if TYPE_CHECKING:
    from collections.abc import Sequence

    from emdash_cli.domain.ports import Row
    from emdash_cli.store.session import Session

_ALONE: Final = "first unlink one of them: `emdash translations {} --unlink`"


@dataclass(frozen=True, slots=True)
class LinkTarget:
    """Which post to link or unlink.

    Attributes:
        to: slug or id of the post that it is to be a translation of, or the other way round; None: unlink it.
        to_locale: of that post, if several posts share the slug.
        is_preview: report what would change without changing it.
        reason: kept in the audit table; empty if none was given.
    """

    slug: str
    locale: str | None
    to: str | None
    to_locale: str | None
    is_preview: bool
    reason: str = ""


@dataclass(frozen=True, slots=True)
class GroupMember:
    """One post of a translation group.

    Attributes:
        status: of the post; ``trashed``: it is in the trash.
        published_at: UTC text; None if it was never public.
    """

    locale: str
    slug: str
    status: str
    title: str
    post_id: str
    published_at: str | None


@dataclass(frozen=True, slots=True)
class Translations:
    """The translation group of a post, after a change if there was one.

    Attributes:
        outcome: listed, linked, unlinked, or unchanged if it was so before.
        posts: of the group, by locale; the post itself is one of them.
        missing: locales of the settings that have no post outside the trash.
        moved: slugs of the posts whose group changed.
        notices: remarks on the change.
        by: who made the change; None if there was none to make.
        announced_on: in a preview, the platforms that would be sent the change.
        run: id of the run; None in a preview and if nothing changed.
    """

    outcome: str
    slug: str
    locale: str
    post_id: str
    posts: tuple[GroupMember, ...]
    missing: tuple[str, ...]
    moved: tuple[str, ...] = ()
    notices: tuple[str, ...] = ()
    by: str | None = None
    announced_on: tuple[str, ...] = ()
    run: str | None = None


def read_translations(session: Session, slug: str, locale: str | None) -> Translations:
    """The translations of the post.

    Raises:
        UsageError: posts in several locales have the slug, and none was chosen.
        EmdashError: there is no such post.
        DatabaseError: the store is unreachable or failing.
    """
    rows = [row for answer in session.open(sql.named(session.names, slug)) for row in answer]
    session.require("read")
    post = _chosen(session, slug, locale, rows)
    return _result(session, "listed", post, _groups(session, post)[str(post["translation_group"])])


def link(session: Session, target: LinkTarget) -> Translations:
    """Link the post to another one or, without one, unlink it; with `is_preview`, only report it.

    Raises:
        RefusedChangeError: both posts have translations, or have the same locale; a schedule locks a post that would
            move; or somebody else has just changed one.
        NotAllowedError: the user's role does not suffice.
        UsageError: posts in several locales have the slug, and none was chosen.
        EmdashError: there is no such post.
        DatabaseError: the store is unreachable or failing.
    """
    slugs = [target.slug, *([target.to] if target.to else [])]
    rows = [row for answer in session.open(sql.named(session.names, *slugs)) for row in answer]
    post = _chosen(session, target.slug, target.locale, rows)
    _permit(session, post)
    if target.to is None:
        groups = _groups(session, post)
        move = _parted(session, post, groups)
    else:
        other = _other(session, post, target.to, target.to_locale, rows)
        _permit(session, other)
        groups = _groups(session, post, other)
        move = _joined(post, other, groups)
    return _carry_out(session, target, post, groups, move)


class _Move(NamedTuple):
    """Posts, and the group that they move to.

    Attributes:
        is_alone: whether no other post may be there.
        said: kept in the audit rows, for people.
    """

    posts: Sequence[Row]
    group: str
    is_alone: bool
    said: dict[str, str]


_Groups = dict[str, list["Row"]]


def _chosen(session: Session, slug: str, locale: str | None, rows: Sequence[Row]) -> Row:
    there = {row["id"]: row for row in rows if row["deleted_at"] is None}
    with_id = there.get(slug)
    if with_id and locale in {None, with_id["locale"]}:
        return with_id
    return the_post(session, slug, locale, [row for row in there.values() if row["slug"] == slug])


def _other(session: Session, post: Row, to: str, locale: str | None, rows: Sequence[Row]) -> Row:
    """The post to link to: if several have the slug, and no locale was given, the only one in another locale."""
    elsewhere = [row for row in rows if row["locale"] != post["locale"] or row["id"] == to]
    found = _chosen(session, to, locale, elsewhere if locale is None and elsewhere else rows)
    if found["locale"] == post["locale"]:
        what = "the same post" if found["id"] == post["id"] else f"both in {post['locale']}"
        raise RefusedChangeError(
            f"{post['slug']} and {to} are {what}, and cannot be translations of each other",
            hint="" if found["id"] == post["id"] else "--to-locale names the language of the other post",
            code="same_locale",
        )
    return found


def _permit(session: Session, post: Row) -> None:
    session.require("edit", {post["author_id"], post["byline_user_id"]})


def _groups(session: Session, *posts: Row) -> _Groups:
    """The posts of the groups of these posts, by group; those in the trash last."""
    wanted = list(dict.fromkeys(str(post["translation_group"]) for post in posts))
    found = {str(row["id"]): row for row in session.database.query(sql.members(session.names, wanted))}
    found |= {str(post["id"]): post for post in posts if post["id"] not in found}
    groups: _Groups = {}
    for row in sorted(found.values(), key=lambda row: (row["deleted_at"] is not None, row["locale"], row["id"])):
        groups.setdefault(str(row["translation_group"]), []).append(row)
    return groups


def _others(post: Row, groups: _Groups) -> list[Row]:
    """The other posts of the group outside the trash."""
    members = groups[str(post["translation_group"])]
    return [row for row in members if row["id"] != post["id"] and row["deleted_at"] is None]


def _joined(post: Row, other: Row, groups: _Groups) -> _Move | None:
    """A post without translations moves to the group of the other one."""
    if post["translation_group"] == other["translation_group"]:
        return None
    mover, host = (post, other) if not _others(post, groups) else (other, post)
    if _others(mover, groups):
        raise RefusedChangeError(
            f"{post['slug']} ({post['locale']}) and {other['slug']} ({other['locale']}) both have other translations",
            hint=_ALONE.format(post["slug"]),
            code="both_translated",
        )
    for row in (host, *_others(host, groups)):
        if row["locale"] == mover["locale"]:
            raise RefusedChangeError(
                f"{host['slug']} ({host['locale']}) already has a translation into {mover['locale']}:"
                f" {row['slug']}, post {row['id']}",
                hint=f"unlink that one first: `emdash translations {row['slug']} --locale {row['locale']} --unlink`",
                code="translated",
            )
    said = {"with": _named((host, *_others(host, groups)))}
    return _Move((mover,), str(host["translation_group"]), is_alone=False, said=said)


def _parted(session: Session, post: Row, groups: _Groups) -> _Move | None:
    """The post gets a group of its own. If the group is named after it, the others move instead."""
    others = _others(post, groups)
    if not others:
        return None
    group, post_id = str(post["translation_group"]), str(post["id"])
    if group == post_id:
        movers = [row for row in groups[group] if row["id"] != post_id]
        return _Move(movers, min(str(row["id"]) for row in others), is_alone=True, said={"from": _named((post,))})
    taken = session.database.query(sql.members(session.names, [post_id]))
    said = {"from": _named(others)}
    return _Move((post,), session.new_id() if taken else post_id, is_alone=True, said=said)


def _named(posts: Sequence[Row]) -> str:
    return ", ".join(f"{row['slug']} ({row['locale']})" for row in posts)


def _carry_out(session: Session, target: LinkTarget, post: Row, groups: _Groups, move: _Move | None) -> Translations:
    if move is None:
        return _result(session, "unchanged", post, groups[str(post["translation_group"])])
    done = "linked" if target.to else "unlinked"
    for row in move.posts:
        if row["deleted_at"] is None:
            check_changeable(row, session.settings.timezone, done)
    run = None if target.is_preview else _move(session, done, move, target.reason)
    moved = {row["id"] for row in move.posts}
    after = move.group if post["id"] in moved else str(post["translation_group"])
    rows = [row for group in groups.values() for row in group]
    left = [row for row in rows if (move.group if row["id"] in moved else str(row["translation_group"])) == after]
    result = _result(session, done, post, left)
    return replace(
        result,
        moved=tuple(str(row["slug"]) for row in move.posts),
        notices=(*result.notices, *(_shared(session, result.posts) if target.to else ())),
        announced_on=_announced_on(session, move) if target.is_preview else (),
        run=run,
    )


def _move(session: Session, done: str, move: _Move, reason: str) -> str:
    """Move the posts; the id of the run."""
    run = Run("link" if done == "linked" else "unlink", session)
    claim, now = run.claim(), session.now()
    details = [
        {
            "group": move.group,
            "group_before": row["translation_group"],
            "alone": move.is_alone,
            "form": "touch",
            "public": _is_public(row),
            "revision": row["draft_revision_id"] or row["live_revision_id"],
        }
        | move.said
        | ({"reason": reason} if reason else {})
        for row in move.posts
    ]
    batch = sql.move(session.layout, Group(claim, now, done, move.posts, details), session.settings.site)
    record = record_finished(run, claim, now, {done: len(move.posts)})
    if not session.database.batch([*batch, record])[len(batch) - 1]:
        raise changed_meanwhile(" or ".join(str(row["slug"]) for row in move.posts))
    return run.id


def _is_public(post: Row) -> bool:
    return post["status"] == "published" and post["deleted_at"] is None


def _result(session: Session, outcome: str, post: Row, rows: Sequence[Row]) -> Translations:
    there = {str(row["locale"]) for row in rows if row["deleted_at"] is None}
    known = dict.fromkeys(locale for stream in session.settings.streams for locale in stream.locales)
    return Translations(
        outcome=outcome,
        slug=str(post["slug"]),
        locale=str(post["locale"]),
        post_id=str(post["id"]),
        posts=tuple(_member(row) for row in sorted(rows, key=lambda row: (row["locale"], row["id"]))),
        missing=tuple(locale for locale in known if locale not in there),
        notices=session.layout.warnings,
        by=None if outcome == "listed" else session.actor,
    )


def _member(row: Row) -> GroupMember:
    return GroupMember(
        locale=str(row["locale"]),
        slug=str(row["slug"] or ""),
        status="trashed" if row["deleted_at"] else str(row["status"]),
        title=str(row["title"] or ""),
        post_id=str(row["id"]),
        published_at=None if row["published_at"] is None else str(row["published_at"]),
    )


def _shared(session: Session, posts: Sequence[GroupMember]) -> tuple[str, ...]:
    if not session.layout.terms_by_group:
        return ()
    named = ", ".join(f"{post.slug} ({post.locale})" for post in posts if post.status != "trashed")
    return (f"EmDash shares terms between translations, so these have the same: {named}",)


def _announced_on(session: Session, move: _Move) -> tuple[str, ...]:
    """The platforms that would be sent the change."""
    lanes = session.settings.site.lanes
    public = [str(row["id"]) for row in move.posts if _is_public(row)]
    if not lanes or not public:
        return ()
    from emdash_cli.store.announcing import Expected, by_post, expected

    wanted = expected(session.layout, [Expected(post) for post in public], lanes, session.now())
    named = by_post(session.database.query(wanted))
    return tuple(dict.fromkeys(lane for lanes in named.values() for lane in lanes))
