"""The posts that a verb is to change: by slugs, from stdin, or by the filters of `emdash posts`."""

from __future__ import annotations

import sys
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Final, NamedTuple

import typer

from emdash_cli.commands import completion, options

if TYPE_CHECKING:
    from collections.abc import Sequence

    from emdash_cli.domain.roles import Permission
    from emdash_cli.reports.posts import ListedPost
    from emdash_cli.reports.sql.listing import ListQuery
    from emdash_cli.scheduling.post_names import PostName
    from emdash_cli.scheduling.selection import Selection
    from emdash_cli.settings import Settings
    from emdash_cli.store.session import Session

_STDIN: Final = "-"
_MOST_BYTES: Final = 64_000_000
_MOST: Final = 1_000_000
_SHOWN: Final = 20
"""So many of the posts that filters match are shown before the question."""
_HELP: Final = "Slugs of the posts, or - to read them from stdin."


class Status(StrEnum):
    """The statuses that `--status` accepts."""

    DRAFT = "draft"
    SCHEDULED = "scheduled"
    PUBLISHED = "published"
    TRASHED = "trashed"


Slugs = Annotated[
    list[str] | None, typer.Argument(metavar="[SLUG]...", help=_HELP, autocompletion=completion.complete_slugs)
]
SchedulableSlugs = Annotated[
    list[str] | None, typer.Argument(metavar="[SLUG]...", help=_HELP, autocompletion=completion.complete_schedulable)
]
ScheduledSlugs = Annotated[
    list[str] | None, typer.Argument(metavar="[SLUG]...", help=_HELP, autocompletion=completion.complete_scheduled)
]
OfStatus = Annotated[Status | None, typer.Option("--status", help="All posts with this status.")]
OfAuthor = Annotated[
    str | None,
    typer.Option(
        "--author",
        metavar="NAME",
        help="All posts by this author (slug or name).",
        autocompletion=completion.complete_authors,
    ),
]
OfCategory = Annotated[
    str | None,
    typer.Option(
        "--category",
        metavar="NAME",
        help="All posts in this category (slug or label).",
        autocompletion=completion.complete_categories,
    ),
]
OfTag = Annotated[
    str | None,
    typer.Option(
        "--tag",
        metavar="NAME",
        help="All posts with this tag (slug or label).",
        autocompletion=completion.complete_tags,
    ),
]
OfStream = Annotated[
    str | None,
    typer.Option("--stream", metavar="NAME", help="All posts of this stream.", autocompletion=options.complete_streams),
]
OfLocale = Annotated[
    str | None,
    typer.Option("--locale", metavar="LOCALE", help="Locale of the posts, such as en; also limits the filters."),
]
FromDay = Annotated[
    str | None, typer.Option("--from", metavar="DATE", help="All posts that go or went live on this day or later.")
]
ToDay = Annotated[
    str | None, typer.Option("--to", metavar="DATE", help="All posts that go or went live on this day or earlier.")
]
Reason = Annotated[
    str | None,
    typer.Option("--reason", metavar="TEXT", help="Why; kept in the audit table, and shown by `emdash history`."),
]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask before changing what the filters match.")]


class Filters(NamedTuple):
    """The filters of `emdash posts`; None: not given."""

    status: Status | None = None
    author: str | None = None
    category: str | None = None
    tag: str | None = None
    stream: str | None = None
    first: str | None = None
    last: str | None = None


class Asked(NamedTuple):
    """How a command was told which posts it is to change.

    Attributes:
        asks: whether to ask before what the filters match is changed: not with ``--yes``, and not in a dry run.
        trashed: whether posts in the trash may be named.
    """

    slugs: Sequence[str]
    locale: str | None
    filters: Filters
    asks: bool
    trashed: bool = False


def selected(session: Session, asked: Asked, permission: Permission) -> Selection:
    """The posts, before anything is known of those that were named; posts that filters match are shown on stderr.

    Args:
        session: where filters look.
        asked: by the command line.
        permission: also the verb in the question.

    Raises:
        UsageError: no posts, slugs as well as filters, or something else than a list of posts on stdin; or there are
            filters, and nobody can be asked.
        NotAllowedError: the user may not do it.
        typer.Exit: the answer is no.
    """
    from emdash_cli.scheduling.selection import Selection

    names = _matching(session, asked, permission) if any(asked.filters) else _named(asked)
    return Selection(names, asked.locale, asked.trashed)


