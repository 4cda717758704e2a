"""What `schedule`, `reschedule` and `unschedule` have in common: the change, and what is shown of it."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from emdash_cli.commands import options
from emdash_cli.views import output

if TYPE_CHECKING:
    from emdash_cli.scheduling.schedule import Request, Scheduled
    from emdash_cli.settings import Settings


def carry_out(request: Request, settings: Settings, *, as_json: bool) -> None:
    """Make the change, and show it."""
    from emdash_cli import wiring
    from emdash_cli.scheduling.schedule import change

    with options.open_store(settings) as database:
        done = change(request, database, settings.fields, wiring.now, wiring.id_source())
    _show(done, as_json=as_json, dry_run=request.is_preview)


def _show(done: Scheduled, *, as_json: bool, dry_run: bool) -> None:
    """One line, or one JSON document."""
    if as_json:
        output.json_document({**asdict(done), "dry_run": dry_run})
        return
    for warning in done.warnings:
        output.note(f"{output.styled('warning:', 'yellow', err=True)} {warning}")
    what = output.styled(f"{'would be ' if dry_run else ''}{done.outcome}", "cyan")
    said = [what, done.slug, done.locale, done.shown or f"it is {_article(done.status)}{done.status} now"]
    output.data("\t".join(said) if not output.is_terminal() else f"{what} {said[1]} ({said[2]}): {said[3]}")


def _article(status: str) -> str:
    return "a " if status == "draft" else ""
