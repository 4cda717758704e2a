"""From the bytes of a queue file to an article that is ready to be written."""

from __future__ import annotations

import hashlib
import json
import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from emdash_cli.domain.article import Article, Term
from emdash_cli.domain.authors import author_of_text
from emdash_cli.domain.instants import utc_text
from emdash_cli.domain.locales import Locales
from emdash_cli.domain.portable_text import Document, PortableTextError, from_blocks, from_markdown
from emdash_cli.domain.queue_file import Problem, QueueFile, QueueFileError, parse
from emdash_cli.domain.slugs import SlugPattern, SlugPlan, slugify
from emdash_cli.inbox.files import ReadFile, bare_name, printable
from emdash_cli.publishing.identity import identity, meaning_of, own_metadata, said_by, seo_fields

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from zoneinfo import ZoneInfo

    from emdash_cli.settings import Stream

MAX_POST_BYTES: Final = 1_900_000
"""Of the text as Portable Text: a value, and a row, of D1 may have 2,000,000 bytes."""


class Preparer:
    """Prepares the files of one stream.

    Args:
        stream: whose pattern, locale, category, tags and author the files get where they have none.
        zone: of the settings.
        strict: refuse an article that there is something to say of, as if each notice were a problem.
    """

    def __init__(self, stream: Stream, zone: ZoneInfo, *, strict: bool = False) -> None:
        self._stream = stream
        self._strict = strict
        self._zone = zone
        self._pattern = SlugPattern.parse(stream.slug)
        self.author = author_of_text(stream.author) if stream.author else None
        self._locales = Locales.of(stream.locales or (stream.locale,))
        self._terms: dict[tuple[str, str], Term] = {}

    def knows(self, stored: Sequence[str]) -> None:
        """Take over the spelling of the locales that the store has."""
        self._locales = self._locales.and_in_store(stored)

    def article(self, file: ReadFile, now: datetime) -> Article:
        """The article of a file.

        Raises:
            QueueFileError: the file cannot be published as it is.
        """
        return self.of(parse(file.raw, zone=self._zone, now=now), file, bare_name(file.name), now)

    def of(
        self, wish: QueueFile, file: ReadFile, name: str, now: datetime, as_written: QueueFile | None = None
    ) -> Article:
        """The article that a file asks for.

        Args:
            wish: what stands in the file, and what options have made of it.
            file: which one it is.
            name: what ``{name}`` in the slug pattern stands for.
            now: the present instant.
            as_written: what stands in the file, if it is not `wish`: whether a file was edited is no matter of options.

        Raises:
            QueueFileError: it cannot be published as it is.
        """
        if self._strict and wish.notices:
            raise QueueFileError(wish.notices)
        document = document_of(wish)
        stream = self._stream
        locale = self._locales.spelt(wish.locale or stream.locale)
        known_by = identity(wish, locale)
        slug, plan = self._slug(wish, name, now)
        metadata = metadata_of(wish)
        said = said_by(as_written or wish)
        meaning = meaning_of(wish, known_by.text, said, metadata)
        publish_at = utc_text(wish.publish_at) if wish.publish_at else None
        if wish.status == "scheduled":
            said["at"] = publish_at
        return Article(
            key=known_by.key,
            digest=known_by.digest,
            stream=stream.name,
            file=printable(file.name),
            locale=locale,
            status=wish.status or "published",
            title=wish.title,
            slug=slug,
            plan=plan,
            series=self._pattern.series(locale) if plan else None,
            content=document.content,
            excerpt=wish.excerpt or document.excerpt or None,
            image=_image(wish),
            words=document.words,
            author=wish.author or self.author,
            terms=self.terms(wish.category, wish.tags),
            seo=seo_fields(wish),
            publish_at=publish_at,
            translation_of=wish.translation_of,
            metadata=metadata,
            platforms=_compact(wish.platforms) if wish.platforms else "[]",
            queued_at=utc_text(datetime.fromtimestamp(file.modified_at, UTC)),
            said=_compact(said) if said else "{}",
            meaning=known_by.marked(meaning),
            notices=tuple(map(str, wish.notices)),
        )

    def _slug(self, wish: QueueFile, name: str, now: datetime) -> tuple[str | None, SlugPlan | None]:
        if wish.slug:
            return wish.slug, None
        day = (wish.publish_at or now).astimezone(self._zone).date()
        plan = self._pattern.render(title=wish.title, name=name, day=day)
        return (None, plan) if plan.numbered else (plan.slug(None), None)

    def terms(self, category: str | None, tags: Iterable[str]) -> tuple[Term, ...]:
        """The terms of a file that names these, with those of its stream."""
        category = category or self._stream.category
        wanted = [("category", category)] if category else []
        wanted += [("tag", tag) for tag in (*self._stream.tags, *tags)]
        return tuple(dict.fromkeys(self._term(taxonomy, label) for taxonomy, label in wanted))

    def _term(self, taxonomy: str, label: str) -> Term:
        found = self._terms.get((taxonomy, label))
        if found is None:
            found = self._terms[taxonomy, label] = Term(taxonomy, term_slug(label), label)
        return found


def term_slug(label: str) -> str:
    """The slug of a category or tag; ``C``, ``C++`` and ``C#`` are three."""
    spelt = re.sub(r"(?<=\w)(\++)", lambda plus: "plus" * len(plus[0]), label.removeprefix("."))
    spelt = re.sub(r"(?<=\w)#", "sharp", "dot" + spelt if label.startswith(".") else spelt)
    return slugify(spelt) or f"term-{hashlib.sha256(label.encode()).hexdigest()[:8]}"


def document_of(wish: QueueFile) -> Document:
    """The text of an article.

    Raises:
        QueueFileError: it is no Portable Text, or too long.
    """
    try:
        document = from_markdown(wish.markdown) if wish.markdown is not None else from_blocks(wish.blocks or [])
    except PortableTextError as error:
        raise QueueFileError([Problem(None, error.path, str(error), "see docs/portable-text.md")]) from None
    size = len(document.json) if document.json.isascii() else len(document.json.encode())
    if size > MAX_POST_BYTES:
        field = "body_text" if wish.markdown is not None else "content"
        message = f"the text has {size:,} bytes as Portable Text, and {MAX_POST_BYTES:,} is the most"
        raise QueueFileError([Problem(None, field, message, "make two articles of it")])
    return document


def _image(wish: QueueFile) -> str | None:
    """As EmDash keeps a picture from elsewhere; without the provider, its admin drops it when the post is saved."""
    image = wish.featured_image
    if image is None:
        return None
    return _compact({"provider": "external", "id": "", "src": image.src, "alt": image.alt or ""})


def metadata_of(wish: QueueFile) -> str:
    """What the ledger keeps of the file, as JSON: its metadata and its texts for the platforms."""
    kept = own_metadata(wish)
    if wish.social:
        kept["social"] = dict(wish.social)
    return _compact(kept) if kept else "{}"


def _compact(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
