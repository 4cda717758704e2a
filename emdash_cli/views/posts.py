"""The list of posts: as a JSON document, as CSV, on a terminal, and as lines for a pipe."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING

from emdash_cli.domain.announced import Distribution
from emdash_cli.reports.posts import ListedPost
from emdash_cli.views import announced, output

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from zoneinfo import ZoneInfo

    from emdash_cli.reports.posts import Listed
    from emdash_cli.views.documents import posts

_COLOURS = {"published": "green", "scheduled": "cyan", "draft": "blue", "trashed": "bright_black"}
_COLUMNS = ("status", "live", "slug", "locale", "author", "categories", "title", "created", "platforms")
_IN_PIPES_ONLY = "created"
_ALWAYS = ("status", "live", "locale", "slug")
_LEAST = {"slug": 20, "title": 16, "author": 12, "categories": 12, "platforms": 16}
_MOST = {"author": 18, "categories": 18, "platforms": 40}
_GROWING = (
    ("slug", 40),
    ("platforms", 40),
    ("author", 18),
    ("categories", 18),
    ("title", 60),
    ("slug", 999),
    ("title", 999),
)
"""The columns that share the remaining width, in this order, and their maximum widths."""
_GAP = 2


def document(listed: Listed) -> posts.PostList:
    """The list as a JSON document."""
    from emdash_cli.views.documents import posts

    return posts.PostList(
        tuple(posts.ListedPost.of(post, distribution=announced.document(post.distribution)) for post in listed.posts),
        listed.cursor,
    )


def show(listed: Listed, form: str, zone: ZoneInfo) -> None:
    """Print the posts, and on stderr whether there are more.

    Args:
        listed: the posts.
        form: table, json or csv.
        zone: of the times on a terminal.
    """
    match form:
        case "json":
            from emdash_cli.views import json_form

            json_form.show(document(listed))
            return
        case "csv":
            _write_csv(listed.posts)
        case _:
            if not output.is_terminal():
                for post in listed.posts:
                    output.data("\t".join(_row(post, None)))
            elif listed.posts:
                _draw([_row(post, zone) for post in listed.posts])
    if not listed.posts:
        output.note("no posts")
    elif listed.cursor:
        output.note(f"there are more posts: --limit N shows more, --after '{listed.cursor}' continues the list")


def _row(post: ListedPost, zone: ZoneInfo | None) -> tuple[str, ...]:
    changes = post.status == "published" and post.scheduled_at is not None
    marks = {"change": changes, "held": post.held, "expiry": post.expires_at}
    cells = (
        "+".join([post.status, *(mark for mark, applies in marks.items() if applies)]),
        output.local_time(post.published_at or post.scheduled_at, zone),
        output.sanitized(post.slug),
        post.locale,
        output.sanitized(post.author or ""),
        output.sanitized(", ".join(post.categories)),
        output.sanitized(post.title),
        output.local_time(post.created_at, zone),
    )
    return (*cells, announced.brief(post.distribution)) if post.distribution else cells


def _write_csv(posts: Sequence[ListedPost]) -> None:
    import csv
    import sys

    # The csv module ends lines with CRLF, as the RFC requires.
    writer = csv.writer(sys.stdout)
    writer.writerow(field.name for field in fields(ListedPost))
    for post in posts:
        writer.writerow(_csv(value) for value in (getattr(post, field.name) for field in fields(ListedPost)))


def _csv(value: object) -> object:
    match value:
        case Distribution():
            return value.standing.value
        case tuple():
            return ", ".join(value)
    return value


def _draw(rows: Sequence[Sequence[str]]) -> None:
    """Print a line for each post, and a note that names the columns that did not fit.

    Slugs are printed in full, because other commands take them; other long texts end with an ellipsis.
    """
    from rich import box
    from rich.cells import cell_len
    from rich.table import Table
    from rich.text import Text

    console = output.console()
    posts = [dict.fromkeys(_COLUMNS, "") | dict(zip(_COLUMNS, row, strict=False)) for row in rows]
    columns = [name for name in _COLUMNS if name != _IN_PIPES_ONLY]
    needed = {name: max(cell_len(post[name]) for post in posts) for name in columns}
    needed = {name: max(width, len(_header(name))) for name, width in needed.items() if width}
    widths = _fit(needed, console.width)
    drawn = Table(box=box.SIMPLE_HEAD, show_edge=False, padding=(0, 1, 0, 0), pad_edge=False)
    shown = [name for name in _COLUMNS if name in widths]
    for name in shown:
        is_slug = name == "slug"
        drawn.add_column(
            _header(name), width=widths[name], no_wrap=not is_slug, overflow="fold" if is_slug else "ellipsis"
        )
    for post in posts:
        colour = _COLOURS.get(post["status"].partition("+")[0], "")
        drawn.add_row(*(Text(post[name], style=colour if name == "status" else "") for name in shown))
    console.print(drawn)
    if missing := [name for name in needed if name not in widths]:
        output.note(f"not shown: {', '.join(missing)} (use a wider terminal or --json)")


def _header(name: str) -> str:
    return "" if name == "locale" else name


def _fit(needed: Mapping[str, int], room: int) -> dict[str, int]:
    """Widths of the columns that fit, given the width that each of them needs."""
    wanted = {name: min(width, _MOST.get(name, width)) for name, width in needed.items()}
    widths: dict[str, int] = {}
    room += _GAP
    for name in (*_ALWAYS, "title", "platforms", "author", "categories"):
        least = min(wanted.get(name, 0), _LEAST.get(name, room))
        if name in wanted and (name in _ALWAYS or least + _GAP <= room):
            widths[name] = least
            room -= least + _GAP
    for name, most in _GROWING:
        if name in widths:
            more = max(0, min(wanted[name] - widths[name], most - widths[name], room))
            widths[name] += more
            room -= more
    return widths
