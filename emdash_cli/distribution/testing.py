"""A signed test notice to a webhook, apart from all jobs."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from emdash_cli.domain.delivery import TEST_EVENT, Notice, Notifiable
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


def send_test(
    session: Session, account: PlatformAccount, connect: Callable[[PlatformAccount], Platform]
) -> TestedWebhook:
    """Send one notice of the type `TEST_EVENT`; nothing is recorded, and a paused platform stays paused.

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
    key = f"emdash:test:{session.new_id()}"
    outcome = platform.notify(Notice(key, TEST_EVENT, utc_text(now), {"platform": account.name}, now))
    return TestedWebhook(account.name, account.own.url, key, outcome.category, outcome.error, outcome.evidence)
