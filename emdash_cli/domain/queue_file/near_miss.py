"""Tell a misspelt key from a key that somebody meant.

A free key wrongly refused costs its author a minute; `publsh_at` taken for a free key publishes an article
before its time. Still, `data` is not `date` and `publisher` is not `published`: the shorter a name, the
closer a key must be to count as a misspelling of it.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

SHORT = 4
"""Letters up to which only two swapped ones count (`bdoy`)."""
MEDIUM = 8
"""Letters up to which one wrong, missing or additional one counts; beyond, two."""
PARTICLE = 3
"""Letters up to which no word takes another letter: ``publish_by`` is not ``publish_at``."""

_BOUNDARY = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|[-_ .:]+")


def words(key: str) -> list[str]:
    """The words of a key in camelCase, snake_case or kebab-case, in lower case."""
    return [word.lower() for word in _BOUNDARY.split(key) if word]


def squeezed(key: str) -> str:
    """One form for ``publishAt``, ``publish_at``, ``Publish-At`` and ``publishat``."""
    return "".join(words(key))


@lru_cache(maxsize=4096)
def distance(left: str, right: str) -> int:
    """Letters to insert, delete, replace or swap with a neighbour (optimal string alignment)."""
    before: list[int] = []
    row = list(range(len(right) + 1))
    for i, a in enumerate(left, 1):
        older, before, row = before, row, [i]
        for j, b in enumerate(right, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (a != b))
            if i > 1 and j > 1 and a == right[j - 2] and left[i - 2] == b:
                cost = min(cost, older[j - 2] + 1)
            row.append(cost)
    return row[-1]


def nearest(key: str, names: Iterable[str]) -> str | None:
    """The name in snake_case that the key is most likely a misspelling of, if any."""
    close = [(distance(squeezed(key), squeezed(name)), name) for name in names if _is_near(key, name)]
    return min(close)[1] if close else None


def _is_near(key: str, name: str) -> bool:
    mine, theirs = squeezed(key), squeezed(name)
    allowed = _allowed(len(theirs))
    if not mine or mine == theirs or abs(len(mine) - len(theirs)) > allowed:
        return False
    if len(set(mine) ^ set(theirs)) > 2 * allowed:  # cheap, and settles nearly all
        return False
    if allowed == 0:
        return sorted(mine) == sorted(theirs) and distance(mine, theirs) == 1
    return _words_fit(key, name, allowed)


def _allowed(length: int) -> int:
    if length <= SHORT:
        return 0
    return 1 if length <= MEDIUM else 2


def _words_fit(key: str, name: str, allowed: int) -> bool:
    """Whether letters went wrong within the words, and no word was added or exchanged."""
    mine, theirs = words(key), words(name)
    if len(mine) != len(theirs):
        return distance("".join(mine), "".join(theirs)) == 1
    return (
        all(_word_fits(word, other) for word, other in zip(mine, theirs, strict=True) if word != other)
        and distance("".join(mine), "".join(theirs)) <= allowed
    )


def _word_fits(word: str, other: str) -> bool:
    if len(other) <= PARTICLE and len(word) == len(other):
        return sorted(word) == sorted(other)
    return distance(word, other) <= max(1, len(other) // 4)
