"""Read YAML front matter without the features that make YAML dangerous or surprising.

Plain scalars have the meaning of the core schema of YAML 1.2 (https://yaml.org/spec/1.2.2/#103-core-schema), so ``no``
is text and a date stays text. Anchors, aliases and merge keys work within limits, the last of duplicate keys wins, and
tags of other types are refused. PyYAML's composer creates the nodes, from the events of libyaml if PyYAML has it, which
takes a fifth of the time.

This module imports PyYAML, so import it only where front matter is read.
"""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeAlias

import yaml
from yaml.composer import Composer
from yaml.parser import Parser
from yaml.reader import Reader, ReaderError
from yaml.scanner import Scanner

from emdash_cli.domain.queue_file.shapes import MAX_DEPTH, Problem, QueueFileError, quoted, shown_path

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from emdash_cli.domain.queue_file.strict_json import Path

Parts: TypeAlias = "str | list[Node] | dict[str, Node]"

MAX_NODES: Final = 50_000
"""Maximum number of parts after aliases are expanded: as many as 100,000 characters can contain without aliases."""

_NULL = re.compile(r"~|null|Null|NULL|")
_TRUTH = re.compile(r"true|True|TRUE|(false|False|FALSE)")
_INT = re.compile(r"[-+]?[0-9]{1,18}")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]{1,2})?")
_CORE = "tag:yaml.org,2002:"
_PLAIN, _TEXT = f"{_CORE}plain", f"{_CORE}str"
_PLAIN_TAGS = {_PLAIN, *(f"{_CORE}{kind}" for kind in ("null", "bool", "int", "float", "timestamp"))}
_TAGS = {yaml.ScalarNode: {_TEXT, *_PLAIN_TAGS}, yaml.SequenceNode: {f"{_CORE}seq"}, yaml.MappingNode: {f"{_CORE}map"}}
_MERGE = "<<"
_LONGEST_EXAMPLE = 60

_INDENT = re.compile(r"^[ ]*\t[ \t]*", re.MULTILINE)
_BLANK = re.compile(r"^[ \t]+$", re.MULTILINE)
_ENTRY = re.compile(r"(?P<indent>[ \t]*(?:- +)*)(?P<key>[^\s#:\"'-][^:#]*):[ \t]+(?P<value>.*\S)")
_UNSPACED = re.compile(r"[ \t]*(?:- +)*[\w-]+:(?!//)[^\s:]")


@dataclass(slots=True)
class Node:
    """A part of the document."""

    parts: Parts
    plain: bool = False
    """A scalar without quotes."""

    def value(self, *, numbers: bool) -> Any:
        """The part as a JSON value; without `numbers`, plain numbers stay text as written."""
        if isinstance(self.parts, list):
            return [part.value(numbers=numbers) for part in self.parts]
        if isinstance(self.parts, dict):
            return {key: part.value(numbers=numbers) for key, part in self.parts.items()}
        return _scalar(self.parts, numbers=numbers) if self.plain else self.parts


class Yaml(NamedTuple):
    """The top level of a YAML document."""

    entries: dict[str, Node]
    lines: dict[Path, int]
    """The line of every part, from 1, within the YAML text."""
    notices: tuple[Problem, ...]
    """Duplicate keys."""


def _scalar(text: str, *, numbers: bool) -> Any:
    if _NULL.fullmatch(text):
        return None
    if truth := _TRUTH.fullmatch(text):
        return truth[1] is None
    if numbers and _INT.fullmatch(text):
        return int(text)
    if numbers and _FLOAT.fullmatch(text):
        return float(text)
    return text


def read_yaml(text: str) -> Yaml:
    """Read the top level of a YAML document.

    Tabs are allowed wherever YAML 1.2 allows them as separators; a tab in the indentation counts as two spaces, as in
    Hexo.

    Raises:
        QueueFileError: it is not YAML, is not a mapping, or contains something that is refused; with line, column and a
            hint.
    """
    try:
        root = _composed(text)
    except yaml.YAMLError as error:
        if "\t" not in text:
            raise _explained(error, text) from None
        try:
            root = _composed(_without_tabs(text))
        except yaml.YAMLError:
            raise _explained(error, text) from None
    except (ValueError, OverflowError) as error:
        if isinstance(error, QueueFileError):
            raise
        raise QueueFileError([Problem(1, None, f"this is not YAML: {' '.join(str(error).split())}")]) from None
    builder = _Builder(text)
    found = builder.node(root, ()) if root is not None else Node({})
    if isinstance(found.parts, dict):
        return Yaml(found.parts, builder.lines, tuple(builder.notices))
    if found.plain and found.value(numbers=False) is None:
        return Yaml({}, {}, ())
    raise _refused(root, "does not contain a mapping of keys to values", "write, for example, title: …")


