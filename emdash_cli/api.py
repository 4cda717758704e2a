"""The public interface for Python programs: the actions behind the commands, with typed, frozen results.

    from emdash_cli import api

    with api.open_session("/srv/blog/emdash.toml") as session:
        report = session.publish_queue()

The names in ``__all__`` are public and follow semantic versioning; every other module may change at any time. Errors
are subclasses of `EmdashError`, which has ``code``, ``message``, ``hint`` and ``retryable``. See docs/api.md for
examples.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from emdash_cli import wiring
from emdash_cli.domain.errors import (
    BusyError,
    DatabaseError,
    EmdashError,
    NotAllowedError,
    RefusedChangeError,
    UsageError,
)
from emdash_cli.domain.outcome import FileOutcome, Notice, Outcome, Swept, SweptPost
from emdash_cli.posts.read import Post
from emdash_cli.scheduling.rename import Renamed
from emdash_cli.scheduling.revert import Reverted
from emdash_cli.scheduling.schedule import Interrupted, ScheduleChange, Scheduled, Verb
from emdash_cli.scheduling.selection import Selection
from emdash_cli.scheduling.slots import SlotReport
from emdash_cli.scheduling.translations import Translations
from emdash_cli.scheduling.undo_plan import UndonePost
from emdash_cli.scheduling.verbs import ActedOn

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from datetime import date, datetime
    from os import PathLike

    from emdash_cli.domain.ports import Clock
    from emdash_cli.store import session as store

__all__ = [
    "ActedOn",
    "BusyError",
    "DatabaseError",
    "EmdashError",
    "FileOutcome",
    "NotAllowedError",
    "Outcome",
    "Post",
    "PublishReport",
    "RefusedChangeError",
    "Renamed",
    "Reverted",
    "ScheduleReport",
    "Scheduled",
    "Session",
    "SlotReport",
    "SweepReport",
    "Swept",
    "SweptPost",
    "Translations",
    "UndoReport",
    "UndonePost",
    "UsageError",
    "open_session",
]


@dataclass(frozen=True, slots=True)
class PublishReport:
    """The result of a run over the queues.

    Attributes:
        outcomes: one for each file, in the order in which the files were processed.
        errors: why a stream was not published, or not to its end, by the stream's name.
        notices: remarks about the store or the requests to it.
        run: the id of the run; None for a dry run.
    """

    outcomes: tuple[FileOutcome, ...]
    errors: Mapping[str, EmdashError]
    notices: tuple[str, ...]
    run: str | None = None

    def of(self, outcome: Outcome) -> tuple[FileOutcome, ...]:
        """The files with that outcome."""
        return tuple(each for each in self.outcomes if each.outcome is outcome)


@dataclass(frozen=True, slots=True)
class SweepReport:
    """The result of a sweep.

    Attributes:
        posts: those that went live or are held, and those that went live or were unscheduled elsewhere.
        notices: remarks about the store or the requests to it.
        run: the id of the run; None for a dry run.
    """

    posts: tuple[SweptPost, ...]
    notices: tuple[str, ...]
    run: str | None = None


@dataclass(frozen=True, slots=True)
class ScheduleReport:
    """The result of a change to the schedule of many posts.

    Attributes:
        posts: those that are done, in the order in which they were named.
        run: the id of the run; None if nothing was changed.
        left: number of posts that were not reached.
        errors: what stopped the change: somebody else had just changed a post of a group, or the store failed.
        notices: remarks about the store or the requests to it.
    """

    posts: tuple[Scheduled, ...]
    run: str | None
    left: int
    errors: tuple[EmdashError, ...]
    notices: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class UndoReport:
    """The result of undoing a run.

    Attributes:
        posts: each post of the run, and what became of it.
        errors: what kept posts from being taken back.
        notices: remarks about the store or the requests to it.
        run: the id of the undoing, which can be undone itself; None for a dry run.
    """

    posts: tuple[UndonePost, ...]
    errors: tuple[EmdashError, ...]
    notices: tuple[str, ...]
    run: str | None = None


class _Undone:
    """What an undoing reports to."""

    def __init__(self) -> None:
        self.posts: list[UndonePost] = []
        self.errors: list[EmdashError] = []
        self.notices: list[str] = []

    def add(self, event: UndonePost | Notice) -> None:
        if isinstance(event, Notice):
            self.notices.append(event.text)
        else:
            self.posts.append(event)

    def add_error(self, error: EmdashError) -> None:
        self.errors.append(error)


@contextmanager
def open_session(
    config: str | PathLike[str] | None = None,
    *,
    database: str | None = None,
    user: str | None = None,
    clock: Clock = wiring.now,
) -> Iterator[Session]:
    """Open the store that the settings name. It is closed at the end of the block.

    Args:
        config: path of the settings file; by default EMDASH_CONFIG, or emdash.toml in the working directory.
        database: ``sqlite:PATH`` or ``d1:ACCOUNT/DATABASE``; by default EMDASH_DATABASE, or what the settings say.
        user: the user to act for, by e-mail address, name or id; their role is enforced. None: the local operator.
        clock: returns the present instant, aware, in UTC.

    Raises:
        UsageError: the settings cannot be read or are wrong, or `user` is blank.
        DatabaseError: the store is missing or unreachable.
    """
    if user is not None and not user.strip():
        raise UsageError("user is blank", hint="name a user, or pass None to act as the local operator")
    settings = wiring.settings(None if config is None else str(config), database)
    notices: list[str] = []
    with wiring.open_session(settings, user, clock=clock, notice=notices.append) as opened:
        yield Session(opened, notices)


class Session:
    """An open store and its settings, created by `open_session`. Use it in one thread at a time.

    Each method makes its changes in atomic batches, so an exception or a kill never leaves half a post behind. All
    methods raise `NotAllowedError` if the user is unknown, disabled or has a role that does not suffice,
    `DatabaseError` if the store fails, and `UsageError` if its tables have another version.
    """

    def __init__(self, opened: store.Session, notices: list[str]) -> None:
        self._session = opened
        self._notices = notices

    def publish_queue(  # noqa: PLR0913 - an option is an argument
        self,
        *,
        stream: str | None = None,
        limit: int | None = None,
        wait_s: float = 0,
        strict: bool = False,
        dry_run: bool = False,
        stopped: Callable[[], bool] = lambda: False,
    ) -> PublishReport:
        """Publish the files in the queues, as ``emdash publish-queue`` does.

        Args:
            stream: the only stream to publish; None: all.
            limit: maximum number of articles per stream, in place of its cadence.
            wait_s: how long to wait for another run on the same queue, in seconds.
            strict: whether to reject articles that would get a notice.
            dry_run: report what would happen without changing anything.
            stopped: called between groups of articles; the run ends when it returns True.

        Raises:
            UsageError: there is no such stream.
        """
        from emdash_cli.publishing.queues import FailedStream, Publication, publish_queues

        settings = self._session.settings
        streams = (settings.stream(stream),) if stream else settings.streams
        task = Publication(streams, limit, wait_s, dry_run, stopped, strict)
        outcomes: list[FileOutcome] = []
        errors: dict[str, EmdashError] = {}
        notices: list[str] = []
        for event in publish_queues(self._session, task):
            match event:
                case FileOutcome():
                    outcomes.append(event)
                case FailedStream():
                    errors[event.stream] = event.error
                case Notice():
                    notices.append(event.text)
        return PublishReport(tuple(outcomes), errors, (*notices, *self._taken_notices()), self._session.run)

    def schedule(self, slug: str, at: datetime | str, *, locale: str | None = None, dry_run: bool = False) -> Scheduled:
        """Schedule a draft, or a published post's pending change. A copy of the text is kept as what was reviewed.

        Args:
            slug: of the post.
            at: an aware instant, or text as for ``emdash schedule --at``, such as ``tomorrow 09:00``.
            locale: of the post, if several posts share the slug.
            dry_run: report what would happen without changing anything.

        Raises:
            RefusedChangeError: the post's state forbids it, or somebody else has just changed the post.
            UsageError: the time does not exist or has no UTC offset, or several posts have the slug.
            EmdashError: there is no such post.
        """
        return self._change_one("schedule", slug, self._instant(at), locale, dry_run=dry_run)

    def reschedule(
        self, slug: str, at: datetime | str, *, locale: str | None = None, dry_run: bool = False
    ) -> Scheduled:
        """Move a scheduled or held post to another time, and accept its text as it is now; see `schedule`."""
        return self._change_one("reschedule", slug, self._instant(at), locale, dry_run=dry_run)

    def unschedule(self, slug: str, *, locale: str | None = None, dry_run: bool = False) -> Scheduled:
        """Take a post off the schedule; see `schedule`."""
        return self._change_one("unschedule", slug, None, locale, dry_run=dry_run)

    def schedule_many(
        self, posts: Posts, at: datetime | str, *, dry_run: bool = False, stopped: Callable[[], bool] = lambda: False
    ) -> ScheduleReport:
        """Schedule any number of posts for one time, in groups of which all posts are scheduled or none.

        Args:
            posts: their slugs, of which each is taken once; or pairs of a slug and a locale.
            at: as for `schedule`.
            dry_run: report what would happen without changing anything.
            stopped: called between groups; the change ends when it returns True.

        Raises:
            RefusedChangeError: the state of some posts forbids it. They are named, and nothing was done.
            UsageError: the time does not exist or has no UTC offset, or several posts have a slug.
            EmdashError: some posts do not exist.
        """
        change = ScheduleChange("schedule", _selection(posts), self._instant(at))
        return self._change(change, dry_run=dry_run, stopped=stopped)

    def schedule_in_slots(
        self,
        posts: Posts,
        *,
        every: str | None = None,
        start: datetime | None = None,
        dry_run: bool = False,
        stopped: Callable[[], bool] = lambda: False,
    ) -> ScheduleReport:
        """Schedule each post for a free slot, as ``emdash schedule --next-slot`` and ``--every``.

        Args:
            posts: as for `schedule_many`; they take slots in this order.
            every: the slots, such as ``weekdays 09:00``; None: those of each post's stream.
            start: no post goes live earlier, aware; None: now.
            dry_run: report which slot each post would get, without changing anything.
            stopped: called between groups; the change ends when it returns True.

        Raises:
            RefusedChangeError: the state of some posts forbids it. They are named, and nothing was done.
            UsageError: `every` names no slots, a stream has none, or `start` has no UTC offset.
            EmdashError: some posts do not exist.
        """
        from emdash_cli.domain.slots import FreeSlots

        change = ScheduleChange("schedule", _selection(posts), FreeSlots(every, self._instant(start)))
        return self._change(change, dry_run=dry_run, stopped=stopped)

    def reschedule_many(
        self, posts: Posts, at: datetime | str, *, dry_run: bool = False, stopped: Callable[[], bool] = lambda: False
    ) -> ScheduleReport:
        """Move any number of scheduled or held posts to one time; see `schedule_many`."""
        change = ScheduleChange("reschedule", _selection(posts), self._instant(at))
        return self._change(change, dry_run=dry_run, stopped=stopped)

    def move_many(  # noqa: PLR0913 - like the options of the command
        self,
        posts: Posts,
        by: str,
        *,
        skip_weekends: bool = False,
        interrupted: Interrupted = "refuse",
        dry_run: bool = False,
        stopped: Callable[[], bool] = lambda: False,
    ) -> ScheduleReport:
        """Move any number of scheduled posts, each from its own time, as ``emdash reschedule --by``.

        Args:
            posts: as for `schedule_many`.
            by: how far, such as ``+7d``; days keep the local time in the zone of the settings.
            skip_weekends: move on to Monday what would come on a Saturday or Sunday.
            interrupted: what to do about posts that an interrupted run has already moved as far.
            dry_run: report what would happen without changing anything.
            stopped: called between groups; the change ends when it returns True.

        Raises:
            RefusedChangeError: the state of some posts forbids it, or an interrupted run has moved some.
            UsageError: a new time does not exist, or several posts have a slug.
            EmdashError: some posts do not exist.
        """
        from emdash_cli.domain.shifts import parse_shift

        shift = parse_shift(by, skips_weekends=skip_weekends)
        change = ScheduleChange("reschedule", _selection(posts), shift, interrupted=interrupted)
        return self._change(change, dry_run=dry_run, stopped=stopped)

    def unschedule_many(
        self, posts: Posts, *, dry_run: bool = False, stopped: Callable[[], bool] = lambda: False
    ) -> ScheduleReport:
        """Take any number of posts off the schedule; see `schedule_many`."""
        return self._change(ScheduleChange("unschedule", _selection(posts), None), dry_run=dry_run, stopped=stopped)

    def slots(
        self, *, stream: str | None = None, first: date | None = None, last: date | None = None, most: int | None = None
    ) -> SlotReport:
        """Read which slots of the streams are free, and which posts take the others, as ``emdash slots`` does.

        Args:
            stream: the only stream to list; None: all.
            first: the first day; None: today. Slots that have passed are not listed.
            last: the last day; None: there is none.
            most: slots of each stream; None: 10, or with a last day, 1,000.

        Raises:
            UsageError: there is no such stream, or the days are outside the years 1 to 9999.
        """
        from emdash_cli.scheduling.slots import SlotQuery, list_slots

        self._session.require("read")
        settings = self._session.settings
        streams = (settings.stream(stream),) if stream else settings.streams
        return list_slots(self._session, SlotQuery(streams, first, last, most))

    def publish(
        self, *slugs: str, locale: str | None = None, reason: str = "", force: bool = False, dry_run: bool = False
    ) -> tuple[ActedOn, ...]:
        """Publish drafts, scheduled posts or pending changes at once, as ``emdash publish`` does.

        Args:
            slugs: of the posts.
            locale: of the posts, if several share a slug.
            reason: kept in the audit table.
            force: publish what is held, or was changed since it was scheduled; only for admins.
            dry_run: report what would happen without changing anything.

        Raises:
            RefusedChangeError: a post's state forbids it, or somebody else has just changed one. Of more than 500
                posts, groups before may be done.
            UsageError: several posts have a slug, and no locale was given.
            EmdashError: there are no such posts.
        """
        return self._act("publish", slugs, locale, reason, force=force, dry_run=dry_run)

    def unpublish(
        self, *slugs: str, locale: str | None = None, reason: str = "", dry_run: bool = False
    ) -> tuple[ActedOn, ...]:
        """Take published posts down; each becomes a draft. See `publish`."""
        return self._act("unpublish", slugs, locale, reason, dry_run=dry_run)

    def expire(
        self, *slugs: str, at: datetime | str | None, locale: str | None = None, reason: str = "", dry_run: bool = False
    ) -> tuple[ActedOn, ...]:
        """Say when posts are to be taken down by a sweep, as ``emdash unpublish --at`` does.

        Args:
            slugs: of the posts.
            at: as for `schedule`; None: they do not expire.
            locale: of the posts, if several share a slug.
            reason: kept in the audit table.
            dry_run: report what would happen without changing anything.

        Raises:
            RefusedChangeError: a post goes live later than that, or somebody else has just changed one.
            UsageError: the time has passed, does not exist or has no UTC offset, or several posts have a slug.
            EmdashError: there are no such posts.
        """
        from emdash_cli.scheduling.expiry import ExpiryRequest, change_expiries

        when = None if at is None else self._instant(at)
        posts = _selection(slugs)._replace(locale=locale)
        return tuple(change_expiries(self._session, ExpiryRequest(posts, when, reason, dry_run)))

    def trash(
        self, *slugs: str, locale: str | None = None, reason: str = "", dry_run: bool = False
    ) -> tuple[ActedOn, ...]:
        """Move posts to the trash. See `publish`."""
        return self._act("trash", slugs, locale, reason, dry_run=dry_run)

    def untrash(
        self, *slugs: str, locale: str | None = None, reason: str = "", dry_run: bool = False
    ) -> tuple[ActedOn, ...]:
        """Bring posts back from the trash; one whose time has passed there is held. See `publish`."""
        return self._act("untrash", slugs, locale, reason, dry_run=dry_run)

    def sweep(
        self, *, limit: int | None = None, dry_run: bool = False, stopped: Callable[[], bool] = lambda: False
    ) -> SweepReport:
        """Publish the posts that are due, oldest first, as ``emdash sweep`` does.

        Args:
            limit: maximum number of posts.
            dry_run: report what would happen without changing anything.
            stopped: called between groups of posts; the sweep ends when it returns True.
        """
        from emdash_cli.scheduling.sweep import SweepOptions, sweep

        events = list(sweep(self._session, SweepOptions(limit, dry_run, stopped)))
        posts = tuple(event for event in events if isinstance(event, SweptPost))
        notices = [event.text for event in events if not isinstance(event, SweptPost)]
        return SweepReport(posts, (*notices, *self._taken_notices()), self._session.run)

    def undo(
        self, run: str, *, reason: str = "", dry_run: bool = False, stopped: Callable[[], bool] = lambda: False
    ) -> UndoReport:
        """Take back what a run made live, as ``emdash undo`` does.

        Args:
            run: its id, as of `PublishReport.run` or `SweepReport.run`.
            reason: kept in the audit table.
            dry_run: report what would happen without changing anything.
            stopped: called between groups of posts; the undoing ends when it returns True.

        Raises:
            EmdashError: there is no such run, or it changed no post.
        """
        from emdash_cli.scheduling.undo import Undoing, undo

        report = _Undone()
        undo(self._session, Undoing(run, reason, dry_run, stopped), report)
        notices = (*report.notices, *self._taken_notices())
        return UndoReport(tuple(report.posts), tuple(report.errors), notices, self._session.run)

    def revert(  # noqa: PLR0913 - an option is an argument
        self,
        slug: str,
        to: str = "LAST",
        *,
        live: bool = False,
        locale: str | None = None,
        reason: str = "",
        force: bool = False,
        dry_run: bool = False,
    ) -> Reverted:
        """Return a post to an older revision: as its draft, or live at once.

        Args:
            slug: of the post.
            to: id of the revision; ``LAST``: the one that was live before or, of a draft, the revision before.
            live: whether the older text goes live at once.
            locale: of the post, if several posts share the slug.
            reason: kept in the audit table.
            force: end a schedule that locks the post; only for admins.
            dry_run: report what would happen without changing anything.

        Raises:
            RefusedChangeError: a schedule locks the post, the revision cannot be used, or somebody else has just
                changed the post.
            UsageError: several posts have the slug, and no locale was given.
            EmdashError: there is no such post.
        """
        from emdash_cli.scheduling.revert import RevertTarget, revert

        return revert(self._session, RevertTarget(slug, locale, to, live, dry_run, reason, force))

    def rename(  # noqa: PLR0913 - an option is an argument
        self,
        slug: str,
        new: str,
        *,
        locale: str | None = None,
        reason: str = "",
        force: bool = False,
        dry_run: bool = False,
    ) -> Renamed:
        """Give a post another slug, at once; the old address of a published post redirects to the new one.

        Args:
            slug: of the post.
            new: the slug that it gets.
            locale: of the post, if several posts share the slug.
            reason: kept in the audit table.
            force: end a schedule that locks the post; only for admins.
            dry_run: report what would happen without changing anything.

        Raises:
            RefusedChangeError: a schedule locks the post, another one has the slug, or somebody else has just changed
                the post.
            UsageError: the new slug is not valid, or several posts have the old one, and no locale was given.
            EmdashError: there is no such post.
        """
        from emdash_cli.scheduling.rename import RenameTarget, rename_post

        return rename_post(self._session, RenameTarget(slug, new, locale, dry_run, reason, force))

    def translations(self, slug: str, *, locale: str | None = None) -> Translations:
        """The translations of a post: those of its group, the post itself among them.

        Raises:
            UsageError: several posts have the slug, and no locale was given.
            EmdashError: there is no such post.
        """
        from emdash_cli.scheduling.translations import read_translations

        return read_translations(self._session, slug, locale)

    def link(  # noqa: PLR0913 - an option is an argument
        self,
        slug: str,
        to: str | None,
        *,
        locale: str | None = None,
        to_locale: str | None = None,
        reason: str = "",
        dry_run: bool = False,
    ) -> Translations:
        """Make two posts translations of each other, or part a post from its translations.

        Args:
            slug: of the post.
            to: slug or id of the other post; None: part the post from its translations.
            locale: of the post, if several posts share the slug.
            to_locale: of the other post, if several posts share its slug.
            reason: kept in the audit table.
            dry_run: report what would happen without changing anything.

        Raises:
            RefusedChangeError: both posts have other translations or the same locale, a schedule locks one that would
                move, or somebody else has just changed one.
            UsageError: several posts have the slug, and no locale was given.
            EmdashError: there is no such post.
        """
        from emdash_cli.scheduling.translations import LinkTarget, link

        return link(self._session, LinkTarget(slug, locale, to, to_locale, dry_run, reason))

    def read(self, slug: str, *, locale: str | None = None) -> Post:
        """Read a post: the live version if it is published, the draft otherwise.

        Raises:
            UsageError: several posts have the slug, and no locale was given.
            EmdashError: there is no such post.
        """
        from emdash_cli.posts.read import read_post

        self._session.require("read")
        return read_post(self._session, slug, locale)

    def _change_one(
        self, verb: Verb, slug: str, when: datetime | None, locale: str | None, *, dry_run: bool
    ) -> Scheduled:
        change = ScheduleChange(verb, _selection([slug], locale), when)
        report = self._change(change, dry_run=dry_run, stopped=lambda: False)
        for error in report.errors:
            raise error
        return report.posts[0]

    def _change(self, change: ScheduleChange, *, dry_run: bool, stopped: Callable[[], bool]) -> ScheduleReport:
        from emdash_cli.scheduling.schedule import Plan

        plan = Plan(self._session, change)
        done: list[Scheduled] = []
        errors: list[EmdashError] = []
        try:
            done.extend(plan.preview() if dry_run else plan.carry_out(stopped))
        except EmdashError as error:
            errors.append(error)
        notices = (*plan.notices, *self._taken_notices())
        return ScheduleReport(tuple(done), self._session.run, plan.left, tuple(errors), notices)

    def _act(  # noqa: PLR0913 - an option is an argument
        self,
        verb: str,
        slugs: Sequence[str],
        locale: str | None,
        reason: str,
        *,
        force: bool = False,
        dry_run: bool,
    ) -> tuple[ActedOn, ...]:
        from emdash_cli.scheduling.post_names import PostName
        from emdash_cli.scheduling.selection import Selection
        from emdash_cli.scheduling.verbs import Verb, VerbRequest, carry_out

        posts = Selection([PostName(slug) for slug in slugs], locale)
        return tuple(carry_out(self._session, VerbRequest(Verb(verb), posts, reason, force, dry_run)))

    def _instant(self, at: datetime | str | None) -> datetime | None:
        from emdash_cli.domain.instants import parse_when

        if isinstance(at, str):
            return parse_when(at, self._session.settings.timezone, self._session.clock())
        if at is not None and at.utcoffset() is None:
            raise UsageError(f"{at.isoformat()} has no UTC offset", hint="pass an aware datetime, or a text")
        return at

    def _taken_notices(self) -> tuple[str, ...]:
        taken = tuple(self._notices)
        self._notices.clear()
        return taken


Posts = Iterable[str | tuple[str, str]]
"""Slugs, or pairs of a slug and a locale."""


def _selection(posts: Posts, locale: str | None = None) -> Selection:
    from emdash_cli.scheduling.post_names import PostName

    return Selection([PostName(post) if isinstance(post, str) else PostName(*post) for post in posts], locale)
