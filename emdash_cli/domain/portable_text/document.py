"""A body in its stored form, its plain text, and the error for a body that EmDash could not render."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from emdash_cli.domain.portable_text.raw_html import html_text


class PortableTextError(ValueError):
    """A Portable Text array that EmDash could not render.

    `path` names the place, for example `content[3].children[0].text`.
    """

    def __init__(self, path: str, message: str) -> None:
        super().__init__(f"{path}: {message}")
        self.path = path
        self.message = message


EXCERPT_LENGTH = 300
_INK = bytes(code >= 128 or not chr(code).isspace() for code in range(256))  # noqa: PLR2004 - the end of ASCII
"""1 for each byte of UTF-8 that is part of a word, 0 for white space."""
_WIDE_SPACES = tuple(chr(code).encode() for code in range(128, 0x3001) if chr(code).isspace())
"""White space beyond ASCII; there is none above U+3000."""


@dataclass(frozen=True, slots=True)
class Document:
    """A body as EmDash stores it, and what is derived from it.

    `json` is a compact JSON array of Portable Text blocks, not escaped to ASCII and free of lone surrogates. `text` is
    its
    plain text, with a line for each block, code line or table row. `excerpt` is the first paragraph, at most 300
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
    """Count the runs of non-space characters, like `len(text.split())`, without creating a string for each.

    The text becomes a number with one byte, 1 or 0, for each of its bytes; a word starts at each 1 after a 0.
    """
    raw = text.encode()
    if len(raw) > len(text) and any(space in raw for space in _WIDE_SPACES):
        return len(text.split())
    ink = int.from_bytes(raw.translate(_INK), "big")
    return (ink & ~(ink >> 8)).bit_count()


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
