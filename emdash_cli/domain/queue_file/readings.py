"""How to read the values of other tools' keys: what they set, what is kept, and what is refused."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class KeyReading:
    """The result of reading another tool's key."""

    sets: dict[str, Any] = field(default_factory=dict)
    """Field → value."""
    keep: bool = False
    """Whether the key is also kept in the metadata as it is."""
    refusal: tuple[str, str] | None = None
    """Message and hint, if the file must be refused."""


KEPT = KeyReading(keep=True)
NOTHING = KeyReading()

GIVE_MARKDOWN = 'give the text as Markdown in "body_text"'
AS_DRAFT = 'remove it, or write "status": "draft"'
NO_TIME = "does not say until when"
RESTRICTED = "asks for something that a published post cannot do"
EXPIRED = "has passed: the post would be taken down at once"
DELETES = "asks to delete the post later, which is not supported"
NO_PAGE = "asks not to make a page from this article"
NOT_FOR_ALL = "asks to show the post only to some people, which a site cannot ensure"
HIDES = frozenset({NO_TIME, RESTRICTED, EXPIRED, DELETES, NO_PAGE, NOT_FOR_ALL})
"""Refusals of articles that are not, or not yet, for everybody. A draft satisfies all of them."""


_UNTRUE = KeyReading(refusal=("must be true or false", 'or use "status"'))
_WORDS = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}
_NOT_YET = frozenset(
    {"draft", "drafted", "unpublished", "pending", "pendingreview", "review", "inreview", "inprogress", "wip", "idea"}
)
_WITHHELD = frozenset({"private", "hidden", "unlisted", "archived", "trash", "trashed", "deleted", "protected"})


def _truth(value: Any) -> bool | None:
    """The value, which may also be text; None if it is neither true nor false."""
    if isinstance(value, bool):
        return value
    return _WORDS.get(value.strip().lower()) if isinstance(value, str) else None


def drafts(value: Any, _: Mapping[str, Any]) -> KeyReading:
    """``true`` means a draft; ``false`` means the same as a missing key."""
    is_draft = _truth(value)
    if is_draft is None:
        return _UNTRUE
    return KeyReading({"status": "draft"}) if is_draft else NOTHING


def releases(value: Any, _: Mapping[str, Any]) -> KeyReading:
    """``false`` means a draft; ``true`` means nothing, because a future date still holds the article back."""
    is_released = _truth(value)
    if is_released is None:
        return _UNTRUE
    return NOTHING if is_released else KeyReading({"status": "draft"})


def states(value: Any, _: Mapping[str, Any]) -> KeyReading:
    """A word for an unpublished article means a draft; a word for a withheld one is refused."""
    word = "".join(filter(str.isalpha, value.lower())) if isinstance(value, str) else ""
    if word in _NOT_YET:
        return KeyReading({"status": "draft"})
    return KeyReading(refusal=(RESTRICTED, AS_DRAFT)) if word in _WITHHELD else KEPT


def shows(value: Any, _: Mapping[str, Any]) -> KeyReading:
    """``false`` requests that the article not be shown."""
    return KeyReading(refusal=(RESTRICTED, AS_DRAFT)) if _truth(value) is False else KEPT


def releases_or_dates(value: Any, data: Mapping[str, Any]) -> KeyReading:
    """A time is the time of publication; other values as in `releases`."""
    if isinstance(value, str) and _truth(value) is None:
        return KeyReading({"publish_at": value})
    return releases(value, data)


def schedules(value: Any, data: Mapping[str, Any]) -> KeyReading:
    """``true`` is the status scheduled, a time the time of publication; ``false`` means nothing."""
    if isinstance(value, bool):
        return KeyReading({"status": "scheduled"}) if value and "status" not in data else NOTHING
    return KeyReading({"publish_at": value})


def embargoes(value: Any, _: Mapping[str, Any]) -> KeyReading:
    """A time is the time of publication; ``false`` means nothing; ``true`` cannot be honoured."""
    if isinstance(value, bool):
        return KeyReading(refusal=(NO_TIME, AS_DRAFT)) if value else NOTHING
    return KeyReading({"publish_at": value})


def restricts(value: Any, _: Mapping[str, Any]) -> KeyReading:
    """Refused unless it is empty or ``false``."""
    if not value or (isinstance(value, str) and value.strip().lower() in ("", "false")):
        return NOTHING
    return KeyReading(refusal=(RESTRICTED, AS_DRAFT))


