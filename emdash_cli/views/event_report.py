"""The base of the reports of long commands: events are shown as they happen, and every report is finished."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any, Self

from emdash_cli.domain.errors import EmdashError
from emdash_cli.views import output

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import TracebackType


class EventReport:
    """A context manager that adds an `EmdashError` inside its block to the report."""

    def __init__(self) -> None:
        self.troubles: list[EmdashError] = []
        self.notices: list[str] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, raised: BaseException | None, traceback: TracebackType | None
    ) -> bool:
        """Add the error that ended the command, and finish the report."""
        if isinstance(raised, EmdashError):
            self.troubled(raised)
        self.finish()
        return isinstance(raised, EmdashError)

    def troubled(self, error: EmdashError) -> None:
        """Show why something stopped."""
        self.troubles.append(error)

    def noticed(self, text: str) -> None:
        """Show a remark."""
        self.notices.append(text)

    def finish(self) -> None:
        """Show the counts."""


_as_json = json.JSONEncoder(ensure_ascii=False).encode  # Shared, because `json.dumps` would create one for each line.


class JsonOutcomes:
    """``{…, "outcomes": […], "counts": {…}, …, "errors": […], "notices": […]}``, with each outcome as it happens."""

    def __init__(self, head: Mapping[str, Any] | None = None) -> None:
        before = "".join(f"{json.dumps(name)}: {json.dumps(value)}, " for name, value in (head or {}).items())
        self._separator = f'{{{before}"outcomes": ['

    def add(self, document: Mapping[str, Any]) -> None:
        """Write one outcome."""
        output.write(f"{self._separator}\n{_as_json(document)}")
        self._separator = ","

    def end(self, counts: Mapping[Any, int], report: EventReport, **more: object) -> None:
        """Write the rest and finish the document."""
        if self._separator != ",":
            output.write(self._separator)
        rest = {
            "counts": {str(outcome): count for outcome, count in counts.items()},
            **more,
            "errors": [error.as_dict() for error in report.troubles],
            "notices": report.notices,
        }
        output.write(f"\n], {_as_json(rest)[1:]}\n")
        sys.stdout.flush()
