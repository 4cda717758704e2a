"""What reading and filing share: the identity, name and bytes of a file, and errors of directories."""

from __future__ import annotations

import errno
import os
import re
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final, NamedTuple

from emdash_cli.domain.errors import EmdashError, Exit

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from typing import BinaryIO


NAME_BYTES: Final = 255
"""Maximum length of a file name in bytes on every common filesystem."""

_NUMBER: Final = re.compile(r"(\d{1,18})(?:[-_. ]|$)", re.ASCII)

NO_LOCKS: Final = frozenset({errno.ENOLCK, errno.EOPNOTSUPP, errno.EINVAL, errno.EBADF})
"""The errors with which filesystems without locks, such as some network filesystems, answer a lock request."""

Signature = tuple[int, int, int, int]
"""Device, inode, size in bytes and modification time in nanoseconds: the identity of the file that was read."""


class UnfitFileError(Exception):
    """A queue entry that is not a readable regular file. The file itself is at fault."""


class ChangedFileError(Exception):
    """The file has changed since it was read, and was left where it is."""


class QueueTroubleError(EmdashError):
    """A directory that cannot be listed or written, or a disk that fails. No file is at fault."""

    exit_code = Exit.STORE
    default_code = "queue_trouble"
    retryable = True


class ReadFile(NamedTuple):
    """The bytes of a queue file, and the identity of the file they were read from.

    Attributes:
        signature: None if the file could not be read.
        modified_at: seconds since the epoch.
    """

    name: str
    raw: bytes
    signature: Signature | None
    modified_at: float


def signature_of(found: os.stat_result) -> Signature:
    """The identity of a file as `os.stat` found it."""
    return (found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns)


def number_of(name: str) -> tuple[int, str] | None:
    """The leading number of a file name, and its digits as written; None if there is no number."""
    found = _NUMBER.match(name)
    return (int(found[1]), found[1]) if found else None


def natural_key(name: str) -> tuple[int, str]:
    """Sorts ``2-b`` before ``10-a``. Names without a number come last, in alphabetical order."""
    number = number_of(name)
    return (number[0] if number else 10**18, name)


def bare_name(name: str) -> str:
    """The name without its number and extension: ``first-post`` for ``042-first-post.json``."""
    stem = name.removesuffix(".json")
    number = number_of(name)
    return stem[len(number[1]) :].lstrip("-_. ") if number else stem


def printable(name: str) -> str:
    """A file name that is safe to print and store, with control characters and invalid bytes escaped."""
    shown = name.encode("utf-8", "backslashreplace").decode("utf-8")
    if shown.isprintable():
        return shown
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in shown)


@contextmanager
def queue_trouble(path: Path | str) -> Iterator[None]:
    """Turn a failed system call on a path into a `QueueTroubleError` with advice."""
    try:
        yield
    except OSError as error:
        raise trouble(path, error) from error


def trouble(path: Path | str, error: OSError) -> QueueTroubleError:
    """The error for a system call that failed on a path, for a reason that is not the file's fault."""
    hints = {
        errno.ENOSPC: "free some space and run again",
        errno.EDQUOT: "the quota is used up: free some space and run again",
        errno.EACCES: "give this user read and write permission there",
        errno.EPERM: "give this user read and write permission there",
        errno.EROFS: "the filesystem is mounted read-only",
        errno.EIO: "the disk is failing: check the system log",
    }
    return QueueTroubleError(
        f"{printable(str(path))}: {error.strerror or error}",
        hint=hints.get(error.errno or 0, "fix that and run again"),
    )


def sync_directory(path: str | Path) -> None:
    """Make the entries of a directory durable."""
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def read_input(path: Path, stdin: BinaryIO, max_bytes: int) -> bytes:
    """The bytes of a file or, for ``-``, of standard input.

    Raises:
        UnfitFileError: it cannot be read, or is larger than `max_bytes`.
    """
    try:
        if str(path) == "-":
            raw = stdin.read(max_bytes + 1)
        else:
            with path.open("rb") as file:
                raw = file.read(max_bytes + 1)
    except IsADirectoryError:
        raise UnfitFileError("it is a directory; name the files in it") from None
    except OSError as error:
        raise UnfitFileError(f"it cannot be read: {error.strerror or error}") from error
    if len(raw) > max_bytes:
        raise UnfitFileError(f"it has more than {max_bytes:,} bytes")
    return raw
