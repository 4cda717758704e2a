"""Run a Python program with a clock that jumps: ``python -m tests.faults.moved_clock FILE PYTHON -m MODULE WORD…``.

The file has the number of seconds by which the wall clock is wrong, and is read at each look at it. As where somebody
sets a machine's clock, the monotonic one goes on.
"""

from __future__ import annotations

import datetime as dt
import runpy
import sys
from pathlib import Path
from typing import Self

RIGHT = dt.datetime


class Clock:
    """The clock of processes that are started with `launcher`."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self.launcher = (sys.executable, "-m", "tests.faults.moved_clock", str(file))
        self.set(0)

    def set(self, seconds: float) -> None:
        """Have it be wrong by that."""
        beside = self._file.with_suffix(".new")
        beside.write_text(str(seconds), "utf-8")
        beside.rename(self._file)


class _AnyDatetime(type):
    def __instancecheck__(cls, instance: object) -> bool:
        return isinstance(instance, RIGHT)


def moved(file: Path) -> type[dt.datetime]:
    """In place of `datetime.datetime`."""

    class Moved(dt.datetime, metaclass=_AnyDatetime):
        @classmethod
        def now(cls, tz: dt.tzinfo | None = None) -> Self:
            return super().now(tz) + dt.timedelta(seconds=float(file.read_text("utf-8")))

    return Moved


if __name__ == "__main__":
    dt.datetime = moved(Path(sys.argv[1]))  # type: ignore[misc]
    sys.argv = sys.argv[4:]
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
