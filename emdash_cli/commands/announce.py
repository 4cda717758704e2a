"""``emdash announce``."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from emdash_cli.commands import completion, options, who

if TYPE_CHECKING:
    from emdash_cli.distribution.announce import Plan


def announce(  # noqa: PLR0913 - an option is an argument
    context: typer.Context,
    slug: who.Slug,
    platform: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="Only there. [default: the platforms of the post's file or stream]",
            autocompletion=completion.complete_platforms,
        ),
    ] = None,
    again: Annotated[  # noqa: FBT002 - Typer's way to say an option without a value
        bool, typer.Option("--again", help="Also where it was announced before: it may appear there twice.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,  # noqa: FBT002
    locale: who.Locale = None,
    user: who.AsUser = None,
    dry_run: options.DryRun = False,  # noqa: FBT002
    as_json: options.AsJson = False,  # noqa: FBT002
) -> None:
    r"""Announce a public post, or announce it again.

    Posts that go live are announced automatically, once on each platform. Use this for a post that was not: imported,
    dated back, or published before the platform was set up. Where it was announced before, it is refused without
    --again. One job is written for each platform; `emdash distribute` sends it, however old the post is.

    The command asks first, because what was announced by other means appears twice. Without a terminal, it needs
    --yes. Only editors and admins may announce.

    \b
    Examples:
      emdash announce 042-caching --dry-run
      emdash announce 042-caching --platform mastodon
      emdash announce 042-caching --platform partner --again --yes

    Exit codes: 0 success; 2 no such platform, or there is no terminal to ask on; 3 the post is not public, or is not
    announced on one of the platforms for the reason given, or you declined; 4 not allowed; 6 the store fails.
    """
    from emdash_cli.distribution.announce import Wanted, plan
    from emdash_cli.distribution.announce import announce as write
    from emdash_cli.domain.errors import Exit
    from emdash_cli.views import output
    from emdash_cli.views.jobs import show_announced, show_planned

    settings = options.root(context).settings()
    with options.open_session(settings, user) as session:
        planned = plan(session, Wanted(slug, locale, platform, again))
        if dry_run or not planned.announcements:
            raise typer.Exit(show_planned(planned, as_json=as_json, dry_run=dry_run))
        if not yes and not _agreed(planned):
            output.note("nothing was announced")
            raise typer.Exit(Exit.PARTLY)
        done = write(session, planned)
    raise typer.Exit(show_announced(done, as_json=as_json))


def _agreed(planned: Plan) -> bool:
    """What the person at the terminal says.

    Raises:
        UsageError: there is none.
    """
    from emdash_cli.domain.errors import UsageError

    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise UsageError(
            "a post may appear twice if it was announced by other means, and there is no terminal to ask on",
            hint="add --yes, or see with --dry-run what would be announced",
        )
    for one in planned.announcements:
        before = f", where it was announced on {one.before.ended_at}" if one.before else ""
        typer.echo(f"{planned.slug} on {one.platform}{before}", err=True)
    return typer.confirm("Announce it there?", err=True)
