"""``emdash requeue``."""

from __future__ import annotations

from pathlib import Path  # noqa: TC003 - Typer reads the annotations when it runs
from typing import TYPE_CHECKING, Annotated

import typer

from emdash_cli.commands import options, who

if TYPE_CHECKING:
    from emdash_cli.publishing.outcomes import RefusedFile
    from emdash_cli.publishing.requeue import Requeued


def requeue(
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

    An article that was published before is refused, because it would be archived as a duplicate. If its post was
    deleted or renamed since, --again retires its entry in the ledger, so the article is published once more. Its number
    stays in use, and the audit table records who did it.

    \b
    Examples:
      emdash requeue archive/rejected/2026-06/042-first-post.json
      emdash requeue archive/rejected/*/*.json --dry-run
      emdash requeue --again archive/published/2026-05/017-old-news.json

    Exit codes: 0 back in the queue; 3 a file was refused (the others are back); 6 the store or a disk fails.
    """
    from emdash_cli.domain.errors import Exit
    from emdash_cli.publishing.outcomes import RefusedFile
    from emdash_cli.publishing.requeue import Requeueing, requeue
    from emdash_cli.views import output

    settings = options.root(context).settings()
    chosen = settings.stream(stream) if stream else None
    events: list[Requeued | RefusedFile] = []
    with options.open_session(settings, user) as session:
        for event in requeue(session, Requeueing(files, chosen, again, dry_run)):
            events.append(event)
            if not as_json:
                _show(event)
    refused = sum(isinstance(event, RefusedFile) for event in events)
    if as_json:
        output.json_document(_document(events, dry_run=dry_run))
    elif dry_run:
        output.note(f"{len(events) - refused} would return to the queue")
    raise typer.Exit(Exit.PARTLY if refused else Exit.DONE)


def _document(events: list[Requeued | RefusedFile], *, dry_run: bool) -> dict[str, object]:
    from dataclasses import asdict

    from emdash_cli.publishing.requeue import Requeued
    from emdash_cli.views.publish_report import refused_documents

    requeued = [asdict(event) for event in events if isinstance(event, Requeued)]
    refused = refused_documents(event for event in events if not isinstance(event, Requeued))
    return {"dry_run": dry_run, "requeued": requeued, "refused": refused}


def _show(event: Requeued | RefusedFile) -> None:
    from emdash_cli.inbox.files import printable
    from emdash_cli.publishing.requeue import Requeued
    from emdash_cli.views import output
    from emdash_cli.views.publish_report import show_refused

    if isinstance(event, Requeued):
        output.data(printable(event.file))
        if event.note:
            output.note(f"note: {printable(event.source)}: {event.note}")
        return
    show_refused(event)
