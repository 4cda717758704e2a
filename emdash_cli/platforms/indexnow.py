"""``kind = "indexnow"``: search engines are told which addresses changed (https://www.indexnow.org/documentation).

They are told in parallel, many addresses at once; if one of them takes it, the job is done, since they tell each other.
"""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final, NamedTuple, Self
from urllib.parse import urlsplit

from emdash_cli.domain.delivery import Category, Outcome, Rendered, Traits
from emdash_cli.domain.errors import UsageError
from emdash_cli.domain.replies import Reply, Request, failure
from emdash_cli.platforms import _texts
from emdash_cli.platforms import _values as values

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from emdash_cli.domain.delivery import Account, Delivery, PublicPost, Secret, Table
    from emdash_cli.domain.replies import Answer, Http
    from emdash_cli.settings import Settings as EmdashSettings

TRAITS: Final = Traits(idempotent=True, every_change=True, concurrency=1, at_once=1000)
ENGINES: Final = (
    "https://www.bing.com/indexnow",
    "https://yandex.com/indexnow",
    "https://search.seznam.cz/indexnow",
    "https://searchadvisor.naver.com/indexnow",
    "https://indexnow.yep.com/indexnow",
)
_UNPROCESSABLE, _FORBIDDEN, _NOT_FOUND = 422, 403, 404
_PASSES: Final = (Category.RATE_LIMITED, Category.TRANSIENT)
"""What may be otherwise in a while."""


def key(value: object) -> str:
    """The key that the site shows at ``/KEY.txt``; it is no secret."""
    return _texts.identifier(value, r"[A-Za-z0-9-]{8,128}", "a key of IndexNow: 8 to 128 letters, digits and -")


class SiteKey(NamedTuple):
    """The key of a site.

    Attributes:
        platform: in emdash.toml, that has it; None for a new key.
        url: where the site must show it.
        file_name: of the file that does.
    """

    platform: str | None
    key: str
    url: str
    file_name: str


def key_of(settings: EmdashSettings, platform: str | None) -> SiteKey:
    """The key of that platform, or of the only one of this kind; a new key if there is none.

    Raises:
        UsageError: there is no such platform, it is of another kind, or there are several.
    """
    there = [account for account in settings.platforms if account.kind == "indexnow"]
    names = ", ".join(account.name for account in there)
    if platform:
        account = settings.platform(platform)
        if account not in there:
            hint = f"choose from: {names}" if names else 'set one up with `kind = "indexnow"`'
            raise UsageError(f"platform `{platform}` is of the kind {account.kind}, not indexnow", hint=hint)
        there = [account]
    if len(there) > 1:
        raise UsageError(f"there are several platforms of the kind indexnow: {names}", hint="choose with --platform")
    if not there:
        new = secrets.token_hex(16)
        return SiteKey(None, new, f"{settings.site_url}/{new}.txt", f"{new}.txt")
    own: Settings = there[0].own
    url = own.key_location or f"{settings.site_url}/{own.key}.txt"
    return SiteKey(there[0].name, own.key, url, urlsplit(url).path.rpartition("/")[2])


def engines(value: object) -> tuple[str, ...]:
    """Addresses of engines."""
    found = tuple(values.endpoint(address) for address in values.texts(value))
    if not found:
        raise UsageError("there is no engine", hint="leave `engines` out for the five that there are")
    return found


class Settings(NamedTuple):
    """``[platforms.NAME]`` of IndexNow.

    Attributes:
        key: that proves that the site is yours.
        key_location: where it is shown, if not at ``/KEY.txt``.
        engines: that are told.
        api_base: where all of their requests go instead, each with its own path; None: to the engines themselves.
    """

    key: str
    key_location: str | None
    engines: tuple[str, ...]
    api_base: str | None

    @classmethod
    def read(cls, table: Table) -> Self:
        """Take the settings from the table."""
        return cls(
            key=table.need("key", key),
            key_location=table.take("key_location", None, values.url),
            engines=table.take("engines", ENGINES, engines),
            api_base=table.take("api_base", None, values.api_url),
        )

    def addresses(self) -> list[str]:
        """Where each engine is told, in their order."""
        if self.api_base is None:
            return list(self.engines)
        return [f"{self.api_base}{urlsplit(engine).path}" for engine in self.engines]


