"""Write new files into a queue: completely or not at all, never over another file, durable on return."""

from __future__ import annotations

import errno
import fcntl
import os
import re
import secrets
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final, Self

from emdash_cli.domain.errors import UsageError
from emdash_cli.inbox.files import NO_LOCKS, number_of, queue_trouble, sync_directory
from emdash_cli.inbox.filing import capped, write_new

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

WIDTH: Final = 2
"""Digits of the first number in an empty queue: ``01-first.json``."""

_LAST: Final = 10**18 - 1
_MONTH: Final = re.compile(r"\d{4}-\d{2}", re.ASCII)
_ROOM: Final = 40
"""Bytes of a name that are reserved for what the archive may add: ``~123`` and ``.reason.txt``."""
_NO_LINKS: Final = frozenset({errno.EPERM, errno.EOPNOTSUPP, errno.EMLINK})


def file_name(number: int, width: int, stem: str) -> str:
    """The name of a queue file: ``042-first-post.json``, short enough for every suffix that the archive adds."""
    tail = ".json"
    return capped(f"{number:0{width}}-{stem}", "x" * _ROOM + tail) + tail


def next_number(queue: Path, archive: Path) -> tuple[int, int]:
    """The number after the last one in the queue and its archive, and how many digits to pad it to.

    In the archive, only the newest month of each outcome is read, so this stays cheap for years.

    Raises:
        QueueTroubleError: a directory cannot be listed.
        UsageError: the last number has no successor.
    """
    directories = [queue, *_newest_months(archive)]
    numbers = [number for directory in directories for number in _numbers(directory)]
    last, digits = max(numbers, default=(0, "0" * WIDTH), key=lambda number: (number[0], len(number[1])))
    if last >= _LAST:
        raise UsageError(
            f"no number can follow {digits}, the number of a file in {queue} or its archive",
            hint="rename that file",
        )
    return last + 1, len(digits)


def planned(queue: Path, archive: Path, stems: Sequence[str]) -> list[Path]:
    """Where `add` would put files with these stems. The directories need not exist yet."""
    number, width = next_number(queue, archive) if queue.is_dir() and archive.is_dir() else (1, WIDTH)
    return [queue / file_name(number + place, width, stem) for place, stem in enumerate(stems)]


def _numbers(directory: Path) -> Iterator[tuple[int, str]]:
    with queue_trouble(directory), os.scandir(directory) as entries:
        for entry in entries:
            if entry.name.endswith(".json") and (number := number_of(entry.name)):
                yield number


def _newest_months(archive: Path) -> Iterator[Path]:
    with queue_trouble(archive):
        outcomes = [entry.path for entry in os.scandir(archive) if entry.is_dir(follow_symlinks=False)]
        for outcome in outcomes:
            months = [entry.name for entry in os.scandir(outcome) if _MONTH.fullmatch(entry.name)]
            if months:
                yield archive / outcome / max(months)


@contextmanager
def _taking_turns(archive: Path) -> Iterator[None]:
    """Keep other writers of the queue out, so that no two of them choose the same number.

    It locks the archive, because publishing holds the queue's lock, possibly for a long time. On a filesystem without
    locks, two files may get the same number; neither is lost, because no file is ever overwritten.
    """
    with queue_trouble(archive):
        descriptor = os.open(archive, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        with queue_trouble(archive), _where_locks_exist():
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


@contextmanager
def _where_locks_exist() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno not in NO_LOCKS:
            raise


class Drafts:
    """Files that are written and synced under a dot-name until they are given their final names.

    Use it as a context manager: files without a final name are removed at the end of the block.
    """

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._drafts: list[Path] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for draft in self._drafts:
            draft.unlink(missing_ok=True)

    def write(self, raw: bytes) -> Path:
        """Write and sync one file under a name that readers ignore.

        Raises:
            QueueTroubleError: the disk is full, failing or read-only.
        """
        draft = self._directory / f".emdash-{secrets.token_hex(8)}.tmp"
        with queue_trouble(self._directory):
            self._drafts.append(draft)
            write_new(draft, raw)
        return draft

    def reveal(self, draft: Path, name: str) -> bool:
        """Give a draft its final name, unless another file has that name. Durable after `sync`.

        Raises:
            QueueTroubleError: the directory cannot be written.
        """
        with queue_trouble(self._directory):
            try:
                _link(draft, self._directory / name)
            except FileExistsError:
                return False
        return True

    def sync(self) -> None:
        """Make the names durable.

        Raises:
            QueueTroubleError: the directory could not be synced.
        """
        with queue_trouble(self._directory):
            sync_directory(self._directory)


def _link(draft: Path, place: Path) -> None:
    try:
        os.link(draft, place, follow_symlinks=False)
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        # Without hard links, an empty file reserves the name for the instant until the draft replaces it. Readers
        # ignore
        # an empty file that young.
        write_new(place, b"")
        draft.rename(place)


def write_file(path: Path, raw: bytes) -> bool:
    """Write a new file, completely and durably. Returns False if the file already exists.

    Raises:
        QueueTroubleError: the directory or its disk cannot be written.
    """
    with Drafts(path.parent) as drafts:
        is_new = drafts.reveal(drafts.write(raw), path.name)
        drafts.sync()
    return is_new


def add(queue: Path, archive: Path, files: Sequence[tuple[str, bytes]]) -> list[Path]:
    """Add files to a queue, in this order, after all existing ones. They are durable when this returns.

    All of them are on disk before the first one becomes visible.

    Args:
        queue: the target directory.
        archive: of the same stream.
        files: the stem of the name and the bytes of each file.

    Raises:
        QueueTroubleError: a directory or its disk cannot be written.
        UsageError: see `next_number`.
    """
    places = []
    with Drafts(queue) as drafts:
        written = [drafts.write(raw) for _, raw in files]
        with _taking_turns(archive):
            number, width = next_number(queue, archive)
            for draft, (stem, _) in zip(written, files, strict=True):
                while not drafts.reveal(draft, file_name(number, width, stem)):
                    number += 1
                places.append(queue / file_name(number, width, stem))
                number += 1
            drafts.sync()
    return places
