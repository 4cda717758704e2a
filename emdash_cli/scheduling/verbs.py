"""Publish, unpublish, trash and untrash posts: many at once, in groups that happen as a whole or not at all."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Final, NamedTuple

from emdash_cli.domain.errors import RefusedChangeError, TooLargeError
from emdash_cli.domain.instants import from_utc_text
from emdash_cli.domain.outcome import HOLDS
from emdash_cli.scheduling.schedule import CHANGED_MEANWHILE, shown_time
from emdash_cli.scheduling.selection import label, one_error, select_posts
from emdash_cli.scheduling.sql import verbs as sql
from emdash_cli.scheduling.sql.selection import by_ids
from emdash_cli.store.changes import MOST_POSTS, Group
from emdash_cli.store.due import OVERDUE_IN_TRASH
from emdash_cli.store.session import Run

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from datetime import datetime

    from emdash_cli.domain.ports import Row, Statement
    from emdash_cli.scheduling.selection import Selection
    from emdash_cli.store.session import Session


class Verb(StrEnum):
    """What can be done to posts; the value is the name of the command."""

    PUBLISH = "publish"
    UNPUBLISH = "unpublish"
    TRASH = "trash"
    UNTRASH = "untrash"

    @property
    def done(self) -> str:
        """The outcome, which is also the action in the audit table."""
        return f"{self.value}ed"

    @property
    def run_kind(self) -> str:
        """The kind of its runs; those of `publish-queue` are called publish."""
        return "publish-now" if self is Verb.PUBLISH else self.value


UNCHANGED: Final = "unchanged"
"""The outcome of a post that was as wanted before."""
_BATCH: Final = {
    Verb.PUBLISH: sql.publish,
    Verb.UNPUBLISH: sql.unpublish,
    Verb.TRASH: sql.trash,
    Verb.UNTRASH: sql.untrash,
}
_KNOWN: Final = frozenset({"draft", "scheduled", "published"})


@dataclass(frozen=True, slots=True)
class VerbRequest:
    """A change to posts.

    Attributes:
        posts: which ones.
        reason: kept in the audit table; empty: none.
        force: publish posts that are held, or that were changed since they were scheduled.
        is_preview: report what would change without changing it.
    """

    verb: Verb
    posts: Selection
    reason: str = ""
    force: bool = False
    is_preview: bool = False


class Act(NamedTuple):
    """What is done to posts, and in whose name.

    Attributes:
        run: that does it; its counts are recorded with each group.
        detail: what the audit row of each post says besides.
        force: as of `VerbRequest`.
        is_preview: as of `VerbRequest`.
        stopped: called between groups of posts; the rest is left as it is when it returns True.
    """

    verb: Verb
    run: Run
    detail: Mapping[str, object] = {}
    force: bool = False
    is_preview: bool = False
    stopped: Callable[[], bool] = lambda: False


@dataclass(frozen=True, slots=True)
class ActedOn:
    """A post and what was done to it.

    Attributes:
        outcome: published, unpublished, trashed, untrashed or unchanged; of an expiry, expiry_set or expiry_removed.
        status: of the post afterwards; ``trashed`` in the trash, ``held`` if a person has to review it.
        published_at: UTC text; None if it is not live.
        scheduled_at: UTC text; None if it is not scheduled.
        expires_at: when it is taken down again, UTC text; None if it is not.
        notes: what else became of it, in sentences.
        announced_on: platforms: of a post to be published in a preview, where it would be announced, or its change
            sent; of one that is taken back, where it was announced, which cannot be taken back.
    """

    outcome: str
    slug: str
    locale: str
    post_id: str
    status: str
    published_at: str | None = None
    scheduled_at: str | None = None
    expires_at: str | None = None
    notes: tuple[str, ...] = ()
    announced_on: tuple[str, ...] = ()


def carry_out(session: Session, request: VerbRequest, stopped: Callable[[], bool] = lambda: False) -> Iterator[ActedOn]:
    """Make the change, and yield each post once it is durable. If one of them forbids it, nothing is changed.

    Raises:
        NotAllowedError: the user's role does not suffice.
        EmdashError: there are no such posts.
        UsageError: posts in several locales have a slug, and none was chosen.
        RefusedChangeError: a post's state forbids it, and nothing was done; or somebody has just changed posts of a
            group: nothing was done to that group, and what was yielded before is done.
        DatabaseError: the store is unreachable or failing; what was yielded before is durable.
    """
    trashed = request.verb in {Verb.TRASH, Verb.UNTRASH}
    posts = select_posts(session, request.posts._replace(trashed=trashed), request.verb.value, sql.MORE)
    if request.force:
        session.require("override the schedule of")
    detail = {"reason": request.reason} if request.reason else {}
    run = Run(request.verb.run_kind, session)
    act = Act(request.verb, run, detail, request.force, request.is_preview, stopped)
    yield from act_on(session, act, posts)


def act_on(session: Session, act: Act, posts: Sequence[Row]) -> Iterator[ActedOn]:
    """Do it to these posts, unless one of them forbids it; see `carry_out`.

    Args:
        session: in which the posts were read; who may do it was checked before.
        act: what to do.
        posts: rows of `sql.selection.by_ids` with `sql.verbs.MORE`.
    """
    judged = [(post, _verdict(session, act, post)) for post in posts]
    if refused := [verdict.refusal for _, verdict in judged if verdict.refusal]:
        raise one_error(refused, len(posts))
    yield from (_as_it_is(post) for post, verdict in judged if verdict.is_done)
    wanted = [(post, verdict) for post, verdict in judged if not verdict.is_done]
    in_group = _previewed if act.is_preview else _acted
    size = MOST_POSTS
    while wanted and not act.stopped():
        try:
            done = in_group(session, act, wanted[:size])
        except TooLargeError:
            if size == 1:
                raise
            size //= 2
            continue
        wanted = wanted[size:]
        yield from done


@dataclass(frozen=True, slots=True)
class _Verdict:
    """Whether a post can be changed.

    Attributes:
        refusal: why it cannot.
        is_done: whether it is as wanted.
        detail: what its audit row says of it.
        notes: for people.
    """

    refusal: RefusedChangeError | None = None
    is_done: bool = False
    detail: Mapping[str, object] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


_DONE: Final = _Verdict(is_done=True)


def _verdict(session: Session, act: Act, post: Row) -> _Verdict:
    match act.verb:
        case Verb.PUBLISH:
            return _to_publish(session, post, force=act.force)
        case Verb.UNPUBLISH:
            return _to_unpublish(post)
        case Verb.TRASH:
            return _to_trash(post)
        case Verb.UNTRASH:
            return _to_untrash(session, post)


def _to_publish(session: Session, post: Row, *, force: bool) -> _Verdict:
    has_change = post["draft_revision_id"] not in {None, post["live_revision_id"]}
    if refusal := _of_another_kind(post):
        return _Verdict(refusal)
    if post["status"] == "published" and not has_change:
        return _DONE
    if post["staged_owner"]:
        why = f"gets the slug {post['staged']}, which belongs to post {post['staged_owner']}"
        return _Verdict(_refusal(post, why, "give it another slug with `emdash edit`", "slug_taken"))
    if post["expires_at"] and str(post["expires_at"]) <= session.now():
        why = f"was to be taken down by {shown_time(post['expires_at'], session.settings.timezone)}"
        hint = f"give it another time with `emdash unpublish {post['slug']} --at WHEN`, or none with `--at never`"
        return _Verdict(_refusal(post, why, hint, "already_expired"))
    overrides = _overridden(session, post)
    if overrides and not force:
        accept = f"accept the text with `emdash reschedule {post['slug']} --at now`"
        hint = f"review `emdash diff {post['slug']}`, then {accept}, or publish it as an admin with --force"
        return _Verdict(_refusal(post, overrides, hint, "held" if post["held_at"] else "text_changed"))
    if overrides:
        lock = {name: post[name] for name in ("locked_by", "locked_at", "held_reason")}
        return _Verdict(detail={"overrides": lock}, notes=(f"although it {overrides}",))
    return _Verdict(notes=_early(session, post))


def _overridden(session: Session, post: Row) -> str:
    """What a review that the lock demands says against publishing the post as it is; empty: nothing."""
    if not post["locked"]:
        return ""
    zone = session.settings.timezone
    reviewed = f"{post['locked_by']} scheduled it on {shown_time(post['locked_at'], zone)}"
    if post["held_at"]:
        return f"has been held since {shown_time(post['held_at'], zone)}: {post['held_reason']} ({reviewed})"
    is_scheduled = post["scheduled_at"] is not None or post["status"] == "scheduled"
    if post["edited"] and is_scheduled:
        when = shown_time(post["scheduled_at"] or post["locked_until"], zone)
        return f"is scheduled for {when}, and was changed since {reviewed}"
    return ""


def _early(session: Session, post: Row) -> tuple[str, ...]:
    if post["scheduled_at"] is None:
        return ()
    return (f"it was scheduled for {shown_time(post['scheduled_at'], session.settings.timezone)}",)


def _to_unpublish(post: Row) -> _Verdict:
    if refusal := _of_another_kind(post):
        return _Verdict(refusal)
    if post["status"] == "scheduled":
        hint = f"use `emdash unschedule {post['slug']}`"
        return _Verdict(_refusal(post, "is scheduled, and not public yet", hint, "not_published"))
    if post["status"] == "draft":
        return _DONE
    detail: dict[str, object] = {"published_before": post["published_at"]}
    notes: tuple[str, ...] = ()
    if post["scheduled_at"] is not None:
        notes = ("its scheduled change was unscheduled, and remains as the draft",)
    return _Verdict(detail=detail, notes=notes)


def _to_trash(post: Row) -> _Verdict:
    if post["deleted_at"] is not None:
        return _DONE
    if post["status"] == "scheduled" or post["scheduled_at"] is not None:
        return _Verdict(notes=("it keeps its schedule, and is not published while it is in the trash",))
    return _Verdict()


def _to_untrash(session: Session, post: Row) -> _Verdict:
    if post["deleted_at"] is None:
        return _DONE
    instead = f"`emdash reschedule {post['slug']} --at now` publishes it, `emdash unschedule {post['slug']}` does not"
    detail = missed_in_trash(post, session.clock())
    if not detail:
        return _Verdict(notes=(f"it is held: {post['held_reason']}; {instead}",) if post["held_at"] else ())
    when = shown_time(detail["wanted"], session.settings.timezone)
    note = f"it is held: the time it was scheduled for, {when}, passed while it was in the trash"
    return _Verdict(detail=detail, notes=(f"{note}; {instead}",))


def missed_in_trash(post: Row, now: datetime) -> dict[str, object]:
    """What the audit row says if a post comes back from the trash later than its time, so that it is held; else empty.

    Args:
        post: a row with ``status``, ``scheduled_at`` and ``published_at``.
        now: aware.
    """
    is_wish = post["status"] == "scheduled" and post["scheduled_at"] is None
    wanted = post["published_at"] if is_wish else post["scheduled_at"]
    if wanted is None or not _has_passed(str(wanted), now):
        return {}
    return {"code": OVERDUE_IN_TRASH, "held_reason": HOLDS[OVERDUE_IN_TRASH], "wanted": wanted}


def _has_passed(text: str, now: datetime) -> bool:
    """Whether a time of the store has passed; one that cannot be read counts as past, as in a sweep."""
    try:
        return from_utc_text(text) <= now
    except ValueError:
        return True


def _of_another_kind(post: Row) -> RefusedChangeError | None:
    if post["deleted_at"] is not None:
        hint = f"bring it back with `emdash untrash {post['slug']}`"
        return _refusal(post, "is in the trash", hint, "in_trash")
    if post["status"] not in _KNOWN:
        return _refusal(post, f"has the status {post['status']}, which emdash does not change", "", "refused")
    return None


def _refusal(post: Row, why: str, hint: str, code: str) -> RefusedChangeError:
    return RefusedChangeError(f"{label(post)} {why}", hint=hint, code=code)


_Group = list[tuple["Row", _Verdict]]


def _acted(session: Session, act: Act, group: _Group) -> list[ActedOn]:
    """Change a group of posts.

    Raises:
        RefusedChangeError: a post has changed since it was read, or cannot be published; nothing was changed.
    """
    posts = [post for post, _ in group]
    *_, found = session.database.batch(_batch(session, act, group))
    if not found:
        raise _why_not(session, act, posts)
    session.run = act.run.id
    act.run.counts[act.verb.done] = act.run.counts.get(act.verb.done, 0) + len(found)
    notes = {str(post["id"]): verdict.notes for post, verdict in group}
    done = [_as_it_is(row, act.verb.done, notes[str(row["id"])]) for row in found]
    return _with_announced(session, act, done)


def _batch(session: Session, act: Act, group: _Group) -> list[Statement]:
    claim = act.run.claim()
    posts = [post for post, _ in group]
    details = [
        {**act.detail, **verdict.detail, **_new_revision(act, post, f"{claim.prefix}{place:04}")}
        for place, (post, verdict) in enumerate(group)
    ]
    counts = {**act.run.counts, act.verb.done: act.run.counts.get(act.verb.done, 0) + len(group)}
    record = sql.RunRecord(act.run.id, act.run.kind, act.run.started_at, counts)
    what = Group(claim, session.now(), act.verb.done, posts, details)
    return _BATCH[act.verb](session.layout, what, session.settings.site, record)


def _new_revision(act: Act, post: Row, row_id: str) -> dict[str, object]:
    """The draft that is created from the live revision of a post that is taken back; it has the id of the audit row."""
    is_made = post["draft_revision_id"] is None and post["live_revision_id"] is not None
    return {"revision": row_id} if act.verb is Verb.UNPUBLISH and is_made else {}


def _why_not(session: Session, act: Act, posts: Sequence[Row]) -> RefusedChangeError:
    """Why a group was not changed: what is wrong with the posts themselves, or who was changed meanwhile."""
    ids = [str(post["id"]) for post in posts]
    before = {str(post["id"]): post for post in posts}
    reads = by_ids(session.names, ids, sql.MORE)
    if act.verb is Verb.PUBLISH:
        reads.append(sql.faults_of(session.layout, ids))
    rows, *faults = session.database.batch(reads)
    if faults and faults[0]:
        said = [f"{before[str(row['id'])]['slug']}: {HOLDS.get(str(row['fault']), row['fault'])}" for row in faults[0]]
        return RefusedChangeError(
            f"nothing was published of a group of {len(posts)}, because of {'; '.join(said)}",
            hint="correct it with `emdash edit`, or leave it out",
            code=str(faults[0][0]["fault"]),
        )
    now = {str(row["id"]): row for row in rows}
    changed = [str(post["slug"]) for post in posts if now.get(str(post["id"])) != post]
    names = ", ".join(changed or [str(post["slug"]) for post in posts])
    rest = "" if len(posts) == 1 else f"; nothing was done to the {len(posts)} posts of its group"
    return RefusedChangeError(
        f"somebody else has just changed {names}{rest or '; nothing was done'}",
        hint="review the change, then run the command again",
        code=CHANGED_MEANWHILE,
    )


def _previewed(session: Session, act: Act, group: _Group) -> list[ActedOn]:
    done = [_as_it_is(_after(act.verb, post, verdict), act.verb.done, verdict.notes) for post, verdict in group]
    if act.verb is Verb.PUBLISH:
        return _expected(session, done)
    return _with_announced(session, act, done)


def _after(verb: Verb, post: Row, verdict: _Verdict) -> Row:
    """The row as the verb would leave it."""
    match verb:
        case Verb.PUBLISH:
            return {**post, "status": "published", "scheduled_at": None, "slug": post["staged"] or post["slug"]}
        case Verb.UNPUBLISH:
            return {**post, "status": "draft", "published_at": None, "scheduled_at": None, "expires_at": None}
        case Verb.TRASH:
            return {**post, "deleted_at": ""}
        case Verb.UNTRASH:
            held = {"status": "draft" if post["status"] == "scheduled" else post["status"], "scheduled_at": None}
            return {**post, "deleted_at": None, **(held if "code" in verdict.detail else {})}


def _expected(session: Session, done: Sequence[ActedOn]) -> list[ActedOn]:
    """With the platforms where the posts would be announced, or their changes sent."""
    lanes = session.settings.site.lanes
    if not lanes:
        return list(done)
    from emdash_cli.store.announcing import Expected, by_post, expected

    now = session.now()
    wanted = [Expected(post.post_id, published_at=now) for post in done]
    found = by_post(session.database.query(expected(session.layout, wanted, lanes, now)))
    return [replace(post, announced_on=found.get(post.post_id, ())) for post in done]


def _with_announced(session: Session, act: Act, done: Sequence[ActedOn]) -> list[ActedOn]:
    """With the platforms where posts that are taken back were announced."""
    if act.verb not in {Verb.UNPUBLISH, Verb.TRASH} or not session.settings.platforms:
        return list(done)
    from emdash_cli.store.announcing import by_post, where_announced

    found = by_post(session.database.query(where_announced([post.post_id for post in done])))
    return [replace(post, announced_on=found.get(post.post_id, ())) for post in done]


def _as_it_is(post: Row, outcome: str = UNCHANGED, notes: tuple[str, ...] = ()) -> ActedOn:
    is_live = post["status"] == "published"
    return ActedOn(
        outcome=outcome,
        slug=str(post["slug"]),
        locale=str(post["locale"]),
        post_id=str(post["id"]),
        status="trashed" if post["deleted_at"] is not None else str(post["status"]),
        published_at=str(post["published_at"]) if is_live and post["published_at"] else None,
        scheduled_at=str(post["scheduled_at"]) if post["scheduled_at"] else None,
        expires_at=str(post["expires_at"]) if post["expires_at"] else None,
        notes=notes,
    )
