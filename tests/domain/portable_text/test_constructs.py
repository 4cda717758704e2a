"""Every construct of Markdown and what becomes of it; `docs/portable-text.md` is the same as a table."""

from __future__ import annotations

import json
from typing import Any

import pytest

from emdash_cli.domain.portable_text import from_blocks, from_markdown, plain_text, to_html, to_markdown
from tests.domain.portable_text.shapes import brief, check_shapes

CODE = "```"
CONSTRUCTS: dict[str, tuple[str, list[Any]]] = {
    "paragraphs": ("one\n\ntwo", [("normal", "one"), ("normal", "two")]),
    "soft break": ("one\ntwo", [("normal", "one two")]),
    "hard break, spaces": ("one  \ntwo", [("normal", "one\ntwo")]),
    "hard break, backslash": ("one\\\ntwo", [("normal", "one\ntwo")]),
    "hard break, tag": ("one<br/>two", [("normal", "one\ntwo")]),
    "carriage returns": ("one\r\ntwo\r\rthree", [("normal", "one two"), ("normal", "three")]),
    "entities": ("&amp; &copy; &#228; &#x1F600;", [("normal", "& © ä 😀")]),
    "escapes": (r"\*a\* \[b\] \<i>", [("normal", "*a* [b] <i>")]),
    "NUL": ("a\0b", [("normal", "a\ufffdb")]),
    "headings": (
        "# a\n## b\n### c\n#### d\n##### e\n###### f",
        [("h1", "a"), ("h2", "b"), ("h3", "c"), ("h4", "d"), ("h5", "e"), ("h6", "f")],
    ),
    "setext headings": ("a\n=\n\nb\n-", [("h1", "a"), ("h2", "b")]),
    "empty heading": ("#\n\na", [("normal", "a")]),
    "heading with marks": ("## a *b* `c`", [("h2", [("a ",), ("b", "em"), (" ",), ("c", "code")])]),
    "image in a heading": (
        "# a ![i](/s) b",
        [("h1", "a  b"), ("image", "/s", "i", "")],
    ),
    "strong": ("**a** __b__", [("normal", [("a", "strong"), (" ",), ("b", "strong")])]),
    "em": ("*a* _b_", [("normal", [("a", "em"), (" ",), ("b", "em")])]),
    "nested": (
        "**a *b ~~c~~***",
        [("normal", [("a ", "strong"), ("b ", "strong", "em"), ("c", "strong", "em", "strike-through")])],
    ),
    "the same twice": ("**a **b** c**", [("normal", [("a b c", "strong")])]),
    "strike": ("~~a~~ ~b~", [("normal", [("a", "strike-through"), (" ",), ("b", "strike-through")])]),
    "code span": ("`` a`b ``", [("normal", [("a`b", "code")])]),
    "code in strong": ("**`a`**", [("normal", [("a", "strong", "code")])]),
    "tags that are marks": (
        "H<sub>2</sub>O x<sup>2</sup> <u>u</u> <kbd>K</kbd> <del>d</del>",
        [
            (
                "normal",
                [
                    ("H",),
                    ("2", "subscript"),
                    ("O x",),
                    ("2", "superscript"),
                    (" ",),
                    ("u", "underline"),
                    (" ",),
                    ("K", "code"),
                    (" ",),
                    ("d", "strike-through"),
                ],
            )
        ],
    ),
    "tags that overlap": (
        "*a <u>b* c</u> d",
        [("normal", [("a ", "em"), ("b", "em", "underline"), (" c", "underline"), (" d",)])],
    ),
    "a tag left open": ("<b>a\n\nb", [("normal", [("a", "strong")]), ("normal", "b")]),
    "a tag left open before emphasis": (
        "<b>a\n\n*b* c",
        [("normal", [("a", "strong")]), ("normal", [("b", "em"), (" c",)])],
    ),
    "a tag without a mark": ('a <span class="x">b</span>', [("normal", "a b")]),
    "no tag at all": ("Vec<String> x", [("normal", "Vec<String> x")]),
    "a comment in a line": ("a <!-- b --> c", [("normal", "a  c")]),
    "an anchor": ('<a href="/x">a *b*</a> c', [("normal", [("a ", "/x"), ("b", "em", "/x"), (" c",)])]),
    "link": ('[a](/b "lost") c', [("normal", [("a", "/b"), (" c",)])]),
    "link with marks": ("[a *b*](/c)", [("normal", [("a ", "/c"), ("b", "em", "/c")])]),
    "link by reference": ("[a][b]\n\n[b]: <https://x.y/z z>", [("normal", [("a", "https://x.y/z z")])]),
    "two links to one place": ("[a](/x)[b](/x)", [("normal", [("a", "/x"), ("b", "/x")])]),
    "link without text": ("a [](/x)", [("normal", "a")]),
    "protocol-relative link": ("[a](//x.y)", [("normal", [("a", "https://x.y")])]),
    "unsafe link": ("[a *b*](javascript:alert(1))", [("normal", [("a ",), ("b", "em")])]),
    "autolink": ("<https://x.y> <a@b.c>", [("normal", [("https://x.y",) * 2, (" ",), ("a@b.c", "mailto:a@b.c")])]),
    "autolink, other scheme": ("<ssh://x.y>", [("normal", "ssh://x.y")]),
    "image": ('![*a* b](/s.png "t")', [("image", "/s.png", "a b", "t")]),
    "image without alt": ("![](/s.png)", [("image", "/s.png", "", "")]),
    "image in text": ("a ![i](/s) b", [("normal", "a"), ("image", "/s", "i", ""), ("normal", "b")]),
    "image in a tag": ('a <img src="/s" alt="i &amp; j">', [("normal", "a"), ("image", "/s", "i & j", "")]),
    "image in strong": (
        "**a ![i](/s) b**",
        [("normal", [("a", "strong")]), ("image", "/s", "i", ""), ("normal", [("b", "strong")])],
    ),
    "image within a link": (
        "[a ![i](/s) b](/x)",
        [
            ("normal", [("a", "/x")]),
            ("htmlBlock", '<figure><a href="/x"><img src="/s" alt="i"></a></figure>'),
            ("normal", [("b", "/x")]),
        ],
    ),
    "unsafe image": ("![a](javascript:x) b", [("normal", "a b")]),
    "data image": ("![a](data:image/png;base64,AAAA)", [("image", "data:image/png;base64,AAAA", "a", "")]),
    "data image with script": ("![a](data:image/svg+xml;base64,AAAA)", [("normal", "a")]),
    "bullets": ("- a\n- b", [("normal", ("bullet", 1), "a"), ("normal", ("bullet", 1), "b")]),
    "nested lists": (
        "- a\n  1. b\n     - c\n  2. d\n- e",
        [
            ("normal", ("bullet", 1), "a"),
            ("normal", ("number", 2, 1, 0), "b"),
            ("normal", ("bullet", 3), "c"),
            ("normal", ("number", 2, 1, 0), "d"),
            ("normal", ("bullet", 1), "e"),
        ],
    ),
    "start number": ("7. a\n9. b", [("normal", ("number", 1, 7, 0), "a"), ("normal", ("number", 1, 7, 0), "b")]),
    "start at zero": ("0. a", [("normal", ("number", 1, 1, 0), "a")]),
    "two ordered lists": ("1. a\n\n1) b", [("normal", ("number", 1, 1, 0), "a"), ("normal", ("number", 1, 1, 1), "b")]),
    "loose item": ("- a\n\n  b\n- c", [("normal", ("bullet", 1), "a\n\nb"), ("normal", ("bullet", 1), "c")]),
    "empty item": ("1.\n2. a", [("normal", ("number", 1, 1, 0), ""), ("normal", ("number", 1, 1, 0), "a")]),
    "item that begins with a list": ("- - a", [("normal", ("bullet", 1), ""), ("normal", ("bullet", 2), "a")]),
    "empty item in an item": ("- a\n\n  -", [("normal", ("bullet", 1), "a"), ("normal", ("bullet", 2), "")]),
    "later number in an item": (
        "- a\n\n  5. b",
        [("normal", ("bullet", 1), "a"), ("normal", ("number", 2, 5, 0), "b")],
    ),
    "heading in an item": ("- # a", [("h1", ("bullet", 1), "a")]),
    "code in an item": (
        f"1. a\n   {CODE}\n   x\n   {CODE}\n   b\n2. c",
        [
            ("normal", ("number", 1, 1, 0), "a"),
            ("code", "", "", "x"),
            ("normal", "b"),
            ("normal", ("number", 1, 2, 1), "c"),
        ],
    ),
    "only code in an ordered item": (
        f"1. {CODE}\n   x\n   {CODE}\n2. b",
        [("normal", ("number", 1, 1, 0), ""), ("code", "", "", "x"), ("normal", ("number", 1, 2, 1), "b")],
    ),
    "only an image in a bullet": ("- ![i](/s)\n- b", [("image", "/s", "i", ""), ("normal", ("bullet", 1), "b")]),
    "level after an interruption": (
        "- a\n  > q\n  - b",
        [("normal", ("bullet", 1), "a"), ("blockquote", "q"), ("normal", ("bullet", 1), "b")],
    ),
    "tasks": ("- [ ] a\n- [x] b", [("normal", ("bullet", 1), "☐ a"), ("normal", ("bullet", 1), "☑ b")]),
    "quote": ("> a\n> b\n>\n> c", [("blockquote", "a b"), ("blockquote", "c")]),
    "nested quote": ("> a\n>> b", [("blockquote", "a"), ("blockquote", "b")]),
    "list in a quote": ("> a\n>\n> - b", [("blockquote", "a"), ("normal", ("bullet", 1), "b")]),
    "code in a quote": (
        f"> a\n> {CODE}\n> x\n> {CODE}\n> b",
        [("blockquote", "a"), ("code", "", "", "x"), ("blockquote", "b")],
    ),
    "heading in a quote": ("> # a", [("h1", "a")]),
    "quote in an item": ("- a\n\n  > b", [("normal", ("bullet", 1), "a"), ("blockquote", "b")]),
    "alert": ("> [!NOTE]\n> a", [("blockquote", [("Note", "strong")]), ("blockquote", "a")]),
    "fenced code": (f"{CODE}py\na\n\n b\n{CODE}", [("code", "py", "", "a\n\n b")]),
    "indented code": ("    a\n      b", [("code", "", "", "a\n  b")]),
    "code with a file name": (f'{CODE}py title="a b.py" x\na\n{CODE}', [("code", "py", "a b.py", "a")]),
    "code without language, with a file name": (f"{CODE}filename=a.txt\na\n{CODE}", [("code", "", "a.txt", "a")]),
    "empty code": (f"{CODE}\n{CODE}", [("code", "", "", "")]),
    "rule": ("a\n\n***", [("normal", "a"), ("break",)]),
    "table": (
        "| a | *b* |\n|:--|--:|\n| `x\\|y` | [l](/u) |\n| only |",
        [
            (
                "table",
                [["a", [("b", "em")]], [[("x|y", "code")], [("l", "/u")]], ["only", ""]],
            )
        ],
    ),
    "image in a cell": (
        "| a |\n|---|\n| ![i](/s) b |",
        [("table", [["a"], [[("i", "/s"), (" b",)]]])],
    ),
    "html block": (
        "<div>\n\n*a*\n\n</div>",
        [("htmlBlock", "<div>\n<p><em>a</em></p>\n</div>")],
    ),
    "html comment": ("<!-- a -->", [("htmlBlock", "<!-- a -->")]),
    "html left open": ("> <!-- a\n\nb", [("htmlBlock", "<!-- a\n-->"), ("normal", "b")]),
    "video in a line": ('see <video src="https://x.y/v"></video>', [("normal", [("see ",), ("https://x.y/v",) * 2])]),
    "footnotes": (
        "a[^x] b[^1]\n\n[^1]: one\n[^x]: ex\n\n    more",
        [
            ("normal", [("a",), ("[x]", "superscript"), (" b",), ("[1]", "superscript")]),
            ("break",),
            ("normal", "[x] ex"),
            ("normal", "more"),
            ("normal", "[1] one"),
        ],
    ),
    "footnote without a definition": ("a[^x]", [("normal", "a[^x]")]),
    "nothing": (" \n\t\n", []),
}


