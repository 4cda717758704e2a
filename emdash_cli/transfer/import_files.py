"""Bring in articles from a folder that they stay in: an archive of this tool, or the Markdown of a static site."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from enum import StrEnum
from functools import partial
from typing import TYPE_CHECKING, ClassVar, NamedTuple, Protocol

from emdash_cli.domain.errors import UsageError
from emdash_cli.domain.queue_file import MAX_FILE_BYTES, Problem, QueueFileError, parse
from emdash_cli.domain.queue_file.hidden import advised
from emdash_cli.domain.queue_file.site_pages import PageRules, at_address, parse_page, read_path
from emdash_cli.domain.slugs import DIGITS, SlugPattern, slugify
from emdash_cli.domain.template_tags import Context
from emdash_cli.inbox import folders, queue
from emdash_cli.inbox.files import QueueTroubleError, UnfitFileError, bare_name, printable
from emdash_cli.posts.authors import Authors
from emdash_cli.publishing.articles import Loader, Preparer, load
from emdash_cli.publishing.edited_sources import Wanted, edits
from emdash_cli.publishing.groups import Committer, Previewer, Quota
from emdash_cli.publishing.outcomes import STAYING, told
from emdash_cli.publishing.publish import StreamPublisher
from emdash_cli.publishing.queues import Event, Notice, Trouble
from emdash_cli.publishing.sql.numbers import Numbers
from emdash_cli.store import labels
from emdash_cli.store.ledger import rename_files
from emdash_cli.store.run import Run
from emdash_cli.store.session import open_store
from emdash_cli.transfer.linked_pages import LinkedPages
from emdash_cli.transfer.translated_pages import TranslatedPages

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path
    from zoneinfo import ZoneInfo

    from emdash_cli.domain.article import Article
    from emdash_cli.domain.collection import FieldNames, PostPath
    from emdash_cli.domain.outcome import FileOutcome
    from emdash_cli.domain.ports import Clock, Database
    from emdash_cli.domain.queue_file import QueueFile
    from emdash_cli.domain.setting_values import OnChange
    from emdash_cli.inbox.files import ReadFile
    from emdash_cli.publishing.articles import Loaded
    from emdash_cli.publishing.outcomes import Advice, Verdict
    from emdash_cli.settings import Stream


MOST_NAMED = 3
"""Files that a message names."""


class Undated(StrEnum):
    """What an article without a date gets: the present time, its file's time of modification, or the state draft."""

    NOW = "now"
    FILE = "file"
    NONE = "none"

    def applied(self, wish: QueueFile, file: ReadFile, now: datetime) -> QueueFile:
        """The article with what it gets; one that has a date or is a draft stays as it is."""
        if not is_undated(wish):
            return wish
        match self:
            case Undated.NOW:
                return wish
            case Undated.FILE:
                return replace(wish, publish_at=min(datetime.fromtimestamp(file.modified_at, UTC), now))
            case Undated.NONE:
                return replace(wish, status="draft")


class Pages(Loader, Protocol):
    """Makes articles of the files of a folder."""

    def knows(self, stored: Sequence[str]) -> None:
        """Take over the spelling of the locales that the store has; called once, before the first file."""
        ...


class Source(NamedTuple):
    """A folder of articles.

    Attributes:
        names: their paths from there, in the order in which they are published.
        loader: makes an article of each.
        undated: the names of the articles that name no date, and for which nobody said what they get.
        notices: what to know of the folder as a whole, a line each.
    """

    names: list[str]
    loader: Pages
    undated: Callable[[datetime], list[str]]
    notices: tuple[str, ...] = ()


def is_undated(wish: QueueFile) -> bool:
    """Whether the article would go live without a date of its own."""
    return wish.publish_at is None and wish.status != "draft"


