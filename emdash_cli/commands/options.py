"""Options that several commands share, and access to the root options."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from emdash_cli.commands.invocation import Root

if TYPE_CHECKING:
    from contextlib import AbstractContextManager
    from enum import StrEnum
    from zoneinfo import ZoneInfo

    from emdash_cli.settings import Settings
    from emdash_cli.store.session import Session

_Format = TypeVar("_Format", bound="StrEnum")


def root(context: typer.Context) -> Root:
    """The root options of the command being run."""
    found = context.find_root().obj
    if not isinstance(found, Root):
        raise TypeError("the root command has not run")
    return found


def complete_streams(context: typer.Context, incomplete: str) -> list[str]:
    """Stream names that start with this prefix; none if the settings cannot be read."""
    from emdash_cli import wiring
    from emdash_cli.domain.errors import EmdashError

    params = context.find_root().params
    try:
        settings = wiring.settings(params.get("config"), params.get("db"))
    except EmdashError:
        return []
    return [stream.name for stream in settings.streams if stream.name.startswith(incomplete)]


def one_format(form: _Format | None, json: _Format, *, as_json: bool) -> _Format | None:
    """The format that ``--format`` or ``--json`` names; None without either.

    Raises:
        UsageError: the two contradict each other.
    """
    if as_json and form not in {None, json}:
        from emdash_cli.domain.errors import UsageError

        raise UsageError(f"--format {form} and --json contradict each other", hint="omit one of them")
    return json if as_json else form


def live_period(first: str | None, last: str | None, zone: ZoneInfo) -> tuple[str | None, str | None]:
    """The beginning of the day ``--from`` and the end of the day ``--to``, as UTC texts.

    Raises:
        UsageError: one of them is not a day, or the first is after the last.
    """
    from datetime import timedelta

    from emdash_cli.domain.days import parse_period, parse_start
    from emdash_cli.domain.instants import utc_text

    start, end = parse_period(first, last)
    return (
        utc_text(parse_start(str(start), zone)) if start else None,
        utc_text(parse_start(str(end + timedelta(days=1)), zone)) if end else None,
    )


def open_session(
    settings: Settings, user: str | None = None, *, quiet: bool = False
) -> AbstractContextManager[Session]:
    """A session, closed at the end of the block; unless `quiet`, stderr says why a request waits."""
    from emdash_cli import wiring
    from emdash_cli.views import output

    return wiring.open_session(settings, user, notice=(lambda _: None) if quiet else output.notice)


StreamName = Annotated[
    str | None,
    typer.Option("--stream", metavar="NAME", help="Only this stream.", autocompletion=complete_streams),
]
ChosenStream = Annotated[
    str | None,
    typer.Option(
        "--stream",
        metavar="NAME",
        help="Stream that the articles go to. [default: `default`, or the only stream]",
        autocompletion=complete_streams,
    ),
]
FirstDay = Annotated[
    str | None, typer.Option("--from", metavar="DATE", help="Only posts that go or went live on this day or later.")
]
LastDay = Annotated[
    str | None, typer.Option("--to", metavar="DATE", help="Only posts that go or went live on this day or earlier.")
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Show what would happen without changing anything.")]
Strict = Annotated[
    bool, typer.Option("--strict", help="Refuse files with notices, such as template tags left in the text.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document, as `emdash schema` describes it.")]
FormatJson = Annotated[bool, typer.Option("--json", help="Same as --format json.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Print only what needs attention.")]
