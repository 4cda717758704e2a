"""HTML elements that are open at a blank line become one block up to their end tag.

CommonMark ends most blocks of HTML at a blank line (section 4.6, kinds 6 and 7). On a page, the rest is still inside
the element; in Portable Text, it would become a block of its own, outside it. So the source is rewritten: an element
whose lines count as they are (`<pre>`, `<script>`, …) keeps them; for any other element, the Markdown inside is
rendered as CommonMark says, and the whole becomes raw HTML. An element whose end tag never comes, or comes outside the
enclosing list item or quote, is left to CommonMark. A script or a style sheet, however, hides everything up to its end
tag; if it starts a line and has no end tag, it hides everything to the end of the enclosing block.
"""

from __future__ import annotations

import re
from html import escape
from typing import TYPE_CHECKING, Any, NamedTuple

from emdash_cli.domain.portable_text.autolink_source import element_name, mark_addresses
from emdash_cli.domain.portable_text.autolinks import OPEN, linked_html
from emdash_cli.domain.portable_text.links import has_web_address
from emdash_cli.domain.portable_text.markdown_text import destination
from emdash_cli.domain.portable_text.raw_html import BEGIN, CAN_STAY_OPEN, FILL, NEVER_TEXT, VERBATIM

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pyromark import Markdown

# The limits ensure that a hostile tag costs no more than its length.
_TAG = re.compile(
    rb"<(?:(?P<skip>!--|\?|!\[CDATA\[)"
    rb"|(?P<end>/?)(?P<name>[A-Za-z][A-Za-z0-9-]*)"
    rb"(?=[\s/>])(?:[^'\"<>]{1,2000}+|\"[^\"]{0,2000}\"|'[^']{0,2000}'){0,80}+>)"
)
_SKIPPED = {b"!--": b"-->", b"?": b"?>", b"![CDATA[": b"]]>"}
_BLANK_LINE = re.compile(rb"\n[ \t>]*(?=\n|\Z)")
_CONTAINERS = frozenset({"BlockQuote", "Item", "FootnoteDefinition"})
_LEAVES = frozenset({"Paragraph", "Heading", "HtmlBlock", "CodeBlock", "Table"})


def join_open_html(markdown: str, parser: Markdown) -> str:
    """Return the source with every element complete that is open at a blank line, marked for `block_html`."""
    if FILL in markdown:
        return markdown
    data = _join_verbatim(markdown.encode(), parser)
    return _join_containers(data, parser).decode()


class _Piece(NamedTuple):
    """A part of the source that is HTML, by its offsets; `within` lists the enclosing blocks, outermost first."""

    kind: str
    start: int
    end: int
    within: tuple[tuple[int, int], ...]
    leaf: tuple[int, int]


class _Tag(NamedTuple):
    start: int
    end: int
    name: str
    closes: bool


def _pieces(events: Iterable[tuple[Any, Any]]) -> Iterator[_Piece]:
    """Yield the HTML of a document in order: blocks, inline tags, and indented code, which may also be HTML."""
    within: list[tuple[int, int]] = []
    leaf = (0, 0)
    for event, place in events:
        if event.__class__ is str:
            continue
        kind, value = next(iter(event.items()))
        start, end = place["start"], place["end"]
        if kind == "InlineHtml":
            yield _Piece("inline", start, end, tuple(within), leaf if leaf[1] >= end else (start, end))
        elif kind == "End" and element_name(value) in _CONTAINERS:
            within.pop()
        elif kind == "Start":
            name = element_name(value)
            if name in _CONTAINERS:
                within.append((start, end))
            elif name in _LEAVES:
                leaf = (start, end)
            if name == "HtmlBlock":
                yield _Piece("block", start, end, tuple(within), leaf)
            elif name == "CodeBlock" and value[name] == "Indented":
                yield _Piece("code", start, end, tuple(within), leaf)


def _tags(data: bytes, start: int, end: int) -> Iterator[_Tag]:
    """Yield the tags between two offsets. Comments and the text of scripts contain none."""
    at = start
    while (found := _TAG.search(data, at, end)) is not None:
        at = found.end()
        if found["skip"]:
            at = max(at, data.find(_SKIPPED[found["skip"]], at, end))
            continue
        name = found["name"].decode().lower()
        yield _Tag(found.start(), at, name, bool(found["end"]))
        if name in NEVER_TEXT and not found["end"]:
            after = re.compile(rb"</" + name.encode() + rb"[\s/>]", re.IGNORECASE).search(data, at, end)
            at = end if after is None else after.start()


