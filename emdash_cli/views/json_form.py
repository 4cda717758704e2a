"""The JSON form of a report: a frozen document, printed whole or while it grows."""

from __future__ import annotations

import json
import sys
from functools import lru_cache
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Self, TypeVar

import msgspec

from emdash_cli.views import output

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from emdash_cli.domain.errors import EmdashError


_Outcome = TypeVar("_Outcome", bound=str)


class Document(msgspec.Struct, frozen=True):
    """An object that ``--json`` prints, or a part of one.

    The docstrings of its classes are the reference of the JSON: their paragraphs describe the object, the
    first one in a few words, and ``Attributes`` lists every key by its name in the JSON. `emdash schema` and
    docs/json.md show both.
    """

    @classmethod
    def of(cls, found: object, **others: Any) -> Self:
        """The document of a result that has attributes of the same names, except for `others`."""
        if not others:
            return cls(*_values(cls, found))
        names = cls.__struct_fields__
        return cls(**{name: others[name] if name in others else getattr(found, name) for name in names})


def _values(kind: type[Document], found: object) -> tuple[Any, ...]:
    """The attributes that a document takes over, read at once: some documents have ten thousand parts."""
    return _reader(kind.__struct_fields__)(found)


@lru_cache
def _reader(names: tuple[str, ...]) -> Callable[[object], tuple[Any, ...]]:
    # `attrgetter` of a single name returns no tuple.
    return attrgetter(*names) if len(names) > 1 else lambda found: tuple(getattr(found, name) for name in names)


class Error(Document, frozen=True):
    """Something that a user can cause or fix.

    Attributes:
        code: A stable name in snake_case, for programs.
        message: What is wrong, where and why, for people.
        hint: What to do next, for people; may be empty.
        retryable: Whether the same command may succeed later without any change.
    """

    code: str
    message: str
    hint: str
    retryable: bool


class Failure(Document, frozen=True):
    """Why a command failed.

    It is the whole document if a command fails before it has anything to report.

    Attributes:
        error: Why it failed.
    """

    error: Error


def described(errors: Iterable[EmdashError]) -> tuple[Error, ...]:
    """Errors as parts of a document."""
    return tuple(Error.of(error) for error in errors)


def counted(counts: Mapping[_Outcome, int]) -> dict[str, int]:
    """Counts by outcome, by plain text in place of members of an enumeration."""
    return {str(outcome): count for outcome, count in counts.items()}


def text(document: object) -> str:
    """A document as ``--json`` prints it: indented on a terminal, on one line in a pipe."""
    return _encoded(document, 2 if output.is_terminal() else 0)


def line(document: object) -> str:
    """A document on one line, wherever it is printed."""
    return _encoded(document)


def show(document: object) -> None:
    """Print the one document of ``--json``."""
    output.data(text(document))


def show_failure(error: EmdashError) -> None:
    """Print why a command failed as its one document."""
    show(Failure(Error.of(error)))


def _encoded(document: object, indent: int = 0) -> str:
    try:
        return msgspec.json.format(msgspec.json.encode(document), indent=indent).decode()
    except UnicodeEncodeError:  # The path of a file whose name is not UTF-8: JSON can represent its bytes as escapes.
        return json.dumps(msgspec.to_builtins(document), indent=indent or None)


class Growing:
    """A document whose list of outcomes is printed as they come, each on a line of its own.

    Args:
        empty: the document without outcomes; the part before them is final.
    """

    def __init__(self, empty: Document) -> None:
        self._before = self._around(empty)[0]
        self._is_begun = False

    def add(self, outcome: Document) -> None:
        """Print one outcome."""
        output.write(f"{',' if self._is_begun else self._before}\n{_encoded(outcome)}")
        self._is_begun = True

    def end(self, empty: Document) -> None:
        """Print the rest: the part of the document after the outcomes."""
        if not self._is_begun:
            output.write(self._before)
        output.write(f"\n{self._around(empty)[1]}\n")
        sys.stdout.flush()

    @staticmethod
    def _around(empty: Document) -> tuple[str, str]:
        # The quotes of a text would be escaped: only the key itself can be found.
        before, _, after = _encoded(empty).partition('"outcomes": []')
        return f'{before}"outcomes": [', f"]{after}"
