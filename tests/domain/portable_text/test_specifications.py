"""Every example of CommonMark 0.31.2, and of GFM's extensions, read and shown as the specification says.

The examples come with the source distribution of a Markdown parser on PyPI, marko, which `make` fetches.
"""

from __future__ import annotations

import re
import tarfile
import tomllib
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from emdash_cli.domain.portable_text import from_markdown, to_html
from tests.domain.portable_text.rendered import perceived, words

ARCHIVE = Path(__file__).parents[3] / ".cache/specifications/marko-2.2.4.tar.gz"
ACCEPTED = tomllib.loads(Path(__file__).with_name("accepted_differences.toml").read_text())
EXAMPLE = re.compile(r"^`{32} example([^\n]*)\n(.*?)^\.\n(.*?)^`{32}$", re.MULTILINE | re.DOTALL)


@cache
def examples(name: str) -> dict[int, tuple[str, str, str]]:
    """Return, by number, (the extension it belongs to, the Markdown, the HTML) of each example."""
    if not ARCHIVE.exists():
        pytest.fail(f"{ARCHIVE} is missing: run `make {ARCHIVE.relative_to(Path(__file__).parents[3])}`")
    with tarfile.open(ARCHIVE) as archive:
        file = archive.extractfile(f"{ARCHIVE.name.removesuffix('.tar.gz')}/tests/spec/{name}.txt")
        assert file is not None
        text = file.read().decode().partition("<!-- END TESTS -->")[0]
    found = enumerate(EXAMPLE.finditer(text.replace("→", "\t")), 1)
    return {number: (example[1].strip(), example[2], example[3]) for number, example in found}


def differences(chosen: dict[int, tuple[str, str, str]]) -> dict[str, set[int]]:
    """Return the numbers of the examples whose text differs, and of those where only structure does."""
    different: dict[str, set[int]] = {"text": set(), "structure": set()}
    for number, (_, markdown, html) in chosen.items():
        shown = to_html(from_markdown(markdown).json)
        if words(shown) != words(html):
            different["text"].add(number)
        elif perceived(shown) != perceived(html):
            different["structure"].add(number)
    return different


def accepted(name: str) -> dict[str, set[int]]:
    listed: dict[str, dict[str, Any]] = ACCEPTED[name]
    assert all(reason.strip() for reasons in listed.values() for reason in reasons.values())
    return {kind: {int(number) for number in reasons} for kind, reasons in listed.items()}


def test_examples_of_commonmark() -> None:
    chosen = examples("commonmark")
    assert len(chosen) == 652
    assert differences(chosen) == accepted("commonmark")


def test_examples_of_the_extensions_of_gfm() -> None:
    chosen = {number: example for number, example in examples("gfm").items() if example[0]}
    assert {extension for extension, _, _ in chosen.values()} == {
        "autolink", "disabled", "strikethrough", "table", "tagfilter",
    }  # fmt: skip
    assert len(chosen) == 24
    assert differences(chosen) == accepted("gfm")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("<p>a <em>b</em></p>", "<p>a b</p>"),
        ("<ul><li>a</li><li>b</li></ul>", "<ul><li>a b</li></ul>"),
        ("<h1>a</h1>", "<h2>a</h2>"),
        ('<a href="/a">b</a>', '<a href="/c">b</a>'),
        ("<pre><code>a\n\nb</code></pre>", "<pre><code>a\nb</code></pre>"),
        ("<blockquote><p>a</p></blockquote>", "<p>a</p>"),
        ("<p>a<br>b</p>", "<p>a b</p>"),
        ('<img src="/a" alt="b">', '<img src="/a" alt="c">'),
        ("<table><tr><th>a</th></tr></table>", "<table><tr><td>a</td></tr></table>"),
        ('<ol start="2"><li>a</li></ol>', "<ol><li>a</li></ol>"),
    ],
)
def test_the_comparison_sees_what_a_reader_sees(one: str, other: str) -> None:
    assert perceived(one) != perceived(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("<p><em><strong>a</strong></em></p>", "<p><strong><em>a</em></strong></p>"),
        ("<ul>\n<li>\n<p>a</p>\n</li>\n</ul>", "<ul><li>a</li></ul>"),
        ("<p><del>a</del><del>b</del></p>", "<p><s>ab</s></p>"),
        ('<a href="/%C3%A4">b</a>', '<a href="/ä" title="c">b</a>'),
    ],
)
def test_the_comparison_overlooks_what_a_reader_does_not_see(one: str, other: str) -> None:
    assert perceived(one) == perceived(other)
