"""What an article's body becomes before it is stored."""

from __future__ import annotations

from dataclasses import dataclass

EXCERPT_LENGTH = 300


@dataclass(frozen=True, slots=True)
class Document:
    """A body as EmDash stores it, with what is derived from it.

    `json` is a compact JSON array of Portable Text blocks, not escaped to ASCII and free of
    lone surrogates. `text` is its plain text, one block, code line or table row a line.
    `excerpt` is the first paragraph, at most 300 characters. `words` counts runs of
    non-space characters in `text`.
    """

    json: str
    text: str
    excerpt: str
    words: int


def shorten(text: str) -> str:
    """One line of at most 300 characters, cut at a word boundary and then ended by `…`."""
    # Slicing first keeps a 2 MB paragraph from being split in full.
    line = " ".join(text[: EXCERPT_LENGTH * 8].split())
    if len(line) <= EXCERPT_LENGTH:
        return line
    head = line[:EXCERPT_LENGTH]
    cut = head.rfind(" ")
    return (head[:cut] if cut > 0 else head[:-1]).rstrip(" ,;:-") + "…"


def first_line(text: str) -> str:
    """Return the first line that is not blank: the excerpt of a text without a paragraph."""
    return shorten(next((line for line in text.split("\n") if line.strip()), ""))