def expires(value: Any, data: Mapping[str, Any]) -> KeyReading:
    """A time is the time of expiry; what is empty or ``false`` means nothing; ``true`` cannot be honoured."""
    if restricts(value, data).refusal is None:
        return NOTHING
    if _truth(value) is True:
        return KeyReading(refusal=(NO_TIME, AS_DRAFT))
    return KeyReading({"expires_at": value})


def deletes(value: Any, data: Mapping[str, Any]) -> KeyReading:
    """Refused unless it is empty or ``false``: nothing would delete the post."""
    if restricts(value, data).refusal is None:
        return NOTHING
    return KeyReading(refusal=(DELETES, "remove it, or take the post down with expires_at"))


def requires(value: Any, _: Mapping[str, Any]) -> KeyReading:
    """``false`` requests that no page be made from the article; other values are irrelevant here."""
    if value is False or (isinstance(value, str) and value.lower() in ("never", "false", "no")):
        return KeyReading(refusal=(NO_PAGE, AS_DRAFT))
    return KEPT


def builds(value: Any, data: Mapping[str, Any]) -> KeyReading:
    """Hugo's build options, refused if one of them holds the page back."""
    parts = value.values() if isinstance(value, dict) else [value]
    return next((found for part in parts if (found := requires(part, data)).refusal), KEPT)


def seen_by(value: Any, _: Mapping[str, Any]) -> KeyReading:
    """Everything except ``public`` and its synonyms is refused."""
    if not value or (isinstance(value, str) and value.lower() in ("public", "everyone", "all", "open", "free")):
        return KEPT
    return KeyReading(refusal=(NOT_FOR_ALL, AS_DRAFT))


def names_categories(value: Any, data: Mapping[str, Any]) -> KeyReading:
    """The first becomes the category unless there is one; the others become tags."""
    parts = value.split(",") if isinstance(value, str) else value
    if not isinstance(parts, list):
        return KeyReading({"category": value})
    names = [part.strip() if isinstance(part, str) else part for part in parts]
    names = [name for name in names if name not in ("", None)]
    if not names:
        return NOTHING
    if "category" not in data:
        return KeyReading({"category": names[0], "more_tags": names[1:]})
    return KeyReading({"more_tags": [name for name in names if name != data["category"]]})


def names_authors(value: Any, _: Mapping[str, Any]) -> KeyReading:
    """The first becomes the byline; several authors, or more than name and address, are also kept in the metadata."""
    from emdash_cli.domain.authors import as_document, author_of, says_more

    if value == []:
        return NOTHING
    found = author_of(value)
    return KeyReading({"author": as_document(found) if found else value}, keep=says_more(value))


def names_user(value: Any, data: Mapping[str, Any]) -> KeyReading:
    """The author in an article from dev.to's API (https://developers.forem.com/api/v1); otherwise irrelevant here."""
    is_author = isinstance(value, dict) and bool(value.get("name"))
    return names_authors(value, data) if is_author else KEPT


def names_taxonomies(value: Any, data: Mapping[str, Any]) -> KeyReading:
    """Zola's table: its tags, categories and authors are those of the article. It is kept if it has more."""
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
        elif key in ("authors", "author") and names and "author" not in data:
            sets |= names_authors(names, data).sets
    tags += sets.get("more_tags", ())
    sets |= {"more_tags": tags} if tags else {}
    return KeyReading(sets, keep=not value.keys() <= {"tags", "tag", "categories", "category"})


def forbids_index(value: Any, _: Mapping[str, Any]) -> KeyReading:
    """A ``robots`` text that contains ``noindex`` or ``none``."""
    if isinstance(value, str) and {"noindex", "none"} & set(value.lower().replace(",", " ").split()):
        return KeyReading({"seo.no_index": True})
    return KEPT


def repeats(_: Any, data: Mapping[str, Any]) -> KeyReading:
    """Another form of the body: ignored, but it cannot replace the body."""
    if "body_text" in data or "blocks" in data:
        return NOTHING
    return KeyReading(refusal=("is not Markdown", GIVE_MARKDOWN))


def rewords_status(value: str) -> str:
    """WordPress uses ``publish`` for published and ``future`` for scheduled."""
    return {"publish": "published", "future": "scheduled"}.get(value, value)
