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
        typer.Option(
            min=1, metavar="N", help="Publish at most N articles per stream, ignoring its cadence and per_run."
        ),
    ] = None,
    wait: Annotated[
        float,
        typer.Option(min=0, metavar="SECONDS", help="How long to wait for another run on the same queue to finish."),
    ] = 0,
    strict: options.Strict = False,  # noqa: FBT002 - Typer's way to say an option without a value
    dry_run: options.DryRun = False,  # noqa: FBT002
    as_json: options.AsJson = False,  # noqa: FBT002
    quiet: options.Quiet = False,  # noqa: FBT002
    user: who.AsUser = None,
) -> None:
    r"""Publish the files in the queues, in numerical order.

    Each article becomes a post with its revision, terms, byline and SEO row in one transaction, and is recorded in a
    ledger. It is therefore published exactly once, however often this command is run or killed, and even if two runs
    overlap.

    The file then moves to archive/OUTCOME/YYYY-MM/. OUTCOME is published, scheduled or draft; duplicate (published
    before); updated or changed (edited since it was published: `on_change` in emdash.toml decides whether its post is
    updated); conflict (its slug belongs to another article, or its post was also edited elsewhere); or rejected (it
    cannot be published as it is). A text file beside it gives the reason. A failure that is not the file's fault, such
    as a full disk, leaves the file in the queue.

    Where platforms are set up, --dry-run also names the platforms where each article would be announced, with what is
    to be known about that, such as a text that has to be shortened.

    An article that is published but deserves a second look gets a notice; --strict rejects such articles instead.

    \b
    Examples:
      emdash publish-queue                      publish every stream
      emdash publish-queue --dry-run            show what would happen
      emdash publish-queue --stream news --limit 2
      */5 * * * * cd /srv/blog && emdash publish-queue --quiet --wait 60

    Exit codes: 0 success or nothing to do; 3 something was rejected, changed or in conflict; 4 not allowed; 5 every
    queue is locked by another run; 6 the store or a disk fails; 130 or 143 interrupted after the current group.
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
