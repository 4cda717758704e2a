"""Move files between queue and archive, count archived files, and move them back.

No file is ever moved over another. A move is durable once synced, and can safely be repeated. Paths on the way from
queue to archive are texts: pathlib would take longer for a file than the three system calls of its move.
"""

from __future__ import annotations

import errno
import os
import re
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

from emdash_cli.domain.errors import UsageError
from emdash_cli.domain.outcome import Outcome
from emdash_cli.inbox.files import NAME_BYTES, ChangedFileError, Signature, queue_trouble, signature_of, sync_directory

if TYPE_CHECKING:
    from collections.abc import Iterator


REASON = ".reason.txt"
UNDONE: Final = "undone"
"""The folder, beside those of the outcomes, for files of posts that `emdash undo` took back; see `inbox.undone`."""


def check(queue: Path, archive: Path) -> None:
    """Check, before anything is published, that files can be moved between the two directories.

    Raises:
        UsageError: a directory is missing, or the two are on different filesystems.
        QueueTroubleError: a directory above them may not be entered.
    """
    for directory in (queue, archive):
        with queue_trouble(directory):
            is_there = directory.is_dir()
        if not is_there:
            raise UsageError(
                f"there is no directory {directory}",
                hint="run `emdash init`, or correct emdash.toml",
                code="no_directory",
            )
    if queue.stat().st_dev != archive.stat().st_dev:
        raise UsageError(
            f"{queue} and {archive} are on different filesystems, so files cannot be moved between them atomically",
            hint="put the archive on the same filesystem as the queue",
            code="two_filesystems",
        )


