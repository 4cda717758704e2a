"""A queue file as the rest of the program sees it, once it has been found right."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from emdash_cli.domain.authors import Author
    from emdash_cli.domain.queue_file.problems import Problem

Status = Literal["draft", "published", "scheduled"]

MAX_FILE_BYTES: Final = 2_000_000
"""The largest file that is read: one value of D1 holds 2,000,000 bytes, and Portable Text is never
smaller than its Markdown (https://developers.cloudflare.com/d1/platform/limits/)."""

MAX_TITLE: Final = 300
MAX_LABEL: Final = 200
"""Characters of a category, a tag, an author, an id."""
MAX_TAGS: Final = 500
MAX_SUMMARY: Final = 5_000
"""Characters of an excerpt and of the texts in ``seo``."""
MAX_URL: Final = 2_000
MAX_METADATA_BYTES: Final = 65_536
MAX_DEPTH: Final = 100
"""Arrays and objects inside one another; SQLite's own JSON functions stop at 1,000."""

INT64_MAX: Final = 2**63 - 1
INT64_MIN: Final = -(2**63)
"""SQLite's integers, and those of most of JSON's readers, end here."""


@dataclass(frozen=True, slots=True)
class Seo:
    """What search engines are told; None where the file says nothing."""

    title: str | None = None
    description: str | None = None
    image: str | None = None
    """http(s) URL, or a path of the site that begins with ``/``; so is `canonical`."""
    canonical: str | None = None
    no_index: bool | None = None


@dataclass(frozen=True, slots=True)
class FeaturedImage:
    """The picture at the head of the article."""

    src: str
    """http(s) URL, or a path of the site that begins with ``/``."""
    alt: str | None = None


@dataclass(frozen=True, slots=True)
class QueueFile:
    """An article as its file says it; exactly one of `markdown` and `blocks` is set.

    No text in it is blank, holds a NUL character or a lone surrogate; no whole number in it is beyond
    64 bits, no number is infinite.
    """

    title: str
    markdown: str | None
    blocks: list[Any] | None
    """Portable Text: objects that each have a ``_type``; nothing else about them is checked here."""
    id: str | None
    slug: str | None
    excerpt: str | None
    category: str | None
    tags: tuple[str, ...]
    """In the order of the file, each once."""
    locale: str | None
    """A language tag in the canonical form of BCP 47; the site may have another spelling, see `Locales`."""
    author: Author | None
    publish_at: datetime | None
    """Aware, in UTC."""
    status: Status | None
    """As resolved from the file's status and `publish_at`; None where the file says neither.

    ``scheduled``: `publish_at` is in the future. ``published``: it is not, or is absent.
    """
    translation_of: str | None
    """Id or slug of the source post."""
    seo: Seo | None
    featured_image: FeaturedImage | None
    platforms: tuple[str, ...]
    """In lower case, in the order of the file, each once."""
    social: Mapping[str, Any]
    """Platform → its own text, texts or settings."""
    metadata: Mapping[str, Any]
    """The file's ``metadata`` and the keys that this program has no use for."""
    notices: tuple[Problem, ...] = ()
    """What its author should know although the file can be published."""
