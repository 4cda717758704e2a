"""Build Portable Text blocks from a stream of inline text and block boundaries.

Portable Text is flat, so each list item carries its level and number.
"""

from __future__ import annotations

from json.encoder import encode_basestring as quote

from emdash_cli.domain.portable_text.document import Document, count_words, first_line, shorten
from emdash_cli.domain.portable_text.raw_html import html_text
from emdash_cli.domain.portable_text.spans import ANY, LINK, Run, encode

# EmDash renders levels recursively, and nobody reads deeper ones.
MAX_LEVEL = 32


class OpenList:
    """One Markdown list that has started and not ended.

    A "chunk" is a sequence of list blocks with nothing else between them; EmDash renders each chunk as one list. If a
    code
    block or an image interrupts a list, its later items start a new chunk with its own `listId` and a `listStart` that
    continues the count (EmDash's `numbered-list.ts`: `listStart` is an integer from 1, and every item of a list has
    both).
    """

    __slots__ = ("chunk", "depth", "fresh", "head", "level", "number", "ordered", "written")

    def __init__(self, depth: int, start: int | None) -> None:
        self.depth = depth
        self.ordered = start is not None
        self.number = (start or 0) - 1  # The number of the current item.
        self.fresh = False  # The current item has no list block yet.
        self.written = 0  # The number of blocks written when the current item started.
        self.chunk = -1
        self.level = 0
        self.head = ""

    def begin_chunk(self, chunk: int, level_before: int, list_id: str) -> None:
        """Create the JSON members for `head` that turn a block into an item of this list.

        A level is at most one deeper than that of the item before, because after an interruption there is nothing to
        nest in.
        """
        self.chunk = chunk
        self.level = min(self.depth, level_before + 1, MAX_LEVEL)
        if self.ordered:
            start = max(self.number, 1)
            self.head = f'"listItem":"number","level":{self.level},"listId":"{list_id}","listStart":{start},'
        else:
            self.head = f'"listItem":"bullet","level":{self.level},'


def empty_span(key: str) -> str:
    """Return the single span of a block or cell without text."""
    return f'{{"_type":"span","_key":"{key}s0","text":"","marks":[]}}'


