"""``emdash jobs``."""

from __future__ import annotations

import sys
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from emdash_cli.commands import completion, options, who
from emdash_cli.commands.manual import Manual

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from emdash_cli.distribution.sql import Filter
    from emdash_cli.settings import Settings
    from emdash_cli.store.session import Session

jobs = typer.Typer(cls=Manual, no_args_is_help=True, rich_markup_mode=None)


class State(StrEnum):
    """The states that `--state` accepts."""

    PENDING = "pending"
    RUNNING = "running"
    DONE = "done"
    DEAD = "dead"
    UNKNOWN = "unknown"
    DISCARDED = "discarded"


class Category(StrEnum):
    """The outcomes that `--category` accepts."""

    DELIVERED = "delivered"
    DUPLICATE = "duplicate"
    TRANSIENT = "transient"
    RATE_LIMITED = "rate_limited"
    AUTH = "auth"
    QUOTA = "quota"
    VALIDATION = "validation"
    UNKNOWN = "unknown"
    WORKER_LOST = "worker_lost"


Platform = Annotated[
    str | None,
    typer.Option(
        "--platform", metavar="NAME", help="Only this platform.", autocompletion=completion.complete_platforms
    ),
]
OfCategory = Annotated[Category | None, typer.Option("--category", help="Only jobs whose last attempt came to this.")]
Since = Annotated[
    str | None,
    typer.Option(metavar="DATE", help="Only jobs that ended on or after DATE, in the zone of the settings."),
]
Before = Annotated[
    str | None, typer.Option(metavar="DATE", help="Only jobs that ended before DATE, in the zone of the settings.")
]
Limit = Annotated[int, typer.Option(min=1, max=1_000_000, metavar="N", help="List at most N jobs.", show_default=True)]
AnyJob = Annotated[
    int,
    typer.Argument(metavar="ID", help="Number of the job.", min=1, autocompletion=completion.complete_any_job),
]


@jobs.callback()
def about() -> None:
    r"""List the jobs of the platforms, and decide about them.

    When a post goes live, one job for each of its platforms is written; `emdash distribute` sends it.

    \b
    pending     will be sent, or tried again
    running     is being sent
    done        the platform has it
    dead        it failed for good: `emdash jobs retry`, or `emdash jobs discard`
    unknown     it may have arrived: look there, then `emdash jobs resolve`
    discarded   given up
    """


@jobs.command("list")
def show_all(  # noqa: PLR0913 - an option is an argument
    context: typer.Context,
    state: Annotated[State | None, typer.Option(help="Only jobs in this state.")] = None,
    platform: Platform = None,
    category: OfCategory = None,
    since: Since = None,
    before: Before = None,
    limit: Limit = 50,
    as_json: options.AsJson = False,  # noqa: FBT002 - Typer's way to say an option without a value
    user: who.AsUser = None,
) -> None:
    r"""List jobs, latest first; pending ones in the order of sending.

    On a terminal, the output is a table, with times in the time zone of the settings. In a pipe, each job is one line
    of the same columns, separated by tabs and without a header, with times in UTC: number, state, slug, platform,
    outcome of the last attempt, attempts, time, external ID or error. The time is when a pending job is sent, and when
    another one ended. Of jobs that have not ended, --since and --before compare the time when they were written.

    \b
    Examples:
      emdash jobs list
      emdash jobs list --state unknown
      emdash jobs list --platform x --category auth --since 2026-06-01
      emdash jobs list --json | jq '.jobs[] | select(.state == "dead")'

    Exit codes: 0 success, even if there are no jobs; 2 invalid option; 4 the user is unknown or disabled; 6 the store
    fails.
    """
    from emdash_cli.distribution.jobs import list_jobs
    from emdash_cli.views.jobs import show_list

    settings = options.root(context).settings()
    wanted = chosen(settings, state, platform, category, since, before)._replace(most=limit)
    with who.reading(settings, user) as session:
        listed, has_more = list_jobs(session, wanted)
    show_list(listed, settings.timezone, as_json=as_json, has_more=has_more)


