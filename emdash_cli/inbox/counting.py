"""How many files an archive holds."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from emdash_cli.domain.outcome import Outcome
from emdash_cli.inbox.files import queue_trouble

_REASON = ".reason.txt"

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def archived(archive: Path) -> dict[str, int]:
    """Files by outcome, reasons left out; names are read and forgotten, and no file is looked at.

    Other folders are left alone: the archive of another stream may be one of them.

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
        return sum(not entry.name.endswith(_REASON) for entry in entries)
