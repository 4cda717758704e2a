"""The list of posts on a terminal: a line a post, and a note of the columns for which there is no room."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from emdash_cli.views import output

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_COLOURS = {"published": "green", "scheduled": "cyan", "draft": "blue", "trashed": "bright_black"}
_COLUMNS = ("status", "live", "slug", "locale", "author", "categories", "title")
_ALWAYS = ("status", "live", "locale", "slug")
_LEAST = {"slug": 20, "title": 16, "author": 12, "categories": 12}
_MOST = {"author": 18, "categories": 18}
_GROWING = (("slug", 40), ("author", 18), ("categories", 18), ("title", 60), ("slug", 999), ("title", 999))
"""Who takes of the room that is left, in this order, and up to which width."""
_GAP = 2


def draw(rows: Sequence[Sequence[str]]) -> None:
    """Print the rows, each a text for every column; what comes behind those is not shown.

    Slugs are whole, since they are what other commands take; whatever else is too long ends with an ellipsis.
    """
    from rich import box
    from rich.cells import cell_len
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console = Console(highlight=False, no_color=bool(os.environ.get("NO_COLOR")) or None)
    posts = [dict(zip(_COLUMNS, row, strict=False)) for row in rows]
    needed = {name: max(cell_len(post[name]) for post in posts) for name in _COLUMNS}
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
        output.note(f"not shown: {', '.join(missing)} (a wider terminal or --json shows them)")


def _header(name: str) -> str:
    return "" if name == "locale" else name


def _fit(needed: Mapping[str, int], room: int) -> dict[str, int]:
    """Widths of the columns for which there is room, given how wide each would like to be."""
    wished = {name: min(width, _MOST.get(name, width)) for name, width in needed.items()}
    widths: dict[str, int] = {}
    room += _GAP
    for name in (*_ALWAYS, "title", "author", "categories"):
        least = min(wished.get(name, 0), _LEAST.get(name, room))
        if name in wished and (name in _ALWAYS or least + _GAP <= room):
            widths[name] = least
            room -= least + _GAP
    for name, most in _GROWING:
        if name in widths:
            more = max(0, min(wished[name] - widths[name], most - widths[name], room))
            widths[name] += more
            room -= more
    return widths
