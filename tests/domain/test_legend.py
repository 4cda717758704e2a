"""The legend of a calendar: nobody is mistaken for somebody else."""

from __future__ import annotations

from emdash_cli.domain.legend import SYMBOLS, letters, symbols


def test_every_author_has_a_letter_of_their_own() -> None:
    names = ["Ada", "Alan", "alan", "Grace Hopper", "Ängström", "42", "李", *(f"Same {number}" for number in range(60))]
    given = letters(names)
    assert len(set(given.values())) == len(set(names))
    assert (given["Ada"], given["Grace Hopper"], given["李"]) == ("A", "G", "李")


def test_every_category_has_a_symbol_of_its_own() -> None:
    names = [f"c{number:03}" for number in range(300)]
    assert len(set(symbols(names).values())) == 300
    assert symbols(["b", "a"]) == {"a": SYMBOLS[0], "b": SYMBOLS[1]}