class Archive:
    """The archive of one stream: a folder per outcome, with a folder per month inside."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._dirty: set[str] = set()
        self._left: set[str] = set()
        self._made: set[str] = set()
        self._folders: dict[tuple[str, str], str] = {}

    def path(self, name: str, outcome: str, recorded_at: str) -> str:
        """The place of a file with that outcome, in the month of a UTC text."""
        key = (outcome, recorded_at[:7])
        if (folder := self._folders.get(key)) is None:
            folder = self._folders[key] = str(self.root / outcome / recorded_at[:7])
        return f"{folder}/{name}"

    def lacks(self, source: str, target: str) -> bool:
        """Whether `target` is free: it is missing, or it is `source` itself under its new name."""
        return not os.path.lexists(target) or _same_file(source, target)

    def file_away(self, source: str, target: str, signature: Signature | None, reason: str = "") -> str | None:
        """Move a file of the queue to `target`, or to a free name beside it, together with its reason.

        Returns where the file is now, or None if another run has moved it. The move is durable after `sync` and
        `close`.

        Args:
            source: the file in the queue.
            target: its place in the archive.
            signature: identity of the file that was read; None if it could not be read.
            reason: for people; written beside the file before the file is moved. Empty: none is written.

        Raises:
            ChangedFileError: the file is not the one that was read; it was left where it is.
            QueueTroubleError: the move failed through no fault of the file's.
        """
        with queue_trouble(source):
            directory = self._directory_of(target)
            place = _move(source, target, signature, reason)
            if place:
                self._dirty.add(directory)
                self._left.add(source.rpartition("/")[0])
        return place

    def keep(self, raw: bytes, target: str) -> str:
        """Write bytes under `target` or a free name beside it: what was read of a file that changed afterwards."""
        with queue_trouble(target):
            directory = self._directory_of(target)
            for place in free_names(target):
                try:
                    write_new(place, raw)
                except FileExistsError:
                    continue
                break
            self._dirty.add(directory)
        return place

    def _directory_of(self, target: str) -> str:
        """The directory of the target, created if necessary."""
        directory = target.rpartition("/")[0]
        if directory not in self._made:
            path = Path(directory)
            path.mkdir(parents=True, exist_ok=True)
            self._dirty |= {str(self.root), str(path.parent)}
            self._made.add(directory)
        return directory

    def sync(self) -> None:
        """Make the new names of the moved files durable.

        Until `close`, a power cut may bring a file's old name back as a second name; the next run removes such a name.

        Raises:
            QueueTroubleError: a directory could not be synced.
        """
        _sync_all(self._dirty)

    def close(self) -> None:
        """Make the removal of the files' old names durable.

        Raises:
            QueueTroubleError: a directory could not be synced.
        """
        _sync_all(self._left)


def _sync_all(directories: set[str]) -> None:
    while directories:
        path = directories.pop()
        with queue_trouble(path):
            sync_directory(path)


def write_new(path: str | Path, raw: bytes) -> None:
    """Write and sync a file that must not exist yet. The directory is not synced.

    Raises:
        FileExistsError: it exists.
        OSError: the write failed; the partial file was removed.
    """
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o644)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(raw)
            file.flush()
            os.fsync(descriptor)
    except BaseException:
        Path(path).unlink(missing_ok=True)
        raise


def move_in(source: Path, target: Path) -> Path | None:
    """Move a file durably to `target` or a free name beside it. Returns the new path, or None if the file is gone.

    Raises:
        QueueTroubleError: the move failed.
    """
    with queue_trouble(source):
        place = _move(str(source), str(target), None, "")
        for directory in {source.parent, target.parent}:
            sync_directory(directory)
    return Path(place) if place else None


def _move(source: str, target: str, signature: Signature | None, reason: str) -> str | None:
    for place in free_names(target):
        if reason and os.path.lexists(source) and (not os.path.lexists(place) or _same_file(source, place)):
            _write_reason(place, reason)
        try:
            if _taken(source, place, signature):
                return place
        except FileNotFoundError:
            return None
    return None


def _taken(source: str, place: str, signature: Signature | None) -> bool:
    """Move a file to exactly this place, unless another file is there."""
    try:
        os.link(source, place, follow_symlinks=False)
    except FileExistsError:
        if not _same_file(source, place):
            return False
    except OSError as error:
        # Directories cannot be linked, and some filesystems have no hard links.
        if error.errno not in {errno.EPERM, errno.EOPNOTSUPP, errno.EACCES, errno.EMLINK}:
            raise
        if os.path.lexists(place):
            return False
        _refuse_changed(source, signature)
        Path(source).rename(place)
        return True
    try:
        _refuse_changed(place, signature)
    except ChangedFileError:
        Path(place).unlink()
        raise
    with suppress(FileNotFoundError):
        os.unlink(source)  # noqa: PTH108 - see the module's docstring
    return True


def _refuse_changed(path: str, signature: Signature | None) -> None:
    if signature is not None and signature_of(os.lstat(path)) != signature:
        raise ChangedFileError


def _write_reason(place: str, reason: str) -> None:
    """Write a reason before its file is moved, so that a kill in between leaves no file without a reason."""
    path = reason_path(place)
    Path(path).unlink(missing_ok=True)
    with suppress(FileExistsError):  # Another run has just written it.
        write_new(path, reason.encode())


def _same_file(one: str, other: str) -> bool:
    """Whether a run was killed after it linked the file and before it removed the old name."""
    try:
        return signature_of(os.lstat(one)) == signature_of(os.lstat(other))
    except FileNotFoundError:
        return False


def free_names(target: str) -> Iterator[str]:
    """The names to try for a file, in order and without end: `target` itself, then names derived from it."""
    yield target
    directory, slash, name = target.rpartition("/")
    stem, dot, ending = name.rpartition(".")
    if not stem:
        stem, dot, ending = name, "", ""
    number = 2
    while True:
        tail = f"~{number}{dot}{ending}"
        yield f"{directory}{slash}{capped(stem, tail)}{tail}"
        number += 1


def reason_path(place: str) -> str:
    """The path of the reason for an archived file."""
    directory, slash, name = place.rpartition("/")
    return f"{directory}{slash}{capped(name, REASON)}{REASON}"


def capped(stem: str, tail: str) -> str:
    """The stem, shortened so that the stem and its tail fit into a file name."""
    room = NAME_BYTES - len(os.fsencode(tail))
    return os.fsdecode(os.fsencode(stem)[:room]) if len(os.fsencode(stem)) > room else stem


def count_by_outcome(archive: Path) -> dict[str, int]:
    """The number of files by outcome, without reasons. It reads only names, and does not keep them in memory.

    Other folders are ignored: the archive of another stream may be one of them.

    Raises:
        QueueTroubleError: a directory cannot be listed.
    """
    counts: dict[str, int] = {}
    if not archive.is_dir():
        return counts
    with queue_trouble(archive):
        for outcome in Outcome:
            if (archive / outcome).is_dir():
                counts[str(outcome)] = sum(_files(month) for month in _directories(archive / outcome))
    return counts


def _directories(path: str | Path) -> Iterator[os.DirEntry[str]]:
    with os.scandir(path) as entries:
        yield from (entry for entry in entries if entry.is_dir(follow_symlinks=False))


def _files(month: os.DirEntry[str]) -> int:
    with os.scandir(month.path) as entries:
        return sum(not entry.name.endswith(REASON) for entry in entries)


_SECOND: Final = re.compile(r"~\d+(?=\.json$)", re.ASCII)
"""The suffix that the archive adds to a name that was taken."""


def returning_name(name: str) -> str:
    """The name under which an archived file returns to the queue, which is its former name."""
    return _SECOND.sub("", name)


def planned_place(path: Path, queue: Path) -> Path:
    """Where `bring_back` would put the file at present."""
    target = queue / returning_name(path.name)
    return Path(next(place for place in free_names(str(target)) if not os.path.lexists(place)))


def bring_back(path: Path, queue: Path) -> Path | None:
    """Move an archived file back into the queue under a free name, and remove the reason beside it.

    Returns where the file is now, durably, or None if it is gone.

    Raises:
        QueueTroubleError: the move failed.
    """
    place = move_in(path, queue / returning_name(path.name))
    if place:
        with queue_trouble(path):
            Path(reason_path(str(path))).unlink(missing_ok=True)
            sync_directory(path.parent)
    return place
