"""Statistics: as a JSON document, on a terminal, and as lines for a pipe."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from emdash_cli.reports.statistics import ALL
from emdash_cli.views import output

if TYPE_CHECKING:
    from collections.abc import Iterator

    from emdash_cli.reports.statistics import Statistics
    from emdash_cli.views.documents import blog

_BAR = 30
"""The length of the longest bar, in characters."""
_EIGHTHS = " ▏▎▍▌▋▊▉█"


def show(found: Statistics, period: Period, *, as_json: bool) -> None:
    """Print the totals: as tables on a terminal, in a pipe each figure on a line of its own."""
    if as_json:
        from emdash_cli.views import json_form

        json_form.show(document(found, period))
    elif output.is_terminal():
        _draw(found)
    else:
        for line in _lines(found):
            output.data("\t".join(line))
    for note in found.notes:
        output.notice(note)


class Period(NamedTuple):
    """The days that were asked for, as they were written, and their zone."""

    first: str | None
    last: str | None
    timezone: str


def document(found: Statistics, period: Period) -> blog.Statistics:
    """The totals as a JSON document."""
    from emdash_cli.views.documents import blog

    waits = dict(found.median_seconds)
    return blog.Statistics.of(
        found,
        **period._asdict(),
        months=tuple(blog.Month.of(month) for month in found.months),
        median_seconds=blog.Medians(waits.pop(ALL, None), waits),
        totals=blog.Totals(sum(month.total for month in found.months), _words(found)),
    )


def _words(found: Statistics) -> int:
    return sum(month.words for month in found.months)


def _lines(found: Statistics) -> Iterator[tuple[str, ...]]:
    """Each figure with its names, for a pipe."""
    for month in found.months:
        yield "month", month.month, month.stream, str(month.total), str(month.words)
    counted = {"posts": found.posts, "failures": found.failures, "archive": found.archive}
    for what, counts in counted.items():
        yield from ((what, name, str(count)) for name, count in counts.items())
    for stream, seconds in found.median_seconds.items():
        yield "median_seconds", stream or "all", f"{seconds:g}"
    if found.storage_bytes is not None:
        yield "storage_bytes", "database", str(found.storage_bytes)


def _draw(found: Statistics) -> None:
    """Tables and bars, for a terminal."""
    from rich import box
    from rich.table import Table
    from rich.text import Text

    console = output.console()
    if found.months:
        drawn = Table("month", "stream", "posts", "words", "", box=box.SIMPLE_HEAD, pad_edge=False)
        drawn.columns[2].justify = drawn.columns[3].justify = "right"
        most = max(month.total for month in found.months)
        before = ""
        for month in found.months:
            name = "" if month.month == before else month.month
            before = month.month
            bar = Text(_bar(month.total / most), style="cyan")
            drawn.add_row(name, Text(month.stream), f"{month.total:,}", f"{month.words:,}", bar)
        console.print(drawn)
    grid = Table.grid(padding=(0, 2))
    for name, said in _totals(found).items():
        grid.add_row(Text(name, style="dim"), Text(said))
    console.print(grid)


def _bar(share: float) -> str:
    """A bar in eighths of a character. Every value above zero is visible."""
    eighths = max(1, round(share * _BAR * 8))
    return "█" * (eighths // 8) + _EIGHTHS[eighths % 8].strip()


def _totals(found: Statistics) -> dict[str, str]:
    def listed(counts: Any) -> str:
        return ", ".join(f"{count:,} {name}" for name, count in counts.items()) or "none"

    waits = [f"{_duration(seconds)} {stream}" for stream, seconds in found.median_seconds.items() if stream != ALL]
    typical = found.median_seconds.get(ALL)
    waited = "nothing yet" if typical is None else f"a median of {_duration(typical)} ({', '.join(waits)})"
    return {
        "through the queues": f"{sum(month.total for month in found.months):,} posts, {_words(found):,} words",
        "queue to live": waited,
        "failures": listed(found.failures),
        "posts now": listed(found.posts),
        "archive now": listed(found.archive),
        "storage now": "unknown" if found.storage_bytes is None else _size(found.storage_bytes),
    }


def _duration(seconds: float) -> str:
    for unit, name in ((86400, "d"), (3600, "h"), (60, "min")):
        if seconds >= 2 * unit:
            return f"{seconds / unit:.1f} {name}"
    return f"{seconds:.1f} s"


def _size(count: float) -> str:
    for unit in ("B", "kB", "MB", "GB"):
        if count < 1000:  # noqa: PLR2004 - units are thousands of each other
            return f"{count:.3g} {unit}"
        count /= 1000
    return f"{count:.3g} TB"
