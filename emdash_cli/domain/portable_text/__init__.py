"""Portable Text, the form in which EmDash stores an article's body.

Pure functions between Markdown, Portable Text JSON, HTML and plain text. The table in `docs/portable-text.md`
says what each Markdown construct becomes, and what is lost.

Only what publishing needs is imported at once, because a command that starts every minute pays for each import.
"""

from __future__ import annotations

from emdash_cli.domain.portable_text.document import Document, PortableTextError, plain_text
from emdash_cli.domain.portable_text.markdown_reader import from_markdown


def from_blocks(blocks: list[object]) -> Document:
    """See `blocks.from_blocks`."""
    from emdash_cli.domain.portable_text.blocks import from_blocks as convert

    return convert(blocks)


def to_markdown(blocks_json: str) -> str:
    """See `markdown_writer.to_markdown`."""
    from emdash_cli.domain.portable_text.markdown_writer import to_markdown as convert

    return convert(blocks_json)


def to_html(blocks_json: str) -> str:
    """See `html_writer.to_html`."""
    from emdash_cli.domain.portable_text.html_writer import to_html as convert

    return convert(blocks_json)


__all__ = [
    "Document",
    "PortableTextError",
    "from_blocks",
    "from_markdown",
    "plain_text",
    "to_html",
    "to_markdown",
]
