"""The report of `publish`, `unpublish`, `trash` and `untrash`: a line for each post, or one JSON document."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Final

from emdash_cli.domain.announced import listed
from emdash_cli.domain.errors import Exit
from emdash_cli.views import output

if TYPE_CHECKING:
    from types import TracebackType

    from emdash_cli.domain.errors import EmdashError
    from emdash_cli.scheduling.verbs import ActedOn
    from emdash_cli.views.documents import runs

_OF_EXPIRY: Final = frozenset({"expiry_set", "expiry_removed"})
_NAMED: Final = 5
"""So many posts are named in a remark that concerns several."""


class VerbReport(output.EventReport):
    """Shows each post when it is done, and decides the exit code.

    An error before the first post is not part of the report: nothing was done.
    """

    def __init__(self, *, dry_run: bool) -> None:
        super().__init__()
        self.dry_run = dry_run
        self.counts: dict[str, int] = {}

    def __exit__(
        self, kind: type[BaseException] | None, raised: BaseException | None, traceback: TracebackType | None
    ) -> bool:
        """See `EventReport`."""
        if raised is not None and not self.counts:
            return False
        return super().__exit__(kind, raised, traceback)

    def add(self, done: ActedOn) -> None:
        """Take in one post."""
        self.counts[done.outcome] = self.counts.get(done.outcome, 0) + 1
        self.post(done)

    def post(self, done: ActedOn) -> None:
        """Show a post."""

    def exit_code(self) -> Exit:
        """The code of what stopped the change."""
        return max((error.exit_code for error in self.troubles), default=Exit.DONE)


class JsonReport(VerbReport):
    """One `PostChangeRun`."""

    def __init__(self, *, dry_run: bool) -> None:
        super().__init__(dry_run=dry_run)
        self._posts: list[runs.ChangedPost] = []

    def post(self, done: ActedOn) -> None:
        """See `VerbReport`."""
        from emdash_cli.views.documents import runs

        self._posts.append(runs.ChangedPost.of(done))

    def finish(self) -> None:
        """See `EventReport`."""
        from emdash_cli.views import json_form
        from emdash_cli.views.documents import runs

        errors = json_form.described(self.troubles)
        json_form.show(
            runs.PostChangeRun(
                self.run, tuple(self._posts), self.counts, errors, tuple(self.notices), dry_run=self.dry_run
            )
        )


class LineReport(VerbReport):
    """A line for each post on stdout; what to know about it, counts and errors on stderr."""

    def __init__(self, *, dry_run: bool) -> None:
        super().__init__(dry_run=dry_run)
        self._noted: dict[str, list[str]] = {}

    def post(self, done: ActedOn) -> None:
        """See `VerbReport`."""
        for note in (*done.notes, *self._announced(done)):
            self._noted.setdefault(note, []).append(done.slug)
        what = output.styled(self._in_words(done.outcome), "cyan")
        slug = output.sanitized(done.slug or done.post_id)
        state = _state(done)
        line = f"{what}\t{slug}\t{done.locale}\t{state}"
        output.data(f"{what} {slug} ({done.locale}): {state}" if output.is_terminal() else line)

    def _in_words(self, outcome: str) -> str:
        if outcome == "unchanged":
            return outcome
        if outcome in _OF_EXPIRY:
            return f"{'would have ' if self.dry_run else ''}{outcome.replace('_', ' ')}"
        return f"{'would be ' if self.dry_run else ''}{outcome}"

    def _announced(self, done: ActedOn) -> tuple[str, ...]:
        if not done.announced_on:
            return ()
        where = listed(done.announced_on)
        if done.outcome == "published":
            return (f"it would be announced, or its change sent, on {where}",)
        return (f"it was announced on {where}, which cannot be taken back",)

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
        number = sum(self.counts.values())
        for note, slugs in self._noted.items():
            output.notice(f"{_named(slugs) if number > 1 else ''}{note}")
        parts = [f"{count:,} {self._in_words(what)}" for what, count in self.counts.items()]
        if number != 1 or self.run:
            output.note((", ".join(parts) or "no posts") + self.in_run)
        sys.stdout.flush()


def _state(done: ActedOn) -> str:
    """What the post is now."""
    if done.outcome in _OF_EXPIRY:
        return f"expires {done.expires_at}" if done.expires_at else "does not expire"
    if done.status == "published" and done.published_at:
        return f"live since {done.published_at}"
    if done.status == "scheduled" and done.scheduled_at:
        return f"scheduled for {done.scheduled_at}"
    return {"draft": "a draft", "trashed": "in the trash"}.get(done.status, done.status)


def _named(slugs: list[str]) -> str:
    more = f" and {len(slugs) - _NAMED:,} more" if len(slugs) > _NAMED else ""
    return f"{output.sanitized(', '.join(slugs[:_NAMED]))}{more}: "


def reporter(*, as_json: bool, dry_run: bool) -> VerbReport:
    """The report that the options ask for."""
    return JsonReport(dry_run=dry_run) if as_json else LineReport(dry_run=dry_run)
