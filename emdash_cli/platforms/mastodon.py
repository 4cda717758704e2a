"""``kind = "mastodon"``: a status on any Mastodon server (https://docs.joinmastodon.org/methods/statuses/#create).

The server recognises a repeated ``Idempotency-Key`` for about an hour, which is less than a job may wait; so a request
whose answer was lost is not sent again, but looked for among the account's own statuses.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from html import unescape
from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple, Self

from emdash_cli.domain.delivery import Category, Outcome, Traits
from emdash_cli.domain.errors import UsageError
from emdash_cli.domain.fitting import shortened, thread
from emdash_cli.domain.instants import from_utc_text
from emdash_cli.domain.lengths import mastodon_length
from emdash_cli.domain.replies import Reply, Request, failure, retry_after_s, shown
from emdash_cli.platforms import _texts
from emdash_cli.platforms import _values as values

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from emdash_cli.domain.delivery import Account, Delivery, PublicPost, Rendered, Secret, Table
    from emdash_cli.domain.replies import Http

# 300 requests in 5 minutes: https://docs.joinmastodon.org/api/rate-limits/
TRAITS: Final = Traits(idempotent=False, concurrency=1, rate="300/5min")
LIMIT: Final = 500
"""Characters of a status where the server says nothing else."""
_LATEST: Final = 40
"""Statuses in one page of an account's own, at most."""
_MOST_PAGES: Final = 5
_CLOCKS_DIFFER: Final = timedelta(minutes=10)
_MENTION: Final = re.compile(r"(?<![\w/])@(\w+(?:[\w.-]*\w)?)@[\w.-]+\w")
"""A mention of somebody on another server, of which the status shows the name alone."""
_TEMPLATE: Final = "{{ title }}\n\n{{ excerpt }}\n\n{{ url }}\n\n{{ hashtags }}"
_TOO_MANY: Final = 429

Visibility = Literal["public", "unlisted", "private"]


def visibility(value: object) -> Visibility:
    """Who sees the status."""
    for choice in ("public", "unlisted", "private"):
        if value == choice:
            return choice
    raise UsageError(f"{value!r} is not a visibility", hint='there are "public", "unlisted" and "private"')


class Settings(NamedTuple):
    """``[platforms.NAME]`` of an account on Mastodon.

    Attributes:
        token: with the scopes ``write:statuses`` and ``read:accounts read:statuses``.
        api_base: the server, as ``https://mastodon.example``.
        limit: characters of a status, as the server's ``configuration.statuses.max_characters`` says.
        visibility: who sees the status.
        template: see `_texts.templates`.
    """

    token: Secret
    api_base: str
    limit: int
    visibility: Visibility
    template: Mapping[str, str]

    @classmethod
    def read(cls, table: Table) -> Self:
        """Take the settings from the table."""
        return cls(
            token=table.need("token", values.secret),
            api_base=table.need("api_base", values.api_url),
            limit=table.take("limit", LIMIT, values.count),
            visibility=table.take("visibility", "public", visibility),
            template=table.take("template", {}, _texts.templates),
        )


def connect(settings: Settings, account: Account, http: Http, reveal: Callable[[Secret], str]) -> Mastodon:
    """The account that these settings describe."""
    headers = {"Authorization": f"Bearer {reveal(settings.token)}", "Content-Type": "application/json"}
    wording = _texts.Wording(account, "mastodon", settings.template, _TEMPLATE)
    return Mastodon(headers, settings, wording, http)


