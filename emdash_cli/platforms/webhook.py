"""``kind = "webhook"``: a signed notice to any address, as https://www.standardwebhooks.com/ says.

A repeated notice has the same ``webhook-id``, by which the receiver recognises it, so a request may be sent again.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, NamedTuple, Self

from emdash_cli.domain.delivery import TEST_EVENT, TEST_KEY, Category, EventType, JobKind, Outcome, Rendered, Traits
from emdash_cli.domain.errors import UsageError
from emdash_cli.domain.replies import Reply, Request, failure, shown
from emdash_cli.platforms import _values as values
from emdash_cli.platforms._article import outline, packed

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from emdash_cli.domain.delivery import Account, Delivery, Notice, PublicPost, Secret, Table
    from emdash_cli.domain.replies import Answer, Http

TRAITS: Final = Traits(
    idempotent=True,
    sends_updates=True,
    stale_after="never",
    concurrency=64,
    events=(EventType.PUBLISHED, EventType.UPDATED, EventType.UNPUBLISHED),
)
VERSION: Final = 1
"""Of the payload: it grows when a key is removed or changes its meaning."""
EVENTS: Final[Mapping[JobKind, EventType]] = {
    JobKind.ANNOUNCE: EventType.PUBLISHED,
    JobKind.UPDATE: EventType.UPDATED,
}
"""Events about public posts, whose data are those of the post when it is sent."""
_OF_POST: Final = ("articleId", "title", "slug", "locale", "scheduledAt", "actor")
_OF_JOB: Final = ("job", "platform", "kind", "articleId", "slug", "locale", "category", "error")
DATA_OF: Final[Mapping[str, tuple[str, ...]]] = {
    EventType.SCHEDULED: (*_OF_POST, "scheduledBefore"),
    EventType.UNSCHEDULED: _OF_POST,
    EventType.HELD: (*_OF_POST, "code", "reason"),
    EventType.UNPUBLISHED: ("articleId", "title", "slug", "locale", "actor", "reason"),
    EventType.JOB_DEAD: _OF_JOB,
    EventType.JOB_UNKNOWN: _OF_JOB,
    EventType.REQUEST_FINISHED: ("request", "total", "done", "dead", "actor"),
    TEST_EVENT: ("platform",),
}
"""The keys of the data of other events."""
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
    keys = tuple(key_of(reveal(secret), f"platforms.{account.name}.secret") for secret in settings.secret)
    return Webhook(settings.url, keys, http)


def key_of(secret: str, where: str) -> bytes:
    """The bytes of a secret in base64.

    Raises:
        UsageError: it is none of this kind; the message names the setting only.
    """
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
        event = EVENTS[JobKind(delivery.kind)]
        at = delivery.post.published_at if delivery.kind == JobKind.ANNOUNCE else delivery.post.updated_at
        return _judged(self._send(delivery.key, delivery.now, _body(event, at, delivery.text)), delivery.key)

    def notify(self, notice: Notice) -> Outcome:
        """Send a notice of another event; as a test, also of one about a post, with its data."""
        keys = DATA_OF.get(notice.type, notice.data)
        data = {key: value for key, value in notice.data.items() if key in keys}
        answer = self._send(notice.key, notice.now, _body(notice.type, notice.at, packed(data)))
        outcome = _judged(answer, notice.key)
        if notice.key.startswith(TEST_KEY) and isinstance(answer, Reply):
            return replace(outcome, evidence=f"{answer.status} {shown(answer)}".strip())
        return outcome

    def _send(self, key: str, now: datetime, body: str) -> Answer:
        timestamp = str(int(now.timestamp()))
        headers = {
            "Content-Type": "application/json",
            "webhook-id": key,
            "webhook-timestamp": timestamp,
            "webhook-signature": signature(self.keys, key, timestamp, body),
        }
        return self.http.send(Request("POST", self.url, headers, body.encode()))


def _judged(answer: Answer, key: str) -> Outcome:
    if isinstance(answer, Reply) and answer.status == _GONE:
        # The receiver wants no more: https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
        return Outcome(Category.AUTH, error="the receiver answered 410: it wants no more", evidence=shown(answer))
    return failure(answer, idempotent=True) or Outcome(Category.DELIVERED, external_id=key)


def _body(event: str, at: str, data: str) -> str:
    head = packed({"type": event, "version": VERSION, "timestamp": at})
    return f'{head[:-1]},"data":{data}}}'


def signature(keys: tuple[bytes, ...], message_id: str, timestamp: str, body: str) -> str:
    """The header ``webhook-signature``: one signature for each key, with blanks in between."""
    signed = f"{message_id}.{timestamp}.{body}".encode()
    digests = (hmac.new(key, signed, hashlib.sha256).digest() for key in keys)
    return " ".join(f"v1,{base64.b64encode(digest).decode()}" for digest in digests)
