"""``emdash stats``."""

from __future__ import annotations

from typing import Annotated

import typer

from emdash_cli.commands import options, who


def stats(
    context: typer.Context,
    start: Annotated[
        str | None, typer.Option("--from", metavar="DATE", help="First day. [default: that of the first post]")
    ] = None,
    end: Annotated[str | None, typer.Option("--to", metavar="DATE", help="Last day. [default: today]")] = None,
    as_json: options.AsJson = False,  # noqa: FBT002 - Typer's way to say an option without a value
    user: who.AsUser = None,
) -> None:
    r"""Show what was published, by month and stream.

    Counts the articles that came through the queues as published, scheduled or drafts, and their words, by month in the
    time zone of the settings. Failures are files that became no post, as counted by each run: a file that ten runs left
    in the queue counts ten times. The time is the median from a file's arrival in the queue until its post went live;
    scheduled posts are excluded. Posts by status, files in the archive and storage are current totals, regardless of
    the period.

    In a pipe, each figure is one line of tab-separated fields: month, MONTH, STREAM, posts, words; or posts, failures,
    archive, median_seconds or storage_bytes, followed by a name and the figure.

    \b
    Examples:
      emdash stats
      emdash stats --from 2026-01-01 --to 2026-06-30
      emdash stats | awk '$1 == "month" { words += $5 } END { print words }'
      emdash stats --json | jq .median_seconds

    Exit codes: 0 success; 2 invalid option, or a period that ends before it begins; 4 the user is unknown or disabled;
    6 the store or a disk fails.
    """
    from emdash_cli.domain.days import parse_period
    from emdash_cli.reports.statistics import Scope, count_everything
    from emdash_cli.views import statistics as view

    settings = options.root(context).settings()
    first, last = parse_period(start, end)
    scope = Scope(first, last, settings.timezone, settings.streams)
    with who.reading(settings, user) as session:
        found = count_everything(session, scope)
    view.show(found, view.Period(start, end, settings.timezone.key), as_json=as_json)
