"""The valid values of settings: each reader takes a value from the file and returns its meaning.

A reader raises `UsageError` with the problem; the caller adds the name of the setting.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, Literal

from emdash_cli.domain.errors import UsageError
from emdash_cli.domain.instants import zone_named

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

D1_BASE_URL: Final = "https://api.cloudflare.com/client/v4"
D1_GROUP_BYTES: Final = 4_000_000
"""Maximum size of a request's body unless the settings say otherwise. The longest article fits on its own."""
LEAST_GROUP_BYTES: Final = 100_000

OnChange = Literal["report", "update", "draft"]
"""What happens to a file that was edited since its publication: report it, update its post, or save a draft."""
ON_CHANGE: Final[tuple[OnChange, ...]] = ("report", "update", "draft")


def text(value: object) -> str:
    """Any text that is not blank."""
    if not isinstance(value, str) or not value.strip():
        raise _wrong(value, "a text")
    return value


def author(value: object) -> str:
    """The default author of articles: a name, or an address that identifies a user."""
    from emdash_cli.domain.authors import author_of_text

    named = text(value)
    if author_of_text(named) is None:
        raise _wrong(value, "the name of an author")
    return named


def texts(value: object) -> tuple[str, ...]:
    """A list of texts."""
    if not isinstance(value, list) or not all(isinstance(item, str) and item.strip() for item in value):
        raise _wrong(value, "a list of texts")
    return tuple(value)


def count(value: object) -> int:
    """A whole number above 0."""
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise _wrong(value, "a whole number above 0")
    return value


def group_bytes(value: object) -> int:
    """A number of bytes that is enough for at least one article."""
    number = count(value)
    if number < LEAST_GROUP_BYTES:
        raise _wrong(value, f"a number of bytes, {LEAST_GROUP_BYTES} or more")
    return number


def zone(value: object) -> ZoneInfo:
    """The name of a time zone."""
    return zone_named(text(value))


def url(value: object) -> str:
    """The beginning of a URL, without a trailing slash."""
    address = text(value)
    if not address.startswith(("http://", "https://")):
        raise _wrong(value, "a URL that begins with https:// or http://")
    return address.rstrip("/")


def api_url(value: object) -> str:
    """The URL of an API that receives a secret: it must not contain a secret itself, nor send it unencrypted."""
    from urllib.parse import urlsplit

    address = value if isinstance(value, str) else ""
    if "@" in address:
        raise UsageError(
            "the URL contains a user name or password, which is not repeated here",
            hint="remove everything before the @; the API token goes into CLOUDFLARE_API_TOKEN",
        )
    if "?" in address or "#" in address:
        raise UsageError(
            "the URL has a ? or a #", hint="remove it and everything after it: paths are appended to the URL"
        )
    try:
        parts = urlsplit(address)
        host, _ = parts.hostname, parts.port
    except ValueError as error:
        raise UsageError(f"{value!r} is not a URL: {error}") from error
    if not host or parts.scheme not in {"https", "http"}:
        raise UsageError(f"{value!r} is not a URL", hint="write one that starts with https://")
    if parts.scheme == "http" and host not in {"localhost", "127.0.0.1", "::1"}:
        raise UsageError(f"the token would be sent unencrypted to {host}", hint="start the URL with https://")
    return address.rstrip("/")


def post_path(value: object) -> str:
    """The path of a post on the site."""
    path = text(value)
    if not path.startswith("/") or "{slug}" not in path:
        raise _wrong(value, "a path that starts with / and contains {slug}")
    if "{locale}" in path and path.split("/").count("{locale}") != path.count("{locale}"):
        raise UsageError(
            f"in {value!r}, {{locale}} is only part of a segment", hint="write, for example, /{locale}/posts/{slug}"
        )
    others = set(re.findall(r"\{[^{}]*\}", path)) - {"{slug}", "{locale}"}
    if others:
        raise UsageError(f"{value!r} has an unknown placeholder {min(others)}", hint="{slug} and {locale} are known")
    return path


def slug_pattern(value: object) -> str:
    """The pattern for the slugs of a stream."""
    from emdash_cli.domain.slugs import SlugPattern

    pattern = SlugPattern.parse(text(value))
    if pattern.has("path"):
        raise UsageError(
            f"slug pattern {value!r}: {{path}} works only in `import --slug`: a queue has no folders", hint="use {name}"
        )
    return pattern.source


def on_change(value: object) -> OnChange:
    """What happens to a file that was edited since it was published."""
    for choice in ON_CHANGE:
        if value == choice:
            return choice
    raise _wrong(value, " or ".join(f'"{choice}"' for choice in ON_CHANGE))


def cadence(value: object) -> str:
    """How often a stream publishes."""
    from emdash_cli.domain.cadence import Cadence

    return Cadence.parse(text(value)).source


def locale(value: object) -> str:
    """A language tag (BCP 47), spelled as the site has it. No site uses a tag with ``_``, so that is normalised."""
    from emdash_cli.domain.locales import canonical

    said = text(value)
    tag = (canonical(said) or said) if "_" in said else said
    first, *rest = tag.split("-")
    if not (first.isalpha() and 2 <= len(first) <= 8 and tag.isascii()) or not all(  # noqa: PLR2004 - BCP 47
        part.isalnum() and len(part) <= 8  # noqa: PLR2004
        for part in rest
    ):
        raise _wrong(value, "a language tag such as en or pt-br")
    return tag


def stream_name(name: str) -> str:
    """A name that can be used in a path and in a command."""
    if not (name.isascii() and name.replace("-", "").replace("_", "").isalnum()):
        raise UsageError(
            f"{name!r} is not a valid name for a stream", hint="use letters, digits, - and _, as in [streams.news]"
        )
    return name


def identifier(value: object) -> str:
    """A name that EmDash would accept for a collection or a field, which makes it safe in SQL."""
    if isinstance(value, str) and value.isascii() and value.isidentifier() and value.islower() and value[0] != "_":
        return value
    raise _wrong(value, "the name of an EmDash collection or field: lower-case letters, digits and _")


def _wrong(value: object, wanted: str) -> UsageError:
    return UsageError(f"{value!r} is not {wanted}")
