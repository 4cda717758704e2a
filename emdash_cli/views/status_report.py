"""The report of `status`: a health line, then queues and runs; or one JSON document."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emdash_cli.domain.announced import reason
from emdash_cli.domain.days import describe_duration
from emdash_cli.domain.instants import describe, utc_text
from emdash_cli.views import output

if TYPE_CHECKING:
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from emdash_cli.reports.platforms import Failures, PlatformState
    from emdash_cli.reports.status import QueueState, RunState, Status
    from emdash_cli.views.documents import blog


def show(status: Status, zone: ZoneInfo, *, as_json: bool, quiet: bool) -> None:
    """Print the state of the blog; with `quiet`, only what is wrong."""
    if as_json:
        from emdash_cli.views import json_form

        json_form.show(document(status))
    elif quiet:
        for problem in status.problems:
            output.data(problem)
    else:
        _show_tables(status, zone)


def document(status: Status) -> blog.Status:
    """How things stand, as a JSON document."""
    from emdash_cli.views.documents import blog

    queues = (
        blog.Queue(state.stream, state.depth, _text(state.oldest_at), _text(state.published_at), state.problem)
        for state in status.queues
    )
    runs = (blog.Job(run.kind, _text(run.seen_at), _text(run.worked_at), run.counts, run.stale) for run in status.runs)
    return blog.Status.of(
        status,
        ok=not status.problems,
        at=utc_text(status.at),
        stale_after_s=int(status.stale_after.total_seconds()),
        next_at=_text(status.next_at),
        oldest_due_at=_text(status.oldest_due_at),
        held_since=_text(status.held_since),
        expires_next_at=_text(status.expires_next_at),
        expired_since=_text(status.expired_since),
        queues=tuple(queues),
        runs=tuple(runs),
        platforms=tuple(blog.PlatformState.of(state) for state in status.platforms.states),
        dead_letters=tuple(blog.DeadLetters.of(each, count=each.recent) for each in status.platforms.digest),
        announcements_due_at=_text(status.platforms.due_at),
        notices=status.warnings,
    )


def _show_tables(status: Status, zone: ZoneInfo) -> None:
    """The health line, then everything else."""
    problems = status.problems
    word = output.styled("PROBLEM", "red") if problems else output.styled("OK", "green")
    output.data(f"{word}: {'; '.join(problems) if problems else _summary(status)}")
    if problems:
        output.data(_summary(status))
    if status.next_at:
        output.data(f"next: {describe(status.next_at, zone)}")
    if status.expires_next_at:
        output.data(f"next expiry: {describe(status.expires_next_at, zone)}")
    rows = [_queue(state, status.at) for state in status.queues]
    output.table(("queue", "waiting", "oldest", "last taken"), rows)
    if status.runs:
        rows = [_run(run, status.at) for run in status.runs]
        output.table(("run", "last seen", "last did something", "what"), rows)
    _show_platforms(status)
    for warning in status.warnings:
        output.notice(warning)


def _show_platforms(status: Status) -> None:
    """The platforms, and a digest of what failed there within a week."""
    if not status.platforms.states:
        return
    output.table(
        ("platform", "waiting", "dead", "unknown", "requests this month", ""),
        [_platform(state) for state in status.platforms.states],
    )
    if digest := status.platforms.digest:
        output.table(
            ("dead letters, last 7 days", "platform", "why", "latest", "its error"), [_dead(each) for each in digest]
        )


def _platform(state: PlatformState) -> tuple[str, ...]:
    spent = f"{state.spent} of {state.budget}" if state.budget is not None else str(state.spent)
    paused = "paused" if state.paused_at else ""
    return (state.platform, str(state.waiting), str(state.dead), str(state.unknown), spent, paused)


def _dead(each: Failures) -> tuple[str, ...]:
    why = reason(each.category, None)
    cells = (str(each.recent), each.platform, why, each.slug or f"job {each.job}", each.error or "")
    return tuple(output.sanitized(cell) for cell in cells)


def _summary(status: Status) -> str:
    waiting = sum(state.depth for state in status.queues)
    counts = {"queued": waiting, "scheduled": status.scheduled, "due": status.due, "overdue": status.overdue}
    counts["held"] = status.held
    rare = {"expiring": status.expiring, "expired": status.expired, "scheduled in the trash": status.trashed}
    shown = counts | {name: count for name, count in rare.items() if count}
    return ", ".join(f"{count} {name}" for name, count in shown.items())


def _queue(state: QueueState, now: datetime) -> tuple[str, ...]:
    if state.problem:
        return (state.stream, state.problem, "", _ago(state.published_at, now))
    return (state.stream, str(state.depth), _ago(state.oldest_at, now), _ago(state.published_at, now))


def _run(run: RunState, now: datetime) -> tuple[str, ...]:
    seen = _ago(run.seen_at, now) + (" (stale)" if run.stale else "")
    did = ", ".join(f"{count} {outcome}" for outcome, count in run.counts.items() if count)
    return (run.kind, seen, _ago(run.worked_at, now), did)


def _ago(moment: datetime | None, now: datetime) -> str:
    return f"{describe_duration(now - moment)} ago" if moment else ""


def _text(moment: datetime | None) -> str | None:
    return utc_text(moment) if moment else None
