"""``kind = "target"``: another blog or service that takes whole articles by HTTP.

The target recognises an article by ``articleId``, which is the ledger's key and stays the same for ever, so a request
may be sent again. It answers 200 with ``{"existed": true}`` for an article that it has.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple, Self

from emdash_cli.domain.delivery import Category, JobKind, Outcome, Rendered, Traits
from emdash_cli.domain.replies import Reply, Request, failure, shown
from emdash_cli.platforms import _values as values
from emdash_cli.platforms._article import article, packed

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from emdash_cli.domain.delivery import Account, Delivery, PublicPost, Secret, Table
    from emdash_cli.domain.replies import Http

TRAITS: Final = Traits(idempotent=True, sends_updates=True, stale_after="never", concurrency=64)


class Settings(NamedTuple):
    """``[platforms.NAME]`` of a target.

    Attributes:
        url: that articles are sent to.
        token: sent as a bearer token; None: nothing is.
    """

    url: str
    token: Secret | None

    @classmethod
    def read(cls, table: Table) -> Self:
        """Take the settings from the table."""
        return cls(table.need("url", values.endpoint), table.take("token", None, values.secret))


def connect(settings: Settings, account: Account, http: Http, reveal: Callable[[Secret], str]) -> Target:  # noqa: ARG001
    """The target that these settings describe."""
    headers = {"Content-Type": "application/json"}
    if settings.token:
        headers["Authorization"] = f"Bearer {reveal(settings.token)}"
    return Target(settings.url, headers, http)


@dataclass(frozen=True)
class Target:
    """One target."""

    url: str
    headers: Mapping[str, str]
    http: Http

    def render(self, post: PublicPost) -> Rendered:
        """The whole article, as JSON."""
        return Rendered((packed(article(post)),))

    def deliver(self, delivery: Delivery) -> Outcome:
        """Send the article."""
        headers = {**self.headers, "Idempotency-Key": delivery.key}
        answer = self.http.send(Request("POST", self.url, headers, delivery.text.encode()))
        if refused := failure(answer, idempotent=True):
            return refused
        assert isinstance(answer, Reply)  # noqa: S101 - what is none has failed
        said = answer.document
        if answer.body.strip() and not isinstance(said, dict):
            return Outcome(
                Category.TRANSIENT, error=f"the target answered {answer.status} with something that is not JSON",
                evidence=shown(answer),
            )  # fmt: skip
        existed = isinstance(said, dict) and said.get("existed") is True and delivery.kind == JobKind.ANNOUNCE
        found = answer.at("id")
        return Outcome(
            Category.DUPLICATE if existed else Category.DELIVERED,
            external_id=str(found) if isinstance(found, str | int) else delivery.post.key,
            evidence=shown(answer),
        )
