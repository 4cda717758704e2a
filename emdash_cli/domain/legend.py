"""The legend of a calendar: a letter for each author and a symbol for each category; colours are only an aid."""

from __future__ import annotations

from string import ascii_uppercase
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

SYMBOLS: Final = "●▲■◆★✚○△□◇☆✖"
"""Shapes that can be distinguished without colour, and that every common font has."""


NO_LETTER: Final = "–"
NO_SYMBOL: Final = "·"


def letters(names: Iterable[str]) -> dict[str, str]:
    """A letter for each name, one of its own letters if that is free, assigned in order; then pairs of letters."""
    given: dict[str, str] = {}
    ordered = _ordered(names)
    # A name without letters gets what is left.
    for name in sorted(ordered, key=lambda name: not any(map(str.isalpha, name))):
        taken = set(given.values())
        own = [char for char in name.upper() if char.isalpha()]
        initials = [word[0].upper() for word in name.split() if word[0].isalpha()]
        pairs = (one + other for one in (own[:1] or ["?"]) for other in ascii_uppercase + "0123456789")
        choices = (*initials, *own, *ascii_uppercase, *pairs)
        given[name] = next((letter for letter in choices if letter not in taken), f"#{len(given)}")
    return {name: given[name] for name in ordered}


def symbols(names: Iterable[str]) -> dict[str, str]:
    """A symbol for each name; when all symbols are used, pairs of them."""
    ordered = _ordered(names)
    doubled = (one + other for one in SYMBOLS for other in SYMBOLS)
    endless = (f"#{number}" for number in range(len(ordered)))
    supply = iter((*SYMBOLS, *doubled, *endless))
    return {name: next(supply) for name in ordered}


def _ordered(names: Iterable[str]) -> list[str]:
    return sorted(set(names), key=lambda name: (name.casefold(), name))
