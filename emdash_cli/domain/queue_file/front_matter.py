"""Markdown files with front matter in YAML, TOML or JSON; `fences` finds it."""

from __future__ import annotations

import re
from datetime import date, datetime, time
from math import isfinite
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from emdash_cli.domain.queue_file import strict_json
from emdash_cli.domain.queue_file.fences import find_block
from emdash_cli.domain.queue_file.key_names import recognised
from emdash_cli.domain.queue_file.mapping import Mapped, sort_keys
from emdash_cli.domain.queue_file.shapes import INT64_MAX, INT64_MIN, MAX_DEPTH, Problem, QueueFileError, shown_path

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from emdash_cli.domain.queue_file.fences import Kind
    from emdash_cli.domain.queue_file.strict_json import Path
    from emdash_cli.domain.template_tags import Context

MAX_FRONT_MATTER: Final = 100_000
"""Maximum number of characters. PyYAML without libyaml needs about a second for this many."""

_BAD = re.compile("[\0\ud800-\udfff]")
_OLD_TRUTH: Final = {"yes": True, "on": True, "no": False, "off": False}


class MarkdownDocument(NamedTuple):
    """A Markdown file split into its parts."""

    document: dict[str, Any]
    """The front matter with its keys as written, and the text as ``body_text``."""
    lines: dict[Path, int]
    notices: tuple[Problem, ...] = ()
    """Remarks for the author of a file that can be read."""

    def line(self, path: Path) -> int | None:
        """The line of the file on which the part, or the part that contains it, begins."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1)


def from_front_matter(text: str, tags: Context | None = None) -> dict[str, Any]:
    """The document of a Markdown file, with its keys mapped to those of a queue file.

    The values are checked by `parse` (or by `parse_markdown`, which knows the lines of the Markdown file). Dates stay
    text. In YAML, plain numbers in the fields of a queue file also stay text, as in ``title: 2026``, and for fields
    that are true or false, ``yes``, ``no``, ``on`` and ``off`` are accepted.

    Raises:
        QueueFileError: the front matter cannot be read, or one of its keys is misspelt or cannot be honoured.
    """
    markdown = take_apart(text)
    if tags is not None:
        from emdash_cli.domain.queue_file.tagged import without_tags

        markdown = without_tags(markdown, text, tags)
    mapped = sort_keys(markdown.document)
    if mapped.faults:
        raise QueueFileError(
            Problem(markdown.line(path), shown_path(path) or None, message, hint)
            for path, message, hint in mapped.faults
        )
    return in_file(mapped)


def in_file(mapped: Mapped) -> dict[str, Any]:
    """The mapped document with the field names of a file."""
    return {"content" if field == "blocks" else field: value for field, value in mapped.data.items()}


def take_apart(text: str) -> MarkdownDocument:
    """Split a Markdown file into front matter and text. A file without front matter is all text.

    Raises:
        QueueFileError: the front matter cannot be read; gives the line of the file.
    """
    text = text.removeprefix("\ufeff")
    if "\r" in text and "\n" not in text:  # Line endings of the classic Mac OS.
        text = text.replace("\r", "\n")
    block = find_block(text)
    if block is None:
        return _vetted(MarkdownDocument({"body_text": text.strip("\r\n")}, {("body_text",): 1}))
    if len(block.matter) > MAX_FRONT_MATTER:
        message = f"the front matter has {len(block.matter):,} characters; at most {MAX_FRONT_MATTER:,} are read"
        raise QueueFileError([Problem(1, None, message)])
    found = _READERS[block.kind](block.matter)
    if "body_text" in found.document:
        raise QueueFileError(
            [Problem(found.lines[("body_text",)], "body_text", "the body is given twice", "keep the text below")]
        )
    body = text[block.end :].lstrip("\r\n")
    found.document["body_text"] = body.rstrip("\r\n")
    found.lines[("body_text",)] = text.count("\n", 0, len(text) - len(body) if body else block.end) + 1
    return _vetted(found)


def _vetted(markdown: MarkdownDocument) -> MarkdownDocument:
    if found := list(_breaches(markdown.document)):
        raise QueueFileError(
            Problem(markdown.line(path), shown_path(path), message, "remove it") for path, message in found
        )
    return markdown


def _breaches(value: Any, path: Path = ()) -> Iterator[tuple[Path, str]]:
    """Values that a queue file cannot express: infinite or too large numbers, NUL characters, too deep nesting."""
    if len(path) > MAX_DEPTH:
        yield path, f"more than {MAX_DEPTH} nested lists and mappings"
    elif isinstance(value, dict):
        for key, part in value.items():
            yield from _breaches(key, (*path, key))
            yield from _breaches(part, (*path, key))
    elif isinstance(value, list):
        for number, part in enumerate(value):
            yield from _breaches(part, (*path, number))
    elif isinstance(value, str) and _BAD.search(value):
        yield path, "contains a NUL character or half of a surrogate pair"
    elif isinstance(value, float) and not isfinite(value):
        yield path, "is not a finite number"
    elif isinstance(value, int) and not INT64_MIN <= value <= INT64_MAX:
        yield path, "is a whole number of more than 64 bits"


def _yaml(matter: str) -> MarkdownDocument:
    # Importing PyYAML takes longer than reading the JSON of a whole queue file.
    from emdash_cli.domain.queue_file.yaml_subset import read_yaml

    found = read_yaml(matter)
    document = {}
    for key, node in found.entries.items():
        known = recognised(key)
        value = node.value(numbers=known.takes_numbers)
        if isinstance(value, str) and node.plain and known.takes_truth:
            value = _OLD_TRUTH.get(value.lower(), value)
        document[key] = value
    return MarkdownDocument(document, found.lines, found.notices)


def _json(matter: str) -> MarkdownDocument:
    document, locate = strict_json.read(matter.encode(errors="surrogatepass"))
    return MarkdownDocument(document, dict(locate().lines))


def _toml(matter: str) -> MarkdownDocument:
    import tomllib

    try:
        found = tomllib.loads(matter)
    except (tomllib.TOMLDecodeError, ValueError, RecursionError) as error:
        place = re.search(r"at line ([0-9]+)", str(error))
        message = f"this is not TOML: {' '.join(str(error).split())[:200]}"
        raise QueueFileError([Problem(int(place[1]) if place else 1, None, message)]) from None
    lines: dict[Path, int] = {}
    for number, line in enumerate(matter.split("\n"), 1):
        if key := re.match(r"[ \t]*\[{0,2}[ \t]*[\"']?([A-Za-z0-9_-]+)", line):
            lines.setdefault((key[1],), number)
    return MarkdownDocument({key: _plain(value) for key, value in found.items()}, lines)


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(part) for key, part in value.items()}
    if isinstance(value, list):
        return [_plain(part) for part in value]
    if isinstance(value, (datetime, date, time)):
        return value.isoformat()
    return value


_READERS: Final[Mapping[Kind, Callable[[str], MarkdownDocument]]] = {"yaml": _yaml, "toml": _toml, "json": _json}
