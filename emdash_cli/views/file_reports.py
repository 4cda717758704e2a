"""The reports of `enqueue`, `requeue` and `export`: lines for people, or one JSON document."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emdash_cli.domain.announced import listed
from emdash_cli.domain.errors import Exit
from emdash_cli.inbox.files import printable
from emdash_cli.publishing.outcomes import RefusedFile
from emdash_cli.views import output

if TYPE_CHECKING:
    from collections.abc import Iterable

    from emdash_cli.publishing.enqueue import Report
    from emdash_cli.publishing.requeue import Requeued
    from emdash_cli.transfer.export import Exported
    from emdash_cli.views.documents import runs


def show_enqueued(report: Report, files: int, *, as_json: bool, dry_run: bool) -> None:
    """Print the path of each queued file, and on stderr why files were refused.

    Args:
        report: the outcome of the files.
        files: the number of files that were named.
        as_json: one JSON document.
        dry_run: nothing was queued.
    """
    if as_json:
        from emdash_cli.views import json_form

        json_form.show(_enqueue_document(report, dry_run=dry_run))
        return
    for queued in report.queued:
        output.data(queued.file)
        for notice in queued.notices:
            output.notice(f"{printable(queued.source)}: {notice}")
        if dry_run and queued.announced_on:
            output.note(f"{printable(queued.source)} would be announced on {listed(queued.announced_on)}")
    for refused in report.refused:
        _show_refused(refused)
    if report.refused:
        output.note(f"nothing was queued: {len(report.refused)} of {files} {'file' if files == 1 else 'files'} refused")
    elif dry_run:
        output.note(f"{len(report.queued)} would be queued for {report.stream}")


def _enqueue_document(report: Report, *, dry_run: bool) -> runs.EnqueueRun:
    from emdash_cli.views.documents import runs

    queued = tuple(runs.QueuedFile.of(queued) for queued in report.queued)
    return runs.EnqueueRun(dry_run, report.stream, queued, _refused_documents(report.refused))


class RequeueReport:
    """Shows files as they go back into the queue, and decides the exit code."""

    def __init__(self, *, as_json: bool, dry_run: bool) -> None:
        self._as_json = as_json
        self._dry_run = dry_run
        self._requeued: list[Requeued] = []
        self._refused: list[RefusedFile] = []

    def add(self, file: Requeued | RefusedFile) -> None:
        """Show what became of a file."""
        if isinstance(file, RefusedFile):
            self._refused.append(file)
        else:
            self._requeued.append(file)
        if not self._as_json:
            _show_requeued(file)

    def finish(self) -> Exit:
        """Show the rest, and return the exit code."""
        if self._as_json:
            from emdash_cli.views import json_form
            from emdash_cli.views.documents import runs

            requeued = tuple(runs.RequeuedFile.of(file) for file in self._requeued)
            json_form.show(runs.RequeueRun(self._dry_run, requeued, _refused_documents(self._refused)))
        elif self._dry_run:
            output.note(f"{len(self._requeued)} would return to the queue")
        return Exit.PARTLY if self._refused else Exit.DONE


def _show_requeued(file: Requeued | RefusedFile) -> None:
    if isinstance(file, RefusedFile):
        _show_refused(file)
        return
    output.data(printable(file.file))
    if file.note:
        output.notice(f"{printable(file.source)}: {file.note}")


def _show_refused(refused: RefusedFile) -> None:
    """A line on stderr for each problem of the file."""
    for problem in refused.problems:
        output.note(f"{output.styled(printable(refused.source), 'red', err=True)}: {problem}")


def _refused_documents(files: Iterable[RefusedFile]) -> tuple[runs.RefusedFile, ...]:
    from emdash_cli.views.documents import runs

    return tuple(
        runs.RefusedFile(file.source, tuple(runs.Problem(*problem) for problem in file.problems)) for file in files
    )


class ExportReport:
    """Counts what is exported, shows it, and decides the exit code."""

    def __init__(self, *, as_json: bool, quiet: bool, dry_run: bool) -> None:
        self._as_json = as_json
        self._quiet = quiet
        self._prefix = "would be " if dry_run else ""
        self._exported: list[Exported] = []
        self._incomplete = 0
        self._counts = {"written": 0, "unchanged": 0, "differs": 0}

    def add(self, exported: Exported) -> None:
        """Show the outcome of one post's file; under ``--quiet``, only what a person should review."""
        self._counts[exported.outcome] += 1
        self._incomplete += bool(exported.lost)
        if self._as_json:
            self._exported.append(exported)
            return
        if exported.lost:
            output.notice(f"{exported.file}: {'; '.join(exported.lost)}")
        if exported.outcome == "differs":
            output.note(f"{exported.file}: a different file exists there and was left as it is")
        elif not self._quiet:
            prefix = self._prefix if exported.outcome == "written" else ""
            output.data(f"{prefix}{exported.outcome}\t{exported.file}")

    def finish(self) -> Exit:
        """Show the counts and return the exit code."""
        if self._as_json:
            from emdash_cli.views import json_form
            from emdash_cli.views.documents import runs

            files = tuple(runs.ExportedFile.of(exported) for exported in self._exported)
            json_form.show(runs.ExportRun(files, self._counts, self._incomplete))
        elif not self._quiet:
            said = [f"{count} {outcome}" for outcome, count in self._counts.items() if count]
            output.note(", ".join(said) or "no posts to export")
        if self._incomplete and not self._as_json:
            output.note(
                f"incomplete: an import does not restore everything of {self._incomplete} posts, as reported above"
            )
        return Exit.PARTLY if self._counts["differs"] or self._incomplete else Exit.DONE
