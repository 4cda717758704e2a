"""Turn the files of a folder into articles: pages of a static site, or queue files of an archive.

Pages refer to one another by links and template tags, and translate one another by path or by a shared key.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from enum import StrEnum
from functools import partial
from typing import TYPE_CHECKING, NamedTuple, Protocol

from emdash_cli.domain.errors import UsageError
from emdash_cli.domain.locales import Locales, canonical
from emdash_cli.domain.queue_file import MAX_FILE_BYTES, Problem, QueueFileError, parse
from emdash_cli.domain.queue_file.front_matter import MAX_FRONT_MATTER
from emdash_cli.domain.queue_file.mapping import advised
from emdash_cli.domain.queue_file.page_locales import (
    key_in_text,
    locale_within,
    sources_by_key,
    sources_by_path,
    translation_key,
    unknown_languages,
    with_english,
    with_folders,
)
from emdash_cli.domain.queue_file.site_pages import PageRules, at_address, name_and_locale, parse_page, read_path
from emdash_cli.domain.slugs import DIGITS, SlugPattern, slugify
from emdash_cli.domain.template_tags import Context, LinkedPage
from emdash_cli.inbox import files, folders
from emdash_cli.inbox.files import UnfitFileError, bare_name, printable
from emdash_cli.publishing.articles import Loader, Preparer, load

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path
    from zoneinfo import ZoneInfo

    from emdash_cli.domain.article import Article, PostPath
    from emdash_cli.domain.queue_file import QueueFile
    from emdash_cli.inbox.files import ReadFile
    from emdash_cli.publishing.articles import Loaded
    from emdash_cli.settings import Stream


MOST_NAMED = 3
"""Maximum number of files that a message names."""


class Undated(StrEnum):
    """The date of an article that has none: the present time, its file's modification time, or none, as a draft."""

    NOW = "now"
    FILE = "file"
    NONE = "none"

    def applied(self, parsed: QueueFile, file: ReadFile, now: datetime) -> QueueFile:
        """The article with that date; one that has a date or is a draft is returned unchanged."""
        if not is_undated(parsed):
            return parsed
        match self:
            case Undated.NOW:
                return parsed
            case Undated.FILE:
                return replace(parsed, publish_at=min(datetime.fromtimestamp(file.modified_at, UTC), now))
            case Undated.NONE:
                return replace(parsed, status="draft")


class PageLoader(Loader, Protocol):
    """Creates articles from the files of a folder."""

    def knows(self, stored: Sequence[str]) -> None:
        """Adopt the store's spelling of the locales. Called once, before the first file."""
        ...


class Source(NamedTuple):
    """A folder of articles.

    Attributes:
        names: paths relative to the folder, in the order of publication.
        loader: creates an article from each file.
        undated: names of the articles that have no date and no chosen default date.
        notices: about the folder as a whole, one line each.
    """

    names: list[str]
    loader: PageLoader
    undated: Callable[[datetime], list[str]]
    notices: tuple[str, ...] = ()


def is_undated(parsed: QueueFile) -> bool:
    """Whether the article has no date and would go live."""
    return parsed.publish_at is None and parsed.status != "draft"


def demand_dates(source: Source, now: datetime) -> None:
    """Refuse a folder with articles that have no date, unless the user chose a date for them.

    If all were dated with the present, a whole blog would appear at the top of the site, ordered by file name.

    Raises:
        UsageError: there are such articles; nothing was written.
        QueueTroubleError: the folder cannot be read.
    """
    names = [printable(name) for name in source.undated(now)]
    if not names:
        return
    counted = "1 article has no date and" if len(names) == 1 else f"{len(names):,} articles have no date and"
    more = f" and {len(names) - MOST_NAMED:,} more" if len(names) > MOST_NAMED else ""
    raise UsageError(
        f"{counted} would be published with the current date ({', '.join(names[:MOST_NAMED])}{more})",
        hint="add --date now, --date file (each file's modification time) or --date none (import them as drafts)",
        code="undated",
    )


_SHOWN = 5


