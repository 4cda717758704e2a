"""Add articles to a queue: all of them or none, validated first, and durable before success is reported."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from emdash_cli.domain.authors import Author, as_document, author_of, author_of_text
from emdash_cli.domain.locales import Locales
from emdash_cli.domain.queue_file import (
    MAX_FILE_BYTES,
    Problem,
    QueueFileError,
    decoded,
    from_front_matter,
    parse_markdown,
)
from emdash_cli.domain.queue_file.front_matter import in_file
from emdash_cli.domain.queue_file.mapping import sort_keys
from emdash_cli.domain.queue_file.page_locales import place_of, with_folders
from emdash_cli.domain.queue_file.strict_json import read
from emdash_cli.domain.queue_file.writing import dump
from emdash_cli.domain.slugs import slugify
from emdash_cli.domain.template_tags import ByName, Context
from emdash_cli.inbox import filing, writing
from emdash_cli.inbox.files import ReadFile, UnfitFileError, read_input
from emdash_cli.publishing.articles import Preparer
from emdash_cli.publishing.forecast import expected_slug
from emdash_cli.publishing.outcomes import RefusedFile

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from pathlib import Path
    from typing import BinaryIO
    from zoneinfo import ZoneInfo

    from emdash_cli.domain.article import Article, PostPath
    from emdash_cli.domain.roles import Person
    from emdash_cli.publishing.forecast import Forecast
    from emdash_cli.settings import Stream

_MARKDOWN = frozenset({".md", ".markdown", ".mdown", ".mdx", ".mkd", ".txt"})

FILE_ENDINGS: Final = _MARKDOWN | {".json"}
"""Endings of names of articles."""

_PARTS: Final = 3


@dataclass(frozen=True, slots=True)
class Queued:
    """An article that is, or would be, in the queue.

    Attributes:
        source: the file as the user named it.
        file: its place in the queue.
        notices: for its author, one line each.
        announced_on: the platforms where it will be announced once it is live.
    """

    source: str
    file: str
    title: str
    notices: tuple[str, ...]
    announced_on: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Report:
    """The results for all files. If any file was refused, nothing was queued."""

    stream: str
    queued: tuple[Queued, ...]
    refused: tuple[RefusedFile, ...]


@dataclass(frozen=True, slots=True)
class Submission:
    """What to enqueue, and where.

    Attributes:
        files: JSON, or Markdown with front matter; ``-`` is standard input.
        zone: for times without one.
        is_preview: report what would be queued without writing anything.
        person: the owner of the posts, and the author of articles that name none. None: no particular user.
        paths: paths of posts on the site, for tags that refer to a page.
        strict: see `Preparer`.
        forecast: of the announcements; None where no platforms are set up.
    """

    stream: Stream
    files: Sequence[Path]
    stdin: BinaryIO
    zone: ZoneInfo
    is_preview: bool
    paths: PostPath
    person: Person | None = None
    strict: bool = False
    forecast: Forecast | None = None


def enqueue(task: Submission, now: datetime) -> Report:
    """Validate all files and, if all are valid, add them to the end of the queue in this order.

    Raises:
        UsageError: directories of the stream are missing, or are on different filesystems.
        QueueTroubleError: the disk cannot be written; files that were not queued leave no trace.
    """
    stream = task.stream
    filing.check(stream.queue, stream.archive)
    preparer = Preparer(stream, task.zone, strict=task.strict)
    ready: list[tuple[str, bytes]] = []
    articles: list[Article] = []
    refused: list[RefusedFile] = []
    locales = with_folders(map(_last_parts, task.files), Locales.of(stream.locales))
    for path in task.files:
        try:
            raw, article = _validated(path, task, preparer, locales, now)
        except QueueFileError as error:
            refused.append(RefusedFile(str(path), error.problems))
        except UnfitFileError as error:
            refused.append(RefusedFile(str(path), (Problem(None, None, str(error)),)))
        else:
            ready.append((slugify(article.title) or article.slug or "article", raw))
            articles.append(article)
    if refused:
        return Report(stream.name, (), tuple(refused))
    foreseen = [_foreseen(task.forecast, article, now) for article in articles]
    if task.is_preview:
        places = writing.planned(stream.queue, stream.archive, [stem for stem, _ in ready])
    else:
        places = writing.add(stream.queue, stream.archive, ready)
    queued = tuple(
        Queued(str(path), str(place), article.title, *more)
        for path, place, article, more in zip(task.files, places, articles, foreseen, strict=True)
    )
    return Report(stream.name, queued, ())


def article_in(path: Path, task: Submission, now: datetime) -> Article:
    """The article in one of the files that `enqueue` would take.

    Raises:
        QueueFileError: it cannot be published as it is.
        UnfitFileError: the file cannot be read.
    """
    preparer = Preparer(task.stream, task.zone, strict=task.strict)
    locales = with_folders([_last_parts(path)], Locales.of(task.stream.locales))
    _, article = _validated(path, task, preparer, locales, now)
    return article


def _foreseen(forecast: Forecast | None, article: Article, now: datetime) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """All notices for the author, and where the article will be announced."""
    if forecast is None:
        return article.notices, ()
    slug = expected_slug(article)
    return (*article.notices, *forecast.notices(article, slug, now)), forecast.platforms(article, now)


def _last_parts(path: Path) -> str:
    """The part of a path that may name a language: ``content/de/a.md`` does, ``/home/de/blog/a.md`` does not."""
    return "/".join(path.parts[-_PARTS:])


def _validated(
    path: Path, task: Submission, preparer: Preparer, locales: Locales, now: datetime
) -> tuple[bytes, Article]:
    """The bytes for the queue, and the article that they describe. JSON stays as it was written."""
    raw = read_input(path, task.stdin, MAX_FILE_BYTES)

    def article_of(queued: bytes) -> Article:
        return preparer.article(ReadFile(path.name, queued, None, now.timestamp()), now)

    # Problems and notices refer to lines of the user's file, not of the one in the queue.
    if _is_markdown(path, raw):
        locale = place_of(_last_parts(path), locales).locale or task.stream.locale
        tags = Context(pages=ByName(task.paths, locale), is_mdx=path.suffix.lower() == ".mdx")
        raw, notices = _from_markdown(raw, task, now, tags, locale)
        article = article_of(raw)
    else:
        article = article_of(raw)
        notices = article.notices
    if task.person:
        raw = _belonging_to(task.person, raw)
        article = article_of(raw)
    return raw, article._replace(notices=tuple(dict.fromkeys(notices)))


def _from_markdown(
    raw: bytes, task: Submission, now: datetime, tags: Context, locale: str
) -> tuple[bytes, tuple[str, ...]]:
    """The queue file for a Markdown file whose path may name the locale, and the notices for its author."""
    text = decoded(raw)
    notices = parse_markdown(text, zone=task.zone, now=now, tags=tags).notices
    if task.strict and notices:
        raise QueueFileError(notices)
    document = from_front_matter(text, tags)
    if locale != task.stream.locale:
        document.setdefault("locale", locale)
    queued = dump(document)
    if len(queued) > MAX_FILE_BYTES:
        message = f"as JSON, it has {len(queued):,} bytes; the maximum is {MAX_FILE_BYTES:,}"
        raise QueueFileError([Problem(None, None, message, "split it into several articles")])
    return queued, tuple(map(str, notices))


def _belonging_to(person: Person, raw: bytes) -> bytes:
    """The validated queue file with its owner, who also becomes its author if it names none."""
    document, _ = read(raw)
    mapped = sort_keys(document)
    author = author_of(mapped.data.get("author"))
    if author is None:
        known = author_of_text(person.name or "")
        author = Author(known.name if known else None, email=person.email)
    return dump(in_file(mapped) | {"author": as_document(author._replace(owner=person.email))})


def _is_markdown(path: Path, raw: bytes) -> bool:
    suffix = path.suffix.lower()
    if suffix in _MARKDOWN or suffix == ".json":
        return suffix != ".json"
    return not raw.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"{")
