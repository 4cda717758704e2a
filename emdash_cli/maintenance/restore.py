"""Restore what `cleanup` removed; existing rows and files are never changed."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

from emdash_cli.domain.outcome import Cleaned, CleanedItem, Notice
from emdash_cli.inbox.files import printable
from emdash_cli.inbox.removed import RemovedRow, RemovedTemporary, read_removed, restore_leftover
from emdash_cli.maintenance.cleanup import in_groups
from emdash_cli.maintenance.sql import rows as kinds
from emdash_cli.store.changes import Claim

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from emdash_cli.domain.ports import Row
    from emdash_cli.maintenance.sql.rows import RowKind
    from emdash_cli.store.session import Session


@dataclass(frozen=True, slots=True)
class Restoration:
    """What to restore.

    Attributes:
        file: written by `cleanup`.
        is_preview: report what would happen without changing anything.
    """

    file: Path
    is_preview: bool


class _RestoredRow(NamedTuple):
    """A row to restore.

    Attributes:
        kept: as saved in the file.
        row: as it is restored, without references to missing revisions.
        lacks: what to report about those references.
    """

    kept: Row
    row: Row
    lacks: str = ""


_OTHER_ROW: Final = "another row has taken its place"
_WITHOUT_POST: Final = "its post is not restored"
_NOT_TAKEN: Final = "the store refused it: a revision that it refers to is missing now, or another row has its place"


def restore(session: Session, task: Restoration) -> Iterator[CleanedItem | Notice]:
    """Restore what is in the file, and report each row and temporary file.

    Raises:
        NotAllowedError: the acting user may not clean up.
        UsageError: `cleanup` did not write the file.
        DatabaseError: the store is unreachable or failing; what was reported before is durable.
        QueueTroubleError: a file cannot be read or written.
    """
    session.require("clean up")
    kept = read_removed(task.file)
    tables = [session.names.table, *(kind.table for kind in kinds.KINDS)]
    [columns] = session.open([kinds.describe_columns(tables)])
    layout = session.layout
    yield from (Notice(text) for text in layout.warnings)
    known = {str(row["name"]): set(str(row["columns"] or "").split(",")) for row in columns}
    work = _Restoring(session, task, known)
    by_table: dict[str, dict[str, Row]] = defaultdict(dict)
    for item in kept:
        if isinstance(item, RemovedRow):
            by_table[item.table].setdefault(repr(sorted(item.row.items())), item.row)
    # A post refers to its revisions, so they come first; rows that refer to the post come last.
    posts = kinds.posts_kind(layout)
    refused = work.refused_posts(posts, list(by_table.get(posts.table, {}).values()))
    for kind in (kinds.REVISIONS, posts, *kinds.KINDS[:-1]):
        yield from work.rows(kind, list(by_table.pop(kind.table, {}).values()), refused)
    for table, rows in by_table.items():
        for _ in rows:
            yield CleanedItem(Cleaned.REFUSED, "row", table, reason=f"rows of the table {table} cannot be restored")
    yield from work.temporaries([item for item in kept if isinstance(item, RemovedTemporary)])


class _Restoring:
    """One run."""

    def __init__(self, session: Session, task: Restoration, columns: Mapping[str, set[str]]) -> None:
        self._session = session
        self._task = task
        self._database = session.database
        self._layout = session.layout
        self._columns = columns
        self._coming: set[str] = set()
        """IDs of the revisions that a preview has reported."""

    def refused_posts(self, kind: RowKind, rows: Sequence[Row]) -> dict[str, str]:
        """The reasons why posts cannot be restored, by ID."""
        refused: dict[str, str] = {}
        for group in _groups(kind, rows):
            for owner in self._database.query(kinds.slug_owners(self._layout, group)):
                if owner["id"] != owner["wanted_by"]:
                    refused[str(owner["wanted_by"])] = f"its slug now belongs to post {owner['id']}"
        return refused

    def rows(self, kind: RowKind, rows: Sequence[Row], refused: Mapping[str, str]) -> Iterator[CleanedItem]:
        """Restore the rows of a kind."""
        for group in _groups(kind, rows):
            pairs = self._wanted(kind, group)
            there, taken = self._there(kind, group), self._taken(kind, group)
            reasons = [self._reason(kind, pair, there, taken, refused) for pair in pairs]
            wanted = [pair.row for pair, reason in zip(pairs, reasons, strict=True) if reason is None]
            if kind is kinds.REVISIONS and self._task.is_preview:
                self._coming |= {str(row["id"]) for row in wanted}
            if wanted and not self._task.is_preview:
                note = {"kind": kind.name, "rows": len(wanted), "file": self._task.file.name}
                claim = Claim.new(self._session.new_id, self._session.actor)
                inserts = [kinds.put_back(self._layout, kind, row) for row in wanted]
                self._database.batch([kinds.audit_row(claim, self._session.now(), "restored", note), *inserts])
                there = self._there(kind, group)
            for pair, reason in zip(pairs, reasons, strict=True):
                yield self._item(kind, pair, reason, there)

    def temporaries(self, items: Sequence[RemovedTemporary]) -> Iterator[CleanedItem]:
        """Restore temporary files of the queues."""
        queues = {stream.name: stream.queue for stream in self._session.settings.streams}
        for item in items:
            directory = queues.get(item.stream)
            if directory is None:
                reason = f"there is no stream {item.stream}"
                yield CleanedItem(Cleaned.REFUSED, "file", printable(item.name), reason=reason)
                continue
            state = restore_leftover(directory, item, is_preview=self._task.is_preview)
            reason = "another file has its name" if state is Cleaned.REFUSED else ""
            yield CleanedItem(state, "file", printable(str(directory / item.name)), reason=reason)

    def _there(self, kind: RowKind, group: Sequence[Row]) -> dict[tuple[object, ...], Row]:
        keys = [[str(row.get(column)) for column in kind.key] for row in group]
        return {_key(kind, row): row for row in self._database.query(kinds.rows_of(kind, keys))}

    def _wanted(self, kind: RowKind, group: Sequence[Row]) -> list[_RestoredRow]:
        """The rows, without references to revisions that are neither in the store nor in the file.

        Another program may have left such a reference, and the store refuses it.
        """
        if kind.table != self._layout.posts:
            return [_RestoredRow(row, row) for row in group]
        named = {str(row[pointer]) for row in group for pointer in kinds.POINTERS if row.get(pointer)}
        there = {str(row["id"]) for row in self._database.query(kinds.revisions_there(sorted(named)))}
        wanted = []
        for row in group:
            gone = {
                pointer: str(row[pointer])
                for pointer in kinds.POINTERS
                if row.get(pointer) and str(row[pointer]) not in there | self._coming
            }
            lacks = ", ".join(f"{pointer} is now empty: revision {gone[pointer]} does not exist" for pointer in gone)
            wanted.append(_RestoredRow(row, {**row, **dict.fromkeys(gone)}, lacks))
        return wanted

    def _taken(self, kind: RowKind, group: Sequence[Row]) -> dict[str, str]:
        """Credits that by now name the same byline of the same post, by the IDs of the given credits."""
        if kind is not kinds.CREDITS:
            return {}
        rows = self._database.query(kinds.same_credits(group))
        return {str(row["wanted_by"]): str(row["id"]) for row in rows}

    def _reason(
        self,
        kind: RowKind,
        pair: _RestoredRow,
        there: Mapping[tuple[object, ...], Row],
        taken: Mapping[str, str],
        refused: Mapping[str, str],
    ) -> str | None:
        """Why the row is not restored: an empty text if it exists already, None if it is restored."""
        row = pair.kept
        if unknown := row.keys() - self._columns[kind.table]:
            return f"{kind.table} has no column {', '.join(sorted(unknown))}"
        if present := there.get(_key(kind, row)):
            return "" if _is(present, row) or _is(present, pair.row) else _OTHER_ROW
        owner = str(row.get(kind.owner))
        if kind.collection and row.get(kind.collection) != self._layout.names.collection:
            return f"it belongs to another collection, {row.get(kind.collection)}"
        if owner in refused:
            return refused[owner] if kind.table == self._layout.posts else _WITHOUT_POST
        if other := taken.get(str(row.get("id"))):
            return f"credit {other} now names the same byline of the post"
        return None

    def _item(
        self, kind: RowKind, pair: _RestoredRow, reason: str | None, there: Mapping[tuple[object, ...], Row]
    ) -> CleanedItem:
        row = pair.row
        outcome = Cleaned.RESTORED
        if reason is not None:
            outcome = Cleaned.REFUSED if reason else Cleaned.PRESENT
        elif not self._task.is_preview and not _is(there.get(_key(kind, row)), row):
            outcome, reason = Cleaned.REFUSED, _NOT_TAKEN
        key = " ".join(str(row.get(column)) for column in kind.key)
        slug = str(row["slug"]) if kind.table == self._layout.posts and row.get("slug") else None
        return CleanedItem(outcome, kind.name, key, slug, pair.lacks if reason is None else reason)


def _is(present: Row | None, row: Row) -> bool:
    """Whether a row of the store is the saved one; a later version may have more columns."""
    return present is not None and all(present.get(column) == value for column, value in row.items())


def _key(kind: RowKind, row: Row) -> tuple[object, ...]:
    return tuple(row.get(column) for column in kind.key)


def _groups(kind: RowKind, rows: Sequence[Row]) -> Iterator[list[Row]]:
    def length(row: Row) -> int:
        return sum(len(value) for value in row.values() if isinstance(value, str)) if kind.text else 0

    return in_groups(rows, length)
