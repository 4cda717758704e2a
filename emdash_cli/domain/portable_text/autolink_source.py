r"""Bare web addresses for which the source decides, not the finished text.

cmark-gfm looks for web addresses while it reads a line, so an address that starts in text takes everything up to
white space: `http://x.org/*a*` has no emphasis, `http://x.org/a\_b` keeps its backslash, and after an open bracket
there is no link at all. The finished text shows none of this. In such an article, the addresses are marked in the
source before it is parsed.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from emdash_cli.domain.portable_text.autolinks import CLOSE, END, OPEN, WEB, mark, web_end
from emdash_cli.domain.portable_text.raw_html import TAG_MARKS, tag

if TYPE_CHECKING:
    from pyromark import Markdown

_SCHEME_TAIL = re.compile(r"://(?<!\]\(https://)(?<!\]\(http://)[^\s<]*<?")
_WWW_TAIL = re.compile(r"www\.[^\s<]*<?")
_SCHEME = re.compile(r"(?:https?|ftp)\Z", re.IGNORECASE)
# What may be Markdown inside an address; an underscore only at the edge of a word.
_MEANS_MORE = re.compile(r"[*~`\[\]\\|<]|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])|&#?[A-Za-z0-9]+;")
_CODE = re.compile(r"(`+)[^`]+\1(?!`)")
# The end of a link whose text is an address, `[http://x.org](/u)`.
_LINK = re.compile(r"""[^\[\]`\\]*\]\([^\s()\\&]*\)[*_~.,:;!?'")]*""")
_WRITTEN_OTHERWISE = re.compile(r"www\\\.|&(?:#|colon;|sol;|period;)")
_BRACKET = re.compile(rb"[\[\]]")
_CHANGES_MORE = re.compile(rb"[`\[\]\\]")
_INLINE = frozenset({"Emphasis", "Strong", "Strikethrough", "Link", "Image"})
_HELD = frozenset({"Link", "Image", "CodeBlock"})
_WINDOW = 2000  # How many characters before an address are searched for an open bracket.
_MAX_PASSES = 8


def needs_source(markdown: str) -> bool:
    """Say whether the finished text could hide where an address starts or ends."""
    if OPEN in markdown or CLOSE in markdown:
        return False
    if _WRITTEN_OTHERWISE.search(markdown):
        return True
    for found in _SCHEME_TAIL.finditer(markdown):
        scheme = _SCHEME.search(markdown, max(0, found.start() - len("https")), found.start())
        start = found.start() if scheme is None else scheme.start()
        if _is_hidden(markdown, start, found[0]):
            return True
    return any(
        _is_hidden(markdown, found.start(), found[0])
        for found in _WWW_TAIL.finditer(markdown)
        if markdown[found.start() - 1 : found.start()] != "/"
    )


def _is_hidden(markdown: str, start: int, tail: str) -> bool:
    before = markdown[max(0, start - 2) : start]
    if before in {"](", '="', "='"} or (before[-1:] == "[" and before[0] != "\\" and _LINK.fullmatch(tail)):
        return False
    if before[-1:] == "<":
        return ">" not in tail
    if before[-1:] in {"\\", ";", ">", "`", ")", "]"}:
        return True
    if _MEANS_MORE.search(tail.rstrip("*_~.,:!?'\")")):
        return True
    low = max(markdown.rfind("\n\n", 0, start), start - _WINDOW, 0)
    if markdown.find("[", low, start) < 0:
        return False
    window = _CODE.sub("", markdown[low:start])
    opened, closed = window.rfind("["), window.rfind("]")
    return opened > closed or window.count("[") > window.count("]") or "\\[" in window or "\\]" in window


def mark_addresses(markdown: str, parser: Markdown) -> str:
    """Return the source with every bare web address marked.

    If an address includes the start of a code span or a bracket, the text after it is checked again accordingly.
    """
    data = markdown.encode()
    for _ in range(_MAX_PASSES):
        scan = _Scan(data, list(parser.events_with_range(data.decode())))
        data = scan.marked()
        if not scan.again:
            break
    return data.decode()


