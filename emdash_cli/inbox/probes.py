"""Find out what the filesystems of a queue and its archive can do by trying it with a temporary dot-file."""

from __future__ import annotations

import errno
import fcntl
import os
import shutil
import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from emdash_cli.inbox.files import printable, queue_trouble
from emdash_cli.inbox.filing import write_new

if TYPE_CHECKING:
    from collections.abc import Iterator
    from random import Random

_PREFIX: Final = ".emdash-doctor-"


class Probe(NamedTuple):
    """The result of a probe.

    Attributes:
        links: whether a file of the queue can be linked into the archive.
        locks: whether a held lock keeps others out.
        modified_at: the time that the filesystem gives to a file written now, in seconds since the epoch.
    """

    links: bool
    locks: bool
    modified_at: float


class ArchivedFile(NamedTuple):
    """An archived file that was published, scheduled or saved as a draft."""

    month: str
    name: str


def probe(queue: Path, archive: Path) -> Probe:
    """Try to write, link and lock in both directories. Nothing is left behind.

    Raises:
        QueueTroubleError: a directory cannot be written.
    """
    with ExitStack() as stack:
        ends = []
        for directory in (queue, archive):
            with queue_trouble(directory):
                ends.append(Path(tempfile.mkdtemp(prefix=_PREFIX, dir=directory)))
            stack.callback(shutil.rmtree, ends[-1], ignore_errors=True)
        source = ends[0] / "probe"
        with queue_trouble(queue):
            write_new(source, b"probe")
            modified_at = source.stat().st_mtime
            return Probe(_links(source, ends[1] / "probe"), _locks(ends[0]), modified_at)


def _links(source: Path, target: Path) -> bool:
    try:
        os.link(source, target)
    except OSError as error:
        if error.errno in {errno.EPERM, errno.EOPNOTSUPP, errno.EMLINK, errno.EACCES, errno.EXDEV}:
            return False
        raise
    return True


def _locks(directory: Path) -> bool:
    first = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    second = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(first, fcntl.LOCK_EX | fcntl.LOCK_NB)
        fcntl.flock(second, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    finally:
        os.close(first)
        os.close(second)
    return False


def sample_archive(archive: Path, outcomes: tuple[str, ...], most: int, chance: Random) -> list[ArchivedFile]:
    """Some archived files, chosen at random from the months and from the files of a month.

    Raises:
        QueueTroubleError: a directory cannot be listed.
    """
    with queue_trouble(archive):
        months = [path for outcome in outcomes for path in _directories(archive / outcome)]
        chance.shuffle(months)
        found: list[ArchivedFile] = []
        for left, month in zip(range(len(months), 0, -1), months, strict=True):
            names = sorted(name for name in _names(month) if _is_article(name))
            share = -(-(most - len(found)) // left)
            found += [ArchivedFile(month.name, name) for name in chance.sample(names, min(share, len(names)))]
    return found


def _directories(path: Path) -> Iterator[Path]:
    if path.is_dir():
        yield from sorted(entry for entry in path.iterdir() if entry.is_dir())


def _names(directory: Path) -> list[str]:
    with os.scandir(directory) as entries:
        return [entry.name for entry in entries]


def _is_article(name: str) -> bool:
    return name.endswith(".json") and not name.startswith(".")


def original_names(name: str) -> list[str]:
    """The names that an archived file may have had in the queue, and hence in the ledger."""
    stem, mark, number = name.removesuffix(".json").rpartition("~")
    return [printable(name), *([printable(f"{stem}.json")] if mark and number.isdigit() else [])]


def is_archived(archive: Path, month: str, name: str) -> bool:
    """Whether a file of that name, possibly with a number appended, is in any folder of that month.

    Raises:
        QueueTroubleError: a directory cannot be listed.
    """
    with queue_trouble(archive):
        for outcome in _directories(archive):
            directory = outcome / month
            if not directory.is_dir():
                continue
            if (directory / name).exists():
                return True
            if any(name in original_names(entry) for entry in _names(directory)):
                return True
    return False
