"""What titles become, and what is a slug."""

from __future__ import annotations

import subprocess
import sys
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from slugify import slugify as python_slugify

from emdash_cli.domain.slugs import TITLE_LIMIT, is_valid_slug, slugify
from tests.domain.slug_patterns import titles


@pytest.mark.parametrize(
    ("title", "slug"),
    [
        ("Hello, World!", "hello-world"),
        ("  --a--b--  ", "a-b"),
        ("1,000 things, 2,5", "1000-things-25"),
        ("Don't", "don-t"),
        ("C++ & C#", "c-c"),
        ("R&D", "r-d"),
        ("R&amp;D", "r-d"),
        ("snake_case", "snake-case"),
        ("Crème brûlée", "creme-brulee"),
        ("Straße", "strasse"),
        ("Привет, мир", "privet-mir"),
        ("日本語", "ri-ben-yu"),
        ("한국어", "hangugeo"),
        ("שלום עולם", "shlvm-vlm"),
        ("Ελληνικά", "ellenika"),
        ("\uff46\uff55\uff4c\uff4c", "full"),
        ("em—dash", "em-dash"),
        ("zero\0width\u200d", "zero-width"),
        ("🎉", ""),
        ("👩‍👩‍👧🏽 🇩🇪", ""),
        ("", ""),
        ("?!… —", ""),
        ("\ud800", ""),
        ("e\u0301te\u0301", "ete"),
    ],
)
def test_titles(title: str, slug: str) -> None:
    assert slugify(title) == slug


def test_long_titles_are_cut_between_words() -> None:
    assert slugify("word " * 100) == "-".join(["word"] * 16)  # 79 characters; the 17th word would be cut
    assert slugify("a" * 80 + " b") == "a" * 80
    assert slugify("a" * 78 + " b c") == "a" * 78 + "-b"
    assert slugify("a" * 500) == "a" * TITLE_LIMIT
    assert slugify("a " + "b" * 500) == "a"


@given(titles)
def test_a_title_gives_a_valid_slug_or_none(title: str) -> None:
    slug = slugify(title)
    assert slug == "" or is_valid_slug(slug)
    assert len(slug) <= TITLE_LIMIT
    assert slugify(slug) == slug


@given(st.one_of(st.text(alphabet=st.characters(max_codepoint=127), max_size=300), titles))
def test_the_fast_path_is_python_slugify(title: str) -> None:
    assert slugify(title) == python_slugify(title, max_length=TITLE_LIMIT, word_boundary=True, save_order=True)


@given(titles)
def test_normal_forms_give_one_slug(title: str) -> None:
    assert slugify(unicodedata.normalize("NFC", title)) == slugify(unicodedata.normalize("NFD", title))


def test_plain_titles_import_nothing() -> None:
    code = (
        "import sys; before = set(sys.modules); from emdash_cli.domain import cadence, instants, slugs;"
        "slugs.slugify('Plain, title 1'); slugs.SlugPattern.parse('{number}-{title}').glob();"
        "cadence.Cadence.parse('weekly-2'); new = set(sys.modules) - before;"
        "print(sorted({'slugify', 'cronsim', 'zoneinfo', 'difflib', 'html.entities'} & new))"
    )
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout == "[]\n"


@pytest.mark.parametrize("slug", ["a", "0", "a-b", "a_b", "_a", "a--b", "042-x", "a" * 200])
def test_valid_slugs(slug: str) -> None:
    assert is_valid_slug(slug)


@pytest.mark.parametrize(
    "slug", ["", "-a", "a-", "-", "A", "é", "a b", "a/b", "a.b", "a\n", "\na", "a\0", "٣", "a" * 201]
)
def test_invalid_slugs(slug: str) -> None:
    assert not is_valid_slug(slug)
