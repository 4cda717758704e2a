"""Turn the bytes of a queue file into an article that is ready to be written, or report what is wrong with the file.

An article's identity consists of the key and the digest by which the ledger knows it. An exported file contains its
own.
"""

from __future__ import annotations

import hashlib
import json
import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final, NamedTuple, Protocol

from emdash_cli.domain.article import Article, SeoFields, Term, compact_json
from emdash_cli.domain.authors import author_of_text
from emdash_cli.domain.instants import utc_text
from emdash_cli.domain.locales import Locales
from emdash_cli.domain.outcome import Outcome
from emdash_cli.domain.portable_text import Document, PortableTextError, from_blocks, from_markdown
from emdash_cli.domain.queue_file import MAX_FILE_BYTES, Problem, QueueFile, QueueFileError, parse
from emdash_cli.domain.slugs import SlugPattern, SlugPlan, slugify
from emdash_cli.inbox import files
from emdash_cli.inbox.files import ReadFile, UnfitFileError, bare_name, printable
from emdash_cli.publishing.outcomes import Verdict, unfit

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from pathlib import Path
    from zoneinfo import ZoneInfo

    from emdash_cli.domain.authors import Author
    from emdash_cli.settings import Stream


RESERVED: Final = "emdash"
"""The key in a file's ``metadata`` that contains its identity."""

_DIGEST: Final = re.compile("[0-9a-f]{64}")
_TEXT_KEY: Final = re.compile("text:[0-9a-f]{64}")
_ID_KEY: Final = re.compile("id:(.+):[^:#.]+", re.DOTALL)
"""Without ``#`` and without a dot after the last colon, because a retired key belongs to no article."""


class Identity(NamedTuple):
    """What distinguishes an article from others, and its text from another text of the same article.

    Attributes:
        text: digest of title, text and locale; `digest` differs from it only for a file that an export wrote.
        exported_meaning: `meaning_of` the file as an export wrote it, if its text is still the same; empty for a file
            from an older version's export; None for a file that no export wrote.
    """

    key: str
    digest: str
    text: str
    exported_meaning: str | None = None

    def marked(self, meaning: str) -> str:
        """The meaning, with a mark if an export wrote the file, which then contains everything that the post had."""
        if self.exported_meaning is None:
            return meaning
        return f"{'exported' if self.exported_meaning in {'', meaning} else 'edited'}:{meaning}"


def identity(parsed: QueueFile, locale: str) -> Identity:
    """The identity in the file from an export, if the file still has the same content; otherwise the file's own."""
    digest = digest_of(parsed, locale)
    own = Identity(f"id:{parsed.id}:{locale}" if parsed.id else f"text:{digest}", digest, digest)
    brought = _brought(parsed)
    if brought is None or brought["exported"] != digest:
        return own
    meaning = brought.get("meaning", "")
    if parsed.id or not _TEXT_KEY.fullmatch(brought["key"]):
        return Identity(own.key, brought["digest"], digest, meaning) if brought["key"] == own.key else own
    return Identity(brought["key"], brought["digest"], digest, meaning)


def digest_of(parsed: QueueFile, locale: str) -> str:
    """The digest of the article's title, text and locale; its time, slug and metadata do not count."""
    text = (
        parsed.markdown
        if parsed.markdown is not None
        else json.dumps(parsed.blocks, sort_keys=True, ensure_ascii=False)
    )
    # A title is one line and a locale has no spaces, so the three cannot run into one another.
    return hashlib.blake2b(f"{locale}\n{parsed.title}\n{text}".encode(), digest_size=32).hexdigest()


def said_by(parsed: QueueFile) -> dict[str, Any]:
    """What the file says besides its title and text, without additions of the stream or store and without addresses.

    Keys: ``category``, ``tags``, ``author``, ``excerpt``, ``image`` (src, alt), ``seo`` (in the order of `SeoFields`),
    ``expires_at`` (UTC text), ``source`` (the post that it translates), ``draft``; what the file does not say is
    omitted.
    """
    said: dict[str, Any] = {
        "category": parsed.category,
        "tags": parsed.tags,
        "author": _said_author(parsed.author) if parsed.author else None,
        "excerpt": parsed.excerpt,
        "image": [parsed.featured_image.src, parsed.featured_image.alt] if parsed.featured_image else None,
        "seo": seo_fields(parsed),
        "expires_at": utc_text(parsed.expires_at) if parsed.expires_at else None,
        "source": parsed.translation_of,
        "draft": parsed.status == "draft",
    }
    return {name: value for name, value in said.items() if value}


