"""Read YAML front matter without what makes YAML dangerous or surprising.

Plain scalars mean what the core schema of YAML 1.2 says (https://yaml.org/spec/1.2.2/#103-core-schema), so
``no`` is text and a date stays text. Anchors' aliases, tags and duplicate keys are refused. Events are read
instead of nodes: PyYAML's composer recurses, its parser does not.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from emdash_cli.domain.queue_file.problems import Problem, QueueFileError, quoted, shown_path
from emdash_cli.domain.queue_file.shapes import MAX_DEPTH

if TYPE_CHECKING:
    from collections.abc import Iterator

    from emdash_cli.domain.queue_file.locations import Path

Parts: TypeAlias = "str | list[Node] | dict[str, Node]"

_NULL = re.compile(r"~|null|Null|NULL|")
_TRUTH = re.compile(r"true|True|TRUE|(false|False|FALSE)")
_INT = re.compile(r"[-+]?[0-9]{1,18}")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]{1,2})?")
_PLAIN_TAGS = (None, "!", "tag:yaml.org,2002:str")


@dataclass(slots=True)
class Node:
    """A part of the document."""

    parts: Parts
    line: int
    """From 1, within the YAML text."""
    plain: bool = False
    """A scalar without quotes."""

    def value(self, *, numbers: bool) -> Any:
        """The part as JSON has it; without `numbers`, plain numbers stay the text that was written."""
        if isinstance(self.parts, list):
            return [part.value(numbers=numbers) for part in self.parts]
        if isinstance(self.parts, dict):
            return {key: part.value(numbers=numbers) for key, part in self.parts.items()}
        return _scalar(self.parts, numbers=numbers) if self.plain else self.parts


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


def read_yaml(text: str) -> tuple[dict[str, Node], dict[Path, int]]:
    """The top level of a YAML document, and the line of every part.

    Raises:
        QueueFileError: not YAML, not a mapping, or something that is refused.
    """
    import yaml

    reader = _Reader()
    try:
        for event in yaml.parse(text, Loader=yaml.SafeLoader):
            reader.take(event)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        message = f"this is not YAML: {error.problem or error.context}"
        raise QueueFileError([Problem(mark.line + 1 if mark else 1, None, message)]) from None
    except (yaml.YAMLError, ValueError, OverflowError) as error:
        if isinstance(error, QueueFileError):
            raise
        message = f"this is not YAML: {' '.join(str(error).split())}"
        raise QueueFileError([Problem(1, None, message)]) from None
    return reader.result()


@dataclass(slots=True)
class _Open:
    """A list or mapping whose end has not come yet."""

    node: Node
    key: str | None = None
    """The latest key of a mapping."""
    wants_value: bool = False


class _Reader:
    """Builds nodes from events, without recursion."""

    def __init__(self) -> None:
        self.root: Node | None = None
        self.documents = 0
        self.stack: list[_Open] = []
        self.lines: dict[Path, int] = {}

    def take(self, event: Any) -> None:
        name = type(event).__name__
        line = event.start_mark.line + 1
        if name == "AliasEvent":
            raise _refused(line, f"uses the alias *{event.anchor}", "write the value itself")
        if name == "DocumentStartEvent":
            self.documents += 1
            if self.documents > 1:
                raise _refused(line, "holds a second YAML document", "keep one")
        elif name == "ScalarEvent":
            self._scalar(event, line)
        elif name in ("MappingStartEvent", "SequenceStartEvent"):
            self._open(event, line, {} if name == "MappingStartEvent" else [])
        elif name in ("MappingEndEvent", "SequenceEndEvent"):
            self.stack.pop()

    def result(self) -> tuple[dict[str, Node], dict[Path, int]]:
        if self.root is None:
            return {}, self.lines
        if isinstance(self.root.parts, dict):
            return self.root.parts, self.lines
        if self.root.plain and self.root.value(numbers=False) is None:
            return {}, self.lines
        raise _refused(self.root.line, "holds no mapping of keys to values", "write for example title: …")

    def _open(self, event: Any, line: int, parts: Parts) -> None:
        if event.tag not in (None, "!"):
            raise _refused(line, f"has the tag {event.tag}", "remove it")
        if len(self.stack) >= MAX_DEPTH:
            raise _refused(line, f"has more than {MAX_DEPTH} lists and mappings inside one another", "")
        node = Node(parts, line)
        self._add(node, line)
        self.stack.append(_Open(node))

    def _scalar(self, event: Any, line: int) -> None:
        if event.tag not in _PLAIN_TAGS:
            raise _refused(line, f"has the tag {event.tag}", "remove it")
        self._add(Node(event.value, line, plain=event.style is None and event.tag is None), line)

    def _add(self, node: Node, line: int) -> None:
        if not self.stack:
            self.root = node
            return
        holder = self.stack[-1]
        parts = holder.node.parts
        if isinstance(parts, list):
            parts.append(node)
            self.lines[self._path()] = line
        elif isinstance(parts, dict) and holder.wants_value and holder.key is not None:
            parts[holder.key] = node
            holder.wants_value = False
        elif isinstance(parts, dict):
            self._add_key(holder, parts, node, line)

    def _add_key(self, holder: _Open, parts: dict[str, Node], node: Node, line: int) -> None:
        if not isinstance(node.parts, str):
            raise _refused(line, "has a key that is no text", "write keys as plain words")
        holder.key, holder.wants_value = node.parts, True
        path = self._path()
        if holder.key in parts:
            message = f"{quoted(holder.key)} is given twice, first on line {self.lines[path]}"
            raise QueueFileError([Problem(line, shown_path(path), message, "keep one of them")])
        self.lines[path] = line

    def _path(self) -> Path:
        return tuple(self._steps())

    def _steps(self) -> Iterator[str | int]:
        for holder in self.stack:
            if isinstance(holder.node.parts, list):
                yield len(holder.node.parts) - 1
            elif holder.key is not None:
                yield holder.key


def _refused(line: int, message: str, hint: str) -> QueueFileError:
    return QueueFileError([Problem(line, None, f"the front matter {message}", hint)])
