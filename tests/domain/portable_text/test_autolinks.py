"""Bare addresses become links exactly where GitHub's own parser makes them links."""

from __future__ import annotations

import json
import re
from html import unescape
from typing import Any
from urllib.parse import unquote

import pytest
from cmarkgfm import cmark
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from emdash_cli.domain.portable_text import from_markdown

SCHEMES = ("http://", "https://", "HTTP://", "www.", "ftp://", "mailto:", "xmpp:")
HOSTS = (
    "x.org",
    "www.x.org",
    "a.b",
    "localhost",
    "a_b.c",
    "_a.b.c",
    "a.b_c.d",
    "ü.de",
    "1.2",
    "-x.y",
    "a.b.",
    ".a",
    "x",
)
PATHS = (
    "",
    "/",
    "/a_b",
    "/_a_",
    "/*a*",
    "/a(b)",
    "/(a))",
    "/`a",
    "/[a]",
    "?a=1&b",
    "&copy;",
    "&nope;",
    "#é",
    "/\\_",
    "/»",
)
MAILS = ("a@b.org", "a.b+c-d_e@f.g", "tool@1.2.3", "x@7.1.0-beta.1", "a@b", "a@b.c_", "a@b@c.org", "ü@b.org", "@b.org")
BEFORE = (
    "",
    " ",
    "(",
    "*",
    "**",
    "_",
    "[",
    "x",
    "1",
    "é",
    '"',
    "`a`",
    "\n",
    "\n> ",
    "\n- ",
    "a\\",
    "&amp;",
    "\\[",
)
AFTER = (
    "",
    " ",
    ".",
    ",",
    "?!",
    ":",
    ";",
    "*",
    "**",
    "_",
    ")",
    "]",
    "](/u)",
    '"',
    "'",
    "`",
    "<",
    "\n",
    " a",
    "|",
    "_ ",
)
ADDRESSES = st.tuples(st.sampled_from(SCHEMES), st.sampled_from(HOSTS), st.sampled_from(PATHS)).map("".join)
PIECES = st.tuples(st.sampled_from(BEFORE), ADDRESSES | st.sampled_from(MAILS), st.sampled_from(AFTER)).map("".join)
TEXTS = st.lists(PIECES, min_size=1, max_size=4).map("".join)


def links_on_github(markdown: str) -> list[tuple[str, str]]:
    """Return (href, text) of every link in the HTML that cmark-gfm makes."""
    options = cmark.Options.CMARK_OPT_UNSAFE
    html = cmark.markdown_to_html_with_extensions(markdown, options, ["table", "autolink", "strikethrough", "tasklist"])
    found = re.findall(r'<a href="([^"]*)">(.*?)</a>', html, re.DOTALL)
    return _comparable([(unescape(href), unescape(re.sub("<[^>]+>", "", text))) for href, text in found])


def links_here(markdown: str) -> list[tuple[str, str]]:
    found = []
    for holder in _holders(json.loads(from_markdown(markdown).json)):
        hrefs = {mark_def["_key"]: mark_def["href"] for mark_def in holder.get("markDefs", ())}
        for span in holder.get("children") or holder["content"]:
            found += [(hrefs[mark], span["text"]) for mark in span["marks"] if mark in hrefs]
    return _comparable(found)


def _holders(blocks: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return what has spans: blocks of text and the cells of tables."""
    cells = [cell for block in blocks for row in block.get("rows", ()) for cell in row["cells"]]
    return [block for block in blocks if "children" in block] + cells


def _comparable(links: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Leave out links of schemes that EmDash has not, and put the pieces of one link together."""
    same: list[tuple[str, str]] = []
    for href, text in links:
        plain = unquote(href)
        scheme = re.match("[^/?#]*?:", plain)
        if not text.strip() or (scheme and scheme[0].lower() not in {"http:", "https:", "mailto:"}):
            continue
        before = same.pop()[1] if same and same[-1][0] == plain else ""
        same.append((plain, before + "".join(text.split())))
    return same


@given(TEXTS)
@settings(max_examples=600, deadline=None)
@example("Upgrade tool@1.2.3 and other@7.1.0-beta.1 now.")
@example("http://x.org/` `foo http://y.org")
@example("``http://x.org/` `foo http://y.org")
@example("(http://x.org/a_(b)) and [http://y.org](/u) http://z.org")
@example("[a http://x.org")
@example("a] http://x.org")
@example("www.?")
@example("www.a_b.c.d www.a.b_c.d www.a.b.c_d")
@example("http://a.b_c.d.e.f.g.h.i.j.k.l.m_n")
@example("&copy;mailto:a@b.org@mailto:*")
@example("`a`www.x.org")
@example("~~http://x.org~~ ~www.x.org~")
def test_links_are_those_of_github(markdown: str) -> None:
    assume(not re.search(r"\]\((?!/u)", markdown))  # looks like a link and is none
    assume("``" not in markdown)  # cmark-gfm loses count of code spans after an unmatched pair
    assert links_here(markdown) == links_on_github(markdown)


@given(st.lists(PIECES, min_size=1, max_size=2).map("".join))
@settings(max_examples=200, deadline=None)
@example("http://x.org/a\\|b")
def test_links_in_a_table_are_those_of_github(cell: str) -> None:
    assume(not re.search(r"\]\((?!/u)|``", cell))
    markdown = f"| a |\n| - |\n| {' '.join(cell.split())} |\n"
    assert links_here(markdown) == links_on_github(markdown)


@pytest.mark.parametrize("piece", ["http://x.org/`[ ", "[http://x.org ", "www.a_", "a@", "mailto:", "http://x.org/\\ "])
def test_many_addresses_take_linear_time(piece: str) -> None:
    assert from_markdown(piece * 5000).words
