"""Runs the command line in children that it traces, and strikes at a given call into the kernel.

Started as a process of its own, which stays single-threaded, so that it may fork; `Tracer` is its client. Its
children have everything imported already, so that hundreds of runs are cheap and every call that is counted is
one of the work itself. Only calls that touch a file below the directory of the run are counted.

See ptrace(2); x86-64 only, whose registers it knows.
"""

from __future__ import annotations

import ctypes
import errno
import fcntl
import json
import os
import platform
import signal
import struct
import subprocess
import sys
import tempfile
import traceback
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, Self

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tests.publishing_site import Ran, Site

IS_SUPPORTED = platform.machine() == "x86_64" and sys.platform == "linux"

Blow = Literal["none", "kill", "fail once", "fail from then on", "cut"]
"""``cut``: the power of the filesystem is cut, and the program runs on until it notices."""

# Calls by number, and which argument names the file: a descriptor, or a path (the one that is made or removed).
_BY_DESCRIPTOR = {0: "read", 1: "write", 3: "close", 5: "fstat", 17: "pread64", 18: "pwrite64", 72: "fcntl"}
_BY_DESCRIPTOR |= {73: "flock", 74: "fsync", 75: "fdatasync", 77: "ftruncate", 217: "getdents64"}
_BY_FIRST_PATH = {4: "stat", 6: "lstat", 21: "access", 83: "mkdir", 84: "rmdir", 87: "unlink"}
_BY_SECOND_PATH = {82: "rename", 86: "link", 257: "openat", 258: "mkdirat", 262: "newfstatat", 263: "unlinkat"}
_BY_SECOND_PATH |= {269: "faccessat", 332: "statx", 439: "faccessat2"}
_BY_FOURTH_PATH = {264: "renameat", 265: "linkat", 316: "renameat2"}
NAMES = {**_BY_DESCRIPTOR, **_BY_FIRST_PATH, **_BY_SECOND_PATH, **_BY_FOURTH_PATH}


class Call(NamedTuple):
    """A call into the kernel."""

    name: str
    path: str
    """Below the directory of the run; empty for the directory itself."""


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

    def ran(self) -> Ran:
        from tests.publishing_site import Ran

        return Ran(self.code, self.out, self.err)


class Tracer:
    """Client of the process; a context manager."""

    def __init__(self, launcher: Sequence[str] = (), module: str = "tests.faults.tracer") -> None:
        from tests.publishing_site import clean_environment

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


# The process itself.

_TRACEME, _PEEKUSER, _POKEUSER, _SYSCALL, _SETOPTIONS = 0, 3, 6, 24, 0x4200
_TRACESYSGOOD, _EXITKILL = 1, 0x100000
_SYSCALL_STOP = signal.SIGTRAP | 0x80
_WORD = 8
_RESULT, _ARGUMENTS, _NUMBER = 10, (14, 13, 12, 7), 15  # words of struct user: rax; rdi rsi rdx r10; orig_rax

_libc = ctypes.CDLL(None, use_errno=True)
_libc.ptrace.restype = ctypes.c_long
_libc.ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]


def _ptrace(request: int, pid: int, address: int = 0, value: int = 0) -> int:
    ctypes.set_errno(0)
    found: int = _libc.ptrace(request, pid, address, value & 0xFFFF_FFFF_FFFF_FFFF)
    if found == -1 and ctypes.get_errno():
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return found


def _register(pid: int, word: int) -> int:
    return _ptrace(_PEEKUSER, pid, word * _WORD)


def _call(pid: int, root: str) -> Call | None:
    """The call that is about to begin, if it touches a file below the root."""
    number = _register(pid, _NUMBER)
    if number in _BY_DESCRIPTOR:
        path = _opened(pid)
    elif number in NAMES:
        which = 0 if number in _BY_FIRST_PATH else 1 if number in _BY_SECOND_PATH else 3
        path = _text(pid, _register(pid, _ARGUMENTS[which]))
        path = path or _opened(pid)
    else:
        return None
    if path != root and not path.startswith(f"{root}/"):
        return None
    return Call(NAMES[number], path[len(root) + 1 :])


def _opened(pid: int) -> str:
    """What the descriptor stands for that is the call's first argument; empty if it is none."""
    descriptor = ctypes.c_int(_register(pid, _ARGUMENTS[0])).value
    try:
        return str(Path(f"/proc/{pid}/fd/{descriptor}").readlink())
    except OSError:
        return ""


def _text(pid: int, address: int) -> str:
    """The text at an address of the child, byte for byte."""
    with open(f"/proc/{pid}/mem", "rb", buffering=0) as memory:  # noqa: PTH123 - unbuffered, of another process
        found = b""
        while b"\0" not in found:
            # Up to the end of the page: the next one may not be mapped.
            memory.seek(address + len(found))
            found += memory.read(4096 - (address + len(found)) % 4096)
    return os.fsdecode(found.partition(b"\0")[0])


def _child(directory: str, arguments: list[str], out: int, err: int) -> None:
    from emdash_cli.__main__ import run

    code = 1
    try:
        os.chdir(directory)
        for number, descriptor in ((0, os.open(os.devnull, os.O_RDONLY)), (1, out), (2, err)):
            os.dup2(descriptor, number)
        _ptrace(_TRACEME, 0)
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
        self.calls: list[Call] = []
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
        _ptrace(_SETOPTIONS, self._pid, 0, _TRACESYSGOOD | _EXITKILL)
        entering = True
        deliver = 0
        while True:
            with suppress(ProcessLookupError):  # it was killed
                _ptrace(_SYSCALL, self._pid, 0, deliver)
            _, status = os.waitpid(self._pid, 0)
            if not os.WIFSTOPPED(status):
                return os.WEXITSTATUS(status) if os.WIFEXITED(status) else 128 + os.WTERMSIG(status)
            stopped_by = os.WSTOPSIG(status)
            deliver = 0 if stopped_by == _SYSCALL_STOP else stopped_by
            if not deliver:
                self._enter() if entering else self._leave()
                entering = not entering

    def _enter(self) -> None:
        call = _call(self._pid, self._root)
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
            _ptrace(_POKEUSER, self._pid, _NUMBER * _WORD, -1)  # no call has this number: nothing is executed
            self._fails = True

    def _leave(self) -> None:
        if self._fails:
            _ptrace(_POKEUSER, self._pid, _RESULT * _WORD, self._failure)
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
    """Do what the wish says; see `Tracer.run`."""
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
    from tests.publishing_site import new_site

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