@dataclass(frozen=True)
class Mastodon:
    """One account."""

    headers: Mapping[str, str]
    settings: Settings
    wording: _texts.Wording
    http: Http

    def render(self, post: PublicPost) -> Rendered:
        """A thread of the author's own words, or one status of the template's."""
        words = self.wording.words(post)
        limit = self.settings.limit
        if words.by_author:
            parts = thread(words.texts, limit, mastodon_length)
        else:
            parts = [shortened(words.texts[0], limit, mastodon_length)]
        return _texts.counted(parts, words.warnings, limit, mastodon_length)

    def deliver(self, delivery: Delivery) -> Outcome:
        """Send one status."""
        status: dict[str, Any] = {
            "status": delivery.text,
            "visibility": self.settings.visibility,
            "language": delivery.post.locale.partition("-")[0],
        }
        if delivery.sent:
            status["in_reply_to_id"] = delivery.sent[-1]
        headers = {**self.headers, "Idempotency-Key": delivery.key}
        body = json.dumps(status, ensure_ascii=False).encode()
        answer = self.http.send(Request("POST", f"{self.settings.api_base}/api/v1/statuses", headers, body))
        if isinstance(answer, Reply) and answer.status == _TOO_MANY:
            return _rate_limited(answer)
        if refused := failure(answer, idempotent=False):
            return refused
        assert isinstance(answer, Reply)  # noqa: S101 - what is none has failed
        number = answer.at("id")
        if not isinstance(number, str) or not number:
            return Outcome(Category.UNKNOWN, error="Mastodon's answer has no id", evidence=shown(answer))
        return Outcome(Category.DELIVERED, number, evidence=str(answer.at("url") or answer.at("uri") or ""))

    def find(self, delivery: Delivery) -> Outcome | None:
        """Look for the text among the account's own statuses, back to when the post went live."""
        own = self._get("/api/v1/accounts/verify_credentials")
        number = own.get("id") if isinstance(own, dict) else None
        if not isinstance(number, str):
            return None
        similar = False
        before = ""
        for _ in range(_MOST_PAGES):
            page = self._get(f"/api/v1/accounts/{number}/statuses?limit={_LATEST}&exclude_reblogs=true{before}")
            if not isinstance(page, list) or not all(isinstance(status, dict) for status in page):
                return None
            for status in page:
                if _is_older(status, delivery.post.published_at):
                    continue
                if _is_of(delivery, status):
                    return Outcome(Category.DELIVERED, str(status.get("id")), evidence=str(status.get("url") or ""))
                similar = similar or _may_be_of(delivery, status)
            # Servers send shorter pages than they are asked for: only an empty one is the end.
            if not page or _is_older(page[-1], delivery.post.published_at):
                return (
                    None if similar else Outcome(Category.TRANSIENT, error="the account has no status with this text")
                )
            before = f"&max_id={page[-1].get('id')}"
        return None

    def check(self, now: datetime) -> Outcome:  # noqa: ARG002 - as every platform is checked
        """Ask whose token it is, and how long a status may be.

        https://docs.joinmastodon.org/methods/accounts/#verify_credentials,
        https://docs.joinmastodon.org/methods/instance/#v2
        """
        url = f"{self.settings.api_base}/api/v1/accounts/verify_credentials"
        answer = self.http.send(Request("GET", url, self.headers))
        if refused := failure(answer, idempotent=True):
            return refused
        assert isinstance(answer, Reply)  # noqa: S101 - what is none has failed
        server = self.http.send(Request("GET", f"{self.settings.api_base}/api/v2/instance", self.headers))
        limit = server.at("configuration", "statuses", "max_characters") if isinstance(server, Reply) else None
        if isinstance(limit, int) and limit < self.settings.limit:
            error = f"the server takes {limit} characters, and `limit` is {self.settings.limit}: set it to {limit}"
            return Outcome(Category.VALIDATION, error=error)
        allowed = f"; a status may have {limit} characters" if isinstance(limit, int) else ""
        return Outcome(Category.DELIVERED, evidence=f"the account is @{answer.at('username')}{allowed}")

    def _get(self, path: str) -> Any:
        answer = self.http.send(Request("GET", f"{self.settings.api_base}{path}", self.headers))
        return None if failure(answer, idempotent=True) or not isinstance(answer, Reply) else answer.document


def _rate_limited(reply: Reply) -> Outcome:
    """``X-RateLimit-Reset`` is an instant in words here, not a number."""
    wait = retry_after_s(reply)
    if wait is None:
        wait = _seconds_between(reply.headers.get("date", ""), reply.headers.get("x-ratelimit-reset", ""))
    return Outcome(Category.RATE_LIMITED, error="Mastodon's rate limit", retry_after_s=wait, evidence=shown(reply))


def _seconds_between(date: str, reset: str) -> float | None:
    from email.utils import parsedate_to_datetime

    try:
        return max(0.0, (datetime.fromisoformat(reset) - parsedate_to_datetime(date)).total_seconds())
    except (ValueError, TypeError):
        return None


def _is_of(delivery: Delivery, status: Mapping[str, Any]) -> bool:
    """Whether it is the status of this delivery: with its text, and in its place of the thread."""
    parent = delivery.sent[-1] if delivery.sent else None
    return status.get("in_reply_to_id") == parent and _bare(_plain(status)) == _bare(
        _MENTION.sub(r"@\1", delivery.text)
    )


def _may_be_of(delivery: Delivery, status: Mapping[str, Any]) -> bool:
    """Whether it could be the status of this delivery in a form that the server has given it."""
    if status.get("id") in delivery.sent:
        return False
    parent = delivery.sent[-1] if delivery.sent else None
    in_place = parent is not None and status.get("in_reply_to_id") == parent
    return in_place or (delivery.step == 0 and _bare(delivery.post.url) in _bare(_plain(status)))


def _plain(status: Mapping[str, Any]) -> str:
    """The text of a status, which is HTML."""
    html = str(status.get("content") or "")
    return unescape(re.sub(r"<[^>]*>", "", re.sub(r"<br */?>|</p>", " ", html)))


def _bare(text: str) -> str:
    """The text as it can be compared: Mastodon changes blanks, and leaves out the scheme of a link."""
    return re.sub(r"\s+|https?://", "", text)


def _is_older(status: Mapping[str, Any], published_at: str) -> bool:
    try:
        return datetime.fromisoformat(str(status.get("created_at"))) < from_utc_text(published_at) - _CLOCKS_DIFFER
    except (ValueError, TypeError):
        return False
