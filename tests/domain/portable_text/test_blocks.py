"""Portable Text that a user hands over."""

from __future__ import annotations

import json
from typing import Any

import pytest

from emdash_cli.domain.portable_text import PortableTextError, from_blocks, from_markdown, plain_text
from tests.domain.portable_text.shapes import brief, check_shapes


def span(text: object = "a", **more: object) -> dict[str, object]:
    return {"_type": "span", "text": text, **more}


def block(*children: object, **more: object) -> dict[str, object]:
    return {"_type": "block", "children": list(children), **more}


def test_what_markdown_gives_is_taken_unchanged() -> None:
    stored = from_markdown("# a\n\n1. b [c](/d)\n\n|e|\n|-|\n|[f](/g)|\n\n![h](/i)\n\n---\n\n<p>j\n\n```py\nk\n```")
    given = from_blocks(json.loads(stored.json))
    assert given.json == stored.json
    assert given.text == stored.text
    assert given.words == stored.words


def test_what_is_missing_is_filled_in() -> None:
    given = from_blocks(
        [
            block(span()),
            block(),
            {"_type": "break"},
            {"_type": "image", "asset": {"url": "/s"}},
            {"_type": "table", "rows": [{"_type": "tableRow", "cells": [{"_type": "tableCell", "content": []}]}]},
            block(span(), listItem="bullet"),
        ]
    )
    check_shapes(given.json)
    assert brief(given.json) == [
        ("normal", "a"),
        ("normal", ""),
        ("break",),
        ("image", "/s", "", ""),
        ("table", [[""]]),
        ("normal", ("bullet", 1), "a"),
    ]


def test_keys_are_kept_made_up_and_never_the_same() -> None:
    blocks: list[object] = [block(span(_key="k2")), block(span(_key="k2")), block(span(), _key="mine")]
    given = from_blocks(blocks)
    check_shapes(given.json)
    assert from_blocks(blocks).json == given.json
    assert '"mine"' in given.json
    assert given.json.count('"k2"') == 1


def test_the_callers_objects_are_not_touched() -> None:
    blocks: list[object] = [block(span())]
    before = json.dumps(blocks)
    from_blocks(blocks)
    assert json.dumps(blocks) == before


def test_unknown_types_and_members_are_kept() -> None:
    gallery = {"_type": "gallery", "_key": "g", "images": [{"alt": "x", "n": 1.5, "ok": None}], "columns": 3}
    given = from_blocks([gallery, block(span(), textAlign="center"), block({"_type": "emoji", "name": "y"})])
    blocks = json.loads(given.json)
    assert blocks[0] == gallery
    assert blocks[1]["textAlign"] == "center"
    assert blocks[2]["children"][0]["name"] == "y"
    assert given.text == plain_text(given.json) == "x\na\n"


def test_excerpt_is_the_first_paragraph() -> None:
    given = from_blocks(
        [block(span("t"), style="h1"), block(span("i"), listItem="number"), block(span("p"), span("q"))]
    )
    assert given.excerpt == "pq"
    assert from_blocks([block(span("t"), style="h1")]).excerpt == "t"


def test_unsafe_image_leaves_its_alternative_text() -> None:
    given = from_blocks([{"_type": "image", "asset": {"_ref": "javascript:x"}, "alt": "b"}])
    assert brief(given.json) == [("normal", "b")]


DEEP: Any = []
for _ in range(5_000):
    DEEP = [DEEP]

REFUSED: list[tuple[object, str]] = [
    ("text", "content"),
    (["text"], "content[0]"),
    ([{}], "content[0]._type"),
    ([{"_type": 1}], "content[0]._type"),
    ([{"_type": "block"}], "content[0].children"),
    ([block(span(1))], "content[0].children[0].text"),
    ([block(span(), {"_type": "span"})], "content[0].children[1].text"),
    ([block("a")], "content[0].children[0]"),
    ([block(span(marks="em"))], "content[0].children[0].marks"),
    ([block(span(marks=[1]))], "content[0].children[0].marks"),
    ([block(span(), style="h7")], "content[0].style"),
    ([block(span(), style=1)], "content[0].style"),
    ([block(span(), listItem="square")], "content[0].listItem"),
    ([block(span(), listItem="bullet", level=0)], "content[0].level"),
    ([block(span(), listItem="bullet", level=True)], "content[0].level"),
    ([block(span(), listItem="number", listStart="1")], "content[0].listStart"),
    ([block(span(), listItem="number", listId=1)], "content[0].listId"),
    ([block(span(), markDefs={})], "content[0].markDefs"),
    ([block(span(), markDefs=[{"_type": "link", "href": "/a"}])], "content[0].markDefs[0]._key"),
    ([block(span(), markDefs=[{"_type": "link", "_key": "a"}])], "content[0].markDefs[0].href"),
    ([block(span(_key=1))], "content[0].children[0]._key"),
    ([{"_type": "code"}], "content[0].code"),
    ([{"_type": "code", "code": "a", "language": 1}], "content[0].language"),
    ([{"_type": "htmlBlock"}], "content[0].html"),
    ([{"_type": "image"}], "content[0].asset"),
    ([{"_type": "image", "asset": {}}], "content[0].asset"),
    ([{"_type": "image", "asset": {"url": 1}}], "content[0].asset.url"),
    ([{"_type": "image", "asset": {"url": "/a"}, "alt": 1}], "content[0].alt"),
    ([{"_type": "table"}], "content[0].rows"),
    ([{"_type": "table", "rows": [], "hasHeaderRow": 1}], "content[0].hasHeaderRow"),
    ([{"_type": "table", "rows": [{"_type": "tableRow"}]}], "content[0].rows[0].cells"),
    (
        [{"_type": "table", "rows": [{"_type": "tableRow", "cells": [{"_type": "tableCell"}]}]}],
        "content[0].rows[0].cells[0].content",
    ),
    ([block(span("a\0"))], "content[0].children[0].text"),
    ([block(span("\ud800"))], "content[0].children[0].text"),
    ([{"_type": "x", "n": float("nan")}], "content[0].n"),
    ([{"_type": "x", "n": {1, 2}}], "content[0].n"),
    ([{"_type": "x", 1: 2}], "content[0]"),
    ([{"_type": "x", "\0": 2}], "content[0] (a member's name)"),
]


@pytest.mark.parametrize(("blocks", "path"), REFUSED, ids=[path for _, path in REFUSED])
def test_refused_with_the_place(blocks: Any, path: str) -> None:
    with pytest.raises(PortableTextError) as raised:
        from_blocks(blocks)
    assert raised.value.path == path
    assert str(raised.value).startswith(f"{path}: ")
    assert isinstance(raised.value, ValueError)


def test_endless_nesting_is_refused() -> None:
    with pytest.raises(PortableTextError, match="more than 64 levels of nesting"):
        from_blocks(DEEP)
