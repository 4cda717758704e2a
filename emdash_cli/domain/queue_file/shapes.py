"""A queue file as the rest of the program sees it, and the problems of a file that is refused."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from emdash_cli.domain.article import Status
    from emdash_cli.domain.authors import Author


MAX_FILE_BYTES: Final = 2_000_000
"""Maximum size of a file: one value of D1 holds 2,000,000 bytes, and Portable Text is never smaller than its Markdown
(https://developers.cloudflare.com/d1/platform/limits/)."""

MAX_TITLE: Final = 300
MAX_LABEL: Final = 200
"""Maximum number of characters of a category, a tag, an author or an id."""
MAX_TAGS: Final = 500
MAX_SUMMARY: Final = 5_000
"""Maximum number of characters of an excerpt and of the texts in ``seo``."""
MAX_URL: Final = 2_000
MAX_METADATA_BYTES: Final = 65_536
MAX_DEPTH: Final = 100
"""Maximum depth of nested arrays and objects; SQLite's own JSON functions stop at 1,000."""

INT64_MAX: Final = 2**63 - 1
INT64_MIN: Final = -(2**63)
"""The limit of SQLite's integers, and of those in most JSON parsers."""


@dataclass(frozen=True, slots=True)
class Seo:
    """What search engines show; None if the file does not say."""

    title: str | None = None
    description: str | None = None
    image: str | None = None
    """http(s) URL, or a path of the site that starts with ``/``; so is `canonical`."""
    canonical: str | None = None
    no_index: bool | None = None


@dataclass(frozen=True, slots=True)
class FeaturedImage:
    """The image at the top of the article."""

    src: str
    """http(s) URL, or a path of the site that starts with ``/``."""
    alt: str | None = None


@dataclass(frozen=True, slots=True)
class QueueFile:
    """An article as its file describes it. Exactly one of `markdown` and `blocks` is set.

    No text in it is blank or contains a NUL character or a lone surrogate. No whole number in it exceeds 64 bits, and
    no number is infinite.
    """

    title: str
    markdown: str | None
    blocks: list[Any] | None
    """Portable Text: objects that each have a ``_type``. Nothing else about them is checked here."""
    id: str | None
    slug: str | None
    excerpt: str | None
    category: str | None
    tags: tuple[str, ...]
    """In the order of the file, without repetition."""
    locale: str | None
    """A language tag in the canonical form of BCP 47; the site may use another spelling, see `Locales`."""
    author: Author | None
    publish_at: datetime | None
    """Aware, in UTC."""
    status: Status | None
    """Derived from the file's status and `publish_at`; None if the file has neither.

    ``scheduled``: `publish_at` is in the future. ``published``: it is not, or is missing.
    """
    expires_at: datetime | None
    """Aware, in UTC, and after `publish_at`; in the future unless the article is a draft."""
    translation_of: str | None
    """Id or slug of the source post."""
    seo: Seo | None
    featured_image: FeaturedImage | None
    platforms: tuple[str, ...] | None
    """In lower case, in the order of the file, without repetition; None: those of the stream."""
    social: Mapping[str, Any]
    """Platform → its own text, texts or settings."""
    metadata: Mapping[str, Any]
    """The file's ``metadata``, and the keys that this program does not use."""
    notices: tuple[Problem, ...] = ()
    """Remarks for the author of a file that can be published."""


MOST_SHOWN = 50
LONGEST_PATH = 8
LONGEST_NAME = 60


class Problem(NamedTuple):
    """One problem of a file."""

    line: int | None
    """Line of the file, from 1; None if the problem concerns the whole file."""
    field: str | None
    """Place in the document, as its author wrote it: ``seo.image``, ``tags[2]``."""
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
    """A file from which no article can be created.

    Attributes:
        problems: the first 50 problems that were found, in the order of the lines.
        incomplete: the bytes are not a complete JSON document, for example because the file is still being written.
    """

    def __init__(self, problems: Iterable[Problem], *, incomplete: bool = False) -> None:
        found = sorted(dict.fromkeys(problems), key=lambda problem: problem.line or 0)
        self.problems: tuple[Problem, ...] = tuple(found[:MOST_SHOWN])
        self.incomplete = incomplete
        more = f" (and {len(found) - 1} more)" if len(found) > 1 else ""
        super().__init__(f"{found[0]}{more}")


def quoted(text: str, longest: int = LONGEST_NAME) -> str:
    """The text for a message: only printable ASCII and letters, shortened, in double quotes."""
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
