"""``kind = "cloudflare-cache"``: changed pages leave Cloudflare's cache, with the lists and feeds that show them.

https://developers.cloudflare.com/api/resources/cache/methods/purge/: at most 100 addresses in a request.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple, Self

from emdash_cli.domain.delivery import Category, Outcome, Rendered, Traits
from emdash_cli.domain.errors import UsageError
from emdash_cli.domain.replies import Reply, Request, failure, shown
from emdash_cli.platforms import _texts
from emdash_cli.platforms import _values as values

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from datetime import datetime

    from emdash_cli.domain.delivery import Account, Delivery, PublicPost, Secret, Table
    from emdash_cli.domain.replies import Answer, Http

TRAITS: Final = Traits(idempotent=True, every_change=True, concurrency=1, at_once=200)
MOST_FILES: Final = 100
ALSO: Final = ("/", "/posts", "/category/{category}", "/tag/{tag}", "/rss.xml", "/sitemap.xml")
"""Pages of EmDash's blog template that show posts."""
_PLACEHOLDERS: Final = ("{tag}", "{category}", "{locale}")
_BAD_REQUEST, _FORBIDDEN, _NOT_FOUND = 400, 403, 404
_BAD_HEADERS: Final = 6003
"""Cloudflare's code for a token that has not the form of one."""


def zone(value: object) -> str:
    """The id of a zone."""
    return _texts.identifier(value, r"[0-9a-f]{32}", "the id of a zone: 32 hexadecimal digits, as the dashboard shows")


def paths(value: object) -> tuple[str, ...]:
    """Paths on the site, with ``{tag}``, ``{category}`` and ``{locale}``."""
    found = values.texts(value)
    for path in found:
        if not path.startswith("/"):
            raise UsageError(f"{path!r} is not a path on the site", hint="begin it with /")
        if unknown := set(re.findall(r"\{[^{}]*\}", path)) - set(_PLACEHOLDERS):
            raise UsageError(
                f"{path!r} has an unknown placeholder {min(unknown)}", hint=f"there are {', '.join(_PLACEHOLDERS)}"
            )
    return found


class Settings(NamedTuple):
    """``[platforms.NAME]`` of a zone's cache.

    Attributes:
        zone: id of the zone.
        token: with the permission Cache Purge.
        also: paths that are purged beside the post's own.
        api_base: of the API.
    """

    zone: str
    token: Secret
    also: tuple[str, ...]
    api_base: str

    @classmethod
    def read(cls, table: Table) -> Self:
        """Take the settings from the table."""
        return cls(
            zone=table.need("zone", zone),
            token=table.need("token", values.secret),
            also=table.take("also", ALSO, paths),
            api_base=table.take("api_base", values.D1_BASE_URL, values.api_url),
        )


def connect(settings: Settings, account: Account, http: Http, reveal: Callable[[Secret], str]) -> CloudflareCache:
    """The cache that these settings describe."""
    headers = {"Authorization": f"Bearer {reveal(settings.token)}", "Content-Type": "application/json"}
    return CloudflareCache(settings, headers, account.site_url, http)


