"""``kind = "webhook"``: a signed notice to any address, as https://www.standardwebhooks.com/ says.

A repeated notice has the same ``webhook-id``, by which the receiver recognises it, so a request may be sent again.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple, Self

from emdash_cli.domain.delivery import Category, JobKind, Outcome, Rendered, Traits
from emdash_cli.domain.errors import UsageError
from emdash_cli.domain.replies import Reply, Request, failure, shown
from emdash_cli.platforms import _values as values
from emdash_cli.platforms._article import outline, packed

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from emdash_cli.domain.delivery import Account, Delivery, PublicPost, Secret, Table
    from emdash_cli.domain.replies import Http

TRAITS: Final = Traits(idempotent=True, sends_updates=True, stale_after_s=None, concurrency=64)
VERSION: Final = 1
"""Of the payload: it grows when a key is removed or changes its meaning."""
EVENTS: Final[Mapping[JobKind, str]] = {JobKind.ANNOUNCE: "post.published", JobKind.UPDATE: "post.updated"}
"""Types of notices."""
_PREFIX: Final = "whsec_"
_LEAST_BYTES, _MOST_BYTES = 16, 128
_GONE: Final = 410


def secrets(value: object) -> tuple[Secret, ...]:
    """One secret or, while the receiver changes from one to the other, two; every notice is signed with all of them."""
    listed = value if isinstance(value, list) else [value]
    if not 1 <= len(listed) <= 2:  # noqa: PLR2004
        raise UsageError("there can be one secret, or two while they are exchanged")
    return tuple(values.secret(one) for one in listed)


class Settings(NamedTuple):
    """``[platforms.NAME]`` of a webhook."""

    url: str
    secret: tuple[Secret, ...]

    @classmethod
    def read(cls, table: Table) -> Self:
        """Take the settings from the table."""
        return cls(table.need("url", values.endpoint), table.need("secret", secrets))


def connect(settings: Settings, account: Account, http: Http, reveal: Callable[[Secret], str]) -> Webhook:
    """The webhook that these settings describe.

    Raises:
        UsageError: a secret is none of this kind.
    """
    keys = tuple(_key(reveal(secret), f"platforms.{account.name}.secret") for secret in settings.secret)
    return Webhook(settings.url, keys, http)


def _key(secret: str, where: str) -> bytes:
    try:
        key = base64.b64decode(secret.removeprefix(_PREFIX), validate=True)
    except binascii.Error:
        key = b""
    if not _LEAST_BYTES <= len(key) <= _MOST_BYTES:
        raise UsageError(
            f"the secret of `{where}` is not one of a webhook",
            hint=f"it is {_LEAST_BYTES} to {_MOST_BYTES} bytes in base64, as `openssl rand -base64 32` makes them",
        )
    return key


@dataclass(frozen=True)
class Webhook:
    """One address that is told."""

    url: str
    keys: tuple[bytes, ...]
    http: Http

    def render(self, post: PublicPost) -> Rendered:
        """The data of the notice."""
        return Rendered((packed({**outline(post), "updatedAt": post.updated_at, "url": post.url}),))

    def deliver(self, delivery: Delivery) -> Outcome:
        """Send the notice."""
        body = self._body(delivery)
        timestamp = str(int(delivery.now.timestamp()))
        headers = {
            "Content-Type": "application/json",
            "webhook-id": delivery.key,
            "webhook-timestamp": timestamp,
            "webhook-signature": signature(self.keys, delivery.key, timestamp, body),
        }
        answer = self.http.send(Request("POST", self.url, headers, body.encode()))
        if isinstance(answer, Reply) and answer.status == _GONE:
            # The receiver wants no more: https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
            return Outcome(Category.AUTH, error="the receiver answered 410: it wants no more", evidence=shown(answer))
        return failure(answer, idempotent=True) or Outcome(Category.DELIVERED, external_id=delivery.key)

    def _body(self, delivery: Delivery) -> str:
        event = EVENTS[JobKind(delivery.kind)]
        at = delivery.post.published_at if delivery.kind == JobKind.ANNOUNCE else delivery.post.updated_at
        head = packed({"type": event, "version": VERSION, "timestamp": at})
        return f'{head[:-1]},"data":{delivery.text}}}'


def signature(keys: tuple[bytes, ...], message_id: str, timestamp: str, body: str) -> str:
    """The header ``webhook-signature``: one signature for each key, with blanks in between."""
    signed = f"{message_id}.{timestamp}.{body}".encode()
    digests = (hmac.new(key, signed, hashlib.sha256).digest() for key in keys)
    return " ".join(f"v1,{base64.b64encode(digest).decode()}" for digest in digests)
