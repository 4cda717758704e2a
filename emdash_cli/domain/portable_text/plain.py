"""The plain text of Portable Text."""

from __future__ import annotations

import json
from typing import Any

from emdash_cli.domain.portable_text.html_text import html_text


def plain_text(blocks_json: str) -> str:
    """Return the text of a Portable Text array, a block, code line or table row on a line.

    The same as `Document.text`: spans, code, alternative texts, captions, and the words of raw
    HTML. Of unknown blocks it takes the strings under `text`, `alt`, `caption` and `code`, the
    keys that EmDash's search reads.
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
