"""Whole processes, timed in turn: A B A B …, so that a change of the machine's speed meets both."""

from __future__ import annotations

import os
import statistics
import subprocess
import time
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path


class Cost(NamedTuple):
    """Of one process: seconds of wall clock, seconds of CPU with its children, MiB at its peak."""

    wall: float
    cpu: float
    peak: float


def cost(command: Sequence[str | Path], directory: Path) -> Cost:
    """Run a command to its end; a failure stops the benchmark."""
    began = time.perf_counter()
    process = subprocess.Popen(command, cwd=directory, stdout=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{command} ended with {process.returncode}")
    return Cost(time.perf_counter() - began, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)


def paired(one: Callable[[], Cost], other: Callable[[], Cost], runs: int) -> tuple[float, float, Cost]:
    """Medians of the ratios one / other by wall clock and by CPU, and the cost of one with the highest peak."""
    pairs = [(one(), other()) for _ in range(runs)]
    walls = statistics.median(a.wall / b.wall for a, b in pairs)
    cpus = statistics.median(a.cpu / b.cpu for a, b in pairs)
    return walls, cpus, max((a for a, _ in pairs), key=lambda found: found.peak)