def meaning_of(parsed: QueueFile, text: str, said: Mapping[str, Any], metadata: str) -> str:
    """The digest of everything in the file except its slug and date, which an update does not change.

    Args:
        parsed: the content of the file.
        text: digest of title, text and locale.
        said: the result of `said_by`.
        metadata: of the ledger.
    """
    everything = f"{text}\n{json.dumps(said, ensure_ascii=False)}\n{metadata}\n{parsed.id or ''}"
    if parsed.platforms is not None:
        everything += f"\n{compact_json(parsed.platforms)}"
    return hashlib.blake2b(everything.encode(), digest_size=16).hexdigest()


def seo_fields(parsed: QueueFile) -> SeoFields | None:
    """The row of the SEO table for the file."""
    seo = parsed.seo
    if seo is None:
        return None
    return SeoFields(seo.title, seo.description, seo.image, seo.canonical, bool(seo.no_index))


def _said_author(author: Author) -> list[str | None]:
    """Name, slug, and a digest of the e-mail addresses, which shows whether they changed."""
    address = f"{author.email} {author.owner}" if author.needs_store else None
    mark = hashlib.blake2b(address.encode(), digest_size=8).hexdigest() if address else None
    return [author.name, author.slug, mark]


def own_metadata(parsed: QueueFile) -> dict[str, Any]:
    """The file's metadata without the additions of an export."""
    brought = _brought(parsed)
    return {key: value for key, value in parsed.metadata.items() if brought is None or key != RESERVED}


def to_bring(key: object, digest: object, exported: str, meaning: str) -> dict[str, str] | None:
    """What an export adds under `RESERVED`: the ledger's key and digest, and the file's own digest and meaning.

    None for a post that is not in the ledger, or whose key was retired.
    """
    known = isinstance(key, str) and (_TEXT_KEY.fullmatch(key) or _ID_KEY.fullmatch(key))
    return {"key": str(key), "digest": str(digest), "exported": exported, "meaning": meaning} if known else None


def own_id(key: object) -> str | None:
    """The id in the article's file; None if its text was its key."""
    found = _ID_KEY.fullmatch(str(key or ""))
    return found[1] if found else None


def _brought(parsed: QueueFile) -> dict[str, str] | None:
    """The value under `RESERVED`; None if no export wrote it."""
    said = parsed.metadata.get(RESERVED)
    if not isinstance(said, dict) or set(said) - {"meaning"} != {"key", "digest", "exported"}:
        return None
    if not all(isinstance(value, str) for value in said.values()):
        return None
    return said if _DIGEST.fullmatch(said["digest"]) and _DIGEST.fullmatch(said["exported"]) else None


MAX_POST_BYTES: Final = 1_900_000
"""Maximum size of the text as Portable Text: a value, and a row, of D1 may have 2,000,000 bytes."""


class Preparer:
    """Prepares the files of one stream.

    Args:
        stream: provides the pattern, locale, category, tags and author of files that have none.
        zone: for times without one.
        strict: refuse an article with notices, as if each of them were a problem.
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
        """Adopt the store's spelling of the locales."""
        self._locales = self._locales.and_in_store(stored)

    def article(self, file: ReadFile, now: datetime) -> Article:
        """Create the article of a file.

        Raises:
            QueueFileError: the file cannot be published as it is.
        """
        return self.of(parse(file.raw, zone=self._zone, now=now), file, bare_name(file.name), now)

    def of(
        self, parsed: QueueFile, file: ReadFile, name: str, now: datetime, as_written: QueueFile | None = None
    ) -> Article:
        """Create the article that a file asks for.

        Args:
            parsed: the content of the file, as changed by options.
            file: the file itself.
            name: the value of ``{name}`` in the slug pattern.
            now: the present instant.
            as_written: the content of the file if that is not `parsed`: options do not count as an edit of the file.

        Raises:
            QueueFileError: it cannot be published as it is.
        """
        if self._strict and parsed.notices:
            raise QueueFileError(parsed.notices)
        document = document_of(parsed)
        stream = self._stream
        if parsed.platforms and stream.known_platforms:
            _check_platforms(parsed.platforms, stream.known_platforms)
        locale = self._locales.spelt(parsed.locale or stream.locale)
        known_by = identity(parsed, locale)
        slug, plan = self._slug(parsed, name, now)
        metadata = metadata_of(parsed)
        said = said_by(as_written or parsed)
        meaning = meaning_of(parsed, known_by.text, said, metadata)
        publish_at = utc_text(parsed.publish_at) if parsed.publish_at else None
        if parsed.status == "scheduled":
            said["at"] = publish_at
        return Article(
            key=known_by.key,
            digest=known_by.digest,
            stream=stream.name,
            file=printable(file.name),
            locale=locale,
            status=parsed.status or "published",
            title=parsed.title,
            slug=slug,
            plan=plan,
            series=self._pattern.series(locale) if plan else None,
            content=document.content,
            excerpt=parsed.excerpt or document.excerpt or None,
            image=_image(parsed),
            words=document.words,
            author=parsed.author or self.author,
            terms=self.terms(parsed.category, parsed.tags),
            seo=seo_fields(parsed),
            publish_at=publish_at,
            expires_at=said.get("expires_at"),
            translation_of=parsed.translation_of,
            metadata=metadata,
            platforms=None if parsed.platforms is None else compact_json(parsed.platforms),
            queued_at=utc_text(datetime.fromtimestamp(file.modified_at, UTC)),
            said=compact_json(said) if said else "{}",
            meaning=known_by.marked(meaning),
            notices=tuple(map(str, parsed.notices)),
        )

    def _slug(self, parsed: QueueFile, name: str, now: datetime) -> tuple[str | None, SlugPlan | None]:
        if parsed.slug:
            return parsed.slug, None
        day = (parsed.publish_at or now).astimezone(self._zone).date()
        plan = self._pattern.render(title=parsed.title, name=name, day=day)
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
    """The slug of a category or tag; ``C``, ``C++`` and ``C#`` have different slugs."""
    spelt = re.sub(r"(?<=\w)(\++)", lambda plus: "plus" * len(plus[0]), label.removeprefix("."))
    spelt = re.sub(r"(?<=\w)#", "sharp", "dot" + spelt if label.startswith(".") else spelt)
    return slugify(spelt) or f"term-{hashlib.sha256(label.encode()).hexdigest()[:8]}"


