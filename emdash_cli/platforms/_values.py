"""What the values of a platform's settings may be; text, texts, count and api_url are as everywhere in emdash.toml.

A reader raises `UsageError` with the problem; the caller adds the name of the setting.
"""

from __future__ import annotations

import re
from typing import Final

from emdash_cli.domain.delivery import EventType
from emdash_cli.domain.errors import UsageError
from emdash_cli.domain.instants import zone_named
from emdash_cli.settings import D1_BASE_URL, api_url, count, language_tag, secret, text, texts, url, yes_or_no

__all__ = [
    "D1_BASE_URL",
    "api_url",
    "count",
    "endpoint",
    "events",
    "language_tag",
    "lifetime",
    "moment",
    "on_update",
    "rate",
    "seconds",
    "secret",
    "text",
    "texts",
    "url",
    "yes_or_no",
]

_LONGEST_REQUEST_S: Final = 600
_UNITS_S: Final = {"s": 1, "min": 60, "h": 3600, "day": 86_400, "d": 86_400}


def endpoint(value: object) -> str:
    """The address that requests are sent to with a secret; plain http only to this machine."""
    from urllib.parse import urlsplit

    address = text(value)
    parts = urlsplit(address)
    if "@" in parts.netloc or "#" in address:
        raise UsageError(
            "the URL has a user name or a #; it is not repeated here", hint="a secret belongs into `token` or `secret`"
        )
    api_url(f"{parts.scheme}://{parts.netloc}")
    return address


def events(value: object) -> tuple[EventType, ...]:
    """Types of events, at least one, in the order of `EventType`."""
    named = texts(value)
    for name in named:
        if name not in set(EventType):
            raise UsageError(f"{name!r} is not an event", hint=f"choose from: {', '.join(EventType)}")
    if not named:
        raise UsageError("no event is named", hint=f"choose from: {', '.join(EventType)}")
    return tuple(event for event in EventType if event in named)


def rate(value: object) -> tuple[int, int]:
    """So many requests in so many seconds."""
    found = re.fullmatch(r"([1-9]\d{0,6}) ?/ ?(\d{0,4}) ?(s|min|h|day)", value) if isinstance(value, str) else None
    if not found or found[2] == "0":
        raise _wrong(value, 'a rate such as "20/min", "100/15min" or "5/s"')
    return int(found[1]), int(found[2] or 1) * _UNITS_S[found[3]]


def lifetime(value: object) -> int | None:
    """A time in seconds; None for ``never``."""
    if value == "never":
        return None
    found = re.fullmatch(r"([1-9]\d{0,5}) ?(s|min|h|d)", value) if isinstance(value, str) else None
    if not found:
        raise _wrong(value, 'a time such as "7d", "36h" or "90min", or "never"')
    return int(found[1]) * _UNITS_S[found[2]]


def seconds(value: object) -> float:
    """A number of seconds, from 1 to 600."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not 1 <= value <= _LONGEST_REQUEST_S:
        raise _wrong(value, f"a number of seconds from 1 to {_LONGEST_REQUEST_S}")
    return float(value)


def on_update(value: object) -> bool:
    """Whether a changed post is sent again."""
    if value not in ("send", "ignore"):
        raise _wrong(value, '"send" or "ignore"')
    return value == "send"


def moment(value: object) -> str:
    """An instant, as UTC text; a time without an offset is UTC."""
    from emdash_cli.domain.instants import parse_instant, utc_text

    said = value.isoformat() if hasattr(value, "isoformat") else text(value)
    return utc_text(parse_instant(said, zone_named("UTC")))


def _wrong(value: object, wanted: str) -> UsageError:
    return UsageError(f"{value!r} is not {wanted}")
