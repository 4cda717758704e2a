"""Files and queue directories: names, identities and bytes; listing, locking and reading; errors of the system."""

from __future__ import annotations

import errno
import fcntl
import heapq
import os
import re
import stat
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final, NamedTuple

from emdash_cli.domain.errors import BusyError, EmdashError, Exit

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
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


PAGE: Final = 50_000
"""Number of names held in memory at a time. A directory of any size is read in pages of this length."""

_POLL_S: Final = 0.05


@contextmanager
def locked(queue: Path, wait_s: float, stopped: Callable[[], bool]) -> Iterator[None]:
    """Hold the queue's advisory lock. The kernel releases it when the process dies.

    It prevents runs from duplicating each other's work. The ledger, not the lock, prevents them from publishing twice,
    so a filesystem without locks may be used, too.

    Args:
        queue: the directory, which is itself locked, so that no lock file is left behind.
        wait_s: how long to wait for another run, in seconds.
        stopped: whether to give up waiting.

    Raises:
        BusyError: another run holds it.
    """
    with queue_trouble(queue):
        descriptor = os.open(queue, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    deadline = time.monotonic() + wait_s
    try:
        while not _flock(descriptor):
            if time.monotonic() >= deadline or stopped():
                raise BusyError(
                    f"another run is publishing from {queue}",
                    hint="wait for it to end, or add --wait SECONDS",
                )
            time.sleep(_POLL_S)
        yield
    finally:
        os.close(descriptor)


def _flock(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError as error:
        # A network filesystem without locks: the ledger alone has to suffice.
        return error.errno in NO_LOCKS
    return True


def names(queue: Path) -> Iterator[str]:
    """Names of the directory's JSON files in natural order, in bounded memory.

    A name that is added during the listing is included if it sorts after the names already listed.

    Raises:
        QueueTroubleError: the directory cannot be listed.
    """
    last: tuple[int, str] | None = None
    while True:
        page = heapq.nsmallest(PAGE, (key for key in _keys(queue) if last is None or key > last))
        for _, name in page:
            yield name
        if len(page) < PAGE:
            return
        last = page[-1]


def _keys(queue: Path) -> Iterator[tuple[int, str]]:
    with queue_trouble(queue), os.scandir(queue) as entries:
        for entry in entries:
            if entry.name.endswith(".json") and not entry.name.startswith("."):
                yield natural_key(entry.name)


def is_empty(queue: Path) -> bool:
    """Whether no file is waiting.

    Raises:
        QueueTroubleError: the directory cannot be listed.
    """
    return next(_keys(queue), None) is None


def count(queue: Path) -> int:
    """How many files are waiting; 0 if the directory cannot be listed."""
    try:
        return sum(1 for _ in _keys(queue))
    except QueueTroubleError:
        return 0


def depth(queue: Path) -> tuple[int, float | None]:
    """How many files are waiting, and when the oldest was written, in seconds since the epoch; None without files."""
    count = 0
    oldest: float | None = None
    for _, name in _keys(queue):
        count += 1
        try:
            modified = (queue / name).lstat().st_mtime
        except FileNotFoundError:
            continue
        oldest = modified if oldest is None else min(oldest, modified)
    return count, oldest


def read(queue: Path, name: str, max_bytes: int) -> ReadFile | None:
    """The bytes of a queue file, or None if another run has taken it.

    Raises:
        UnfitFileError: it is not a regular file, or is larger than `max_bytes`.
        QueueTroubleError: reading failed for a reason that is not the file's fault.
    """
    path = f"{queue}/{name}"  # Joining by pathlib would take as long as opening the file.
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    except OSError as error:
        if error.errno in {errno.ELOOP, errno.ENXIO}:
            raise UnfitFileError("it is a link, a socket or a device, not a regular file") from None
        raise trouble(path, error) from error
    try:
        with queue_trouble(path):
            found = os.fstat(descriptor)
            if not stat.S_ISREG(found.st_mode):
                raise UnfitFileError("it is a directory or a pipe, not a regular file")
            if found.st_size > max_bytes:
                raise UnfitFileError(f"it has {found.st_size:,} bytes; the maximum is {max_bytes:,}")
            raw = _read_all(descriptor, found.st_size)
    finally:
        os.close(descriptor)
    return ReadFile(name, raw, signature_of(found), found.st_mtime)


def _read_all(descriptor: int, size: int) -> bytes:
    """All bytes of a file that had `size` bytes a moment ago. A growing file is read up to that point."""
    parts = []
    while size > 0:
        part = os.read(descriptor, size)
        if not part:
            break
        parts.append(part)
        size -= len(part)
    return b"".join(parts)
