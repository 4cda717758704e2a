"""``kind = "x"``: a post, or a thread, on X (https://docs.x.com/x-api/posts/create-post).

X refuses the same text again for a while, and gives no promise about it: a request whose answer was lost is not sent
again.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final, NamedTuple, Self

from emdash_cli.domain.delivery import Category, Outcome, Traits
from emdash_cli.domain.fitting import shortened, thread
from emdash_cli.domain.lengths import x_links, x_weight
from emdash_cli.domain.replies import Reply, Request, failure, retry_after_s, shown
from emdash_cli.platforms import _texts
from emdash_cli.platforms import _values as values

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from emdash_cli.domain.delivery import Account, Delivery, PublicPost, Rendered, Secret, Table
    from emdash_cli.domain.replies import Http

# 100 requests in 15 minutes for a user: https://docs.x.com/x-api/fundamentals/rate-limits
TRAITS: Final = Traits(idempotent=False, concurrency=1, rate="100/15min")
LIMIT: Final = 280
PRICE_USD: Final = 0.015
"""Of a post, since April 2026."""
PRICE_WITH_LINK_USD: Final = 0.2
PRICE_OF_USER_USD: Final = 0.01
"""Of reading an account, as `check` does."""
_LIMITS: Final = ("x-rate-limit", "x-user-limit-24hour", "x-app-limit-24hour")
_PAYMENT_REQUIRED, _FORBIDDEN, _TOO_MANY = 402, 403, 429


class Settings(NamedTuple):
    """``[platforms.NAME]`` of an account on X.

    Attributes:
        token: OAuth 2.0 user token with the scopes ``tweet.write``, ``tweet.read`` and ``users.read``.
        template: see `_texts.templates`.
        api_base: of the API.
    """

    token: Secret
    template: Mapping[str, str]
    api_base: str

    @classmethod
    def read(cls, table: Table) -> Self:
        """Take the settings from the table."""
        return cls(
            token=table.need("token", values.secret),
            template=table.take("template", {}, _texts.templates),
            api_base=table.take("api_base", "https://api.x.com", values.api_url),
        )


def connect(settings: Settings, account: Account, http: Http, reveal: Callable[[Secret], str]) -> X:
    """The account that these settings describe."""
    headers = {"Authorization": f"Bearer {reveal(settings.token)}", "Content-Type": "application/json"}
    wording = _texts.Wording(account, "x", settings.template, _texts.TITLE_EXCERPT_LINK)
    return X(f"{settings.api_base}/2", headers, wording, http)


@dataclass(frozen=True)
class X:
    """One account."""

    address: str
    headers: Mapping[str, str]
    wording: _texts.Wording
    http: Http

    def render(self, post: PublicPost) -> Rendered:
        """A thread of the author's own words, of which nothing is left out, or one post of the template's."""
        words = self.wording.words(post)
        if words.by_author:
            parts = thread(words.texts, LIMIT, x_weight)
        else:
            parts = [shortened(words.texts[0], LIMIT, x_weight)]
        rendered = _texts.counted(parts, (*words.warnings, *_warnings(parts, post)), LIMIT, x_weight)
        return replace(rendered, cost_usd=round(sum(map(price_usd, parts)), 3))

    def deliver(self, delivery: Delivery) -> Outcome:
        """Send one post; each part of a thread answers the part before it."""
        message: dict[str, Any] = {"text": delivery.text}
        if delivery.sent:
            message["reply"] = {"in_reply_to_tweet_id": delivery.sent[-1]}
        body = json.dumps(message, ensure_ascii=False).encode()
        answer = self.http.send(Request("POST", f"{self.address}/tweets", self.headers, body))
        if isinstance(answer, Reply) and (refused := _refused(answer, delivery)):
            return refused
        if refused := failure(answer, idempotent=False):
            return refused
        assert isinstance(answer, Reply)  # noqa: S101 - what is none has failed
        number = answer.at("data", "id")
        if not isinstance(number, str) or not number.isdecimal():
            return Outcome(Category.UNKNOWN, error="X's answer has no id", evidence=shown(answer))
        return Outcome(Category.DELIVERED, number, evidence=shown(answer), cost_usd=price_usd(delivery.text))

    def check(self, now: datetime) -> Outcome:  # noqa: ARG002 - as every platform is checked
        """Ask whose token it is: https://docs.x.com/x-api/users/get-my-user.

        X charges for reading an account (https://docs.x.com/x-api/getting-started/pricing).
        """
        answer = self.http.send(Request("GET", f"{self.address}/users/me", self.headers))
        if isinstance(answer, Reply) and (refused := _refused(answer)):
            return refused
        if refused := failure(answer, idempotent=True):
            return refused
        assert isinstance(answer, Reply)  # noqa: S101 - what is none has failed
        evidence = f"the account is @{answer.at('data', 'username')}; X may charge {PRICE_OF_USER_USD} USD for this"
        return Outcome(Category.DELIVERED, evidence=evidence)


def price_usd(text: str) -> float:
    """What a post costs, in US dollars."""
    return PRICE_WITH_LINK_USD if any(x_links(text)) else PRICE_USD


def _warnings(parts: list[str], post: PublicPost) -> list[str]:
    linked = [[part[start:end] for start, end in x_links(part)] for part in parts]
    bare = dict.fromkeys(link for links in linked for link in links if not link.lower().startswith("http"))
    price = f"{PRICE_WITH_LINK_USD:.2f} instead of {PRICE_USD} USD"
    warnings = [f"X turns {link} into a link, so that its part costs {price}" for link in bare]
    several = sum(map(bool, linked))
    if several > 1:
        warnings.append(f"{several} of {len(parts)} parts have a link, and each of them costs {price}")
    if not any(post.url in links for links in linked):
        warnings.append("no part has a link to the post; {url} stands for it in the file's own text")
    return warnings


def _refused(reply: Reply, delivery: Delivery | None = None) -> Outcome | None:
    """What X means by some of its answers; without a delivery, nothing was to be posted."""
    evidence = shown(reply)
    said = reply.at("detail") or reply.at("title") or evidence
    match reply.status:
        case status if status == _PAYMENT_REQUIRED:
            return Outcome(Category.QUOTA, error="the account has no credits left for the X API", evidence=evidence)
        case status if status == _TOO_MANY and _is_used_up(reply):
            return Outcome(Category.QUOTA, error=f"X: {said}", evidence=evidence)
        case status if status == _TOO_MANY:
            wait = retry_after_s(reply, *_exhausted(reply))
            return Outcome(Category.RATE_LIMITED, error=f"X: {said}", retry_after_s=wait, evidence=evidence)
        case status if status == _FORBIDDEN and delivery and "duplicate" in str(said).lower():
            if delivery.steps == 1:
                return Outcome(Category.DUPLICATE, error=f"X: {said}", evidence=evidence)
            # Without its id, the parts that follow could not answer it.
            error = "X has this part of the thread already, and does not say under which id"
            return Outcome(Category.VALIDATION, error=error, evidence=evidence)
        case status if status == _FORBIDDEN and delivery and delivery.step:
            # The account may post, as it just did; what it may not is answer.
            return Outcome(Category.VALIDATION, error=f"X refuses the answer: {said}", evidence=evidence)
    return None


def _is_used_up(reply: Reply) -> bool:
    """Whether a cap of the month is reached (https://docs.x.com/x-api/fundamentals/response-codes-and-errors)."""
    return "usage-capped" in str(reply.at("type")) and str(reply.at("period")).lower() != "daily"


def _exhausted(reply: Reply) -> list[str]:
    """The headers that say when the limits that are used up start anew."""
    empty = [name for name in _LIMITS if reply.headers.get(f"{name}-remaining", "").strip() == "0"]
    return [f"{name}-reset" for name in empty or _LIMITS[:1]]
