"""``emdash posts``."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from emdash_cli.commands import completion, options, who


class Status(StrEnum):
    """What a post may be."""

    DRAFT = "draft"
    SCHEDULED = "scheduled"
    PUBLISHED = "published"
    TRASHED = "trashed"


class Format(StrEnum):
    """How a list may be shown."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"


def posts(  # noqa: PLR0913 - an option is an argument
    context: typer.Context,
    status: Annotated[Status | None, typer.Option(help="Only these; posts in the trash are listed only so.")] = None,
    author: Annotated[
        str | None,
        typer.Option(
            metavar="NAME", help="Signed so: a byline's slug or name.", autocompletion=completion.complete_authors
        ),
    ] = None,
    category: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="A category's slug or label.", autocompletion=completion.complete_categories),
    ] = None,
    tag: Annotated[
        str | None, typer.Option(metavar="NAME", help="A tag's slug or label.", autocompletion=completion.complete_tags)
    ] = None,
    stream: options.StreamName = None,
    locale: Annotated[str | None, typer.Option(metavar="LOCALE", help="Only this language.")] = None,
    since: Annotated[
        str | None, typer.Option(metavar="DATE", help="Made then or later, in the zone of the settings.")
    ] = None,
    limit: Annotated[
        int, typer.Option(min=1, max=1_000_000, metavar="N", help="At most so many.", show_default=True)
    ] = 50,
    after: Annotated[
        str | None, typer.Option(metavar="PLACE", help="Go on there: `next` of an earlier list's --json.")
    ] = None,
    form: Annotated[Format | None, typer.Option("--format", "-f", help="How to show them; else as a table.")] = None,
    as_json: Annotated[  # noqa: FBT002 - Typer's way to say an option without a value
        bool, typer.Option("--json", help="The same as --format json.")
    ] = False,
    user: who.AsUser = None,
) -> None:
    r"""List posts, newest first.

    Conditions go together: --status draft --author ann lists Ann's drafts. Posts in the trash are left out unless
    they are asked for. --status scheduled lists everything that waits for its time: scheduled posts, and published
    posts with a scheduled change. Where the list is empty, stderr names an author, category or tag that does not exist.

    On a terminal it is a table, with times in the zone of the settings; a note below it names the columns for which
    there is no room. In a pipe each post is a line of the same columns, separated by tabs and without a header, with
    times in UTC: status, live, slug, locale, author, categories, title, created. `live` is when it went live or
    will; a published post that waits for a change to go live has +change after its status. One that the sweep does
    not publish until somebody has looked at it has +held; on an EmDash site it is a draft meanwhile.

    \b
    Examples:
      emdash posts --limit 20
      emdash posts --status scheduled --author ann
      emdash posts --category news --since 2026-06-01 --format csv > news.csv
      emdash posts --status draft | cut -f3              their slugs
      emdash posts --json | jq -r '.posts[].slug'

    --json prints {"posts": [{"id", "slug", "locale", "status", "title", "created_at", "published_at",
    "scheduled_at", "updated_at", "author", "categories": […], "tags": […], "stream", "held"}], "next": PLACE or
    null}; held is the reason, or null.
    --format csv has the same columns, with a header, by RFC 4180.

    Exit codes: 0 listed, even if there are none, 2 a wrong option, 4 the user is unknown or disabled,
    6 the store fails.
    """
    from emdash_cli.domain.days import parse_start
    from emdash_cli.domain.instants import utc_text
    from emdash_cli.reports.posts import list_posts, parse_cursor, unknown_names
    from emdash_cli.reports.sql.listing import ListQuery
    from emdash_cli.views import output
    from emdash_cli.views import posts as view

    chosen = options.one_format(form, Format.JSON, as_json=as_json) or Format.TABLE
    settings = options.root(context).settings()
    wanted = ListQuery(
        status=status,
        author=author,
        category=category,
        tag=tag,
        stream=settings.stream(stream).name if stream else None,
        locale=locale,
        since=utc_text(parse_start(since, settings.timezone)) if since else None,
        after=parse_cursor(after) if after else None,
        most=limit,
    )
    with who.reading(settings, user) as database:
        listed = list_posts(database, settings.fields, wanted)
        missing = [] if listed.posts else unknown_names(database, wanted)
    for sentence in missing:
        output.note(output.harmless(sentence))
    view.show(listed, chosen, settings.timezone)