@pytest.mark.parametrize(("markdown", "expected"), CONSTRUCTS.values(), ids=CONSTRUCTS.keys())
def test_construct(markdown: str, expected: list[Any]) -> None:
    document = from_markdown(markdown)
    assert brief(document.json) == expected
    check_shapes(document.json)


@pytest.mark.parametrize("markdown", [case[0] for case in CONSTRUCTS.values()], ids=CONSTRUCTS.keys())
def test_construct_survives_a_round_trip(markdown: str) -> None:
    document = from_markdown(markdown)
    written = to_markdown(document.json)
    again = from_markdown(written)
    assert brief(again.json) == brief(document.json)
    assert again.text == document.text
    assert to_markdown(again.json) == written


@pytest.mark.parametrize("markdown", [case[0] for case in CONSTRUCTS.values()], ids=CONSTRUCTS.keys())
def test_plain_text_is_the_document_s(markdown: str) -> None:
    document = from_markdown(markdown)
    assert plain_text(document.json) == document.text
    assert document.words == len(document.text.split())


def test_text_is_what_search_and_readers_find() -> None:
    document = from_markdown(
        "# a\n\nb *c*\n\n- d\n\n![alt](/s 'cap')\n\n```\ne\n```\n\n|f|g|\n|-|-|\n|h||\n\n"
        "<p>i <b>j</b></p><script>k</script><img alt='l'>"
    )
    assert document.text == "a\nb c\nd\nalt\ncap\ne\nf\tg\nh\t\ni j l"