def demand_dates(source: Source, now: datetime) -> None:
    """Refuse a folder with articles that name no date, unless it was said what they get.

    Published as of now, a whole blog would stand at the top of the site, in the order of its file names.

    Raises:
        UsageError: there are such articles; nothing was written.
        QueueTroubleError: the folder cannot be read.
    """
    names = [printable(name) for name in source.undated(now)]
    if not names:
        return
    counted = "1 article names no date: it" if len(names) == 1 else f"{len(names):,} articles name no date: they"
    more = f" and {len(names) - MOST_NAMED:,} more" if len(names) > MOST_NAMED else ""
    raise UsageError(
        f"{counted} would be published as of now ({', '.join(names[:MOST_NAMED])}{more})",
        hint="add --date now, --date file (each file's time of modification) or --date none (bring them in as drafts)",
        code="undated",
    )


class Request(NamedTuple):
    """What to bring in.

    Attributes:
        limit: how many articles, at most; those that the ledger knows do not count.
        is_preview: tell what would happen, and change nothing.
        stopped: whether to end after the group under way.
        actor: how the audit table names whoever does it.
        zone: of the settings.
        post_path: of the site.
        on_change: what becomes of files that were brought in before and edited since.
    """

    source: Source
    stream: Stream
    limit: int | None
    is_preview: bool
    stopped: Callable[[], bool]
    actor: str
    zone: ZoneInfo
    post_path: PostPath
    on_change: OnChange


def import_files(
    request: Request, database: Database, names: FieldNames, clock: Clock, new_id: Callable[[], str]
) -> Iterator[Event]:
    """Publish what is in the folder, and tell of each file as it happens; the files stay where they are.

    The ledger is the one of `publish-queue`, so that a folder may be brought in again, also after a run that was
    ended half-way: what is known is told of as a duplicate. Cadence and per_run of the stream do not apply.

    Raises:
        DatabaseError: the store is unreachable or failing; what was told of before is durable.
    """
    run = Run("import", clock, new_id, request.actor)
    numbers = Numbers(database, names, request.stream)
    reads = numbers.first_reads()
    signs = [] if request.is_preview else run.sign_of_life()
    layout, rows = open_store(database, names, [*reads, labels.known_locales(names), *signs])
    yield from (Notice(text) for text in (*layout.warnings, *request.source.notices))
    numbers.learn(rows[: len(reads)])
    request.source.loader.knows([str(row["locale"]) for row in rows[len(reads)]])
    files = [printable(name) for name in request.source.names]
    wanted = Wanted(
        *(request.on_change, request.is_preview, request.post_path, request.stream, request.zone, STAYING), files
    )
    edited = edits(wanted, database, layout, run)
    publisher = StreamPublisher(
        stream=request.stream,
        names=partial(iter, request.source.names),
        loader=request.source.loader,
        run=run,
        writer=(Previewer if request.is_preview else Committer)(database, layout, run, request.post_path, by_file=True),
        filer=StayingFiler(),
        numbers=numbers,
        authors=Authors(database, request.stream),
        edits=edited,
        quota=Quota(None, ""),
        limits=database.limits,
        limit=request.limit,
        stopped=request.stopped,
    )
    try:
        yield from publisher.outcomes()
    except (QueueTroubleError, UsageError) as error:
        yield Trouble(request.stream.name, error)
    if not request.is_preview and (renamed := edited.renamed()):
        database.batch([rename_files(renamed, request.stream.name)])
    if run.has_unrecorded_counts() and not request.is_preview:
        database.batch(run.sign_of_life())


class StayingFiler:
    """Leaves every file where it is."""

    advice: ClassVar[Advice] = STAYING

    def settle(self, file: ReadFile, stream: str, locale: str | None, found: Verdict) -> FileOutcome | None:
        """See `Filer`."""
        return told(file, stream, locale, found, None)

    def sync(self) -> None:
        """See `Filer`."""


