"""What the actions need from the outside: a database that takes atomic batches, and a clock."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple, Protocol, runtime_checkable

if TYPE_CHECKING:
    from collections.abc import Sequence

Value = str | int | float | None
"""What a statement binds and a row holds. Never bytes: JSON, which carries D1's rows, has none."""

Row = dict[str, Value]

Clock = Callable[[], datetime]
"""Answers the present instant, aware, in UTC."""


class Statement(NamedTuple):
    """One SQL statement and the values of its numbered parameters (``?1``, ``?2``, …).

    Engines may bind whole numbers as REAL (D1 does, since JSON has one kind of number), so SQL that
    stores or compares an integer parameter says ``CAST(?n AS INTEGER)``.
    """

    sql: str
    params: tuple[Value, ...] = ()


class Limits(NamedTuple):
    """How much one batch may carry on an engine."""

    group_articles: int
    """Articles in one batch, at most."""
    group_bytes: int
    """Bytes of articles in one batch, about, at most."""
    value_bytes: int
    """Bytes of one value, at most."""


class Database(Protocol):
    """A store that executes batches; an engine is one implementation of this.

    Every method raises a subclass of `emdash_cli.domain.errors.DatabaseError` and nothing else.
    """

    @property
    def limits(self) -> Limits:
        """What one batch may carry."""
        ...

    def query(self, statement: Statement) -> list[Row]:
        """Rows of one statement that only reads."""
        ...

    def batch(self, statements: Sequence[Statement]) -> list[list[Row]]:
        """Execute all statements in one transaction: all of them take effect, or none does.

        A later statement sees what an earlier one wrote. Answers the rows of each statement, in order;
        a statement that yields none has an empty list. When this returns, the changes are durable.
        The statements must be safe to send again: an engine may do so after a lost reply.
        """
        ...

    def close(self) -> None:
        """Release the connection; closing twice does nothing."""
        ...


@runtime_checkable
class Bookmarked(Protocol):
    """A store that keeps its own history, so that it can be brought back to what it was."""

    def bookmark(self) -> str:
        """Names the present state; shown to people before a change that they may want to undo."""
        ...
