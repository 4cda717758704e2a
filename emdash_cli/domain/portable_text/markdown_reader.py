"""Markdown to Portable Text: CommonMark 0.31.2 and GitHub Flavored Markdown.

The parser (pulldown-cmark through pyromark) produces events. Each has an entry in one of the tables at the end, and a
method of `Reader`. `docs/portable-text.md` says what every construct becomes.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Any

from emdash_cli.domain.portable_text.document import EM, STRIKE, STRONG, OpenList, empty_span
from emdash_cli.domain.portable_text.inline import InlineReader
from emdash_cli.domain.portable_text.links import has_web_address
from emdash_cli.domain.portable_text.raw_html import FILL, block_html, leaves_open

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from pyromark import Markdown

    from emdash_cli.domain.portable_text.document import Document


_FILENAME = re.compile(r"""(?:^|\s)(?:title|filename|file)=(?:"([^"]+)"|'([^']+)'|([^\s"']+))""")


class Reader(InlineReader):
    """A builder that handles every event of the parser."""

    __slots__ = ("cell_texts", "cells", "frames", "info", "notes", "row_key", "row_texts", "rows")

    def __init__(self) -> None:
        super().__init__()
        self.frames: list[tuple[Any, ...]] = []
        self.info = ""
        self.rows: list[str] = []
        self.row_key = ""
        self.row_texts: list[str] = []
        self.cells: list[str] = []
        self.cell_texts: list[str] = []
        self.notes: list[tuple[str, list[str], list[str]]] = []

    def open_paragraph(self) -> None:
        """Begin a paragraph. A second one in a list item continues the item's own block."""
        if self.item is not None and (self.runs or self.texts):
            self.texts.append("\n\n")

    def close_paragraph(self) -> None:
        """End a paragraph. A list item may have several."""
        if self.has_tags:
            self.close_tags()
        item = self.item
        if item is None or not item.fresh:
            self.flush()

    def open_heading(self) -> None:
        """Begin a heading."""
        if self.has_tags:
            self.close_tags()
        self.flush()
        self.in_heading = True

    def close_heading(self, level: str) -> None:
        """End a heading. An empty one is dropped."""
        if self.has_tags:
            self.close_tags()
        self.write_text(level.lower())
        self.in_heading = False
        self.write_late_images()

    def open_quote(self, kind: str | None) -> None:
        """Begin a quote. For GitHub's alerts, the first line names their kind."""
        self.open_block()
        self.frames.append((self.style, self.item, self.lists))
        self.style, self.item, self.lists = "blockquote", None, []
        if kind:
            self.runs.append((STRONG, kind))
            self.flush()

    def close_quote(self) -> None:
        """End a quote."""
        self.style, self.item, self.lists = self.frames.pop()

    def open_list(self, start: int | None) -> None:
        """Begin a list. An item with no content before it is kept, empty."""
        if self.has_tags:
            self.close_tags()
        self.flush()
        if self.item is not None and self.item.fresh:
            self.write_item("normal", "", "", "")
        self.lists.append(OpenList(len(self.lists) + 1, start))

    def close_list(self) -> None:
        """End a list. What follows belongs to the enclosing item, if there is one."""
        self.lists.pop()
        self.item = self.lists[-1] if self.lists else None

    def open_item(self) -> None:
        """Begin a list item."""
        item = self.item = self.lists[-1]
        item.number += 1
        item.fresh = True
        item.written = self.written

    def close_item(self) -> None:
        """End a list item."""
        if self.has_tags:
            self.close_tags()
        self.flush()
        item = self.item
        if item is not None and item.fresh and item.written == self.written:
            self.write_item("normal", "", "", "")
        self.item = None

    def task(self, done: bool) -> None:  # noqa: FBT001 - the parser's event carries a bare bool
        """Begin a task. Portable Text has no tasks, so a box character shows its state."""
        self.texts.append("☑ " if done else "☐ ")

    def open_code(self, kind: str | Mapping[str, str]) -> None:
        """Begin a code block, indented or fenced with an info string."""
        self.open_block()
        self.info = "" if isinstance(kind, str) else kind["Fenced"]

    def close_code(self) -> None:
        """End a code block. Its language is the first word of the info string."""
        code = "".join(self.texts)
        self.texts.clear()
        language, filename = "", ""
        if self.info:
            found = _FILENAME.search(self.info)
            filename = "" if found is None else found[1] or found[2] or found[3]
            language = self.info.split(None, 1)[0] if self.info.strip() else ""
            if found is not None and found.start() == 0:
                language = ""
        self.write_code(code.removesuffix("\n"), language, filename)

    def close_html(self) -> None:
        """End a block of raw HTML."""
        raw = "".join(self.texts)
        html = block_html(raw)
        self.texts.clear()
        if html:
            self.open_html = self.open_html or (FILL not in raw and leaves_open(raw))
            self.write_html(html)

    def rule(self) -> None:
        """Add a thematic break."""
        self.open_block()
        self.write_break()

    def open_table(self, _alignment: object) -> None:
        """Begin a table, whose alignment is lost."""
        self.open_block()
        self.rows, self.row_texts = [], []

    def open_row(self) -> None:
        """Begin a table row."""
        self.row_key = f"b{self.written + 1}r{len(self.rows)}"
        self.cells, self.cell_texts = [], []

    def open_cell(self) -> None:
        """Begin a table cell."""
        self.in_cell = True

    def close_cell(self) -> None:
        """End a table cell."""
        if self.has_tags:
            self.close_tags()
        self.in_cell = False
        cells = self.cells
        key = f"{self.row_key}c{len(cells)}"
        spans, mark_defs, text = self.take_spans(key)
        header = "" if self.rows else '"isHeader":true,'
        more = f',"markDefs":[{mark_defs}]' if mark_defs else ""
        cells.append(f'{{"_type":"tableCell","_key":"{key}",{header}"content":[{spans or empty_span(key)}]{more}}}')
        self.cell_texts.append(text)

    def close_row(self) -> None:
        """End a table row."""
        self.rows.append(f'{{"_type":"tableRow","_key":"{self.row_key}","cells":[{",".join(self.cells)}]}}')
        self.row_texts.append("\t".join(self.cell_texts))

    def close_table(self) -> None:
        """End a table."""
        self.write_table(self.rows, self.row_texts)

    def open_note(self, label: str) -> None:
        """Begin a footnote, which is read separately and placed at the end, after its mark."""
        self.open_block()
        self.end_chunk()
        self.frames.append((self.style, self.item, self.lists, self.blocks, self.plain, self.excerpt))
        self.style, self.item, self.lists = "normal", None, []
        self.blocks, self.plain = [], []
        self.notes.append((label.lower(), self.blocks, self.plain))
        self.texts.append(f"[{label}] ")

    def close_note(self) -> None:
        """End a footnote."""
        self.open_block()
        self.end_chunk()
        self.style, self.item, self.lists, self.blocks, self.plain, self.excerpt = self.frames.pop()

    def document(self) -> Document:
        """Return the finished document, with footnotes last, in the order of their marks."""
        if self.notes:
            self.write_break()
            order = {label: place for place, label in enumerate(self.references)}
            for _, blocks, plain in sorted(self.notes, key=lambda note: order.get(note[0], len(order))):
                self.blocks += blocks
                self.plain += plain
        return super().document()


