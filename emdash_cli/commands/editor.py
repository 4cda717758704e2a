"""Edit a text in the user's editor without ever losing what they typed."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import signal
import subprocess
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeVar

from emdash_cli.domain.errors import EmdashError, RefusedChangeError, UsageError
from emdash_cli.domain.portable_text import PortableTextError
from emdash_cli.domain.queue_file import QueueFileError
from emdash_cli.scheduling.edits import MARK, without_marks
from emdash_cli.scheduling.schedule import CHANGED_MEANWHILE
from emdash_cli.views import output

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_T = TypeVar("_T")

_FAULT: Final = f"{MARK} !"
"""Starts each line of errors above the document."""


def command() -> list[str]:
    """The user's editor: VISUAL, or EDITOR, or vi.

    Raises:
        UsageError: the editor was not found.
    """
    chosen = os.environ.get("VISUAL") or os.environ.get("EDITOR") or "vi"
    try:
        words = shlex.split(chosen)
    except ValueError as error:
        raise UsageError(f"VISUAL or EDITOR is {chosen!r}, which is not a command: {error}") from error
    if not words or shutil.which(words[0]) is None:
        raise UsageError(f"editor {chosen!r} not found", hint="set VISUAL or EDITOR, or use --file or other options")
    return words


def edited(text: str, name: str, take: Callable[[str], _T], *, keep: bool = False) -> _T | None:
    """Let the user edit a text and return the result of `take`, or None if the user emptied it.

    If `take` refuses the text, it is opened again with the errors at the top, until the user leaves it unchanged. If
    the edit fails for any reason, the file is kept, and a message on stderr says where.

    Args:
        text: the text to edit.
        name: of the post, used in the file name.
        take: raises `QueueFileError`, `PortableTextError`, `UsageError` or `RefusedChangeError` for errors that the
            user can fix.
        keep: whether to keep the file after a success, too.

    Raises:
        EmdashError: `take` raised it, or the editor cannot be run.
    """
    words = command()
    descriptor, place = tempfile.mkstemp(prefix=f"emdash-{re.sub(r'[^A-Za-z0-9_-]', '-', name)[:60]}-", suffix=".md")
    path = Path(place)
    with os.fdopen(descriptor, "wb") as file:
        file.write(text.encode("utf-8", "replace"))
    with _kept_on_trouble(path, text, keep=keep):
        return _until_taken(words, path, take)


def _until_taken(words: list[str], path: Path, take: Callable[[str], _T]) -> _T | None:
    refused: str | None = None
    while True:
        before = _held(path)
        _run(words, path)
        raw = _held(path)
        try:
            text = raw.decode("utf-8-sig").replace("\r\n", "\n")
            return take(text) if without_marks(text).strip() else None
        except (QueueFileError, PortableTextError, UnicodeDecodeError, UsageError, RefusedChangeError) as error:
            final = _as_error(error)
            if raw == before or isinstance(error, UnicodeDecodeError) or final.code == CHANGED_MEANWHILE:
                raise final from error
            if without_marks(text) == refused:  # The same errors again, for example from a script used as the editor.
                raise final from error
            refused = without_marks(text)
            path.write_text(_with_faults(text, error), "utf-8")


@contextmanager
def _kept_on_trouble(path: Path, text: str, *, keep: bool) -> Iterator[None]:
    """Remove the file after a success; keep it after a failure."""
    try:
        yield
    except BaseException:
        if _held(path) in (b"", text.encode("utf-8", "replace")):
            path.unlink(missing_ok=True)
        else:
            output.note(_kept_in(path))
        raise
    if keep and without_marks(_held(path).decode("utf-8", "replace")).strip():
        output.note(_kept_in(path))
    else:
        path.unlink(missing_ok=True)


def _kept_in(path: Path) -> str:
    return f"your text was kept in {path}; to apply it, run `emdash edit` with --file"


def _held(path: Path) -> bytes:
    """The content of the file; empty if the editor deleted it, which also abandons the edit."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return b""


def _run(words: list[str], path: Path) -> None:
    # While the editor runs, Ctrl-C belongs to the editor. Unlike SIG_IGN, the editor does not inherit a handler.
    before = signal.signal(signal.SIGINT, lambda *_: None)
    try:
        done = subprocess.run([*words, str(path)], check=False)  # noqa: S603 - the user's own editor
    except OSError as error:
        raise UsageError(f"the editor {words[0]} cannot be run: {error.strerror}") from error
    finally:
        signal.signal(signal.SIGINT, before)
    if done.returncode:
        raise EmdashError(
            f"the editor {words[0]} exited with code {done.returncode}; nothing was changed", code="editor_failed"
        )


def _as_error(error: Exception) -> EmdashError:
    match error:
        case EmdashError():
            return error
        case QueueFileError():
            return UsageError("; ".join(str(problem) for problem in error.problems))
        case UnicodeDecodeError():
            return UsageError(f"the text is not UTF-8: {error.reason} at byte {error.start}")
        case _:
            return UsageError(str(error), hint="see docs/portable-text.md")


def _with_faults(text: str, error: Exception) -> str:
    """The document without the errors above it. Line numbers in errors count those lines, too."""
    body = without_marks(text)
    marks = text[: len(text) - len(body)].splitlines()
    kept = [line for line in marks if not line.startswith(_FAULT)]
    if isinstance(error, QueueFileError):
        moved = len(kept) + len(error.problems) - len(marks)
        problems = [
            problem if problem.line is None else problem._replace(line=problem.line + moved)
            for problem in error.problems
        ]
        faults = [str(problem) for problem in problems]
    else:
        found = _as_error(error)
        faults = [f"{found.message}; {found.hint}" if found.hint else found.message]
    return "\n".join([*kept, *(f"{_FAULT} {' '.join(fault.split())}" for fault in faults), body])
