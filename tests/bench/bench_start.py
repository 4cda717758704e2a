"""Start-up, against `python -c "import sqlite3"`."""

from __future__ import annotations

import tempfile
from pathlib import Path

from tests.bench.processes import EMDASH, PYTHON, cost, paired
from tests.bench.rows import Row

AIM = 5.0
RUNS = 21


def measure() -> list[Row]:
    """Help, and runs that find nothing to do."""
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        cost((*EMDASH, "init"), directory)
        commands = {
            "emdash --help": ("--help",),
            "publish-queue, empty queue": ("publish-queue", "--quiet"),
            "sweep, nothing due": ("sweep", "--quiet"),
        }
        return [_row(title, arguments, directory) for title, arguments in commands.items()]


def _row(title: str, arguments: tuple[str, ...], directory: Path) -> Row:
    cost((*EMDASH, *arguments), directory)
    walls, cpus, _ = paired(
        lambda: cost((*EMDASH, *arguments), directory),
        lambda: cost((PYTHON, "-c", "import sqlite3"), directory),
        RUNS,
    )
    return Row(
        f'{title} / python -c "import sqlite3"', f"{walls:.1f} × (CPU {cpus:.1f} ×)", f"≤ {AIM:.0f} ×", walls <= AIM
    )
