"""``emdash requeue``."""

from __future__ import annotations

from pathlib import Path  # noqa: TC003 - Typer reads the annotations when it runs
from typing import Annotated

import typer

from emdash_cli.commands import options, who


def requeue(  # noqa: PLR0913 - an option is an argument
    context: typer.Context,
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="Files in the archive.")],
    again: Annotated[  # noqa: FBT002 - Typer's way to say an option without a value
        bool, typer.Option("--again", help="Publish an article again whose post was deleted or renamed.")
    ] = False,
    stream: Annotated[
        str | None,
        typer.Option(
            "--stream",
            metavar="NAME",
            help="Stream whose queue they go to. [default: the stream of the archive]",
            autocompletion=options.complete_streams,
        ),
    ] = None,
    dry_run: options.DryRun = False,  # noqa: FBT002
    as_json: options.AsJson = False,  # noqa: FBT002
    user: who.AsUser = None,
) -> None:
    r"""Move corrected files from the archive back into the queue.

    Correct the file in place, in archive/rejected/ or archive/conflict/, then name it here. It is validated like any
    other file. A file that would only be rejected again stays where it is, with the reason. The others return to the
    queue under their former names, or under free names next to them, and their reason files are removed.

    An article that was published before is refused, because it would be archived as a duplicate. If its post has since
    been deleted or renamed, --again retires its entry in the ledger, so that the article is published once more. Its
    number stays in use, and the audit table records who did it.

    A file in archive/undone/ is that of a post that `emdash undo` has taken back. It needs no --again: the next run
    publishes the same post again, with what the file says now.

    \b
    Examples:
      emdash requeue archive/rejected/2026-06/042-first-post.json
      emdash requeue archive/rejected/*/*.json --dry-run
      emdash requeue --again archive/published/2026-05/017-old-news.json

    Exit codes: 0 every file is back in the queue; 3 a file was refused (the others are back); 6 the store or a disk
    fails.
    """
    from emdash_cli.publishing.requeue import Requeueing, requeue
    from emdash_cli.views.file_reports import RequeueReport

    settings = options.root(context).settings()
    chosen = settings.stream(stream) if stream else None
    report = RequeueReport(as_json=as_json, dry_run=dry_run)
    with options.open_session(settings, user) as session:
        for event in requeue(session, Requeueing(files, chosen, again, dry_run)):
            report.add(event)
    raise typer.Exit(report.finish())
