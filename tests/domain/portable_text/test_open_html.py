"""HTML that goes on after a blank line, or stands in a line of text."""

from __future__ import annotations

from typing import Any

import pytest

from emdash_cli.domain.portable_text import from_markdown, to_html, to_markdown
from tests.domain.portable_text.shapes import brief, check_shapes

WHOLE = {
    "details": (
        "<details>\n<summary>More</summary>\n\nHidden *text*.\n\n</details>",
        "<details>\n<summary>More</summary>\n<p>Hidden <em>text</em>.</p>\n</details>",
    ),
    "pre in a block": (
        "<p>Before.</p>\n<pre><code>one\n\n  two * 2 * 3\n# three</code></pre>",
        "<p>Before.</p>\n<pre><code>one\n\n  two * 2 * 3\n# three</code></pre>",
    ),
    "script": (
        "<div>\n<script>\nvar a = '</div>';\n\nvar b;\n</script>\n</div>",
        "<div>\n<script>\nvar a = '</div>';\n\nvar b;\n</script>\n</div>",
    ),
    "style": ("<section>\n<style>\na {}\n\nb {}\n</style>\n</section>",) * 2,
    "textarea": ("<form>\n<textarea>\n\n*a*\n\n</textarea>\n</form>",) * 2,
    "svg": ("<svg>\n  <g>\n\n  <path d='M0'/>\n  </g>\n</svg>",) * 2,
    "svg on one line": ("<svg width='1'><path/></svg>",) * 2,
    "svg with a tag over lines": ("<svg\n width='1'>\n\n<text>a</text>\n</svg>",) * 2,
    "nested in itself": (
        "<div>\n\n<div>\n\na\n\n</div>\n\n</div>",
        "<div>\n<div>\n<p>a</p>\n</div>\n</div>",
    ),
    "table, indented": (
        "<table>\n\n  <tr>\n\n    <td>a</td>\n\n  </tr>\n\n</table>",
        "<table>\n  <tr>\n<td>a</td>\n  </tr>\n</table>",
    ),
    "list": ("<ul>\n\n<li>a\n\n<li>b\n\n</ul>", "<ul>\n<li>a\n<li>b\n</ul>"),
    "frame": ("<iframe src='/x'>\n\n</iframe>", "<iframe src='/x'>\n</iframe>"),
    "link": ("<a href='/x'>\n\n![i](/y)\n\n</a>", '<a href=\'/x\'>\n<p><img src="/y" alt="i" /></p>\n</a>'),
    "paragraph": ("<p>\n\na\n\n</p>", "<p>\n<p>a</p>\n</p>"),
    "an end tag in code": (
        "<div>\n\n```\n</div>\n\n\nx\n```\n\n</div>",
        "<div>\n<pre><code>&lt;/div&gt;\n\n\nx\n</code></pre>\n</div>",
    ),
    "emphasis": ("<del>\n\n*a*\n\n</del>", "<del>\n<p><em>a</em></p>\n</del>"),
    "an end tag behind text": ("<div>\n\na</div>", "<div>\n<p>a</div></p>"),
    "one after the other": (
        "<div>\n\na\n\n</div>\n<div>\n\nb\n\n</div>",
        "<div>\n<p>a</p>\n</div>\n<div>\n<p>b</p>\n</div>",
    ),
    "bare address": (
        "<div>\n\nwww.x.org.\n\n</div>",
        '<div>\n<p><a href="http://www.x.org">www.x.org</a>.</p>\n</div>',
    ),
    "processing instruction": ("<?php if ($a > 1)\n\n--$b; ?>", "<!--?php if ($a > 1)\n\n- -$b; ?-->"),
    "CDATA": ("<![CDATA[ a > b\n\n*c* ]]>", "<!--[CDATA[ a > b\n\n*c* ]]-->"),
    "capitals": ("<DIV>\n\na\n\n</Div>", "<DIV>\n<p>a</p>\n</Div>"),
}


@pytest.mark.parametrize(("markdown", "html"), WHOLE.values(), ids=WHOLE.keys())
def test_open_element_is_one_block(markdown: str, html: str) -> None:
    document = from_markdown(f"a *b*\n\n{markdown}\n\nc\n")
    assert brief(document.json)[1:] == [("htmlBlock", html), ("normal", "c")]
    check_shapes(document.json)
    assert brief(from_markdown(to_markdown(document.json)).json) == brief(document.json)


def test_links_by_reference_hold_inside_too() -> None:
    markdown = '<div>\n\n[a][r] [b]\n\n</div>\n\n[r]: </x y> "t"\n[b]: /z'
    assert brief(from_markdown(markdown).json) == [
        ("htmlBlock", '<div>\n<p><a href="/x%20y" title="t">a</a> <a href="/z">b</a></p>\n</div>')
    ]