class Rules(NamedTuple):
    """How the files of a folder become articles.

    Attributes:
        stream: whose category, tags, author and locale they get where they have none; its locales are those that the
            path of a page may name.
        zone: of the settings.
        undated: what articles get that name no date; None to ask.
        paths: of the posts of the site.
        site_url: where the site will be; None: the settings do not say.
        strict: see `Preparer`.
        slug: how files get a slug that name none; None: by their names, or as the stream has it for queue files.
        hidden_as_draft: take what is not for everybody as a draft, instead of refusing it.
    """

    stream: Stream
    zone: ZoneInfo
    undated: Undated | None
    paths: PostPath
    site_url: str | None
    strict: bool
    slug: SlugPattern | None
    hidden_as_draft: bool


def markdown_source(root: Path, rules: Rules) -> Source:
    """The Markdown files of a static site below a folder.

    Raises:
        UsageError: there is no such folder.
        QueueTroubleError: it cannot be listed.
    """
    pages = TranslatedPages(root, folders.markdown_files(root), rules.stream)
    names = pages.in_order()
    loader = _MarkdownLoader(root, rules, pages)
    return Source(names, loader, (lambda _: []) if rules.undated else partial(loader.undated, names), pages.notices())


def archive_source(root: Path, rules: Rules) -> Source:
    """The queue files of an archive; arguments and errors as of `markdown_source`.

    Unless something else is said, an article without a date gets its file's time of modification: a queue file was
    written not long before it was published, as a rule.
    """
    return Source(folders.archived_files(root), _ArchiveLoader(root, rules), lambda _: [])


class _Slugs:
    """The slugs of files that name none."""

    def __init__(self, rules: Rules) -> None:
        self._rules = rules

    def of(self, wish: QueueFile, name: str, path: str, now: datetime) -> str:
        """By the pattern, else by the name; empty if nothing of the name can stand in a slug.

        Raises:
            QueueFileError: the pattern needs a date, and there is none.
        """
        pattern = self._rules.slug
        if pattern is None:
            return slugify(name)
        if wish.publish_at is None and pattern.has(*DIGITS) and self._rules.undated is not Undated.NOW:
            message = f"names no date, which --slug {pattern.source} needs"
            raise QueueFileError([Problem(None, None, message, "give it a date, or use another pattern")])
        day = (wish.publish_at or now).astimezone(self._rules.zone).date()
        return pattern.render(title=wish.title, name=name, path=path, day=day).slug(None)


def slug_pattern(source: str) -> SlugPattern:
    """The pattern of ``--slug``.

    Raises:
        UsageError: it cannot be read, or counts: an import that is run again must give the same slugs.
    """
    pattern = SlugPattern.parse(source)
    if pattern.numbered:
        raise UsageError(
            "--slug cannot contain {number}: a repeated import must give the same slugs",
            hint="use {path}, or a date: {yyyy}-{mm}-{dd}-{name}",
        )
    return pattern


