"""Runs the command line in children that it traces, and strikes at a given call into the kernel.

Started as a process of its own, which stays single-threaded, so that it may fork; `tests.faults.tracer` is its client.
Its children have everything imported already, so that hundreds of runs are cheap and every call that is counted is
one of the work itself. Only calls that touch a file below the directory of the run are counted.
"""

from __future__ import annotations

import errno
import fcntl
import json
import os
import signal
import struct
import sys
import tempfile
import traceback
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.faults import kernel_calls as kernel

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.faults.tracer import Blow


def _child(directory: str, arguments: list[str], out: int, err: int) -> None:
    from emdash_cli.__main__ import run

    code = 1
    try:
        os.chdir(directory)
        for number, descriptor in ((0, os.open(os.devnull, os.O_RDONLY)), (1, out), (2, err)):
            os.dup2(descriptor, number)
        kernel.let_trace_me()
        os.kill(os.getpid(), signal.SIGSTOP)
        code = run(arguments)
    except BaseException:  # noqa: BLE001 - as the interpreter does at its end
        traceback.print_exc()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


class _Tracing:
    """A child that is traced, and what it was seen to do."""

    def __init__(self, pid: int, wish: dict[str, Any]) -> None:
        self.calls: list[kernel.Call] = []
        self.struck = False
        self._pid = pid
        self._root: str = wish["directory"]
        self._disk: str = wish.get("disk", self._root)
        self._only = set(wish["only"])
        self._at: int = wish["at"]
        self._blow: Blow = wish["blow"]
        self._failure = -getattr(errno, wish["error"]) if wish["error"] else 0
        self._fails = False

    def run(self) -> int:
        """Trace the child to its end, and answer its exit code."""
        os.waitpid(self._pid, 0)
        kernel.stop_at_calls(self._pid)
        entering = True
        deliver = 0
        while True:
            with suppress(ProcessLookupError):  # it was killed
                kernel.go_on(self._pid, deliver)
            _, status = os.waitpid(self._pid, 0)
            if not os.WIFSTOPPED(status):
                return os.WEXITSTATUS(status) if os.WIFEXITED(status) else 128 + os.WTERMSIG(status)
            stopped_by = os.WSTOPSIG(status)
            deliver = 0 if stopped_by == kernel.SYSCALL_STOP else stopped_by
            if not deliver:
                self._enter() if entering else self._leave()
                entering = not entering

    def _enter(self) -> None:
        call = kernel.begun(self._pid, self._root)
        if call is None or (self._only and call.name not in self._only):
            return
        self.calls.append(call)
        if self._blow == "none" or len(self.calls) < self._at or (self.struck and self._blow != "fail from then on"):
            return
        self.struck = True
        if self._blow == "kill":
            os.kill(self._pid, signal.SIGKILL)
        elif self._blow == "cut":
            cut_power(self._disk)
        else:
            kernel.leave_out(self._pid)
            self._fails = True

    def _leave(self) -> None:
        if self._fails:
            kernel.answer(self._pid, self._failure)
            self._fails = False


def cut_power(directory: str) -> None:
    """From now on nothing reaches the disk below an ext4 filesystem, not even what its journal still holds.

    EXT4_IOC_SHUTDOWN with EXT4_GOING_FLAGS_NOLOGFLUSH: https://docs.kernel.org/admin-guide/ext4.html,
    fs/ext4/ioctl.c of the kernel.
    """
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        fcntl.ioctl(descriptor, 0x8004587D, struct.pack("I", 2))
    finally:
        os.close(descriptor)


def run_traced(wish: dict[str, Any]) -> dict[str, Any]:
    """Do what the wish says; see `Tracer.run` in tests/faults/tracer.py."""
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        pid = os.fork()
        if pid == 0:
            _child(wish["directory"], wish["arguments"], out.fileno(), err.fileno())
        tracing = _Tracing(pid, wish)
        code = tracing.run()
        said = []
        for file in (out, err):
            file.seek(0)
            said.append(file.read().decode("utf-8", "replace"))
    return {"calls": tracing.calls, "struck": tracing.struck, "code": code, "out": said[0], "err": said[1]}


def import_everything() -> None:
    """Publish something, so that whatever is imported late is imported now."""
    from tests.harness.site import new_site

    with tempfile.TemporaryDirectory() as directory:
        site = new_site(Path(directory) / "site")
        site.put("1-a.json", tags=["a"], author="Ada Lovelace", seo={"title": "A"}, title="Ä & b")
        site.put("2-b.json", title="")
        site.run("publish-queue", "--json")
        site.run("publish-queue", "--quiet")


def serve(grant: Callable[[dict[str, Any]], dict[str, Any]]) -> None:
    """Read wishes, one JSON document a line, and answer each with one."""
    import_everything()
    for line in sys.stdin:
        try:
            answer = grant(json.loads(line))
        except Exception as error:  # noqa: BLE001 - the client raises it
            answer = {"error": f"{error!r}\n{traceback.format_exc()}"}
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    serve(run_traced)
