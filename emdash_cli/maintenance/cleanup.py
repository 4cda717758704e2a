"""Finish or remove what a crash or another tool left half done, and remove old outbox rows.

Everything that is removed is first saved in a file, except outbox rows, which nobody needs again.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from emdash_cli.domain.outcome import (
    ANNOUNCED,
    CHANGED,
    DONE_JOBS,
    EMPTY,
    FINISHES,
    INCOMPLETE,
    LEFTOVER,
    NOT_KEPT,
    OF_NOTHING,
    UNREADABLE,
    Cleaned,
    CleanedItem,
    Notice,
)
from emdash_cli.inbox.files import printable
from emdash_cli.inbox.removed import (
    MOST_BYTES,
    Keeper,
    RemovedRow,
    RemovedTemporary,
    delete_leftover,
    leftovers,
    read_leftover,
)
from emdash_cli.maintenance.housekeeping import count_jobs, old_enough, purge_jobs, remove_announced
from emdash_cli.maintenance.sql import cleaning
from emdash_cli.maintenance.sql import rows as kinds
from emdash_cli.maintenance.sql.cleaning import Cutoff, PlannedRepair, Repair
from emdash_cli.store.session import Run

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import timedelta
    from pathlib import Path

    from emdash_cli.domain.ports import Row
    from emdash_cli.maintenance.sql.cleaning import Store
    from emdash_cli.maintenance.sql.rows import RowKind
    from emdash_cli.settings import Stream
    from emdash_cli.store.session import Session

GROUP: Final = 100
"""Maximum number of rows in one batch."""
GROUP_BYTES: Final = 2_000_000
"""Maximum number of characters of text in one batch, unless a single row has more."""


@dataclass(frozen=True, slots=True)
class Cleanup:
    """What to clean up.

    Attributes:
        age: younger rows may be work in progress and are left alone.
        remove_all: whether to remove every incomplete post, even if it could be finished.
        is_preview: report what would happen without changing anything.
        stopped: whether to end after the current group.
    """

    age: timedelta
    remove_all: bool
    is_preview: bool
    stopped: Callable[[], bool]


@dataclass(frozen=True, slots=True)
class KeptIn:
    """The file that keeps what was removed."""

    path: Path


def cleanup(session: Session, task: Cleanup) -> Iterator[CleanedItem | Notice | KeptIn]:
    """Clean up, and report each item as it happens.

    Raises:
        NotAllowedError: the acting user may not clean up.
        DatabaseError: the store is unreachable or failing; what was reported before is durable.
        QueueTroubleError: the archive or a queue cannot be read or written.
    """
    session.require("clean up")
    run = Run("cleanup", session)
    [collections] = session.open([cleaning.describe_collections()])
    yield from (Notice(text) for text in session.layout.warnings)
    keeper = Keeper(_archive(session.settings.streams), f"{run.started_at[:19].replace(':', '')}Z-{run.id}.jsonl")
    work = _Cleaning(task, run, keeper, cleaning.collections_from(session.layout, collections))
    is_reported = False
    for item in work.items():
        if keeper.is_used and not is_reported:
            is_reported = True
            yield KeptIn(keeper.path)
        run.counts[item.outcome] = run.counts.get(item.outcome, 0) + 1
        yield item
    if run.counts and not task.is_preview:
        # No heartbeat: a command that is run by hand now and then cannot be overdue.
        session.database.batch(run.sign_of_life()[1:])


def _archive(streams: Sequence[Stream]) -> Path:
    """The archive for removed rows, which belong to no stream: that of `default`, or of the first stream."""
    return next((stream for stream in streams if stream.name == "default"), streams[0]).archive


def in_groups(rows: Sequence[Row], weigh: Callable[[Row], int]) -> Iterator[list[Row]]:
    """The rows in groups whose texts fit into one batch; `weigh` counts the characters of a row."""
    group: list[Row] = []
    size = 0
    for row in rows:
        weight = weigh(row)
        if group and (len(group) == GROUP or size + weight > GROUP_BYTES):
            yield group
            group, size = [], 0
        group.append(row)
        size += weight
    if group:
        yield group


class _Cleaning:
    """One run."""

    def __init__(self, task: Cleanup, run: Run, keeper: Keeper, store: Store) -> None:
        self._keeper = keeper
        self._task = task
        self._run = run
        self._session = run.session
        self._store = store
        self._cutoff = Cutoff.before(run.session.clock(), task.age)
        self._doomed: list[str] = []

    def items(self) -> Iterator[CleanedItem]:
        # Posts come first, because the rows of a removed post then become orphans.
        found = self._session.database.query(
            cleaning.find_incomplete(self._session.layout, self._cutoff, remove_all=self._task.remove_all)
        )
        for rows in self._groups(found):
            yield from self._posts(rows)
        for kind in kinds.KINDS:
            yield from self._orphans(kind)
        yield from self._announced()
        yield from self._done_jobs()
        for stream in self._session.settings.streams:
            yield from self._leftovers(stream)

    def _groups(self, rows: Sequence[Row]) -> Iterator[list[Row]]:
        """The groups of the rows; none after a signal."""
        for group in in_groups(rows, lambda row: int(row["size"] or 0)):
            if self._task.stopped():
                return
            yield group

    def _posts(self, rows: Sequence[Row]) -> Iterator[CleanedItem]:
        task, session = self._task, self._session
        planned = [PlannedRepair(str(row["id"]), str(row["fate"]), _whole(row["version"])) for row in rows]
        doomed = [post.post_id for post in planned if post.fate == "remove"]
        self._doomed += doomed
        stands = {post.post_id for post in planned if post.fate != "left"}
        if not task.is_preview:
            kept = self._keep(kinds.posts_kind(session.layout), [[post] for post in doomed])
            versions = {str(row["id"]): _whole(row["version"]) for row in kept}
            # Only saved rows are removed: a row that changed after it was found waits for the next run.
            sure = [p for p in planned if p.fate != "remove" or versions.get(p.post_id, -1) == p.version]
            claim, now = self._run.claim(), session.now()
            repair = Repair(sure, task.remove_all, self._cutoff, claim, now, session.settings.site)
            done = session.database.batch(cleaning.repair_incomplete(session.layout, repair))[-1]
            stands = {str(row["post_id"]) for row in done if row["stands"]}
        for row in rows:
            yield _post(row, done=str(row["id"]) in stands, remove_all=task.remove_all)

    def _orphans(self, kind: RowKind) -> Iterator[CleanedItem]:
        while not self._task.stopped():
            without = self._doomed if self._task.is_preview else None
            found = self._session.database.query(cleaning.find_orphans(self._store, kind, self._cutoff, without))
            removed = 0
            for rows in self._groups(found):
                for item in self._orphan_group(kind, rows):
                    removed += item.outcome is Cleaned.REMOVED
                    yield item
            if len(found) < cleaning.MOST or not removed or self._task.is_preview:
                return

    def _orphan_group(self, kind: RowKind, rows: Sequence[Row]) -> Iterator[CleanedItem]:
        keys = [[str(row[column]) for column in kind.key] for row in rows]
        kept = {tuple(key) for key in keys}
        left: set[tuple[str, ...]] = set()
        if not self._task.is_preview:
            kept = {tuple(str(row[column]) for column in kind.key) for row in self._keep(kind, keys)}
            sure = [key for key in keys if tuple(key) in kept]
            detail = {"kind": kind.name, "rows": len(sure), "file": self._keeper.path.name}
            note = kinds.audit_row(self._run.claim(), self._session.now(), "removed", detail)
            answers = self._session.database.batch(
                [note, *cleaning.remove_orphans(self._store, kind, self._cutoff, sure)]
            )
            left = {tuple(str(row[column]) for column in kind.key) for row in answers[-1]}
        of_nothing = OF_NOTHING.format(f"post or its {kind.target.name}" if kind.target else "post")
        for key in keys:
            outcome, reason = Cleaned.REMOVED, of_nothing
            if tuple(key) in left or tuple(key) not in kept:
                outcome, reason = Cleaned.LEFT, CHANGED if tuple(key) in kept else NOT_KEPT
            yield CleanedItem(outcome, kind.name, " ".join(key), reason=reason)

    def _announced(self) -> Iterator[CleanedItem]:
        """Outbox rows that were processed long ago, as one item; they are not saved, because nobody needs them."""
        if self._task.is_preview:
            before = old_enough(self._session)
            removed = int(self._session.database.query(cleaning.count_announced(before))[0]["announced"] or 0)
        else:
            removed = remove_announced(self._session, self._task.stopped)
        if removed:
            yield CleanedItem(Cleaned.REMOVED, "outbox", f"{removed} rows", reason=ANNOUNCED)

    def _done_jobs(self) -> Iterator[CleanedItem]:
        """Jobs that were done long ago, as one item; like outbox rows, they are not saved."""
        before = old_enough(self._session)
        if self._task.is_preview:
            purged = count_jobs(self._session, before)
        else:
            purged = purge_jobs(self._session, before, self._task.stopped)
        if purged:
            yield CleanedItem(Cleaned.REMOVED, "jobs", f"{purged} jobs", reason=DONE_JOBS)

    def _keep(self, kind: RowKind, keys: Sequence[Sequence[str]]) -> list[Row]:
        """The rows with those keys, after they were durably saved."""
        rows = self._session.database.query(kinds.rows_of(kind, keys)) if keys else []
        fit = [row for row in rows if all(isinstance(value, str | int | float | None) for value in row.values())]
        if fit:
            self._keeper.keep(RemovedRow(kind.table, dict(row)) for row in fit)
        return fit

    def _leftovers(self, stream: Stream) -> Iterator[CleanedItem]:
        before = (self._session.clock() - self._task.age).timestamp()
        for found in leftovers(stream.queue, before):
            if self._task.stopped():
                return
            shown = printable(str(found.queue / found.name))
            if self._task.is_preview:
                is_small = found.size <= MOST_BYTES
                yield CleanedItem(Cleaned.REMOVED if is_small else Cleaned.LEFT, "file", shown, reason=LEFTOVER)
                continue
            read = read_leftover(found)
            outcome = Cleaned.LEFT
            if read:
                self._keeper.keep([RemovedTemporary(stream.name, found.name, read.modified_at, read.raw)])
                if delete_leftover(found.queue, read):
                    outcome = Cleaned.REMOVED
            yield CleanedItem(outcome, "file", shown, reason=LEFTOVER)


def _post(row: Row, *, done: bool, remove_all: bool) -> CleanedItem:
    fate = str(row["fate"])
    match fate:
        case "left":
            outcome, reason = Cleaned.LEFT, UNREADABLE
        case "remove":
            outcome, reason = Cleaned.REMOVED, INCOMPLETE if remove_all else EMPTY
        case _:
            outcome, reason = Cleaned.FINISHED, FINISHES[fate]
    if not done and fate != "left":
        outcome, reason = Cleaned.LEFT, CHANGED
    return CleanedItem(outcome, "post", str(row["id"]), str(row["slug"]) if row["slug"] else None, reason)


def _whole(value: object) -> int | None:
    return int(value) if isinstance(value, int | float) else None
