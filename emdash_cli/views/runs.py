"""Runs on a terminal, as lines for a pipe, and as JSON documents."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from emdash_cli.views import output

if TYPE_CHECKING:
    from collections.abc import Sequence
    from zoneinfo import ZoneInfo

    from emdash_cli.reports.runs import ListedRun, RunDetails

_SECONDS: Final = "%Y-%m-%d %H:%M:%S"


def show_list(listed: Sequence[ListedRun], zone: ZoneInfo, *, as_json: bool) -> None:
    """Print the runs: a table on a terminal; in a pipe a line for each, with times in UTC."""
    if as_json:
        from emdash_cli.views import json_form
        from emdash_cli.views.documents import undo

        json_form.show(undo.RunList(tuple(undo.ListedRun.of(run) for run in listed)))
        return
    local = zone if output.is_terminal() else None
    rows = [(run.id, run.kind, output.local_time(run.started_at, local, _SECONDS), _counts(run)) for run in listed]
    if rows or not output.is_terminal():
        output.table(("Run", "Kind", "Started", "Did"), rows)
    if not rows:
        output.note("no run has changed anything yet")


def show_run(found: RunDetails, zone: ZoneInfo, *, as_json: bool) -> None:
    """Print a run: what it was on stderr, and a line for each post."""
    if as_json:
        from emdash_cli.views import json_form
        from emdash_cli.views.documents import undo

        posts = tuple(undo.PostOfRun.of(post) for post in found.posts)
        json_form.show(undo.RunDetails(undo.ListedRun.of(found.run), found.by, posts))
        return
    local = zone if output.is_terminal() else None
    run = found.run
    by = f" by {found.by}" if found.by else ""
    when = output.local_time(run.started_at, zone, _SECONDS)
    output.note(f"{run.kind} {run.id}, started on {when}{by}: {_counts(run) or 'nothing counted'}")
    rows = [
        (
            output.local_time(post.at, local, _SECONDS),
            post.action,
            *(output.sanitized(text) for text in (post.slug, post.locale)),
            f"{post.status}, undone" if post.undone else post.status,
        )
        for post in found.posts
    ]
    if rows or not output.is_terminal():
        output.table(("When", "What", "Slug", "Locale", "Now"), rows)


def _counts(run: ListedRun) -> str:
    return ", ".join(f"{count} {outcome}" for outcome, count in run.counts.items() if count)
