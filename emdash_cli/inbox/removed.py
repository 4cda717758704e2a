"""Files of JSON lines that keep what was removed: a line for each row or temporary file."""

from __future__ import annotations

import base64
import json
import os
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from emdash_cli.domain.errors import UsageError
from emdash_cli.inbox.files import queue_trouble, sync_directory

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

FOLDER: Final = "removed"


class RemovedRow(NamedTuple):
    """A row of a table, by its columns."""

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
    """Writes what is about to be removed; nothing may be removed before `keep` has returned."""

    def __init__(self, archive: Path, name: str) -> None:
        self.path = archive / FOLDER / name
        self._archive = archive
        self._is_new = True

    @property
    def is_used(self) -> bool:
        """Whether there is a file."""
        return not self._is_new

    def keep(self, items: Iterable[Removed]) -> None:
        """Append a line for each; durable when it returns.

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
    """What a file keeps; a last line that was cut off is left out, since nothing of it was removed.

    Raises:
        UsageError: it is not such a file.
        QueueTroubleError: it cannot be read.
    """
    with queue_trouble(path):
        if not path.is_file():
            raise UsageError(f"there is no file {path}", hint="look into archive/removed/")
        *lines, rest = path.read_bytes().split(b"\n")
    found = []
    for number, line in enumerate(lines, 1):
        item = _from_line(line)
        if item is None:
            raise UsageError(
                f"{path}: line {number} is not one that `emdash cleanup` writes",
                hint="restore from the file as it was written",
                code="not_removed_file",
            )
        found.append(item)
    if last := _from_line(rest):
        found.append(last)
    if not found:
        raise UsageError(
            f"{path} holds no whole line that `emdash cleanup` writes, so there is nothing in it to put back",
            hint="look into archive/removed/ for another one; of what a file lacks, nothing was removed",
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
