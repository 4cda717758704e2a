"""Start-up, against `python -c "import sqlite3"`."""

from __future__ import annotations

import tempfile
from pathlib import Path

from tests.bench.installed import EMDASH, PYTHON
from tests.bench.processes import cost, paired
from tests.bench.rows import Row

RUNS = 21


def measure() -> list[Row]:
    """Help, and runs that find nothing to do."""
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        cost((*EMDASH, "init"), directory)
        return [
            _row("emdash --help", ("--help",), 5.0, directory),
            _row("publish-queue, empty queue", ("publish-queue", "--quiet"), 4.5, directory),
            _row("sweep, nothing due", ("sweep", "--quiet"), 4.5, directory),
        ]


def _row(title: str, arguments: tuple[str, ...], aim: float, directory: Path) -> Row:
    cost((*EMDASH, *arguments), directory)
    walls, cpus, _ = paired(
        lambda: cost((*EMDASH, *arguments), directory),
        lambda: cost((PYTHON, "-c", "import sqlite3"), directory),
        RUNS,
    )
    figure = f"{walls:.1f} × (CPU {cpus:.1f} ×)"
    return Row(f'{title} / python -c "import sqlite3"', figure, f"≤ {aim} ×", walls <= aim)
