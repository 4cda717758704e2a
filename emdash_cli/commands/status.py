"""``emdash status``."""

from __future__ import annotations

from typing import Annotated

import typer

from emdash_cli.commands import options, who


def status(
    context: typer.Context,
    stale_after: Annotated[
        str, typer.Option(metavar="SPAN", help="Report a job as stale after this much silence: 90m, 26h, 8d.")
    ] = "26h",
    as_json: options.AsJson = False,  # noqa: FBT002 - Typer's way to say an option without a value
    quiet: options.Quiet = False,  # noqa: FBT002
    user: who.AsUser = None,
) -> None:
    r"""Show what is waiting, due or held, and when jobs last ran.

    This is also a health check. The first line says OK or what is wrong, and the exit code is 3 if a post is overdue
    (due for more than 5 minutes and not published, or held for longer than that past its time), a queue cannot be
    listed, or a job is stale. Each publish-queue and each sweep records that it ran, even with nothing to do. A job is
    stale if its last record is older than --stale-after or lies in the future; a job that never ran is not stale. The
    default, 26h, suits jobs that start daily or more often: choose a little more than the longest gap between their
    runs.

    Where platforms are set up, the exit code is 3, too, if an announcement is dead, unknown or overdue by more than 5
    minutes, or if a platform is paused or has used up its budget while something waits for it. A digest lists the dead
    letters of the last 7 days.

    \b
    Examples:
      emdash status
      emdash status --stale-after 15m          where jobs start every few minutes
      emdash status --quiet || page-somebody   one line for each problem
      emdash status --json | jq '.queues[] | select(.depth > 100)'

    Exit codes: 0 all is well; 3 something is overdue or stale; 4 the user is unknown or disabled; 6 the store cannot be
    reached.
    """
    from emdash_cli.domain.days import parse_duration
    from emdash_cli.domain.errors import Exit
    from emdash_cli.reports.status import status
    from emdash_cli.views import status_report

    settings = options.root(context).settings()
    span = parse_duration(stale_after)
    with who.reading(settings, user, quiet=quiet) as session:
        found = status(session, span)
    status_report.show(found, settings.timezone, as_json=as_json, quiet=quiet)
    raise typer.Exit(Exit.PARTLY if found.problems else Exit.DONE)
