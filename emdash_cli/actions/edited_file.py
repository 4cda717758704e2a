"""The file of an edit: a queue file, or Markdown with front matter."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from emdash_cli.domain.errors import UsageError
from emdash_cli.domain.portable_text import Document, PortableTextError, from_blocks, from_markdown
from emdash_cli.domain.post_text import STAGED_SLUG
from emdash_cli.domain.queue_file import MAX_FILE_BYTES, QueueFile, QueueFileError, parse, parse_markdown

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path
    from zoneinfo import ZoneInfo

    from emdash_cli.domain.collection import FieldNames

_UNTOUCHED = ("category", "tags", "author", "publish_at", "status", "translation_of", "seo", "platforms", "social")
"""What a queue file can say of a post and an edit leaves as it is."""


@dataclass(frozen=True, slots=True)
class EditedFile:
    """What a post is to say."""

    wish: QueueFile
    document: Document

    @property
    def locale(self) -> str | None:
        """The locale that the file names."""
        return self.wish.locale

    @property
    def not_changed(self) -> tuple[str, ...]:
        """Names of what the file says and an edit does not touch."""
        return tuple(name for name in _UNTOUCHED if getattr(self.wish, name))

    def applied(self, before: dict[str, Any], names: FieldNames, slug: str) -> dict[str, Any]:
        """The data of the post with what the file says; what it does not mention stays.

        An excerpt that was the first paragraph follows the text.

        Args:
            before: data of the revision that is replaced.
            names: of the fields.
            slug: of the post now.
        """
        import json

        wish = self.wish
        after = before | {names.title: wish.title, names.content: json.loads(self.document.content)}
        if wish.excerpt:
            after[names.excerpt] = wish.excerpt
        elif before.get(names.excerpt) == _first_paragraph(before.get(names.content)):
            after[names.excerpt] = self.document.excerpt or None
        if wish.featured_image:
            image = wish.featured_image
            external = {"provider": "external", "id": "", "src": image.src, "alt": image.alt or ""}
            after[names.featured_image] = external
        if wish.slug:
            after.pop(STAGED_SLUG, None)
            after |= {STAGED_SLUG: wish.slug} if wish.slug != slug else {}
        return after


def read_file(path: Path, zone: ZoneInfo, now: datetime) -> EditedFile:
    """Read JSON, or Markdown from a file whose name does not end in .json.

    Raises:
        UsageError: it cannot be read, with every problem that was found.
    """
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}") from error
    if len(raw) > MAX_FILE_BYTES:
        raise UsageError(f"{path} has {len(raw):,} bytes, and {MAX_FILE_BYTES:,} is the most")
    try:
        if path.suffix.lower() == ".json":
            wish = parse(raw, zone=zone, now=now)
        else:
            wish = parse_markdown(raw.decode("utf-8"), zone=zone, now=now)
        document = from_markdown(wish.markdown) if wish.markdown is not None else from_blocks(wish.blocks or [])
    except UnicodeDecodeError as error:
        raise UsageError(f"{path} is no UTF-8 text: {error.reason} at byte {error.start}") from error
    except QueueFileError as error:
        raise UsageError(f"{path}: {'; '.join(str(problem) for problem in error.problems)}") from error
    except PortableTextError as error:
        raise UsageError(f"{path}: {error}", hint="see docs/portable-text.md") from error
    return EditedFile(wish, document)


def _first_paragraph(content: object) -> str | None:
    if not isinstance(content, list):
        return None
    try:
        return from_blocks(content).excerpt
    except PortableTextError:
        return None
