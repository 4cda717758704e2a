"""``emdash publish-queue``."""

from __future__ import annotations

from typing import Annotated

import typer

from emdash_cli.commands import cron, options, who


def publish_queue(  # noqa: PLR0913 - an option is an argument
    context: typer.Context,
    stream: options.StreamName = None,
    limit: Annotated[
        int | None,
        typer.Option(min=1, metavar="N", help="Publish at most N articles a stream, whatever its cadence and per_run."),
    ] = None,
    wait: Annotated[
        float, typer.Option(min=0, metavar="SECONDS", help="How long to wait for another run on the same queue.")
    ] = 0,
    strict: options.Strict = False,  # noqa: FBT002 - Typer's way to say an option without a value
    dry_run: options.DryRun = False,  # noqa: FBT002
    as_json: options.AsJson = False,  # noqa: FBT002
    quiet: options.Quiet = False,  # noqa: FBT002
    user: who.AsUser = None,
) -> None:
    r"""Publish the files of the queues, in the order of their numbers.

    Each article becomes a post, its revision, its terms, its byline and its SEO row in one atomic change, and is
    entered into a ledger, so that it is published once however often this is run, killed or run twice at a time.
    Its file then moves to archive/OUTCOME/YYYY-MM/, where OUTCOME is published, scheduled, draft, duplicate (it was
    published before), conflict (its slug or id belongs to another article) or rejected (it cannot be read; the
    reason lies beside it). Trouble that is not the file's fault leaves the file where it is.
    A notice is printed where an article is published but deserves a second look; --strict rejects such files instead.

    \b
    Examples:
      emdash publish-queue                      every stream
      emdash publish-queue --dry-run            what would happen
      emdash publish-queue --stream news --limit 2
      */5 * * * * cd /srv/blog && emdash publish-queue --quiet --wait 60

    \b
    Exit codes: 0 done or nothing to do, 3 something was rejected or in conflict, 5 another run holds every
    queue, 6 the store or a disk fails, 130 or 143 interrupted after the group under way.
    """
    code = cron.publish_queue(
        options.root(context),
        stream=stream,
        limit=limit,
        wait=wait,
        strict=strict,
        dry_run=dry_run,
        as_json=as_json,
        quiet=quiet,
        user=user,
    )
    raise typer.Exit(code)
