"""The rules for the values of each kind, and a fast check of a whole document that nearly every file passes.

Every check returns the value in its final form or raises `CheckError`. `checked` does not need pydantic, whose import
takes as long as preparing 200 articles. It returns None for anything that it does not recognise as valid;
`model.QueueDocument` then decides, and says what is wrong. A property test keeps the two consistent.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from emdash_cli.domain.article import compact_json
from emdash_cli.domain.authors import Author, author_of, holds_address
from emdash_cli.domain.queue_file.shapes import (
    MAX_FILE_BYTES,
    MAX_LABEL,
    MAX_METADATA_BYTES,
    MAX_SUMMARY,
    MAX_TAGS,
    MAX_TITLE,
    MAX_URL,
    FeaturedImage,
    Seo,
    quoted,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime
    from zoneinfo import ZoneInfo

    Check = Callable[[Any], Any]


LONGEST_TIME = 64

_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")
PLATFORM = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")
_NOT_IN_URL = re.compile('[\\s\\\\<>"`{}|^\x00-\x1f\x7f-\x9f]')


class CheckError(ValueError):
    """What is wrong with a value, or with a part of it, and what to do about it."""

    def __init__(self, message: str, hint: str = "", *, part: str | int | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.part = part


def visible(text: str) -> str:
    """Text of any number of lines with at least one visible character."""
    if not text[:1].isalnum() and not any(char.isprintable() and not char.isspace() for char in text):
        raise CheckError("is blank")
    return text


def one_line(text: str) -> str:
    """Text without line breaks and control characters, with at least one visible character, trimmed."""
    text = visible(text).strip()
    if not text.isprintable() and _CONTROL.search(text):
        raise CheckError("contains a line break or another control character", "write it on one line")
    return text


def author(value: Any) -> Author:
    """The author that a name, ``Name <address>``, an object or a list of these names."""
    found = author_of(value)
    if found is None:
        if not isinstance(value, (str, dict, list)):
            raise CheckError("must be a name, an object or a list of these", "write the name as text")
        if isinstance(value, str) and holds_address(value):
            message = "contains an e-mail address in a form that is not recognised, and addresses are never published"
            raise CheckError(message, 'write "Jane Doe <jane@example.org>"')
        raise CheckError("names nobody", 'write a name: "Jane Doe", or {"name": "Jane Doe"}')
    parts = [one_line(part) if part else part for part in found[:4]]
    longest = max(len(part) for part in parts if part)
    if longest > MAX_LABEL:
        raise CheckError(f"has {longest} characters; at most {MAX_LABEL} are allowed", "shorten it")
    return Author(*parts)


def slug(text: str) -> str:
    """A slug for the address of a post. Capitals, dots and spaces in other tools' slugs are replaced."""
    from emdash_cli.domain.slugs import SLUG_LIMIT, is_valid_slug, slugify, tidy_slug

    if is_valid_slug(text):
        return text
    if "/" in text.strip().strip("/"):
        likely = slugify(text.rstrip("/").rpartition("/")[2])
        raise CheckError("is a path, not the last part of a URL", f'for example "{likely}"' if likely else "")
    tidy = tidy_slug(text)
    if not tidy:
        raise CheckError("cannot be used in a URL: use a-z, 0-9, - and _")
    if len(tidy) > SLUG_LIMIT:
        raise CheckError(f"has {len(tidy)} characters; at most {SLUG_LIMIT} are allowed", "shorten it")
    return tidy


def written(value: Any) -> Any:
    """A whole number as its digits: other tools number their articles, and years are used as tags."""
    return str(value) if type(value) is int else value


def locale(text: str) -> str:
    """A language tag in any spelling, returned in canonical form (BCP 47, https://www.rfc-editor.org/info/bcp47)."""
    from emdash_cli.domain.locales import canonical

    tag = canonical(text)
    if tag is None:
        raise CheckError("is not a language tag", 'write, for example, "en" or "pt-BR"')
    return tag


