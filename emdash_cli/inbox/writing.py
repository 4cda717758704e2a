"""Writing new files into a queue: whole or not at all, never over another file, durable when it returns."""

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
"""Digits of the first number of an empty queue: ``01-first.json``."""

_LAST: Final = 10**18 - 1
_MONTH: Final = re.compile(r"\d{4}-\d{2}", re.ASCII)
_ROOM: Final = 40
"""Bytes that a name leaves for what the archive may add to it: ``~123`` and ``.reason.txt``."""
_NO_LINKS: Final = frozenset({errno.EPERM, errno.EOPNOTSUPP, errno.EMLINK})


def file_name(number: int, width: int, stem: str) -> str:
    """The name of a queue file: ``042-first-post.json``; short enough for every suffix that the archive adds."""
    tail = ".json"
    return capped(f"{number:0{width}}-{stem}", "x" * _ROOM + tail) + tail


def next_number(queue: Path, archive: Path) -> tuple[int, int]:
    """The number after the last one of the queue and of its archive, and how many digits it is padded to.

    Of the archive only the newest month of each outcome is looked at, so that this stays cheap for years.

    Raises:
        QueueTroubleError: a directory cannot be listed.
        UsageError: the last number has no successor.
    """
    directories = [queue, *_newest_months(archive)]
    numbers = [number for directory in directories for number in _numbers(directory)]
    last, digits = max(numbers, default=(0, "0" * WIDTH), key=lambda number: (number[0], len(number[1])))
    if last >= _LAST:
        raise UsageError(
            f"no number comes after {digits}, which a file in {queue} or its archive begins with",
            hint="give that file another name",
        )
    return last + 1, len(digits)


def planned(queue: Path, archive: Path, stems: Sequence[str]) -> list[Path]:
    """Where `add` would put files of these stems; the directories need not be there yet."""
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
    """Hold back other writers of the queue, so that no two derive the same number.

    It locks the archive, since the lock of the queue belongs to publishing, which may take long. On a filesystem
    without locks two files may get one number; neither is lost, for no file is ever written over another one.
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
    """Files that lie written and synced under a dot-name, until they are given the names that readers see.

    A context manager: what has no name at the end of the block is removed.
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
        """Write and sync one file under a name that no reader looks at.

        Raises:
            QueueTroubleError: the disk is full, failing or read-only.
        """
        draft = self._directory / f".emdash-{secrets.token_hex(8)}.tmp"
        with queue_trouble(self._directory):
            self._drafts.append(draft)
            write_new(draft, raw)
        return draft

    def reveal(self, draft: Path, name: str) -> bool:
        """Give a draft its name, unless another file has it; durable after `sync`.

        Raises:
            QueueTroubleError: the directory does not take it.
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
        # No hard links here: an empty file keeps the name for the instant until the draft replaces it. A reader
        # leaves a file alone that is empty and that young.
        write_new(place, b"")
        draft.rename(place)


def write_file(path: Path, raw: bytes) -> bool:
    """Write a new file, whole and durable; answers whether it was written: there may be one already.

    Raises:
        QueueTroubleError: the directory or its disk does not take it.
    """
    with Drafts(path.parent) as drafts:
        is_new = drafts.reveal(drafts.write(raw), path.name)
        drafts.sync()
    return is_new


def add(queue: Path, archive: Path, files: Sequence[tuple[str, bytes]]) -> list[Path]:
    """Add files to a queue, in this order, after all that are there; durable when it returns.

    All of them are on the disk before the first one can be seen.

    Args:
        queue: the directory that they go to.
        archive: of the same stream.
        files: of each the stem of its name, and its bytes.

    Raises:
        QueueTroubleError: a directory or its disk does not take them.
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