def from_markdown(markdown: str) -> Document:
    """Convert an article's body. Any string without lone surrogates is valid Markdown.

    NUL becomes U+FFFD, and every line ending becomes a line feed, as CommonMark requires.
    """
    if "\0" in markdown:
        markdown = markdown.replace("\0", "\ufffd")
    if "\r" in markdown:
        markdown = markdown.replace("\r\n", "\n").replace("\r", "\n")
    reader = _read(markdown)
    if reader.open_html:
        from emdash_cli.domain.portable_text.open_html import join_open_html

        joined = join_open_html(markdown, _parser())
        if joined != markdown:
            reader = _read(joined)
    return reader.document()


def _read(markdown: str) -> Reader:
    reader = Reader()
    parser = _parser()
    if has_web_address(markdown):
        from emdash_cli.domain.portable_text.autolink_source import mark_addresses, needs_source

        reader.bare_urls = not needs_source(markdown)
        if not reader.bare_urls:
            markdown = mark_addresses(markdown, parser)
    _feed(reader, parser.events(markdown))
    return reader


@cache
def _parser() -> Markdown:
    from pyromark import Markdown, Options

    options = (
        Options.ENABLE_TABLES
        | Options.ENABLE_FOOTNOTES
        | Options.ENABLE_STRIKETHROUGH
        | Options.ENABLE_TASKLISTS
        | Options.ENABLE_GFM
    )
    return Markdown(options=options)


