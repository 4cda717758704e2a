"""Import articles from a folder without moving its files: an archive of this tool, or the Markdown of a static site."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, ClassVar, NamedTuple

from emdash_cli.domain.errors import UsageError
from emdash_cli.domain.outcome import Notice
from emdash_cli.inbox.files import QueueTroubleError, printable
from emdash_cli.publishing.edited_files import ChangePolicy, edited_files
from emdash_cli.publishing.outcomes import STAYING, file_outcome
from emdash_cli.publishing.publish import Committer, Previewer, Quota, StreamPublisher
from emdash_cli.publishing.queues import Event, FailedStream
from emdash_cli.publishing.sql.claiming import Numbers, known_locales
from emdash_cli.store.ledger import rename_files
from emdash_cli.store.session import Run

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from emdash_cli.domain.outcome import FileOutcome
    from emdash_cli.inbox.files import ReadFile
    from emdash_cli.publishing.edited_files import EditedFiles
    from emdash_cli.publishing.outcomes import Advice, Verdict
    from emdash_cli.settings import OnChange, Stream
    from emdash_cli.store.session import Session
    from emdash_cli.transfer.sources import Source


class Import(NamedTuple):
    """What to import.

    Attributes:
        limit: maximum number of articles, not counting those in the ledger.
        is_preview: report what would happen without changing anything.
        stopped: whether to end after the current group.
        on_change: what to do with files that were edited since an earlier import.
        announces: whether the new posts are announced, as those of `publish-queue` are.
    """

    source: Source
    stream: Stream
    limit: int | None
    is_preview: bool
    stopped: Callable[[], bool]
    on_change: OnChange
    announces: bool = False


def import_files(session: Session, task: Import) -> Iterator[Event]:
    """Publish the files of the folder, and report each as it happens. The files stay where they are.

    The ledger is that of `publish-queue`, so a folder may be imported again, even after an interrupted run: known files
    are reported as duplicates. The stream's cadence and per_run do not apply.

    Raises:
        NotAllowedError: the acting user may not publish.
        DatabaseError: the store is unreachable or failing; what was reported before is durable.
    """
    session.require("publish")
    run = Run("import", session, announces=task.announces)
    numbers = Numbers(session, task.stream)
    reads = numbers.first_reads()
    signs = [] if task.is_preview else run.sign_of_life()
    rows = session.open([*reads, known_locales(session.names), *signs])
    yield from (Notice(text) for text in (*session.layout.warnings, *task.source.notices))
    numbers.learn(rows[: len(reads)])
    task.source.loader.knows([str(row["locale"]) for row in rows[len(reads)]])
    files = [printable(name) for name in task.source.names]
    policy = ChangePolicy(task.on_change, task.is_preview, task.stream, STAYING, files)
    edited = edited_files(policy, run)
    try:
        yield from _publisher(task, run, numbers, edited).outcomes()
    except (QueueTroubleError, UsageError) as error:
        yield FailedStream(task.stream.name, error)
    if not task.is_preview and (renamed := edited.renamed()):
        session.database.batch([rename_files(renamed, task.stream.name)])
    if run.has_unrecorded_counts() and not task.is_preview:
        session.database.batch(run.sign_of_life())


def _publisher(task: Import, run: Run, numbers: Numbers, edited: EditedFiles) -> StreamPublisher:
    return StreamPublisher(
        stream=task.stream,
        names=partial(iter, task.source.names),
        loader=task.source.loader,
        run=run,
        writer=Previewer(run, by_file=True) if task.is_preview else Committer(run, by_file=True),
        filer=StayingFiler(),
        numbers=numbers,
        edits=edited,
        quota=Quota(None, ""),
        limit=task.limit,
        stopped=task.stopped,
    )


class StayingFiler:
    """Leaves every file where it is."""

    advice: ClassVar[Advice] = STAYING

    def file_away(self, file: ReadFile, stream: str, locale: str | None, found: Verdict) -> FileOutcome | None:
        """See `Filer`."""
        return file_outcome(file, stream, locale, found, None)

    def sync(self) -> None:
        """See `Filer`."""
