"""What `emdash cleanup` removes: abandoned temporary files, and the file that keeps everything it removed.

The kept file has one line of JSON for each row of the database and for each temporary file.
"""

from __future__ import annotations

import base64
import json
import os
import stat
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from emdash_cli.domain.errors import UsageError
from emdash_cli.domain.outcome import Cleaned
from emdash_cli.inbox import files
from emdash_cli.inbox.files import UnfitFileError, queue_trouble, signature_of, sync_directory
from emdash_cli.inbox.writing import write_file

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from emdash_cli.inbox.files import ReadFile


FOLDER: Final = "removed"


class RemovedRow(NamedTuple):
    """A row of a table, by column."""

    table: str
    row: dict[str, Any]


class RemovedTemporary(NamedTuple):
    """A file of a queue.

    Attributes:
        modified_at: seconds since the epoch.
    """

    stream: str
    name: str
    modified_at: float
    raw: bytes


Removed = RemovedRow | RemovedTemporary


class Keeper:
    """Writes what is about to be removed. Nothing may be removed before `keep` has returned."""

    def __init__(self, archive: Path, name: str) -> None:
        self.path = archive / FOLDER / name
        self._archive = archive
        self._is_new = True

    @property
    def is_used(self) -> bool:
        """Whether the file exists."""
        return not self._is_new

    def keep(self, items: Iterable[Removed]) -> None:
        """Append a line for each item. The lines are durable when this returns.

        Raises:
            QueueTroubleError: the disk is full, failing or read-only.
        """
        text = "".join(f"{json.dumps(_as_line(item), ensure_ascii=False)}\n" for item in items)
        with queue_trouble(self.path):
            if self._is_new:
                self.path.parent.mkdir(parents=True, exist_ok=True)
            flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
            with os.fdopen(os.open(self.path, flags, 0o644), "ab") as file:
                file.write(text.encode("utf-8", "surrogatepass"))
                file.flush()
                os.fsync(file.fileno())
            if self._is_new:
                for directory in (self.path.parent, self._archive, self._archive.parent):
                    sync_directory(directory)
        self._is_new = False


def _as_line(item: Removed) -> dict[str, Any]:
    if isinstance(item, RemovedRow):
        return {"table": item.table, "row": item.row}
    encoded = base64.b64encode(item.raw).decode()
    return {"stream": item.stream, "file": item.name, "modified_at": item.modified_at, "base64": encoded}


def read_removed(path: Path) -> list[Removed]:
    """The items in a kept file. A truncated last line is ignored, because nothing in it was removed.

    Raises:
        UsageError: `cleanup` did not write this file.
        QueueTroubleError: it cannot be read.
    """
    with queue_trouble(path):
        if not path.is_file():
            raise UsageError(f"there is no file {path}", hint="see archive/removed/")
        *lines, rest = path.read_bytes().split(b"\n")
    found = []
    for number, line in enumerate(lines, 1):
        item = _from_line(line)
        if item is None:
            raise UsageError(
                f"{path}: line {number} was not written by `emdash cleanup`",
                hint="restore from the unchanged file",
                code="not_removed_file",
            )
        found.append(item)
    if last := _from_line(rest):
        found.append(last)
    if not found:
        raise UsageError(
            f"{path} has no complete line written by `emdash cleanup`, so there is nothing to restore",
            hint="look for another file in archive/removed/; what is missing from a file was not removed",
            code="not_removed_file",
        )
    return found


def _from_line(line: bytes) -> Removed | None:
    try:
        match json.loads(line):
            case {"table": str(table), "row": dict(row)}:
                return RemovedRow(table, row)
            case {"stream": str(stream), "file": str(name), "modified_at": int() | float() as at, "base64": str(raw)}:
                return RemovedTemporary(stream, name, float(at), base64.b64decode(raw, validate=True))
            case _:
                return None
    except ValueError:
        return None


MOST_BYTES: Final = 64 << 20
"""Maximum size in bytes of a file that is removed. A larger one is left for a person to review."""

_KEPT: Final = frozenset({".gitkeep", ".gitignore", ".gitattributes", ".keep", ".stignore", ".directory", ".DS_Store"})
"""Dot-names that people and their tools create on purpose."""
_KEPT_PREFIX: Final = ".nfs"
"""An NFS client's name for a file that was deleted but is still open. The client removes it."""


class Leftover(NamedTuple):
    """A regular file with a dot-name.

    Attributes:
        modified_at: seconds since the epoch.
        size: bytes.
    """

    queue: Path
    name: str
    modified_at: float
    size: int


def leftovers(directory: Path, before: float) -> Iterator[Leftover]:
    """Temporary files of a queue that were last written before that instant, ordered by name.

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


def read_leftover(leftover: Leftover) -> ReadFile | None:
    """The bytes of a temporary file; None if it is gone or too large.

    Raises:
        QueueTroubleError: it cannot be read.
    """
    try:
        return files.read(leftover.queue, leftover.name, MOST_BYTES)
    except UnfitFileError:
        return None


def delete_leftover(directory: Path, read: ReadFile) -> bool:
    """Delete a temporary file durably if it has not changed since it was read. Returns whether it was deleted.

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


def restore_leftover(directory: Path, kept: RemovedTemporary, *, is_preview: bool) -> Cleaned:
    """Write a temporary file again with its former time, never over another file.

    Raises:
        QueueTroubleError: the directory cannot be written.
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
