from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emdash_cli.domain.lengths import graphemes, mastodon_length, utf16_units, x_links, x_weight

if TYPE_CHECKING:
    from collections.abc import Callable

WORDS = [
    "cache", "Überblick", "naïve", "한글", "字", "мир", "👍", "👨‍👩‍👧", "🇩🇪", "1️⃣", "©", "…", "—", "“quoted”",
    "a@b.com", "#tag", "@name",
    "README.md", "main.rs", "app.py", "Node.js", "bar.zip", "v1.2.3", "e.g.", "U.S.", "example.com", "example.com.",
    "(example.com)", "www.example.co.uk/path?x=1", "https://example.com/a?b=1#c", "http://127.0.0.1/x",
    "https://en.wikipedia.org/wiki/A_(b)", "https://bücher.de/ä", "HTTPS://EXAMPLE.COM", "http://a.b", "foo_bar.com",
    "example.com:80/x", "example.museum/", "_example.com", "-example.com", "/example.com", "ftp://example.com",
    "example.com,next", "example.community", "ex.comfoo", "日本.jp", "cafe\u0301",
]  # fmt: skip


@pytest.fixture(scope="module")
def oracle() -> Callable[[str], Any]:
    """X's own library, as it was ported: its weight of a text."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it imports pkg_resources
        from twitter_text import parse_tweet

    return lambda text: parse_tweet(text).weightedLength


@pytest.mark.parametrize("word", WORDS)
def test_x_weighs_a_word_as_its_own_library_does(word: str, oracle: Callable[[str], Any]) -> None:
    assert x_weight(word) == oracle(word)


@given(st.lists(st.sampled_from(WORDS), max_size=12), st.sampled_from([" ", "\n", ", "]))
def test_x_weighs_sentences_as_its_own_library_does(words: list[str], blank: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from twitter_text import parse_tweet

    text = blank.join(words)
    assert x_weight(text) == parse_tweet(text).weightedLength


def test_x_links_are_found_where_readers_would_not_expect_them() -> None:
    text = "Edit README.md, main.rs, app.py, run.sh and Node.js at https://example.com/a."
    found = [text[start:end] for start, end in x_links(text)]
    assert found == ["README.md", "main.rs", "app.py", "run.sh", "https://example.com/a"]
    assert x_weight("README.md") == x_weight("https://example.com/" + "long" * 50) == 23


@pytest.mark.parametrize("text", ["a." * 5000, "(" * 5000 + "a.com/", "a.com/" + "(" * 5000, "https://" * 999, "." * 9])
def test_a_hostile_text_is_measured_too(text: str) -> None:
    assert x_weight(text) > 0


def test_the_measures_of_the_others() -> None:
    assert utf16_units("a👍") == 3
    assert graphemes("👨‍👩‍👧e\u0301字") == 3
    assert mastodon_length("see https://example.com/a-very-long-address-indeed/that-goes-on-and-on") == 4 + 23
    assert mastodon_length("see example.com/a") == len("see example.com/a")
    assert mastodon_length("by @ann@social.example") == len("by @ann")
