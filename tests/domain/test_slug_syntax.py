"""Which patterns are refused, and that the message helps."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emdash_cli.domain.errors import UsageError
from emdash_cli.domain.slugs import SlugPattern, is_valid_slug


@pytest.mark.parametrize(
    ("source", "message", "hint"),
    [
        ("{numer}-{title}", "unknown placeholder {numer}", "did you mean {number}?"),
        ("{Title}", "unknown placeholder {Title}", "did you mean {title}?"),
        ("{year}-{title}", "unknown placeholder {year}", "{yyyy}"),
        ("{}", "unknown placeholder {}", "{number}, {title}"),
        ("{slug}", "unknown placeholder {slug}", "{number}, {title}"),
        ("{title", "unmatched '{'", "{number}-{title}"),
        ("title}", "unmatched '}'", "{number}-{title}"),
        ("{{title}}", "unmatched '{'", "{number}-{title}"),
        ("{number}-{number}", "{number} occurs twice", "remove one of them"),
        ("{title}-{title}", "{title} occurs twice", "remove one of them"),
        ("{number:x}-{title}", "{number:x} is invalid", "{number:03}"),
        ("{number:00}-{title}", "{number:00} is invalid", "{number:03}"),
        ("{number:016}-{title}", "{number:016} is invalid", "{number:03}"),
        ("{number:}-{title}", "{number:} is invalid", "{number:03}"),
        ("{title:03}", "{title:03} is invalid", "only {number} takes a width"),
        ("{yyyy}-{mm}", "several articles the same slug", "{number}, {title} or {name}"),
        ("post", "several articles the same slug", "{number}, {title} or {name}"),
        ("", "several articles the same slug", "{number}, {title} or {name}"),
        ("posts/{title}", "'/' is not allowed in a slug", "post_path"),
        ("Post-{title}", "'P' is not allowed in a slug", "a-z"),
        ("{title} {number}", "' ' is not allowed in a slug", "a-z"),
        ("ü{title}", "'ü' is not allowed in a slug", "a-z"),
        ("-{title}", "cannot start or end with '-'", ""),
        ("{title}-", "cannot start or end with '-'", ""),
        ("x" * 81 + "{title}", "longer than 80 characters", ""),
        ("{number}{title}", "{number} is next to {title}", "put - between"),
        ("{title}{number}", "{number} is next to {title}", "put - between"),
        ("{number}{mm}{name}", "{number} is next to {name}", "put - between"),
        ("{number}2{title}", "{number} is next to {title}", "put - between"),
        ("{title}-{number}-{name}", "between texts", "before or after both"),
    ],
)
def test_refused_patterns(source: str, message: str, hint: str) -> None:
    with pytest.raises(UsageError) as caught:
        SlugPattern.parse(source)
    assert message in caught.value.message
    assert repr(source) in caught.value.message
    assert hint in caught.value.hint


@given(
    st.lists(
        st.sampled_from(
            [
                "{number}",
                "{number:03}",
                "{title}",
                "{name}",
                "{yyyy}",
                "{mm}",
                "{dd}",
                "-",
                "_",
                "a",
                "7",
                "{x}",
            ]
        ),
        max_size=7,
    ).map("".join),
    st.sampled_from(["", "a", "7", "7-7", "2026-06", "a-1-b-2", "x" * 80]),
    st.sampled_from(["", "b", "77", "9-c"]),
    st.dates(),
    st.integers(0, 10**15 - 1),
)
def test_every_accepted_pattern_finds_its_numbers(source: str, title: str, name: str, day: date, number: int) -> None:
    try:
        pattern = SlugPattern.parse(source)
    except UsageError:
        return
    plan = pattern.render(title=title, name=name, day=day)
    if pattern.numbered:
        numeral = pattern.number_in(plan.slug(number))
        assert numeral is not None
        assert numeral.value == number


@given(st.text(max_size=20))
def test_any_text_is_read_or_refused(source: str) -> None:
    try:
        pattern = SlugPattern.parse(source)
    except UsageError:
        return
    assert pattern.source == source


def test_long_fixed_text_leaves_room_for_the_rest() -> None:
    pattern = SlugPattern.parse("{number}-" + "x" * 77 + "-{title}-{name}")
    slug = pattern.render(title="a" * 300, name="b" * 300, day=date(2026, 6, 5)).slug(1, 15)
    assert "-a" in slug
    assert "-b" in slug
    assert is_valid_slug(slug)
    assert pattern.number_in(slug) == (1, 15)
