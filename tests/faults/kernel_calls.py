"""Calls into the kernel as ptrace(2) shows them: which one a traced child is about to make, on which file.

x86-64 only, whose registers it knows.
"""

from __future__ import annotations

import ctypes
import os
import signal
from pathlib import Path
from typing import NamedTuple

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


SYSCALL_STOP = signal.SIGTRAP | 0x80
"""The signal that a traced child stops with at the beginning and at the end of a call."""

_TRACEME, _PEEKUSER, _POKEUSER, _SYSCALL, _SETOPTIONS = 0, 3, 6, 24, 0x4200
_TRACESYSGOOD, _EXITKILL = 1, 0x100000
_WORD = 8
_RESULT, _ARGUMENTS, _NUMBER = 10, (14, 13, 12, 7), 15  # words of struct user: rax; rdi rsi rdx r10; orig_rax

_libc = ctypes.CDLL(None, use_errno=True)
_libc.ptrace.restype = ctypes.c_long
_libc.ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]


def let_trace_me() -> None:
    """Be traced by the parent from now on."""
    _ptrace(_TRACEME, 0)


def stop_at_calls(pid: int) -> None:
    """Tell calls from other stops of the child, and let it die with its tracer."""
    _ptrace(_SETOPTIONS, pid, 0, _TRACESYSGOOD | _EXITKILL)


def go_on(pid: int, deliver: int) -> None:
    """Let the child run to the next beginning or end of a call; `deliver` is a signal for it, or 0."""
    _ptrace(_SYSCALL, pid, 0, deliver)


def leave_out(pid: int) -> None:
    """Have the call that is about to begin not executed."""
    _ptrace(_POKEUSER, pid, _NUMBER * _WORD, -1)  # no call has this number


def answer(pid: int, result: int) -> None:
    """Have the call that is about to end answer this."""
    _ptrace(_POKEUSER, pid, _RESULT * _WORD, result)


def begun(pid: int, root: str) -> Call | None:
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


def _ptrace(request: int, pid: int, address: int = 0, value: int = 0) -> int:
    ctypes.set_errno(0)
    found: int = _libc.ptrace(request, pid, address, value & 0xFFFF_FFFF_FFFF_FFFF)
    if found == -1 and ctypes.get_errno():
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return found


def _register(pid: int, word: int) -> int:
    return _ptrace(_PEEKUSER, pid, word * _WORD)
