"""Documents as they are stored, and the builder that makes one from inline text and block boundaries.

While a block is being read, its text is a list of runs, `(mark, text)`. A mark is an integer: the sum of the bits below
and, above them, the number of the enclosing link, from 1. Numbers and tuples are used instead of objects, because this
is the inner loop of publishing. Portable Text is flat, so each list item carries its level and number.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from itertools import groupby
from json.encoder import encode_basestring as quote
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from emdash_cli.domain.portable_text.raw_html import html_text

if TYPE_CHECKING:
    from collections.abc import Callable


class PortableTextError(ValueError):
    """A Portable Text array that EmDash could not render.

    `path` names the place, for example `content[3].children[0].text`.
    """

    def __init__(self, path: str, message: str) -> None:
        super().__init__(f"{path}: {message}")
        self.path = path
        self.message = message


EXCERPT_LENGTH = 300
_INK = b"".join(b"x" if code >= 128 or not chr(code).isspace() else b" " for code in range(256))  # noqa: PLR2004 - ASCII
"""For each byte of UTF-8, ``x`` if it is part of a word, and a blank if it is white space."""
_WIDE_SPACES = tuple(chr(code).encode() for code in range(128, 0x3001) if chr(code).isspace())
"""White space beyond ASCII; there is none above U+3000."""


@dataclass(frozen=True, slots=True)
class Document:
    """A body as EmDash stores it, and what is derived from it.

    `json` is a compact JSON array of Portable Text blocks, not escaped to ASCII and free of lone surrogates. `text` is
    its plain text, with a line for each block, code line or table row. `excerpt` is the first paragraph, at most 300
    characters. `words` counts runs of non-space characters in `text`.
    """

    json: str
    text: str
    excerpt: str
    words: int
    ends_in_paragraph: bool

    @property
    def content(self) -> str:
        """`json` as EmDash's editor would store it, with an empty paragraph after a final list, table or heading.

        Without that, merely opening the post in the admin creates a draft that differs from what is live.
        """
        if self.ends_in_paragraph:
            return self.json
        span = '{"_type":"span","_key":"end0","text":"","marks":[]}'
        block = f'{{"_type":"block","_key":"end","style":"normal","markDefs":[],"children":[{span}]}}'
        return f"{self.json[:-1]}{',' if len(self.json) > len('[]') else ''}{block}]"


def count_words(text: str) -> int:
    """Count the runs of non-space characters, like `len(text.split())`, without creating a string for each."""
    raw = text.encode()
    if len(raw) > len(text) and any(space in raw for space in _WIDE_SPACES):
        return len(text.split())
    ink = raw.translate(_INK)
    return ink.count(b" x") + ink.startswith(b"x")


def shorten(text: str) -> str:
    """One line of at most 300 characters, cut at a word boundary and ended with `…`."""
    # Slicing first avoids splitting a whole 2 MB paragraph.
    line = " ".join(text[: EXCERPT_LENGTH * 8].split())
    if len(line) <= EXCERPT_LENGTH:
        return line
    head = line[:EXCERPT_LENGTH]
    cut = head.rfind(" ")
    return (head[:cut] if cut > 0 else head[:-1]).rstrip(" ,;:-") + "…"


def first_line(text: str) -> str:
    """Return the first line that is not blank: the excerpt of a text without a paragraph."""
    return shorten(next((line for line in text.split("\n") if line.strip()), ""))


def plain_text(blocks_json: str) -> str:
    """Return the text of a Portable Text array, with a line for each block, code line or table row.

    It is the same as `Document.text`: spans, code, alternative texts, captions, and the words in raw HTML. For unknown
    blocks it takes the strings under `text`, `alt`, `caption` and `code`, the keys that EmDash's search reads.
    """
    return "\n".join(line for block in json.loads(blocks_json) for line in block_lines(block))


def block_lines(block: dict[str, Any]) -> list[str]:
    """Return one block's lines of text."""
    kind = block.get("_type")
    if kind == "block":
        return [spans_text(block.get("children"))]
    if kind == "code":
        return [str(block.get("code", ""))]
    if kind == "image":
        return [str(block[key]) for key in ("alt", "caption") if block.get(key)]
    if kind == "htmlBlock":
        text = html_text(str(block.get("html", "")))
        return [text] if text else []
    if kind == "table":
        return [
            "\t".join(spans_text(cell.get("content")) for cell in row.get("cells", ())) for row in block.get("rows", ())
        ]
    return [] if kind == "break" else list(_unknown_lines(block))


def spans_text(spans: object) -> str:
    """Return the text of a list of spans; other inline objects have none."""
    if not isinstance(spans, list):
        return ""
    return "".join(span["text"] for span in spans if isinstance(span, dict) and isinstance(span.get("text"), str))


def _unknown_lines(block: dict[str, Any]) -> list[str]:
    pending: list[Any] = [block]
    lines: list[str] = []
    while pending:
        value = pending.pop()
        if isinstance(value, str):
            lines.append(value)
        elif isinstance(value, list):
            pending.extend(item for item in reversed(value) if not isinstance(item, str))
        elif isinstance(value, dict):
            pending.extend(
                item
                for key, item in reversed(value.items())
                if not isinstance(item, str) or (item and key in {"text", "alt", "caption", "code"})
            )
    return lines