class _Scan:
    """One pass through the events of a source."""

    def __init__(self, data: bytes, events: list[tuple[Any, Any]]) -> None:
        self.data = data
        self.events = events
        self.out: list[bytes] = []
        self.taken = 0  # Everything before this is in `out`.
        self.again = False
        self.held = 0  # How many links, images and code blocks are open.
        self.begin_leaf(0)

    def begin_leaf(self, cell_end: int) -> None:
        """Begin a block of inline text. In a table cell, no address extends beyond `cell_end`."""
        self.in_cell = cell_end > 0
        self.limit = cell_end or len(self.data)
        self.begins_line = True
        self.brackets = 0
        self.tags = 0  # How many elements are open in which addresses do not become links.
        self.stopped = False

    def marked(self) -> bytes:
        """Return the source with all certain addresses marked."""
        for index, (event, place) in enumerate(self.events):
            if event.__class__ is str:
                self.begins_line = True
                continue
            kind, value = next(iter(event.items()))
            if kind == "InlineHtml":
                self.inline_html(value)
            elif kind == "Text" and not self.held and not self.tags:
                self.text(index, max(place["start"], self.taken), place["end"])
            self.begins_line = False
            if kind in {"Start", "End"}:
                self.boundary(kind, element_name(value), place["end"])
        return b"".join([*self.out, self.data[self.taken :]])

    def inline_html(self, raw: str) -> None:
        """Track `<a>` and the elements that contain code."""
        name, closes = tag(raw) or ("", False)
        if name == "a" or TAG_MARKS.get(name) == "code":
            self.tags = max(0, self.tags + (-1 if closes else 1))

    def boundary(self, kind: str, name: str, end: int) -> None:
        """Track the start or the end of an element."""
        if name in _HELD:
            self.held += 1 if kind == "Start" else -1
        if name not in _INLINE:
            self.begin_leaf(end if kind == "Start" and name == "TableCell" else 0)

    def text(self, index: int, start: int, end: int) -> None:
        """Mark the addresses that start in a piece of text."""
        at = start
        while at < end and not self.stopped:
            found = WEB.search(self.data, at, end)
            begin = end if found is None else found.start()
            if self.begins_line and at == start and self.data.startswith(b"www.", start):
                begin = start
            self.count_brackets(at, begin, start)
            if begin == end:
                return
            stopped = END.search(self.data, begin, self.limit)
            stop = self.limit if stopped is None else stopped.start()
            last = 0 if self.brackets else web_end(self.data, begin, stop, stop + self.goes_on(index, stop))
            if last:
                self.take(begin, last)
            at = last or begin + len("www.")

    def take(self, begin: int, end: int) -> None:
        """Mark one address."""
        address = self.data[begin:end]
        self.out += [self.data[self.taken : begin], mark(address.replace(b"\\|", b"|") if self.in_cell else address)]
        self.taken = end
        if _CHANGES_MORE.search(address):
            self.stopped = self.again = True

    def count_brackets(self, at: int, end: int, event_start: int) -> None:
        """Count the open brackets. The first character of a piece may be escaped."""
        for found in _BRACKET.finditer(self.data, at, end):
            place = found.start()
            if place == event_start and self.data[place - 1 : place] == b"\\":
                continue
            self.brackets = self.brackets + 1 if found[0] == b"[" else max(0, self.brackets - 1)

    def goes_on(self, index: int, stop: int) -> bool:
        """Say whether more follows in the block after the byte where an address must stop."""
        if stop < self.events[index][1]["end"]:
            return True
        for event, place in self.events[index + 1 :]:
            is_break = event.__class__ is str
            kind, value = ("Break", "") if is_break else next(iter(event.items()))
            if kind == "End" and element_name(value) not in _INLINE:
                return False
            if place["start"] >= stop:
                return kind != "Start" or element_name(value) in _INLINE
        return False


def element_name(value: Any) -> str:
    """Return the name of an element, which the parser gives alone or with attributes."""
    return value if value.__class__ is str else next(iter(value))
