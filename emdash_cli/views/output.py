"""Output of the commands: data on stdout, everything else on stderr, colour only on a terminal."""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final, Self

from emdash_cli.domain.errors import EmdashError, Exit, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from pathlib import Path
    from types import TracebackType
    from zoneinfo import ZoneInfo

    from rich.console import Console

    from emdash_cli.store.session import Session


def is_terminal() -> bool:
    """Whether stdout is a terminal."""
    return sys.stdout.isatty()


_OF_DIFFERENCES = {"+": "green", "-": "red", "@": "cyan"}


def difference(line: str) -> None:
    """A line of a unified diff, as data."""
    data(styled(line, _OF_DIFFERENCES[line[0]]) if line[:1] in _OF_DIFFERENCES else line)


def sanitized(text: str) -> str:
    """The text without control characters, which could control the terminal or break a line."""
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else " " if char in "\t\n\r" else "" for char in text)


def styled(text: str, colour: str, *, err: bool = False) -> str:
    """The text, coloured on a terminal unless NO_COLOR is set (https://no-color.org)."""
    stream = sys.stderr if err else sys.stdout
    if not stream.isatty() or os.environ.get("NO_COLOR"):
        return text
    import typer

    return typer.style(text, fg=colour)


def write(text: str) -> None:
    """Text on stdout.

    Raises:
        EmdashError: the output cannot be written, for example because a disk is full.
        BrokenPipeError: the reader has closed the pipe.
    """
    try:
        sys.stdout.write(text)
    except BrokenPipeError:
        raise
    except OSError as error:
        raise OutputError(f"the output could not be written: {error.strerror}") from error


class OutputError(EmdashError):
    """Standard output cannot be written."""

    exit_code = Exit.STORE
    default_code = "output"


def data(text: str) -> None:
    """One line of data on stdout."""
    write(f"{text}\n")


def note(text: str) -> None:
    """One line for people, on stderr."""
    sys.stderr.write(f"{text}\n")


def notice(text: str) -> None:
    """A remark, on stderr."""
    note(f"note: {text}")


def error(trouble: EmdashError) -> None:
    """An error and what to do next, on stderr."""
    note(f"{styled('error:', 'red', err=True)} {trouble.message}")
    if trouble.hint:
        note(f" next: {trouble.hint}")


class EventReport:
    """The report of a long command, which shows things as they happen, and is finished whatever happens.

    It is a context manager: an `EmdashError` inside its block becomes part of the report.
    """

    def __init__(self) -> None:
        self.troubles: list[EmdashError] = []
        self.notices: list[str] = []
        self._session: Session | None = None

    def follow(self, session: Session) -> None:
        """Show the run of that session."""
        self._session = session

    @property
    def run(self) -> str | None:
        """The id of the run, by which `emdash runs` shows it and `emdash undo` takes it back; None for a dry run."""
        return self._session.run if self._session else None

    @property
    def in_run(self) -> str:
        """The words that name the run to people, after what it did; empty in a pipe, or for a dry run."""
        return f", run {self.run}" if self.run and is_terminal() else ""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, raised: BaseException | None, traceback: TracebackType | None
    ) -> bool:
        """Add the error that ended the command, and finish the report."""
        if isinstance(raised, EmdashError):
            self.add_error(raised)
        self.finish()
        return isinstance(raised, EmdashError)

    def add_error(self, error: EmdashError) -> None:
        """Show why something stopped."""
        self.troubles.append(error)

    def add_notice(self, text: str) -> None:
        """Show a remark."""
        self.notices.append(text)

    def finish(self) -> None:
        """Show the counts."""


def console() -> Console:
    """A Rich console on stdout, without colours if NO_COLOR is set."""
    from rich.console import Console

    return Console(highlight=False, no_color=bool(os.environ.get("NO_COLOR")) or None)


def local_time(text: str | None, zone: ZoneInfo | None, form: str = "%Y-%m-%d %H:%M") -> str:
    """A stored time unchanged, or in local time of that zone; empty if there is none."""
    from emdash_cli.domain.instants import from_utc_text

    if not text or zone is None:
        return text or ""
    try:
        return from_utc_text(text).astimezone(zone).strftime(form)
    except (ValueError, OverflowError):  # Another tool stored text that is not a time.
        return text


def table(header: Sequence[str], rows: Iterable[Sequence[str]], *, whole: str = "") -> None:
    """A table on a terminal; tab-separated lines, without the header, in a pipe.

    The column that `whole` names is never cut or wrapped, so that its cells can be copied.
    """
    if not is_terminal():
        for row in rows:
            data("\t".join(cell.replace("\t", " ").replace("\n", " ") for cell in row))
        return
    from rich import box
    from rich.table import Column, Table
    from rich.text import Text

    columns = (Column(name, no_wrap=name == whole, overflow="fold" if name == whole else "ellipsis") for name in header)
    drawn = Table(*columns, box=box.SIMPLE_HEAD, pad_edge=False)
    for row in rows:
        drawn.add_row(*(Text(cell) for cell in row))
    console().print(drawn)


def save(path: Path, text: str) -> None:
    """Replace the file with the text atomically, so that no reader ever sees a partial file.

    Raises:
        UsageError: it cannot be written.
    """
    import tempfile
    from pathlib import Path

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


LONG: Final = 200
"""The number of pieces of work from which a progress bar is shown."""


@contextmanager
def progress(what: str, count: Callable[[], int]) -> Iterator[Callable[[], None]]:
    """A progress bar on stderr if it is a terminal. Call the result once for each finished piece.

    what: a word or two to show beside the bar.
    count: number of pieces; called only if a bar may be shown, that is, on a terminal.
    """
    total = count() if sys.stderr.isatty() else 0
    if total < LONG:
        yield lambda: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn(what), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(
        *columns,
        console=Console(stderr=True),
        transient=True,
        # Rich redirects output to its own console, above the bar, which is right only if both are the same terminal.
        redirect_stdout=sys.stdout.isatty(),
    ) as bar:
        task = bar.add_task(what, total=total)
        yield lambda: bar.advance(task)
