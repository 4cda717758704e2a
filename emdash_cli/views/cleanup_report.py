"""The reports of `cleanup` and `restore`: a line for each item, or one JSON document written as things happen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emdash_cli.domain.errors import Exit
from emdash_cli.domain.outcome import NEED_ATTENTION, Cleaned, CleanedItem, Notice
from emdash_cli.maintenance.cleanup import KeptIn
from emdash_cli.views import output

if TYPE_CHECKING:
    from emdash_cli.views.documents import runs

_COLOURS = {
    Cleaned.FINISHED: "green",
    Cleaned.RESTORED: "green",
    Cleaned.REMOVED: "yellow",
    Cleaned.LEFT: "red",
    Cleaned.REFUSED: "red",
    Cleaned.PRESENT: "bright_black",
}

_CHANGES = (Cleaned.FINISHED, Cleaned.REMOVED, Cleaned.RESTORED)


class CleanupReport(output.EventReport):
    """Counts and shows events, and decides the exit code."""

    def __init__(self, *, dry_run: bool) -> None:
        super().__init__()
        self.dry_run = dry_run
        self.counts: dict[str, int] = {}
        self.kept_in: str | None = None

    def add(self, event: CleanedItem | Notice | KeptIn) -> None:
        """Take in one event."""
        match event:
            case Notice():
                self.add_notice(event.text)
            case KeptIn():
                self.kept_in = str(event.path)
            case CleanedItem():
                self.counts[event.outcome] = self.counts.get(event.outcome, 0) + 1
                self.item(event)

    def item(self, item: CleanedItem) -> None:
        """Show the outcome of an item."""

    def exit_code(self) -> Exit:
        """The code of the worst error, or whether something needs attention."""
        if self.troubles:
            return max(error.exit_code for error in self.troubles)
        return Exit.PARTLY if NEED_ATTENTION & self.counts.keys() else Exit.DONE


class JsonReport(CleanupReport):
    """One `CleanupRun`, which grows."""

    def __init__(self, *, dry_run: bool) -> None:
        super().__init__(dry_run=dry_run)
        from emdash_cli.views.json_form import Growing

        self._document = Growing(self._run())

    def item(self, item: CleanedItem) -> None:
        """See `CleanupReport`."""
        from emdash_cli.views.documents import runs

        self._document.add(runs.CleanedItem(*item))

    def finish(self) -> None:
        """See `CleanupReport`."""
        self._document.end(self._run())

    def _run(self) -> runs.CleanupRun:
        from emdash_cli.views.documents import runs
        from emdash_cli.views.json_form import counted, described

        errors = described(self.troubles)
        notices = tuple(self.notices)
        return runs.CleanupRun(self.dry_run, (), counted(self.counts), self.kept_in, errors, notices, self.run)


class LineReport(CleanupReport):
    """A line for each item on stdout; counts, notices and errors on stderr."""

    def __init__(self, *, dry_run: bool, quiet: bool) -> None:
        super().__init__(dry_run=dry_run)
        self._quiet = quiet

    def item(self, item: CleanedItem) -> None:
        """See `CleanupReport`; under ``--quiet``, only what needs attention, on stderr."""
        if self._quiet and item.outcome not in NEED_ATTENTION:
            return
        would = "would be " if self.dry_run and item.outcome in _CHANGES else ""
        what = output.styled(f"{would}{item.outcome}", _COLOURS[item.outcome], err=self._quiet)
        name = f"{item.key} ({item.slug})" if item.slug else item.key
        parts = [what, item.kind, name, item.reason]
        line = ("  " if output.is_terminal() else "\t").join(parts).rstrip()
        (output.note if self._quiet else output.data)(line)

    def add_notice(self, text: str) -> None:
        """See `CleanupReport`."""
        super().add_notice(text)
        if not self._quiet:
            output.notice(text)

    def finish(self) -> None:
        """See `CleanupReport`."""
        for error in self.troubles:
            output.error(error)
        if self._quiet:
            return
        would = "would be " if self.dry_run else ""
        counted = [f"{count} {would if outcome in _CHANGES else ''}{outcome}" for outcome, count in self.counts.items()]
        if counted:
            output.note(", ".join(counted) + self.in_run)
        elif not self.troubles:
            output.note("nothing to do")
        if self.kept_in:
            output.note(f"everything removed was saved in {self.kept_in}; `emdash restore` restores it")


def reporter(*, as_json: bool, quiet: bool, dry_run: bool) -> CleanupReport:
    """The report that the options ask for."""
    return JsonReport(dry_run=dry_run) if as_json else LineReport(dry_run=dry_run, quiet=quiet)
