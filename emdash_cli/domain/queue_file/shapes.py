"""A queue file as the rest of the program sees it, and the problems of one that cannot be taken as an article."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from emdash_cli.domain.article import Status
    from emdash_cli.domain.authors import Author


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
    """What search engines see; None where the file says nothing."""

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


MOST_SHOWN = 50
LONGEST_PATH = 8
LONGEST_NAME = 60


class Problem(NamedTuple):
    """One thing that is wrong with a file."""

    line: int | None
    """Line of the file, from 1; None where the file as a whole is meant."""
    field: str | None
    """Where in the document, as its author wrote it: ``seo.image``, ``tags[2]``."""
    message: str
    """What is wrong, in one line."""
    hint: str = ""
    """What to do about it; may be empty."""

    def __str__(self) -> str:
        """One line: ``line 4, publish_at: …``."""
        place = ", ".join(part for part in (f"line {self.line}" if self.line else "", self.field or "") if part)
        text = f"{self.message}; {self.hint}" if self.hint else self.message
        return f"{place}: {text}" if place else text


class QueueFileError(ValueError):
    """A file that cannot be taken as an article.

    Attributes:
        problems: everything that was found wrong, in the order of the lines; the first 50 of them.
        incomplete: the bytes are not a whole JSON document, as with a file that is still being written.
    """

    def __init__(self, problems: Iterable[Problem], *, incomplete: bool = False) -> None:
        found = sorted(dict.fromkeys(problems), key=lambda problem: problem.line or 0)
        self.problems: tuple[Problem, ...] = tuple(found[:MOST_SHOWN])
        self.incomplete = incomplete
        more = f" (and {len(found) - 1} more)" if len(found) > 1 else ""
        super().__init__(f"{found[0]}{more}")


def quoted(text: str, longest: int = LONGEST_NAME) -> str:
    """The text as a message may show it: printable ASCII and letters only, shortened, in double quotes."""
    short = text if len(text) <= longest else f"{text[: longest - 1]}…"
    shown = "".join(char if char.isprintable() and char not in '"\\' else ascii(char)[1:-1] for char in short)
    return f'"{shown}"'


def shown_path(path: Iterable[str | int]) -> str:
    """A path into the document as people write it: ``tags[2]``, ``seo.image``, ``metadata["a b"]``."""
    out = ""
    parts = list(path)
    for part in parts[:LONGEST_PATH]:
        if isinstance(part, int):
            out += f"[{part}]"
        elif len(part) <= LONGEST_NAME and part.replace("-", "_").isidentifier():
            out += f".{part}" if out else part
        else:
            out += f"[{quoted(part)}]" if out else quoted(part)
    return f"{out}…" if len(parts) > LONGEST_PATH else out