class TranslatedPages:
    """The pages of a folder by language.

    Args:
        root: the folder.
        names: paths of the pages, relative to it.
        stream: provides the locales of the settings.

    Attributes:
        locales: those that may appear in paths.
        first: the locale of pages whose paths name none: that of a folder above the root, or the stream's.
    """

    def __init__(self, root: Path, names: list[str], stream: Stream) -> None:
        self.locales = with_english(names, with_folders(names, Locales.of(stream.locales)))
        self._root = root
        self._names = names
        self.first = locale_within(root.resolve().parts, self.locales) or stream.locale
        self._by_path = sources_by_path(names, self.locales, self.first)
        self._by_key: dict[str, str] | None = None
        self._linked_by_key: frozenset[str] = frozenset()

    def in_order(self) -> list[str]:
        """The paths, each source before its translations, which would otherwise have to wait for it."""
        return sorted(self._names, key=lambda name: name in self._by_path)

    def source_of(self, name: str, metadata: Mapping[str, object]) -> str | None:
        """The path of the page that this page translates; None if it is not a translation.

        Args:
            name: its path.
            metadata: the keys of its front matter that are not fields of a queue file.
        """
        if translation_key(metadata) is not None:
            if self._by_key is None:
                self._by_key = self._read_keys()
            if name in self._linked_by_key:
                return self._by_key.get(name)
        return self._by_path.get(name)

    def _read_keys(self) -> dict[str, str]:
        keys: dict[str, tuple[str, str | None]] = {}
        for name in self._names:
            try:
                file = files.read(self._root, name, MAX_FILE_BYTES)
            except UnfitFileError:
                continue
            head = file.raw[:MAX_FRONT_MATTER].decode(errors="replace") if file else ""
            if found := key_in_text(head, name, self.locales):
                keys[name] = found
        shared = Counter(key for key, _ in keys.values())
        self._linked_by_key = frozenset(name for name, (key, _) in keys.items() if shared[key] > 1)
        return sources_by_key(keys, self.first)

    def notices(self) -> tuple[str, ...]:
        """A notice about folders and name endings that look like languages but are treated as ordinary names."""
        found = unknown_languages(self._names, self.locales)
        if not found:
            return ()
        names = sorted(found)
        shown = ", ".join(names[:_SHOWN]) + (f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else "")
        pages = sum(map(len, found.values()))
        what = "look like languages" if len(names) > 1 else "looks like a language"
        first = found[names[0]][0]
        translate, their = (
            ("seem to be translations, but are", "their") if pages > 1 else ("seems to be a translation, but is", "its")
        )
        which = f"{pages} pages, such as {first}," if pages > 1 else first
        text = (
            f"{shown} {what} that no stream has: {which} {translate} imported as {self.first} unless {their} front"
            " matter names another language;"
            f' add a stream with locale = "{canonical(names[0]) or names[0]}" to the settings to import them as such'
        )
        return (text,)


@dataclass
class LinkedPages:
    """See `emdash_cli.domain.template_tags.Pages`; a page counts as a post whether or not it has been imported yet.

    root: the folder.
    names: paths of its pages, relative to it.
    locales: those that may appear in the path of a page.
    locale: of pages whose paths name none.
    paths: paths of the posts on the site.
    slug_of: the slug of a page if it is not the one in its front matter or its name.
    """

    root: Path
    names: Sequence[str]
    locales: Locales
    locale: str
    paths: PostPath
    slug_of: Callable[[ReadFile], str] | None = None
    _index: dict[str, list[str]] = field(default_factory=dict)
    _found: dict[tuple[str, str], LinkedPage | None] = field(default_factory=dict)

    def __call__(self, reference: str, locale: str | None = None) -> LinkedPage | None:
        """The page whose path ends with the reference, ignoring dates and extensions.

        Args:
            reference: a path or a name.
            locale: of the page that refers to it; its translation into that locale is preferred.
        """
        if not self._index:
            for name in self.names:
                for key in _keys(name, self.locales):
                    self._index.setdefault(key, []).append(name)
        wanted = (reference, locale or self.locale)
        if wanted not in self._found:
            self._found[wanted] = self._target(*wanted)
        return self._found[wanted]

    def _target(self, reference: str, wanted: str) -> LinkedPage | None:
        key = _bare(reference)
        while key and key not in self._index:
            key = key.partition("/")[2]
        if not key:
            return None

        def rank(name: str) -> tuple[bool, int]:
            return (read_path(name, self.locales).locale or self.locale) != wanted, name.count("/")

        name = min(self._index[key], key=rank)
        path = read_path(name, self.locales)
        slug, title, locale = slugify(path.name), None, path.locale
        try:
            file = files.read(self.root, name, MAX_FILE_BYTES)
            if file is not None:
                said = name_and_locale(file.raw)
                locale = self.locales.spelt(said.locale) if said.locale else locale
                slug, title = said.slug or slugify(said.name or "") or slug, said.title
                if self.slug_of and not said.slug:
                    slug = self.slug_of(file)
        except (QueueFileError, UnfitFileError):
            pass  # The error is reported for the page itself.
        return LinkedPage(self.paths.of(slug, locale or self.locale), title) if slug else None


