"""``emdash history``."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from emdash_cli.commands import options, who


class Format(StrEnum):
    """The formats of `emdash history`."""

    TABLE = "table"
    JSON = "json"


def history(  # noqa: PLR0913 - an option is an argument
    context: typer.Context,
    slug: who.Slug,
    locale: who.Locale = None,
    form: Annotated[Format | None, typer.Option("--format", "-f", help="Output format. [default: table]")] = None,
    as_json: options.FormatJson = False,  # noqa: FBT002 - Typer's way to say an option without a value
    user: who.AsUser = None,
) -> None:
    r"""Show a post's revisions, changes and source file.

    Events are listed oldest first. Each revision is shown with the fields it changed and how many words of the text it
    added and removed. `live` marks the revision that readers see, `draft` the one that goes live next, and `locked` the
    one that was reviewed when the post was scheduled. The last column is the ID of the revision, which `emdash revert`
    takes. Posts in the trash have a history, too.

    Where platforms are set up, the announcements are among the events, and a last line says how far they have come.

    On a terminal, times are in the time zone of the settings. In a pipe, each event is one line of tab-separated
    fields: time in UTC, what, who, marks, changes, revision.

    \b
    Examples:
      emdash history 042-caching-at-the-edge
      emdash history hello-world --locale de
      emdash history hello-world --json | jq '.events[].kind'

    Exit codes: 0 success; 2 invalid option, or the slug exists in several locales or not in the one named; 3 no such
    post; 4 the user is unknown or disabled; 6 the store fails.
    """
    from emdash_cli.reports.history import read_history
    from emdash_cli.views import history as view

    chosen = options.one_format(form, Format.JSON, as_json=as_json)
    settings = options.root(context).settings()
    with who.reading(settings, user) as session:
        found = read_history(session, slug, locale)
    view.show(found, settings.timezone, as_json=chosen is Format.JSON)
