"""Move corrected files from the archive back into the queue."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from emdash_cli.domain.queue_file import MAX_FILE_BYTES, Problem, QueueFileError
from emdash_cli.inbox import files, filing
from emdash_cli.inbox.files import UnfitFileError, printable
from emdash_cli.inbox.filing import UNDONE
from emdash_cli.publishing.articles import Preparer
from emdash_cli.publishing.outcomes import RefusedFile
from emdash_cli.publishing.sql.claiming import known_locales
from emdash_cli.store import ledger
from emdash_cli.store.changes import Claim

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from emdash_cli.domain.article import Article
    from emdash_cli.domain.ports import Row, Statement
    from emdash_cli.settings import Stream
    from emdash_cli.store.session import Session


@dataclass(frozen=True, slots=True)
class Requeued:
    """A file that is, or would be, in the queue again.

    Attributes:
        source: the file as the user named it.
        file: where it is now.
        retired: the post as which it was published before, and which it replaces; None if there was none.
        note: for people; may be empty.
    """

    source: str
    file: str
    stream: str
    retired: str | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Requeueing:
    """What to move back.

    Attributes:
        files: in the archive of some stream.
        stream: whose queue they go to; None: that of the stream whose archive they lie in.
        again: whether to accept an article whose post was deleted or renamed.
        is_preview: report what would happen without doing it.
    """

    files: Sequence[Path]
    stream: Stream | None
    again: bool
    is_preview: bool


@dataclass(frozen=True, slots=True)
class _Candidate:
    source: Path
    stream: Stream
    article: Article
    is_undone: bool


def requeue(session: Session, task: Requeueing) -> Iterator[Requeued | RefusedFile]:
    """Check each file, move back those that are valid, and report each as it happens.

    To publish an article again, its key is first retired, in one batch with its audit row, and then its file is moved.
    If the command is killed in between, running it again finishes the work.

    Raises:
        UsageError: the directories of a stream are missing.
        NotAllowedError: the acting user may not queue articles or, with `again`, publish them.
        DatabaseError: the store is unreachable or failing.
        QueueTroubleError: a file could not be moved.
    """
    session.require("publish" if task.again else "create")
    [rows] = session.open([known_locales(session.names)])
    stored = [str(row["locale"]) for row in rows]
    candidates: list[_Candidate] = []
    for source in task.files:
        found = _candidate(session, source, task, stored)
        if isinstance(found, _Candidate):
            candidates.append(found)
        else:
            yield found
    if not candidates:
        return
    answers = session.database.batch([_standing(session, one) for one in candidates])
    for candidate, [row] in zip(candidates, answers, strict=True):
        yield _brought_back(session, task, candidate, row)


def _standing(session: Session, candidate: _Candidate) -> Statement:
    file = None
    if candidate.is_undone:
        file = (printable(filing.returning_name(candidate.source.name)), candidate.stream.name)
    return ledger.standing(session.layout, candidate.article, file)


def _brought_back(session: Session, task: Requeueing, candidate: _Candidate, row: Row) -> Requeued | RefusedFile:
    """Move a file back, unless the store has reasons against it."""
    is_undone = candidate.is_undone and row["key"] is not None and not row["gone"] and not row["trashed"]
    objection = None if is_undone else _objection(row, candidate, again=task.again)
    if objection:
        return RefusedFile(str(candidate.source), (objection,))
    retired = str(row["post_id"]) if task.again and row["key"] is not None and not is_undone else None
    if task.is_preview:
        planned = filing.planned_place(candidate.source, candidate.stream.queue)
        return Requeued(str(candidate.source), str(planned), candidate.stream.name, retired)
    if retired or is_undone:
        file = printable(candidate.source.name)
        claim = Claim.new(session.new_id, session.actor)
        of_key = (claim, session.now(), str(row["key"]), file)
        session.database.batch(
            ledger.ask_again(*of_key, candidate.article.key) if is_undone else ledger.retire(*of_key)
        )
    place = filing.bring_back(candidate.source, candidate.stream.queue)
    if place is None:
        return _refused(candidate.source, "it is gone: another run has moved it")
    return Requeued(str(candidate.source), str(place), candidate.stream.name, retired)


def _candidate(
    session: Session, source: Path, task: Requeueing, stored: list[str]
) -> _Candidate | Requeued | RefusedFile:
    """The article of a file that may be moved back, or the result if it may not."""
    path = source.parent.resolve() / source.name
    home = _home(path, session.settings.streams)
    if home is None:
        return _refused(source, "it is not in the archive of any stream", "`emdash enqueue` takes files from anywhere")
    if path.name.endswith(filing.REASON):
        return _refused(source, "it is the reason why another file was not published", "name the file beside it")
    if not path.name.endswith(".json"):
        return _refused(source, "it is not a queue file: its name does not end in .json", "rename it")
    stream = task.stream or home
    filing.check(stream.queue, stream.archive)
    try:
        file = files.read(path.parent, path.name, MAX_FILE_BYTES)
        if file is None:
            return _missing(source, stream)
        preparer = Preparer(stream, session.settings.timezone)
        preparer.knows(stored)
        is_undone = path.is_relative_to(home.archive.resolve() / UNDONE)
        return _Candidate(path, stream, preparer.article(file, session.clock()), is_undone)
    except UnfitFileError as error:
        return _refused(source, str(error))
    except QueueFileError as error:
        return RefusedFile(str(source), error.problems)


def _missing(source: Path, stream: Stream) -> Requeued | RefusedFile:
    place = stream.queue / filing.returning_name(source.name)
    if place.is_file():
        return Requeued(str(source), str(place), stream.name, note="it was already there")
    return _refused(source, "there is no such file")


def _home(path: Path, streams: Sequence[Stream]) -> Stream | None:
    """The stream whose archive contains the file. An archive may lie inside another one."""
    holders = [stream for stream in streams if path.is_relative_to(stream.archive.resolve())]
    return max(holders, key=lambda stream: len(stream.archive.resolve().parts), default=None)


def _objection(row: Row, candidate: _Candidate, *, again: bool) -> Problem | None:
    """Why publishing the article would have no effect; None if it would have one."""
    article = candidate.article
    if candidate.stream.on_change != "report" and not again and not row["gone"] and not row["trashed"]:
        # An edited file changes its post, and only the run can find out.
        return None
    published = f"published before as {row['published_as']} (post {row['post_id']})"
    since = _since(row)
    if row["key"] is not None and since and not again:
        return _problem(f"{published}, {since}", "`emdash requeue --again` publishes it again")
    if row["key"] is not None and not since:
        if again or row["digest"] == article.digest:
            return _problem(f"{published}, and that post still exists", "delete that post first, or edit it")
        return _problem(
            f"its id was {published}, with different text",
            'set `on_change = "update"` for the stream to update that post, or give the article a new id',
        )
    if row["owner_id"] is not None:
        where = ", which is in the trash" if row["owner_trashed"] else ""
        message = f"the slug {article.slug} ({article.locale}) belongs to post {row['owner_id']}{where}"
        return _problem(message, "choose another slug" + (", or delete that post for good" if where else ""))
    return None


def _since(row: Row) -> str:
    """What happened to the post of the article, as a clause; empty if it is unchanged."""
    if row["gone"]:
        return "which has since been deleted"
    if row["trashed"]:
        return "which is now in the trash"
    return f"which has since been renamed to {row['slug_now']}" if row["slug_now"] != row["published_as"] else ""


def _problem(message: str, hint: str) -> Problem:
    return Problem(None, None, message, hint)


def _refused(source: Path, message: str, hint: str = "") -> RefusedFile:
    return RefusedFile(str(source), (_problem(message, hint),))