def document_of(parsed: QueueFile) -> Document:
    """The text of an article.

    Raises:
        QueueFileError: it is not Portable Text, or is too long.
    """
    try:
        document = from_markdown(parsed.markdown) if parsed.markdown is not None else from_blocks(parsed.blocks or [])
    except PortableTextError as error:
        raise QueueFileError([Problem(None, error.path, error.message, "see docs/portable-text.md")]) from None
    size = len(document.json) if document.json.isascii() else len(document.json.encode())
    if size > MAX_POST_BYTES:
        field = "body_text" if parsed.markdown is not None else "content"
        message = f"as Portable Text, the text has {size:,} bytes; the maximum is {MAX_POST_BYTES:,}"
        raise QueueFileError([Problem(None, field, message, "split it into several articles")])
    return document


def _image(parsed: QueueFile) -> str | None:
    """An external image in EmDash's form. Without the provider, its admin drops the image when the post is saved."""
    image = parsed.featured_image
    if image is None:
        return None
    return compact_json({"provider": "external", "id": "", "src": image.src, "alt": image.alt or ""})


def _check_platforms(wanted: Sequence[str], known: Sequence[str]) -> None:
    for place, name in enumerate(wanted):
        if name not in known:
            message = f"{name!r} is not a platform of emdash.toml"
            raise QueueFileError([Problem(None, f"platforms[{place}]", message, f"there is: {', '.join(known)}")])


def metadata_of(parsed: QueueFile) -> str:
    """What the ledger keeps of the file, as JSON: its metadata and its texts for the platforms."""
    kept = own_metadata(parsed)
    if parsed.social:
        kept["social"] = dict(parsed.social)
    return compact_json(kept) if kept else "{}"


class Ready(NamedTuple):
    """An article that waits for its group, and the file that it came from."""

    file: ReadFile
    article: Article
    attempts: int = 0


class Unfit(NamedTuple):
    """A file from which no article can be created."""

    file: ReadFile
    verdict: Verdict


Loaded = Ready | Unfit


class Loader(Protocol):
    """Creates articles from files. It changes nothing and can be pickled, so it may run in another process."""

    def __call__(self, name: str, now: datetime) -> Loaded | None:
        """The file's article, or the reason why there is none; None if another run has taken the file.

        Raises:
            QueueTroubleError: reading failed for a reason that is not the file's fault.
        """
        ...


class QueueLoader:
    """Reads and prepares the files of a stream's queue."""

    def __init__(self, stream: Stream, zone: ZoneInfo, *, strict: bool) -> None:
        self._queue = stream.queue
        self._preparer = Preparer(stream, zone, strict=strict)

    def __call__(self, name: str, now: datetime) -> Loaded | None:
        """See `Loader`."""
        return load(self._queue, name, now, self._preparer.article)


def load(directory: Path, name: str, now: datetime, article: Callable[[ReadFile, datetime], Article]) -> Loaded | None:
    """Read a file and create its article; returns and raises as a `Loader` does."""
    file = ReadFile(name, b"", None, now.timestamp())
    try:
        found = files.read(directory, name, MAX_FILE_BYTES)
        if found is None:
            return None
        file = found
        return Ready(file, article(file, now))
    except UnfitFileError as error:
        return Unfit(file, Verdict(Outcome.REJECTED, None, None, str(error), utc_text(now)))
    except QueueFileError as error:
        return Unfit(file, unfit(error, file, now))
