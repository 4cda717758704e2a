"""``emdash restore``."""

from __future__ import annotations

from pathlib import Path  # noqa: TC003 - Typer reads the annotations when it runs
from typing import Annotated

import typer

from emdash_cli.commands import options, who


def restore(  # noqa: PLR0913 - an option is an argument
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A file in archive/removed/.")],
    dry_run: options.DryRun = False,  # noqa: FBT002 - Typer's way to say an option without a value
    as_json: options.AsJson = False,  # noqa: FBT002
    quiet: options.Quiet = False,  # noqa: FBT002
    user: who.AsUser = None,
) -> None:
    r"""Restore what `emdash cleanup` removed.

    Every row and every temporary file is restored as it was, with one exception: if a post refers to a revision that is
    neither in the store nor in FILE, it is restored without that revision, and its line says so. Whatever exists
    already is left as it is, so the command may be repeated. A row whose place has been taken is refused, and so is a
    post whose slug now belongs to another post, with all its rows.

    What is restored is as incomplete as it was before: complete it, or the next `emdash cleanup` removes it again.

    Each item is reported as restored, present (it exists already) or refused; the reason says why, or what a restored
    post lacks.

    \b
    Examples:
      ls archive/removed/
      emdash restore archive/removed/FILE --dry-run
      emdash restore archive/removed/FILE

    Exit codes: 0 success or nothing to do; 2 FILE was not written by cleanup; 3 something was refused; 6 the store or a
    disk fails.
    """
    from emdash_cli import wiring
    from emdash_cli.maintenance.restore import Restoration, restore
    from emdash_cli.views.cleanup_report import reporter

    settings = options.root(context).settings()
    report = reporter(as_json=as_json, quiet=quiet, dry_run=dry_run)
    waits = (lambda _: None) if quiet else report.add_notice
    with report, wiring.open_session(settings, user, notice=waits) as session:
        for item in restore(session, Restoration(file, dry_run)):
            report.add(item)
    raise typer.Exit(report.exit_code())