def _without_tabs(text: str) -> str:
    """The text with spaces in place of all tabs, for a second attempt after one of them caused an error."""
    indented = _INDENT.sub(lambda found: found[0].replace("\t", "  "), _BLANK.sub("", text))
    return indented.replace("\t", " ")


class _Composer(Composer):
    """Creates nodes whose tags show whether a scalar is plain; refuses nesting too deep for Python's stack."""

    depth = 0

    def resolve(self, kind: type, _: Any, implicit: Any) -> str:
        """The tag of a node without one."""
        if kind is not yaml.ScalarNode:
            return f"{_CORE}{'seq' if kind is yaml.SequenceNode else 'map'}"
        return _PLAIN if implicit[0] else _TEXT

    def descend_resolver(self, *_: Any) -> None:
        """Does nothing: tags do not depend on the place."""

    def ascend_resolver(self) -> None:
        """See `descend_resolver`."""

    def compose_node(self, parent: Any, index: Any) -> Any:
        """The next node. An anchor may be defined again, as YAML allows."""
        event = self.peek_event()  # type: ignore[attr-defined]  # that of the parser it is mixed with
        if not isinstance(event, yaml.AliasEvent):
            self.anchors.pop(getattr(event, "anchor", None), None)
        if self.depth > MAX_DEPTH:
            raise _refused(event, _TOO_DEEP, "no article needs that")
        self.depth += 1
        node = super().compose_node(parent, index)
        self.depth -= 1
        return node


_TOO_DEEP = f"has more than {MAX_DEPTH} nested lists and mappings"


class _PureLoader(Reader, Scanner, Parser, _Composer):
    def __init__(self, text: str) -> None:
        Reader.__init__(self, text)
        Scanner.__init__(self)
        Parser.__init__(self)
        Composer.__init__(self)


def _fast_loader() -> Callable[[str], Any] | None:
    try:
        from yaml._yaml import CParser
    except ImportError:  # PyYAML was built without libyaml.
        return None

    class _FastLoader(_Composer, CParser):
        def __init__(self, text: str) -> None:
            CParser.__init__(self, text)
            Composer.__init__(self)

    return _FastLoader


_FAST_LOADER: Final = _fast_loader()


def _composed(text: str) -> Any:
    """The root of the document; None if it is empty. Errors are always those of PyYAML's own scanner."""
    if _FAST_LOADER is not None:
        with suppress(yaml.YAMLError):
            return _FAST_LOADER(text).get_single_node()
    return _PureLoader(text).get_single_node()


