"""Runs the command line in children that a process of its own traces, and strikes at a given call into the kernel.

`Tracer` is the client of that process, which is `tests.faults.tracing`.
"""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, Self

from tests.faults.kernel_calls import Call

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.harness.site import Result, Site

Blow = Literal["none", "kill", "fail once", "fail from then on", "cut"]
"""``cut``: the power of the filesystem is cut, and the program runs on until it notices."""


@dataclass(frozen=True, slots=True)
class Traced:
    """How a traced run went.

    Attributes:
        code: as a shell has it: 128 and the signal for a child that was killed.
        struck: whether there was such a call.
    """

    calls: tuple[Call, ...]
    code: int
    out: str
    err: str
    struck: bool

    def ran(self) -> Result:
        from tests.harness.site import Result

        return Result(self.code, self.out, self.err)


class Tracer:
    """Client of the process; a context manager."""

    def __init__(self, launcher: Sequence[str] = (), module: str = "tests.faults.tracing") -> None:
        from tests.harness.site import clean_environment

        self._process = subprocess.Popen(
            [*launcher, sys.executable, "-m", module],
            env=clean_environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def run(  # one wish, spelt out
        self,
        site: Site,
        *arguments: str,
        at: int = 0,
        blow: Blow = "none",
        error: str = "",
        only: Sequence[str] = (),
    ) -> Traced:
        """Run the command line in the site's directory, and strike.

        Args:
            site: where to run it.
            arguments: of the command line.
            at: the call to strike at, from 1, of those that count.
            blow: what to do as that call begins; it is not executed.
            error: the error that it answers, such as ``EIO``, if it is to fail.
            only: names of the calls that count; empty: all.
        """
        wish = {"directory": str(site.root), "arguments": arguments, "at": at, "blow": blow, "error": error}
        answer = self.ask(wish | {"only": list(only)})
        calls = tuple(Call(*call) for call in answer["calls"])
        return Traced(calls, answer["code"], answer["out"], answer["err"], answer["struck"])

    def ask(self, wish: dict[str, Any]) -> dict[str, Any]:
        """Send one wish to the process and answer what it says."""
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(json.dumps(wish) + "\n")
        self._process.stdin.flush()
        answer: dict[str, Any] = json.loads(self._process.stdout.readline() or '{"error": "the tracer died"}')
        if "error" in answer:
            raise RuntimeError(answer["error"])
        return answer

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        with self._process:  # closes its input, at which it ends, and waits
            pass
