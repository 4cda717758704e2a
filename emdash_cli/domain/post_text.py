"""The content of a post, as in a revision's data, and how two versions of it differ."""

from __future__ import annotations

import json
import re
from collections import Counter
from dataclasses import dataclass
from itertools import zip_longest
from typing import TYPE_CHECKING, Any, Final

from emdash_cli.domain.portable_text import plain_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from emdash_cli.domain.article import FieldNames


STAGED_SLUG = "_slug"
"""The key of the slug that a post gets when the revision is published."""


def read(data: object) -> dict[str, Any]:
    """The data of a revision. Anything but a JSON object becomes one field, ``unreadable``."""
    try:
        found = json.loads(str(data))
    except ValueError:
        found = None
    return found if isinstance(found, dict) else {"unreadable": str(data)}


def without_keys(content: object) -> object:
    """Portable Text without what every editor creates anew or writes in its own way: keys and empty lists.

    A mark that refers to a definition of its block by key refers to it by position instead.
    """
    if isinstance(content, list):
        return [without_keys(each) for each in content]
    if not isinstance(content, dict):
        return content
    said = {name: value for name, value in content.items() if name != "_key" and value not in ([], None)}
    definitions = content.get("markDefs")
    if isinstance(definitions, list) and definitions:
        places = {each.get("_key"): place for place, each in enumerate(definitions) if isinstance(each, dict)}
        said["children"] = _with_places(content.get("children"), places)
    return {name: without_keys(value) for name, value in said.items()}


def _with_places(spans: object, places: Mapping[object, int]) -> object:
    if not isinstance(spans, list):
        return spans
    return [
        {**span, "marks": [places.get(mark, mark) if isinstance(mark, str) else mark for mark in span["marks"]]}
        if isinstance(span, dict) and isinstance(span.get("marks"), list)
        else span
        for span in spans
    ]


def rendered(data: Mapping[str, Any], slug: str | None, names: FieldNames) -> list[str]:
    """A version as lines: its fields like front matter, then its text as Markdown."""
    known = (names.title, names.excerpt, names.featured_image)
    others = sorted(set(data) - {*known, names.content, STAGED_SLUG})
    fields = {names.title: data.get(names.title), "slug": data.get(STAGED_SLUG) or slug}
    fields |= {name: data.get(name) for name in (*known[1:], *others)}
    head = [f"{name}: {as_text(value)}" for name, value in fields.items() if value is not None]
    return [*head, "", *_markdown(data.get(names.content)).splitlines()]


def changed_fields(
    before: tuple[Mapping[str, Any], str | None], after: tuple[Mapping[str, Any], str | None]
) -> tuple[str, ...]:
    """Names of the fields in which two versions (data, slug of the post) differ."""
    (old, old_slug), (new, new_slug) = before, after
    names = [name for name in dict.fromkeys([*old, *new]) if name != STAGED_SLUG]
    found = [name for name in names if old.get(name) != new.get(name)]
    if (old.get(STAGED_SLUG) or old_slug) != (new.get(STAGED_SLUG) or new_slug):
        found.append("slug")
    return tuple(found)


def as_text(value: object) -> str:
    """A value of a field on a line: text as it is, anything else as JSON."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, sort_keys=True)


def _markdown(content: object) -> str:
    from emdash_cli.domain.portable_text import to_markdown

    if isinstance(content, list):
        try:
            return to_markdown(json.dumps(content, ensure_ascii=False))
        except (AttributeError, KeyError, TypeError, ValueError):
            return json.dumps(content, ensure_ascii=False, indent=1)
    return content if isinstance(content, str) else ""


_PLAIN_KEY: Final = re.compile(r"\w[\w-]*")

NOTHING: Final = object()
"""Stands for a value that does not exist, as opposed to null."""


@dataclass(frozen=True, slots=True)
class ValueChange:
    """One value that differs.

    Attributes:
        path: such as ``content[2].markDefs[0].blank``.
        before: any JSON value, or `NOTHING`; so is `after`.
    """

    path: str
    before: object
    after: object


@dataclass(frozen=True, slots=True)
class Changes:
    """The differences between a revision and the one before.

    Attributes:
        added: names of fields, as are `removed` and `changed`; ``_slug`` stands for the slug that the post will get.
        words_added: of the body; a word that only moved within its passage does not count.
    """

    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    words_added: int = 0
    words_removed: int = 0

    def __bool__(self) -> bool:
        return bool(self.added or self.removed or self.changed)


def changes(before: Mapping[str, Any], after: Mapping[str, Any], content: str) -> Changes:
    """The differences between the data of two revisions.

    Args:
        before: field slug to value.
        after: the same, later.
        content: the field that is the body.
    """
    # A field that was emptied is present as null.
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
    """Where two JSON values differ, as deeply as both are objects or both are lists. The order of keys is ignored."""
    if isinstance(before, dict) and isinstance(after, dict):
        for key in dict.fromkeys([*before, *after]):
            name = key if _PLAIN_KEY.fullmatch(key) else f"[{json.dumps(key, ensure_ascii=False)}]"
            dot = "." if path and not name.startswith("[") else ""
            yield from value_changes(before.get(key, NOTHING), after.get(key, NOTHING), f"{path}{dot}{name}")
    elif isinstance(before, list) and isinstance(after, list):
        for place, (old, new) in enumerate(zip_longest(before, after, fillvalue=NOTHING)):
            yield from value_changes(old, new, f"{path}[{place}]")
    # In Python, True == 1 and 1 == 1.0.
    elif before is NOTHING or after is NOTHING or json.dumps(before) != json.dumps(after):
        yield ValueChange(path, before, after)


def word_count(value: object) -> int:
    """The words of a body."""
    return sum(len(line.split()) for line in _lines(value))


def _words(old: object, new: object) -> tuple[int, int]:
    """Words added and removed. Unchanged passages are not compared word by word."""
    if old == new:
        return 0, 0
    from difflib import SequenceMatcher

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
    """The text of a body, one block per line. A body that is not Portable Text is its own text."""
    if isinstance(value, list):
        try:
            return plain_text(json.dumps(value)).split("\n")
        except (TypeError, ValueError, AttributeError, KeyError):
            return [json.dumps(value)]
    return value.split("\n") if isinstance(value, str) else []
