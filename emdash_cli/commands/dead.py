"""``emdash dead``."""

from __future__ import annotations

from typing import Annotated

import typer

from emdash_cli.commands import completion, jobs, options, who
from emdash_cli.commands.manual import Manual

dead = typer.Typer(cls=Manual, no_args_is_help=True, rich_markup_mode=None)

Ids = Annotated[
    list[int] | None,
    typer.Argument(
        metavar="[ID…]",
        help="Numbers of dead jobs, in place of a filter.",
        min=1,
        autocompletion=completion.complete_dead,
        show_default=False,
    ),
]
All = Annotated[bool, typer.Option("--all", help="All dead jobs.")]


@dead.callback()
def about() -> None:
    """List dead jobs, and replay or discard them.

    A job is dead if it failed for good: its attempts are used up, what was sent was refused, or the post became too
    old to be announced.
    """


@dead.command("list")
def show_all(  # noqa: PLR0913 - an option is an argument
    context: typer.Context,
    platform: jobs.Platform = None,
    category: jobs.OfCategory = None,
    since: jobs.Since = None,
    before: jobs.Before = None,
    limit: jobs.Limit = 50,
    as_json: options.AsJson = False,  # noqa: FBT002 - Typer's way to say an option without a value
    user: who.AsUser = None,
) -> None:
    r"""List dead jobs, latest first.

    The columns are those of `emdash jobs list`.

    \b
    Examples:
      emdash dead list
      emdash dead list --category validation --json | jq -r '.jobs[].error'

    Exit codes: 0 success, even if there are no jobs; 2 invalid option; 4 the user is unknown or disabled; 6 the store
    fails.
    """
    jobs.show_all(context, jobs.State.DEAD, platform, category, since, before, limit, as_json, user)


@dead.command("show")
def show(
    context: typer.Context,
    job: Annotated[
        int,
        typer.Argument(metavar="ID", help="Number of the job.", min=1, autocompletion=completion.complete_dead),
    ],
    as_json: options.AsJson = False,  # noqa: FBT002
    user: who.AsUser = None,
) -> None:
    r"""Show a job, as `emdash jobs show` does.

    \b
    Examples:
      emdash dead show 17
    """
    jobs.show(context, job, as_json, user)


@dead.command("replay")
def replay(  # noqa: PLR0913 - an option is an argument
    context: typer.Context,
    ids: Ids = None,
    platform: jobs.Platform = None,
    category: jobs.OfCategory = None,
    since: jobs.Since = None,
    before: jobs.Before = None,
    every: All = False,  # noqa: FBT002
    user: who.AsUser = None,
    dry_run: options.DryRun = False,  # noqa: FBT002
    as_json: options.AsJson = False,  # noqa: FBT002
) -> None:
    r"""Send dead jobs again, by number or by filter.

    Each is sent as `emdash jobs retry` sends it. Filters combine. A platform that was paused stays paused until
    `emdash platforms resume`. Only editors and admins may replay.

    \b
    Examples:
      emdash dead replay 17 18
      emdash dead replay --platform x --category auth --dry-run
      emdash dead replay --all

    Exit codes: 0 success, even if no job matches; 2 neither numbers nor a filter, or both; 3 a job cannot be sent
    again; 4 not allowed; 6 the store fails.
    """
    filters = (platform, category, since, before)
    _change(context, "retry", ids or [], filters, user, every=every, dry_run=dry_run, as_json=as_json)


@dead.command("discard")
def discard(  # noqa: PLR0913 - an option is an argument
    context: typer.Context,
    ids: Ids = None,
    platform: jobs.Platform = None,
    category: jobs.OfCategory = None,
    since: jobs.Since = None,
    before: jobs.Before = None,
    every: All = False,  # noqa: FBT002
    user: who.AsUser = None,
    dry_run: options.DryRun = False,  # noqa: FBT002
    as_json: options.AsJson = False,  # noqa: FBT002
) -> None:
    r"""Give up dead jobs, by number or by filter.

    This is final, as with `emdash jobs discard`. Only editors and admins may discard.

    \b
    Examples:
      emdash dead discard 17
      emdash dead discard --before 2026-06-01 --dry-run

    The exit codes are as for `emdash dead replay`.
    """
    filters = (platform, category, since, before)
    _change(context, "discard", ids or [], filters, user, every=every, dry_run=dry_run, as_json=as_json)


def _change(  # noqa: PLR0913 - options
    context: typer.Context,
    verb: str,
    ids: list[int],
    filters: tuple[str | None, jobs.Category | None, str | None, str | None],
    user: str | None,
    *,
    every: bool,
    dry_run: bool,
    as_json: bool,
) -> None:
    from emdash_cli.distribution import jobs as actions
    from emdash_cli.domain.errors import UsageError
    from emdash_cli.views.jobs import show_changed

    if bool(ids) + any(each is not None for each in filters) + every != 1:
        raise UsageError(
            "name the jobs in one way: by their numbers, by a filter such as --platform, or --all",
            hint="`emdash dead list` shows them; add --dry-run to see which ones a filter matches",
        )
    settings = options.root(context).settings()
    wanted = jobs.chosen(settings, jobs.State.DEAD, *filters)
    chosen: actions.Verb = "retry" if verb == "retry" else "discard"
    with options.open_session(settings, user) as session:
        if ids:
            done = actions.change(session, chosen, ids, is_preview=dry_run, states=("dead",))
        else:
            done = actions.change_matching(session, chosen, wanted, is_preview=dry_run)
    outcome = "retried" if verb == "retry" else "discarded"
    raise typer.Exit(show_changed(done, outcome, as_json=as_json, dry_run=dry_run))