@jobs.command("show")
def show(
    context: typer.Context,
    job: AnyJob,
    as_json: options.AsJson = False,  # noqa: FBT002
    user: who.AsUser = None,
) -> None:
    r"""Show a job with its texts and every attempt.

    Each attempt comes with what the platform answered, and the last line says what to do next.

    \b
    Examples:
      emdash jobs show 17
      emdash jobs show 17 --json | jq '.attempts[].evidence'

    Exit codes: 0 success; 3 there is no such job; 4 the user is unknown or disabled; 6 the store fails.
    """
    from emdash_cli.distribution.jobs import show_job
    from emdash_cli.views.jobs import show_details

    settings = options.root(context).settings()
    with who.reading(settings, user) as session:
        shown = show_job(session, job)
    show_details(shown, settings.timezone, as_json=as_json)


@jobs.command("retry")
def retry(
    context: typer.Context,
    ids: Annotated[
        list[int],
        typer.Argument(metavar="ID…", help="Numbers of dead jobs.", min=1, autocompletion=completion.complete_dead),
    ],
    user: who.AsUser = None,
    dry_run: options.DryRun = False,  # noqa: FBT002
    as_json: options.AsJson = False,  # noqa: FBT002
) -> None:
    r"""Send dead jobs again.

    The text is rendered again from the post; a thread of which some parts are out continues after the last of them. The
    job gets all its attempts again, and is sent even if `stale_after` has passed. A job that is unknown may have
    arrived, and is refused here: use `emdash jobs resolve`. Only editors and admins may retry.

    \b
    Examples:
      emdash jobs retry 17
      emdash jobs retry 17 18 19 --dry-run
      emdash dead replay --platform partner        all of one platform

    Exit codes: 0 success; 3 a job cannot be retried; 4 not allowed; 6 the store fails.
    """
    _change(context, "retry", ids, user, dry_run=dry_run, as_json=as_json)


@jobs.command("discard")
def discard(
    context: typer.Context,
    ids: Annotated[
        list[int],
        typer.Argument(
            metavar="ID…",
            help="Numbers of pending, dead or unknown jobs.",
            min=1,
            autocompletion=completion.complete_open_jobs,
        ),
    ],
    user: who.AsUser = None,
    dry_run: options.DryRun = False,  # noqa: FBT002
    as_json: options.AsJson = False,  # noqa: FBT002
) -> None:
    r"""Give up jobs that are pending, dead or unknown.

    This is final: the post is not announced on that platform, unless somebody runs `emdash announce --again`. Only
    editors and admins may discard.

    \b
    Examples:
      emdash jobs discard 17
      emdash jobs discard 17 18 --dry-run

    Exit codes: 0 success; 3 a job cannot be discarded; 4 not allowed; 6 the store fails.
    """
    _change(context, "discard", ids, user, dry_run=dry_run, as_json=as_json)


@jobs.command("resolve")
def resolve(  # noqa: PLR0913 - an option is an argument
    context: typer.Context,
    job: Annotated[
        int,
        typer.Argument(
            metavar="ID", help="Number of an unknown job.", min=1, autocompletion=completion.complete_unknown
        ),
    ],
    posted: Annotated[
        str | None,
        typer.Option("--posted", metavar="EXTERNAL_ID", help="It arrived; this is what the platform calls it."),
    ] = None,
    not_posted: Annotated[  # noqa: FBT002
        bool, typer.Option("--not-posted", help="It did not arrive; send it again.")
    ] = False,
    user: who.AsUser = None,
    dry_run: options.DryRun = False,  # noqa: FBT002
    as_json: options.AsJson = False,  # noqa: FBT002
) -> None:
    r"""Say whether an unknown job has arrived.

    A job is unknown if its request left, its answer was lost, and the platform would show a repetition. Look on the
    platform, then say what you found. The evidence is shown on stderr: every attempt, and an answer that came too late.
    For a thread, --posted names the part that was being sent; the job then continues with the next part. Only editors
    and admins may resolve.

    \b
    Examples:
      emdash jobs show 17
      emdash jobs resolve 17 --posted 1790011223344
      emdash jobs resolve 17 --not-posted

    Exit codes: 0 success; 2 neither or both of the options; 3 the job is not unknown, or did arrive; 4 not allowed;
    6 the store fails.
    """
    from emdash_cli.distribution.jobs import resolve as resolve_job
    from emdash_cli.domain.errors import UsageError
    from emdash_cli.views.jobs import show_resolved

    if (posted is None) is not not_posted or (posted is not None and not posted.strip()):
        raise UsageError(
            "say whether the job has arrived: --posted EXTERNAL_ID, or --not-posted",
            hint=f"look on the platform, and at the evidence: emdash jobs show {job}",
        )
    with _session(context, user) as session:
        before, now = resolve_job(session, job, posted and posted.strip(), is_preview=dry_run)
    show_resolved(before, now, "not posted" if not_posted else "posted", as_json=as_json, dry_run=dry_run)


