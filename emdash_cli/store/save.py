"""Save a report as a file."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from emdash_cli.domain.errors import UsageError


def save(path: Path, text: str) -> None:
    """Put the text into the file at once, whoever reads it meanwhile: a web server, a calendar program.

    Raises:
        UsageError: it cannot be written.
    """
    place: str | None = None
    try:
        descriptor, place = tempfile.mkstemp(prefix=f".{path.name[:100]}.", dir=path.parent)
        with os.fdopen(descriptor, "wb") as file:
            file.write(text.encode("utf-8", "replace"))
        mask = os.umask(0)
        os.umask(mask)
        Path(place).chmod(0o666 & ~mask)
        Path(place).replace(path)
    except OSError as error:
        if place is not None:
            Path(place).unlink(missing_ok=True)
        raise UsageError(f"{path} cannot be written: {error.strerror}", hint="name another file") from error
