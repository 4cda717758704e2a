"""``emdash platforms``."""

from __future__ import annotations

from typing import Annotated

import typer

from emdash_cli.commands import completion, options, who
from emdash_cli.commands.manual import Manual

platforms = typer.Typer(cls=Manual, no_args_is_help=True, rich_markup_mode=None)

Name = Annotated[
    str,
    typer.Argument(
        metavar="NAME", help="Name of the platform in emdash.toml.", autocompletion=completion.complete_platforms
    ),
]


@platforms.callback()
def about() -> None:
    """List, check, pause and resume platforms."""


@platforms.command("list")
def show_all(
    context: typer.Context,
    as_json: options.AsJson = False,  # noqa: FBT002 - Typer's way to say an option without a value
    user: who.AsUser = None,
) -> None:
    r"""List the platforms and their state.

    For each: what waits for it, what failed there, and how much of its budget is used.

    \b
    ready     it is served
    paused    its credentials were refused, or somebody paused it: `emdash platforms resume`
    waiting   it asked for a pause, and is served again after it
    used up   its budget of this month is spent
    later     its `since` is in the future; nothing is announced until then
    new       nothing was published since it was set up
    removed   emdash.toml does not have it any more, and jobs of it are left

    In a pipe, each platform is one line, separated by tabs: name, kind, state, pending, dead, unknown, budget used,
    reason.

    \b
    Examples:
      emdash platforms list
      emdash platforms list --json | jq '.platforms[] | select(.state != "ready")'

    Exit codes: 0 success; 4 the user is unknown or disabled; 6 the store fails.
    """
    from emdash_cli.distribution.platforms import list_platforms
    from emdash_cli.views.platforms import show_list

    settings = options.root(context).settings()
    with who.reading(settings, user) as session:
        listed = list_platforms(session)
    show_list(listed, settings.timezone, as_json=as_json)


@platforms.command("check")
def check(
    context: typer.Context,
    names: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[NAME…]",
            help="Only these platforms.",
            autocompletion=completion.complete_platforms,
            show_default=False,
        ),
    ] = None,
    as_json: options.AsJson = False,  # noqa: FBT002
    user: who.AsUser = None,
) -> None:
    r"""Check credentials and limits without posting.

    A platform is asked whose credentials these are, and for its limits where it has any to tell; IndexNow's key is read
    from the site. Nothing is posted. X charges 0.01 USD or less for its answer, the others nothing. A target and a
    webhook document no such request: they are reported as unchecked, which says that settings and secrets are complete.
    Only editors and admins may check.

    \b
    Examples:
      emdash platforms check
      emdash platforms check mastodon --json

    Exit codes: 0 nothing is wrong; 2 no such platform; 3 a platform refuses the credentials, is paused, or its budget
    is used up; 4 not allowed; 6 the store fails.
    """
    from emdash_cli import wiring
    from emdash_cli.distribution.platforms import check as check_all
    from emdash_cli.views.platforms import show_checks

    settings = options.root(context).settings()
    accounts = [settings.platform(name) for name in names] if names else settings.platforms
    with options.open_session(settings, user) as session, wiring.connecting(settings) as connect:
        code = show_checks(check_all(session, accounts, connect), as_json=as_json)
    raise typer.Exit(code)


@platforms.command("pause")
def pause(  # noqa: PLR0913 - an option is an argument
    context: typer.Context,
    name: Name,
    reason: Annotated[
        str, typer.Option("--reason", metavar="TEXT", help="Why; shown wherever the pause is.")
    ] = "paused by hand",
    user: who.AsUser = None,
    dry_run: options.DryRun = False,  # noqa: FBT002
    as_json: options.AsJson = False,  # noqa: FBT002
) -> None:
    r"""Send nothing to a platform until it is resumed.

    Announcements are still written, and wait. What is being sent is not interrupted. Only editors and admins may pause.

    \b
    Examples:
      emdash platforms pause x --reason 'new texts until Monday'

    Exit codes: 0 success, even if it is paused already; 2 no such platform; 4 not allowed; 6 the store fails.
    """
    from emdash_cli.distribution.platforms import pause as pause_one
    from emdash_cli.views.platforms import show_switched

    settings = options.root(context).settings()
    with options.open_session(settings, user) as session:
        is_new = pause_one(session, name, reason, is_preview=dry_run)
    show_switched(name, "paused", is_new=is_new, as_json=as_json, dry_run=dry_run)


@platforms.command("resume")
def resume(
    context: typer.Context,
    name: Name,
    user: who.AsUser = None,
    dry_run: options.DryRun = False,  # noqa: FBT002
    as_json: options.AsJson = False,  # noqa: FBT002
) -> None:
    r"""Send again to a platform that was paused.

    Jobs that died while its credentials were refused stay dead until `emdash dead replay --platform NAME --category
    auth`. Only editors and admins may resume.

    \b
    Examples:
      emdash platforms check x && emdash platforms resume x

    Exit codes: 0 success, even if it was not paused; 2 no such platform; 4 not allowed; 6 the store fails.
    """
    from emdash_cli.distribution.platforms import resume as resume_one
    from emdash_cli.views.platforms import show_switched

    settings = options.root(context).settings()
    with options.open_session(settings, user) as session:
        is_new = resume_one(session, name, is_preview=dry_run)
    show_switched(name, "resumed", is_new=is_new, as_json=as_json, dry_run=dry_run)
