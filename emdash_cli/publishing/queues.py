"""Publish all streams, one after the other. A failure in one stream never stops another."""

from __future__ import annotations

from contextlib import AbstractContextManager, closing, nullcontext
from functools import partial
from itertools import chain, islice
from typing import TYPE_CHECKING, NamedTuple

from emdash_cli.domain.errors import BusyError, EmdashError, UsageError
from emdash_cli.domain.instants import utc_text
from emdash_cli.domain.outcome import FileOutcome, Notice, Outcome
from emdash_cli.inbox import files, filing
from emdash_cli.inbox.files import QueueTroubleError, printable
from emdash_cli.store.session import Run

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from emdash_cli.domain.article import FieldNames
    from emdash_cli.domain.ports import Statement
    from emdash_cli.publishing.forecast import Renderer
    from emdash_cli.publishing.publish import Quota
    from emdash_cli.publishing.sql.claiming import Numbers
    from emdash_cli.settings import Stream
    from emdash_cli.store.session import Session


class FailedStream(NamedTuple):
    """Why a stream was not published, or not to its end."""

    stream: str
    error: EmdashError


class Publication(NamedTuple):
    """What to publish.

    Attributes:
        limit: maximum number of articles per stream, in place of its cadence and per_run; None: as the stream says.
        wait_s: how long to wait for another run on the same queue, in seconds.
        is_preview: report what would happen without changing anything.
        stopped: whether to end after the current group.
        strict: see `Preparer`.
        render: what platforms would get of an article, for the remarks of a preview.
    """

    streams: Sequence[Stream]
    limit: int | None
    wait_s: float
    is_preview: bool
    stopped: Callable[[], bool]
    strict: bool = False
    render: Renderer | None = None


Event = FileOutcome | FailedStream | Notice


def publish_queues(session: Session, task: Publication) -> Iterator[Event]:
    """Publish, and report each file as it happens.

    Raises:
        NotAllowedError: the acting user may not publish.
        DatabaseError: the store is unreachable or failing; what was reported before is durable.
    """
    session.require("publish")
    run = Run("publish", session)
    busy, failed = _with_files(task.streams)
    yield from failed
    numbers = [_numbers(session, stream) for stream in busy]
    reads = [each.first_reads() for each in numbers]
    signs = [] if task.is_preview else run.sign_of_life()
    rows = session.open([*chain.from_iterable(reads), *_locales(session.names, busy), *signs])
    yield from (Notice(warning) for warning in session.layout.warnings)
    answers = iter(rows)
    for each, asked in zip(numbers, reads, strict=True):
        each.learn(list(islice(answers, len(asked))))
    stored = [str(row["locale"]) for row in next(answers)] if busy else []
    for stream, each in zip(busy, numbers, strict=True):
        if not task.stopped():
            yield from _stream(task, _spelling(stream, stored), run, each)
    if run.has_unrecorded_counts() and not task.is_preview:
        session.database.batch(run.sign_of_life())


def _with_files(streams: Sequence[Stream]) -> tuple[list[Stream], list[FailedStream]]:
    """The streams that have something to publish, and those whose directories cannot be used."""
    busy: list[Stream] = []
    failed = []
    for stream in streams:
        try:
            filing.check(stream.queue, stream.archive)
            if not files.is_empty(stream.queue):
                busy.append(stream)
        except EmdashError as error:
            failed.append(FailedStream(stream.name, error))
    return busy, failed


def _numbers(session: Session, stream: Stream) -> Numbers:
    # This imports everything that reading files needs, which an idle run does not use.
    from emdash_cli.publishing.sql.claiming import Numbers

    return Numbers(session, stream)


def _locales(names: FieldNames, busy: list[Stream]) -> list[Statement]:
    if not busy:
        return []
    from emdash_cli.publishing.sql.claiming import known_locales

    return [known_locales(names)]


def _spelling(stream: Stream, stored: list[str]) -> Stream:
    """The stream with its locales spelled as in the store."""
    from emdash_cli.domain.locales import Locales

    return stream._replace(locales=Locales.of(stream.locales).and_in_store(stored).spellings())


def _stream(task: Publication, stream: Stream, run: Run, numbers: Numbers) -> Iterator[Event]:
    from emdash_cli.publishing.articles import QueueLoader
    from emdash_cli.publishing.edited_files import ChangePolicy, edited_files
    from emdash_cli.publishing.outcomes import ARCHIVED, ArchivingFiler, NoFiler
    from emdash_cli.publishing.publish import Committer, Previewer, StreamPublisher

    session = run.session
    archive = filing.Archive(stream.archive)
    policy = ChangePolicy(stream.on_change, task.is_preview, stream, ARCHIVED)
    by_file = stream.on_change != "report"
    publisher = StreamPublisher(
        stream=stream,
        names=partial(files.names, stream.queue),
        loader=QueueLoader(stream, session.settings.timezone, strict=task.strict),
        run=run,
        writer=Previewer(run, by_file=by_file, render=task.render)
        if task.is_preview
        else Committer(run, by_file=by_file),
        filer=(NoFiler if task.is_preview else ArchivingFiler)(stream.queue, archive),
        numbers=numbers,
        edits=edited_files(policy, run),
        quota=_quota(task, stream, run),
        limit=task.limit or stream.per_run,
        stopped=task.stopped,
    )
    lock: AbstractContextManager[None] = nullcontext()
    if not task.is_preview:
        lock = files.locked(stream.queue, task.wait_s, task.stopped)
    try:
        with lock, closing(archive):
            yield from publisher.outcomes()
    except BusyError as error:
        yield FailedStream(stream.name, error)
        for name in files.names(stream.queue):
            yield FileOutcome(printable(name), stream.name, Outcome.LEFT, reason=error.message)
    except (QueueTroubleError, UsageError) as error:
        yield FailedStream(stream.name, error)


def _quota(task: Publication, stream: Stream, run: Run) -> Quota:
    from emdash_cli.publishing.publish import Quota

    if task.limit is not None or stream.cadence is None:
        return Quota(None, "")
    from emdash_cli.domain.cadence import Cadence

    cadence = Cadence.parse(stream.cadence)
    start = utc_text(cadence.period_start(run.session.clock(), run.session.settings.timezone))
    return Quota(cadence.quota() or stream.per_run or 1, start)
