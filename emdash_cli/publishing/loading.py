"""From a name in the queue to an article, or to what is wrong with the file."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol

from emdash_cli.domain.instants import utc_text
from emdash_cli.domain.outcome import Outcome
from emdash_cli.domain.queue_file import MAX_FILE_BYTES, QueueFileError
from emdash_cli.inbox import queue
from emdash_cli.inbox.files import ReadFile, UnfitFileError
from emdash_cli.publishing.groups import Ready
from emdash_cli.publishing.outcomes import Verdict, unfit
from emdash_cli.publishing.prepare import Preparer

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from pathlib import Path
    from zoneinfo import ZoneInfo

    from emdash_cli.domain.article import Article
    from emdash_cli.settings import Stream


class Unfit(NamedTuple):
    """A file of which no article can be made."""

    file: ReadFile
    verdict: Verdict


Loaded = Ready | Unfit


class Loader(Protocol):
    """Makes articles of files; it changes nothing and can be pickled, so that it may run in another process."""

    def __call__(self, name: str, now: datetime) -> Loaded | None:
        """The file's article, or why there is none; None if another run took the file meanwhile.

        Raises:
            QueueTroubleError: trouble that is not the file's fault.
        """
        ...


class QueueLoader:
    """Reads and prepares the files of a stream's queue."""

    def __init__(self, stream: Stream, zone: ZoneInfo, *, strict: bool) -> None:
        self._queue = stream.queue
        self._preparer = Preparer(stream, zone, strict=strict)

    def __call__(self, name: str, now: datetime) -> Loaded | None:
        """See `Loader`."""
        return load(self._queue, name, now, self._preparer.article)


def load(directory: Path, name: str, now: datetime, article: Callable[[ReadFile, datetime], Article]) -> Loaded | None:
    """Read a file and make an article of it; answers and raises as a `Loader` does."""
    file = ReadFile(name, b"", None, now.timestamp())
    try:
        found = queue.read(directory, name, MAX_FILE_BYTES)
        if found is None:
            return None
        file = found
        return Ready(file, article(file, now))
    except UnfitFileError as error:
        return Unfit(file, Verdict(Outcome.REJECTED, None, None, str(error), utc_text(now)))
    except QueueFileError as error:
        return Unfit(file, unfit(error, file, now))
