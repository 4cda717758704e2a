"""What changed from one revision of a post to the next."""

from __future__ import annotations

import json
import re
from collections import Counter
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import zip_longest
from typing import TYPE_CHECKING, Any, Final

from emdash_cli.domain.portable_text import plain_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

_PLAIN_KEY: Final = re.compile(r"\w[\w-]*")

NOTHING: Final = object()
"""Stands for a value that is not there, which is not the same as null."""


@dataclass(frozen=True, slots=True)
class ValueChange:
    """One value that differs.

    Attributes:
        path: as ``content[2].markDefs[0].blank``.
        before: any JSON value, or `NOTHING`, as is `after`.
    """

    path: str
    before: object
    after: object


@dataclass(frozen=True, slots=True)
class Changes:
    """What a revision says that the one before did not.

    Attributes:
        added: names of fields, as in `removed` and `changed`; ``_slug`` stands for the slug that it will get.
        words_added: of the body; a word that only moved to another place in its passage counts for nothing.
    """

    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    words_added: int = 0
    words_removed: int = 0

    def __bool__(self) -> bool:
        return bool(self.added or self.removed or self.changed)


def changes(before: Mapping[str, Any], after: Mapping[str, Any], content: str) -> Changes:
    """What changed between the data of two revisions.

    Args:
        before: field slug to value.
        after: the same, later.
        content: the field that is the body.
    """
    # A field that was emptied is there as null.
    old = {key: value for key, value in before.items() if value is not None}
    new = {key: value for key, value in after.items() if value is not None}
    added, removed = _words(old.get(content), new.get(content))
    return Changes(
        added=tuple(sorted(new.keys() - old.keys())),
        removed=tuple(sorted(old.keys() - new.keys())),
        changed=tuple(sorted(key for key in new.keys() & old.keys() if new[key] != old[key])),
        words_added=added,
        words_removed=removed,
    )


def value_changes(before: object, after: object, path: str = "") -> Iterator[ValueChange]:
    """Where two JSON values differ, as far down as both are objects or both are lists; the order of keys is none."""
    if isinstance(before, dict) and isinstance(after, dict):
        for key in dict.fromkeys([*before, *after]):
            name = key if _PLAIN_KEY.fullmatch(key) else f"[{json.dumps(key, ensure_ascii=False)}]"
            dot = "." if path and not name.startswith("[") else ""
            yield from value_changes(before.get(key, NOTHING), after.get(key, NOTHING), f"{path}{dot}{name}")
    elif isinstance(before, list) and isinstance(after, list):
        for place, (old, new) in enumerate(zip_longest(before, after, fillvalue=NOTHING)):
            yield from value_changes(old, new, f"{path}[{place}]")
    # To Python true is 1, and 1 is 1.0.
    elif before is NOTHING or after is NOTHING or json.dumps(before) != json.dumps(after):
        yield ValueChange(path, before, after)


def word_count(value: object) -> int:
    """Words of a body."""
    return sum(len(line.split()) for line in _lines(value))


def _words(old: object, new: object) -> tuple[int, int]:
    """Words added and removed; passages that stayed the same are not looked into."""
    if old == new:
        return 0, 0
    before, after = _lines(old), _lines(new)
    added = removed = 0
    for tag, first, last, new_first, new_last in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if tag != "equal":
            lost, gained = _counted(before[first:last]), _counted(after[new_first:new_last])
            added += (gained - lost).total()
            removed += (lost - gained).total()
    return added, removed


def _counted(lines: Sequence[str]) -> Counter[str]:
    return Counter(word for line in lines for word in line.split())


def _lines(value: object) -> list[str]:
    """The text of a body, a block a line; a body that is no Portable Text is its own text."""
    if isinstance(value, list):
        try:
            return plain_text(json.dumps(value)).split("\n")
        except (TypeError, ValueError, AttributeError, KeyError):
            return [json.dumps(value)]
    return value.split("\n") if isinstance(value, str) else []
