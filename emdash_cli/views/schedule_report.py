"""The report of the commands of the schedule: a line for each post, or one JSON document."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Final

from emdash_cli.domain.announced import listed
from emdash_cli.domain.errors import EmdashError, Exit
from emdash_cli.views import output

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import TracebackType

    from emdash_cli.scheduling.schedule import Plan, Scheduled
    from emdash_cli.views.documents import posts

_NAMED: Final = 5
"""So many posts are named in a warning that concerns several."""


class ScheduleReport(output.EventReport):
    """Shows each post when it is done, and decides the exit code.

    An error before there is a plan is not part of the report: nothing was done.
    """

    def __init__(self, *, dry_run: bool) -> None:
        super().__init__()
        self.dry_run = dry_run
        self.plan: Plan | None = None

    def __exit__(
        self, kind: type[BaseException] | None, raised: BaseException | None, traceback: TracebackType | None
    ) -> bool:
        """See `EventReport`."""
        return self.plan is not None and super().__exit__(kind, raised, traceback)

    def begin(self, plan: Plan) -> None:
        """Every post allows the change."""
        self.plan = plan
        for text in plan.notices:
            self.add_notice(text)

    def add(self, done: Scheduled) -> None:
        """Show a post."""

    def exit_code(self) -> Exit:
        """The code of what stopped the change."""
        return max((error.exit_code for error in self.troubles), default=Exit.DONE)

    @property
    def counts(self) -> Mapping[str, int]:
        """Posts by outcome."""
        return self.plan.counts if self.plan else {}


class JsonReport(ScheduleReport):
    """One `ScheduleRun`."""

    def __init__(self, *, dry_run: bool) -> None:
        super().__init__(dry_run=dry_run)
        self._posts: list[posts.ScheduledPost] = []

    def add(self, done: Scheduled) -> None:
        """See `ScheduleReport`."""
        from emdash_cli.views.documents import posts

        self._posts.append(posts.ScheduledPost.of(done))

    def finish(self) -> None:
        """See `EventReport`."""
        from emdash_cli.views import json_form
        from emdash_cli.views.documents import posts

        errors = json_form.described(self.troubles)
        document = posts.ScheduleRun(
            self.run, tuple(self._posts), dict(self.counts), errors, tuple(self.notices), self.dry_run
        )
        json_form.show(document)


class LineReport(ScheduleReport):
    """A line for each post on stdout; what to know about it, counts and errors on stderr."""

    def __init__(self, *, dry_run: bool) -> None:
        super().__init__(dry_run=dry_run)
        self._warned: dict[str, list[str]] = {}
        self._announced: dict[tuple[str, ...], int] = {}

    def add(self, done: Scheduled) -> None:
        """See `ScheduleReport`."""
        for warning in done.warnings:
            self._warned.setdefault(warning, []).append(done.slug)
        if done.announced_on:
            self._announced[done.announced_on] = self._announced.get(done.announced_on, 0) + 1
        would_be = self.dry_run and done.outcome != "unchanged"
        what = output.styled(f"{'would be ' if would_be else ''}{done.outcome}", "cyan")
        article = "a " if done.status == "draft" else ""
        without_time = f"now {article}{done.status}" if done.outcome != "unchanged" else "not scheduled"
        state = done.display_time or without_time
        slug = output.sanitized(done.slug or done.post_id)
        line = f"{what}\t{slug}\t{done.locale}\t{state}"
        output.data(f"{what} {slug} ({done.locale}): {state}" if output.is_terminal() else line)

    def add_error(self, error: EmdashError) -> None:
        """See `EventReport`."""
        super().add_error(error)
        output.error(error)

    def add_notice(self, text: str) -> None:
        """See `EventReport`."""
        super().add_notice(text)
        output.notice(text)

    def finish(self) -> None:
        """See `EventReport`."""
        many = self.plan is not None and len(self.plan) > 1
        for warning, slugs in self._warned.items():
            output.note(f"{output.styled('warning:', 'yellow', err=True)} {_named(slugs) if many else ''}{warning}")
        for platforms, number in self._announced.items():
            when = f"when they go live, {number:,} posts" if many else "when it goes live, it"
            output.notice(f"{when} would be announced on {listed(platforms)}")
        if many or self.troubles:
            prefix = "would be " if self.dry_run else ""
            parts = [
                f"{number:,} {'' if what in {'left', 'unchanged'} else prefix}{what}"
                for what, number in self.counts.items()
            ]
            output.note((", ".join(parts) or "nothing was done") + self.in_run)
        elif self.plan is not None and not len(self.plan):
            output.note("no posts")
        sys.stdout.flush()


def _named(slugs: list[str]) -> str:
    more = f" and {len(slugs) - _NAMED:,} more" if len(slugs) > _NAMED else ""
    return f"{output.sanitized(', '.join(slugs[:_NAMED]))}{more}: "


def reporter(*, as_json: bool, dry_run: bool) -> ScheduleReport:
    """The report that the options ask for."""
    return JsonReport(dry_run=dry_run) if as_json else LineReport(dry_run=dry_run)
