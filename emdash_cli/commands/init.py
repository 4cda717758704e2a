"""``emdash init``."""

from __future__ import annotations

from typing import Annotated

import typer

from emdash_cli.commands import options


def init(
    context: typer.Context,
    samples: Annotated[  # noqa: FBT002 - Typer's way to say an option without a value
        bool, typer.Option("--samples", help="Add sample articles to the queue if it is empty.")
    ] = False,
    db: Annotated[
        str | None, typer.Option(metavar="URL", help="Store to write into emdash.toml; same as --db before `init`.")
    ] = None,
    dry_run: options.DryRun = False,  # noqa: FBT002
    as_json: options.AsJson = False,  # noqa: FBT002
) -> None:
    r"""Create emdash.toml, the stream directories and the store.

    Nothing that already exists is changed, so the command may be repeated. Directories are created for every stream in
    emdash.toml: run the command after you add a stream.

    The store is a SQLite file with the EmDash tables that emdash writes, or the database of an EmDash site. In a site's
    database, only emdash's own tables are added; EmDash's tables are never altered. Nothing is added to a database that
    holds anything else.

    A store created by an older version of emdash is brought up to date by migrations, each in one transaction. If the
    command is killed, the next run continues with the next migration. --dry-run prints the statements.

    \b
    Examples:
      emdash init                                   in this directory
      emdash init --samples                         with seven sample articles
      emdash init --db sqlite:/srv/site/data.db     publish into an EmDash site
      emdash init --dry-run                         show what would be created

    Exit codes: 0 success or nothing to do; 2 the database belongs to something else; 6 the store or a disk fails.
    """
    from functools import partial

    from emdash_cli import wiring
    from emdash_cli.maintenance.init import Setup, elsewhere, init
    from emdash_cli.views import output
    from emdash_cli.views.installation import show_steps

    root = options.root(context)
    settings, file = wiring.initial_settings(root.config, db or root.database)
    setup = Setup(settings, file, samples, dry_run)
    steps = init(setup, partial(wiring.open_database, settings, notice=output.notice), wiring.now())
    is_changed = show_steps(steps, as_json=as_json, dry_run=dry_run)
    if as_json or dry_run:
        return
    if wrong := elsewhere(settings, wiring.settings(root.config, None)):
        output.note(f"next: {wrong}")
    elif is_changed:
        queued = "" if samples else "add articles to the queue with `emdash enqueue FILE`, then "
        output.note(f"next: {queued}run `emdash publish-queue`")
