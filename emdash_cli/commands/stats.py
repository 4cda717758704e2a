"""``emdash stats``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from emdash_cli.commands import options, who

if TYPE_CHECKING:
    from collections.abc import Iterator

    from emdash_cli.reports.statistics import Statistics

_BAR = 30
_EIGHTHS = " ▏▎▍▌▋▊▉█"


def stats(
    context: typer.Context,
    start: Annotated[
        str | None, typer.Option("--from", metavar="DATE", help="The first day; else the first post.")
    ] = None,
    end: Annotated[str | None, typer.Option("--to", metavar="DATE", help="The last day; else today.")] = None,
    as_json: options.AsJson = False,  # noqa: FBT002 - Typer's way to say an option without a value
    user: who.AsUser = None,
) -> None:
    r"""Show what was published, by month and stream.

    Counts the articles that came through the queues as published, scheduled or drafts, with their words, by month in
    the time zone of the settings. Failures are files that made no post, as the runs counted them: a file that ten
    runs left in the queue counts ten times. The time is the median from a file's arrival in the queue until its post
    was live; scheduled posts are left out. Posts by status, files in the archive and storage are present figures,
    whatever the period.

    In a pipe, each figure is on a line of its own, separated by tabs: month, MONTH, STREAM, posts, words; or posts,
    failures, archive, median_seconds or storage_bytes, then a name, then the figure.

    \b
    Examples:
      emdash stats
      emdash stats --from 2026-01-01 --to 2026-06-30
      emdash stats | awk '$1 == "month" { words += $5 } END { print words }'
      emdash stats --json | jq .median_seconds

    --json prints {"from", "to", "timezone", "months": [{"month", "stream", "posts": {"published", …}, "words"}],
    "totals": {"posts", "words"}, "failures": {OUTCOME: files}, "posts": {STATUS: posts}, "archive": {OUTCOME:
    files}, "median_seconds": {"all": seconds, "streams": {STREAM: seconds}}, "storage_bytes", "notes": […]}.
    storage_bytes is null where the store does not tell.

    Exit codes: 0 shown, 2 a wrong option or a period that ends before it begins, 4 the user is unknown or
    disabled, 6 the store or a disk fails.
    """
    from emdash_cli.domain.days import parse_period
    from emdash_cli.reports.statistics import Request, count_everything
    from emdash_cli.views import output

    settings = options.root(context).settings()
    first, last = parse_period(start, end)
    request = Request(first, last, settings.timezone, settings.streams)
    with who.reading(settings, user) as database:
        found = count_everything(request, database, settings.fields)
    if as_json:
        period = {"from": start, "to": end, "timezone": settings.timezone.key}
        output.json_document({**period, **_document(found)})
    elif output.is_terminal():
        _draw(found)
    else:
        for line in _lines(found):
            output.data("\t".join(line))
    for note in found.notes:
        output.note(f"note: {note}")


def _document(found: Statistics) -> dict[str, Any]:
    from dataclasses import asdict

    from emdash_cli.reports.statistics import ALL

    waits = dict(found.median_seconds)
    return {
        **asdict(found),
        "totals": {"posts": sum(month.total for month in found.months), "words": _words(found)},
        "median_seconds": {"all": waits.pop(ALL, None), "streams": waits},
    }


def _words(found: Statistics) -> int:
    return sum(month.words for month in found.months)


def _lines(found: Statistics) -> Iterator[tuple[str, ...]]:
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
    import os

    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console = Console(highlight=False, no_color=bool(os.environ.get("NO_COLOR")) or None)
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
    """A bar in eighths of a character; whatever is more than nothing is seen."""
    eighths = max(1, round(share * _BAR * 8))
    return "█" * (eighths // 8) + _EIGHTHS[eighths % 8].strip()


def _totals(found: Statistics) -> dict[str, str]:
    from emdash_cli.reports.statistics import ALL

    def listed(counts: Any) -> str:
        return ", ".join(f"{count:,} {name}" for name, count in counts.items()) or "none"

    waits = [f"{_duration(seconds)} {stream}" for stream, seconds in found.median_seconds.items() if stream != ALL]
    typical = found.median_seconds.get(ALL)
    waited = "nothing yet" if typical is None else f"{_duration(typical)} in the middle ({', '.join(waits)})"
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