class _Builder:
    """Expands aliases and merge keys, and records the line of each part."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._left = MAX_NODES
        self.lines: dict[Path, int] = {}
        self.notices: list[Problem] = []

    def node(self, node: Any, path: Path) -> Node:
        self._left -= 1
        if self._left < 0:
            raise _refused(node, f"has more than {MAX_NODES:,} parts after its aliases are expanded", "shorten it")
        if len(path) > MAX_DEPTH:
            raise _refused(node, _TOO_DEEP, "no article needs that")
        if node.tag not in _TAGS[type(node)]:
            raise _refused(node, f"has the tag {node.tag}", "remove it, or put the value in quotes")
        if isinstance(node, yaml.ScalarNode):
            return Node(node.value, plain=node.tag in _PLAIN_TAGS and not node.style)
        if isinstance(node, yaml.SequenceNode):
            return Node([self._item(part, (*path, place)) for place, part in enumerate(node.value)])
        return Node(self._mapping(node, path))

    def _item(self, node: Any, path: Path) -> Node:
        self.lines[path] = _line(node)
        return self.node(node, path)

    def _mapping(self, node: Any, path: Path) -> dict[str, Node]:
        found: dict[str, Node] = {}
        own: set[str] = set()
        for name, key, value in [*self._merged(node), *((key.value, key, value) for key, value in node.value)]:
            if not isinstance(key, yaml.ScalarNode):
                raise _refused(key, "has a key that is not text", _quotes(self._text, _line(key) - 1))
            if _merges(key):
                continue
            place = (*path, name)
            if name in own:
                message = f"{quoted(name)} is given twice, first on line {self.lines[place]}: the last one is used"
                self.notices.append(Problem(_line(key), shown_path(place), message, "keep one of them"))
            elif any(key is mine for mine, _ in node.value):
                own.add(name)
            self.lines[place] = _line(key)
            found[name] = self.node(value, place)
        return found

    def _merged(self, node: Any, depth: int = 0) -> Iterator[tuple[Any, Any, Any]]:
        """The values of merge keys (https://yaml.org/type/merge.html), the lowest priority first."""
        for key, value in node.value:
            if not _merges(key):
                continue
            sources = value.value if isinstance(value, yaml.SequenceNode) else [value]
            for source in reversed(sources):
                if not isinstance(source, yaml.MappingNode) or depth > MAX_DEPTH:
                    raise _refused(key, "merges something that is not a mapping", "write out the values")
                yield from self._merged(source, depth + 1)
                yield from ((part.value, part, content) for part, content in source.value)


def _merges(key: Any) -> bool:
    return bool(key.tag == _PLAIN and key.value == _MERGE)


def _line(node: Any) -> int:
    return int(node.start_mark.line) + 1


def _refused(node: Any, message: str, hint: str) -> QueueFileError:
    return QueueFileError([Problem(_line(node), None, f"the front matter {message}", hint)])


def _explained(error: yaml.YAMLError, text: str) -> QueueFileError:
    if isinstance(error, ReaderError):
        line = text.count("\n", 0, error.position) + 1
        message = f"this is not YAML: the character U+{_code(error.character):04X} is not allowed"
        return QueueFileError([Problem(line, None, message, "remove it")])
    if not isinstance(error, yaml.MarkedYAMLError):
        return QueueFileError([Problem(1, None, f"this is not YAML: {' '.join(str(error).split())}")])
    # If a quote or bracket is never closed, the place where it was opened is reported.
    endless = error.context_mark is not None and "end of stream" in (error.problem or "")
    mark = error.context_mark if endless else error.problem_mark or error.context_mark
    said = error.problem or error.context
    line, column = (mark.line, mark.column) if mark else (0, 0)
    message = f"this is not YAML: {said} (column {column + 1})"
    return QueueFileError([Problem(line + 1, None, message, _hint(text, line, column))])


def _code(character: str | int) -> int:
    return ord(character) if isinstance(character, str) else character


def _hint(text: str, number: int, column: int) -> str:
    """The most likely remedy for an error at that line and column, both counted from 0."""
    lines = text.split("\n")
    line = lines[number] if number < len(lines) else ""
    if "\t" in line[: len(line) - len(line.lstrip())]:
        return "indent with spaces, not with tabs"
    before = lines[number - 1] if number else ""
    if ":" not in line[:column] and _UNSPACED.match(before):
        return f"put a space after the colon on line {number}"
    if ":" in line[:column]:
        return _quotes(text, number)
    if before.strip() and ":" not in before and not before.lstrip().startswith("-"):
        return f'write "key: value" on line {number}'
    return "indent all keys of a mapping alike"


def _quotes(text: str, number: int) -> str:
    """Advice to quote the value on that line, counted from 0."""
    entry = _ENTRY.match(text.split("\n")[number])
    value = entry["value"] if entry else ""
    if not entry or len(value) > _LONGEST_EXAMPLE or not value.isprintable():
        return "put the value in quotes"
    inner = value[1:-1] if len(value) > 1 and value[0] == value[-1] and value[0] in "'\"" else value
    safe = '"' in inner or "\\" in inner
    shown = "'{}'".format(inner.replace("'", "''")) if safe else f'"{inner}"'
    return f"put the value in quotes: {entry['key']}: {shown}"
