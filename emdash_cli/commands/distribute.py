"""``emdash distribute``."""

from __future__ import annotations

from typing import Annotated

import typer

from emdash_cli.commands import cron, options, who


def distribute(  # noqa: PLR0913 - an option is an argument
    context: typer.Context,
    platform: Annotated[str | None, typer.Option(metavar="NAME", help="Only this platform of emdash.toml.")] = None,
    limit: Annotated[int | None, typer.Option(min=1, metavar="N", help="Send at most N announcements.")] = None,
    wait: Annotated[  # noqa: FBT002 - Typer's way to say an option without a value
        bool, typer.Option("--wait", help="Wait for retries and rate limits, and end when nothing is left to send.")
    ] = False,
    dry_run: options.DryRun = False,  # noqa: FBT002
    as_json: options.AsJson = False,  # noqa: FBT002
    quiet: options.Quiet = False,  # noqa: FBT002
    user: who.AsUser = None,
) -> None:
    r"""Announce what went live on the platforms.

    When a post goes live, one job for each of its platforms is written in the same transaction. This command sends
    the jobs that are due, and ends. Each post is announced once on each platform: a job is marked in the store before
    its request leaves, so that a crash, a lost answer or a second run cannot send it twice. Where it cannot be told
    whether a request arrived, the job becomes `unknown` and is not sent again, unless the platform recognises repeats.

    Requests that fail are repeated after about 5, 30 and 300 seconds, by a later run or with --wait. A platform that
    asks for a pause gets one; one that refuses the credentials is paused. A job that cannot succeed is dead at once.

    Any number of runs may work on one store, on any number of machines: rates, budgets and the number of simultaneous
    requests are limits for all of them together.

    \b
    Examples:
      emdash distribute                       send what is due
      emdash distribute --dry-run             what would be sent
      emdash distribute --platform partner    only to that one
      * * * * * cd /srv/blog && emdash distribute --quiet

    --json prints a DistributionRun; see `emdash schema distribute`.

    Exit codes: 0 success, even if nothing is due; 2 invalid option, no such platform, or a secret is missing; 3 a job
    became dead or unknown; 4 not allowed; 6 the store fails; 130 or 143 interrupted after the requests in flight.
    """
    code = cron.distribute(
        options.root(context),
        platform=platform,
        limit=limit,
        wait=wait,
        dry_run=dry_run,
        as_json=as_json,
        quiet=quiet,
        user=user,
    )
    raise typer.Exit(code)
