"""Queue files: one JSON document for each article, written for this tool or for another one.

Pure functions: they take bytes and dictionaries and return frozen objects. `docs/queue-file.md` is the reference of the
format. Only what publishing needs is imported at once; front matter, the JSON Schema and pydantic are not.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from emdash_cli.domain.queue_file.shapes import MAX_FILE_BYTES, FeaturedImage, Problem, QueueFile, QueueFileError, Seo
from emdash_cli.domain.queue_file.strict_json import decoded, read
from emdash_cli.domain.queue_file.validation import validate

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from emdash_cli.domain.template_tags import Context

__all__ = [
    "MAX_FILE_BYTES",
    "FeaturedImage",
    "Problem",
    "QueueFile",
    "QueueFileError",
    "Seo",
    "decoded",
    "from_front_matter",
    "json_schema",
    "parse",
    "parse_markdown",
    "validate",
]


def parse(raw: bytes, *, zone: ZoneInfo, now: datetime, hidden_as_draft: bool = False) -> QueueFile:
    """Read the article in a queue file.

    Args:
        raw: the whole file.
        zone: for times in it without one.
        now: the present instant, aware; decides what is scheduled.
        hidden_as_draft: accept an article that is not for everybody as a draft, instead of refusing it.

    Raises:
        QueueFileError: lists every problem that was found, with its line and its field.
    """
    document, locate = read(raw)
    if not isinstance(document, dict):
        kind = {list: "a list", str: "a text", type(None): "null"}.get(type(document), "a single value")
        problem = Problem(
            1, None, f"the file contains {kind} instead of an object", "write { … } with a title and a text"
        )
        raise QueueFileError([problem])
    notices: tuple[Problem, ...] = ()
    if hidden_as_draft:
        from emdash_cli.domain.queue_file.checks import is_past
        from emdash_cli.domain.queue_file.mapping import as_draft

        document, notices = as_draft(
            document, lambda path: locate().line(path), lambda value: is_past(value, zone, now)
        )
    article = validate(document, line_of=lambda path: locate().line(path), zone=zone, now=now, notices=notices)
    left = _idle_key(article, lambda path: locate().line(path))
    if article.markdown and "{" in article.markdown:
        # Imported here because most texts have no tags.
        from emdash_cli.domain.queue_file.tagged import tags_left

        left = tags_left(article.markdown, document, lambda path: locate().line(path)) + left
    return replace(article, notices=article.notices + left) if left else article


def parse_markdown(text: str, *, zone: ZoneInfo, now: datetime, tags: Context | None = None) -> QueueFile:
    """Read the article in a Markdown file with front matter; like `parse`, with the lines of that file.

    ``parse(writing.dump(from_front_matter(text, tags)))`` returns the same article.

    Args:
        text: the whole file.
        zone: for times in it without one.
        now: the present instant, aware.
        tags: how to replace template tags; None: the text was written for no generator.

    Raises:
        QueueFileError: as for `parse` and `from_front_matter`.
    """
    from emdash_cli.domain.queue_file.front_matter import take_apart

    markdown = take_apart(text)
    if tags is not None:
        from emdash_cli.domain.queue_file.tagged import without_tags

        markdown = without_tags(markdown, text, tags)
    article = validate(markdown.document, line_of=markdown.line, zone=zone, now=now, notices=markdown.notices)
    return replace(article, notices=article.notices + _idle_key(article, markdown.line))


def _idle_key(article: QueueFile, line_of: Callable[[tuple[str, ...]], int | None]) -> tuple[Problem, ...]:
    if not article.metadata or article.translation_of:
        return ()
    from emdash_cli.domain.queue_file.page_locales import idle_key

    key = idle_key(article.metadata)
    if key is None:
        return ()
    message = "is stored as metadata and does not link this post to a translation"
    return (Problem(line_of((key,)), key, message, "name the post that this one translates in translation_of"),)


def from_front_matter(text: str, tags: Context | None = None) -> dict[str, Any]:
    """See `front_matter.from_front_matter`."""
    from emdash_cli.domain.queue_file.front_matter import from_front_matter as convert

    return convert(text, tags)


def json_schema() -> dict[str, Any]:
    """See `model.json_schema`."""
    from emdash_cli.domain.queue_file.model import json_schema as describe

    return describe()