@jobs.command("purge")
def purge(  # noqa: PLR0913 - an option is an argument
    context: typer.Context,
    older_than: Annotated[
        int, typer.Option(min=1, max=36_500, metavar="DAYS", help="Only jobs that were done at least DAYS ago.")
    ] = 30,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,  # noqa: FBT002
    user: who.AsUser = None,
    dry_run: options.DryRun = False,  # noqa: FBT002
    as_json: options.AsJson = False,  # noqa: FBT002
) -> None:
    r"""Purge jobs that were done long ago.

    Their texts, attempts and parts go with them. `emdash worker` and `emdash cleanup` do the same for jobs that were
    done 30 days ago. Jobs in any other state stay, dead and unknown ones among them. The store keeps of an announcement
    that it was made, when, and the platform's ID: the post is not announced there again, `emdash show` still says where
    it was announced, and changes are still sent. A purged job is no longer listed.

    The command asks first. Without a terminal, it needs --yes. Only admins may purge.

    \b
    Examples:
      emdash jobs purge --dry-run
      emdash jobs purge --older-than 90 --yes

    Exit codes: 0 success, even if there is nothing to purge; 2 invalid option, or there is no terminal to ask on;
    3 you declined; 4 not allowed; 6 the store fails; 130 or 143 interrupted after the current group.
    """
    from emdash_cli.commands.invocation import stoppable
    from emdash_cli.domain.errors import Exit
    from emdash_cli.maintenance.housekeeping import purge_jobs, purgeable
    from emdash_cli.views import output
    from emdash_cli.views.jobs import show_purged

    with stoppable() as stop, _session(context, user) as session:
        found = purgeable(session, older_than)
        if dry_run or not found.jobs:
            show_purged(found, as_json=as_json, dry_run=dry_run)
            return
        if not yes and not _agreed(found.jobs, found.before):
            output.note("nothing was purged")
            raise typer.Exit(Exit.PARTLY)
        show_purged(found._replace(jobs=purge_jobs(session, found.before, stop)), as_json=as_json, dry_run=False)
    raise typer.Exit(stop.exit_code or Exit.DONE)


def _agreed(number: int, before: str) -> bool:
    """What the person at the terminal says.

    Raises:
        UsageError: there is none.
    """
    from emdash_cli.domain.errors import UsageError

    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise UsageError(
            "what is purged cannot be restored, and there is no terminal to ask on",
            hint="add --yes, or see with --dry-run how many jobs would be purged",
        )
    return typer.confirm(f"Purge {number} jobs that were done before {before}?", err=True)


def chosen(  # noqa: PLR0913 - options
    settings: Settings,
    state: State | None,
    platform: str | None,
    category: Category | None,
    since: str | None,
    before: str | None,
) -> Filter:
    """The filter that the options ask for.

    Raises:
        UsageError: a date is not one.
    """
    from emdash_cli.distribution.sql import Filter
    from emdash_cli.domain.days import parse_start
    from emdash_cli.domain.instants import utc_text

    # An empty date comes from a variable that is not set. Ignoring it would match more jobs than were meant.
    start, end = (None if text is None else utc_text(parse_start(text, settings.timezone)) for text in (since, before))
    return Filter(state, platform, category, start, end)


def _change(  # noqa: PLR0913 - options
    context: typer.Context, verb: str, ids: list[int], user: str | None, *, dry_run: bool, as_json: bool
) -> None:
    from emdash_cli.distribution.jobs import change
    from emdash_cli.views.jobs import show_changed

    with _session(context, user) as session:
        done = change(session, "retry" if verb == "retry" else "discard", ids, is_preview=dry_run)
    outcome = "retried" if verb == "retry" else "discarded"
    raise typer.Exit(show_changed(done, outcome, as_json=as_json, dry_run=dry_run))


def _session(context: typer.Context, user: str | None) -> AbstractContextManager[Session]:
    return options.open_session(options.root(context).settings(), user)
