"""``emdash export``."""

from __future__ import annotations

from pathlib import Path  # noqa: TC003 - Typer reads the annotations
from typing import Annotated, Literal

import typer

from emdash_cli.commands import options, who


def export(  # noqa: PLR0913 - an option is an argument
    context: typer.Context,
    directory: Annotated[Path, typer.Argument(metavar="DIR", help="Target folder; created if missing.")],
    kind: Annotated[
        Literal["json", "md"], typer.Option("--format", help="json: queue files; md: Markdown with front matter.")
    ] = "json",
    status: Annotated[
        Literal["draft", "published", "scheduled"] | None, typer.Option(help="Only posts with this status.")
    ] = None,
    stream: options.StreamName = None,
    locale: Annotated[str | None, typer.Option(metavar="TAG", help="Only posts in this language.")] = None,
    dry_run: options.DryRun = False,  # noqa: FBT002 - Typer's way to say an option without a value
    as_json: options.AsJson = False,  # noqa: FBT002
    quiet: options.Quiet = False,  # noqa: FBT002
    user: who.AsUser = None,
) -> None:
    r"""Write posts into a folder, as queue files or as Markdown.

    Each post becomes DIR/LOCALE/SLUG.json (or .md) with everything that a queue file can express, so `emdash import
    --from-archive DIR` (or --from-markdown DIR) recreates the same posts in an empty store. A published post is
    exported as its readers see it, any other post as its draft. A repeated run writes what is missing; an existing file
    with different content is left alone and reported. Anything that an import would not bring back is also reported: a
    second category or byline, byline roles and fields that the site added (all of which are kept in the file's
    metadata), an image of the media library, and text that an import would refuse.

    \b
    Examples:
      emdash export backup/
      emdash export ../site/content --format md --status published --locale en
      emdash export backup/ --json --dry-run

    Exit codes: 0 success; 2 DIR is not a folder; 3 files with different content were in the way, or something would not
    be brought back; 4 the user is unknown or disabled; 6 the store or a disk fails.
    """
    from emdash_cli.commands.invocation import stoppable
    from emdash_cli.posts.sql import Selection
    from emdash_cli.transfer.export import Export, export
    from emdash_cli.views.file_reports import ExportReport

    settings = options.root(context).settings()
    if stream:
        settings.stream(stream)
    report = ExportReport(as_json=as_json, quiet=quiet, dry_run=dry_run)
    with stoppable() as stop, who.reading(settings, user, quiet=quiet) as session:
        task = Export(directory.expanduser(), kind, Selection(status, stream, locale), dry_run, stop)
        for exported in export(session, task):
            report.add(exported)
    raise typer.Exit(stop.exit_code or report.finish())
