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
        bool, typer.Option("--samples", help="Put sample articles into the queue, if it is empty.")
    ] = False,
    db: Annotated[
        str | None, typer.Option(metavar="URL", help="The store to write into emdash.toml; as the option before init.")
    ] = None,
    dry_run: options.DryRun = False,  # noqa: FBT002
    as_json: options.AsJson = False,  # noqa: FBT002
) -> None:
    r"""Create emdash.toml, the stream directories and the store.

    What is there already is left as it is, so that running it again changes nothing. Directories are made for every
    stream of emdash.toml: run it after adding one.

    The store is a SQLite file with the tables of EmDash that are written, or the database of an EmDash site. To
    that one only the tables that emdash keeps for itself are added; EmDash's own are never altered. Nothing is
    added to a database that holds anything else.

    A store that an older emdash made is brought up to date by migrations, each in one transaction; a run that was
    killed goes on where it ended. With --dry-run their statements are printed.

    \b
    Examples:
      emdash init                                   here
      emdash init --samples                         with seven sample articles
      emdash init --db sqlite:/srv/site/data.db     publish into an EmDash site
      emdash init --dry-run                         show what would be created

    Exit codes: 0 done or nothing to do, 2 the database belongs to something else, 6 the store or a disk fails.
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
        output.note("everything is there: nothing " + ("would be" if dry_run else "was") + " changed")
    if wrong := "" if dry_run else elsewhere(settings, wiring.settings(root.config, None)):
        output.note(f"next: {wrong}")
    elif changes and not dry_run:
        queued = "" if samples else "put articles into the queue with `emdash enqueue FILE`, then "
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
