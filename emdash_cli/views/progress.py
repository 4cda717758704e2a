"""A progress bar on stderr, where a person watches a long piece of work."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

LONG: Final = 200
"""Pieces of work from which on a bar is worth its place."""


@contextmanager
def progress(what: str, count: Callable[[], int]) -> Iterator[Callable[[], None]]:
    """Call the answer once for each piece that is done.

    Args:
        what: a word or two, shown beside the bar.
        count: how many pieces there are; asked only where a bar may be shown, that is on a terminal.
    """
    total = count() if sys.stderr.isatty() else 0
    if total < LONG:
        yield lambda: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn(what), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(
        *columns,
        console=Console(stderr=True),
        transient=True,
        # Rich sends what is printed meanwhile to its own console, above the bar: right only where both are one.
        redirect_stdout=sys.stdout.isatty(),
    ) as bar:
        task = bar.add_task(what, total=total)
        yield lambda: bar.advance(task)
