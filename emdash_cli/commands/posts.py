"""``emdash posts``."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from emdash_cli.commands import completion, options, who

if TYPE_CHECKING:
    from collections.abc import Sequence
    from zoneinfo import ZoneInfo

    from emdash_cli.reports.posts import Listed, ListedPost


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
    from emdash_cli.reports.sql.listing import Wanted
    from emdash_cli.views import output
    from emdash_cli.views.output import harmless

    chosen = options.one_format(form, Format.JSON, as_json=as_json) or Format.TABLE
    settings = options.root(context).settings()
    wanted = Wanted(
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
        output.note(harmless(sentence))
    _show(listed, chosen, settings.timezone)


def _show(listed: Listed, form: Format, zone: ZoneInfo) -> None:
    from emdash_cli.views import output

    match form:
        case Format.JSON:
            from dataclasses import asdict

            output.json_document({"posts": [asdict(post) for post in listed.posts], "next": listed.cursor})
            return
        case Format.CSV:
            _write_csv(listed.posts)
        case Format.TABLE:
            if not output.is_terminal():
                for post in listed.posts:
                    output.data("\t".join(_row(post, None)))
            elif listed.posts:
                from emdash_cli.views.posts_table import draw

                draw([_row(post, zone) for post in listed.posts])
    if not listed.posts:
        output.note("no posts")
    elif listed.cursor:
        output.note(f"there are more: --limit N shows more, --after '{listed.cursor}' goes on")


def _row(post: ListedPost, zone: ZoneInfo | None) -> tuple[str, ...]:
    from emdash_cli.views.output import harmless

    changes = post.status == "published" and post.scheduled_at is not None
    return (
        f"{post.status}{'+change' if changes else ''}{'+held' if post.held else ''}",
        _time(post.published_at or post.scheduled_at, zone),
        harmless(post.slug),
        post.locale,
        harmless(post.author or ""),
        harmless(", ".join(post.categories)),
        harmless(post.title),
        _time(post.created_at, zone),
    )


def _time(text: str | None, zone: ZoneInfo | None) -> str:
    """As it is stored, or as a clock in that zone shows it."""
    from emdash_cli.domain.instants import from_utc_text

    if not text or zone is None:
        return text or ""
    try:
        return f"{from_utc_text(text).astimezone(zone):%Y-%m-%d %H:%M}"
    except (ValueError, OverflowError):  # another tool wrote what is no time
        return text


def _write_csv(posts: Sequence[ListedPost]) -> None:
    import csv
    import sys
    from dataclasses import asdict, fields

    from emdash_cli.reports.posts import ListedPost

    # csv ends lines with CRLF, as the RFC says.
    writer = csv.writer(sys.stdout)
    writer.writerow(field.name for field in fields(ListedPost))
    for post in posts:
        writer.writerow(", ".join(value) if isinstance(value, tuple) else value for value in asdict(post).values())
