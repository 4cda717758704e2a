"""Commands under strace: which system calls they make, in which order, and what they do when one fails."""

from __future__ import annotations

import re
import subprocess
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

EMDASH = [sys.executable, "-m", "emdash_cli"]

needs_strace = pytest.mark.usefixtures("strace")


@dataclass(frozen=True)
class Trace:
    """What a traced command did."""

    code: int
    err: str
    calls: list[str]

    def order(self, *wanted: str) -> list[int]:
        """Where the only call that each expression matches stands."""
        places = [[place for place, call in enumerate(self.calls) if re.search(one, call)] for one in wanted]
        assert [len(found) for found in places] == [1] * len(wanted), (places, self.calls)
        return [found[0] for found in places]


def traced(root: Path, *words: str, inject: str = "") -> Trace:
    """Run a command under strace.

    Args:
        root: the directory that it runs in.
        words: of the command.
        inject: a fault, as strace's option of that name takes it.
    """
    log = root.parent / f"{root.name}.trace"
    command = ["strace", "-f", "-qq", "-y", "-s", "300", "-o", str(log)]
    command += ["-e", "trace=openat,write,fsync,link,linkat,rename,flock"]
    if inject:
        command += ["-e", f"inject={inject}"]
    done = subprocess.run([*command, *EMDASH, *words], cwd=root, capture_output=True, text=True, check=False)
    return Trace(done.returncode, done.stderr, log.read_text().splitlines())
