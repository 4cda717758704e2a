"""What the value of a setting may be: each reader takes what stands in the file, and answers what it means.

A reader raises `UsageError` with what is wrong; where it stands, the settings add.
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
"""Of a request's body, at most, unless the settings say otherwise; the longest article fits on its own."""
LEAST_GROUP_BYTES: Final = 100_000

OnChange = Literal["report", "update", "draft"]
"""What becomes of a file that was published and edited since: it is reported, its post is updated, or gets a draft."""
ON_CHANGE: Final[tuple[OnChange, ...]] = ("report", "update", "draft")


def text(value: object) -> str:
    """Any text but a blank one."""
    if not isinstance(value, str) or not value.strip():
        raise _wrong(value, "a text")
    return value


def author(value: object) -> str:
    """Whom articles are by that name nobody: a name, or an address that finds a user."""
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
    """A number of bytes that at least one article fits into."""
    number = count(value)
    if number < LEAST_GROUP_BYTES:
        raise _wrong(value, f"a number of bytes, {LEAST_GROUP_BYTES} or more")
    return number


def zone(value: object) -> ZoneInfo:
    """The name of a time zone."""
    return zone_named(text(value))


def url(value: object) -> str:
    """The beginning of an address, without a slash at its end."""
    address = text(value)
    if not address.startswith(("http://", "https://")):
        raise _wrong(value, "a URL that begins with https:// or http://")
    return address.rstrip("/")


def api_url(value: object) -> str:
    """Where an API is that gets a secret: an address that has none itself, and does not send it in the clear."""
    from urllib.parse import urlsplit

    address = value if isinstance(value, str) else ""
    if "@" in address:
        raise UsageError(
            "a user name or password stands in the URL; it is not repeated here",
            hint="take out what stands before the @; the API's token goes into CLOUDFLARE_API_TOKEN",
        )
    if "?" in address or "#" in address:
        raise UsageError("the URL has a ? or a #", hint="take it out, with what follows: paths are appended to the URL")
    try:
        parts = urlsplit(address)
        host, _ = parts.hostname, parts.port
    except ValueError as error:
        raise UsageError(f"{value!r} is no URL: {error}") from error
    if not host or parts.scheme not in {"https", "http"}:
        raise UsageError(f"{value!r} is no URL", hint="write one that begins with https://")
    if parts.scheme == "http" and host not in {"localhost", "127.0.0.1", "::1"}:
        raise UsageError(f"the token would be sent unencrypted to {host}", hint="begin the URL with https://")
    return address.rstrip("/")


def post_path(value: object) -> str:
    """The path of a post on the site."""
    path = text(value)
    if not path.startswith("/") or "{slug}" not in path:
        raise _wrong(value, "a path that begins with / and has {slug} in it")
    if "{locale}" in path and path.split("/").count("{locale}") != path.count("{locale}"):
        raise UsageError(f"{value!r} has {{locale}} as a part of a segment", hint="write it as /{locale}/posts/{slug}")
    others = set(re.findall(r"\{[^{}]*\}", path)) - {"{slug}", "{locale}"}
    if others:
        raise UsageError(f"{value!r} has an unknown placeholder {min(others)}", hint="{slug} and {locale} are known")
    return path


def slug_pattern(value: object) -> str:
    """How the slugs of a stream are made."""
    from emdash_cli.domain.slugs import SlugPattern

    pattern = SlugPattern.parse(text(value))
    if pattern.has("path"):
        raise UsageError(
            f"slug pattern {value!r}: {{path}} is only for `import --slug`: a queue has no folders", hint="use {name}"
        )
    return pattern.source


def on_change(value: object) -> OnChange:
    """What becomes of a file that was published and edited since."""
    for choice in ON_CHANGE:
        if value == choice:
            return choice
    raise _wrong(value, " or ".join(f'"{choice}"' for choice in ON_CHANGE))


def cadence(value: object) -> str:
    """How often a stream publishes."""
    from emdash_cli.domain.cadence import Cadence

    return Cadence.parse(text(value)).source


def locale(value: object) -> str:
    """A language tag (BCP 47), in the letters in which the site has it; with ``_`` it is of no site, and normalised."""
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
    """A name that can stand in a path and in a command."""
    if not (name.isascii() and name.replace("-", "").replace("_", "").isalnum()):
        raise UsageError(f"a stream cannot be called {name!r}", hint="letters, digits, - and _, as in [streams.news]")
    return name


def identifier(value: object) -> str:
    """A name that EmDash itself would accept for a collection or a field, so that it may stand in SQL."""
    if isinstance(value, str) and value.isascii() and value.isidentifier() and value.islower() and value[0] != "_":
        return value
    raise _wrong(value, "the name of a collection or field of EmDash: lower-case letters, digits and _")


def _wrong(value: object, wanted: str) -> UsageError:
    return UsageError(f"{value!r} is not {wanted}")
