"""Platforms on a terminal, as lines for a pipe, and as JSON documents."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from emdash_cli.domain.errors import Exit
from emdash_cli.views import output

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from zoneinfo import ZoneInfo

    from emdash_cli.distribution.platforms import Check, ListedPlatform

_HEADER: Final = ("Platform", "Kind", "State", "Pending", "Dead", "Unknown", "Budget", "")
_COLOURS: Final = {"ok": "green", "failed": "red", "unchecked": "bright_black"}


def show_list(listed: Sequence[ListedPlatform], zone: ZoneInfo, *, as_json: bool) -> None:
    """Print the platforms."""
    if as_json:
        from emdash_cli.views import json_form
        from emdash_cli.views.documents import jobs

        json_form.show(jobs.Platforms(tuple(jobs.ListedPlatform.of(one) for one in listed)))
        return
    local = zone if output.is_terminal() else None
    if listed or not output.is_terminal():
        output.table(_HEADER, [_row(one, local) for one in listed])
    if not listed:
        output.note("no platforms are set up: add [platforms.NAME] to emdash.toml")


def _row(one: ListedPlatform, zone: ZoneInfo | None) -> tuple[str, ...]:
    word = {"paused": "since", "waiting": "until", "later": "from"}.get(one.state, "")
    remarks = [f"{word} {output.local_time(one.until, zone)}" if one.until else "", one.reason or ""]
    budget = f"{one.spent}/{one.budget}" if one.budget is not None else ""
    counts = (str(one.pending), str(one.dead), str(one.unknown), budget)
    return (one.name, one.kind, one.state, *counts, output.sanitized(": ".join(filter(None, remarks))))


def show_checks(checks: Iterable[Check], *, as_json: bool) -> Exit:
    """Print each check as it is made; returns the exit code."""
    made: list[Check] = []
    for one in checks:
        made.append(one)
        if not as_json:
            _show_check(one)
    if as_json:
        from emdash_cli.views import json_form
        from emdash_cli.views.documents import jobs

        json_form.show(jobs.PlatformChecks(tuple(jobs.PlatformCheck.of(one) for one in made)))
    elif not made:
        output.note("no platforms are set up: add [platforms.NAME] to emdash.toml")
    return Exit.PARTLY if any(one.outcome == "failed" for one in made) else Exit.DONE


def _show_check(one: Check) -> None:
    message = output.sanitized(one.message)
    if not output.is_terminal():
        output.data(f"{one.outcome}\t{one.name}\t{message}\t{one.hint}".rstrip())
        return
    output.data(f"{output.styled(f'{one.outcome:<9}', _COLOURS[one.outcome])} {one.name}: {message}")
    if one.hint:
        output.data(f"          {one.hint}")


def show_switched(name: str, outcome: str, *, is_new: bool, as_json: bool, dry_run: bool) -> None:
    """Print whether a platform was paused or resumed."""
    said = outcome if is_new else "unchanged"
    if as_json:
        from emdash_cli.views import json_form
        from emdash_cli.views.documents import jobs

        json_form.show(jobs.PlatformChange(name, said, dry_run))
        return
    output.data("\t".join((f"{'would be ' if dry_run else ''}{said}", name)))
    if not is_new:
        output.note(f"nothing changed: {name} is {'already' if outcome == 'paused' else 'not'} paused")