class Builder:
    """Collects inline text and writes it as blocks.

    `texts` holds the text read since the marks last changed, and `runs` what came before it in the same block.
    `bare_urls`
    says whether bare web addresses in them still have to be found. While text is read into them, both lists are only
    emptied, never replaced, because the reading loop keeps a reference to `texts.append`.
    """

    __slots__ = (
        "bare_urls",
        "blocks",
        "chunk",
        "excerpt",
        "hrefs",
        "item",
        "level",
        "lists",
        "mark",
        "plain",
        "runs",
        "style",
        "texts",
        "written",
    )

    def __init__(self) -> None:
        self.bare_urls = False
        self.blocks: list[str] = []
        self.plain: list[str] = []
        self.excerpt = ""
        self.texts: list[str] = []
        self.runs: list[Run] = []
        self.hrefs: list[str] = []
        self.mark = 0
        self.style = "normal"
        self.item: OpenList | None = None
        self.lists: list[OpenList] = []
        self.written = 0
        self.chunk = 0
        self.level = 0

    def cut(self) -> None:
        """End the current run, because the marks are about to change."""
        texts = self.texts
        if texts:
            self.runs.append((self.mark, "".join(texts)))
            texts.clear()

    def take_spans(self, key: str) -> tuple[str, str, str]:
        """Return the pending text of the block or cell with this key, encoded. A link that is still open continues."""
        texts, runs, hrefs = self.texts, self.runs, self.hrefs
        if texts:
            runs.append((self.mark, "".join(texts)))
            texts.clear()
        self.runs = []
        if hrefs:
            self.hrefs = []
            if self.mark >= LINK:
                self.hrefs.append(hrefs[self.mark // LINK - 1])
                self.mark = self.mark & ANY | LINK
        return encode(runs, hrefs, key, bare_urls=self.bare_urls) if runs else ("", "", "")

    def key(self) -> str:
        """Return the next block's key: a count, so that the same Markdown gives the same bytes."""
        self.written += 1
        return f"b{self.written}"

    def flush(self) -> None:
        """Write the pending text, if any, as a list item, a quote or a paragraph."""
        if self.texts or self.runs:
            self.write_text(self.style)

    def write_text(self, style: str) -> None:
        """Write the pending text as one block of this style."""
        key = f"b{self.written + 1}"
        spans, mark_defs, text = self.take_spans(key)
        if not spans:
            return
        item = self.item
        if item is not None and item.fresh:
            self.write_item("normal" if style == "blockquote" else style, spans, mark_defs, text)
            return
        self.written += 1
        self.chunk += 1
        self.level = 0
        self.blocks.append(
            f'{{"_type":"block","_key":"{key}","style":"{style}","markDefs":[{mark_defs}],"children":[{spans}]}}'
        )
        self.plain.append(text)
        if style == "normal" and not self.excerpt:
            self.excerpt = shorten(text)

    def write_item(self, style: str, spans: str, mark_defs: str, text: str) -> None:
        """Write a list item's own block, at most one for each item."""
        item = self.item
        if item is None:
            return
        self.written += 1
        key = f"b{self.written}"
        if item.chunk != self.chunk:
            item.begin_chunk(self.chunk, self.level, f"l{self.written}")
        self.level = item.level
        item.fresh = False
        self.blocks.append(
            f'{{"_type":"block","_key":"{key}","style":"{style}",{item.head}'
            f'"markDefs":[{mark_defs}],"children":[{spans or empty_span(key)}]}}'
        )
        self.plain.append(text)

    def end_chunk(self) -> None:
        """Note that something other than a list item is written."""
        self.chunk += 1
        self.level = 0

    def open_block(self) -> None:
        """Prepare for a block that is not text: pending text is written first."""
        self.flush()
        self.keep_number()

    def keep_number(self) -> None:
        """Keep the marker of an ordered item that starts with something other than text.

        Its number has a meaning, so it becomes an empty item; a bullet alone does not.
        """
        if self.item is not None and self.item.fresh and self.item.ordered:
            self.write_item("normal", "", "", "")

    def write_code(self, code: str, language: str, filename: str) -> None:
        """Write a code block."""
        key = self.key()
        self.end_chunk()
        more = f',"language":{quote(language)}' if language else ""
        more += f',"filename":{quote(filename)}' if filename else ""
        self.blocks.append(f'{{"_type":"code","_key":"{key}","code":{quote(code)}{more}}}')
        self.plain.append(code)

    def write_break(self) -> None:
        """Write a thematic break."""
        key = self.key()
        self.end_chunk()
        self.blocks.append(f'{{"_type":"break","_key":"{key}","style":"line"}}')

    def write_image(self, src: str, alt: str, caption: str) -> None:
        """Write a standalone image. An external image has its URL in both places."""
        key = self.key()
        self.end_chunk()
        url = quote(src)
        more = f',"alt":{quote(alt)}' if alt else ""
        more += f',"caption":{quote(caption)}' if caption else ""
        self.blocks.append(f'{{"_type":"image","_key":"{key}","asset":{{"_ref":{url},"url":{url}}}{more}}}')
        self.plain.extend(text for text in (alt, caption) if text)

    def write_html(self, html: str) -> None:
        """Write raw HTML unchanged: EmDash sanitises it when it renders."""
        key = self.key()
        self.end_chunk()
        self.blocks.append(f'{{"_type":"htmlBlock","_key":"{key}","html":{quote(html)}}}')
        text = html_text(html)
        if text:
            self.plain.append(text)

    def write_table(self, rows: list[str], texts: list[str]) -> None:
        """Write a table from its rows' JSON."""
        key = self.key()
        self.end_chunk()
        self.blocks.append(f'{{"_type":"table","_key":"{key}","hasHeaderRow":true,"rows":[{",".join(rows)}]}}')
        self.plain.extend(texts)

    def document(self) -> Document:
        """Return the finished document."""
        text = "\n".join(self.plain)
        excerpt = self.excerpt or first_line(text)
        last = self.blocks[-1] if self.blocks else ""
        is_paragraph = '"style":"normal","markDefs"' in last[:80]
        return Document(f"[{','.join(self.blocks)}]", text, excerpt, count_words(text), is_paragraph)
