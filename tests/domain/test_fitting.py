from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emdash_cli.domain.fitting import shortened, thread
from emdash_cli.domain.lengths import graphemes, utf16_units, x_weight

SENTENCE = "We measured how a cache behaves. "
LINK = "https://blog.example/posts/edge-caching"
TEXTS = st.text(st.sampled_from("ab .!?\n字👍é#/:,"), max_size=400)


def test_what_fits_stays_as_it_is() -> None:
    assert shortened("  Short.  \n", 280, len) == "Short."


def test_a_text_is_cut_at_the_end_of_a_sentence_and_keeps_its_link_and_hashtags() -> None:
    fitted = shortened(f"{SENTENCE * 12}\n\n{LINK}\n#edge #caching", 280, x_weight)
    assert fitted.endswith(f"behaves.\n\n{LINK}\n#edge #caching")
    assert 200 < x_weight(fitted) <= 280


def test_a_long_sentence_is_cut_at_a_word() -> None:
    assert shortened("one two three four five six", 16, len) == "one two three…"
    assert shortened("one two, three four five six", 11, len) == "one two…"


def test_a_text_without_blanks_is_cut_between_characters() -> None:
    assert shortened("字" * 300, 280, x_weight) == "字" * 139 + "…"
    assert shortened("👨‍👩‍👧" * 301, 300, graphemes) == "👨‍👩‍👧" * 299 + "…"


@given(TEXTS, st.integers(40, 300), st.sampled_from([len, x_weight, graphemes, utf16_units]))
def test_every_text_fits_afterwards(text: str, limit: int, length: object) -> None:
    assert length(shortened(text, limit, length)) <= limit  # type: ignore[operator, arg-type]


def test_one_text_that_fits_is_no_thread() -> None:
    assert thread(["One."], 280, x_weight) == ["One."]


def test_the_parts_of_a_thread_are_numbered() -> None:
    assert thread(["One.", " ", "Two."], 280, x_weight) == ["One.\n\n1/2", "Two.\n\n2/2"]


@pytest.mark.parametrize("numbered", [["1/2 One.", "2/2 Two."], ["One (1/2)", "Two (2/2)"]])
def test_an_author_who_numbered_the_parts_keeps_the_numbers(numbered: list[str]) -> None:
    assert thread(numbered, 280, x_weight) == numbered


def test_a_long_text_becomes_a_thread_at_its_paragraphs_and_sentences() -> None:
    first, second = SENTENCE * 6, SENTENCE * 7
    parts = thread([f"{first}\n\n{second}\n\n{LINK}"], 280, x_weight)
    assert parts == [f"{first.strip()}\n\n1/2", f"{second.strip()}\n\n{LINK}\n\n2/2"]


@given(st.lists(TEXTS, min_size=1, max_size=4), st.integers(40, 300))
def test_nothing_of_a_thread_is_lost(texts: list[str], limit: int) -> None:
    parts = thread(texts, limit, x_weight)
    assert all(x_weight(part) <= limit for part in parts)
    words = "".join("".join(text.split()) for text in texts)
    numbers = len(parts) > 1 and not any("/" in text for text in texts)
    found = [part.rpartition("\n\n")[0] if numbers else part for part in parts]
    if numbers or len(parts) == 1:
        assert "".join("".join(part.split()) for part in found) == words


def test_a_very_long_text_is_measured_in_pieces() -> None:
    """All of it for each part would be hundreds of times as much."""
    measured = 0

    def length(text: str) -> int:
        nonlocal measured
        measured += len(text)
        return len(text)

    def share(sentences: int) -> float:
        nonlocal measured
        measured = 0
        parts = thread([SENTENCE * sentences], 280, length)
        assert len(parts) > sentences / 9
        return measured / (sentences * len(SENTENCE))

    assert share(600) < 1.5 * share(120)


def test_a_character_of_many_code_points_is_not_cut() -> None:
    one = "e" + "\u0301" * 900
    assert thread([one * 400], 300, graphemes)[0] == f"{one * 295}\n\n1/2"