def connect(settings: Settings, account: Account, http: Http, reveal: Callable[[Secret], str]) -> IndexNow:  # noqa: ARG001
    """The engines that these settings name.

    Raises:
        UsageError: the key is shown on another site, which proves nothing about this one.
    """
    location = urlsplit(settings.key_location or account.site_url)
    if location.netloc != urlsplit(account.site_url).netloc:
        raise UsageError(
            f"`platforms.{account.name}.key_location` is on {location.netloc}, and the site is {account.site_url}",
            hint="show the key on the site itself, since search engines compare the two",
        )
    return IndexNow(settings, account.site_url, http)


@dataclass(frozen=True)
class IndexNow:
    """The engines that are told of one site."""

    settings: Settings
    site_url: str
    http: Http

    def render(self, post: PublicPost) -> Rendered:
        """The address of the post."""
        return Rendered((post.url,))

    def deliver(self, delivery: Delivery) -> Outcome:
        """Tell the engines of one change."""
        return self.deliver_all([delivery])[0]

    def deliver_all(self, deliveries: Sequence[Delivery]) -> Sequence[Outcome]:
        """Tell the engines of all changes, each in one request."""
        from concurrent.futures import ThreadPoolExecutor

        body = json.dumps(self._document(deliveries)).encode()
        headers = {"Content-Type": "application/json; charset=utf-8"}
        requests = [Request("POST", engine, headers, body) for engine in self.settings.addresses()]
        with ThreadPoolExecutor(len(requests)) as pool:
            answers = list(pool.map(self.http.send, requests))
        return [_together(self.settings.engines, answers)] * len(deliveries)

    def check(self, now: datetime) -> Outcome:  # noqa: ARG002 - as every platform is checked
        """Read the key where the engines read it: https://www.indexnow.org/documentation."""
        answer = self.http.send(Request("GET", self._location, {}))
        if isinstance(answer, Reply) and answer.status == _NOT_FOUND:
            return Outcome(Category.VALIDATION, error=f"{self._location} does not exist; see `emdash indexnow key`")
        if refused := failure(answer, idempotent=True):
            return replace(refused, error=f"{self._location}: {refused.error}")
        assert isinstance(answer, Reply)  # noqa: S101 - what is none has failed
        if answer.body.decode("utf-8-sig", "replace").strip() != self.settings.key:
            return Outcome(Category.VALIDATION, error=f"{self._location} shows another key; see `emdash indexnow key`")
        return Outcome(Category.DELIVERED, evidence=f"the key is shown at {self._location}")

    @property
    def _location(self) -> str:
        return self.settings.key_location or f"{self.site_url}/{self.settings.key}.txt"

    def _document(self, deliveries: Sequence[Delivery]) -> dict[str, Any]:
        urls = [url for delivery in deliveries for url in _changed(delivery, self.site_url)]
        return {
            "host": urlsplit(self.site_url).netloc,
            "key": self.settings.key,
            "keyLocation": self._location,
            "urlList": list(dict.fromkeys(urls)),
        }


def _changed(delivery: Delivery, site_url: str) -> list[str]:
    paths = [delivery.change.get("path"), delivery.change.get("path_before")]
    return [f"{site_url}{path}" for path in paths if path] or [delivery.post.url]


def _together(names: Sequence[str], answers: Sequence[Answer]) -> Outcome:
    """Delivered if one engine took it; else what is most likely to change."""
    outcomes = [_judged(answer) for answer in answers]
    said = zip(names, outcomes, strict=True)
    evidence = ", ".join(f"{urlsplit(name).hostname}: {outcome.evidence}" for name, outcome in said)
    if any(outcome.category == Category.DELIVERED for outcome in outcomes):
        return Outcome(Category.DELIVERED, evidence=evidence)
    best = next((outcome for outcome in outcomes if outcome.category in _PASSES), outcomes[0])
    error = f"no search engine took it: {evidence}"
    return Outcome(best.category, error=error, retry_after_s=best.retry_after_s, evidence=evidence)


def _judged(answer: Answer) -> Outcome:
    refused = failure(answer, idempotent=True)
    if not isinstance(answer, Reply):
        return Outcome(refused.category if refused else Category.TRANSIENT, evidence=answer.reason)
    if refused is None:
        return Outcome(Category.DELIVERED, evidence=str(answer.status))
    why: Mapping[int, str] = {
        _FORBIDDEN: "403, the key is not shown at its address",
        _UNPROCESSABLE: "422, the addresses are not of this site, or the key is another",
    }
    return Outcome(
        refused.category, retry_after_s=refused.retry_after_s, evidence=why.get(answer.status, str(answer.status))
    )
