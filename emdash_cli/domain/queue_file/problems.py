"""What is wrong with a queue file, said so that its author can mend it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable

MOST_SHOWN = 50
LONGEST_PATH = 8
LONGEST_NAME = 60


class Problem(NamedTuple):
    """One thing that is wrong."""

    line: int | None
    """Line of the file, from 1; None where the file as a whole is meant."""
    field: str | None
    """Where in the document, as its author wrote it: ``seo.image``, ``tags[2]``."""
    message: str
    """What is wrong, in one line."""
    hint: str = ""
    """What to do about it; may be empty."""

    def __str__(self) -> str:
        """One line: ``line 4, publish_at: …``."""
        place = ", ".join(part for part in (f"line {self.line}" if self.line else "", self.field or "") if part)
        text = f"{self.message}; {self.hint}" if self.hint else self.message
        return f"{place}: {text}" if place else text


class QueueFileError(ValueError):
    """A file that cannot be taken as an article.

    Attributes:
        problems: everything that was found wrong, in the order of the lines; the first 50 of them.
        incomplete: the bytes are not a whole JSON document, as with a file that is still being written.
    """

    def __init__(self, problems: Iterable[Problem], *, incomplete: bool = False) -> None:
        found = sorted(dict.fromkeys(problems), key=lambda problem: problem.line or 0)
        self.problems: tuple[Problem, ...] = tuple(found[:MOST_SHOWN])
        self.incomplete = incomplete
        more = f" (and {len(found) - 1} more)" if len(found) > 1 else ""
        super().__init__(f"{found[0]}{more}")


def quoted(text: str, longest: int = LONGEST_NAME) -> str:
    """The text as a message may show it: printable ASCII and letters only, shortened, in double quotes."""
    short = text if len(text) <= longest else f"{text[: longest - 1]}…"
    shown = "".join(char if char.isprintable() and char not in '"\\' else ascii(char)[1:-1] for char in short)
    return f'"{shown}"'


def shown_path(path: Iterable[str | int]) -> str:
    """A path into the document as people write it: ``tags[2]``, ``seo.image``, ``metadata["a b"]``."""
    out = ""
    parts = list(path)
    for part in parts[:LONGEST_PATH]:
        if isinstance(part, int):
            out += f"[{part}]"
        elif len(part) <= LONGEST_NAME and part.replace("-", "_").isidentifier():
            out += f".{part}" if out else part
        else:
            out += f"[{quoted(part)}]" if out else quoted(part)
    return f"{out}…" if len(parts) > LONGEST_PATH else out
