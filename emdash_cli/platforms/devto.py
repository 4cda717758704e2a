"""``kind = "devto"``: the whole article on dev.to, or on another Forem (https://developers.forem.com/api/v1).

``canonical_url`` is unique there, so a request may be sent again.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple, Self

from emdash_cli.domain.delivery import Category, JobKind, Outcome, Rendered, Traits
from emdash_cli.domain.fitting import shortened
from emdash_cli.domain.replies import Reply, Request, failure, retry_after_s, shown
from emdash_cli.platforms import _values as values

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from emdash_cli.domain.delivery import Account, Delivery, PublicPost, Secret, Table
    from emdash_cli.domain.replies import Answer, Http

TRAITS: Final = Traits(idempotent=True, concurrency=1, rate="10/30s")
MAX_TAGS: Final = 4
TAG_LIMIT: Final = 30
TITLE_LIMIT: Final = 128
_PAGE: Final = 30
"""Articles of one answer, which holds their whole texts."""
_MOST_PAGES: Final = 100
_PAGE_BYTES: Final = 8_000_000
_WAIT_S: Final = 30.0
_UNPROCESSABLE, _TOO_MANY = 422, 429
_TAKEN: Final = re.compile(rb"canonical.url.{0,40}taken", re.IGNORECASE | re.DOTALL)
# What dev.to takes for code, and so leaves alone, or the beginning of a Liquid tag; its source is
# https://github.com/forem/forem/blob/main/app/services/markdown_processor/parser.rb
_CODE_OR_LIQUID: Final = re.compile(r"~{3}.*?~{3}|`{3}.*?`{3}|`{2}.+?`{2}|`.+?`|(?P<liquid>\{[%{])", re.DOTALL)
_FRONT_MATTER: Final = re.compile(r"\A\s*---")


class Settings(NamedTuple):
    """``[platforms.NAME]`` of an account on dev.to.

    Attributes:
        token: an API key.
        organization: number of the organization that publishes, or None.
        draft: whether articles are left there as drafts.
        api_base: of the API.
    """

    token: Secret
    organization: int | None
    draft: bool
    api_base: str

    @classmethod
    def read(cls, table: Table) -> Self:
        """Take the settings from the table."""
        return cls(
            token=table.need("token", values.secret),
            organization=table.take("organization", None, values.count),
            draft=table.take("draft", False, values.yes_or_no),  # noqa: FBT003
            api_base=table.take("api_base", "https://dev.to/api", values.api_url),
        )


def connect(settings: Settings, account: Account, http: Http, reveal: Callable[[Secret], str]) -> DevTo:  # noqa: ARG001
    """The account that these settings describe."""
    headers = {
        "api-key": reveal(settings.token),
        "Accept": "application/vnd.forem.api-v1+json",
        "Content-Type": "application/json",
    }
    return DevTo(headers, settings, http)


@dataclass(frozen=True)
class DevTo:
    """One account."""

    headers: Mapping[str, str]
    settings: Settings
    http: Http

    def render(self, post: PublicPost) -> Rendered:
        """The whole request."""
        from emdash_cli.domain.portable_text import to_markdown

        article = {
            "title": shortened(post.title, TITLE_LIMIT, len),
            "body_markdown": safe_markdown(to_markdown(post.content)),
            "published": not self.settings.draft,
            "canonical_url": _canonical(post),
            "description": post.seo.get("description") or post.excerpt,
            "main_image": post.image if post.image and post.image.startswith("http") else None,
            "tags": tags(post.tags),
            "organization_id": self.settings.organization,
        }
        kept = {name: value for name, value in article.items() if value is not None}
        return Rendered((json.dumps({"article": kept}, ensure_ascii=False),), _warnings(post))

    def deliver(self, delivery: Delivery) -> Outcome:
        """Create the article, or change the one that was created."""
        if delivery.kind == JobKind.UPDATE:
            found = self.find(delivery)
            if found is None or found.category != Category.DELIVERED:
                error = "dev.to has no article of this account with that canonical_url"
                return Outcome(Category.VALIDATION if found else Category.TRANSIENT, error=error)
            return _judged(self._call("PUT", f"/articles/{found.external_id}", _changes(delivery.text)))
        answer = self._call("POST", "/articles", delivery.text.encode())
        if isinstance(answer, Reply) and answer.status == _UNPROCESSABLE and _TAKEN.search(answer.body):
            return self._taken(delivery, answer)
        return _judged(answer)

    def _taken(self, delivery: Delivery, answer: Reply) -> Outcome:
        """Who has the article with this canonical_url: this account, or somebody else, perhaps as a draft."""
        found = self.find(delivery)
        if found is None:
            error = "dev.to has this canonical_url already; the account's own articles could not be read"
            return Outcome(Category.DUPLICATE, error=error, evidence=shown(answer))
        if found.category == Category.DELIVERED:
            error = "dev.to has this canonical_url already"
            return Outcome(Category.DUPLICATE, found.external_id, error=error, evidence=found.evidence)
        error = "an article or draft of another account on dev.to has this canonical_url"
        return Outcome(Category.VALIDATION, error=error, evidence=shown(answer))

    def find(self, delivery: Delivery) -> Outcome | None:
        """Look for the address among the account's articles and drafts."""
        wanted = _canonical(delivery.post)
        for page in range(1, _MOST_PAGES + 1):
            answer = self._call("GET", f"/articles/me/all?per_page={_PAGE}&page={page}")
            articles = None if failure(answer, idempotent=True) or not isinstance(answer, Reply) else answer.document
            if not isinstance(articles, list):
                return None
            for article in articles:
                if isinstance(article, dict) and article.get("canonical_url") == wanted:
                    return Outcome(Category.DELIVERED, str(article.get("id")), evidence=str(article.get("url") or ""))
            if len(articles) < _PAGE:
                return Outcome(Category.TRANSIENT, error="the account has no article with this canonical_url")
        return None

    def check(self, now: datetime) -> Outcome:  # noqa: ARG002 - as every platform is checked
        """Ask whose key it is: https://developers.forem.com/api/v1#tag/users/operation/getUserMe."""
        answer = self._call("GET", "/users/me")
        if refused := failure(answer, idempotent=True):
            return refused
        assert isinstance(answer, Reply)  # noqa: S101 - what is none has failed
        return Outcome(Category.DELIVERED, evidence=f"the account is {answer.at('username')}")

    def _call(self, method: str, path: str, body: bytes = b"") -> Answer:
        return self.http.send(Request(method, f"{self.settings.api_base}{path}", self.headers, body, _PAGE_BYTES))


