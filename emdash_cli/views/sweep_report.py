"""The report of a sweep: a line for each post, or one JSON document written as posts are swept."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from emdash_cli.domain.errors import EmdashError, Exit
from emdash_cli.domain.outcome import Notice, Swept, SweptPost
from emdash_cli.views import output

if TYPE_CHECKING:
    from emdash_cli.views.documents import runs

_COLOURS = {
    Swept.PUBLISHED: "green",
    Swept.UNPUBLISHED: "magenta",
    Swept.HELD: "yellow",
    Swept.PREEMPTED: "bright_black",
    Swept.RELEASED: "bright_black",
}


class SweepReport(output.EventReport):
    """Counts and shows events, and decides the exit code."""

    def __init__(self, *, dry_run: bool) -> None:
        super().__init__()
        self.counts = dict.fromkeys(Swept, 0)
        self.news = dict.fromkeys(Swept, 0)
        self.prefix = "would be " if dry_run else ""
        self._attention = False

    def add(self, event: SweptPost | Notice) -> None:
        """Take in one event."""
        if isinstance(event, Notice):
            self.add_notice(event.text)
            return
        self.counts[event.outcome] += 1
        self.news[event.outcome] += event.is_news
        self._attention |= event.needs_attention
        self.post(event)

    def post(self, swept: SweptPost) -> None:
        """Show the outcome of a post."""

    def exit_code(self) -> Exit:
        """The code of the worst error, or whether something needs attention."""
        if self.troubles:
            return max(error.exit_code for error in self.troubles)
        return Exit.PARTLY if self._attention else Exit.DONE


class JsonReport(SweepReport):
    """One `SweepRun`, which grows."""

    def __init__(self, *, dry_run: bool) -> None:
        super().__init__(dry_run=dry_run)
        from emdash_cli.views.json_form import Growing

        self._document = Growing(self._run())

    def post(self, swept: SweptPost) -> None:
        """See `SweepReport`."""
        from emdash_cli.views.documents import runs

        self._document.add(runs.SweptPost(*swept))

    def finish(self) -> None:
        """See `SweepReport`."""
        self._document.end(self._run())

    def _run(self) -> runs.SweepRun:
        from emdash_cli.views.documents import runs
        from emdash_cli.views.json_form import counted, described

        return runs.SweepRun((), counted(self.counts), described(self.troubles), tuple(self.notices), self.run)


class LineReport(SweepReport):
    """A line for each post on stdout; counts, notices and errors on stderr."""

    def __init__(self, *, dry_run: bool, quiet: bool, only_news: bool) -> None:
        super().__init__(dry_run=dry_run)
        self._quiet = quiet
        self._only_news = only_news

    def add(self, event: SweptPost | Notice) -> None:
        """See `SweepReport`; ``--quiet`` hides remarks that every sweep would repeat."""
        if isinstance(event, Notice) and not event.is_news and (self._quiet or self._only_news):
            return
        super().add(event)

    def post(self, swept: SweptPost) -> None:
        """See `SweepReport`; under ``--quiet``, only news that needs attention, on stderr."""
        if (self._only_news or self._quiet) and not swept.is_news:
            return
        if self._quiet and not swept.needs_attention:
            return
        what = output.styled(f"{self.prefix}{swept.outcome}", _COLOURS[swept.outcome], err=self._quiet)
        said = [what, swept.slug, swept.locale, swept.published_at or "", swept.reason]
        if swept.announced_on:
            said.append(", ".join(swept.announced_on))
        line = "\t".join(said) if not output.is_terminal() else _for_terminal(what, swept)
        (output.note if self._quiet else output.data)(line.rstrip())

    def add_error(self, error: EmdashError) -> None:
        """See `SweepReport`."""
        super().add_error(error)
        output.error(error)

    def add_notice(self, text: str) -> None:
        """See `SweepReport`."""
        super().add_notice(text)
        output.notice(text)

    def finish(self) -> None:
        """See `SweepReport`."""
        counts = self.news if self._only_news else self.counts
        parts = [f"{count} {self.prefix}{outcome}" for outcome, count in counts.items() if count]
        if parts and not self._quiet:
            output.note(", ".join(parts) + self.in_run)
        elif not (self._quiet or self._only_news or self.troubles):
            output.note("nothing is due")
        sys.stdout.flush()


def _for_terminal(what: str, swept: SweptPost) -> str:
    tail = f"  {swept.reason}" if swept.reason else ""
    where = f"  on {', '.join(swept.announced_on)}" if swept.announced_on else ""
    return f"{what:<20} {swept.slug} ({swept.locale}){tail}{where}"


def reporter(*, as_json: bool, quiet: bool, dry_run: bool, only_news: bool) -> SweepReport:
    """The report that the options ask for.

    Args:
        as_json: print one JSON document.
        quiet: show only what needs attention.
        dry_run: nothing is changed.
        only_news: omit what an earlier sweep reported, and the line for a sweep with nothing due.
    """
    if as_json:
        return JsonReport(dry_run=dry_run)
    return LineReport(dry_run=dry_run, quiet=quiet, only_news=only_news)
