"""A database in a SQLite file."""

from __future__ import annotations

import sqlite3
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from emdash_cli.domain.errors import DatabaseError, RefusedError, UnavailableError
from emdash_cli.domain.ports import Limits, Row, Statement

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

MINIMUM_VERSION: Final = (3, 38, 0)
"""The ``->>`` operator came with SQLite 3.38: https://sqlite.org/json1.html."""

BUSY_TIMEOUT_S: Final = 30.0


class SqliteDatabase:
    """One connection to one SQLite file.

    Durability: ``synchronous=FULL`` in WAL mode, and ``EXTRA`` in every other mode, since only EXTRA syncs the
    directory after a rollback journal is unlinked (https://sqlite.org/pragma.html#pragma_synchronous). The journal mode
    of an existing file is not changed; a file that this class creates uses WAL.

    Args:
        path: the database file.
        create: whether to create a missing file; if not, a missing file raises `UnavailableError`.
        busy_timeout_s: how long to wait for another writer, in seconds.
    """

    def __init__(self, path: Path, *, create: bool = False, busy_timeout_s: float = BUSY_TIMEOUT_S) -> None:
        if sqlite3.sqlite_version_info < MINIMUM_VERSION:
            raise DatabaseError(
                f"this Python has SQLite {sqlite3.sqlite_version}; 3.38 or newer is required",
                hint="use a newer Python",
                code="sqlite_too_old",
            )
        self.path = path
        # A value is limited as on D1, so that a file is published on both engines or on neither.
        self.limits = Limits(group_articles=250, group_bytes=8_000_000, value_bytes=2_000_000)
        if not create:
            _find(path)
        mode = "rwc" if create else "rw"
        with _translated(path):
            self._connection = sqlite3.connect(
                f"file:{_escaped(path)}?mode={mode}", uri=True, timeout=busy_timeout_s, isolation_level=None
            )
            self._prepare(create=create and path.stat().st_size == 0)
            self._identity = _identity(path)

    def _prepare(self, *, create: bool) -> None:
        execute = self._connection.execute
        if create:
            execute("PRAGMA journal_mode=WAL")
        journal_mode = execute("PRAGMA journal_mode").fetchone()[0]
        execute(f"PRAGMA synchronous={'FULL' if journal_mode == 'wal' else 'EXTRA'}")
        execute("PRAGMA foreign_keys=ON")
        # A group of 250 articles is about 12 MB of pages: they fit into the cache and into the log.
        execute("PRAGMA wal_autocheckpoint=4000")
        execute("PRAGMA cache_size=-32000")
        # Here SQLite keeps what it needs to undo a single statement. A file would be written again for each statement.
        execute("PRAGMA temp_store=MEMORY")

    def query(self, statement: Statement) -> list[Row]:
        """Rows of a single read-only statement."""
        with _translated(self.path):
            return self._rows(statement)

    def batch(self, statements: Sequence[Statement]) -> list[list[Row]]:
        """Execute all statements in one immediate transaction, which is durable when this returns.

        It also fails if the file was deleted or replaced in the meantime, so that no file is archived without its post.
        """
        with _translated(self.path):
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                answers = [self._rows(statement) for statement in statements]
                self._connection.execute("COMMIT")
            except BaseException:
                # A full disk or an I/O error may have rolled the transaction back already.
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
                raise
        if _identity(self.path) != self._identity:
            # In WAL mode, SQLite keeps writing to the deleted file, and everything in it is lost.
            raise UnavailableError(
                f"{self.path} was deleted or replaced during the run",
                hint="restore the store, or create a new one with `emdash init`, and run again",
                code="store_replaced",
            )
        return answers

    def _rows(self, statement: Statement) -> list[Row]:
        _check_values(statement, self.limits.value_bytes)
        cursor = self._connection.execute(statement.sql, statement.params)
        if cursor.description is None:
            return []
        names = [column[0] for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor]

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()


def _find(path: Path) -> None:
    try:
        path.stat()
    except (FileNotFoundError, NotADirectoryError):
        raise UnavailableError(
            f"there is no store at {path}",
            hint="run `emdash init` to create one, or point --db, EMDASH_DATABASE or emdash.toml at yours",
            code="store_missing",
        ) from None
    except OSError as error:
        message = f"{path} cannot be read: {error.strerror}"
        raise UnavailableError(message, hint="check the disk and the permissions") from error


def _identity(path: Path) -> tuple[int, int] | None:
    """Device and inode of the file; None if there is none."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _escaped(path: Path) -> str:
    """The path as a URI needs it (https://sqlite.org/uri.html); urllib's quoting takes a tenth of a start."""
    return str(path).replace("%", "%25").replace("?", "%3f").replace("#", "%23")


def _check_values(statement: Statement, most: int) -> None:
    """Refuse what D1 would refuse, so that a file is published on both engines or on neither.

    Only bound values are checked: a site's own text may be longer, and must stay readable and publishable.
    """
    for value in statement.params:
        # A character has four bytes at most.
        if isinstance(value, str) and len(value) > most // 4 and (size := len(value.encode())) > most:
            raise RefusedError(
                f"a value has {size:,} bytes; the maximum is {most:,}",
                hint="shorten the text, or split it into several articles",
            )


@contextmanager
def _translated(path: Path) -> Iterator[None]:
    try:
        yield
    except (sqlite3.IntegrityError, sqlite3.DataError, OverflowError, UnicodeEncodeError) as error:
        raise RefusedError(f"the store refused the change: {error}") from error
    except sqlite3.DatabaseError as error:
        raise _failure(error, path) from error


_UNAVAILABLE: Final = {
    ("SQLITE_BUSY", "SQLITE_LOCKED"): (
        "store_busy",
        "{path} is locked by another program",
        "try again; if it stays locked, find the program that holds a write lock",
    ),
    ("SQLITE_FULL",): ("disk_full", "the disk is full: {path}", "free some space and run again"),
    ("SQLITE_READONLY",): (
        "read_only",
        "{path} cannot be written",
        "check the permissions of the file and of its directory",
    ),
    ("SQLITE_IOERR", "SQLITE_CANTOPEN", "SQLITE_PROTOCOL"): (
        "store_unavailable",
        "{path} cannot be read or written: {error}",
        "check the disk and the permissions",
    ),
}


def _failure(error: sqlite3.DatabaseError, path: Path) -> DatabaseError:
    name = getattr(error, "sqlite_errorname", "") or ""
    for prefixes, (code, message, hint) in _UNAVAILABLE.items():
        if name.startswith(prefixes):
            return UnavailableError(message.format(path=path, error=error), hint=hint, code=code)
    if name.startswith(("SQLITE_CORRUPT", "SQLITE_NOTADB")):
        return DatabaseError(
            f"{path} is not an intact SQLite database: {error}",
            hint="restore a backup; run `emdash doctor` for details",
            code="store_damaged",
        )
    if name == "SQLITE_TOOBIG":
        return RefusedError(f"the store refused the change: {error}")
    return DatabaseError(f"{path}: {error}")