def url(text: str) -> str:
    """An http or https URL, or a path of the site that starts with one slash."""
    hint = "write https://… or a path of the site such as /images/a.png"
    if _NOT_IN_URL.search(text):
        raise CheckError("contains a character that is not allowed in a URL", "percent-encode it")
    try:
        parts = urlsplit(text)
        _ = parts.port
    except ValueError as error:
        raise CheckError("is not a URL", hint) from error
    if parts.scheme.lower() in ("http", "https") and parts.hostname:
        return text
    if not parts.scheme and text.startswith("/") and not text.startswith("//"):
        return text
    raise CheckError("is neither an http(s) URL nor a path that starts with a single slash", hint)


def instant(value: Any, zone: ZoneInfo) -> datetime:
    """A time, in UTC. A time without a zone must exist exactly once in `zone`."""
    from emdash_cli.domain.errors import UsageError

    if not isinstance(value, str):
        raise CheckError("must be a time, written as text", "write, for example, 2026-06-15T09:00:00+02:00")
    if len(value) > LONGEST_TIME:
        raise CheckError("is too long for a time", "write, for example, 2026-06-15T09:00:00+02:00")
    try:
        return _instant(value.strip(), zone)
    except UsageError as error:
        raise CheckError(error.message, error.hint) from None


def _instant(text: str, zone: ZoneInfo) -> datetime:
    from emdash_cli.domain.errors import UsageError
    from emdash_cli.domain.instants import parse_instant

    try:
        return parse_instant(text, zone)
    except UsageError as error:
        from emdash_cli.domain.written_dates import iso_text

        try:
            written = iso_text(text)
        except ValueError as impossible:
            raise UsageError(f"{quoted(text)} is not a date and time: {impossible}", hint=error.hint) from None
        if written is None:
            raise
        return parse_instant(written, zone)


def is_past(value: Any, zone: ZoneInfo, now: datetime) -> bool:
    """Whether the value is a time that has passed."""
    try:
        return instant(value, zone) <= now
    except CheckError:
        return False


def listed(value: Any) -> Any:
    """A list without blank entries; text is split at its commas."""
    parts = value.split(",") if isinstance(value, str) else value
    if not isinstance(parts, list):
        return parts
    return [part.strip() if isinstance(part, str) else part for part in parts if not _blank(part)]


def _blank(part: Any) -> bool:
    return part is None or (isinstance(part, str) and not part.strip())


def platform(text: str) -> str:
    """The name of a platform, in lower case."""
    name = text.strip().lower()
    if not PLATFORM.fullmatch(name):
        raise CheckError("is not the name of a platform", 'write, for example, "linkedin"')
    return name


def blocks(value: list[Any]) -> list[Any]:
    """Portable Text in outline: objects that each have a ``_type``.

    Source: https://github.com/portabletext/portabletext.
    """
    if not value:
        raise CheckError("has no blocks", "add the text of the article")
    for number, block in enumerate(value):
        if not isinstance(block, dict) or not isinstance(block.get("_type"), str) or not block["_type"]:
            raise CheckError("is not Portable Text: not an object with a _type", part=number)
    return value


def social(value: dict[str, Any]) -> dict[str, Any]:
    """Platform → a text, a list of texts or an object of settings."""
    found: dict[str, Any] = {}
    for name, text in value.items():
        if text is None:
            continue
        if not isinstance(text, (str, list, dict)):
            raise CheckError("must be a string, a list of strings or an object", part=name)
        key = name.strip().lower()
        if not PLATFORM.fullmatch(key):
            raise CheckError("is not the name of a platform", 'write, for example, "linkedin"', part=name)
        if key in found:
            raise CheckError("occurs twice, in different case", "keep one of them", part=name)
        found[key] = text
    return found


