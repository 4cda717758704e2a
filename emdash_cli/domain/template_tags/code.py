"""Find the code in a Markdown source, so that nothing in it is mistaken for a template tag.

Markdown cannot be parsed before its tags are replaced: the body of ``{% highlight %}`` is not Markdown. Code is
therefore recognised here line by line, by the rules of https://spec.commonmark.org/0.31.2/ sections 4.4, 4.5 and 6.1.
Other
parts that readers do not see as text are skipped, too: HTML comments, ``<pre>``, ``<code>``, ``<script>`` and
``<style>``, and mathematics between dollar signs.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from functools import cache
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

CODE = r"""
  (?P<fence>^(?:[ \t>]|[-*+][ \t]|[0-9]{1,9}[.)][ \t])*(?P<mark>`{3,}|~{3,})(?P<info>[^\n]*))
| (?P<indented>^(?:[ ]{4}|[ ]{0,3}\t)[^\n]*)
| (?P<ticks>`+)
| (?P<escape>\\[!-/:-@\[-`{-~])
| (?P<comment><!--)
| (?P<verbatim><(?P<element>pre|code|script|style|textarea|kbd|samp)(?=[\s>])[^>]*>)
| (?P<math>\${1,2}(?!\{\{))
"""
"""Alternatives of a verbose, multi-line pattern; `Code.end` finds the end of each."""

CODE_GROUPS: Final = frozenset({"fence", "indented", "ticks", "escape", "comment", "verbatim", "math"})

BLANK_LINE = re.compile(r"\n[ \t>]*(?:\n|\Z)")
TICKS = re.compile("`+")
_MATH = re.compile(r"[\\^_{]")
_ITEM = re.compile(r"[ \t]*(?:[-*+]|[0-9]{1,9}[.)])(?:[ \t]+|$)")
_FENCE = re.compile(r"[ \t>]*(?:(?:[-*+]|[0-9]{1,9}[.)])[ \t]+)*(`{3,}|~{3,})")
_CODE_INDENT = 4
_NEVER = -1


class Code:
    """Finds the end of a piece of code that starts at a match of `CODE`."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._indented: dict[int, int] | None = None
        self._paragraph_end = _NEVER
        self._runs: dict[int, list[int]] = {}
        self._unclosed: set[str] = set()

    def end(self, found: re.Match[str]) -> int | None:
        """The end of the code; None if the match is not code after all and only its first characters are text."""
        match found.lastgroup:
            case "fence":
                return self._fence_end(found)
            case "indented":
                return found.end() if self.is_indented(found.start()) else None
            case "ticks":
                return self._span_end(found.start(), len(found[0]), found.end())
            case "escape":
                return found.end()
            case "comment":
                return self._behind("-->", found.end())
            case "verbatim":
                return self._behind(f"</{found['element']}", found.end())
            case _:
                return self._math_end(found)

    def is_indented(self, start: int) -> bool:
        """Whether the line that starts there belongs to an indented code block."""
        return self.surplus(start) > 0

    def surplus(self, start: int) -> int:
        """How many columns too far the indented code block with that line is indented to be text; 0 if it is none."""
        if self._indented is None:
            self._indented = dict(_indented_lines(self._text))
        return self._indented.get(start, 0)

    def _fence_end(self, found: re.Match[str]) -> int | None:
        mark = found["mark"]
        if mark[0] == "`" and "`" in found["info"]:
            return self._span_end(found.start("mark"), len(mark), found.end("mark"))
        closing = _closing(mark[0], len(mark)).search(self._text, found.end())
        return closing.end() if closing else len(self._text)

    def _span_end(self, start: int, length: int, begin: int) -> int | None:
        self._enter_paragraph(start)
        starts = self._runs.get(length, [])
        number = bisect_left(starts, begin)
        # A run that nothing closes is text as a whole: no shorter run starts within it.
        return starts[number] + length if number < len(starts) else begin

    def _enter_paragraph(self, start: int) -> None:
        if start < self._paragraph_end:
            return
        blank = BLANK_LINE.search(self._text, start)
        self._paragraph_end = blank.start() if blank else len(self._text)
        self._runs = {}
        for run in TICKS.finditer(self._text, start, self._paragraph_end):
            self._runs.setdefault(len(run[0]), []).append(run.start())
        self._paragraph_end = max(self._paragraph_end, start + 1)

    def _behind(self, mark: str, begin: int) -> int | None:
        if mark in self._unclosed:
            return None
        end = self._text.find(mark, begin)
        if end < 0:
            self._unclosed.add(mark)
            return None
        return end + len(mark)

    def _math_end(self, found: re.Match[str]) -> int | None:
        """The end of mathematics, by Pandoc's rules: https://pandoc.org/MANUAL.html#math."""
        mark, begin = found[0], found.end()
        self._enter_paragraph(found.start())
        end = self._text.find(mark, begin, self._paragraph_end)
        if end < 0 or not _MATH.search(self._text, begin, end):
            return None
        behind = self._text[end + len(mark) : end + len(mark) + 1]
        if len(mark) == 1 and (self._text[begin].isspace() or self._text[end - 1].isspace() or behind.isdigit()):
            return None
        return end + len(mark)


@cache
def _closing(char: str, length: int) -> re.Pattern[str]:
    return re.compile(rf"^[ \t>]*{char}{{{length},}}[ \t]*$", re.MULTILINE)


def _indented_lines(text: str) -> Iterator[tuple[int, int]]:
    """The starts of the lines of indented code, and how many columns too far the first of them is indented.

    That is 4 or more columns beyond the text of the list item that contains them.
    """
    at, blank, code, fence, surplus = 0, True, False, "", 0
    offsets: list[int] = []
    for line in text.split("\n"):
        start, at = at, at + len(line) + 1
        if not line.strip():
            blank = True
            continue
        if fence:
            fence = "" if line.strip(" \t>").startswith(fence) else fence
            continue
        width = _width(line)
        if blank or code or _ITEM.match(line):
            while offsets and width < offsets[-1]:
                offsets.pop()
        beyond = width - (offsets[-1] if offsets else 0)
        was_code, code = code, (blank or code) and beyond >= _CODE_INDENT
        blank = False
        if code:
            surplus = surplus if was_code else beyond
            yield start, surplus
        elif opening := _FENCE.match(line):
            fence = opening[1]
        elif item := _ITEM.match(line):
            offsets.append(len(item[0].expandtabs(4)))


def _width(line: str) -> int:
    return len(line) - len(line.lstrip(" ")) if "\t" not in line else len(_leading(line).expandtabs(4))


def _leading(line: str) -> str:
    return line[: len(line) - len(line.lstrip(" \t"))]
