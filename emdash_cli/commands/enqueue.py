"""``emdash enqueue``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from emdash_cli.commands import invocation, options, who

if TYPE_CHECKING:
    from emdash_cli.actions.enqueue import Report


def enqueue(
    context: typer.Context,
    files: Annotated[
        list[Path],
        typer.Argument(metavar="FILE...", help="JSON, or Markdown with front matter; - is standard input."),
    ],
    stream: Annotated[
        str | None,
        typer.Option(
            "--stream",
            metavar="NAME",
            help="Whose queue they go to. [default: `default`, or the only one]",
            autocompletion=options.complete_streams,
        ),
    ] = None,
    strict: options.Strict = False,  # noqa: FBT002 - Typer's way to say an option without a value
    dry_run: options.DryRun = False,  # noqa: FBT002
    as_json: options.AsJson = False,  # noqa: FBT002
    user: who.AsUser = None,
) -> None:
    r"""Put articles at the end of a queue.

    All files are validated first: if one of them could not be published, nothing is queued, and every problem is told
    with its file, line and field. Then each is written under a name that no reader sees, synced, and linked into the
    queue as NN-TITLE.json, NN being one more than the last number of the queue and its archive. When this returns,
    the files survive a power cut. No file is ever written over another one.

    Markdown may begin with YAML between lines of ---, TOML between lines of +++ or a JSON object, with the keys of a
    queue file or those of other tools. The name of each new file is printed on a line of its own. Template tags of
    static site generators become what they mean, and those without a plain meaning are reported: docs/template-tags.md.

    With --as, the posts will belong to that user, who is also the author of every article that names none.

    \b
    Examples:
      emdash enqueue article.md
      emdash enqueue drafts/*.md --stream news --dry-run
      generate-article | emdash enqueue -
      emdash enqueue article.json && emdash publish-queue

    \b
    Exit codes: 0 queued, 2 no such stream or directory, 3 a file was refused and nothing was queued, 6 the disk
    does not take it.
    """
    import sys

    from emdash_cli import wiring
    from emdash_cli.actions.choose_stream import chosen_stream
    from emdash_cli.actions.enqueue import Request, enqueue
    from emdash_cli.commands import output
    from emdash_cli.domain.errors import Exit

    settings = options.root(context).settings()
    chosen = chosen_stream(settings, stream)
    if Path("-") in files and sys.stdin.isatty():
        output.note("reading an article from the terminal; Ctrl-D ends it")
    person = None
    if user:
        with options.open_store(settings) as database:
            person = invocation.permitted(database, user, "create").person
    request = Request(chosen, files, sys.stdin.buffer, settings.timezone, dry_run, settings.paths, person, strict)
    report = enqueue(request, wiring.now())
    if as_json:
        output.json_document(_document(report, dry_run=dry_run))
    else:
        _show(report, files=len(files), dry_run=dry_run)
    raise typer.Exit(Exit.PARTLY if report.refused else Exit.DONE)


def _document(report: Report, *, dry_run: bool) -> dict[str, object]:
    from dataclasses import asdict

    refused = [
        {"source": refused.source, "problems": [problem._asdict() for problem in refused.problems]}
        for refused in report.refused
    ]
    queued = [asdict(queued) for queued in report.queued]
    return {"dry_run": dry_run, "stream": report.stream, "queued": queued, "refused": refused}


def _show(report: Report, *, files: int, dry_run: bool) -> None:
    from emdash_cli.commands import output
    from emdash_cli.inbox.files import printable

    for queued in report.queued:
        output.data(queued.file)
        for notice in queued.notices:
            output.notice(f"{printable(queued.source)}: {notice}")
    for refused in report.refused:
        for problem in refused.problems:
            output.note(f"{output.styled(printable(refused.source), 'red', err=True)}: {problem}")
    if report.refused:
        output.note(f"nothing was queued: {len(report.refused)} of {files} {'file' if files == 1 else 'files'} refused")
    elif dry_run:
        output.note(f"{len(report.queued)} would be queued for {report.stream}")
