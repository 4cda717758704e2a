"""Schedule, reschedule or unschedule posts: one or ten thousand, in groups of which each is one batch."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Final, Literal, NamedTuple, assert_never

from emdash_cli.domain.errors import EmdashError, RefusedChangeError, TooLargeError
from emdash_cli.domain.instants import describe, from_utc_text, utc_text
from emdash_cli.domain.shifts import Shift
from emdash_cli.domain.slots import FreeSlots
from emdash_cli.scheduling.selection import Selection, label, one_error, select_posts
from emdash_cli.scheduling.sql.scheduling import change_schedules, mark_continued, record_progress
from emdash_cli.store.changes import MOST_POSTS, Group
from emdash_cli.store.labels import STREAM
from emdash_cli.store.session import Run

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from emdash_cli.domain.ports import Row, Value
    from emdash_cli.scheduling.placing import Places
    from emdash_cli.store.session import Session

Verb = Literal["schedule", "reschedule", "unschedule"]
Interrupted = Literal["refuse", "continue", "repeat"]

UNCHANGED: Final = "unchanged"
LEFT: Final = "left"
"""In the counts of a run: posts that it has not reached yet."""
_DONE: Final = {"schedule": "scheduled", "reschedule": "rescheduled", "unschedule": "unscheduled"}
_PAST: Final = "that time has passed: the post goes live with the next sweep"
_UNREVIEWED: Final = "its text has changed since {by} scheduled it; the changed text is what will go live"
CHANGED_MEANWHILE: Final = "changed_meanwhile"
"""The code of the error when somebody else has changed the post since it was read."""
_LENIENCY: Final = timedelta(minutes=1)
"""No warning for `now` or the present minute, which has always begun when the command runs."""
_NAMED: Final = 10
_MOST_RACES: Final = 20
"""So often in a row other posts may take the slots of a group before it."""
_MORE: Final = f""", k.scheduled_at AS locked_for, {STREAM} AS stream"""


@dataclass(frozen=True, slots=True)
class ScheduleChange:
    """A change to the schedule of posts.

    Attributes:
        when: the time of all posts, aware; or how far each is moved from its own; or of which slots each gets a free
            one; None to unschedule.
        reason: kept in the audit table; empty: none.
        interrupted: what to do about posts that an interrupted run has already moved as far as this one is to.
    """

    verb: Verb
    posts: Selection
    when: datetime | Shift | FreeSlots | None
    reason: str = ""
    interrupted: Interrupted = "refuse"


@dataclass(frozen=True, slots=True)
class Scheduled:
    """The schedule of a post after the change.

    Attributes:
        outcome: scheduled, rescheduled, unscheduled, or unchanged if it was so before.
        status: of the post afterwards.
        scheduled_at: UTC text, or None.
        scheduled_before: the same before the change.
        display_time: the time for people.
        by: who made the change, as in the audit table.
        announced_on: in a preview, the platforms where the post would be announced when it goes live.
    """

    outcome: str
    slug: str
    locale: str
    post_id: str
    status: str
    scheduled_at: str | None
    scheduled_before: str | None
    display_time: str | None
    by: str
    warnings: tuple[str, ...]
    announced_on: tuple[str, ...] = ()


class SlotsTakenError(RefusedChangeError):
    """Other posts have taken slots that were to be taken; raised if that happens too often in a row."""

    def __init__(self, posts: int) -> None:
        super().__init__(
            f"other posts take the free slots faster than this run; the {posts} posts of its group stay as they were"
            if posts > 1
            else "other posts take the free slots faster than this run; nothing was done",
            hint="run the command again",
            code="slots_taken",
        )


class _Step(NamedTuple):
    """What becomes of one post."""

    post: Row
    done: Scheduled
    detail: Mapping[str, object]


class Plan:
    """A change that every post allows; nothing is changed before `carry_out`.

    Attributes:
        run: that carries it out.
        notices: remarks on the store, and on posts that an interrupted run has moved.
        counts: posts by outcome, as far as they were reported; `LEFT`: those that were not.
    """

    def __init__(self, session: Session, request: ScheduleChange) -> None:
        """Read the posts, and decide about each.

        Raises:
            RefusedChangeError: the state of a post forbids it; all such posts are named.
            NotAllowedError: the user's role does not suffice.
            UsageError: a time does not exist or occurs twice, there are no slots, or a slug has posts in several
                locales.
            EmdashError: a post does not exist.
            DatabaseError: the store is unreachable or failing.
        """
        self._session = session
        self._request = request
        self._asked_at = session.clock()
        self._continued: tuple[str, ...] = ()
        self._places: Places | None = None
        posts = select_posts(session, request.posts, request.verb, _MORE)
        self.run = Run(request.verb, session)
        self.notices = list(session.layout.warnings)
        self._steps = self._decided(posts)
        self.notices += self._places.notices(posts) if self._places is not None else ()
        self.counts: dict[str, int] = {LEFT: len(self._steps)} if self._steps else {}

    def __len__(self) -> int:
        return len(self._steps)

    @property
    def left(self) -> int:
        """Number of posts that were not reached."""
        return self.counts.get(LEFT, 0)

    def preview(self) -> Iterator[Scheduled]:
        """What would become of each post."""
        for start in range(0, len(self._steps), MOST_POSTS):
            part = [step.done for step in self._steps[start : start + MOST_POSTS]]
            announced_on = self._announced_on([done for done in part if done.outcome != UNCHANGED])
            for done in part:
                self._count(done)
                yield replace(done, announced_on=announced_on.get(done.post_id, ()))

    def carry_out(self, stopped: Callable[[], bool] = lambda: False) -> Iterator[Scheduled]:
        """Change the posts and yield each when it is durable.

        Args:
            stopped: called before each group; the change ends when it returns True.

        Raises:
            RefusedChangeError: somebody else has just changed posts of a group, or takes the slots faster; the group
                was then left as it was.
            DatabaseError: the store is unreachable or failing; what was yielded before is durable.
        """
        steps = [step for step in self._steps if step.done.outcome != UNCHANGED]
        for step in self._steps:
            if step.done.outcome == UNCHANGED:
                self._count(step.done)
                yield step.done
        size, races = MOST_POSTS, 0
        while steps and not stopped():
            try:
                self._write(steps[:size])
            except TooLargeError:
                if size == 1:
                    raise
                size = min(size, len(steps)) // 2
                continue
            except SlotsTakenError:
                races += 1
                if races == _MOST_RACES:
                    raise
                posts = [step.post for step in steps]
                steps = [self._step(post, at) for post, at in zip(posts, self._times(posts), strict=True)]
                continue
            for step in steps[:size]:
                yield step.done
            steps, races = steps[size:], 0
        if self._continued and not steps:
            self._session.database.batch(mark_continued(self._continued))

    def _decided(self, posts: Sequence[Row]) -> list[_Step]:
        request, session = self._request, self._session
        errors: list[EmdashError] = []
        for post in posts:
            if not self._is_as_wanted(post):
                errors += filter(None, [refusal(request, post, session.settings.timezone)])
        if errors:
            raise one_error(errors, len(posts))
        times = self._times(posts)
        late = [_expires_before(post, at, session.settings.timezone) for post, at in zip(posts, times, strict=True)]
        if errors := [error for error in late if error]:
            raise one_error(errors, len(posts))
        return [self._step(post, at) for post, at in zip(posts, times, strict=True)]

    def _is_as_wanted(self, post: Row) -> bool:
        when, actor = self._request.when, self.run.actor
        if isinstance(when, FreeSlots):
            return _is_ours(post, actor) and self._slots(when).keep(post)
        return is_as_wanted(post, when, actor)

    def _times(self, posts: Sequence[Row]) -> Sequence[datetime | None]:
        match self._request.when:
            case Shift() as shift:
                return self._moved(posts, shift)
            case FreeSlots() as free:
                return self._slots(free).find(posts)
            case at:
                return [at] * len(posts)

    def _moved(self, posts: Sequence[Row], shift: Shift) -> Sequence[datetime]:
        # Imported here because few changes move posts.
        from emdash_cli.scheduling.moves import moved

        found = moved(self._session, posts, shift, self._request.interrupted)
        self._continued = found.continued
        self.notices += found.notices
        return found.times

    def _slots(self, free: FreeSlots) -> Places:
        if self._places is None:
            # Imported here because few changes ask for slots.
            from emdash_cli.scheduling.placing import Places

            self._places = Places(self._session, free)
        return self._places

    def _step(self, post: Row, at: datetime | None) -> _Step:
        verb, shift = self._request.verb, self._request.when
        text = _text(at) if at else None
        is_edited = at is not None and bool(post["edited"])
        detail: dict[str, object] = {"scheduled_at": text}
        if is_edited:
            detail["accepted"] = "text_changed"
        if isinstance(shift, Shift):
            detail |= {"by": shift.text} | ({"skip": "weekends"} if shift.skips_weekends else {})
        if self._places is not None:
            detail["slot"] = self._places.named(post)
        if self._request.reason:
            detail["reason"] = self._request.reason
        if at is None and _only_expires(post):
            detail["expires_before"] = post["expires_at"]
        outcome = UNCHANGED if is_as_wanted(post, at, self.run.actor) else _DONE[verb]
        warnings = tuple(self._warnings(post, at, is_edited=is_edited))
        return _Step(post, self._result(post, at, outcome, warnings), detail)

    def _warnings(self, post: Row, at: datetime | None, *, is_edited: bool) -> Iterator[str]:
        if at is not None and at <= self._asked_at - _LENIENCY:
            yield _PAST
        if is_edited:
            yield _UNREVIEWED.format(by=post["locked_by"])

    def _result(self, post: Row, at: datetime | None, outcome: str, warnings: Iterable[str]) -> Scheduled:
        return Scheduled(
            outcome=outcome,
            slug=str(post["slug"] or ""),
            locale=str(post["locale"]),
            post_id=str(post["id"]),
            status=_status_after(str(post["status"]), at),
            scheduled_at=_text(at) if at else None,
            scheduled_before=None if post["scheduled_at"] is None else str(post["scheduled_at"]),
            display_time=_shown(at, self._session.settings.timezone) if at else None,
            by=self.run.actor,
            warnings=tuple(warnings),
        )

    def _count(self, done: Scheduled) -> None:
        self.counts[done.outcome] = self.counts.get(done.outcome, 0) + 1
        self.counts[LEFT] -= 1
        if not self.counts[LEFT]:
            del self.counts[LEFT]

    def _write(self, steps: Sequence[_Step]) -> None:
        session = self._session
        claim = self.run.claim()
        posts = [step.post for step in steps]
        group = Group(claim, session.now(), _DONE[self._request.verb], posts, [step.detail for step in steps])
        if self._places is not None:
            group = group._replace(guard=self._places.guard(posts))
        before = dict(self.counts)
        for step in steps:
            self._count(step.done)
        try:
            batch = change_schedules(session.layout, group, session.settings.site.lanes)
            if not session.database.batch([*batch, record_progress(self.run, self.counts, claim)])[-2]:
                raise self._why_not(steps)
            session.run = self.run.id
        except EmdashError:
            self.counts = before
            raise

    def _why_not(self, steps: Sequence[_Step]) -> RefusedChangeError:
        """The error that names the posts of a group which differ from what was read, or says that slots were taken."""
        from emdash_cli.scheduling.sql.selection import by_ids

        compared = ("version", "status", "scheduled_at", "draft_revision_id", "live_revision_id", "deleted_at")
        reads = by_ids(self._session.names, [str(step.post["id"]) for step in steps])
        found = {row["id"]: row for answer in self._session.database.batch(reads) for row in answer}
        changed = [
            str(step.post["slug"] or step.post["id"])
            for step in steps
            if [step.post[name] for name in compared] != [found.get(step.post["id"], {}).get(name) for name in compared]
        ]
        if self._places is not None and not changed:
            return SlotsTakenError(len(steps))
        return changed_meanwhile(_enumerated(changed) if changed else str(steps[0].post["slug"]), len(steps))

    def _announced_on(self, posts: Sequence[Scheduled]) -> Mapping[str, tuple[str, ...]]:
        """The platforms where posts would be announced, or their changes sent, when they go live."""
        lanes = self._session.settings.site.lanes
        if not lanes or not posts or self._request.when is None:
            return {}
        from emdash_cli.store.announcing import Expected, by_post, expected

        wanted = [Expected(done.post_id, scheduled_at=done.scheduled_at) for done in posts]
        return by_post(self._session.database.query(expected(self._session.layout, wanted, lanes, self._session.now())))


# Thousands of posts often get one and the same time.
_text = lru_cache(maxsize=1_000)(utc_text)
_shown = lru_cache(maxsize=1_000)(describe)


def is_as_wanted(post: Row, when: datetime | Shift | None, actor: str) -> bool:
    """Whether the post already has that schedule, made by the same actor, so that a second run has nothing to do."""
    match when:
        case None:
            return not (_is_scheduled(post) or post["held_at"] or _only_expires(post))
        case Shift():
            return False
    return _is_ours(post, actor) and _is_at(post["scheduled_at"], when)


def _is_at(text: Value, when: datetime) -> bool:
    """Whether the stored time is that instant, however its text spells it."""
    try:
        return utc_text(from_utc_text(str(text))) == _text(when)
    except ValueError:
        return False


def _is_ours(post: Row, actor: str) -> bool:
    """Whether the actor scheduled the post, and nothing has happened to it since."""
    return post["locked_by"] == actor and not post["held_at"] and not post["edited"]


def refusal(request: ScheduleChange, post: Row, zone: ZoneInfo) -> RefusedChangeError | None:
    """Why the state of the post forbids the change; None if it does not."""
    match request.verb:
        case "schedule" if _is_scheduled(post):
            when = shown_time(post["scheduled_at"] or post["published_at"], zone)
            return _refused(post, f"is already scheduled, for {when}", "emdash reschedule")
        case "schedule" if post["held_at"]:
            return _refused(post, f"is held: {post['held_reason']}", "emdash reschedule")
        case "schedule":
            return _unschedulable(post)
        case "reschedule" if not (_is_scheduled(post) or post["held_at"]):
            return _refused(post, "is not scheduled", "emdash schedule")
        case "reschedule" if isinstance(request.when, Shift) and (post["held_at"] or post["edited"]):
            return _unreviewed(post)
        case "reschedule":
            return _unschedulable(post)
        case "unschedule":
            return None
        case _:
            assert_never(request.verb)


def _is_scheduled(post: Row) -> bool:
    return post["scheduled_at"] is not None or post["status"] == "scheduled"


def _only_expires(post: Row) -> bool:
    """Whether nothing is planned for the post, which is live, but that it is taken down."""
    return bool(post["expires_at"]) and post["status"] == "published" and not (_is_scheduled(post) or post["held_at"])


def _expires_before(post: Row, at: datetime | None, zone: ZoneInfo) -> RefusedChangeError | None:
    """Why the post, which is to be taken down by then, cannot go live at that time."""
    if at is None or post["expires_at"] is None or utc_text(at) < str(post["expires_at"]):
        return None
    when = shown_time(post["expires_at"], zone)
    hint = f"give it another time with `emdash unpublish {post['slug']} --at WHEN`, or none with `--at never`"
    return RefusedChangeError(f"{label(post)} expires before then, on {when}", hint=hint, code="already_expired")


def _status_after(status: str, at: datetime | None) -> str:
    if at is None:
        return "draft" if status == "scheduled" else status
    return "scheduled" if status == "draft" else status


def _unschedulable(post: Row) -> RefusedChangeError | None:
    if post["status"] not in {"draft", "scheduled", "published"}:
        return _refused(
            post, f"has the status {post['status']}, but only drafts and published posts can be scheduled", ""
        )
    if post["status"] == "published" and post["draft_revision_id"] in {None, post["live_revision_id"]}:
        return _refused(post, "is published and has no change to schedule", "emdash edit")
    if post["staged_owner"]:
        return RefusedChangeError(
            f"{post['slug']} has the new slug {post['staged']}, which belongs to post {post['staged_owner']}",
            hint="give it another slug with `emdash edit`",
            code="slug_taken",
        )
    return None


def _unreviewed(post: Row) -> RefusedChangeError:
    why = f"is held: {post['held_reason']}" if post["held_at"] else "has changed since it was scheduled"
    hint = f"review `emdash diff {post['slug']}`, then `emdash reschedule {post['slug']} --at WHEN`"
    return RefusedChangeError(f"{label(post)} {why}", hint=hint)


def _refused(post: Row, why: str, instead: str) -> RefusedChangeError:
    return RefusedChangeError(f"{label(post)} {why}", hint=f"use `{instead} {post['slug']}`" if instead else "")


def shown_time(text: object, zone: ZoneInfo) -> str:
    """A stored time for people. A text that is not a time, which other tools may write, is returned unchanged."""
    try:
        return describe(from_utc_text(str(text)), zone)
    except ValueError:
        return str(text)


def changed_meanwhile(slugs: str, together: int = 1) -> RefusedChangeError:
    """The error for a change to posts of which some have changed since they were read.

    Args:
        slugs: of those.
        together: number of posts that would have changed in the same batch.
    """
    left = "nothing was done" if together == 1 else f"the {together} posts of its group stay as they were"
    return RefusedChangeError(
        f"somebody else has just changed {slugs}; {left}",
        hint="review the change, then run the command again",
        code=CHANGED_MEANWHILE,
    )


def _enumerated(slugs: Sequence[str]) -> str:
    shown = slugs[:_NAMED]
    return ", ".join(shown) + (f" and {len(slugs) - _NAMED} more" if len(slugs) > _NAMED else "")
