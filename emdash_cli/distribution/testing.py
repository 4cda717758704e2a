"""A signed test notice to a webhook, apart from all jobs."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from emdash_cli.domain.delivery import TEST_EVENT, TEST_KEY, EventType, Notice, Notifiable, PublicPost
from emdash_cli.domain.errors import UsageError
from emdash_cli.domain.instants import utc_text

if TYPE_CHECKING:
    from collections.abc import Callable

    from emdash_cli.domain.delivery import Platform
    from emdash_cli.settings import PlatformAccount
    from emdash_cli.store.session import Session


class TestedWebhook(NamedTuple):
    """What came of a test notice.

    Attributes:
        id: in the header ``webhook-id``.
        category: see `Category`.
        error: why it was not accepted; None if it was.
        answer: status and beginning of the body, if there was an answer.
    """

    platform: str
    url: str
    id: str
    category: str
    error: str | None
    answer: str | None


_AT: Final = "2026-01-01T00:00:00.000Z"
_POST: Final = PublicPost(
    id="test",
    key="test",
    slug="test",
    locale="en",
    title="A test",
    url="https://blog.example/posts/test",
    content="[]",
    published_at=_AT,
    updated_at=_AT,
    version=1,
)
_DATA: Final[dict[str, Any]] = {
    "articleId": _POST.key,
    "title": _POST.title,
    "slug": _POST.slug,
    "locale": _POST.locale,
    "scheduledAt": _AT,
    "scheduledBefore": None,
    "actor": "test",
    "code": "text_changed",
    "reason": "a test",
    "job": 0,
    "kind": "announce",
    "category": "validation",
    "error": "a test",
    "request": "test",
    "total": 1,
    "done": 1,
    "dead": 0,
}
"""Made-up data of every event; each takes its own keys of them."""


def send_test(
    session: Session,
    account: PlatformAccount,
    connect: Callable[[PlatformAccount], Platform],
    event: EventType | None = None,
) -> TestedWebhook:
    """Send one notice; nothing is recorded, and a paused platform stays paused.

    Args:
        session: in which it is sent, and by whom.
        account: the webhook.
        connect: makes the platform of an account.
        event: of this type, with made-up data; None: of the type `TEST_EVENT`.

    Raises:
        UsageError: the platform is no webhook, or lacks its secret.
        NotAllowedError: whoever acts may not announce.
        DatabaseError: the store is unreachable or failing.
    """
    if not account.lane.events:
        webhooks = [each.name for each in session.settings.platforms if each.lane.events]
        hint = f"webhooks: {', '.join(webhooks)}" if webhooks else 'set one up with `kind = "webhook"`'
        raise UsageError(f"platform `{account.name}` is of the kind {account.kind}, not a webhook", hint=hint)
    session.open()
    session.require("announce")
    platform = connect(account)
    if not isinstance(platform, Notifiable):
        raise TypeError(f"{account.kind} takes events and has no `notify`")
    now = session.clock()
    key = f"{TEST_KEY}{session.new_id()}"
    data = {**_DATA, "platform": account.name}
    if event in {EventType.PUBLISHED, EventType.UPDATED}:
        data = json.loads(platform.render(_POST).parts[0])
    outcome = platform.notify(Notice(key, event or TEST_EVENT, utc_text(now), data, now))
    return TestedWebhook(account.name, account.own.url, key, outcome.category, outcome.error, outcome.evidence)
