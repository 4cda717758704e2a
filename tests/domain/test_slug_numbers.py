"""What a pattern makes of a title and a number, and that a number that was given is found again."""

from __future__ import annotations

import sqlite3

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emdash_cli.domain.slugs import SLUG_LIMIT, Numeral, SlugPattern, SlugPlan, is_valid_slug
from tests.domain.slug_patterns import DAY, PATTERNS, numbers, plans


@pytest.mark.parametrize(
    ("source", "title", "slug"),
    [
        ("{number}-{title}", "First", "42-first"),
        ("{number}-{title}", "🎉", "42"),
        ("{number:04}-{title}", "First", "0042-first"),
        ("{title}-{number}", "🎉", "42"),
        ("{title}-{number}", "First", "first-42"),
        ("post-{number}-{title}", "", "post-42"),
        ("{number}-{title}-by-{name}", "", "42-by-my-file"),
        ("{number}-{name}", "", "42-my-file"),
        ("{yyyy}-{number}-{title}", "", "2026-42"),
        ("{yyyy}-{mm}-{title}", "First", "2026-06-first"),
        ("{yyyy}-{mm}-{dd}-{name}", "First", "2026-06-05-my-file"),
        ("{title}", "First", "first"),
        ("{title}", "🎉", "my-file"),
        ("{yyyy}-{title}", "🎉", "2026-my-file"),
        ("{title}-{name}", "🎉", "my-file"),
        ("v{number}x{title}", "", "v42x"),
        ("{title}-{number}_", "", "42_"),
        ("v{title}-{number}", "", "v-42"),
    ],
)
def test_rendering(source: str, title: str, slug: str) -> None:
    plan = SlugPattern.parse(source).render(title=title, name="My file", day=DAY)
    assert plan.slug(42 if plan.numbered else None) == slug


def test_a_post_without_title_and_name_is_called_post() -> None:
    assert SlugPattern.parse("{title}").render(title="🎉", name="", day=DAY).slug(None) == "post"
    assert SlugPattern.parse("{title}").render(title="", name="🎉", day=DAY).slug(None) == "post"
    assert SlugPattern.parse("blog-{name}").render(title="A", name="", day=DAY).slug(None) == "blog-post"


@pytest.mark.parametrize(
    ("last", "following"),
    [("041-a", "042-x"), ("99-a", "100-x"), ("099-a", "100-x"), ("999-a", "1000-x"), ("7-a", "8-x")],
)
def test_padding_is_kept(last: str, following: str) -> None:
    pattern = SlugPattern.parse("{number}-{title}")
    numeral = pattern.number_in(last)
    assert numeral is not None
    plan = pattern.render(title="x", name="", day=DAY)
    assert plan.slug(numeral.value + 1, numeral.width) == following


@given(plans, numbers, st.integers(0, 15))
def test_slugs_are_valid_and_their_numbers_come_back(
    made: tuple[SlugPattern, SlugPlan], number: int, width: int
) -> None:
    pattern, plan = made
    if not pattern.numbered:
        assert is_valid_slug(plan.slug(None))
        assert pattern.number_in(plan.slug(None)) is None
        return
    slug = plan.slug(number, width)
    assert is_valid_slug(slug)
    assert len(slug) <= SLUG_LIMIT
    digits = max(len(str(number)), width, plan.min_width)
    assert pattern.number_in(slug) == Numeral(number, digits)


@given(plans, numbers, st.integers(0, 15))
def test_sqlite_makes_and_finds_the_same_slugs(made: tuple[SlugPattern, SlugPlan], number: int, width: int) -> None:
    pattern, plan = made
    database = sqlite3.connect(":memory:")
    slug, found = database.execute(
        "SELECT v, v GLOB ?5 FROM (SELECT ?1 || CASE WHEN ?6 THEN printf('%0*d', ?2, ?3) ELSE '' END || ?4 AS v)",
        (plan.prefix, max(width, plan.min_width), number, plan.suffix, pattern.glob(), plan.numbered),
    ).fetchone()
    database.close()
    assert slug == plan.slug(number, width)
    assert found == 1


