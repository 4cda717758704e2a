"""The report of a worker: a line for each event, as the commands that it stands for print it, or as JSON."""

from __future__ import annotations

import sys
import threading
from typing import TYPE_CHECKING

from emdash_cli.domain.outcome import FileOutcome, Notice, Outcome, SentJob, SweptPost
from emdash_cli.views import distribution_report, output, publish_report, sweep_report

if TYPE_CHECKING:
    from collections.abc import Callable

    from emdash_cli.domain.errors import EmdashError
    from emdash_cli.views.documents import runs

    Event = FileOutcome | SweptPost | SentJob | Notice


class WorkerReport:
    """Shows what is new; it is told of everything, by several threads, and remembers only what may come again."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._before: dict[str, set[object]] = {}
        self._now: dict[str, set[object]] = {}
        self._away: set[str] = set()

    def add(self, part: str, event: Event) -> None:
        """Show an event, unless the last turn had it, too."""
        with self._lock:
            if _is_news(event) or self._is_new(part, _key(event)):
                self.event(part, event)
                sys.stdout.flush()

    def trouble(self, part: str, error: EmdashError) -> None:
        """Show an error, unless the last turn had it, too."""
        with self._lock:
            if self._is_new(part, (error.code, error.message)):
                self.error(part, error)
                sys.stdout.flush()

    def turned(self, part: str) -> None:
        """Forget what did not come again."""
        with self._lock:
            self._before[part] = self._now.pop(part, set())

    def away(self, part: str, error: EmdashError | None) -> None:
        """Say once that the store is away, however many parts wait for it, and once that it is there again."""
        with self._lock:
            was_away = bool(self._away)
            if error:
                self._away.add(part)
                if not was_away:
                    self.error(part, error)
                    self.notice(part, "waiting for the store")
            elif was_away:
                self._away.discard(part)
                if not self._away:
                    self.notice(part, "the store answers again")
            sys.stdout.flush()

    def _is_new(self, part: str, key: object) -> bool:
        now = self._now.setdefault(part, set())
        is_new = key not in now and key not in self._before.get(part, ())
        now.add(key)
        return is_new

    def event(self, part: str, event: Event) -> None:
        """Show an event."""

    def error(self, part: str, error: EmdashError) -> None:
        """Show an error."""

    def notice(self, part: str, text: str) -> None:
        """Show a remark."""


def _is_news(event: Event) -> bool:
    match event:
        case FileOutcome():
            return event.outcome is not Outcome.LEFT
        case SweptPost():
            return event.is_news
        case Notice():
            return False
        case SentJob():
            return True


def _key(event: Event) -> object:
    """By what an event is known again."""
    match event:
        case FileOutcome():
            return event.stream, event.file, event.reason
        case SweptPost():
            return event.post_id, event.code
        case Notice():
            return event.text
        case SentJob():
            return event


class LineReport(WorkerReport):
    """The lines of the commands that it stands for: events on stdout, the rest on stderr."""

    def __init__(self, *, quiet: bool) -> None:
        super().__init__()
        self._files = publish_report.LineReport(quiet=quiet, dry_run=False)
        self._posts = sweep_report.LineReport(quiet=quiet, dry_run=False, only_news=False)
        self._jobs = distribution_report.LineReport(quiet=quiet, dry_run=False)
        self._quiet = quiet

    def event(self, part: str, event: Event) -> None:
        """See `WorkerReport`."""
        match event:
            case FileOutcome():
                self._files.outcome(event)
            case SweptPost():
                self._posts.post(event)
            case SentJob():
                self._jobs.job(event)
            case Notice():
                if event.is_news or not self._quiet:
                    self.notice(part, event.text)

    def error(self, part: str, error: EmdashError) -> None:
        """See `WorkerReport`."""
        del part
        output.error(error)

    def notice(self, part: str, text: str) -> None:
        """See `WorkerReport`."""
        del part
        output.notice(text)


class JsonReport(WorkerReport):
    """A `WorkerEvent` on a line of its own for each.

    Args:
        now: the present instant, as UTC text.
    """

    def __init__(self, now: Callable[[], str]) -> None:
        super().__init__()
        self._now_text = now

    def event(self, part: str, event: Event) -> None:
        """See `WorkerReport`."""
        from emdash_cli.views.documents import runs

        at = self._now_text()
        match event:
            case FileOutcome():
                _print(runs.WorkerEvent(at, part, file=runs.FileOutcome(*event)))
            case SweptPost():
                _print(runs.WorkerEvent(at, part, post=runs.SweptPost(*event)))
            case SentJob():
                _print(runs.WorkerEvent(at, part, job=runs.SentJob(*event)))
            case Notice():
                self.notice(part, event.text)

    def error(self, part: str, error: EmdashError) -> None:
        """See `WorkerReport`."""
        from emdash_cli.views.documents import runs
        from emdash_cli.views.json_form import Error

        _print(runs.WorkerEvent(self._now_text(), part, error=Error.of(error)))

    def notice(self, part: str, text: str) -> None:
        """See `WorkerReport`."""
        from emdash_cli.views.documents import runs

        _print(runs.WorkerEvent(self._now_text(), part, notice=text))


def _print(event: runs.WorkerEvent) -> None:
    """On one line, also on a terminal."""
    from emdash_cli.views.json_form import line

    output.data(line(event))


def reporter(now: Callable[[], str], *, as_json: bool, quiet: bool) -> WorkerReport:
    """The report that the options ask for.

    Args:
        now: the present instant, as UTC text.
        as_json: print one JSON document for each event.
        quiet: show only what needs attention.
    """
    return JsonReport(now) if as_json else LineReport(quiet=quiet)
