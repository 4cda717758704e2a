"""What `sweep` shows: a line a post, or one JSON document that grows as things happen."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Self

from emdash_cli.actions.sweep import Warned
from emdash_cli.commands import output
from emdash_cli.domain.errors import EmdashError, Exit
from emdash_cli.domain.sweeping import Swept, SweptPost

if TYPE_CHECKING:
    from types import TracebackType

_COLOURS = {
    Swept.PUBLISHED: "green",
    Swept.HELD: "yellow",
    Swept.PREEMPTED: "bright_black",
    Swept.RELEASED: "bright_black",
}


class SweepReport:
    """Counts what is told, shows it, and decides the exit code.

    A context manager: an `EmdashError` inside its block becomes part of the report.
    """

    def __init__(self, *, dry_run: bool) -> None:
        self.counts = dict.fromkeys(Swept, 0)
        self.news = dict.fromkeys(Swept, 0)
        self.prefix = "would be " if dry_run else ""
        self.troubles: list[EmdashError] = []
        self.notices: list[str] = []
        self._attention = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, raised: BaseException | None, traceback: TracebackType | None
    ) -> bool:
        """Take in the error that ended the sweep, and finish the report."""
        is_known = isinstance(raised, EmdashError)
        if isinstance(raised, EmdashError):
            self.troubled(raised)
        self.finish()
        return is_known

    def tell(self, event: SweptPost | Warned) -> None:
        """Take in one event."""
        if isinstance(event, Warned):
            self.noticed(event.text)
            return
        self.counts[event.outcome] += 1
        self.news[event.outcome] += event.is_news
        self._attention |= event.needs_attention
        self.post(event)

    def post(self, swept: SweptPost) -> None:
        """Show what became of a post."""

    def troubled(self, error: EmdashError) -> None:
        """Show why the sweep ended early."""
        self.troubles.append(error)

    def noticed(self, text: str) -> None:
        """Show something to know."""
        self.notices.append(text)

    def finish(self) -> None:
        """Show the counts."""

    def exit_code(self) -> Exit:
        """The worst trouble, else whether a person should look at something."""
        if self.troubles:
            return max(error.exit_code for error in self.troubles)
        return Exit.PARTLY if self._attention else Exit.DONE


class JsonReport(SweepReport):
    """``{"outcomes": […], "counts": {…}, "errors": […], "notices": […]}``, each outcome as it happens."""

    def __init__(self, *, dry_run: bool) -> None:
        super().__init__(dry_run=dry_run)
        self._separator = '{"outcomes": ['

    def post(self, swept: SweptPost) -> None:
        """See `SweepReport`."""
        sys.stdout.write(f"{self._separator}\n{json.dumps(swept._asdict(), ensure_ascii=False)}")
        self._separator = ","

    def finish(self) -> None:
        """See `SweepReport`."""
        if self._separator != ",":
            sys.stdout.write(self._separator)
        rest = {
            "counts": {str(outcome): count for outcome, count in self.counts.items()},
            "errors": [error.as_dict() for error in self.troubles],
            "notices": self.notices,
        }
        sys.stdout.write(f"\n], {json.dumps(rest, ensure_ascii=False)[1:]}\n")
        sys.stdout.flush()


class LineReport(SweepReport):
    """A line a post on stdout; counts, notices and trouble on stderr."""

    def __init__(self, *, dry_run: bool, quiet: bool, only_news: bool) -> None:
        super().__init__(dry_run=dry_run)
        self._quiet = quiet
        self._only_news = only_news

    def post(self, swept: SweptPost) -> None:
        """See `SweepReport`; under ``--quiet`` only news that a person should look at, on stderr."""
        if (self._only_news or self._quiet) and not swept.is_news:
            return
        if self._quiet and not swept.needs_attention:
            return
        what = output.styled(f"{self.prefix}{swept.outcome}", _COLOURS[swept.outcome], err=self._quiet)
        said = [what, swept.slug, swept.locale, swept.published_at or "", swept.reason]
        line = "\t".join(said) if not output.is_terminal() else _for_terminal(what, swept)
        (output.note if self._quiet else output.data)(line.rstrip())

    def troubled(self, error: EmdashError) -> None:
        """See `SweepReport`."""
        super().troubled(error)
        output.error(error)

    def noticed(self, text: str) -> None:
        """See `SweepReport`."""
        super().noticed(text)
        output.note(f"note: {text}")

    def finish(self) -> None:
        """See `SweepReport`."""
        counts = self.news if self._only_news else self.counts
        told = [f"{count} {self.prefix}{outcome}" for outcome, count in counts.items() if count]
        if told and not self._quiet:
            output.note(", ".join(told))
        elif not (self._quiet or self._only_news or self.troubles):
            output.note("nothing is due")
        sys.stdout.flush()


def _for_terminal(what: str, swept: SweptPost) -> str:
    tail = f"  {swept.reason}" if swept.reason else ""
    return f"{what:<20} {swept.slug} ({swept.locale}){tail}"


def reporter(*, as_json: bool, quiet: bool, dry_run: bool, only_news: bool) -> SweepReport:
    """The report that the options ask for.

    Args:
        as_json: one JSON document.
        quiet: only what needs attention.
        dry_run: nothing is changed.
        only_news: say nothing of what an earlier sweep has said, nor that there is nothing to say.
    """
    if as_json:
        return JsonReport(dry_run=dry_run)
    return LineReport(dry_run=dry_run, quiet=quiet, only_news=only_news)