def test_keys_are_counted_so_that_the_bytes_are_the_same() -> None:
    assert from_markdown("a [b](/c)\n\nd").json == (
        '[{"_type":"block","_key":"b1","style":"normal",'
        '"markDefs":[{"_type":"link","_key":"b1m1","href":"/c"}],'
        '"children":[{"_type":"span","_key":"b1s0","text":"a ","marks":[]},'
        '{"_type":"span","_key":"b1s1","text":"b","marks":["b1m1"]}]},'
        '{"_type":"block","_key":"b2","style":"normal","markDefs":[],'
        '"children":[{"_type":"span","_key":"b2s0","text":"d","marks":[]}]}]'
    )


def test_json_is_not_escaped_to_ascii() -> None:
    assert '"text":"ä😀\\"\\\\"' in from_markdown('ä😀"\\\\').json


@pytest.mark.parametrize(
    ("markdown", "excerpt"),
    [
        ("# Title\n\n- item\n\nThe *first*\\\nparagraph.\n\nThe second.", "The first paragraph."),
        ("> quoted\n\n# Title", "quoted"),
        ("", ""),
        ("word " * 100, ("word " * 60).rstrip() + "…"),
        ("x" * 400, "x" * 299 + "…"),
        ("x" * 300, "x" * 300),
    ],
)
def test_excerpt_is_the_first_paragraph_cut_at_a_word(markdown: str, excerpt: str) -> None:
    assert from_markdown(markdown).excerpt == excerpt
    assert len(excerpt) <= 300


@pytest.mark.parametrize(
    ("markdown", "ends"),
    [
        ("text", True),
        ("# h\n\ntext", True),
        ("- a\n- b", False),
        ("# h", False),
        ("> q", False),
        ("```\nc\n```", False),
        ("", False),
    ],
)
def test_content_ends_in_a_paragraph_as_the_editor_stores_it(markdown: str, ends: bool) -> None:  # noqa: FBT001
    document = from_markdown(markdown)
    stored = json.loads(document.content)
    assert document.ends_in_paragraph == ends
    assert (document.content == document.json) == ends
    assert stored[-1]["style"] == "normal"
    assert "listItem" not in stored[-1]
    assert from_blocks(stored).ends_in_paragraph
    # What was added says nothing, and is not there when the post is read back.
    assert plain_text(document.content).rstrip("\n") == document.text
    assert from_markdown(to_markdown(document.content)) == document
    assert to_html(document.content).removesuffix("<p></p>").rstrip() == to_html(document.json).rstrip()
