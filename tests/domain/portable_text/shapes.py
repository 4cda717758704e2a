"""What tests compare: Portable Text without its keys, and the shapes that EmDash renders."""

from __future__ import annotations

import json
from typing import Any

STYLES = {"normal", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote"}
DECORATORS = {"strong", "em", "code", "underline", "strike-through", "superscript", "subscript"}


def brief(blocks_json: str) -> list[Any]:
    """Blocks as short tuples; lists are numbered instead of named."""
    lists: dict[str, int] = {}
    return [_brief_block(block, lists) for block in json.loads(blocks_json)]


def _brief_block(block: dict[str, Any], lists: dict[str, int]) -> Any:
    kind = block["_type"]
    if kind == "block":
        text = brief_spans(block["children"], block["markDefs"])
        if "listItem" not in block:
            return (block["style"], text)
        item: tuple[Any, ...] = (block["listItem"], block["level"])
        if block["listItem"] == "number":
            item += (block["listStart"], lists.setdefault(block["listId"], len(lists)))
        return (block["style"], item, text)
    if kind == "table":
        return (kind, [[_brief_cell(cell) for cell in row["cells"]] for row in block["rows"]])
    if kind == "image":
        assert block["asset"]["_ref"] == block["asset"]["url"]
        return (kind, block["asset"]["url"], block.get("alt", ""), block.get("caption", ""))
    if kind == "code":
        return (kind, block.get("language", ""), block.get("filename", ""), block["code"])
    return (kind, block["html"]) if kind == "htmlBlock" else (kind,)


def _brief_cell(cell: dict[str, Any]) -> Any:
    return brief_spans(cell["content"], cell.get("markDefs", []))


def brief_spans(spans: list[dict[str, Any]], mark_defs: list[dict[str, Any]]) -> Any:
    """A plain string if there are no marks, else (text, mark, …) tuples with hrefs for links."""
    hrefs = {mark_def["_key"]: mark_def["href"] for mark_def in mark_defs}
    if len(spans) == 1 and not spans[0]["marks"]:
        return spans[0]["text"]
    return [(span["text"], *(hrefs.get(mark, mark) for mark in span["marks"])) for span in spans]


def check_shapes(blocks_json: str) -> None:
    """Fail unless every block is one of the shapes in EmDash's converter types."""
    blocks = json.loads(blocks_json)
    assert json.dumps(blocks, ensure_ascii=False, separators=(",", ":")) == blocks_json
    keys: list[str] = []
    for block in blocks:
        keys += _check_block(block)
    assert len(keys) == len(set(keys))


def _check_block(block: dict[str, Any]) -> list[str]:
    required, optional = {
        "block": ({"style", "markDefs", "children"}, {"listItem", "level", "listId", "listStart"}),
        "code": ({"code"}, {"language", "filename"}),
        "break": ({"style"}, set()),
        "image": ({"asset"}, {"alt", "caption"}),
        "htmlBlock": ({"html"}, set()),
        "table": ({"hasHeaderRow", "rows"}, set()),
    }[block["_type"]]
    members = set(block) - {"_type", "_key"}
    assert required <= members <= required | optional
    keys = [block["_key"]]
    if block["_type"] == "block":
        assert block["style"] in STYLES
        if "listItem" in block:
            numbered = {"listItem", "level", "listId", "listStart"}
            assert members & optional == (numbered if block["listItem"] == "number" else {"listItem", "level"})
            assert block["level"] >= 1
            assert block.get("listStart", 1) >= 1
        keys += _check_spans(block["children"], block["markDefs"])
    for row in block.get("rows", ()):
        assert set(row) == {"_type", "_key", "cells"}
        keys.append(row["_key"])
        for cell in row["cells"]:
            assert {"_type", "_key", "content"} <= set(cell) <= {"_type", "_key", "content", "markDefs", "isHeader"}
            keys += [cell["_key"], *_check_spans(cell["content"], cell.get("markDefs", []))]
    return keys


def _check_spans(spans: list[dict[str, Any]], mark_defs: list[dict[str, Any]]) -> list[str]:
    links = {mark_def["_key"] for mark_def in mark_defs}
    assert spans
    for mark_def in mark_defs:
        assert set(mark_def) == {"_type", "_key", "href"}
    used = set()
    for span in spans:
        assert set(span) == {"_type", "_key", "text", "marks"}
        used |= set(span["marks"]) - DECORATORS
    assert used == links
    return [*links, *(span["_key"] for span in spans)]
