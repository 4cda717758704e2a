"""Portable Text supplied by a user: validate it, complete it and make it safe."""

from __future__ import annotations

import json
from itertools import count
from math import isfinite
from typing import TYPE_CHECKING, Any

from emdash_cli.domain.portable_text.document import (
    MAX_LEVEL,
    Document,
    PortableTextError,
    count_words,
    first_line,
    plain_text,
    shorten,
    spans_text,
)
from emdash_cli.domain.portable_text.links import safe_href, safe_src

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_DEPTH = 64
MAX_LIST_START = 2_147_483_647  # EmDash's own limit
STYLES = frozenset({"normal", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote"})


def from_blocks(blocks: list[object]) -> Document:
    """Validate a Portable Text array and complete it.

    Every `_key` that is missing, empty or already used is derived from its position, so the same array gives the same
    bytes. A link or image with an unsafe URL is dropped; the text of the link and the image's alternative text stay.
    Blocks
    of an unknown `_type` are kept unchanged.

    Raises:
        PortableTextError: a shape that EmDash could not render; `path` says where.
    """
    _check_json(blocks)
    keys = _Keys(blocks)
    done = [_block(block, f"content[{index}]", keys) for index, block in enumerate(blocks)]
    text_json = json.dumps(done, ensure_ascii=False, separators=(",", ":"))
    text = plain_text(text_json)
    excerpt = shorten(next(_paragraphs(done), "")) or first_line(text)
    last = done[-1] if done else {}
    is_paragraph = last.get("_type") == "block" and last.get("style") == "normal" and "listItem" not in last
    return Document(text_json, text, excerpt, count_words(text), is_paragraph)


def _paragraphs(blocks: list[dict[str, Any]]) -> Iterator[str]:
    for block in blocks:
        if block["_type"] == "block" and block["style"] == "normal" and "listItem" not in block:
            text = spans_text(block["children"])
            if text.strip():
                yield text


class _Keys:
    """The keys of one document: given keys and derived ones."""

    def __init__(self, blocks: list[object]) -> None:
        self.given: set[str] = set()
        self.used: set[str] = set()
        pending: list[object] = [blocks]
        while pending:
            value = pending.pop()
            if isinstance(value, dict):
                key = value.get("_key")
                if isinstance(key, str):
                    self.given.add(key)
                pending.extend(value.values())
            elif isinstance(value, list):
                pending.extend(value)
        self.numbers = count(1)

    def take(self, wanted: object, path: str) -> str:
        """Return the given key, or the next free one."""
        if wanted is not None and not isinstance(wanted, str):
            raise PortableTextError(f"{path}._key", "must be a string")
        if wanted and wanted not in self.used:
            self.used.add(wanted)
            return wanted
        key = next(key for number in self.numbers if (key := f"k{number}") not in self.given)
        self.used.add(key)
        return key


def _check_json(blocks: object) -> None:
    """Refuse what JSON or SQLite cannot represent, without recursion."""
    if not isinstance(blocks, list):
        raise PortableTextError("content", "must be an array of Portable Text blocks")
    pending: list[tuple[object, str, int]] = [(blocks, "content", 0)]
    while pending:
        value, path, depth = pending.pop()
        if depth > MAX_DEPTH:
            raise PortableTextError(path, f"has more than {MAX_DEPTH} levels of nesting")
        if isinstance(value, list):
            pending.extend((item, f"{path}[{index}]", depth + 1) for index, item in enumerate(value))
        elif isinstance(value, dict):
            for key, item in value.items():
                if not isinstance(key, str):
                    raise PortableTextError(path, "has a member whose name is not a string")
                _check_string(key, f"{path} (a member's name)")
                pending.append((item, f"{path}.{key}", depth + 1))
        else:
            _check_scalar(value, path)


def _check_scalar(value: object, path: str) -> None:
    if isinstance(value, str):
        _check_string(value, path)
    elif isinstance(value, float) and not isfinite(value):
        raise PortableTextError(path, "must be a finite number")
    elif value is not None and not isinstance(value, bool | int | float):
        raise PortableTextError(path, f"is of type {type(value).__name__}, which JSON does not have")


def _check_string(value: str, path: str) -> None:
    if "\0" in value:
        raise PortableTextError(path, "contains a NUL character")
    if not value.isascii() and any("\ud800" <= char <= "\udfff" for char in value):
        raise PortableTextError(path, "contains half of a surrogate pair, which is not a character")


def _object(value: object, path: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise PortableTextError(path, "must be an object")
    kind = value.get("_type")
    if not isinstance(kind, str) or not kind:
        raise PortableTextError(f"{path}._type", "must be a string that names the kind of block")
    return dict(value)


def _string(block: dict[str, Any], key: str, path: str, *, needed: bool = False) -> str:
    value = block.get(key)
    if value is None and not needed:
        block.pop(key, None)
        return ""
    if not isinstance(value, str):
        raise PortableTextError(f"{path}.{key}", "must be a string")
    return value


def _array(block: dict[str, Any], key: str, path: str) -> list[Any]:
    value = block.get(key)
    if not isinstance(value, list):
        raise PortableTextError(f"{path}.{key}", "must be an array")
    return value


def _block(value: object, path: str, keys: _Keys) -> dict[str, Any]:
    block = _object(value, path)
    block["_key"] = keys.take(block.get("_key"), path)
    kind = block["_type"]
    if kind == "block":
        _text_block(block, path, keys)
    elif kind == "code":
        _string(block, "code", path, needed=True)
        _string(block, "language", path)
        _string(block, "filename", path)
    elif kind == "htmlBlock":
        _string(block, "html", path, needed=True)
    elif kind == "break":
        block["style"] = _string(block, "style", path) or "line"
    elif kind == "image":
        return _image(block, path, keys)
    elif kind == "table":
        _table(block, path, keys)
    return block


def _text_block(block: dict[str, Any], path: str, keys: _Keys) -> None:
    block["style"] = _string(block, "style", path) or "normal"
    if block["style"] not in STYLES:
        raise PortableTextError(f"{path}.style", f"must be one of {', '.join(sorted(STYLES))}")
    _list_members(block, path)
    _array(block, "children", path)
    block["children"], block["markDefs"] = _spans(block, "children", path, keys)


def _list_members(block: dict[str, Any], path: str) -> None:
    kind = _string(block, "listItem", path)
    if not kind:
        block.pop("listItem", None)
        return
    if kind not in {"bullet", "number"}:
        raise PortableTextError(f"{path}.listItem", "must be bullet or number")
    level = block.setdefault("level", 1)
    if type(level) is not int or not 1 <= level <= MAX_LEVEL:
        raise PortableTextError(f"{path}.level", f"must be a whole number from 1 to {MAX_LEVEL}")
    _string(block, "listId", path)
    start = block.get("listStart", 1)
    if type(start) is not int or not 1 <= start <= MAX_LIST_START:
        raise PortableTextError(f"{path}.listStart", "must be a whole number from 1")


def _spans(
    holder: dict[str, Any], key: str, path: str, keys: _Keys
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    mark_defs, dropped = _mark_defs(holder, path, keys)
    names = {mark_def["_key"] for mark_def in mark_defs}
    spans = []
    for index, value in enumerate(_array(holder, key, path)):
        place = f"{path}.{key}[{index}]"
        span = _object(value, place)
        span["_key"] = keys.take(span.get("_key"), place)
        if span["_type"] == "span":
            _string(span, "text", place, needed=True)
            span["marks"] = _marks(span, place, names, dropped)
        spans.append(span)
    if not spans:
        spans.append({"_type": "span", "_key": keys.take(None, path), "text": "", "marks": []})
    return spans, mark_defs


def _marks(span: dict[str, Any], path: str, names: set[str], dropped: set[str]) -> list[str]:
    marks = span.get("marks")
    if marks is None:
        return []
    if not isinstance(marks, list) or not all(isinstance(mark, str) for mark in marks):
        raise PortableTextError(f"{path}.marks", "must be an array of strings")
    return [mark for mark in marks if mark in names or mark not in dropped]


def _mark_defs(holder: dict[str, Any], path: str, keys: _Keys) -> tuple[list[dict[str, Any]], set[str]]:
    """Return the definitions to keep, and the keys of the links to remove."""
    if holder.get("markDefs") is None:
        return [], set()
    kept = []
    dropped = set()
    for index, value in enumerate(_array(holder, "markDefs", path)):
        place = f"{path}.markDefs[{index}]"
        mark_def = _object(value, place)
        # Spans refer to this key, so it cannot be made up.
        name = _string(mark_def, "_key", place, needed=True)
        if mark_def["_type"] == "link":
            href = safe_href(_string(mark_def, "href", place, needed=True))
            if href is None:
                dropped.add(name)
                continue
            mark_def["href"] = href
        kept.append(mark_def)
        keys.used.add(name)
    return kept, dropped


def _image(block: dict[str, Any], path: str, keys: _Keys) -> dict[str, Any]:
    alt = _string(block, "alt", path)
    caption = _string(block, "caption", path)
    asset = block.get("asset")
    if not isinstance(asset, dict):
        raise PortableTextError(f"{path}.asset", "must be an object with _ref and url")
    asset = dict(asset)
    reference = _string(asset, "_ref", f"{path}.asset")
    url = _string(asset, "url", f"{path}.asset")
    if not reference and not url:
        raise PortableTextError(f"{path}.asset", "needs _ref or url")
    if all(safe_src(address) is not None for address in (reference, url) if address):
        asset["_ref"] = reference or url
        block["asset"] = asset
        return block
    span = {"_type": "span", "_key": keys.take(None, path), "text": alt or caption, "marks": []}
    return {"_type": "block", "_key": block["_key"], "style": "normal", "markDefs": [], "children": [span]}


def _table(block: dict[str, Any], path: str, keys: _Keys) -> None:
    block.setdefault("hasHeaderRow", False)
    if not isinstance(block["hasHeaderRow"], bool):
        raise PortableTextError(f"{path}.hasHeaderRow", "must be true or false")
    rows = []
    for index, value in enumerate(_array(block, "rows", path)):
        place = f"{path}.rows[{index}]"
        row = _object(value, place)
        row["_key"] = keys.take(row.get("_key"), place)
        row["cells"] = [
            _cell(cell, f"{place}.cells[{number}]", keys) for number, cell in enumerate(_array(row, "cells", place))
        ]
        rows.append(row)
    block["rows"] = rows


def _cell(value: object, path: str, keys: _Keys) -> dict[str, Any]:
    cell = _object(value, path)
    cell["_key"] = keys.take(cell.get("_key"), path)
    _array(cell, "content", path)
    cell["content"], mark_defs = _spans(cell, "content", path, keys)
    if mark_defs:
        cell["markDefs"] = mark_defs
    else:
        cell.pop("markDefs", None)
    return cell
