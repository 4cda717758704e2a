"""``emdash export``."""

from __future__ import annotations

from pathlib import Path  # noqa: TC003 - Typer reads the annotations
from typing import Annotated, Literal

import typer

from emdash_cli.commands import options, who


def export(  # noqa: PLR0913 - an option is an argument
    context: typer.Context,
    directory: Annotated[Path, typer.Argument(metavar="DIR", help="The folder; made if it is not there.")],
    kind: Annotated[
        Literal["json", "md"], typer.Option("--format", help="json: queue files; md: Markdown with front matter.")
    ] = "json",
    status: Annotated[
        Literal["draft", "published", "scheduled"] | None, typer.Option(help="Only posts of this status.")
    ] = None,
    stream: options.StreamName = None,
    locale: Annotated[str | None, typer.Option(metavar="TAG", help="Only posts in this language.")] = None,
    dry_run: options.DryRun = False,  # noqa: FBT002 - Typer's way to say an option without a value
    as_json: options.AsJson = False,  # noqa: FBT002
    quiet: options.Quiet = False,  # noqa: FBT002
    user: who.AsUser = None,
) -> None:
    r"""Write posts into a folder, as queue files or as Markdown.

    Each post becomes DIR/LOCALE/SLUG.json (or .md) with everything that a queue file can say of it, so that
    `emdash import --from-archive DIR` (or --from-markdown DIR) gives the same posts in an empty store. A published
    post is exported as its readers see it, any other as its draft. Run again, it writes what is missing; an existing
    file with other content is left alone and reported. Also reported is what an import would not bring back: a
    second category or byline, roles of bylines, fields that the site added (all of these are kept in the file's
    metadata), an image of the media library, a text that an import refuses.

    \b
    Examples:
      emdash export backup/
      emdash export ../site/content --format md --status published --locale en
      emdash export backup/ --json --dry-run

    Exit codes: 0 done, 2 DIR is not a folder, 3 files with other content were in the way, or something of a post would
    not come back, 4 the user is unknown or disabled, 6 the store or a disk fails.
    """
    from emdash_cli import wiring
    from emdash_cli.commands.interrupts import stoppable
    from emdash_cli.posts.sql import Selection
    from emdash_cli.transfer.export import Export, export
    from emdash_cli.views.export_report import ExportReport

    settings = options.root(context).settings()
    if stream:
        settings.stream(stream)
    report = ExportReport(as_json=as_json, quiet=quiet, dry_run=dry_run)
    with stoppable() as stop, who.reading(settings, user, quiet=quiet) as database:
        task = Export(directory.expanduser(), kind, Selection(status, stream, locale), dry_run, stop)
        for exported in export(task, database, settings.fields, wiring.now):
            report.add(exported)
    raise typer.Exit(stop.exit_code or report.finish())
