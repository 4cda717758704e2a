"""The report of a distribution: a line for each attempt, or one JSON document written as outcomes come in."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from emdash_cli.domain.errors import EmdashError, Exit
from emdash_cli.domain.outcome import Notice, Sent, SentJob
from emdash_cli.views import output

if TYPE_CHECKING:
    from emdash_cli.views.documents import runs

_COLOURS = {
    Sent.SENT: "green",
    Sent.DUPLICATE: "bright_black",
    Sent.WAITING: "yellow",
    Sent.DEAD: "red",
    Sent.UNKNOWN: "red",
    Sent.LATE: "bright_black",
}


class DistributionReport(output.EventReport):
    """Counts and shows events, and decides the exit code."""

    def __init__(self, *, dry_run: bool) -> None:
        super().__init__()
        self.counts = dict.fromkeys(Sent, 0)
        self.prefix = "would be " if dry_run else ""
        self._attention = False

    def add(self, event: SentJob | Notice) -> None:
        """Take in one event."""
        if isinstance(event, Notice):
            self.add_notice(event.text)
            return
        self.counts[event.outcome] += 1
        self._attention |= event.needs_attention
        self.job(event)

    def job(self, sent: SentJob) -> None:
        """Show the outcome of a job."""

    def exit_code(self) -> Exit:
        """The code of the worst error, or whether something needs attention."""
        if self.troubles:
            return max(error.exit_code for error in self.troubles)
        return Exit.PARTLY if self._attention else Exit.DONE


class JsonReport(DistributionReport):
    """One `DistributionRun`, which grows."""

    def __init__(self, *, dry_run: bool) -> None:
        super().__init__(dry_run=dry_run)
        from emdash_cli.views.json_form import Growing

        self._document = Growing(self._run())

    def job(self, sent: SentJob) -> None:
        """See `DistributionReport`."""
        from emdash_cli.views.documents import runs

        self._document.add(runs.SentJob(*sent))

    def finish(self) -> None:
        """See `DistributionReport`."""
        self._document.end(self._run())

    def _run(self) -> runs.DistributionRun:
        from emdash_cli.views.documents import runs
        from emdash_cli.views.json_form import counted, described

        return runs.DistributionRun((), counted(self.counts), described(self.troubles), tuple(self.notices), self.run)


class LineReport(DistributionReport):
    """A line for each job on stdout; counts, notices and errors on stderr."""

    def __init__(self, *, dry_run: bool, quiet: bool) -> None:
        super().__init__(dry_run=dry_run)
        self._quiet = quiet

    def add(self, event: SentJob | Notice) -> None:
        """See `DistributionReport`; ``--quiet`` hides remarks that every run would repeat."""
        if isinstance(event, Notice) and not event.is_news and self._quiet:
            return
        super().add(event)

    def job(self, sent: SentJob) -> None:
        """See `DistributionReport`; under ``--quiet``, only what needs attention, on stderr."""
        if self._quiet and not sent.needs_attention:
            return
        what = output.styled(f"{self.prefix}{sent.outcome}", _COLOURS[sent.outcome], err=self._quiet)
        said = [what, sent.slug or sent.post_id, sent.platform, sent.external_id or "", sent.error or ""]
        line = "\t".join(said) if not output.is_terminal() else _for_terminal(what, sent)
        (output.note if self._quiet else output.data)(line.rstrip())

    def add_error(self, error: EmdashError) -> None:
        """See `DistributionReport`."""
        super().add_error(error)
        output.error(error)

    def add_notice(self, text: str) -> None:
        """See `DistributionReport`."""
        super().add_notice(text)
        output.notice(text)

    def finish(self) -> None:
        """See `DistributionReport`."""
        parts = [f"{count} {self.prefix}{outcome}" for outcome, count in self.counts.items() if count]
        if parts and not self._quiet:
            output.note(", ".join(parts) + self.in_run)
        elif not (self._quiet or self.troubles):
            output.note("nothing is due")
        sys.stdout.flush()


def _for_terminal(what: str, sent: SentJob) -> str:
    again = f"  again at {sent.run_after}" if sent.outcome is Sent.WAITING and sent.run_after else ""
    tail = f"  {sent.error}" if sent.error else ""
    return f"{what:<20} {sent.slug or sent.post_id} on {sent.platform}{tail}{again}"


def reporter(*, as_json: bool, quiet: bool, dry_run: bool) -> DistributionReport:
    """The report that the options ask for.

    Args:
        as_json: print one JSON document.
        quiet: show only what needs attention.
        dry_run: nothing is sent.
    """
    if as_json:
        return JsonReport(dry_run=dry_run)
    return LineReport(dry_run=dry_run, quiet=quiet)
