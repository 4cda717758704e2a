"""The check that nearly every file passes, without pydantic: importing that takes as long as preparing 200 articles.

`checked` answers None for whatever it does not recognise as right. Then `model.Document` decides, and says what is
wrong. A property test holds the two together.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from emdash_cli.domain.queue_file import checks
from emdash_cli.domain.queue_file.shapes import (
    MAX_FILE_BYTES,
    MAX_LABEL,
    MAX_SUMMARY,
    MAX_TAGS,
    MAX_TITLE,
    MAX_URL,
    FeaturedImage,
    Seo,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from zoneinfo import ZoneInfo

    Check = Callable[[Any], Any]


def checked(data: Mapping[str, Any], zone: ZoneInfo) -> dict[str, Any] | None:
    """The fields in their final form, as `model.Document` has them; None if that is to decide.

    Args:
        data: the values by the names of the fields.
        zone: of times that name none.
    """
    if "title" not in data:
        return None
    try:
        return {
            name: checks.instant(value, zone) if name == "publish_at" else _FIELDS[name](value)
            for name, value in data.items()
        }
    except (ValueError, KeyError):
        return None


def _text(longest: int, check: Callable[[str], str], shortest: int = 1) -> Check:
    def read(value: Any) -> str:
        if type(value) is not str or not shortest <= len(value) <= longest:
            raise checks.CheckError("no text of that length")
        return check(value)

    return read


def _object(check: Callable[[dict[str, Any]], dict[str, Any]]) -> Check:
    def read(value: Any) -> dict[str, Any]:
        if type(value) is not dict or not all(type(key) is str for key in value):
            raise checks.CheckError("no object")
        return check(value)

    return read


def _list(value: Any) -> list[Any]:
    if type(value) is not list:
        raise checks.CheckError("no list")
    return value


def _truth(value: Any) -> bool:
    if type(value) is not bool:
        raise checks.CheckError("neither true nor false")
    return value


def _each(check: Check, most: int) -> Check:
    def read(value: Any) -> list[Any]:
        items = _list(checks.listed(value))
        if len(items) > most:
            raise checks.CheckError("no list of that length")
        return [check(item) for item in items]

    return read


def _parts(shape: Callable[..., Any], parts: Mapping[str, Check], needed: str | None = None) -> Check:
    def read(value: Any) -> Any:
        if type(value) is not dict or (needed and needed not in value):
            raise checks.CheckError("no such object")
        return shape(**{name: parts[name](part) for name, part in value.items()})

    return read


def _one_of(*values: str) -> Check:
    def read(value: Any) -> str:
        if type(value) is not str or value not in values:
            raise checks.CheckError("another value")
        return value

    return read


_TITLE: Final = _text(MAX_TITLE, checks.one_line)
_LABEL: Final = _text(MAX_LABEL, checks.one_line)


def _written(value: Any) -> Any:
    return _LABEL(checks.written(value))


_SUMMARY: Final = _text(MAX_SUMMARY, checks.visible)
_URL: Final = _text(MAX_URL, checks.url)

_FIELDS: Final[Mapping[str, Check]] = {
    "id": _written,
    "title": _TITLE,
    "body_text": _text(MAX_FILE_BYTES, checks.visible),
    "blocks": lambda value: checks.blocks(_list(value)),
    "slug": _text(MAX_LABEL, checks.slug),
    "excerpt": _SUMMARY,
    "category": _written,
    "tags": _each(_written, MAX_TAGS),
    "locale": _text(MAX_LABEL, checks.locale),
    "author": checks.author,
    "status": _one_of("draft", "published", "scheduled"),
    "translation_of": _LABEL,
    "seo": _parts(
        Seo,
        {"title": _TITLE, "description": _SUMMARY, "image": _URL, "canonical": _URL, "no_index": _truth},
    ),
    "featured_image": _parts(FeaturedImage, {"src": _URL, "alt": _text(MAX_SUMMARY, str, shortest=0)}, needed="src"),
    "platforms": _each(_text(MAX_LABEL, checks.platform), MAX_FILE_BYTES),
    "social": _object(checks.social),
    "metadata": _object(checks.metadata),
}
"""``publish_at`` alone is missing: its check needs the zone."""