@pytest.mark.parametrize(
    ("source", "slug", "expected"),
    [
        ("{number}-{title}", "041-hello", (41, 3)),
        ("{number}-{title}", "0-hello", (0, 1)),
        ("{number}-{title}", "41", (41, 2)),
        ("{number}-{title}", "41-2026-06", (41, 2)),
        ("{number}-{title}", "41-snake_case--twice", (41, 2)),
        ("{number}-{title}", "999999999999999-x", (10**15 - 1, 15)),
        ("{number}-{title}", "9999999999999999-x", None),
        ("{number}-{title}", "0000000000000001-x", None),
        ("{number}-{title}", "41-", None),
        ("{number}-{title}", "41a-x", None),
        ("{number}-{title}", "x-41", None),
        ("{number}-{title}", "٤١-x", None),
        ("{number}-{title}", "41-Hello", None),
        ("{number}-{title}", "41-x\n", None),
        ("{number}-{title}", "41-" + "x" * 197, (41, 2)),
        ("{number}-{title}", "41-" + "x" * 198, None),
        ("{number:03}-{title}", "41-x", (41, 2)),
        ("{title}-{number}", "top-10-in-2024-7", (7, 1)),
        ("{title}-{number}", "7", (7, 1)),
        ("{title}-2{number}", "a-21-25", (5, 1)),
        ("{yyyy}-{number}-{title}", "2026-5-x", (5, 1)),
        ("{yyyy}-{number}-{title}", "26-5-x", None),
        ("post-{number}", "post-5", (5, 1)),
        ("post-{number}", "post-5-x", None),
        ("{title}", "5-x", None),
    ],
)
def test_numbers_in_slugs(source: str, slug: str, expected: tuple[int, int] | None) -> None:
    assert SlugPattern.parse(source).number_in(slug) == expected


@given(st.sampled_from(PATTERNS), st.text(alphabet="0123456789-_abvxpost", max_size=40))
def test_a_number_that_is_read_stands_in_the_slug(source: str, slug: str) -> None:
    pattern = SlugPattern.parse(source)
    numeral = pattern.number_in(slug)
    if numeral is None:
        return
    assert f"{numeral.value:0{numeral.width}}" in slug
    assert is_valid_slug(slug)
    database = sqlite3.connect(":memory:")
    assert database.execute("SELECT ? GLOB ?", (slug, pattern.glob())).fetchone() == (1,)
    database.close()


@pytest.mark.parametrize(
    ("source", "glob"),
    [
        ("post-{number}", "post-[0-9]*"),
        ("{number}-{title}", "[0-9]*"),
        ("{title}-{number}", "*[0-9]*"),
        ("a-{number}-b-{title}", "a-[0-9]*-b*"),
        ("{yyyy}-{number}", "[0-9][0-9][0-9][0-9]-[0-9]*"),
        # What D1 would refuse for its length is cut, between two classes of characters.
        ("news-{yyyy}-{mm}-{dd}-{number}", f"news-{'[0-9]' * 4}-{'[0-9]' * 2}-{'[0-9]' * 2}-*"),
        (f"{'x' * 44}-{{number}}", f"{'x' * 44}-*"),
        (f"{'x' * 43}-{{number}}", f"{'x' * 43}-[0-9]*"),
        ("{title}-" + "x" * 60 + "-{number}", "*" + "x" * 48 + "*"),
    ],
)
def test_globs(source: str, glob: str) -> None:
    assert SlugPattern.parse(source).glob() == glob
    assert len(glob.encode()) <= 50


@pytest.mark.parametrize(("number", "width"), [(None, 0), (-1, 0), (10**15, 0), (1, 16)])
def test_numbers_out_of_range(number: int | None, width: int) -> None:
    plan = SlugPattern.parse("{number}-{title}").render(title="x", name="", day=DAY)
    with pytest.raises(ValueError, match="not a valid slug number"):
        plan.slug(number, width)


def test_the_series_is_the_pattern_in_a_locale() -> None:
    assert SlugPattern.parse("{number}-{title}").series("de") == "{number}-{title}|de"