class _MarkdownLoader:
    def __init__(self, root: Path, rules: Rules, pages: TranslatedPages) -> None:
        self._root = root
        self._pages = pages
        self._locales = pages.locales
        self._within = root.resolve().parts
        self._references: dict[str, tuple[str | None, str | None]] = {}
        self._undated = rules.undated or Undated.NOW
        self._preparer = Preparer(rules.stream, rules.zone, strict=rules.strict)
        slug_of = self._linked_slug if rules.slug else None
        linked = LinkedPages(root, pages.in_order(), pages.locales, pages.first, rules.paths, slug_of)
        tags = Context(folders.generator(root), linked, site_url=rules.site_url)
        self._linked = linked
        self._rules = PageRules(rules.zone, tags, rules.hidden_as_draft)
        self._slugs = _Slugs(rules)

    def __call__(self, name: str, now: datetime) -> Loaded | None:
        """See `Loader`."""
        return load(self._root, name, now, self._article)

    def knows(self, stored: Sequence[str]) -> None:
        """See `Pages`."""
        self._preparer.knows(stored)

    def undated(self, names: list[str], now: datetime) -> list[str]:
        """The pages that can be published and name no date."""
        return [name for name in names if self._is_undated(name, now)]

    def _is_undated(self, name: str, now: datetime) -> bool:
        try:
            file = queue.read(self._root, name, MAX_FILE_BYTES)
            path = read_path(name, self._locales, self._within)
            return file is not None and is_undated(parse_page(file.raw, path, self._rules._replace(tags=None), now))
        except (UnfitFileError, QueueFileError):
            return False

    def _article(self, file: ReadFile, now: datetime) -> Article:
        wish, article = self._parsed(file, now)
        source = None if wish.translation_of else self._pages.source_of(file.name, wish.metadata)
        if source is None:
            return article
        if source not in self._references:
            self._references[source] = self._reference(source, now)
        reference, locale = self._references[source]
        return article if locale == article.locale else article._replace(translation_of=reference)

    def _parsed(self, file: ReadFile, now: datetime) -> tuple[QueueFile, Article]:
        path = read_path(file.name, self._locales, self._within)
        try:
            page = parse_page(file.raw, path, self._rules_in(path.locale), now)
        except QueueFileError as error:
            raise advised(error) from None
        wish = self._undated.applied(page, file, now)
        path = at_address(path, wish.metadata)
        wish = replace(wish, slug=wish.slug or self._slugs.of(wish, path.name, path.path, now) or None)
        return wish, self._preparer.of(wish, file, path.name, now, page)

    def _rules_in(self, locale: str | None) -> PageRules:
        """For a page in that locale, which refers to pages in it first."""
        tags = self._rules.tags
        if locale is None or tags is None:
            return self._rules
        return self._rules._replace(tags=replace(tags, pages=partial(self._linked, locale=locale)))

    def _linked_slug(self, file: ReadFile) -> str:
        """Of a page that another one refers to; when that is does not matter."""
        path = read_path(file.name, self._locales, self._within)
        now = datetime.max.replace(tzinfo=UTC)
        wish = parse_page(file.raw, path, self._rules._replace(tags=None), now)
        path = at_address(path, wish.metadata)
        return self._slugs.of(wish, path.name, path.path, now)

    def _reference(self, source: str, now: datetime) -> tuple[str | None, str | None]:
        """By what the store knows a page that is translated, None if it is gone; and its locale, if it can be read."""
        try:
            file = queue.read(self._root, source, MAX_FILE_BYTES)
            if file is None:
                return None, None
            wish, article = self._parsed(file, now)
        except (UnfitFileError, QueueFileError):
            # It is told of under its own name; the translation waits until that is mended.
            return slugify(read_path(source, self._locales, self._within).name) or None, None
        return wish.id or article.slug, article.locale


class _ArchiveLoader:
    def __init__(self, root: Path, rules: Rules) -> None:
        self._root = root
        self._rules = rules
        self._slugs = _Slugs(rules)
        self._undated = rules.undated or Undated.FILE
        self._preparer = Preparer(rules.stream, rules.zone, strict=rules.strict)

    def __call__(self, name: str, now: datetime) -> Loaded | None:
        """See `Loader`."""
        return load(self._root, name, now, self._article)

    def knows(self, stored: Sequence[str]) -> None:
        """See `Pages`."""
        self._preparer.knows(stored)

    def _article(self, file: ReadFile, now: datetime) -> Article:
        rules, name = self._rules, bare_name(file.name.rpartition("/")[2])
        try:
            document = parse(file.raw, zone=rules.zone, now=now, hidden_as_draft=rules.hidden_as_draft)
        except QueueFileError as error:
            raise advised(error) from None
        wish = self._undated.applied(document, file, now)
        if rules.slug and not wish.slug:
            wish = replace(wish, slug=self._slugs.of(wish, name, name, now))
        return self._preparer.of(wish, file, name, now, document)
