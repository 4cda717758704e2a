"""Attribute lists of kramdown, Hugo, Pandoc and Python-Markdown go; what only looks like one stays."""

from __future__ import annotations

import pytest

from emdash_cli.domain.template_tags import Context, render


def rendered(text: str) -> str:
    found = render(text, Context())
    assert found.remaining == ()
    return found.markdown


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("## Head {#own-id}\n\nA", "## Head\n\nA"),
        ("## Head {#id .a key=val} ##\n", "## Head ##\n"),
        ("## Head {.unnumbered}", "## Head"),
        ("## Head {-}", "## Head"),
        ("## Head {: #id .a}", "## Head"),
        ("Head {#id}\n====\n", "Head\n====\n"),
        ("Para\n{: .note}\n\nB", "Para\n\nB"),
        ("Para\n{: #a .b key=\"v w\" c='d'}\n", "Para\n"),
        ("{:.lead}\nPara", "Para"),
        ("Para\n{.note}\n\nB", "Para\n\nB"),
        ('Para\n{class="a b"}\n', "Para\n"),
        ("> A\n{: .x}", "> A\n"),
        ("> A\n> {: .x}\n\nB", "> A\n\nB"),
        ("- {:.x} A\n- B", "-  A\n- B"),
        ('[a](/b){:target="_blank" rel="x"} c', "[a](/b) c"),
        ("*a*{: .b}, **c**{:.d} `e`{:.f}", "*a*, **c** `e`"),
        ("![a](/b.png){: width=50}", "![a](/b.png)"),
        ("![a](/b.png){width=50% #c}", "![a](/b.png)"),
        ("[a]{.smallcaps} b", "a b"),
        ("`a`{.ruby} b", "`a` b"),
        ("* TOC\n{:toc}\n\nA", "\nA"),
        ("1. Contents\n{:toc .x}\n\nA", "\nA"),
        ("{:toc: .x}\n\nA", "\nA"),
        ("A\n\n{:ref: .b #c}\n\nB", "A\n\n\nB"),
        ("A {::comment}\nb\n{:/comment}C", "A C"),
        ("A {::comment}b{:/}C", "A C"),
        ("{::nomarkdown}\n<b>a</b>\n{:/nomarkdown}", "\n<b>a</b>\n"),
        ('{::options toc_levels="2" /}\nA', "\nA"),
        ("```{.python .numberLines}\na\n```", "```python\na\n```"),
        ("```{r, echo=FALSE}\na\n```", "```r\na\n```"),
        ("```js{1,3-4}\na\n```", "```js\na\n```"),
        ('```js {1,3} title="a.js"\na\n```', '```js {1,3} title="a.js"\na\n```'),
        ("``` {.python}\na\n```", "```python\na\n```"),
    ],
)
def test_attributes_go(text: str, wanted: str) -> None:
    assert rendered(text).split("\n") == wanted.split("\n")


@pytest.mark.parametrize(
    "text",
    [
        "A set {a, b} and {.5} of {#}",
        "f(x){.a}",
        "A {: .b} c",
        "`{: .x}`",
        "    code\n    {: .x}",
        "## {braces} in a head",
        "{#id}",
        "{::unknown /x}",
        "arr{:a, b}",
        "{::comment} without end",
        r"Para\{: .x}",
    ],
)
def test_text_stays(text: str) -> None:
    assert rendered(text) == text
