"""The archived files of the posts of a run that is undone: put aside, or back if the run was itself an undoing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emdash_cli.domain.queue_file import MAX_FILE_BYTES, QueueFileError
from emdash_cli.inbox import files, filing, undone
from emdash_cli.inbox.files import UnfitFileError
from emdash_cli.inbox.undone import Place
from emdash_cli.publishing.articles import Preparer
from emdash_cli.publishing.sql.claiming import known_locales

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from emdash_cli.domain.ports import Row
    from emdash_cli.scheduling.undo_plan import Plan
    from emdash_cli.store.session import Session


class UndoneFiles:
    """Moves files between the folders of the archives.

    Args:
        session: open store.
        run: that is undone.
        is_preview: say where the files would be without moving them.
    """

    def __init__(self, session: Session, run: str, *, is_preview: bool) -> None:
        self._session = session
        self._run = run
        self._is_preview = is_preview
        self._archives = {stream.name: filing.Archive(stream.archive) for stream in session.settings.streams}
        self._preparers: dict[str, Preparer] = {}

    def moved(self, plans: Sequence[Plan]) -> dict[str, str]:
        """By post, where its file is now, durably; a post whose file is not in the archive is missing.

        Raises:
            QueueTroubleError: a file could not be moved.
        """
        found = {}
        for plan in plans:
            archive = self._archives.get(str(plan.row["stream"]))
            if archive is None or not plan.row["file"] or not plan.files:
                continue
            place = self._move(plan, archive)
            if place is not None:
                found[plan.post] = place
        for archive in self._archives.values():
            archive.sync()
        return found

    def close(self) -> None:
        """Make the removal of the old names durable."""
        for archive in self._archives.values():
            archive.close()

    def _move(self, plan: Plan, archive: filing.Archive) -> str | None:
        place, is_it = _place(plan.row), self._recognises(plan.row)
        if plan.files == "back":
            if self._is_preview:
                there = undone.find(archive, place._replace(outcome=filing.UNDONE), is_it)
                return archive.path(place.name, place.outcome, place.at) if there else None
            return undone.bring_back(archive, place, is_it)
        if self._is_preview:
            there = undone.find(archive, place, is_it)
            return archive.path(place.name, filing.UNDONE, place.at) if there else None
        reason = (
            f"its post {plan.row['slug_now']} was taken back by `emdash undo {self._run}`\n"
            "Next: `emdash requeue` this file to publish it again\n"
        )
        return undone.put_aside(archive, place, is_it, reason)

    def _recognises(self, row: Row) -> Callable[[Path], bool]:
        """Whether a file is the one of the post, by what it says: several may have had its name."""

        def is_it(path: Path) -> bool:
            try:
                file = files.read(path.parent, path.name, MAX_FILE_BYTES)
                if file is None:
                    return False
                return self._preparer(str(row["stream"])).article(file, self._session.clock()).digest == row["digest"]
            except (UnfitFileError, QueueFileError):
                return False

        return is_it

    def _preparer(self, name: str) -> Preparer:
        if name not in self._preparers:
            stream = next(stream for stream in self._session.settings.streams if stream.name == name)
            preparer = Preparer(stream, self._session.settings.timezone)
            rows = self._session.database.query(known_locales(self._session.names))
            preparer.knows([str(row["locale"]) for row in rows])
            self._preparers[name] = preparer
        return self._preparers[name]


def _place(row: Row) -> Place:
    updated_at = row["file_updated_at"]
    outcome = "updated" if updated_at else str(row["outcome"])
    return Place(str(row["file"]), outcome, str(updated_at or row["recorded_at"]))
