"""``emdash history``."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from emdash_cli.commands import options, who


class Format(StrEnum):
    """How a history may be shown."""

    TABLE = "table"
    JSON = "json"


def history(
    context: typer.Context,
    slug: who.Slug,
    locale: who.Locale = None,
    form: Annotated[Format | None, typer.Option("--format", "-f", help="How to show it; else as a table.")] = None,
    as_json: Annotated[  # noqa: FBT002 - Typer's way to say an option without a value
        bool, typer.Option("--json", help="The same as --format json.")
    ] = False,
    user: who.AsUser = None,
) -> None:
    r"""Show a post's revisions, changes and source file.

    The oldest comes first. Each revision tells what it changed: fields, and how many words of the body came and
    went. `live` is the one that readers see, `draft` the one that goes live next, `locked` the one that was
    reviewed when the post was scheduled. A post in the trash has its history too.

    On a terminal times are shown in the zone of the settings; in a pipe each event is a line, separated by tabs: time
    in UTC, what, who, marks, what changed.

    \b
    Examples:
      emdash history 042-caching-at-the-edge
      emdash history hello-world --locale de
      emdash history hello-world --json | jq '.events[].what'

    --json prints {"post_id", "slug", "locale", "title", "status", "version", "created_at", "published_at",
    "scheduled_at", "lock": {"by", "at", "is_changed", "held"} or null, "events": […]}. An event has "what" and
    "at": a source also who, stream, file, outcome, slug, key, queued_at, run_id; a revision id, who, marks, words
    and changes (added, removed, changed, words_added, words_removed; null for the first); a deed action, who, detail.

    Exit codes: 0 shown, 2 a wrong option, or the slug is there in several locales or not in the one that was named,
    3 there is no such post, 4 the user is unknown or disabled, 6 the store fails.
    """
    from emdash_cli.reports.history import read_history
    from emdash_cli.views import history as view
    from emdash_cli.views import output

    chosen = options.one_format(form, Format.JSON, as_json=as_json)
    settings = options.root(context).settings()
    with who.reading(settings, user) as database:
        found = read_history(database, settings.fields, slug, locale)
    if chosen is Format.JSON:
        output.json_document(view.document(found))
    else:
        view.print_history(found, settings.timezone)
