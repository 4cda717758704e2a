"""Markdown to Portable Text: CommonMark 0.31.2 and GitHub Flavored Markdown.

The parser (pulldown-cmark through pyromark) produces events, each of which has an entry in one of the tables below.
`docs/portable-text.md` says what every construct becomes.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from emdash_cli.domain.portable_text.events import Reader
from emdash_cli.domain.portable_text.links import has_web_address
from emdash_cli.domain.portable_text.spans import EM, STRIKE, STRONG

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from pyromark import Markdown

    from emdash_cli.domain.portable_text.document import Document


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
