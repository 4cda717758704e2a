"""Databases that do what a network or another program may do in between."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emdash_cli.databases.sqlite import SqliteDatabase

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from emdash_cli.domain.ports import Limits, Row, Statement
    from tests.harness.site import Site


class Port:
    """A database port over a file, to be disturbed; counts its requests."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.inner = SqliteDatabase(site.store)
        self.requests = 0

    @property
    def limits(self) -> Limits:
        return self.inner.limits

    def query(self, statement: Statement) -> list[Row]:
        return self.batch([statement])[0]

    def batch(self, statements: Sequence[Statement]) -> list[list[Row]]:
        self.requests += 1
        return self.inner.batch(statements)

    def close(self) -> None:
        self.inner.close()


class SendsTwice(Port):
    """The reply to each request is lost, and the request sent again."""

    def batch(self, statements: Sequence[Statement]) -> list[list[Row]]:
        super().batch(statements)
        return super().batch(statements)


class Interrupted(Port):
    """Something happens after so many requests: between the first and the second, unless it is said otherwise."""

    def __init__(self, site: Site, happening: Callable[[], object], after: int = 1) -> None:
        super().__init__(site)
        self.happening = happening
        self.after = after

    def batch(self, statements: Sequence[Statement]) -> list[list[Row]]:
        if self.requests == self.after:
            self.happening()
        return super().batch(statements)