WITHIN = {
    "in an item": (
        "- a\n\n  <div>\n\n  - b\n\n  </div>\n\n- c",
        [
            ("normal", ("bullet", 1), "a"),
            ("htmlBlock", "<div>\n<ul>\n<li>b</li>\n</ul>\n</div>"),
            ("normal", ("bullet", 1), "c"),
        ],
    ),
    "in a quote": (
        "> <pre>\n> a\n>\n>   b</pre>\n>\n> <div>\n>\n> c\n>\n> </div>\n\nd",
        [("htmlBlock", "<pre>\na\n\n  b</pre>"), ("htmlBlock", "<div>\n<p>c</p>\n</div>"), ("normal", "d")],
    ),
    "its end is outside": (
        "- <div>\n\n  a\n\n</div>\n\nb",
        [("htmlBlock", "<div>"), ("normal", ("bullet", 1), "a"), ("htmlBlock", "</div>"), ("normal", "b")],
    ),
    "it never ends": ("<div>\n\n*a*\n\nb", [("htmlBlock", "<div>"), ("normal", [("a", "em")]), ("normal", "b")]),
    "paragraphs that end with the next": (
        "<p>a\n\n<p>b\n\nc",
        [("htmlBlock", "<p>a"), ("htmlBlock", "<p>b"), ("normal", "c")],
    ),
    "unknown element": (
        "<x-y>\n\n*a*\n\n</x-y>",
        [("htmlBlock", "<x-y>"), ("normal", [("a", "em")]), ("htmlBlock", "</x-y>")],
    ),
    "pre in a line": (
        "a <pre>b\n  c\n\nd</pre> e\nf",
        [("normal", "a"), ("htmlBlock", "<pre>b\n  c\n\nd</pre>"), ("normal", "e f")],
    ),
    "a script that never ends": (
        "<div>\n<script>\na\n\n*b*\n\nc",
        [("htmlBlock", "<div>\n<script>\na\n\n*b*\n\nc</script>")],
    ),
}


@pytest.mark.parametrize(("markdown", "expected"), WITHIN.values(), ids=WITHIN.keys())
def test_open_element_among_other_blocks(markdown: str, expected: list[Any]) -> None:
    assert brief(from_markdown(markdown).json) == expected


IN_A_LINE = {
    'An <svg width="1em"><use href="#s"></use><path d="M0 0z"/></svg> icon.': "An  icon.",
    "a <svg>\n\n<path/>\n\n</svg> b": "a  b",
    "a <script>alert(*1*)\n\nb</script> c": "a  c",
    "a <style>b</style> c": "a  c",
    "a <script> b": "a  b",
    "a <responsive-image/> b": "a  b",
    "a <x-y z='1'>b</x-y> c": "a b c",
    "a <foo>b</foo> c": "a b c",
    "a <foo bar=1> c": "a  c",
    "a <?php echo '>' ?> b": "a  b",
    "a <![CDATA[ > ]]> b": "a  b",
    "a <!DOCTYPE x> b": "a  b",
    "Vec<String> and </T>": "Vec<String> and </T>",
    "HashMap<String, Vec<u8>>": "HashMap<String, Vec<u8>>",
}


@pytest.mark.parametrize(("markdown", "text"), IN_A_LINE.items())
def test_tags_in_a_line_show_no_markup(markdown: str, text: str) -> None:
    assert brief(from_markdown(markdown).json) == [("normal", text)]


@pytest.mark.parametrize("tag", ["script", "style"])
@pytest.mark.parametrize(
    "around", ["{}", "<div>\n{}\n</div>", "- a\n\n  {}", "a {}", "> <p>\n> {}", "<table><tr><td>{}"]
)
def test_scripts_and_styles_are_never_text(tag: str, around: str) -> None:
    document = from_markdown(around.format(f"<{tag}>\nHIDDEN *a*\n\n\nHIDDEN\n</{tag}>") + "\n\nb\n")
    assert "HIDDEN" not in document.text
    assert "HIDDEN" not in to_html(document.json)
    assert document.text.endswith("b")


@pytest.mark.parametrize(
    "piece",
    [
        "<div>\n\n",
        "<div>\n\n</div>\n\n",
        "<pre>\n\n",
        "a <svg>\n\n",
        "<div><pre>\n\n",
        "- <p><script>\n\n",
        "<a b='\n\n",
        "<T></U>",
    ],
)
def test_many_open_elements_take_linear_time(piece: str) -> None:
    markdown = piece * 5000
    assert len(from_markdown(markdown).json) < 200 * len(markdown)