def metadata(value: dict[str, Any]) -> dict[str, Any]:
    """Any object up to a maximum size. The keys that reports use have fixed types."""
    for key in ("organization_id", "triggered_by", "model_used"):
        if not isinstance(value.get(key), (str, type(None))):
            raise CheckError("must be text", part=key)
    cost = value.get("cost_usd", 0)
    if cost is not None and (isinstance(cost, bool) or not isinstance(cost, (int, float)) or cost < 0):
        raise CheckError("must be a number of 0 or more", part="cost_usd")
    size = len(compact_json(value).encode())
    if size > MAX_METADATA_BYTES:
        largest = max(value, key=lambda key: len(json.dumps(value[key])))
        message = f"has {size:,} bytes, including unknown keys; at most {MAX_METADATA_BYTES:,} can be kept"
        raise CheckError(message, f"the largest key is {quoted(largest)}")
    return value


def checked(data: Mapping[str, Any], zone: ZoneInfo) -> dict[str, Any] | None:
    """The fields in their final form, as in `model.QueueDocument`; None if that has to decide.

    Args:
        data: the values by field name.
        zone: for times without one.
    """
    if "title" not in data:
        return None
    try:
        return {
            name: instant(value, zone) if name in _INSTANTS else _FIELDS[name](value) for name, value in data.items()
        }
    except (ValueError, KeyError):
        return None


def _text(longest: int, check: Callable[[str], str], shortest: int = 1) -> Check:
    def read(value: Any) -> str:
        if type(value) is not str or not shortest <= len(value) <= longest:
            raise CheckError("no text of that length")
        return check(value)

    return read


def _object(check: Callable[[dict[str, Any]], dict[str, Any]]) -> Check:
    def read(value: Any) -> dict[str, Any]:
        if type(value) is not dict or not all(type(key) is str for key in value):
            raise CheckError("no object")
        return check(value)

    return read


def _list(value: Any) -> list[Any]:
    if type(value) is not list:
        raise CheckError("no list")
    return value


def _truth(value: Any) -> bool:
    if type(value) is not bool:
        raise CheckError("neither true nor false")
    return value


def _each(check: Check, most: int) -> Check:
    def read(value: Any) -> list[Any]:
        items = _list(listed(value))
        if len(items) > most:
            raise CheckError("no list of that length")
        return [check(item) for item in items]

    return read


def _parts(shape: Callable[..., Any], parts: Mapping[str, Check], needed: str | None = None) -> Check:
    def read(value: Any) -> Any:
        if type(value) is not dict or (needed and needed not in value):
            raise CheckError("no such object")
        return shape(**{name: parts[name](part) for name, part in value.items()})

    return read


def _one_of(*values: str) -> Check:
    def read(value: Any) -> str:
        if type(value) is not str or value not in values:
            raise CheckError("another value")
        return value

    return read


_TITLE: Final = _text(MAX_TITLE, one_line)
_LABEL: Final = _text(MAX_LABEL, one_line)


def _written(value: Any) -> Any:
    return _LABEL(written(value))


_SUMMARY: Final = _text(MAX_SUMMARY, visible)
_URL: Final = _text(MAX_URL, url)

_FIELDS: Final[Mapping[str, Check]] = {
    "id": _written,
    "title": _TITLE,
    "body_text": _text(MAX_FILE_BYTES, visible),
    "blocks": lambda value: blocks(_list(value)),
    "slug": _text(MAX_LABEL, slug),
    "excerpt": _SUMMARY,
    "category": _written,
    "tags": _each(_written, MAX_TAGS),
    "locale": _text(MAX_LABEL, locale),
    "author": author,
    "status": _one_of("draft", "published", "scheduled"),
    "translation_of": _LABEL,
    "seo": _parts(
        Seo,
        {"title": _TITLE, "description": _SUMMARY, "image": _URL, "canonical": _URL, "no_index": _truth},
    ),
    "featured_image": _parts(FeaturedImage, {"src": _URL, "alt": _text(MAX_SUMMARY, str, shortest=0)}, needed="src"),
    "platforms": _each(_text(MAX_LABEL, platform), MAX_FILE_BYTES),
    "social": _object(social),
    "metadata": _object(metadata),
}
_INSTANTS: Final = frozenset({"publish_at", "expires_at"})
"""The remaining fields, whose check needs the zone."""
