"""Put the archived files of posts that were taken back aside, and back into their places.

A file in ``undone/`` is not published again: neither by a run over the queue, where it does not lie, nor by an import
of the archive, which leaves this folder out. `emdash requeue` takes it from there.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from emdash_cli.inbox import filing
from emdash_cli.inbox.files import queue_trouble
from emdash_cli.inbox.filing import UNDONE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


class Place(NamedTuple):
    """Where a file was archived.

    Attributes:
        name: of the file, as it was in the queue.
        outcome: the folder.
        at: UTC text; its month is the folder inside.
    """

    name: str
    outcome: str
    at: str


def put_aside(archive: filing.Archive, place: Place, is_it: Callable[[Path], bool], reason: str) -> str | None:
    """Move the file to ``undone/`` with the reason beside it; returns where it is now, or None if it is not there.

    Args:
        archive: of its stream.
        place: where it was archived.
        is_it: tells the file from others of its name.
        reason: a line for people.

    Raises:
        QueueTroubleError: the file could not be moved.
    """
    source = _found(archive, place, is_it)
    if source is None:
        return None
    target = archive.path(filing.returning_name(source.name), UNDONE, place.at)
    moved = archive.file_away(str(source), target, None)
    if moved:
        with queue_trouble(moved):
            # Not synced, which would take longer than everything else: `emdash history` says the same.
            Path(filing.reason_path(moved)).write_text(reason, "utf-8")
    _forget_reason(source)
    return moved


def bring_back(archive: filing.Archive, place: Place, is_it: Callable[[Path], bool]) -> str | None:
    """Move the file from ``undone/`` to its place in the archive; returns as `put_aside`.

    Raises:
        QueueTroubleError: the file could not be moved.
    """
    source = _found(archive, place._replace(outcome=UNDONE), is_it)
    if source is None:
        return None
    target = archive.path(filing.returning_name(source.name), place.outcome, place.at)
    moved = archive.file_away(str(source), target, None)
    _forget_reason(source)
    return moved


def find(archive: filing.Archive, place: Place, is_it: Callable[[Path], bool]) -> Path | None:
    """Where the file lies at present; None if it is not there."""
    return _found(archive, place, is_it)


def _forget_reason(source: Path) -> None:
    with queue_trouble(source):
        Path(filing.reason_path(str(source))).unlink(missing_ok=True)


def _found(archive: filing.Archive, place: Place, is_it: Callable[[Path], bool]) -> Path | None:
    folder = Path(archive.path(place.name, place.outcome, place.at)).parent
    return next((path for path in _named(folder, place.name) if is_it(path)), None)


def _named(folder: Path, name: str) -> Iterator[Path]:
    """The files of that name, and those that the archive has renamed because the name was taken."""
    if (folder / name).is_file():
        yield folder / name
    stem, dot, ending = name.rpartition(".")
    pattern = re.compile(rf"{re.escape(stem)}~\d+{re.escape(dot + ending)}", re.ASCII)
    if folder.is_dir():
        with queue_trouble(folder):
            names = sorted(other for other in os.listdir(folder) if pattern.fullmatch(other))  # noqa: PTH208
        yield from (folder / other for other in names)
