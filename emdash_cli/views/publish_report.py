"""The reports of `publish-queue` and `import`: lines for people, or one JSON document written as things happen."""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_never

from emdash_cli.domain.errors import BusyError, EmdashError, Exit
from emdash_cli.domain.outcome import NEEDS_REVIEW, FileOutcome, Notice, Outcome
from emdash_cli.publishing.queues import Event, FailedStream
from emdash_cli.views import output

if TYPE_CHECKING:
    from emdash_cli.views.documents import runs

_COLOURS = {
    Outcome.PUBLISHED: "green",
    Outcome.SCHEDULED: "cyan",
    Outcome.DRAFT: "blue",
    Outcome.UPDATED: "green",
    Outcome.DUPLICATE: "bright_black",
    Outcome.CHANGED: "yellow",
    Outcome.CONFLICT: "yellow",
    Outcome.REJECTED: "red",
    Outcome.LEFT: "bright_black",
}


class Report(output.EventReport):
    """Counts and shows what is reported, and decides the exit code."""

    def __init__(self) -> None:
        super().__init__()
        self.counts = dict.fromkeys(Outcome, 0)

    def add(self, event: Event) -> None:
        """Take in one event."""
        match event:
            case FileOutcome():
                self.counts[event.outcome] += 1
                self.outcome(event)
            case FailedStream():
                self.add_error(event.error)
            case Notice():
                self.add_notice(event.text)
            case _:
                assert_never(event)

    def outcome(self, outcome: FileOutcome) -> None:
        """Show the outcome of a file."""

    def exit_code(self) -> Exit:
        """The code of the worst error of the run, or whether a person should review something."""
        serious = [error.exit_code for error in self.troubles if not isinstance(error, BusyError)]
        if serious:
            return max(serious)
        if any(self.counts[outcome] for outcome in NEEDS_REVIEW):
            return Exit.PARTLY
        ran = any(count for outcome, count in self.counts.items() if outcome is not Outcome.LEFT)
        return Exit.BUSY if self.troubles and not ran else Exit.DONE


class JsonReport(Report):
    """One `PublishRun`, which grows."""

    def __init__(self) -> None:
        super().__init__()
        from emdash_cli.views.json_form import Growing

        self._document = Growing(self._run())

    def outcome(self, outcome: FileOutcome) -> None:
        """See `Report`."""
        from emdash_cli.views.documents import runs

        self._document.add(runs.FileOutcome(*outcome))

    def finish(self) -> None:
        """See `Report`."""
        self._document.end(self._run())

    def _run(self) -> runs.PublishRun:
        from emdash_cli.views.documents import runs
        from emdash_cli.views.json_form import counted, described

        return runs.PublishRun((), counted(self.counts), described(self.troubles), tuple(self.notices), self.run)


class LineReport(Report):
    """A line for each file on stdout; counts, notices and errors on stderr."""

    def __init__(self, *, quiet: bool, dry_run: bool) -> None:
        super().__init__()
        self._quiet = quiet
        self._prefix = "would be " if dry_run else ""

    def outcome(self, outcome: FileOutcome) -> None:
        """See `Report`; under ``--quiet``, only what a person should review, on stderr."""
        needs_attention = outcome.outcome in NEEDS_REVIEW
        if self._quiet and not needs_attention:
            return
        what = output.styled(self._named(outcome.outcome), _COLOURS[outcome.outcome], err=self._quiet)
        said = [what, outcome.stream, outcome.file, outcome.slug or "", outcome.reason]
        if outcome.announced_on:
            said.append(", ".join(outcome.announced_on))
        line = "\t".join(said) if not output.is_terminal() else f"{what:<{20}} {outcome.file}{_tail(outcome)}"
        (output.note if self._quiet else output.data)(line.rstrip())
        for line in outcome.differences if self._prefix and not self._quiet else ():
            output.difference(line)
        for notice in () if self._quiet else outcome.notices:
            output.notice(f"{outcome.file}: {notice}")

    def _named(self, outcome: Outcome) -> str:
        # An edited file is already edited, so it gets no "would be"; the other outcomes are those that a run would
        # have.
        return str(outcome) if outcome is Outcome.CHANGED else f"{self._prefix}{outcome}"

    def add_error(self, error: EmdashError) -> None:
        """See `Report`."""
        super().add_error(error)
        output.error(error)

    def add_notice(self, text: str) -> None:
        """See `Report`."""
        super().add_notice(text)
        if not self._quiet:
            output.notice(text)

    def finish(self) -> None:
        """See `Report`."""
        counted = [f"{count} {self._named(outcome)}" for outcome, count in self.counts.items() if count]
        if counted and not self._quiet:
            output.note(", ".join(counted) + self.in_run)
        elif not self._quiet and not self.troubles:
            output.note("nothing to publish")


def _tail(outcome: FileOutcome) -> str:
    shown = f" → {outcome.slug}" if outcome.slug else ""
    shown += f"  {outcome.reason}" if outcome.reason else ""
    return f"{shown}  on {', '.join(outcome.announced_on)}" if outcome.announced_on else shown


def reporter(*, as_json: bool, quiet: bool, dry_run: bool) -> Report:
    """The report that the options ask for."""
    return JsonReport() if as_json else LineReport(quiet=quiet, dry_run=dry_run)
