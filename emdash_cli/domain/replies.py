"""What a platform answered over HTTP, and what that usually means: a pure table, which a platform may refine."""

from __future__ import annotations

import json
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any, Final, NamedTuple, Protocol

from emdash_cli.domain.delivery import Category, Outcome

if TYPE_CHECKING:
    from collections.abc import Mapping

QUOTED: Final = 300
"""Characters of an answer that a message repeats, at most."""


MAX_REPLY_BYTES: Final = 256_000
"""Of an answer that are read, unless its request says otherwise."""


class Request(NamedTuple):
    """One HTTP request.

    Attributes:
        headers: may hold secrets; they are never logged.
        content: the body.
        reply_bytes: of the answer's body that are read, at most.
    """

    method: str
    url: str
    headers: Mapping[str, str]
    content: bytes = b""
    reply_bytes: int = MAX_REPLY_BYTES


class Reply(NamedTuple):
    """An answer that came.

    Attributes:
        headers: by lower-case name.
        body: as far as it came; see `is_whole`.
        is_whole: false if it was cut off, came too late or is too large.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes
    is_whole: bool = True

    @property
    def document(self) -> Any:
        """The body as JSON; None if it is not JSON."""
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError):  # brackets can be nested deeper than Python reads
            return None

    def at(self, *keys: str) -> Any:
        """The value at that place of the JSON document; None if there is none."""
        found = self.document
        for key in keys:
            found = found.get(key) if isinstance(found, dict) else None
        return found


class Unsent(NamedTuple):
    """Nothing left this machine, for the reason given; `is_final` if it would be the same next time."""

    reason: str
    is_final: bool = False


class Lost(NamedTuple):
    """The request may have arrived, and no answer came, for the reason given."""

    reason: str


Answer = Reply | Unsent | Lost


class Http(Protocol):
    """Sends requests: with timeouts, without redirects, and by default to public addresses only."""

    def send(self, request: Request) -> Answer:
        """Send once. Raises nothing."""
        ...


def failure(answer: Answer, *, idempotent: bool) -> Outcome | None:
    """What an answer means that is not a success; None for a 2xx that came whole.

    Where a request must not be repeated, every 5xx is `UNKNOWN`: the platform may have taken the post and failed
    afterwards, and 502 and 504 come from something in between. A platform whose documentation promises more says so
    in its own file.

    Args:
        answer: to the request.
        idempotent: whether the request may be sent again.
    """
    again = Category.TRANSIENT if idempotent else Category.UNKNOWN
    match answer:
        case Unsent(reason, is_final):
            return Outcome(Category.VALIDATION if is_final else Category.TRANSIENT, error=reason)
        case Lost(reason):
            return Outcome(again, error=reason)
        case Reply(status) if 200 <= status < 300:  # noqa: PLR2004 - https://httpwg.org/specs/rfc9110.html#status.2xx
            return None if answer.is_whole else Outcome(again, error="the answer was cut off", evidence=shown(answer))
        case _:
            return _refused(answer, again)


def _refused(reply: Reply, again: Category) -> Outcome:
    said = f"HTTP {reply.status}: {shown(reply)}".rstrip(": ")
    match reply.status:
        case 401 | 403:
            category = Category.AUTH
        case 402:
            category = Category.QUOTA
        case 429:
            return Outcome(Category.RATE_LIMITED, error=said, retry_after_s=retry_after_s(reply), evidence=shown(reply))
        case 408 | 425:
            category = Category.TRANSIENT
        case status if status >= 500:  # noqa: PLR2004
            category = again
        case status if 300 <= status < 400:  # noqa: PLR2004
            target = reply.headers.get("location", "elsewhere")
            return Outcome(Category.VALIDATION, error=f"the address redirects ({status}) to {target[:QUOTED]}")
        case _:
            category = Category.VALIDATION
    return Outcome(category, error=said, evidence=shown(reply))


def retry_after_s(reply: Reply, *resets: str) -> float | None:
    """Seconds until the platform takes requests again; None if it does not say.

    ``Retry-After`` is seconds or a date (https://httpwg.org/specs/rfc9110.html#field.retry-after).

    Args:
        reply: with its headers.
        resets: names of headers, in lower case, that hold seconds since 1970; they need the reply's own ``Date``.
    """
    said = reply.headers.get("retry-after", "").strip()
    if said.isdecimal():
        return float(said)
    sent_at = _instant_s(reply.headers.get("date", ""))
    if sent_at is None:
        return None
    instants = [_instant_s(said), *(_number(reply.headers.get(name, "")) for name in resets)]
    ahead = [instant - sent_at for instant in instants if instant is not None]
    return max(0.0, *ahead) if ahead else None


def _instant_s(text: str) -> float | None:
    try:
        return parsedate_to_datetime(text).timestamp()
    except (ValueError, OverflowError):
        return None


def _number(text: str) -> float | None:
    return float(text) if text.strip().isdecimal() else None


def shown(reply: Reply) -> str:
    """The beginning of the body, in one line, for people and as evidence."""
    return " ".join(reply.body[: 4 * QUOTED].decode("utf-8", "replace").split())[:QUOTED]
