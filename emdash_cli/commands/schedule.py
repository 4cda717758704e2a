"""``emdash schedule``, ``emdash reschedule`` and ``emdash unschedule``."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer

from emdash_cli.commands import options, selection, who
from emdash_cli.commands.selection import Asked, Filters

if TYPE_CHECKING:
    from datetime import datetime

    from emdash_cli.domain.shifts import Shift
    from emdash_cli.domain.slots import FreeSlots
    from emdash_cli.scheduling.schedule import Verb
    from emdash_cli.settings import Settings


class Skip(StrEnum):
    """The days that `--skip` accepts."""

    WEEKENDS = "weekends"


class Interrupted(StrEnum):
    """What `--interrupted` accepts."""

    REFUSE = "refuse"
    CONTINUE = "continue"
    REPEAT = "repeat"


def schedule(  # noqa: PLR0913 - an option is an argument
    context: typer.Context,
    slugs: selection.SchedulableSlugs = None,
    at: who.WhenIfGiven = None,
    next_slot: Annotated[  # noqa: FBT002 - Typer's way to say an option without a value
        bool, typer.Option("--next-slot", help="Each post takes the next free slot of its stream.")
    ] = False,
    every: Annotated[
        str | None,
        typer.Option("--every", metavar="SLOT", help="Each post takes the next free time, such as 'weekdays 09:00'."),
    ] = None,
    start: Annotated[
        str | None,
        typer.Option("--from", metavar="DATE", help="With --next-slot or --every: no post goes live earlier."),
    ] = None,
    status: selection.OfStatus = None,
    author: selection.OfAuthor = None,
    category: selection.OfCategory = None,
    tag: selection.OfTag = None,
    stream: selection.OfStream = None,
    locale: selection.OfLocale = None,
    yes: selection.Yes = False,  # noqa: FBT002
    reason: who.Reason = "",
    user: who.AsUser = None,
    dry_run: options.DryRun = False,  # noqa: FBT002
    as_json: options.AsJson = False,  # noqa: FBT002
) -> None:
    r"""Schedule drafts, or published posts' pending changes.

    `emdash sweep` publishes the post when the time comes. A copy of the text and the slug is kept: what goes live is
    what you saw when you scheduled it. If anything changes them before then, the post is held until you have reviewed
    it (`emdash diff`) and run `reschedule` or `unschedule`. Until then, a published post stays live as it is. Only
    editors and admins may schedule.

    \b
    WHEN is in the time zone of emdash.toml unless it has an offset:
      '2026-06-15 09:00'  2026-06-15T09:00+02:00  9am  'tomorrow 09:00'
      'mon 8:30'  +2h  +1d  now

    A local time that is skipped or repeated when the clocks change is refused, and both possible instants are named. A
    time in the past is accepted, with a warning if it is more than a minute ago; the post then goes live with the next
    sweep.

    With --next-slot, each post takes the next free slot of its stream, which `slots` or `cadence` in emdash.toml name
    and `emdash slots` shows. With --every, the posts are laid out in a row, one at each time that the option names and
    that no post of their streams has; --from says when the row begins. Posts take slots in the order in which they are
    named; those that filters match, in the order of their creation. Two posts of a stream never get one slot, even if
    two people ask at once. --dry-run shows which slot each post would get.

    \b
    SLOT is a day with a time; days and times may be lists:
      'mon 09:00'  'mon,thu 9am'  'mon-fri 09:00,17:00'
      'weekdays 09:00'  'weekends noon'  'daily 8:30'

    \b
    Any number of posts:
      SLUG SLUG …        by name
      -                  on stdin: slugs, one on each line, or the JSON of
                         `emdash posts --json`
      --status draft …   by the filters of `emdash posts`, which ask before
                         anything is changed, and need --yes in a pipe

    All posts are checked first. If one of them cannot be scheduled, nothing is done, and every such post is named. Then
    they are scheduled in groups of 500, of which all posts are or none is. A run that is interrupted ends after its
    group; the same command goes on where it ended, since a post that you have scheduled for that very time, or for one
    of these slots, and whose text has not changed since, is `unchanged`.

    \b
    Examples:
      emdash schedule 042-caching --at 'tomorrow 09:00'
      emdash schedule 042-caching --at +2h --dry-run
      emdash schedule ueber-uns --locale de --at 2026-06-15T09:00+02:00
      emdash posts --tag launch --json | emdash schedule - --at 'mon 9:00'
      emdash schedule 043-edge 044-retries --next-slot
      emdash schedule --status draft --every 'mon,thu 09:00' --from 2026-06-15

    Exit codes: 0 success; 2 no such time or slot, or unconfirmed filters; 3 a post cannot be scheduled, or somebody has
    just changed it; 4 not allowed; 6 the store fails; 130 or 143 interrupted after the current group.
    """
    filters = Filters(status, author, category, tag, stream)
    asked = Asked(slugs or (), locale, filters, asks=not (yes or dry_run))
    _refuse_contradictions(at, every, start, next_slot=next_slot)
    slots = _Slots(every, start) if next_slot or every is not None else None
    _carry_out(context, asked, _Options("schedule", at, reason, user, dry_run, as_json, slots=slots))


def reschedule(  # noqa: PLR0913 - an option is an argument
    context: typer.Context,
    slugs: selection.ScheduledSlugs = None,
    at: who.WhenIfGiven = None,
    by: Annotated[
        str | None,
        typer.Option("--by", metavar="SPAN", help="Move each post from its own time, for example +7d, -2d or +3h."),
    ] = None,
    skip: Annotated[
        Skip | None, typer.Option(help="With --by: move on to Monday what would come on a Saturday or Sunday.")
    ] = None,
    status: selection.OfStatus = None,
    author: selection.OfAuthor = None,
    category: selection.OfCategory = None,
    tag: selection.OfTag = None,
    stream: selection.OfStream = None,
    first: selection.FromDay = None,
    last: selection.ToDay = None,
    locale: selection.OfLocale = None,
    interrupted: Annotated[
        Interrupted, typer.Option(help="With --by: what to do about posts that an interrupted run has moved as far.")
    ] = Interrupted.REFUSE,
    yes: selection.Yes = False,  # noqa: FBT002
    reason: who.Reason = "",
    user: who.AsUser = None,
    dry_run: options.DryRun = False,  # noqa: FBT002
    as_json: options.AsJson = False,  # noqa: FBT002
) -> None:
    r"""Move scheduled posts to another time.

    With --at, the stored copy is replaced by the current text, which is what will go live. This also releases a held
    post: review `emdash diff SLUG`, then reschedule it. Only editors and admins may reschedule.

    With --by, each post is moved from its own time. Weeks and days keep the local time in the time zone of emdash.toml,
    also where the clocks change in between; hours and minutes are exact. A local time that is skipped or repeated then
    is refused. No text is accepted unseen: a post that is held, or whose text has changed since it was scheduled, is
    refused.

    --skip weekends moves what would come on a Saturday or Sunday to the same time on Monday. The posts keep their
    order: one that would overtake another, or meet it, follows it by a minute.

    Posts are named, checked and moved in groups as `emdash schedule` does. If a run with --by is interrupted, a second
    one by the same user with the same --by knows the posts that have been moved, and refuses to move them twice: with
    --interrupted continue it moves only the others, and with --interrupted repeat it moves all of them again.

    \b
    Examples:
      emdash reschedule 042-caching --at 'fri 8:30'
      emdash reschedule 042-caching --at now
      emdash reschedule --status scheduled --from 2026-06-01 --by +7d
      emdash reschedule --stream news --by +2d --skip weekends --yes
      emdash posts --tag beta --json | emdash reschedule - --by -3h

    WHEN, the ways to name posts and the exit codes are as for `emdash schedule`. Exit code 3 also means that posts have
    been moved by an interrupted run.
    """
    filters = Filters(status, author, category, tag, stream, first, last)
    asked = Asked(slugs or (), locale, filters, asks=not (yes or dry_run))
    move = _Move(by, skips_weekends=skip is not None, interrupted=interrupted)
    _carry_out(context, asked, _Options("reschedule", at, reason, user, dry_run, as_json, move))


def unschedule(  # noqa: PLR0913 - an option is an argument
    context: typer.Context,
    slugs: selection.ScheduledSlugs = None,
    status: selection.OfStatus = None,
    author: selection.OfAuthor = None,
    category: selection.OfCategory = None,
    tag: selection.OfTag = None,
    stream: selection.OfStream = None,
    first: selection.FromDay = None,
    last: selection.ToDay = None,
    locale: selection.OfLocale = None,
    yes: selection.Yes = False,  # noqa: FBT002
    reason: who.Reason = "",
    user: who.AsUser = None,
    dry_run: options.DryRun = False,  # noqa: FBT002
    as_json: options.AsJson = False,  # noqa: FBT002
) -> None:
    r"""Take posts off the schedule.

    A scheduled post becomes a draft again; a published post keeps its pending change as a draft. The text is unlocked
    and can be edited. A post that is not scheduled is `unchanged`. Only editors and admins may unschedule.

    If nothing is planned for a live post but that it is taken down (`emdash unpublish --at`), it is not taken down any
    more. A post that is also scheduled keeps its expiry: `emdash unpublish SLUG --at never` removes it.

    \b
    Examples:
      emdash unschedule 042-caching
      emdash unschedule ueber-uns --locale de --dry-run
      emdash unschedule --status scheduled --author ann --reason 'on leave'

    The ways to name posts, and the exit codes, are as for `emdash schedule`.
    """
    filters = Filters(status, author, category, tag, stream, first, last)
    asked = Asked(slugs or (), locale, filters, asks=not (yes or dry_run))
    _carry_out(context, asked, _Options("unschedule", None, reason, user, dry_run, as_json))


class _Move(NamedTuple):
    """How `reschedule --by` moves posts."""

    by: str | None = None
    skips_weekends: bool = False
    interrupted: Interrupted = Interrupted.REFUSE


class _Slots(NamedTuple):
    """Which free slots `schedule` gives to posts."""

    every: str | None
    start: str | None


class _Options(NamedTuple):
    """What the three commands share."""

    verb: Verb
    at: str | None
    reason: str
    user: str | None
    dry_run: bool
    as_json: bool
    move: _Move = _Move()
    slots: _Slots | None = None


def _carry_out(context: typer.Context, asked: Asked, given: _Options) -> None:
    """Make the change and show it."""
    from emdash_cli.commands.invocation import stoppable
    from emdash_cli.scheduling.schedule import Plan, ScheduleChange
    from emdash_cli.views.output import progress
    from emdash_cli.views.schedule_report import reporter

    settings = options.root(context).settings()
    when = _when(given, settings)
    report = reporter(as_json=given.as_json, dry_run=given.dry_run)
    with stoppable() as stop, report, options.open_session(settings, given.user) as session:
        report.follow(session)
        posts = selection.selected(session, asked, given.verb)
        if given.slots and any(asked.filters):
            # Filters list the newest first.
            posts = posts._replace(names=posts.names[::-1])
        change = ScheduleChange(given.verb, posts, when, given.reason, given.move.interrupted.value)
        plan = Plan(session, change)
        report.begin(plan)
        with progress(f"{given.verb[:-1]}ing", plan.__len__) as advance:
            for done in plan.preview() if given.dry_run else plan.carry_out(stop):
                report.add(done)
                advance()
    raise typer.Exit(stop.exit_code or report.exit_code())


def _refuse_contradictions(at: str | None, every: str | None, start: str | None, *, next_slot: bool) -> None:
    from emdash_cli.domain.errors import UsageError

    options_of_time = {"--at": at, "--next-slot": next_slot or None, "--every": every}
    given = [name for name, value in options_of_time.items() if value is not None]
    if not given:
        raise UsageError(
            "schedule needs a time: --at, --next-slot or --every",
            hint="add --at 'tomorrow 09:00', --next-slot, or --every 'weekdays 09:00'",
        )
    if len(given) > 1:
        raise UsageError(f"{' and '.join(given)} contradict each other", hint="give one of them")
    if at is not None and start is not None:
        raise UsageError("--from has no effect with --at", hint="omit it, or give --next-slot or --every")


def _free_slots(given: _Slots, settings: Settings) -> FreeSlots:
    from emdash_cli import wiring
    from emdash_cli.domain.days import parse_start, start_of_day
    from emdash_cli.domain.errors import UsageError
    from emdash_cli.domain.instants import parse_when
    from emdash_cli.domain.slots import FreeSlots, WeeklyTimes

    if given.every is not None:
        WeeklyTimes.parse([given.every])
    if given.start is None:
        return FreeSlots(given.every)
    zone, now = settings.timezone, wiring.now()
    is_date = given.start.strip()[:4].isdigit()
    start = parse_start(given.start, zone) if is_date else parse_when(given.start, zone, now)
    if start < start_of_day(now.astimezone(zone).date(), zone):
        raise UsageError(f"--from {given.start} has passed", hint="name today or a later day")
    return FreeSlots(given.every, start)


def _when(given: _Options, settings: Settings) -> datetime | Shift | FreeSlots | None:
    from emdash_cli import wiring
    from emdash_cli.domain.errors import UsageError
    from emdash_cli.domain.instants import parse_when
    from emdash_cli.domain.shifts import parse_shift

    if given.slots:
        return _free_slots(given.slots, settings)
    if given.verb == "reschedule" and (given.at is None) == (given.move.by is None):
        raise UsageError("reschedule needs either --at or --by", hint="add --at WHEN, or --by +7d")
    if given.move.by is None and (given.move.skips_weekends or given.move.interrupted is not Interrupted.REFUSE):
        raise UsageError("--skip and --interrupted have no effect without --by", hint="omit them, or add --by")
    if given.move.by is not None:
        return parse_shift(given.move.by, skips_weekends=given.move.skips_weekends)
    return None if given.at is None else parse_when(given.at, settings.timezone, wiring.now())
