"""Rewrite a text while reading it: some pieces are replaced, and the rest is copied."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from emdash_cli.domain.template_tags.code import Code
from emdash_cli.domain.template_tags.markup import Markup, dedented, quote

DEEPEST: Final = 20
"""Maximum depth of nested tags; tags nested more deeply stay in the text."""

CONTAINER: Final = r"""
| (?P<container>^[ \t]*:{3,}[ \t]*(?:\{[^}\n]*\}|[A-Za-z][\w-]*)[^\n]*$)
"""
"""The start of a container, as an alternative of a verbose, multi-line pattern. Sources:
https://vitepress.dev/guide/markdown#custom-containers, https://docusaurus.io/docs/markdown-features/admonitions,
https://starlight.astro.build/guides/authoring-content/#asides, https://pandoc.org/MANUAL.html#divs-and-spans."""
_OPENING: Final = re.compile(
    r"[ \t]*(?P<colons>:{3,})[ \t]*(?:\{[^}\n]*?\.?(?P<class>[A-Za-z][\w-]*)[^}\n]*\}|(?P<name>[A-Za-z][\w-]*))"
    r"[ \t]*(?:\[(?P<label>[^\]\n]*)\])?[ \t]*(?:\{[^}\n]*\})?[ \t]*(?P<title>[^\n:]*?)[ \t]*:*[ \t]*$",
    re.MULTILINE,
)
_COLONS: Final = re.compile(r"^[ \t]*(:{3,})[ \t]*([^\n]*)$", re.MULTILINE)
_ASIDES: Final = frozenset(
    {"note", "tip", "info", "warning", "caution", "important", "danger", "success", "hint", "question", "example"}
)
_CONTINUED: Final = re.compile(r"[-*+]|[0-9]{1,9}[.)]")
_LINE_END: Final = re.compile(r"[ \t]*\n")
_LOOKED_BACK: Final = 2000


class Remaining(NamedTuple):
    """A tag that stays in the text, or was removed without a trace.

    Attributes:
        line: of the file, from 1.
        what: what to report about it.
        hint: what the author can do; empty: the general advice for tags.
    """

    line: int
    text: str
    what: str
    hint: str = ""


class Rewriter:
    """A text that is being rewritten.

    Args:
        text: Markdown.
        line: the number of its first line.
    """

    def __init__(self, text: str, line: int) -> None:
        self.remaining: list[Remaining] = []
        self._text = text
        self._code = Code(text)
        self._first_line = line
        self._out: list[str] = []
        self._done = 0
        self._counted = (0, 0)
        self._has_open_container = False

    def _inner(self, body: str, at: int) -> str:
        """A part of the text that starts there, rewritten."""
        raise NotImplementedError

    def _container(self, start: int) -> int:
        """A container with an end: an aside becomes a quote under its title; of any other, the content is kept."""
        opening = _OPENING.match(self._text, start)
        closing = self._container_end(opening) if opening else None
        if opening is None or closing is None:
            return start + 1
        body = self._text[opening.end() + 1 : closing.start()]
        text = dedented(self._inner(body, opening.end() + 1))
        kind = (opening["name"] or opening["class"]).lower()
        title = opening["label"] or opening["title"] or (kind.capitalize() if kind in _ASIDES else "")
        text = f"**{title}**\n\n{text}" if title else text
        indent = len(self._text[start : opening.start("colons")])
        return self._put_block(
            start + indent, closing.end(), Markup(quote(text) if kind in _ASIDES else text, is_block=True)
        )

    def _container_end(self, opening: re.Match[str]) -> re.Match[str] | None:
        depth = 1
        if not self._has_open_container:
            for found in _COLONS.finditer(self._text, opening.end()):
                if len(found[1]) >= len(opening["colons"]):
                    depth += 1 if found[2].strip() else -1
                if depth == 0:
                    return found
        self._has_open_container = True
        return None

    def _above_is_blank(self, start: int) -> bool:
        line_start = self._text.rfind("\n", 0, start)
        return line_start < 0 or not self._text[self._text.rfind("\n", 0, line_start) + 1 : line_start].strip(" \t>")

    def _put_block(self, start: int, end: int, markup: Markup) -> int:
        line = self._last_line(start)
        self._take(start)
        bare = line.lstrip(" \t>")
        prefix = line[: len(line) - len(bare)]
        if bare and (item := _CONTINUED.fullmatch(bare.rstrip())):
            prefix += " " * len(bare if len(bare) > len(item[0]) else f"{bare} ")
            self._out.append("" if bare.endswith(" ") else " ")
        elif bare:
            self._out.append(f"\n{prefix.rstrip()}\n{prefix}")
        elif not self._above_is_blank(start):
            self._retract(len(line))
            self._out.append(f"{prefix.rstrip()}\n{prefix}")
        self._out.append(markup.text.replace("\n", f"\n{prefix}"))
        self._done = end
        rest = self._text[end : end + _LOOKED_BACK].partition("\n")
        if rest[0].strip():
            self._out.append(f"\n{prefix.rstrip()}\n{prefix}")
            self._done += len(rest[0]) - len(rest[0].lstrip())
        elif rest[1] and rest[2].partition("\n")[0].strip():
            self._out.append(f"\n{prefix.rstrip()}")
            self._done += len(rest[0])
        return self._done

    def _replace(self, start: int, end: int, text: str) -> int:
        self._take(start)
        alone = not text and not self._last_line().strip(" \t>")
        self._out.append(text)
        self._done = end
        if alone:
            self._skip_line_end()
        return max(end, self._done)

    def _skip_line_end(self) -> None:
        found = _LINE_END.match(self._text, self._done)
        if found:
            self._retract(len(self._last_line()))
            self._done = found.end()

    def _take(self, start: int) -> None:
        """Copy the text up to there unchanged."""
        self._out.append(self._text[self._done : start])
        self._done = start

    def _last_line(self, start: int | None = None) -> str:
        """The content of the last line so far, with tags replaced; of a very long line, only its end."""
        found = "" if start is None else self._text[max(self._done, start - _LOOKED_BACK) : start]
        for piece in reversed(self._out[-100:]):
            if "\n" in found or len(found) > _LOOKED_BACK:
                break
            found = piece + found
        return found.rpartition("\n")[2][-_LOOKED_BACK:]

    def _retract(self, length: int) -> None:
        while length > 0 and self._out:
            last = self._out.pop()
            if len(last) > length:
                self._out.append(last[:-length])
            length -= len(last)

    def _line(self, at: int) -> int:
        before, lines = self._counted
        lines += self._text.count("\n", before, at)
        self._counted = (at, lines)
        return self._first_line + lines