Run = tuple[int, str]

STRONG, EM, STRIKE, UNDERLINE, SUPERSCRIPT, SUBSCRIPT, CODE = (1 << bit for bit in range(7))
# EmDash's names (in its converter types), in the order in which they are written.
NAMES = ("strong", "em", "strike-through", "underline", "superscript", "subscript", "code")
BITS = {name: 1 << bit for bit, name in enumerate(NAMES)}
ANY = 127
LINK = ANY + 1  # The value of link number 1; other links are multiples of it.
_TAILS = tuple(
    f',"marks":[{",".join(quote(name) for name, bit in BITS.items() if mask & bit)}]}}' for mask in range(LINK)
)
_LINKED_TAILS = tuple(tail[:-2] + ("," if mask else "") for mask, tail in enumerate(_TAILS))
_mark_of = itemgetter(0)
_EDGE = " \t\n"


def encode(runs: list[Run], hrefs: list[str], key: str, *, bare_urls: bool) -> tuple[str, str, str]:
    """Return (the spans' JSON, the markDefs' JSON, the plain text) of one block or cell with at least one run.

    Neighbours with the same marks become one span, white space at both ends is removed, and marked addresses, e-mail
    addresses and, with `bare_urls`, bare web addresses become links. All three strings are empty if there is no text.
    """
    text = runs[0][1] if len(runs) == 1 else "".join([run[1] for run in runs])
    if not text or text[0] in _EDGE or text[-1] in _EDGE:
        runs = _strip(runs)
        text = "".join([run[1] for run in runs])
        if not text:
            return "", "", ""
    if "@" in text or "\ufdd0" in text or (bare_urls and ("://" in text or "www." in text)):
        runs = _link_addresses(runs, hrefs, bare_urls=bare_urls)
        text = "".join([run[1] for run in runs])
    if len(runs) == 1 and runs[0][0] < LINK:
        return f'{{"_type":"span","_key":"{key}s0","text":{quote(text)}{_TAILS[runs[0][0]]}', "", text
    spans: list[str] = []
    mark_defs = ""
    last = -1
    for place, (mark, piece) in enumerate(runs):
        if mark < LINK:
            tail = _TAILS[mark]
        else:
            number = mark // LINK
            tail = f'{_LINKED_TAILS[mark & ANY]}"{key}m{number}"]}}'
            if last < 0 or last // LINK != number:
                comma = "," if mark_defs else ""
                mark_defs += f'{comma}{{"_type":"link","_key":"{key}m{number}","href":{quote(hrefs[number - 1])}}}'
        if mark == last:
            return encode(_merge(runs), hrefs, key, bare_urls=False)
        last = mark
        spans.append(f'{{"_type":"span","_key":"{key}s{place}","text":{quote(piece)}{tail}')
    return ",".join(spans), mark_defs, text


def _strip(runs: list[Run]) -> list[Run]:
    """Remove white space from both ends, but leave code unchanged."""
    return _strip_last(_strip_last(runs, str.rstrip)[::-1], str.lstrip)[::-1]


def _strip_last(runs: list[Run], strip: Callable[[str, str], str]) -> list[Run]:
    """Strip the last run, and drop runs of which nothing is left, up to a run of code."""
    runs = list(runs)
    while runs and not runs[-1][0] & CODE:
        mark, text = runs.pop()
        if text := strip(text, _EDGE):
            return [*runs, (mark, text)]
    return runs


def _merge(runs: list[Run]) -> list[Run]:
    return [(mark, "".join([run[1] for run in group])) for mark, group in groupby(runs, _mark_of)]


def _link_addresses(runs: list[Run], hrefs: list[str], *, bare_urls: bool) -> list[Run]:
    """Turn addresses into links. None extends beyond the edge of a run, where the source has some mark."""
    from emdash_cli.domain.portable_text.autolinks import bare_links, marked_links, unmarked

    linked: list[Run] = []
    before = 0
    for place, (mark, text) in enumerate(runs):
        if mark >= CODE:
            linked.append((mark, unmarked(text)))
            before = mark
            continue
        # Between runs without code or a link there was `*`, `_` or `~`, after which `www.` may start.
        last = place == len(runs) - 1
        found = bare_links(text, begins_line=before < CODE, ends_block=last) if bare_urls else marked_links(text)
        for piece, href in found:
            if href is None:
                linked.append((mark, piece))
            else:
                hrefs.append(href)
                linked.append((mark + len(hrefs) * LINK, piece))
        before = mark
    return _merge(linked)


# EmDash renders levels recursively, and nobody reads deeper ones.
MAX_LEVEL = 32


class OpenList:
    """One Markdown list that has started and not ended.

    A "chunk" is a sequence of list blocks with nothing else between them; EmDash renders each chunk as one list. If a
    code block or an image interrupts a list, its later items start a new chunk with its own `listId` and a `listStart`
    that continues the count (EmDash's `numbered-list.ts`: `listStart` is an integer from 1, and every item of a list
    has both).
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
