"""``emdash init``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from emdash_cli.commands import options

if TYPE_CHECKING:
    from emdash_cli.maintenance.init import Step

_CHANGES = frozenset({"created", "applied"})


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

    root = options.root(context)
    settings, file = wiring.initial_settings(root.config, db or root.database)
    setup = Setup(settings, file, samples, dry_run)
    steps = init(setup, partial(wiring.open_database, settings, notice=output.notice), wiring.now())
    if as_json:
        output.json_document(_document(list(steps), dry_run=dry_run))
        return
    changes = 0
    for step in steps:
        changes += step.state in _CHANGES
        _show(step, dry_run=dry_run)
    if not changes:
        output.note("nothing " + ("would be" if dry_run else "was") + " changed: everything exists already")
    if wrong := "" if dry_run else elsewhere(settings, wiring.settings(root.config, None)):
        output.note(f"next: {wrong}")
    elif changes and not dry_run:
        queued = "" if samples else "add articles to the queue with `emdash enqueue FILE`, then "
        output.note(f"next: {queued}run `emdash publish-queue`")


def _document(steps: list[Step], *, dry_run: bool) -> dict[str, object]:
    from dataclasses import asdict

    changed = any(step.state in _CHANGES for step in steps)
    return {"dry_run": dry_run, "changed": changed, "steps": [asdict(step) for step in steps]}


def _show(step: Step, *, dry_run: bool) -> None:
    from emdash_cli.views import output

    made = step.state in _CHANGES
    state = f"would be {step.state}" if made and dry_run else str(step.state)
    if not output.is_terminal():
        output.data(f"{state}\t{step.what}\t{step.name}\t{step.note}".rstrip())
    else:
        note = f"  {step.note}" if step.note else ""
        output.data(f"{output.styled(f'{state:<8}', 'green' if made else 'bright_black')} {step.name}{note}")
    for statement in step.sql if dry_run else ():
        output.data(f"{statement};")
