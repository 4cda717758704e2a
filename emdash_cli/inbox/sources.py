"""Files that somebody hands in: anywhere, of any kind, or from a pipe."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emdash_cli.inbox.files import UnfitFileError

if TYPE_CHECKING:
    from pathlib import Path
    from typing import BinaryIO


def read(path: Path, stdin: BinaryIO, max_bytes: int) -> bytes:
    """The bytes of a file; of ``-``, those of standard input.

    Raises:
        UnfitFileError: it cannot be read, or has more than `max_bytes`.
    """
    try:
        if str(path) == "-":
            raw = stdin.read(max_bytes + 1)
        else:
            with path.open("rb") as file:
                raw = file.read(max_bytes + 1)
    except IsADirectoryError:
        raise UnfitFileError("it is a directory; name the files in it") from None
    except OSError as error:
        raise UnfitFileError(f"it cannot be read: {error.strerror or error}") from error
    if len(raw) > max_bytes:
        raise UnfitFileError(f"it has more than {max_bytes:,} bytes")
    return raw
