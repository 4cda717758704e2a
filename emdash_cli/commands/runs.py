"""``emdash runs``."""

from __future__ import annotations

from typing import Annotated

import typer

from emdash_cli.commands import options, who
from emdash_cli.commands.manual import Manual

runs = typer.Typer(cls=Manual, no_args_is_help=True, rich_markup_mode=None)


@runs.callback()
def about() -> None:
    """List the runs of commands, and show what one of them did."""


@runs.command("list")
def show_all(
    context: typer.Context,
    kind: Annotated[
        str | None, typer.Option(metavar="KIND", help="Only runs of this kind, such as publish or sweep.")
    ] = None,
    limit: Annotated[
        int, typer.Option(min=1, max=10_000, metavar="N", help="List at most N runs.", show_default=True)
    ] = 20,
    as_json: options.AsJson = False,  # noqa: FBT002 - Typer's way to say an option without a value
    user: who.AsUser = None,
) -> None:
    r"""List the runs that changed something, newest first.

    A run is one start of a command that changes posts, such as `publish-queue` (its kind is `publish`), `import` or
    `sweep`; a worker starts one for each of its turns. A run that found nothing to do is not listed.

    On a terminal, times are in the time zone of the settings. In a pipe, each run is one line of tab-separated fields:
    ID, kind, start in UTC, what it did.

    \b
    Examples:
      emdash runs list
      emdash runs list --kind publish --limit 5
      emdash runs list --json | jq -r '.runs[0].id'

    Exit codes: 0 success; 2 invalid option; 4 the user is unknown or disabled; 6 the store fails.
    """
    from emdash_cli.reports.runs import list_runs
    from emdash_cli.views.runs import show_list

    settings = options.root(context).settings()
    with who.reading(settings, user) as session:
        listed = list_runs(session, kind, limit)
    show_list(listed, settings.timezone, as_json=as_json)


@runs.command("show")
def show_one(
    context: typer.Context,
    run: Annotated[str, typer.Argument(metavar="RUN", help="The ID of the run, from `emdash runs list`.")],
    as_json: options.AsJson = False,  # noqa: FBT002
    user: who.AsUser = None,
) -> None:
    r"""Show what a run did to posts.

    Each post is one line: when, what the run did, slug, locale, and the status that the post has now. What was created
    is named with the status that it got: `created published`.

    \b
    Examples:
      emdash runs show 01KB2G6ZB8RFK57S6M0Z6H0QTV
      emdash runs show 01KB2G6ZB8RFK57S6M0Z6H0QTV --json | jq '.posts[].slug'

    Exit codes: 0 success; 3 no such run; 4 the user is unknown or disabled; 6 the store fails.
    """
    from emdash_cli.reports.runs import show_run
    from emdash_cli.views import runs as view

    settings = options.root(context).settings()
    with who.reading(settings, user) as session:
        found = show_run(session, run.strip().upper())
    view.show_run(found, settings.timezone, as_json=as_json)
