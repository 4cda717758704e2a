"""Publish the queues: read, validate, convert, write in groups, read back and archive."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from emdash_cli.domain.outcome import DURABLE, WRITTEN, FileOutcome, Outcome
from emdash_cli.inbox.files import QueueTroubleError, ReadFile
from emdash_cli.posts.authors import Unnamed
from emdash_cli.publishing.ahead import load_all
from emdash_cli.publishing.articles import Loaded, Ready, Unfit
from emdash_cli.publishing.groups import Group
from emdash_cli.publishing.outcomes import Judged, Verdict, file_outcome, verdict

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Iterator

    from emdash_cli.domain.ports import Row
    from emdash_cli.posts.authors import Authors
    from emdash_cli.publishing.articles import Loader
    from emdash_cli.publishing.edited_files import EditedFiles
    from emdash_cli.publishing.groups import Quota, Writer
    from emdash_cli.publishing.outcomes import Filer
    from emdash_cli.publishing.sql.numbers import Numbers
    from emdash_cli.settings import Stream
    from emdash_cli.store.session import Run

_TRIES: Final = 100
"""How often a new number is chosen for an article."""


@dataclass(slots=True)
class StreamPublisher:
    """Publishes one stream. The caller holds the lock of its queue.

    Attributes:
        names: of the files to publish, in order.
        loader: creates an article from each file.
        authors: finds the users whose e-mail addresses appear as authors in articles.
        edits: decides the outcome of files that were edited since they were published.
        limit: maximum number of articles to publish, not counting files that were published before.
        stopped: whether to end after the current group.
    """

    stream: Stream
    names: Callable[[], Iterable[str]]
    loader: Loader
    run: Run
    writer: Writer
    filer: Filer
    numbers: Numbers
    authors: Authors
    edits: EditedFiles
    quota: Quota
    limit: int | None
    stopped: Callable[[], bool]
    _written: int = 0
    _is_over: bool = False
    _waiting: list[Ready] = field(default_factory=list)
    _known_as: dict[str, str] = field(default_factory=dict)
    """The slug of a duplicate's post, by the slug that the duplicate asked for."""
    _trouble: QueueTroubleError | None = None

    def outcomes(self) -> Iterator[FileOutcome]:
        """Publish the queue, and report the outcome of each file, group by group.

        Raises:
            DatabaseError: the store fails; what was reported before is durable.
            QueueTroubleError: the queue or the archive fails.
        """
        loaded = load_all(self.loader, self.names(), self.run.session.clock, self.limit or self.quota.limit)
        with closing(loaded):
            yield from self._all(item for item in loaded if item)
        while self._waiting and not self._ended():
            # Translations whose source was published after them get another chance, as long as that helps.
            waiting, self._waiting = [self._of_duplicate(item) for item in self._waiting], []
            written = self._written
            yield from self._all(waiting)
            if self._written == written:
                break
        for item in self._waiting:
            reason = f"the post that it translates, {item.article.translation_of}, does not exist yet"
            left = Verdict(Outcome.LEFT, None, None, reason, self.run.session.now())
            yield from self._filed([(item.file, item.article.locale, left)])
        yield from self._late()

    def _all(self, items: Iterable[Loaded]) -> Iterator[FileOutcome]:
        group = Group(self.run.session.database.limits)
        for item in items:
            if isinstance(item, Unfit):
                yield from self._filed([(item.file, None, item.verdict)])
            else:
                if not group.takes(item, self._room()):
                    yield from self._publish(group.items)
                    group = Group(self.run.session.database.limits)
                group.add(item, brings_number=self.numbers.fits(item.article))
            if self._ended():
                return
        yield from self._publish(group.items)

    def _ended(self) -> bool:
        return self._is_over or self.stopped()

    def _room(self) -> int:
        """How many more articles may be published."""
        allowed = [most for most in (self.limit, self.quota.limit) if most is not None]
        return min(allowed, default=self._written + self.run.session.database.limits.group_articles) - self._written

    def _publish(self, items: list[Ready]) -> Iterator[FileOutcome]:
        items = yield from self._credited(items)
        while items and not self._ended():
            articles = [item.article for item in items]
            now = self.run.session.now()
            for article in articles:
                self.numbers.ask(article)
            again: list[Ready] = []
            judged: list[Judged] = []
            edited: list[tuple[Ready, Row]] = []
            sent = self.writer.send(articles, self.quota, self.numbers.known)
            for item, (article, row) in zip(items, sent, strict=True):
                if row["state"] == "done":
                    self._written += 1
                    self.numbers.saw(article)
                self._is_over |= row["state"] == "over_quota"
                match row["state"]:
                    case "source_came" if not item.attempts:
                        again.append(item._replace(attempts=1))
                    case "number_taken" | "source_came" if article.series and item.attempts < _TRIES:
                        self.numbers.step_over(article, row["highest"])
                        again.append(item._replace(attempts=item.attempts + 1))
                    case "waits_for_source":
                        self._waiting.append(item)
                    case "changed":
                        edited.append((item, row))
                    case _:
                        if row["state"] == "duplicate" and article.slug and row["published_as"] != article.slug:
                            self._known_as[article.slug] = str(row["published_as"])
                        self.edits.known(item, row)
                        judged.append((item.file, article.locale, verdict(article, row, now, self.filer.advice)))
            yield from self._filed(judged)
            yield from self._filed(self.edits.judged(edited))
            items = again
        self._is_over |= self._room() <= 0

    def _of_duplicate(self, item: Ready) -> Ready:
        """Let a translation of a duplicate refer to the post with the same text."""
        source = self._known_as.get(item.article.translation_of or "")
        return item._replace(article=item.article._replace(translation_of=source)) if source else item

    def _late(self) -> Iterator[FileOutcome]:
        """Apply the edited files that waited for all others. They are read again, since their texts were not kept."""
        group = Group(self.run.session.database.limits)
        rows: dict[str, Row] = {}
        for each in self.edits.postponed():
            loaded = None if self._ended() else self.loader(each.name, self.run.session.clock())
            if not isinstance(loaded, Ready) or not each.is_still(loaded):
                why = "the run ended before it had seen all files" if self._ended() else "it was edited during the run"
                left = Verdict(Outcome.LEFT, None, None, f"{why}; {self.filer.advice.retry}", self.run.session.now())
                yield from self._filed([(ReadFile(each.name, b"", None, 0), None, left)])
                continue
            if not group.takes(loaded, self.run.session.database.limits.group_articles):
                yield from self._apply(group, rows)
                group = Group(self.run.session.database.limits)
            group.add(loaded, brings_number=False)
            rows[each.name] = each.row
        yield from self._apply(group, rows)

    def _apply(self, group: Group, rows: dict[str, Row]) -> Iterator[FileOutcome]:
        items = yield from self._credited(group.items)
        yield from self._filed(self.edits.applied([(item, rows[item.file.name]) for item in items]))

    def _credited(self, items: list[Ready]) -> Generator[FileOutcome, None, list[Ready]]:
        """Return the items whose authors can be shown, and report the others."""
        fit: list[Ready] = []
        unfit: list[Judged] = []
        for item, found in zip(items, self.authors.credited([item.article for item in items]), strict=True):
            if isinstance(found, Unnamed):
                rejected = Verdict(Outcome.REJECTED, None, None, found.reason, self.run.session.now())
                unfit.append((item.file, item.article.locale, rejected))
            else:
                fit.append(item._replace(article=found))
        yield from self._filed(unfit)
        return fit

    def _filed(self, judged: list[Judged]) -> Iterator[FileOutcome]:
        """Archive, durably, the files of what the store has durably; then report them."""
        outcomes = [self._file_away(*one) for one in judged]
        try:
            self.filer.sync()
        except QueueTroubleError as error:
            self._trouble = error
        for outcome in outcomes:
            if outcome:
                if outcome.outcome not in WRITTEN:
                    # What was written is in the ledger, with the id of the run.
                    self.run.counts[outcome.outcome] = self.run.counts.get(outcome.outcome, 0) + 1
                yield outcome
        if self._trouble:
            raise self._trouble

    def _file_away(self, file: ReadFile, locale: str | None, what: Verdict) -> FileOutcome | None:
        try:
            return self.filer.file_away(file, self.stream.name, locale, what)
        except QueueTroubleError as error:
            # What was published stays published, and the next run finishes it; anything else is still to be done.
            self._trouble = error
            left = what if what.outcome in DURABLE else what._replace(outcome=Outcome.LEFT, reason=error.message)
            return file_outcome(file, self.stream.name, locale, left, None)