STARTS: Mapping[str, Callable[[Reader], None]] = {
    "Paragraph": Reader.open_paragraph,
    "HtmlBlock": Reader.open_block,
    "Item": Reader.open_item,
    "TableHead": Reader.open_row,
    "TableRow": Reader.open_row,
    "TableCell": Reader.open_cell,
    "Emphasis": lambda reader: reader.open_mark(EM),
    "Strong": lambda reader: reader.open_mark(STRONG),
    "Strikethrough": lambda reader: reader.open_mark(STRIKE),
}
STARTS_WITH: Mapping[str, Callable[[Reader, Any], None]] = {
    "Heading": lambda reader, _data: reader.open_heading(),
    "BlockQuote": Reader.open_quote,
    "CodeBlock": Reader.open_code,
    "List": Reader.open_list,
    "FootnoteDefinition": Reader.open_note,
    "Table": Reader.open_table,
    "Link": Reader.open_link,
    "Image": Reader.open_image,
}
ENDS: Mapping[str, Callable[[Reader], None]] = {
    "Paragraph": Reader.close_paragraph,
    "CodeBlock": Reader.close_code,
    "HtmlBlock": Reader.close_html,
    "Item": Reader.close_item,
    "FootnoteDefinition": Reader.close_note,
    "Table": Reader.close_table,
    "TableHead": Reader.close_row,
    "TableRow": Reader.close_row,
    "TableCell": Reader.close_cell,
    "Emphasis": Reader.close_mark,
    "Strong": Reader.close_mark,
    "Strikethrough": Reader.close_mark,
    "Link": Reader.close_link,
    "Image": Reader.close_image,
}
ENDS_WITH: Mapping[str, Callable[[Reader, Any], None]] = {
    "Heading": Reader.close_heading,
    "BlockQuote": lambda reader, _kind: reader.close_quote(),
    "List": lambda reader, _ordered: reader.close_list(),
}
LEAVES: Mapping[str, Callable[[Reader, Any], None]] = {
    "Code": Reader.code,
    "Html": lambda reader, html: reader.texts.append(html),
    "InlineHtml": Reader.inline_html,
    "FootnoteReference": Reader.reference,
    "TaskListMarker": Reader.task,
}


def _feed(reader: Reader, events: Iterable[Any]) -> None:  # noqa: C901, PLR0912 - the inner loop: a call costs
    """Pass every event to its handler, except text, the most frequent one, which needs none.

    An event is a string or a dict with one member. `in` works for both, and is the fastest way to distinguish them.
    """
    text = reader.texts.append
    for event in events:
        if "Text" in event:
            text(event["Text"])
        elif event.__class__ is str:
            if event == "Rule":
                reader.rule()
            else:
                text(" " if event == "SoftBreak" else "\n")
        elif "Start" in event:
            tag = event["Start"]
            if tag.__class__ is str:
                STARTS[tag](reader)
            else:
                for name, data in tag.items():
                    STARTS_WITH[name](reader, data)
        elif "End" in event:
            tag = event["End"]
            if tag.__class__ is str:
                ENDS[tag](reader)
            else:
                for name, data in tag.items():
                    ENDS_WITH[name](reader, data)
        else:
            for kind, value in event.items():
                LEAVES[kind](reader, value)
