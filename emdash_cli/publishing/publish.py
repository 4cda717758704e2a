"""Publish a stream: gather articles into groups, write or preview each group in one batch, and archive the files."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass, field, replace
from itertools import chain, islice
from typing import TYPE_CHECKING, Final, Protocol

from emdash_cli.domain.errors import DatabaseError, RefusedError, TooLargeError
from emdash_cli.domain.outcome import DURABLE, WRITTEN, FileOutcome, Outcome
from emdash_cli.inbox.files import QueueTroubleError, ReadFile
from emdash_cli.publishing.articles import Loaded, Ready, Unfit
from emdash_cli.publishing.outcomes import Judged, Verdict, file_outcome, verdict
from emdash_cli.publishing.sql import claiming, publishing

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Iterator, Sequence

    from emdash_cli.domain.article import Article
    from emdash_cli.domain.ports import Limits, Row
    from emdash_cli.posts.authors import Authors
    from emdash_cli.publishing.articles import Loader
    from emdash_cli.publishing.edited_files import EditedFiles
    from emdash_cli.publishing.forecast import Forecast, Renderer
    from emdash_cli.publishing.outcomes import Filer
    from emdash_cli.publishing.sql.claiming import Numbers
    from emdash_cli.settings import Stream
    from emdash_cli.store.session import Run

LONG_QUEUE: Final = 1000
"""The number of names from which a second process is worth its start-up time."""

_TRIES: Final = 100
"""How often a new number is chosen for an article."""


@dataclass(slots=True)
class Group:
    """Articles for one batch: within the engine's limits, and without two that have the same key or explicit slug.

    The second of two copies waits for the next group, when the ledger knows the first. An article that needs a number
    also waits if a slug of this group advances the numbers.
    """

    limits: Limits
    items: list[Ready] = field(default_factory=list)
    _taken: set[tuple[str, str]] = field(default_factory=set)
    _bytes: int = 0
    _brings_number: bool = False

    def takes(self, item: Ready, most: int) -> bool:
        """Whether the item fits into this group of at most `most` articles."""
        if not self.items:
            return True
        return (
            len(self.items) < min(self.limits.group_articles, most)
            and self._bytes + item.article.size() <= self.limits.group_bytes
            and not (self._brings_number and item.article.plan is not None)
            and self._taken.isdisjoint(_names(item.article))
        )

    def add(self, item: Ready, *, brings_number: bool) -> None:
        """Add the item.

        Args:
            item: accepted by `takes`.
            brings_number: whether its own slug advances the stream's numbers.
        """
        self.items.append(item)
        self._brings_number |= brings_number
        self._taken.update(_names(item.article))
        self._bytes += item.article.size()


def _names(article: Article) -> list[tuple[str, str]]:
    names = [("key", article.key)]
    if article.slug is not None:
        names.append((article.locale, article.slug))
    if article.translation_of is not None:
        names.append((article.locale, f"translation of {article.translation_of}"))
    return names


@dataclass(frozen=True, slots=True)
class Quota:
    """What a stream's cadence allows: this many articles since the period began (UTC text); None: any number."""

    limit: int | None
    period_start: str


class Writer(Protocol):
    """Publishes groups. Returns a result row for each article, in order; see `publishing.publish_group`."""

    def send(
        self, articles: Sequence[Article], quota: Quota, numbers: dict[str, tuple[int, int]]
    ) -> Iterator[tuple[Article, Row]]:
        """Publish the articles, and yield the result for each."""
        ...