def _judged(answer: Answer) -> Outcome:
    if isinstance(answer, Reply) and answer.status == _TOO_MANY:
        wait = retry_after_s(answer)
        error = "dev.to's rate limit"
        return Outcome(Category.RATE_LIMITED, error=error, retry_after_s=wait or _WAIT_S, evidence=shown(answer))
    if refused := failure(answer, idempotent=True):
        return refused
    assert isinstance(answer, Reply)  # noqa: S101 - what is none has failed
    number = answer.at("id")
    if not isinstance(number, int):
        return Outcome(Category.TRANSIENT, error="dev.to's answer has no id", evidence=shown(answer))
    return Outcome(Category.DELIVERED, str(number), evidence=str(answer.at("url") or ""))


def _changes(text: str) -> bytes:
    """What an update sends: all but whether the article is published, which may have been decided on dev.to since."""
    article = json.loads(text)["article"]
    del article["published"]
    return json.dumps({"article": article}, ensure_ascii=False).encode()


def _canonical(post: PublicPost) -> str:
    return post.seo.get("canonical") or post.url


def tags(names: tuple[str, ...]) -> list[str]:
    """At most four, of letters and digits only: ``edgecaching`` of ``edge caching``."""
    bare = ("".join(char for char in name.lower() if char.isascii() and char.isalnum()) for name in names)
    return list(dict.fromkeys(name for name in bare if 0 < len(name) <= TAG_LIMIT))[:MAX_TAGS]


def safe_markdown(text: str) -> str:
    """The text without what dev.to would take for front matter or for a Liquid tag; code is shown as it is anyway."""
    text = _FRONT_MATTER.sub("***", text)
    return _CODE_OR_LIQUID.sub(_raw, text)


def _raw(found: re.Match[str]) -> str:
    """The beginning of a tag alone: around a whole one, ``{% endraw %}`` in the text would end it."""
    return f"{{% raw %}}{found[0]}{{% endraw %}}" if found["liquid"] else found[0]


def _warnings(post: PublicPost) -> tuple[str, ...]:
    left_out = len(post.tags) - len(tags(post.tags))
    warnings = [
        f"{left_out} of {len(post.tags)} tags are left out: dev.to takes {MAX_TAGS}, of ASCII letters and digits"
    ]
    warnings = warnings if left_out else []
    if len(post.title) > TITLE_LIMIT:
        warnings.append(f"the title has more than {TITLE_LIMIT} characters and is cut")
    if post.image and not post.image.startswith("http"):
        warnings.append("the picture is left out: dev.to needs its whole address")
    return tuple(warnings)