class _EndTags:
    """Finds the ends of elements whose lines count as they are, once for all elements of a name."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.by_name: dict[str, dict[int, int]] = {}

    def end(self, tag: _Tag) -> int:
        """Return the end of the end tag, or 0 if there is none."""
        if tag.name not in self.by_name:
            self.by_name[tag.name] = dict(self.find(tag.name))
        return self.by_name[tag.name].get(tag.end, 0)

    def find(self, name: str) -> Iterator[tuple[int, int]]:
        """Yield (the end of the start tag, the end of the end tag)."""
        opened: list[int] = []
        tag = re.compile(rb"<(/?)" + name.encode() + rb"(?=[\s/>])[^<>]*>", re.IGNORECASE)
        for found in tag.finditer(self.data):
            if not found[1]:
                if not found[0].endswith(b"/>"):
                    opened.append(found.end())
            elif name in NEVER_TEXT:
                yield from ((start, found.end()) for start in opened)
                opened.clear()
            elif opened:
                yield opened.pop(), found.end()


def _prefix(data: bytes, start: int) -> bytes:
    """Return the prefix of the lines after this one in the same block: quote marks and spaces."""
    line = data[data.rfind(b"\n", 0, start) + 1 : start]
    return bytes(byte if byte in b">\t" else ord(" ") for byte in line)


def _without_prefix(text: bytes, prefix: bytes) -> bytes:
    marks = b"".join(b">?" if byte == ord(">") else b"[ \t]?" for byte in prefix)
    return re.sub(rb"(?<=\n)" + marks, b"", text)


def _line_end(data: bytes, at: int) -> int:
    end = data.find(b"\n", at)
    return len(data) if end < 0 else end


def _html_block(html: bytes, prefix: bytes) -> bytes:
    """Return raw HTML as one block of HTML, however it starts and however many blank lines it has."""
    lines = [line if line.strip() else FILL.encode() for line in html.strip(b"\n").split(b"\n")]
    return (b"\n" + prefix).join([BEGIN.encode(), *lines]) + b"\n\n"


def _join_verbatim(data: bytes, parser: Markdown) -> bytes:
    """Turn every element whose lines count as they are into one block of HTML."""
    ends = _EndTags(data)
    out: list[bytes] = []
    done = 0
    for piece in list(_pieces(parser.events_with_range(data.decode()))):
        if piece.start < done or piece.kind == "code":
            continue
        limit = piece.within[-1][1] if piece.within else len(data)
        if piece.kind == "block":
            end, missing = _verbatim_end(data, piece, limit, ends)
            if end > piece.end or missing:
                prefix = _prefix(data, piece.start)
                html = _without_prefix(data[piece.start : end], prefix) + missing
                out += [data[done : piece.start], _html_block(html, prefix)]
                done = end
            continue
        tag = next(_tags(data, piece.start, piece.end), None)
        if tag is None or tag.closes or tag.name not in VERBATIM or data[tag.end - 2 : tag.end] == b"/>":
            continue
        end = ends.end(tag)
        if end > limit and tag.name not in NEVER_TEXT:
            end = 0
        alone = tag.start == piece.leaf[0] and not data[end : _line_end(data, end)].strip()
        if end and (tag.name == "pre" or alone):
            prefix = _prefix(data, piece.leaf[0])
            html = _without_prefix(data[tag.start : end], prefix)
            lead = [] if tag.start == piece.leaf[0] else [b"\n\n", prefix]
            out += [data[done : tag.start].rstrip(b" ") if lead else data[done : tag.start], *lead]
            out += [_html_block(html, prefix), prefix]
            done = end
        elif end > piece.leaf[1]:
            out.append(data[done : tag.start])
            done = end
    return b"".join([*out, data[done:]])


def _verbatim_end(data: bytes, piece: _Piece, limit: int, ends: _EndTags) -> tuple[int, bytes]:
    """Return the end of a block of HTML, and its missing end tag, if its verbatim elements are kept complete."""
    end = piece.end
    at = piece.start
    while (tag := next(_tags(data, at, end), None)) is not None:
        at = tag.end
        if tag.closes or tag.name not in VERBATIM or data[tag.end - 2 : tag.end] == b"/>":
            continue
        last = ends.end(tag)
        if not last and tag.name in NEVER_TEXT:
            return limit, f"</{tag.name}>".encode()
        if not 0 < last <= limit and tag.name not in NEVER_TEXT:
            continue
        at = last
        if last > end:
            blank = _BLANK_LINE.search(data, last)
            end = len(data) if blank is None else blank.start() + 1
    return end, b""


def _join_containers(data: bytes, parser: Markdown) -> bytes:
    """Render every other element that is open at a blank line, with the Markdown in it."""
    pieces = list(_pieces(parser.events_with_range(data.decode())))
    ends = _matches(data, pieces)
    definitions = _definitions(data.decode(), parser)
    out: list[bytes] = []
    done = at = 0
    while at < len(pieces):
        piece = pieces[at]
        after, end = _extent(data, pieces, at, ends)
        if end > piece.end and piece.kind == "block":
            prefix = _prefix(data, piece.start)
            html = _dedented(data, piece.start, end, [code for code in pieces[at:after] if code.kind == "code"])
            out += [data[done : piece.start], _html_block(_rendered(html, prefix, definitions, parser), prefix)]
            done = end
        at = after
    return b"".join([*out, data[done:]])


def _extent(data: bytes, pieces: list[_Piece], at: int, ends: dict[int, int]) -> tuple[int, int]:
    """Return the index after the last piece that belongs to the elements open in one piece, and where they end."""
    end = pieces[at].end
    while at < len(pieces) and pieces[at].start < end:
        if pieces[at].kind == "block":
            end = max([end, *(ends.get(tag.start, 0) for tag in _tags(data, pieces[at].start, pieces[at].end))])
        at += 1
    return at, end


def _matches(data: bytes, pieces: list[_Piece]) -> dict[int, int]:
    """Return, by the offset of each start tag, the end of the block that contains its end tag."""
    ends: dict[int, int] = {}
    opened: dict[str, list[tuple[_Tag, _Piece]]] = {}
    for piece in pieces:
        if piece.kind == "code" and data[piece.start : piece.start + 1] != b"<":
            continue
        for tag in _tags(data, piece.start, piece.end):
            if tag.name not in CAN_STAY_OPEN or data[tag.end - 2 : tag.end] == b"/>":
                continue
            stack = opened.setdefault(tag.name, [])
            if not tag.closes:
                if tag.name == "p":
                    stack.clear()  # A paragraph ends where the next one starts.
                stack.append((tag, piece))
            elif stack:
                start, first = stack.pop()
                depth = len(first.within)
                if piece.within[:depth] == first.within:
                    ends[start.start] = piece.within[depth][1] if len(piece.within) > depth else piece.leaf[1]
    return ends


def _dedented(data: bytes, start: int, end: int, indented: list[_Piece]) -> bytes:
    """Return a part of the source in which indented lines that start with a tag are HTML, not code."""
    out: list[bytes] = []
    done = start
    for piece in indented:
        if data[piece.start : piece.start + 1] == b"<" and piece.start >= done:
            out += [data[done : piece.start].rstrip(b" \t"), re.sub(rb"\n[ \t]+", b"\n", data[piece.start : piece.end])]
            done = piece.end
    return b"".join([*out, data[done:end]])


def _rendered(source: bytes, prefix: bytes, definitions: str, parser: Markdown) -> bytes:
    markdown = _without_prefix(source, prefix).decode()
    if has_web_address(markdown) and OPEN not in markdown:
        markdown = mark_addresses(markdown, parser)
    more = f"\n\n{definitions}" if "[" in markdown else ""
    return linked_html(parser.html(markdown + more)).encode()


def _definitions(markdown: str, parser: Markdown) -> str:
    """Return the link definitions of a document, which are valid in all its parts."""
    lines = []
    for label, definition in parser.reference_definitions(markdown).items():
        title = definition["title"]
        more = f' "{escape(title)}"' if title else ""
        lines.append(f"[{label}]: {destination(definition['dest']) or '<>'}{more}")
    return "\n".join(lines)
