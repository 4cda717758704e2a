"""A queue directory: list it in natural order, read its files and hold its lock."""

from __future__ import annotations

import errno
import fcntl
import heapq
import os
import stat
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from emdash_cli.domain.errors import BusyError
from emdash_cli.inbox.files import (
    NO_LOCKS,
    QueueTroubleError,
    ReadFile,
    UnfitFileError,
    natural_key,
    queue_trouble,
    signature_of,
    trouble,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

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
