"""The report of `undo`: a line for each post, or one JSON document written as posts are taken back."""

from __future__ import annotations

import sys
from dataclasses import astuple
from typing import TYPE_CHECKING, Final

from emdash_cli.domain.errors import EmdashError, Exit
from emdash_cli.domain.outcome import Notice
from emdash_cli.views import output

if TYPE_CHECKING:
    from emdash_cli.scheduling.undo_plan import UndonePost
    from emdash_cli.views.documents import undo

_COLOURS: Final = {
    "unpublished": "yellow",
    "restored": "green",
    "trashed": "yellow",
    "untrashed": "green",
    "unchanged": "bright_black",
    "left": "red",
}
_AS_IT_IS: Final = frozenset({"unchanged", "left"})


class UndoReport(output.EventReport):
    """Counts and shows posts, and decides the exit code."""

    def __init__(self, undoes: str, *, dry_run: bool) -> None:
        super().__init__()
        self.undoes = undoes
        self.dry_run = dry_run
        self.counts = dict.fromkeys(_COLOURS, 0)
        self._attention = False

    def add(self, event: UndonePost | Notice) -> None:
        """Take in one event."""
        if isinstance(event, Notice):
            self.add_notice(event.text)
            return
        self.counts[event.outcome] += 1
        self._attention |= event.needs_attention
        self.post(event)

    def post(self, post: UndonePost) -> None:
        """Show the outcome of a post."""

    def exit_code(self) -> Exit:
        """The code of the worst error, or whether something needs attention."""
        if self.troubles:
            return max(error.exit_code for error in self.troubles)
        return Exit.PARTLY if self._attention else Exit.DONE


class JsonReport(UndoReport):
    """One `UndoRun`, which grows."""

    def __init__(self, undoes: str, *, dry_run: bool) -> None:
        super().__init__(undoes, dry_run=dry_run)
        from emdash_cli.views.json_form import Growing

        self._document = Growing(self._run())

    def post(self, post: UndonePost) -> None:
        """See `UndoReport`."""
        from emdash_cli.views.documents import undo

        self._document.add(undo.UndonePost(*astuple(post)))

    def finish(self) -> None:
        """See `UndoReport`."""
        self._document.end(self._run())

    def _run(self) -> undo.UndoRun:
        from emdash_cli.views.documents import undo
        from emdash_cli.views.json_form import counted, described

        errors = described(self.troubles)
        return undo.UndoRun(self.undoes, self.dry_run, (), counted(self.counts), errors, tuple(self.notices), self.run)


class LineReport(UndoReport):
    """A line for each post on stdout; what cannot be taken back, counts, notices and errors on stderr."""

    def post(self, post: UndonePost) -> None:
        """See `UndoReport`."""
        would = "would be " if self.dry_run and post.outcome not in _AS_IT_IS else ""
        what = output.styled(f"{would}{post.outcome}", _COLOURS[post.outcome])
        slug = output.sanitized(post.slug)
        said = [what, slug, post.locale, post.reason, post.file or ""]
        line = "\t".join(said) if not output.is_terminal() else _for_terminal(what, slug, post)
        output.data(line.rstrip())
        if post.announced_on:
            platforms = ", ".join(post.announced_on)
            output.note(f"cannot be taken back: {slug} ({post.locale}) was announced on {platforms}")
        if post.discarded_on:
            be = "would not be" if self.dry_run else "will not be"
            output.note(f"{slug} ({post.locale}) {be} announced on {', '.join(post.discarded_on)}")

    def add_error(self, error: EmdashError) -> None:
        """See `UndoReport`."""
        super().add_error(error)
        output.error(error)

    def add_notice(self, text: str) -> None:
        """See `UndoReport`."""
        super().add_notice(text)
        output.notice(text)

    def finish(self) -> None:
        """See `UndoReport`."""
        parts = [self._counted(outcome, count) for outcome, count in self.counts.items() if count]
        if parts:
            output.note(", ".join(parts) + self.in_run)
        sys.stdout.flush()

    def _counted(self, outcome: str, count: int) -> str:
        would = "would be " if self.dry_run and outcome not in _AS_IT_IS else ""
        return f"{count} {would}{outcome}"


def _for_terminal(what: str, slug: str, post: UndonePost) -> str:
    reason = f"  {post.reason}" if post.reason else ""
    file = f"  file: {post.file}" if post.file else ""
    return f"{what:<20} {slug} ({post.locale}){reason}{file}"


def reporter(undoes: str, *, as_json: bool, dry_run: bool) -> UndoReport:
    """The report that the options ask for."""
    return JsonReport(undoes, dry_run=dry_run) if as_json else LineReport(undoes, dry_run=dry_run)