def _named(asked: Asked) -> Sequence[PostName]:
    from emdash_cli.domain.errors import UsageError
    from emdash_cli.scheduling.post_names import PostName

    if not asked.slugs:
        raise UsageError(
            "no posts were named", hint="name their slugs, - for a list on stdin, or filters such as --status draft"
        )
    if _STDIN not in asked.slugs:
        return [PostName(slug) for slug in asked.slugs]
    if len(asked.slugs) > 1:
        raise UsageError("- stands for all slugs, but others were named, too", hint="add them to the list on stdin")
    return _on_stdin()


def _on_stdin() -> Sequence[PostName]:
    from emdash_cli.domain.errors import UsageError
    from emdash_cli.scheduling.post_names import read_names
    from emdash_cli.views import output

    if sys.stdin.isatty():
        output.notice("reading slugs from the terminal, one on each line; Ctrl-D ends the list")
    data = sys.stdin.buffer.read(_MOST_BYTES + 1)
    if len(data) > _MOST_BYTES:
        raise UsageError("the list of posts on stdin has more than 64 MB", hint="pipe slugs into the command")
    found = read_names(data)
    if found.goes_on:
        output.notice("the list on stdin is only the first part of what `emdash posts` found: see its --limit")
    return found.names


def _matching(session: Session, asked: Asked, permission: Permission) -> Sequence[PostName]:
    from emdash_cli.domain.errors import UsageError
    from emdash_cli.reports.posts import list_posts, unknown_names
    from emdash_cli.scheduling.post_names import PostName
    from emdash_cli.views import output

    if asked.slugs:
        raise UsageError("slugs and filters were given", hint="give either slugs, or filters that match the posts")
    session.require(permission)
    wanted = _query(session.settings, asked)
    found = list_posts(session, wanted).posts
    for sentence in [] if found else unknown_names(session, wanted):
        output.note(output.sanitized(sentence))
    if found and asked.asks:
        _confirm(found, permission)
    return [PostName(post.slug, post.locale, post.id) for post in found]


def _query(settings: Settings, asked: Asked) -> ListQuery:
    from emdash_cli.reports.sql.listing import ListQuery

    status, author, category, tag, stream, first, last = asked.filters
    live_from, live_until = options.live_period(first, last, settings.timezone)
    return ListQuery(
        status=status,
        author=author,
        category=category,
        tag=tag,
        stream=settings.stream(stream).name if stream else None,
        locale=asked.locale,
        most=_MOST,
        live_from=live_from,
        live_until=live_until,
    )


def _confirm(found: Sequence[ListedPost], verb: str) -> None:
    """Show what the filters match, and ask.

    Raises:
        UsageError: nobody can be asked.
        typer.Exit: the answer is no.
    """
    from emdash_cli.domain.errors import Exit, UsageError
    from emdash_cli.views import output

    show_matches(found)
    number = "1 post" if len(found) == 1 else f"{len(found):,} posts"
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise UsageError(
            f"the filters match {number}, and there is no terminal to ask on",
            hint=f"add --yes to {verb} them, or --dry-run to see what would happen",
            code="unconfirmed",
        )
    if not typer.confirm(f"{verb.capitalize()} {number}?", err=True):
        output.note("nothing was done")
        raise typer.Exit(Exit.PARTLY)


def show_matches(found: Sequence[ListedPost]) -> None:
    """The first posts on stderr, and how many more there are."""
    from emdash_cli.views import output

    for post in found[:_SHOWN]:
        output.note(output.sanitized(f"  {post.status:<9}  {post.slug or post.id} ({post.locale})  {post.title}"))
    if len(found) > _SHOWN:
        output.note(f"  and {len(found) - _SHOWN:,} more: `emdash posts` shows all with the same filters")
