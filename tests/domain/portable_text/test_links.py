"""Bare URLs (GFM 6.9) and URLs that lose their link."""

from __future__ import annotations

import json
from html import unescape

import pytest

from emdash_cli.domain.portable_text import from_blocks, from_markdown, to_html
from tests.domain.portable_text.shapes import brief

BARE = {
    "www.x.org/help": ("www.x.org/help", "http://www.x.org/help"),
    "http://x": ("http://x",) * 2,
    "https://sub_domain.x.org": ("https://sub_domain.x.org",) * 2,
    "www.bücher.example/ä": ("www.bücher.example/ä", "http://www.bücher.example/ä"),
    "mailto:a@b.org": ("mailto:a@b.org",) * 2,
    "a@b.c_d": ("a@b.c_d", "mailto:a@b.c_d"),
    "https://x.org/*a*_b_`c`[d]": ("https://x.org/*a*_b_`c`[d]",) * 2,
    "https://x.org/a\\_b": ("https://x.org/a\\_b",) * 2,
    "https://x.org/?a&amp;b": ("https://x.org/?a&amp;b",) * 2,
    "https://x.org/a|b": ("https://x.org/a|b",) * 2,
    "http://x.org": ("http://x.org",) * 2,
    "HTTPS://x.org/a?b=c&d=e#f": ("HTTPS://x.org/a?b=c&d=e#f",) * 2,
    "https://x.org/a_b_c": ("https://x.org/a_b_c",) * 2,
    "https://x.org/ü": ("https://x.org/ü",) * 2,
    "a.b-c_d+e@f.example.org": ("a.b-c_d+e@f.example.org", "mailto:a.b-c_d+e@f.example.org"),
    "https://a.b/(c)": ("https://a.b/(c)",) * 2,
}


@pytest.mark.parametrize(("url", "linked"), BARE.items())
def test_bare_url_becomes_a_link(url: str, linked: tuple[str, str]) -> None:
    assert brief(from_markdown(f"see {url} there").json) == [("normal", [("see ",), linked, (" there",)])]


@pytest.mark.parametrize("after", [".", ",", "?!", ":", "*", "_", "~", "'", '"', ")", ").", ";", "&copy;"])
def test_punctuation_after_a_bare_url_stays_outside(after: str) -> None:
    [(_, spans)] = brief(from_markdown(f"https://x.org/a{after}").json)
    assert spans[0] == ("https://x.org/a", "https://x.org/a")
    assert spans[1][0] == unescape(after)


@pytest.mark.parametrize(
    "text",
    [
        "xhttp://x.org",
        "http://",
        "www.",
        "www.x_y.z_w",
        "a@b",
        "a@b.c_",
        "a@b.c-",
        "@b.c",
        "tool@1.2.3",
        "tool@1.2.3-beta.1",
        "a@b.c3",
        "http://x_y.z",
        "http://a.x_y.z",
        "[see http://x.org]",
        "awww.x.org",
        "WWW.x.org",
        "ftp://a@x.org",
        "ftp://x.org",
        "javascript://x.org",
    ],
)
def test_what_is_no_bare_url(text: str) -> None:
    assert brief(from_markdown(text).json) == [("normal", text)]


def test_bare_urls_in_code_links_and_html_are_left_alone() -> None:
    markdown = "`http://x.org` [http://y.org](/z) <kbd>www.x.org</kbd>"
    assert brief(from_markdown(markdown).json) == [
        (
            "normal",
            [("http://x.org", "code"), (" ",), ("http://y.org", "/z"), (" ",), ("www.x.org", "code")],
        )
    ]


def test_marks_around_a_bare_url_stay() -> None:
    markdown = "**see http://x.org!**"
    assert brief(from_markdown(markdown).json) == [
        ("normal", [("see ", "strong"), ("http://x.org", "strong", "http://x.org"), ("!", "strong")])
    ]


UNSAFE = [
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    "vbscript:x",
    "data:text/html,x",
    "file:///etc/passwd",
    "blob:x",
    "java&#10;script:alert(1)",
    "java&Tab;script:alert(1)",
    "&#1;javascript:alert(1)",
    "&#32;javascript:alert(1)",
    "javascript&colon;alert(1)",
    "javascript&amp;colon;alert(1)",
    "&#x200b;javascript:alert(1)",
    "&#x6A;avascript:alert(1)",
    "\\javascript:alert(1)",
    "/\\\\evil.example",
    "\\\\\\\\evil.example",
]


@pytest.mark.parametrize("url", UNSAFE)
def test_unsafe_link_loses_its_link_not_its_text(url: str) -> None:
    for markdown in (
        f"a [b]({url}) c",
        f"a [b](<{url}>) c",
        f"a [b][r] c\n\n[r]: <{url}>",
        f'a <a href="{url}">b</a> c',
    ):
        document = from_markdown(markdown)
        assert document.text.startswith("a b")
        assert '"href"' not in document.json, markdown


@pytest.mark.parametrize("url", UNSAFE)
def test_unsafe_image_leaves_its_alternative_text(url: str) -> None:
    assert brief(from_markdown(f"![b](<{url}>)").json) == [("normal", "b")]
    assert brief(from_markdown(f'x <img alt="b" src="{url}">').json) == [("normal", "x b")]


@pytest.mark.parametrize(
    "href", ["javascript:x", "java\nscript:x", " javascript:x", "javascript&colon;x", "\x01javascript:x"]
)
def test_unsafe_href_given_as_portable_text(href: str) -> None:
    document = from_blocks(
        [
            {
                "_type": "block",
                "markDefs": [{"_type": "link", "_key": "l", "href": href}],
                "children": [{"_type": "span", "text": "a", "marks": ["l", "em"]}],
            }
        ]
    )
    assert brief(document.json) == [("normal", [("a", "em")])]
    assert json.loads(document.json)[0]["markDefs"] == []


@pytest.mark.parametrize("url", ["/a", "#a", "?a", "a/b", "../a", "https://x.y", "mailto:a@b.c", "tel:+1"])
def test_safe_url_stays(url: str) -> None:
    assert brief(from_markdown(f"[a]({url})").json) == [("normal", [("a", url)])]


def test_html_checks_urls_again() -> None:
    stored = json.dumps(
        [
            {
                "_type": "block",
                "markDefs": [{"_type": "link", "_key": "l", "href": "javascript:x"}],
                "children": [{"_type": "span", "text": "a", "marks": ["l"]}],
            },
            {"_type": "image", "asset": {"_ref": "javascript:x", "url": "javascript:x"}, "alt": "b"},
        ]
    )
    assert to_html(stored) == "<p>a</p>\n<p>b</p>"
