"""The report of `export`: lines for people, or one JSON document."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emdash_cli.domain.errors import Exit
from emdash_cli.views import output

if TYPE_CHECKING:
    from emdash_cli.transfer.export import Exported


class ExportReport:
    """Counts what is reported, and decides the exit code."""

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
            files = [{**exported._asdict(), "outcome": str(exported.outcome)} for exported in self._exported]
            output.json_document({"files": files, "counts": self._counts, "incomplete": self._incomplete})
        elif not self._quiet:
            said = [f"{count} {outcome}" for outcome, count in self._counts.items() if count]
            output.note(", ".join(said) or "no posts to export")
        if self._incomplete and not self._as_json:
            output.note(
                f"incomplete: an import does not restore everything of {self._incomplete} posts, as reported above"
            )
        return Exit.PARTLY if self._counts["differs"] or self._incomplete else Exit.DONE
