"""Portable Text blocks out of a stream of inline text and block boundaries.

Portable Text is flat, so that the items of a list carry its level and number.
"""

from __future__ import annotations

from json.encoder import encode_basestring as quote

from emdash_cli.domain.portable_text.document import Document, count_words, first_line, shorten
from emdash_cli.domain.portable_text.raw_html import html_text
from emdash_cli.domain.portable_text.spans import ANY, LINK, Run, encode

# EmDash renders levels by recursion; nobody reads deeper ones.
MAX_LEVEL = 32


class OpenList:
    """One Markdown list that has begun and not ended.

    A "chunk" is a row of list blocks with nothing else between them; EmDash renders each chunk
    as one list. When a code block or an image interrupts a list, its later items start a new
    chunk, with a `listId` of their own and a `listStart` that goes on counting (EmDash's
    `numbered-list.ts`: `listStart` is an integer from 1 and every item of a list carries both).
    """

    __slots__ = ("chunk", "depth", "fresh", "head", "level", "number", "ordered", "written")

    def __init__(self, depth: int, start: int | None) -> None:
        self.depth = depth
        self.ordered = start is not None
        self.number = (start or 0) - 1
        self.fresh = False  # the current item has no list block yet
        self.written = 0  # blocks written when the current item began
        self.chunk = -1
        self.level = 0
        self.head = ""

    def begin_item(self, written: int) -> None:
        """Count the item."""
        self.number += 1
        self.fresh = True
        self.written = written

    def begin_chunk(self, chunk: int, level_before: int, list_id: str) -> None:
        """Make the JSON members of `head`, which turn a block into an item of this list.

        A level is at most one deeper than the item before it: there is nothing to nest in
        after an interruption.
        """
        self.chunk = chunk
        self.level = min(self.depth, level_before + 1, MAX_LEVEL)
        if self.ordered:
            start = max(self.number, 1)
            self.head = f'"listItem":"number","level":{self.level},"listId":"{list_id}","listStart":{start},'
        else:
            self.head = f'"listItem":"bullet","level":{self.level},'


def empty_span(key: str) -> str:
    """Return the one span that a block or cell without text has."""
    return f'{{"_type":"span","_key":"{key}s0","text":"","marks":[]}}'


class Builder:
    """Collects inline text and writes it as blocks.

    `texts` holds the text read since the marks last changed, `runs` what came before it in the
    same block. `bare_urls` says whether bare web addresses are still to be found in them. Both
    lists are only emptied, never replaced while text is read into them, since the reading loop
    holds on to `texts.append`.
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

    def take_runs(self) -> tuple[list[Run], list[str]]:
        """Hand over the pending runs and their hrefs; a link that is still open goes on."""
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
        return runs, hrefs

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
        runs, hrefs = self.take_runs()
        key = f"b{self.written + 1}"
        spans, mark_defs, text = encode(runs, hrefs, key, bare_urls=self.bare_urls)
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
        """Write a list item's own block; at most one in each item."""
        item = self.item
        if item is None:
            return
        key = self.key()
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
        """Prepare for a block that is no text: what was pending is written first."""
        self.flush()
        self.keep_number()

    def keep_number(self) -> None:
        """Keep the marker of an ordered item that begins with something else than text.

        Its number means something, so it becomes an empty item; a bullet alone does not.
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
        """Write an image that stands alone; an external one has its URL in both places."""
        key = self.key()
        self.end_chunk()
        url = quote(src)
        more = f',"alt":{quote(alt)}' if alt else ""
        more += f',"caption":{quote(caption)}' if caption else ""
        self.blocks.append(f'{{"_type":"image","_key":"{key}","asset":{{"_ref":{url},"url":{url}}}{more}}}')
        self.plain.extend(text for text in (alt, caption) if text)

    def write_html(self, html: str) -> None:
        """Write raw HTML as it is: EmDash sanitises it when it renders."""
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
