"""``emdash sweep``."""

from __future__ import annotations

from typing import Annotated

import typer

from emdash_cli.commands import cron, options, who


def sweep(  # noqa: PLR0913 - an option is an argument
    context: typer.Context,
    limit: Annotated[int | None, typer.Option(min=1, metavar="N", help="Publish at most N posts.")] = None,
    watch: Annotated[bool, typer.Option("--watch", help="Keep sweeping until stopped.")] = False,  # noqa: FBT002
    every: Annotated[
        float | None,
        typer.Option(min=1, metavar="SECONDS", help=f"With --watch: seconds between sweeps. [default: {cron.EVERY_S}]"),
    ] = None,
    dry_run: options.DryRun = False,  # noqa: FBT002 - Typer's way to say an option without a value
    as_json: options.AsJson = False,  # noqa: FBT002
    quiet: options.Quiet = False,  # noqa: FBT002
    user: who.AsUser = None,
) -> None:
    r"""Publish what is due, and take down what has expired.

    A post goes live with the text that was reviewed: scheduling keeps a copy of it. If its text or slug has changed
    since, this sweep and every later one holds the post until somebody has read `emdash diff SLUG` and run `emdash
    reschedule` or `emdash unschedule`. A post whose new slug now belongs to another post is held, too. All other posts
    are published. A post that was scheduled elsewhere has no such copy: it is published and marked `unlocked`.

    Sweeps may overlap, be killed or run late: each post is published once, and dated with the time for which it was
    scheduled. If EmDash's own scheduler also runs, held posts are unscheduled as well, even before their time, and
    posts that EmDash published first are compared with the copy.

    A live post whose expiry has come (`expires_at` of its file, or `emdash unpublish --at`) is taken down, whatever
    became of its text; a late sweep does it late. A post that is due but should have been taken down by now is held
    instead of published. So is a scheduled post that comes back from the trash later than its time.

    Each post is reported as published, unpublished (its expiry came), held, preempted (EmDash published it first) or
    released (it was unscheduled elsewhere). --quiet and all but the first sweep of --watch omit posts that an earlier
    sweep held. With --json, --watch prints one document for each sweep.

    Where platforms are set up, --dry-run also names the platforms where each post would be announced.

    \b
    Examples:
      emdash sweep                         publish what is due
      emdash sweep --dry-run               what would happen
      emdash sweep --watch --every 30      run as a service
      * * * * * cd /srv/blog && emdash sweep --quiet

    Exit codes: 0 success or nothing due; 2 invalid option, or --every without --watch; 3 something is held or went live
    unreviewed; 6 the store fails; 130 or 143 interrupted after the current group.
    """
    if every and not watch:
        from emdash_cli.domain.errors import UsageError

        raise UsageError("--every has no effect without --watch", hint="add --watch, or omit --every")
    code = cron.sweep(
        options.root(context),
        limit=limit,
        watch=watch,
        every=every or cron.EVERY_S,
        dry_run=dry_run,
        as_json=as_json,
        quiet=quiet,
        user=user,
    )
    raise typer.Exit(code)
