"""How the value of another tool's key is read: what it sets, what is kept of it, whether it is refused."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Reading:
    """What a foreign key comes to."""

    sets: dict[str, Any] = field(default_factory=dict)
    """Field → value."""
    keep: bool = False
    """Whether the key goes to the metadata as it is, too."""
    refusal: tuple[str, str] | None = None
    """Message and hint, if the file must not be taken."""


KEPT = Reading(keep=True)
NOTHING = Reading()

AS_DRAFT = 'remove it, or write "status": "draft"'
NO_TIME = "does not say until when"
RESTRICTED = "asks for something that a published post cannot keep"
EXPIRES = "asks to take the post down later, which nothing here does"
NO_PAGE = "asks not to make a page of this article"
NOT_FOR_ALL = "asks to show the post to some people only, which a site does not"
HIDES = frozenset({NO_TIME, RESTRICTED, EXPIRES, NO_PAGE, NOT_FOR_ALL})
"""Refusals of what is not, or not yet, for everybody; a draft keeps to all of them."""


def _truth(value: Any) -> Reading | None:
    if isinstance(value, bool):
        return None
    return Reading(refusal=("must be true or false", 'or use "status"'))


def drafts(value: Any, _: Mapping[str, Any]) -> Reading:
    """``true`` is a draft; ``false`` says nothing that the absence of the key does not say."""
    return _truth(value) or (Reading({"status": "draft"}) if value else NOTHING)


def releases(value: Any, _: Mapping[str, Any]) -> Reading:
    """``false`` is a draft; ``true`` says nothing, as a date in the future still holds the article back."""
    return _truth(value) or (NOTHING if value else Reading({"status": "draft"}))


def releases_or_dates(value: Any, data: Mapping[str, Any]) -> Reading:
    """A time is the time of publication; otherwise as in `releases`."""
    if isinstance(value, str):
        return Reading({"publish_at": value})
    return releases(value, data)


def schedules(value: Any, data: Mapping[str, Any]) -> Reading:
    """``true`` is the status scheduled, a time the time of publication; ``false`` says nothing."""
    if isinstance(value, bool):
        return Reading({"status": "scheduled"}) if value and "status" not in data else NOTHING
    return Reading({"publish_at": value})


def embargoes(value: Any, _: Mapping[str, Any]) -> Reading:
    """A time is the time of publication; ``false`` says nothing; ``true`` cannot be honoured."""
    if isinstance(value, bool):
        return Reading(refusal=(NO_TIME, AS_DRAFT)) if value else NOTHING
    return Reading({"publish_at": value})


def restricts(value: Any, _: Mapping[str, Any]) -> Reading:
    """Refused unless it is empty or ``false``."""
    if not value:
        return NOTHING
    return Reading(refusal=(RESTRICTED, AS_DRAFT))


def expires(value: Any, data: Mapping[str, Any]) -> Reading:
    """Refused unless it is empty or ``false``: nothing would take the post down again."""
    if restricts(value, data).refusal is None:
        return NOTHING
    return Reading(refusal=(EXPIRES, "remove it"))


def requires(value: Any, _: Mapping[str, Any]) -> Reading:
    """``false`` asks not to make a page of the article; anything else is of no concern here."""
    if value is False or (isinstance(value, str) and value.lower() in ("never", "false", "no")):
        return Reading(refusal=(NO_PAGE, AS_DRAFT))
    return KEPT


def builds(value: Any, data: Mapping[str, Any]) -> Reading:
    """Hugo's build options: refused if one of them holds the page back."""
    parts = value.values() if isinstance(value, dict) else [value]
    return next((found for part in parts if (found := requires(part, data)).refusal), KEPT)


def seen_by(value: Any, _: Mapping[str, Any]) -> Reading:
    """Anything but ``public`` and its synonyms is refused."""
    if not value or (isinstance(value, str) and value.lower() in ("public", "everyone", "all", "open", "free")):
        return KEPT
    return Reading(refusal=(NOT_FOR_ALL, AS_DRAFT))


def names_categories(value: Any, data: Mapping[str, Any]) -> Reading:
    """The first one is the category, unless there is one; the others become tags."""
    parts = value.split(",") if isinstance(value, str) else value
    if not isinstance(parts, list):
        return Reading({"category": value})
    names = [part.strip() if isinstance(part, str) else part for part in parts]
    names = [name for name in names if name not in ("", None)]
    if not names:
        return NOTHING
    if "category" not in data:
        return Reading({"category": names[0], "more_tags": names[1:]})
    return Reading({"more_tags": [name for name in names if name != data["category"]]})


def names_authors(value: Any, _: Mapping[str, Any]) -> Reading:
    """The first one is the byline; several, or more than a name and an address, are kept in the metadata as well."""
    from emdash_cli.domain.authors import as_document, author_of, says_more

    if value == []:
        return NOTHING
    found = author_of(value)
    return Reading({"author": as_document(found) if found else value}, keep=says_more(value))


def names_taxonomies(value: Any, data: Mapping[str, Any]) -> Reading:
    """Zola's table: its tags and categories are those of the article; the table is kept if it holds more."""
    if not isinstance(value, dict):
        return KEPT
    sets: dict[str, Any] = {}
    tags: list[Any] = []
    for key, names in value.items():
        listed = names if isinstance(names, list) else [names]
        if key in ("categories", "category"):
            sets |= names_categories(listed, data).sets
        elif key in ("tags", "tag"):
            tags += [name for name in listed if name not in ("", None)]
    tags += sets.get("more_tags", ())
    sets |= {"more_tags": tags} if tags else {}
    return Reading(sets, keep=not value.keys() <= {"tags", "tag", "categories", "category"})


def forbids_index(value: Any, _: Mapping[str, Any]) -> Reading:
    """A ``robots`` text that contains ``noindex`` or ``none``."""
    if isinstance(value, str) and {"noindex", "none"} & set(value.lower().replace(",", " ").split()):
        return Reading({"seo.no_index": True})
    return KEPT


def repeats(_: Any, data: Mapping[str, Any]) -> Reading:
    """Another form of the body: left out, but it cannot stand in for the body."""
    if "body_text" in data or "blocks" in data:
        return NOTHING
    return Reading(refusal=("is not Markdown", 'give the text as Markdown in "body_text"'))


def rewords_status(value: str) -> str:
    """WordPress calls published ``publish`` and scheduled ``future``."""
    return {"publish": "published", "future": "scheduled"}.get(value, value)
