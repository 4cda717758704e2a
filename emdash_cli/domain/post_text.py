"""What a post says, as a revision's data has it, and how two versions of it differ."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from emdash_cli.domain.collection import FieldNames

STAGED_SLUG = "_slug"
"""The key of the slug that a post gets when the revision is published."""


def read(data: object) -> dict[str, Any]:
    """The data of a revision; what is no JSON object is taken as a text that nobody can read."""
    try:
        found = json.loads(str(data))
    except ValueError:
        found = None
    return found if isinstance(found, dict) else {"unreadable": str(data)}


def without_keys(content: object) -> object:
    """Portable Text without what every editor makes anew or spells in its own way: keys, and lists of nothing.

    A mark that names a definition of its block by key names it by its place instead.
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
    head = [f"{name}: {_shown(value)}" for name, value in fields.items() if value is not None]
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


def _shown(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, sort_keys=True)


def _markdown(content: object) -> str:
    from emdash_cli.domain.portable_text import to_markdown

    if isinstance(content, list):
        try:
            return to_markdown(json.dumps(content, ensure_ascii=False))
        except (AttributeError, KeyError, TypeError, ValueError):
            return json.dumps(content, ensure_ascii=False, indent=1)
    return content if isinstance(content, str) else ""
