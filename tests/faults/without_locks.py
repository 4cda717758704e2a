"""Run a program for which ``flock`` does not work, as on a network filesystem without locks.

``python -m tests.faults.without_locks PROGRAM…``. A seccomp filter answers ENOLCK; see seccomp(2). SQLite is not
concerned: its locks are those of fcntl(2).
"""

from __future__ import annotations

import ctypes
import errno
import os
import platform
import struct
import sys

FLOCK = {"x86_64": 73, "aarch64": 32}

_PR_SET_NO_NEW_PRIVS, _PR_SET_SECCOMP, _SECCOMP_MODE_FILTER = 38, 22, 2
_LOAD, _JUMP_IF_EQUAL, _RETURN = 0x20, 0x15, 0x06
_ALLOW, _ERRNO = 0x7FFF0000, 0x00050000


def forbid_flock() -> None:
    """From now on, ``flock`` answers ENOLCK in this process and its children."""
    program = b"".join(
        struct.pack("HBBI", *instruction)
        for instruction in [
            (_LOAD, 0, 0, 0),  # the number of the call is the first word of what the filter is given
            (_JUMP_IF_EQUAL, 0, 1, FLOCK[platform.machine()]),
            (_RETURN, 0, 0, _ERRNO | errno.ENOLCK),
            (_RETURN, 0, 0, _ALLOW),
        ]
    )
    code = ctypes.create_string_buffer(program)
    filters = struct.pack("HxxxxxxP", len(program) // 8, ctypes.addressof(code))
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) or libc.prctl(_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, filters):
        raise OSError(ctypes.get_errno(), "seccomp")


if __name__ == "__main__":
    forbid_flock()
    os.execvp(sys.argv[1], sys.argv[1:])  # noqa: S606 - that is what it is for