def _keys(name: str, locales: Locales) -> set[str]:
    """The names of the page: its path and every shorter end of it, with and without the date in its name."""
    path = read_path(name, locales)
    whole = _bare(name)
    folder, _, last = whole.rpartition("/")
    own = path.name.lower()
    # The folder of an index.md gives the page its name.
    found = {whole, path.path.lower(), own if last == own else f"{folder}/{own}".lstrip("/")}
    return {key.split("/", cut)[-1] for key in found for cut in range(key.count("/") + 1)}


def _bare(reference: str) -> str:
    """The reference in lower case, without fragment, extension, ``index`` and leading dots and slashes."""
    path = reference.partition("#")[0].partition("?")[0].strip().lower().lstrip("./").rstrip("/")
    for ending in (".md", ".mdx", ".markdown", ".html"):
        path = path.removesuffix(ending)
    return path.removesuffix("/index").removesuffix("/_index")


class Rules(NamedTuple):
    """How the files of a folder become articles.

    Attributes:
        stream: provides the category, tags, author and locale of articles that have none; its locales may appear in the
            path of a page.
        zone: time zone of the settings.
        undated: the date of articles without one; None: the user has to choose.
        paths: paths of the posts on the site.
        site_url: URL of the site; None if the settings do not name one.
        strict: see `Preparer`.
        slug: the pattern for slugs of files that name none; None: by file name or, for queue files, as for the stream.
        hidden_as_draft: import pages that are not public as drafts instead of refusing them.
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
    """The queue files of an archive; arguments and errors are those of `markdown_source`.

    By default, an article without a date gets its file's modification time, because a queue file is usually written
    shortly before it is published.
    """
    return Source(folders.archived_files(root), _ArchiveLoader(root, rules), lambda _: [])


class _Slugs:
    """Creates the slugs of files that name none."""

    def __init__(self, rules: Rules) -> None:
        self._rules = rules

    def of(self, parsed: QueueFile, name: str, path: str, now: datetime) -> str:
        """The slug by the pattern or by the name; empty if no part of the name can be used in a slug.

        Raises:
            QueueFileError: the pattern needs a date, and there is none.
        """
        pattern = self._rules.slug
        if pattern is None:
            return slugify(name)
        if parsed.publish_at is None and pattern.has(*DIGITS) and self._rules.undated is not Undated.NOW:
            message = f"has no date, which --slug {pattern.source} needs"
            raise QueueFileError([Problem(None, None, message, "add a date, or use another pattern")])
        day = (parsed.publish_at or now).astimezone(self._rules.zone).date()
        return pattern.render(title=parsed.title, name=name, path=path, day=day).slug(None)


def slug_pattern(source: str) -> SlugPattern:
    """The pattern of ``--slug``.

    Raises:
        UsageError: it is invalid, or uses {number}, although a repeated import must give the same slugs.
    """
    pattern = SlugPattern.parse(source)
    if pattern.numbered:
        raise UsageError(
            "--slug cannot contain {number}: a repeated import must give the same slugs",
            hint="use {path}, or a date: {yyyy}-{mm}-{dd}-{name}",
        )
    return pattern


class _Loader(ABC):
    def __init__(self, root: Path, rules: Rules) -> None:
        self._root = root
        self._slugs = _Slugs(rules)
        self._preparer = Preparer(rules.stream, rules.zone, strict=rules.strict)

    def __call__(self, name: str, now: datetime) -> Loaded | None:
        """See `Loader`."""
        return load(self._root, name, now, self._article)

    def knows(self, stored: Sequence[str]) -> None:
        """See `PageLoader`."""
        self._preparer.knows(stored)

    @abstractmethod
    def _article(self, file: ReadFile, now: datetime) -> Article: ...


class _MarkdownLoader(_Loader):
    def __init__(self, root: Path, rules: Rules, pages: TranslatedPages) -> None:
        super().__init__(root, rules)
        self._pages = pages
        self._locales = pages.locales
        self._within = root.resolve().parts
        self._references: dict[str, tuple[str | None, str | None]] = {}
        self._undated = rules.undated or Undated.NOW
        slug_of = self._linked_slug if rules.slug else None
        linked = LinkedPages(root, pages.in_order(), pages.locales, pages.first, rules.paths, slug_of)
        tags = Context(folders.generator(root), linked, site_url=rules.site_url)
        self._linked = linked
        self._rules = PageRules(rules.zone, tags, rules.hidden_as_draft)

    def undated(self, names: list[str], now: datetime) -> list[str]:
        """The publishable pages without a date."""
        return [name for name in names if self._is_undated(name, now)]

    def _is_undated(self, name: str, now: datetime) -> bool:
        try:
            file = files.read(self._root, name, MAX_FILE_BYTES)
            path = read_path(name, self._locales, self._within)
            return file is not None and is_undated(parse_page(file.raw, path, self._rules._replace(tags=None), now))
        except (UnfitFileError, QueueFileError):
            return False

    def _article(self, file: ReadFile, now: datetime) -> Article:
        parsed, article = self._parsed(file, now)
        source = None if parsed.translation_of else self._pages.source_of(file.name, parsed.metadata)
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
        parsed = self._undated.applied(page, file, now)
        path = at_address(path, parsed.metadata)
        parsed = replace(parsed, slug=parsed.slug or self._slugs.of(parsed, path.name, path.path, now) or None)
        return parsed, self._preparer.of(parsed, file, path.name, now, page)

    def _rules_in(self, locale: str | None) -> PageRules:
        """The same pages for a page in that locale, whose references prefer pages in it."""
        tags = self._rules.tags
        if locale is None or tags is None:
            return self._rules
        return self._rules._replace(tags=replace(tags, pages=partial(self._linked, locale=locale)))

    def _linked_slug(self, file: ReadFile) -> str:
        """The slug of a page that another page refers to, whatever its date."""
        path = read_path(file.name, self._locales, self._within)
        now = datetime.max.replace(tzinfo=UTC)
        parsed = parse_page(file.raw, path, self._rules._replace(tags=None), now)
        path = at_address(path, parsed.metadata)
        return self._slugs.of(parsed, path.name, path.path, now)

    def _reference(self, source: str, now: datetime) -> tuple[str | None, str | None]:
        """The key in the store of a translated page, None if it is gone, and the page's locale if it can be read."""
        try:
            file = files.read(self._root, source, MAX_FILE_BYTES)
            if file is None:
                return None, None
            parsed, article = self._parsed(file, now)
        except (UnfitFileError, QueueFileError):
            # The error is reported for that page; the translation waits until it is corrected.
            return slugify(read_path(source, self._locales, self._within).name) or None, None
        return parsed.id or article.slug, article.locale


class _ArchiveLoader(_Loader):
    def __init__(self, root: Path, rules: Rules) -> None:
        super().__init__(root, rules)
        self._rules = rules
        self._undated = rules.undated or Undated.FILE

    def _article(self, file: ReadFile, now: datetime) -> Article:
        rules, name = self._rules, bare_name(file.name.rpartition("/")[2])
        try:
            document = parse(file.raw, zone=rules.zone, now=now, hidden_as_draft=rules.hidden_as_draft)
        except QueueFileError as error:
            raise advised(error) from None
        parsed = self._undated.applied(document, file, now)
        if rules.slug and not parsed.slug:
            parsed = replace(parsed, slug=self._slugs.of(parsed, name, name, now))
        return self._preparer.of(parsed, file, name, now, document)
