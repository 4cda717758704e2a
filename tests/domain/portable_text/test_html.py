"""What a reader sees."""

from __future__ import annotations

import json

import pytest

from emdash_cli.domain.portable_text import from_markdown, to_html

RENDERED = {
    "# a & \\<b> *c*": "<h1>a &amp; &lt;b&gt; <em>c</em></h1>",
    "a\\\nb": "<p>a<br>\nb</p>",
    "**a `b`**": "<p><strong>a <code>b</code></strong></p>",
    "*a **b***": "<p><em>a <strong>b</strong></em></p>",
    "**a *b*** *c*": "<p><strong>a <em>b</em></strong> <em>c</em></p>",
    "[a *b* `c`](/d)[e](/f)": '<p><a href="/d">a <em>b</em> <code>c</code></a><a href="/f">e</a></p>',
    "[a](/b?c&d)": '<p><a href="/b?c&amp;d">a</a></p>',
    "> a\n>\n> b\n\nc": "<blockquote>\n<p>a</p>\n<p>b</p>\n</blockquote>\n<p>c</p>",
    "- a\n  - b\n- c": "<ul><li>a\n<ul><li>b\n</li></ul>\n</li>\n<li>c\n</li></ul>",
    "3. a\n\n1) b": '<ol start="3"><li>a\n</li></ol>\n<ol><li>b\n</li></ol>',
    "- a\n\n> b": "<ul><li>a\n</li></ul>\n<blockquote>\n<p>b</p>\n</blockquote>",
    "- # a": "<ul><li><h1>a</h1>\n</li></ul>",
    "```py title=x\na<b\n```": '<div class="filename">x</div><pre><code class="language-py">a&lt;b\n</code></pre>',
    "---": "<hr>",
    '![a "](/s "c")': '<figure><img src="/s" alt="a &quot;"><figcaption>c</figcaption></figure>',
    "|a|\n|-|\n|*b*|": "<table>\n<tr><th>a</th></tr>\n<tr><td><em>b</em></td></tr>\n</table>",
    "<p class='x'>a": '<p class="x">a</p>',
}


@pytest.mark.parametrize(("markdown", "html"), RENDERED.items())
def test_rendered(markdown: str, html: str) -> None:
    assert to_html(from_markdown(markdown).json) == html


HOSTILE = {
    "<script>alert(1)</script>a": "a",
    "<ScRiPt >alert(1)</sCrIpT\n>a": "a",
    "<script>alert(1)": "",
    "<style>x</style>a": "a",
    "<iframe src=https://x.y></iframe>a": "a",
    "<p onclick=alert(1) title=t>a": '<p title="t">a</p>',
    '<a href="javascript:alert(1)">a</a>': "<a>a</a>",
    "<a href=java&#10;script:alert(1)>a</a>": "<a>a</a>",
    "<img src=x onerror=alert(1)>": '<img src="x">',
    '<img src="x` `<script>alert(1)</script>"` `>': '<img src="x` `&lt;script&gt;alert(1)&lt;/script&gt;">',
    "<svg><script>alert(1)</script></svg>a": "a",
    "<!-- <b> -->a<!-- ": "a",
    "<![if x]>a<![endif]>": "a",
    "<form><b>a": "<b>a</b>",
    "</div>a</p><i>b": "a<p></p><i>b</i>",
    "<div><b>a</div>b": "<div><b>a</b></div><b>b</b>",
    "a < b <": "a &lt; b &lt;",
    "<p title='\"><script>'>a": '<p title="&quot;&gt;&lt;script&gt;">a</p>',
    "&lt;script&gt;": "&lt;script&gt;",
    "<b": "&lt;b",
    "<p title=a>b<p title=c\nd": '<p title="a">b&lt;p title=c\nd</p>',
    "<details open><summary>a</summary>b</details>": '<details open=""><summary>a</summary>b</details>',
    "<p>a<p>b": "<p>a</p><p>b</p>",
    '<img src="data:image/png;base64,AAAA">': '<img src="data:image/png;base64,AAAA">',
    '<img src="data:text/html,a">': "<img>",
    "<a href='java\tscript:alert(1)'>a</a>": "<a>a</a>",
    '<noscript><p title="</noscript><img src=x onerror=alert(1)>">': '<img src="x">"&gt;',
    "<div>" * 513 + "a<script>b</script>": "a",
    "<div>" * 512 + "a": "<div>" * 512 + "a" + "</div>" * 512,
    "<p>a" * 513: "<p>a</p>" * 513,
    "<div>a</div>" * 513: "<div>a</div>" * 513,
    "<<b>script>": "&lt;<b>script&gt;</b>",
}


@pytest.mark.parametrize(("html", "clean"), HOSTILE.items())
def test_raw_html_cannot_act(html: str, clean: str) -> None:
    assert to_html(json.dumps([{"_type": "htmlBlock", "html": html}])) == clean


def test_unknown_block_shows_its_words() -> None:
    stored = json.dumps([{"_type": "<x>", "text": "a <b>", "images": [{"alt": "c"}]}])
    assert to_html(stored) == '<div data-type="&lt;x&gt;">a &lt;b&gt; c</div>'
