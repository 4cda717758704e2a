"""What changed from one revision of a post to the next."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import TYPE_CHECKING, Any

from emdash_cli.domain.portable_text import plain_text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


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