@dataclass(frozen=True)
class CloudflareCache:
    """The cache of one zone."""

    settings: Settings
    headers: Mapping[str, str]
    site_url: str
    http: Http

    def render(self, post: PublicPost) -> Rendered:
        """The addresses as they are now; an old one is known to the job of the change."""
        return Rendered(("\n".join(dict.fromkeys((post.url, *self._also(post)))),))

    def deliver(self, delivery: Delivery) -> Outcome:
        """Purge the pages of one change."""
        return self.deliver_all([delivery])[0]

    def deliver_all(self, deliveries: Sequence[Delivery]) -> Sequence[Outcome]:
        """Purge the pages of all changes, each address once."""
        urls = list(dict.fromkeys(url for delivery in deliveries for url in self._stale(delivery)))
        for start in range(0, len(urls), MOST_FILES):
            outcome = self._purge(urls[start : start + MOST_FILES])
            if outcome.category != Category.DELIVERED:
                return [outcome] * len(deliveries)
        return [Outcome(Category.DELIVERED, evidence=f"{len(urls)} addresses")] * len(deliveries)

    def _purge(self, urls: Sequence[str]) -> Outcome:
        address = f"{self.settings.api_base}/zones/{self.settings.zone}/purge_cache"
        answer = self.http.send(Request("POST", address, self.headers, json.dumps({"files": urls}).encode()))
        if refused := _refused(answer) or failure(answer, idempotent=True):
            return refused
        assert isinstance(answer, Reply)  # noqa: S101 - what is none has failed
        if answer.at("success") is not True:
            return Outcome(Category.TRANSIENT, error="Cloudflare did not purge the cache", evidence=shown(answer))
        return Outcome(Category.DELIVERED)

    def check(self, now: datetime) -> Outcome:  # noqa: ARG002 - as every platform is checked
        """Ask for the zone, or, of a token that may not read it, whether it is active.

        https://developers.cloudflare.com/api/resources/zones/methods/get/,
        https://developers.cloudflare.com/api/resources/user/subresources/tokens/methods/verify/
        """
        zone = self.http.send(Request("GET", f"{self.settings.api_base}/zones/{self.settings.zone}", self.headers))
        if isinstance(zone, Reply) and zone.status == _FORBIDDEN:
            return self._verified()
        if refused := _refused(zone) or failure(zone, idempotent=True):
            return refused
        assert isinstance(zone, Reply)  # noqa: S101 - what is none has failed
        return Outcome(Category.DELIVERED, evidence=f"the token knows the zone {zone.at('result', 'name')}")

    def _verified(self) -> Outcome:
        """Of a token without the permission Zone Read, which purging does not need."""
        answer = self.http.send(Request("GET", f"{self.settings.api_base}/user/tokens/verify", self.headers))
        if refused := failure(answer, idempotent=True):
            return refused
        assert isinstance(answer, Reply)  # noqa: S101 - what is none has failed
        state = answer.at("result", "status")
        if state != "active":
            return Outcome(Category.AUTH, error=f"the token is {state}", evidence=shown(answer))
        said = (
            "the token is active; without the permission Zone Read, Cloudflare does not say whether the zone is its own"
        )
        return Outcome(Category.DELIVERED, evidence=said)

    def _stale(self, delivery: Delivery) -> Iterator[str]:
        """Addresses of the pages that show the post, before and after the change."""
        own = [path for path in (delivery.change.get("path"), delivery.change.get("path_before")) if path]
        yield from (f"{self.site_url}{path}" for path in own)
        if not own:
            yield delivery.post.url
        yield from self._also(delivery.post)

    def _also(self, post: PublicPost) -> Iterator[str]:
        """Addresses of the other pages that show the post."""
        from emdash_cli.domain.slugs import slugify

        for path in self.settings.also:
            for tag in post.tags if "{tag}" in path else ("",):
                if "{category}" in path and not post.category:
                    continue
                filled = path.replace("{tag}", slugify(tag)).replace("{category}", slugify(post.category or ""))
                yield f"{self.site_url}{filled.replace('{locale}', post.locale)}"


def _refused(answer: Answer) -> Outcome | None:
    """A zone or a token that does not exist: no other request would be accepted either."""
    if not isinstance(answer, Reply):
        return None
    errors = answer.at("errors")
    codes = [error.get("code") for error in errors if isinstance(error, dict)] if isinstance(errors, list) else []
    if answer.status == _NOT_FOUND:
        return Outcome(Category.AUTH, error="Cloudflare does not know the zone", evidence=shown(answer))
    if answer.status == _BAD_REQUEST and _BAD_HEADERS in codes:
        return Outcome(Category.AUTH, error="Cloudflare cannot read the token", evidence=shown(answer))
    return None
