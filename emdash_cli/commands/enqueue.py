"""``emdash enqueue``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from emdash_cli.commands import options, who


def enqueue(  # noqa: PLR0913 - an option is an argument
    context: typer.Context,
    files: Annotated[
        list[Path],
        typer.Argument(metavar="FILE...", help="JSON, or Markdown with front matter; - reads standard input."),
    ],
    stream: options.ChosenStream = None,
    strict: options.Strict = False,  # noqa: FBT002 - Typer's way to say an option without a value
    dry_run: options.DryRun = False,  # noqa: FBT002
    as_json: options.AsJson = False,  # noqa: FBT002
    user: who.AsUser = None,
) -> None:
    r"""Add articles to the end of a queue.

    All files are validated first. If one of them cannot be published, nothing is queued, and every problem is reported
    with its file, line and field. Otherwise each article is linked into the queue as NN-TITLE.json, where NN follows
    the highest number in the queue and its archive, and its path is printed on a line of its own. Once the command
    returns, the files survive a power cut. Existing files are never overwritten.

    A FILE is JSON as in docs/queue-file.md, or Markdown with front matter: YAML between --- lines, TOML between +++
    lines, or a JSON object. Its keys are those of a queue file or those of other tools. Template tags of site
    generators are replaced by equivalent Markdown; tags without an equivalent are reported (docs/template-tags.md).

    A Markdown FILE named NAME.de.md, or in a folder de/, is taken to be in German if a stream has that locale, unless
    its front matter names another language.

    Where platforms are set up, notices say what is to be known about the announcement, such as a text that has to be
    shortened; --dry-run also names the platforms.

    With --as, the posts will belong to that user, who also becomes the author of articles that name none.

    \b
    Examples:
      emdash enqueue article.md
      emdash enqueue drafts/*.md --stream news --dry-run
      generate-article | emdash enqueue -
      emdash enqueue article.json && emdash publish-queue

    Exit codes: 0 queued; 2 no such stream or directory; 3 a file was refused and nothing was queued; 4 not allowed; 6
    the disk or the store fails.
    """
    import sys

    from emdash_cli import wiring
    from emdash_cli.domain.errors import Exit
    from emdash_cli.publishing.enqueue import Submission, enqueue
    from emdash_cli.views import output
    from emdash_cli.views.file_reports import show_enqueued

    settings = options.root(context).settings()
    chosen = settings.chosen_stream(stream)
    if Path("-") in files and sys.stdin.isatty():
        output.note("reading an article from the terminal; press Ctrl-D to end it")
    person = None
    if user:
        with options.open_session(settings, user) as session:
            session.require("create")
            person = session.person
    forecast = None
    if settings.platforms:
        from emdash_cli.publishing.forecast import Forecast

        forecast = Forecast(settings, wiring.rendering(settings))
    task = Submission(
        chosen, files, sys.stdin.buffer, settings.timezone, dry_run, settings.paths, person, strict, forecast
    )
    report = enqueue(task, wiring.now())
    show_enqueued(report, len(files), as_json=as_json, dry_run=dry_run)
    raise typer.Exit(Exit.PARTLY if report.refused else Exit.DONE)