class Committer:
    """Writes groups to the store. A refused group is halved until the article at fault is alone."""

    def __init__(self, run: Run, *, by_file: bool) -> None:
        self._run = run
        self._session = run.session
        self._by_file = by_file

    def send(
        self, articles: Sequence[Article], quota: Quota, numbers: dict[str, tuple[int, int]]
    ) -> Iterator[tuple[Article, Row]]:
        """See `Writer`. Everything that a result reports is durable."""
        signs = self._run.signs_of_work()
        batch = publishing.publish_group(
            self._session.layout, _batch(articles, quota, numbers, self._run, by_file=self._by_file)
        )
        try:
            rows = self._session.database.batch([*signs, *batch])[-1]
        except (RefusedError, TooLargeError) as error:
            if len(articles) == 1:
                # A refusal is final, but a time limit may have been exceeded by bad luck.
                state = "refused" if isinstance(error, RefusedError) else "too_large"
                yield articles[0], {"state": state, "why": error.message}
                return
            half = len(articles) // 2
            yield from self.send(articles[:half], quota, numbers)
            yield from self.send(articles[half:], quota, numbers)
            return
        adopted = self._adopted([(a, r) for a, r in zip(articles, rows, strict=True) if r["state"] == "slug_taken"])
        for article, row in zip(articles, rows, strict=True):
            if row["owner_id"] in adopted:
                yield article, _as_duplicate(row)
                continue
            if row["state"] == "incomplete":
                raise DatabaseError(
                    f"{article.file}: the post {row['post_id']} was written, but its revision cannot be found",
                    hint="run `emdash cleanup --dry-run` and `emdash doctor`",
                    code="not_read_back",
                )
            yield article, row

    def _adopted(self, taken: list[tuple[Article, Row]]) -> set[str]:
        if not taken:
            return set()
        from emdash_cli.publishing.sql.adoption import adopt, same_posts

        same = same_posts(self._session, taken)
        return adopt(self._run, same) if same else set()


def _as_duplicate(row: Row) -> Row:
    """The row of a post that another tool published and that is now in the ledger."""
    owner = {"post_id": row["owner_id"], "published_as": row["owner_slug"], "slug_now": row["owner_slug"]}
    return {**row, **owner, "state": "duplicate", "file": "another tool", "gone": 0, "trashed": 0}


def _batch(
    articles: Sequence[Article],
    quota: Quota,
    numbers: dict[str, tuple[int, int]],
    run: Run,
    *,
    by_file: bool,
) -> claiming.Batch:
    session = run.session
    return claiming.Batch(
        articles=articles,
        claim=session.new_id(),
        run_id=run.id,
        run_kind=run.kind,
        announces=run.announces,
        actor=run.actor,
        now=session.now(),
        quota=quota.limit,
        period_start=quota.period_start,
        numbers=numbers,
        by_file=by_file,
        new_id=session.new_id,
        site=session.settings.site,
    )


