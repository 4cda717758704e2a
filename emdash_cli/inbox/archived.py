"""Files of the archive that come back."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Final

from emdash_cli.inbox.files import queue_trouble, sync_directory
from emdash_cli.inbox.filing import free_names, move_in, reason_path

if TYPE_CHECKING:
    from pathlib import Path

_SECOND: Final = re.compile(r"~\d+(?=\.json$)", re.ASCII)
"""What the archive puts behind a name that was taken."""


def returning_name(name: str) -> str:
    """The name under which an archived file goes back: the one that it had."""
    return _SECOND.sub("", name)


def planned_place(path: Path, queue: Path) -> Path:
    """Where `bring_back` would put the file as things stand."""
    target = queue / returning_name(path.name)
    return next(place for place in free_names(target) if not os.path.lexists(place))


def bring_back(path: Path, queue: Path) -> Path | None:
    """Move an archived file into the queue, under a free name, and remove the reason that lay beside it.

    Answers where it is now, durably; None if it is gone.

    Raises:
        QueueTroubleError: the move failed.
    """
    place = move_in(path, queue / returning_name(path.name))
    if place:
        with queue_trouble(path):
            reason_path(path).unlink(missing_ok=True)
            sync_directory(path.parent)
    return place
