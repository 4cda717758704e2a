"""``emdash calendar``."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path  # noqa: TC003 - Typer reads the annotations when it runs
from typing import Annotated

import typer

from emdash_cli.commands import options, who


class Format(StrEnum):
    """The formats of `emdash calendar`."""

    TABLE = "table"
    HTML = "html"
    ICS = "ics"
    JSON = "json"


_BY_ENDING = {".html": Format.HTML, ".htm": Format.HTML, ".ics": Format.ICS, ".json": Format.JSON}


def calendar(  # noqa: PLR0913 - an option is an argument
    context: typer.Context,
    days: Annotated[
        int, typer.Option(min=1, max=3660, metavar="N", help="Number of days to show.", show_default=True)
    ] = 30,
    start: Annotated[
        str | None,
        typer.Option("--from", metavar="DATE", help="First day; also shows past posts. [default: today]"),
    ] = None,
    form: Annotated[
        Format | None,
        typer.Option("--format", "-f", help="Output format. [default: by --output's extension, or table]"),
    ] = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="FILE", help="Write to FILE instead of printing.")
    ] = None,
    as_json: options.FormatJson = False,  # noqa: FBT002 - Typer's way to say an option without a value
    user: who.AsUser = None,
) -> None:
    r"""Show what goes live in the coming days, and what expires.

    Lists scheduled posts, scheduled changes to published posts and expiries by day, in the time zone of the settings,
    overdue ones first. With --from, it also lists posts that were published on those days, and leaves out overdue posts
    of other days.

    Authors have a colour and a letter, and categories a symbol; a legend explains them. `held` marks a post that the
    sweep does not publish until somebody has reviewed it; `change` marks a change to a live post, and `expires` the
    time when a post is taken down.

    \b
    Formats:
      table   a calendar on a terminal; in a pipe, one post per line, with
              tab-separated fields: time, kind, marks, slug, locale, author,
              categories, title
      html    a self-contained page, for screens of any size and for paper
      ics     for calendar programs, which can subscribe to it: each post keeps
              its UID
      json    one document, as `emdash schema calendar` describes it

    \b
    Examples:
      emdash calendar
      emdash calendar --days 7
      emdash calendar --from 2026-06-01 --days 30 --output june.html
      */10 * * * * cd /srv/blog && emdash calendar --days 90 -o coming.ics

    Exit codes: 0 success, even if nothing is scheduled; 2 invalid option, or a file that cannot be written; 4 the user
    is unknown or disabled; 6 the store fails.
    """
    from emdash_cli import wiring
    from emdash_cli.domain.days import parse_day
    from emdash_cli.reports.calendar import Days, show_calendar
    from emdash_cli.views import calendar as view
    from emdash_cli.views.output import save, write

    settings = options.root(context).settings()
    now = wiring.now()
    chosen = _format(options.one_format(form, Format.JSON, as_json=as_json), output)
    first = parse_day(start) if start else now.astimezone(settings.timezone).date()
    wanted = Days(first, days, start is not None, settings.timezone, now)
    with who.reading(settings, user) as session:
        found = show_calendar(session, wanted)
    if chosen is Format.TABLE:
        view.print_calendar(found)
    elif output is None:
        write(view.text(found, chosen, settings.site_url))
    else:
        save(output, view.text(found, chosen, settings.site_url))


def _format(form: Format | None, output: Path | None) -> Format:
    from emdash_cli.domain.errors import UsageError

    chosen = form or (_BY_ENDING.get(output.suffix.lower()) if output else Format.TABLE)
    if chosen is None or (output and chosen is Format.TABLE):
        raise UsageError(
            f"{output}: this extension does not name an output format",
            hint="use .html, .ics or .json, or add --format",
        )
    return chosen
