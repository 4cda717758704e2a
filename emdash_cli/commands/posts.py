"""``emdash posts``."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from emdash_cli.commands import completion, options, who
from emdash_cli.commands.selection import Status  # noqa: TC001 - Typer reads the annotations when it runs


class Format(StrEnum):
    """The formats of `emdash posts`."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"


def posts(  # noqa: PLR0913 - an option is an argument
    context: typer.Context,
    status: Annotated[Status | None, typer.Option(help="Only this status; `trashed` lists posts in the trash.")] = None,
    author: Annotated[
        str | None,
        typer.Option(
            metavar="NAME", help="Only posts by this author (slug or name).", autocompletion=completion.complete_authors
        ),
    ] = None,
    category: Annotated[
        str | None,
        typer.Option(
            metavar="NAME", help="Only this category (slug or label).", autocompletion=completion.complete_categories
        ),
    ] = None,
    tag: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="Only this tag (slug or label).", autocompletion=completion.complete_tags),
    ] = None,
    stream: options.StreamName = None,
    locale: Annotated[str | None, typer.Option(metavar="LOCALE", help="Only this language.")] = None,
    since: Annotated[
        str | None,
        typer.Option(metavar="DATE", help="Only posts created on or after DATE, in the zone of the settings."),
    ] = None,
    first: options.FirstDay = None,
    last: options.LastDay = None,
    limit: Annotated[
        int, typer.Option(min=1, max=1_000_000, metavar="N", help="List at most N posts.", show_default=True)
    ] = 50,
    after: Annotated[
        str | None,
        typer.Option(
            metavar="PLACE", help="Continue a list from this place: the value of `next` in its --json output."
        ),
    ] = None,
    form: Annotated[Format | None, typer.Option("--format", "-f", help="Output format. [default: table]")] = None,
    as_json: options.FormatJson = False,  # noqa: FBT002 - Typer's way to say an option without a value
    user: who.AsUser = None,
) -> None:
    r"""List posts, newest first.

    Filters combine: --status draft --author ann lists Ann's drafts. Posts in the trash are listed only with --status
    trashed. --status scheduled lists everything that is waiting for its time: scheduled posts, and published posts with
    a scheduled change. --from and --to choose posts by the day on which they, or their scheduled changes, go or went
    live. If nothing is found, stderr names an author, category or tag that does not exist.

    On a terminal, the output is a table, with times in the time zone of the settings; a note below it names columns
    that did not fit. In a pipe, each post is one line of the same columns, separated by tabs and without a header, with
    times in UTC: status, live, slug, locale, author, categories, title, created. `live` is when the post went or will
    go live. A published post with a scheduled change has +change after its status. A post that the sweep does not
    publish until somebody has reviewed it has +held after its status; on an EmDash site, such a post is a draft until
    then. A post that is to be taken down again has +expiry; --json and CSV say when.

    Where platforms are set up, a last column says how far the announcement of each live post has come, for example
    `published` or `partial failure: x`; `emdash show SLUG` says more.

    --format csv has the keys of --json as its columns, with a header, as in RFC 4180.

    \b
    Examples:
      emdash posts --limit 20
      emdash posts --status scheduled --author ann
      emdash posts --category news --since 2026-06-01 --format csv > news.csv
      emdash posts --status scheduled --from 2026-06-01 --to 2026-06-07
      emdash posts --status draft | cut -f3              their slugs
      emdash posts --json | jq -r '.posts[].slug'

    Exit codes: 0 success, even if there are no posts; 2 invalid option; 4 the user is unknown or disabled; 6 the store
    fails.
    """
    from emdash_cli.domain.days import parse_start
    from emdash_cli.domain.instants import utc_text
    from emdash_cli.reports.posts import list_posts, parse_cursor, unknown_names
    from emdash_cli.reports.sql.listing import ListQuery
    from emdash_cli.views import output
    from emdash_cli.views import posts as view

    chosen = options.one_format(form, Format.JSON, as_json=as_json) or Format.TABLE
    settings = options.root(context).settings()
    live_from, live_until = options.live_period(first, last, settings.timezone)
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
        live_from=live_from,
        live_until=live_until,
    )
    with who.reading(settings, user) as session:
        listed = list_posts(session, wanted)
        missing = [] if listed.posts else unknown_names(session, wanted)
    for sentence in missing:
        output.note(output.sanitized(sentence))
    view.show(listed, chosen, settings.timezone)
