"""Temporary files that somebody began to write into a queue and never finished."""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING, Final, NamedTuple

from emdash_cli.domain.outcome import Cleaned
from emdash_cli.inbox import queue
from emdash_cli.inbox.files import UnfitFileError, queue_trouble, signature_of, sync_directory
from emdash_cli.inbox.writing import write_file

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from emdash_cli.inbox.files import ReadFile
    from emdash_cli.inbox.removed import RemovedTemporary

MOST_BYTES: Final = 64 << 20
"""Bytes of a file that is taken away; a larger one is left for a person to look at."""

_KEPT: Final = frozenset({".gitkeep", ".gitignore", ".gitattributes", ".keep", ".stignore", ".directory", ".DS_Store"})
"""Dot-names that people and their tools put into directories on purpose."""
_KEPT_PREFIX: Final = ".nfs"
"""An NFS client's name for a file that is deleted and still open; it goes by itself."""


class Leftover(NamedTuple):
    """A regular file under a dot-name.

    Attributes:
        modified_at: seconds since the epoch.
        size: bytes.
    """

    queue: Path
    name: str
    modified_at: float
    size: int


def leftovers(directory: Path, before: float) -> Iterator[Leftover]:
    """Temporary files of a queue that were last written before that instant, by name.

    Args:
        directory: the queue.
        before: seconds since the epoch.

    Raises:
        QueueTroubleError: the directory cannot be listed.
    """
    found = []
    with queue_trouble(directory), os.scandir(directory) as entries:
        for entry in entries:
            if not entry.name.startswith(".") or entry.name in _KEPT or entry.name.startswith(_KEPT_PREFIX):
                continue
            try:
                status = entry.stat(follow_symlinks=False)
            except FileNotFoundError:
                continue
            if stat.S_ISREG(status.st_mode) and status.st_mtime < before:
                found.append(Leftover(directory, entry.name, status.st_mtime, status.st_size))
    yield from sorted(found)


def take(leftover: Leftover) -> ReadFile | None:
    """Its bytes; None if it is gone or too large.

    Raises:
        QueueTroubleError: it cannot be read.
    """
    try:
        return queue.read(leftover.queue, leftover.name, MOST_BYTES)
    except UnfitFileError:
        return None


def remove(directory: Path, read: ReadFile) -> bool:
    """Delete it durably, if it still is what was read.

    Raises:
        QueueTroubleError: it cannot be deleted.
    """
    path = directory / read.name
    with queue_trouble(path):
        try:
            if signature_of(path.lstat()) != read.signature:
                return False
            path.unlink()
        except FileNotFoundError:
            return False
        sync_directory(directory)
    return True


def put_back(directory: Path, kept: RemovedTemporary, *, is_preview: bool) -> Cleaned:
    """Write a temporary file again, with its time; never over another file.

    Raises:
        QueueTroubleError: the directory does not take it.
    """
    path = directory / os.path.basename(kept.name)  # noqa: PTH119 - a name from a file must not lead elsewhere
    with queue_trouble(path):
        if os.path.lexists(path):
            is_same = path.is_file() and path.read_bytes() == kept.raw
            return Cleaned.PRESENT if is_same else Cleaned.REFUSED
        if not is_preview:
            write_file(path, kept.raw)
            os.utime(path, (kept.modified_at, kept.modified_at))
    return Cleaned.RESTORED
