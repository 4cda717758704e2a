"""What holds for every Markdown text."""

from __future__ import annotations

import json
import re

from hypothesis import example, given
from hypothesis import strategies as st

from emdash_cli.domain.portable_text import from_blocks, from_markdown, plain_text, to_html, to_markdown
from emdash_cli.domain.portable_text.document import count_words
from tests.domain.portable_text.shapes import brief, check_shapes

# Pieces that begin, end or break constructs; whole constructs come about by chance.
PIECES = (
    "a",
    "b c",
    "é",
    "😀",
    "word.",
    *("*", "**", "***", "_", "__", "~~", "~", "`", "``", "[", "](", "](/u)", "(http://x.y/z)", "!", "![i](/s)"),
    *("<b>", "</b>", "<u>", "</u>", "<sup>", "</sup>", "<code>", "</code>", "<br>", "<i>", "</i>", "<T>"),
    *("<a href='/x'>", "</a>", "<img src=/s alt=i>", "<!-- x -->", "<!--", "-->", "<div>\n", "</div>\n", "<pre>\n"),
    *("\n", "\n", "\n\n", "\n\n", " ", "  ", "    ", "\t", "\\\n", "  \n", "&#32;", "&#10;", "&#9;", "&nbsp;", "&amp;"),
    *("- ", "* ", "+ ", "1. ", "2) ", "0. ", "10. ", "- [ ] ", "- [x] ", "☐ ", "> ", "# ", "## ", "#", "=", "===\n"),
    *("```\n", "```py title='x'\n", "~~~\n", "---\n", "|", "| a | b |\n|---|---|\n| c | d |\n", "|-|\n", ":"),
    *("http://x.y", "www.a.b", "a@b.c", "<http://a.b>", "[l](/u 't')", "[l]", "[l]: /u\n", "[^1]", "[^1]: ", "&", "<"),
    *("**a**", "*a*", "`x`", "~~a~~", "\\", ".", ",", "(", ")", "javascript:", "[x](javascript:y)", ">", "> [!NOTE]\n"),
)
MARKDOWN = st.lists(st.sampled_from(PIECES), max_size=25).map("".join) | st.text(
    st.characters(exclude_categories=["Cs"]), max_size=60
)


@given(MARKDOWN)
@example("1. - 2. foo")
@example("foo&#10;&#10;bar")
@example("- [x] &#32;</div>\n<b>#<u>")
@example("|www.a.b\\| a | b |\n|---|---|\n| c | d |")
@example("<![if x]>\n")
def test_conversion_and_round_trip(markdown: str) -> None:
    document = from_markdown(markdown)
    check_shapes(document.json)
    assert from_markdown(markdown) == document
    assert plain_text(document.json) == document.text
    assert document.words == len(document.text.split())
    assert len(document.excerpt) <= 300
    written = to_markdown(document.json)
    again = from_markdown(written)
    assert brief(again.json) == brief(document.json)
    assert again.text == document.text
    assert to_markdown(again.json) == written
    taken = from_blocks(json.loads(document.json))
    # Once stored, a footnote is a paragraph like others.
    assert taken == document or (taken.json == document.json and "[^" in markdown)


@given(MARKDOWN)
@example("[a](&#106;avascript:x) ![b](data:text/html,x) <a href='java\tscript:x'>c</a>")
def test_no_unsafe_url_and_no_script_ever(markdown: str) -> None:
    document = from_markdown(markdown)
    for url in re.findall(r'"(?:href|url|_ref)":"((?:[^"\\]|\\.)*)"', document.json):
        plain = json.loads(f'"{url}"')
        scheme = re.match(r"[^/?#]*?:", plain)
        assert scheme is None or scheme[0].lower() in {"http:", "https:", "mailto:", "tel:"}
        assert not re.search("[\x00-\x1f\x7f]", plain)
    html = to_html(document.json)
    assert not re.search(r"""<script|=["']\s*javascript:|<[a-z]+[^>]*\son\w+=""", html, re.IGNORECASE)


NAMES = ["strong", "em", "code", "underline", "strike-through", "superscript", "subscript", "l1", "l2"]
SPANS = st.builds(
    lambda text, marks: {"_type": "span", "text": text, "marks": marks},
    st.lists(st.sampled_from([*PIECES, "\n"]), max_size=4).map("".join),
    st.lists(st.sampled_from(NAMES), max_size=3, unique=True),
)
LINKS = [{"_type": "link", "_key": "l1", "href": "/a b"}, {"_type": "link", "_key": "l2", "href": "https://x.y/(z"}]
BLOCKS = st.one_of(
    st.builds(
        lambda style, children, item: {
            "_type": "block",
            "style": style,
            "children": children,
            "markDefs": LINKS,
            **item,
        },
        st.sampled_from(["normal", "h1", "h3", "blockquote"]),
        st.lists(SPANS, max_size=4),
        st.one_of(
            st.just({}),
            st.builds(lambda level: {"listItem": "bullet", "level": level}, st.integers(1, 5)),
            st.builds(
                lambda level, start, name: {"listItem": "number", "level": level, "listStart": start, "listId": name},
                st.integers(1, 5),
                st.integers(1, 1_000_000_000),
                st.sampled_from("xy"),
            ),
        ),
    ),
    st.builds(
        lambda code: {"_type": "code", "code": code, "language": "a`b"}, st.text(PIECES[0] + "`~\n ", max_size=9)
    ),
    st.builds(
        lambda html: {"_type": "htmlBlock", "html": html}, st.lists(st.sampled_from(PIECES), max_size=5).map("".join)
    ),
    st.builds(lambda alt: {"_type": "image", "asset": {"url": "/s"}, "alt": alt}, st.sampled_from(PIECES)),
    st.just({"_type": "gallery", "images": [{"alt": "a"}]}),
    st.builds(
        lambda rows: {
            "_type": "table",
            "rows": [
                {
                    "_type": "tableRow",
                    "cells": [{"_type": "tableCell", "content": cell, "markDefs": LINKS} for cell in row],
                }
                for row in rows
            ],
        },
        st.lists(st.lists(st.lists(SPANS, max_size=2), max_size=3), max_size=3),
    ),
)


@given(st.lists(BLOCKS, max_size=5))
def test_any_portable_text_can_be_shown_and_settles(blocks: list[object]) -> None:
    """Markdown cannot say all of it, but what it says once, it says the same way for ever."""
    given_document = from_blocks(blocks)
    assert from_blocks(json.loads(given_document.json)) == given_document
    assert plain_text(given_document.json) == given_document.text
    to_html(given_document.json)
    first = from_markdown(to_markdown(given_document.json))
    check_shapes(first.json)
    second = from_markdown(to_markdown(first.json))
    assert brief(second.json) == brief(first.json)


@given(st.sampled_from(PIECES), st.integers(1, 3))
def test_endless_repetition_ends(piece: str, kind: int) -> None:
    """10,000 openings of anything neither exhaust the stack nor take quadratic time."""
    markdown = {1: piece * 10_000, 2: f"{piece} " * 5_000, 3: f"{piece}a" * 5_000}[kind]
    document = from_markdown(markdown)
    written = to_markdown(document.json)
    assert len(to_html(document.json)) < 100 * len(markdown) + 100
    assert len(written) < 200 * len(markdown) + 100


@given(st.text(alphabet="ab \n\t\x1c\x85\xa0\u2009\u2014\u3000é", max_size=12) | st.text(max_size=12))
def test_words_are_counted_as_split_finds_them(text: str) -> None:
    assert count_words(text) == len(text.split())
