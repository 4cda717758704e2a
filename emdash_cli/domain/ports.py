"""What the features need from the outside: a database that executes atomic batches, and a clock."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple, Protocol, runtime_checkable

if TYPE_CHECKING:
    from collections.abc import Sequence

Value = str | int | float | None
"""A value that a statement binds or a row contains. Never bytes, because JSON, in which D1 sends rows, has none."""

Row = dict[str, Value]

Clock = Callable[[], datetime]
"""Returns the present instant, aware, in UTC."""


class Statement(NamedTuple):
    """One SQL statement and the values of its numbered parameters (``?1``, ``?2``, …).

    Engines may bind whole numbers as REAL (D1 does, since JSON has only one kind of number), so SQL that stores or
    compares an integer parameter uses ``CAST(?n AS INTEGER)``.
    """

    sql: str
    params: tuple[Value, ...] = ()


class Limits(NamedTuple):
    """The limits of one batch on an engine."""

    group_articles: int
    """Maximum number of articles in one batch."""
    group_bytes: int
    """Approximate maximum number of bytes of articles in one batch."""
    value_bytes: int
    """Maximum number of bytes in one value."""
    is_remote: bool = False
    """Whether a batch travels over the network, to a store with a clock of its own."""


class Database(Protocol):
    """A store that executes batches. Each engine is an implementation of this protocol.

    Every method raises only subclasses of `emdash_cli.domain.errors.DatabaseError`.
    """

    @property
    def limits(self) -> Limits:
        """The limits of one batch."""
        ...

    def query(self, statement: Statement) -> list[Row]:
        """Rows of a single read-only statement."""
        ...

    def batch(self, statements: Sequence[Statement]) -> list[list[Row]]:
        """Execute all statements in one transaction: either all of them take effect, or none does.

        A later statement sees what an earlier one wrote. Returns the rows of each statement, in order; a statement
        without rows has an empty list. When this returns, the changes are durable. The statements must be safe to send
        again, because an engine may do so after a lost reply.
        """
        ...

    def close(self) -> None:
        """Close the connection. Closing twice is harmless."""
        ...


@runtime_checkable
class Bookmarked(Protocol):
    """A store that keeps its own history and can be restored to an earlier state."""

    def bookmark(self) -> str:
        """The name of the present state, shown to people before a change that they may want to undo."""
        ...
