"""Jobs on a terminal, as lines for a pipe, and as JSON documents."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from emdash_cli.domain.errors import Exit
from emdash_cli.views import output

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from zoneinfo import ZoneInfo

    from emdash_cli.distribution.announce import Plan
    from emdash_cli.distribution.jobs import Attempt, ChangedJobs, ListedJob, ShownJob
    from emdash_cli.maintenance.housekeeping import Purgeable
    from emdash_cli.views.documents import jobs as documents

_COLOURS: Final = {
    "pending": "yellow",
    "running": "cyan",
    "done": "green",
    "dead": "red",
    "unknown": "magenta",
    "discarded": "bright_black",
}
_HEADER: Final = ("Job", "State", "Post", "Platform", "Outcome", "Tries", "When", "External ID or error")


def document(listed: Iterable[ListedJob]) -> documents.JobList:
    """The list as a JSON document."""
    from emdash_cli.views.documents import jobs

    return jobs.JobList(tuple(jobs.Job.of(one) for one in listed))


def details(shown: ShownJob) -> documents.JobDetails:
    """One job as a JSON document."""
    from emdash_cli.views.documents import jobs

    return jobs.JobDetails.of(
        shown,
        job=jobs.Job.of(shown.job),
        ended_at=shown.job.ended_at,
        held=shown.job.held,
        attempts=tuple(jobs.Attempt.of(one) for one in shown.attempts),
        steps=tuple(jobs.Step.of(one) for one in shown.steps),
        decisions=tuple(jobs.Decision.of(one) for one in shown.decisions),
        next=shown.job.next,
    )


def show_list(listed: Sequence[ListedJob], zone: ZoneInfo, *, as_json: bool, has_more: bool) -> None:
    """Print the jobs: a coloured table on a terminal; in a pipe a line for each, with times in UTC."""
    if as_json:
        from emdash_cli.views import json_form

        json_form.show(document(listed))
    elif output.is_terminal() and listed:
        _draw([_row(one, zone) for one in listed])
    else:
        for one in listed:
            output.data("\t".join(_row(one, None)))
    if not listed:
        output.note("no jobs")
    elif has_more:
        output.note("there are more jobs: --limit N shows more")


def _row(one: ListedJob, zone: ZoneInfo | None) -> tuple[str, ...]:
    what = one.error if one.state != "done" and one.error else one.external_id
    return (
        str(one.id),
        one.state,
        output.sanitized(one.slug or one.post_id),
        one.platform + ("" if one.kind == "announce" else f" ({one.kind})"),
        one.category or "",
        str(one.attempts),
        output.local_time(one.run_after or one.ended_at, zone),
        output.sanitized(what or ""),
    )


def _draw(rows: Sequence[tuple[str, ...]]) -> None:
    from rich import box
    from rich.table import Table
    from rich.text import Text

    drawn = Table(box=box.SIMPLE_HEAD, show_edge=False, padding=(0, 1, 0, 0), pad_edge=False)
    for name in _HEADER:
        drawn.add_column(name, overflow="fold", no_wrap=name in {"Job", "State", "Tries"})
    for row in rows:
        drawn.add_row(*(Text(cell, style=_COLOURS[row[1]] if at == 1 else "") for at, cell in enumerate(row)))
    output.console().print(drawn)


def show_details(shown: ShownJob, zone: ZoneInfo, *, as_json: bool) -> None:
    """Print everything about one job: what it is, its texts, each attempt, and what comes next."""
    if as_json:
        from emdash_cli.views import json_form

        json_form.show(details(shown))
        return
    local = zone if output.is_terminal() else None
    job = shown.job
    output.data(
        f"job {job.id}: {job.kind} {output.sanitized(job.slug or job.post_id)} on {job.platform}:"
        f" {output.styled(job.state, _COLOURS[job.state])}"
    )
    for name, value in _facts(shown, local):
        output.data(f"  {name:<12} {output.sanitized(value)}")
    for number, text in enumerate(shown.texts, start=1):
        output.data(f"  text {number:<7} {output.sanitized(text)}")
    show_evidence(shown, local)
    for one in shown.decisions:
        said = ", ".join(f"{key} {value}" for key, value in one.detail.items())
        output.data(f"  {output.local_time(one.at, local)}  {one.action} by {one.who}: {output.sanitized(said)}")
    if job.next:
        output.note(f" next: {job.next}")


def _facts(shown: ShownJob, zone: ZoneInfo | None) -> list[tuple[str, str]]:
    job = shown.job
    cost = None if job.cost_usd is None else f"${job.cost_usd:.3f}"
    by = f" by {shown.triggered_by}" if shown.triggered_by else ""
    facts = {
        "outcome": job.category,
        "error": job.error,
        "external id": job.external_id,
        "written": output.local_time(shown.created_at, zone) + by,
        "ended": output.local_time(job.ended_at, zone),
        "is sent" if job.run_after else "": output.local_time(job.run_after, zone),
        "not after": output.local_time(shown.stale_at, zone),
        "held": job.held,
        "cost": cost,
    }
    return [(name, value) for name, value in facts.items() if name and value]


def show_evidence(shown: ShownJob, zone: ZoneInfo | None, write: Callable[[str], None] = output.data) -> None:
    """Print every attempt and part, and whether an answer came late."""
    for number, one in enumerate(shown.attempts, start=1):
        write(f"  attempt {number:<4} {_attempt(one, zone)}")
    for step in shown.steps:
        state = f"out as {step.external_id}" if step.done_at else "begun; it may be out or not"
        write(f"  part {step.step + 1:<7} {output.local_time(step.done_at or step.begun_at, zone)}  {state}")
    if shown.told_late is not None:
        named = f" as {shown.told_late}" if shown.told_late else ""
        write(f"  told late    it arrived{named}")


def _attempt(one: Attempt, zone: ZoneInfo | None) -> str:
    parts = [output.local_time(one.begun_at, zone), one.worker]
    if one.lost_at:
        parts.append(f"given up at {output.local_time(one.lost_at, zone)}")
    if one.category:
        late = f"told late, at {output.local_time(one.ended_at, zone)}: " if one.was_late else ""
        parts.append(f"{late}{one.category}{f' as {one.external_id}' if one.external_id else ''}")
    else:
        parts.append("no outcome was recorded")
    parts += [output.sanitized(text) for text in (one.error, one.evidence) if text]
    return "  ".join(parts)


def show_changed(changed: ChangedJobs, outcome: str, *, as_json: bool, dry_run: bool) -> Exit:
    """Print the jobs that were changed, and on stderr those that were refused; returns the exit code."""
    if as_json:
        from emdash_cli.views import json_form
        from emdash_cli.views.documents import jobs

        made = tuple(jobs.Job.of(one) for one in changed.jobs)
        json_form.show(jobs.JobChange(dry_run, outcome, made, json_form.described(changed.refused)))
    else:
        said = f"{'would be ' if dry_run else ''}{outcome}"
        for one in changed.jobs:
            output.data(
                "\t".join((said, str(one.id), output.sanitized(one.slug or one.post_id), one.platform, one.state))
            )
        for refused in changed.refused:
            output.error(refused)
        if not changed.jobs and not changed.refused:
            output.note("no jobs match")
    for held in dict.fromkeys(one.held for one in changed.jobs if one.held and one.state == "pending"):
        output.notice(f"{held}; see `emdash platforms list`")
    return Exit.PARTLY if changed.refused else Exit.DONE


def show_resolved(before: ShownJob, now: ListedJob, outcome: str, *, as_json: bool, dry_run: bool) -> None:
    """Print what was resolved, and on stderr the evidence."""
    from emdash_cli.distribution.jobs import ChangedJobs

    if not as_json:
        show_evidence(before, None, output.note)
    show_changed(ChangedJobs((now,), ()), outcome, as_json=as_json, dry_run=dry_run)


def show_purged(purged: Purgeable, *, as_json: bool, dry_run: bool) -> None:
    """Print how many jobs were purged, or would be."""
    if as_json:
        from emdash_cli.views import json_form
        from emdash_cli.views.documents import jobs

        json_form.show(jobs.Purge(dry_run, purged.before, purged.jobs))
    elif purged.jobs:
        said = f"{'would be ' if dry_run else ''}purged"
        output.data("\t".join((said, str(purged.jobs), f"done before {purged.before}")))
    else:
        output.note(f"no jobs were done before {purged.before}")


def show_planned(planned: Plan, *, as_json: bool, dry_run: bool) -> Exit:
    """Print what would be announced, and on stderr why it is not elsewhere; returns the exit code."""
    if as_json:
        from emdash_cli.views import json_form
        from emdash_cli.views.documents import jobs

        made = tuple(jobs.PlannedAnnouncement(planned.slug, one.platform, one.version) for one in planned.announcements)
        json_form.show(jobs.Announcement(dry_run, made, (), json_form.described(planned.refused)))
    else:
        for one in planned.announcements:
            output.data("\t".join(("would be announced", output.sanitized(planned.slug), one.platform)))
        for refused in planned.refused:
            output.error(refused)
    return Exit.PARTLY if planned.refused else Exit.DONE


def show_announced(done: ChangedJobs, *, as_json: bool) -> Exit:
    """Print the announcements that were written; returns the exit code."""
    if not as_json:
        return show_changed(done, "announced", as_json=False, dry_run=False)
    from emdash_cli.views import json_form
    from emdash_cli.views.documents import jobs

    written = tuple(jobs.Job.of(one) for one in done.jobs)
    json_form.show(jobs.Announcement(False, (), written, json_form.described(done.refused)))  # noqa: FBT003
    return Exit.PARTLY if done.refused else Exit.DONE