class Previewer:
    """Reports what a `Committer` would do without writing anything.

    It remembers what earlier groups of the same run would have written: their keys, slugs and numbers.
    """

    def __init__(self, run: Run, *, by_file: bool, render: Renderer | None = None) -> None:
        self._run = run
        self._session = run.session
        self._by_file = by_file
        self._render = render
        self._forecast: Forecast | None = None
        self._keys: dict[str, Row] = {}
        self._slugs: dict[tuple[str, str], str] = {}

    def send(
        self, articles: Sequence[Article], quota: Quota, numbers: dict[str, tuple[int, int]]
    ) -> Iterator[tuple[Article, Row]]:
        """See `Writer`."""
        left = None if quota.limit is None else quota.limit - len(self._keys)
        batch = _batch(articles, replace(quota, limit=left), numbers, self._run, by_file=self._by_file)
        claimable, read_back = publishing.preview_group(self._session.layout, batch)
        claimed = {str(row["key"]): row for row in self._session.database.query(claimable)}
        for article, row in zip(articles, self._session.database.query(read_back), strict=True):
            yield article, self._previewed(article, row, claimed.get(article.key), numbers)

    def _previewed(self, article: Article, row: Row, claim: Row | None, numbers: dict[str, tuple[int, int]]) -> Row:
        if earlier := self._keys.get(article.key):
            return {**row, **earlier, "state": "duplicate" if earlier["digest"] == article.digest else "changed"}
        slug = str(claim["slug"]) if claim else str(article.slug)
        if owner := self._slugs.get((article.locale, slug)):
            return {**row, "state": "slug_taken", "owner_id": None, "owner_file": owner}
        if claim is None and not self._comes_after_its_source(article, row):
            return self._adoptable(article, row)
        if article.series and claim and claim["number"] is not None:
            numbers[article.series] = (int(claim["number"]), numbers[article.series][1])
        done: Row = {
            "post_id": None,
            "published_as": slug,
            "slug_now": slug,
            "file": article.file,
            "stream": article.stream,
            "outcome": article.status,
            "recorded_at": self._session.now(),
            "gone": 0,
            "trashed": 0,
        }
        self._foresee(article, slug, done)
        self._keys[article.key] = {**done, "digest": article.digest}
        self._slugs[article.locale, slug] = article.file
        return {**row, **done, "state": "done"}

    def _foresee(self, article: Article, slug: str, done: Row) -> None:
        """Add to the row where the article would be announced, and what should be known about that."""
        if not self._session.settings.platforms:
            return
        if self._forecast is None:
            from emdash_cli.publishing.forecast import Forecast
            from emdash_cli.store.announcing import known_since

            since = {str(row["lane"]): str(row["since"]) for row in self._session.database.query(known_since())}
            is_import = not self._run.announces
            self._forecast = Forecast(self._session.settings, self._render, since, is_import=is_import)
        now = self._session.clock()
        done["announced_on"] = "\n".join(self._forecast.platforms(article, now))
        done["remarks"] = "\n".join(self._forecast.notices(article, slug, now))

    def _comes_after_its_source(self, article: Article, row: Row) -> bool:
        """Whether the only thing the article lacks is a source that this run would have written."""
        source = article.translation_of
        if row["state"] != "waits_for_source" or article.slug is None:
            return False
        by_slug = any(slug == source and locale != article.locale for locale, slug in self._slugs)
        return by_slug or any(key.startswith(f"id:{source}:") for key in self._keys)

    def _adoptable(self, article: Article, row: Row) -> Row:
        if row["state"] != "slug_taken":
            return row
        from emdash_cli.publishing.sql.adoption import same_posts

        return _as_duplicate(row) if same_posts(self._session, [(article, row)]) else row


@dataclass(slots=True)
class StreamPublisher:
    """Publishes one stream. The caller holds the lock of its queue.

    Attributes:
        names: of the files to publish, in order.
        loader: creates an article from each file.
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
    _authors: Authors | None = None

    def outcomes(self) -> Iterator[FileOutcome]:
        """Publish the queue, and report the outcome of each file, group by group.

        Raises:
            DatabaseError: the store fails; what was reported before is durable.
            QueueTroubleError: the queue or the archive fails.
        """
        loaded = self._loaded()
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

    def _loaded(self) -> Generator[Loaded | None, None, None]:
        """The article of each name, in order. Many are prepared ahead, in a second process."""
        names = iter(self.names())
        first = list(islice(names, min(LONG_QUEUE, self.limit or self.quota.limit or LONG_QUEUE)))
        clock = self.run.session.clock
        if len(first) == LONG_QUEUE:
            from emdash_cli.publishing.ahead import load_ahead

            return load_ahead(self.loader, chain(first, names), clock)
        return (self.loader(name, clock()) for name in chain(first, names))

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
                    case "changed" | "requeued":
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
        if not any(item.article.author and item.article.author.needs_store for item in items):
            return items
        from emdash_cli.posts.authors import Authors, Unnamed

        self._authors = self._authors or Authors(self.run.session.database, self.stream)
        fit: list[Ready] = []
        unfit: list[Judged] = []
        for item, found in zip(items, self._authors.credited([item.article for item in items]), strict=True):
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
