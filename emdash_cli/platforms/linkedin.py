"""``kind = "linkedin"``: a post of a person or a company page, with the article as its card.

By the Posts API (https://learn.microsoft.com/linkedin/marketing/community-management/shares/posts-api), or by
``ugcPosts``, which "Share on LinkedIn" documents. LinkedIn does not read the address: title and description are sent.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple, Self

from emdash_cli.domain.delivery import Category, Outcome, Rendered, Traits
from emdash_cli.domain.errors import UsageError
from emdash_cli.domain.fitting import shortened
from emdash_cli.domain.replies import Reply, Request, failure, retry_after_s, shown
from emdash_cli.platforms import _texts
from emdash_cli.platforms import _values as values

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from emdash_cli.domain.delivery import Account, Delivery, PublicPost, Secret, Table
    from emdash_cli.domain.replies import Http

TRAITS: Final = Traits(idempotent=False, concurrency=1)
LIMIT: Final = 3000
"""Characters of the commentary."""
TITLE_LIMIT: Final = 400
DESCRIPTION_LIMIT: Final = 4086
VERSION: Final = "202610"
"""Of the API; LinkedIn keeps one for about a year."""
TOKEN_DAYS: Final = 60
_WARN_DAYS: Final = 10
# https://learn.microsoft.com/linkedin/marketing/community-management/shares/little-text-format
_RESERVED: Final = re.compile(r"[\\|{}@\[\]()<>#*_~]")
_HASHTAG: Final = re.compile(r"(?:(?<=\s)|^)#(?=[^\W\d_])[\w]+")
_URN: Final = re.compile(r"urn:li:(?:share|ugcPost|activity):\d+")
_TEMPLATE: Final = "{{ title }}\n\n{{ excerpt }}\n\n{{ hashtags }}"
_DUPLICATE: Final = re.compile(r"DUPLICATE_POST|duplicate of urn:li:")
_UNAUTHORIZED, _FORBIDDEN, _UNPROCESSABLE, _UPGRADE, _TOO_MANY = 401, 403, 422, 426, 429

Api = Literal["posts", "ugcPosts"]


def author(value: object) -> str:
    """A person or an organization; a bare id is a person's."""
    said = str(value).strip() if isinstance(value, str | int) and not isinstance(value, bool) else ""
    if re.fullmatch(r"[A-Za-z0-9_-]{4,40}", said):
        return f"urn:li:person:{said}"
    if re.fullmatch(r"urn:li:(?:person:[A-Za-z0-9_-]+|organization:\d+)", said):
        return said
    raise UsageError(
        f"{value!r} is not an author on LinkedIn",
        hint="write urn:li:person:ID or urn:li:organization:NUMBER, or the bare id of a person",
    )


def api(value: object) -> Api:
    """Which of the two APIs."""
    if value == "posts":
        return "posts"
    if value == "ugcPosts":
        return "ugcPosts"
    raise UsageError(f"{value!r} is not an API of LinkedIn", hint='there are "posts" and "ugcPosts"')


def version(value: object) -> str:
    """A version of the API: a year and a month."""
    return _texts.identifier(value, r"20\d\d(?:0[1-9]|1[0-2])", 'a version of the API such as "202610"')


class Settings(NamedTuple):
    """``[platforms.NAME]`` of an account on LinkedIn.

    Attributes:
        token: with the scope ``w_member_social``, or ``w_organization_social`` for a company page.
        author: URN of whose post it is.
        api: which API is used.
        version: of the Posts API.
        token_issued: when the token was made, UTC text; LinkedIn's tokens live 60 days. None: unknown.
        template: see `_texts.templates`.
        api_base: of both APIs.
    """

    token: Secret
    author: str
    api: Api
    version: str
    token_issued: str | None
    template: Mapping[str, str]
    api_base: str

    @classmethod
    def read(cls, table: Table) -> Self:
        """Take the settings from the table."""
        return cls(
            token=table.need("token", values.secret),
            author=table.need("author", author),
            api=table.take("api", "posts", api),
            version=table.take("version", VERSION, version),
            token_issued=table.take("token_issued", None, values.moment),
            template=table.take("template", {}, _texts.templates),
            api_base=table.take("api_base", "https://api.linkedin.com", values.api_url),
        )

    def warnings(self, now: datetime) -> list[str]:
        """What a person should do about the account soon."""
        from emdash_cli.domain.instants import from_utc_text

        if self.token_issued is None:
            return []
        left = from_utc_text(self.token_issued) + timedelta(days=TOKEN_DAYS) - now
        if left >= timedelta(days=_WARN_DAYS):
            return []
        if left <= timedelta(0):
            state = "has expired"
        else:
            state = f"expires on {from_utc_text(self.token_issued) + timedelta(days=TOKEN_DAYS):%Y-%m-%d}"
        return [f"LinkedIn's token {state}: create a new one, and set `token_issued` to its date"]


def connect(settings: Settings, account: Account, http: Http, reveal: Callable[[Secret], str]) -> LinkedIn:
    """The account that these settings describe."""
    headers = {
        "Authorization": f"Bearer {reveal(settings.token)}",
        "Content-Type": "application/json",
        "X-Restli-Protocol-Version": "2.0.0",
    }
    path = "v2/ugcPosts"
    if settings.api == "posts":
        headers["LinkedIn-Version"] = settings.version
        path = "rest/posts"
    wording = _texts.Wording(account, "linkedin", settings.template, _TEMPLATE, mention=None)
    return LinkedIn(f"{settings.api_base}/{path}", headers, settings, wording, http)


@dataclass(frozen=True)
class LinkedIn:
    """One author."""

    address: str
    headers: Mapping[str, str]
    settings: Settings
    wording: _texts.Wording
    http: Http

    def render(self, post: PublicPost) -> Rendered:
        """The whole request, since it has more than one text."""
        little = self.settings.api == "posts"

        def length(said: str) -> int:
            return len(escaped(said)) if little else len(said)

        text, warnings = self.wording.single(post, LIMIT, length)
        document = self._post(post, escaped(text)) if little else self._ugc_post(post, text)
        return Rendered((json.dumps(document, ensure_ascii=False),), warnings, (length(text),), LIMIT)

    def _post(self, post: PublicPost, commentary: str) -> dict[str, Any]:
        distribution = {"feedDistribution": "MAIN_FEED", "targetEntities": [], "thirdPartyDistributionChannels": []}
        return {
            "author": self.settings.author,
            "commentary": commentary,
            "visibility": "PUBLIC",
            "distribution": distribution,
            "content": {"article": {"source": post.url, **_card(post)}},
            "lifecycleState": "PUBLISHED",
            "isReshareDisabledByAuthor": False,
        }

    def _ugc_post(self, post: PublicPost, text: str) -> dict[str, Any]:
        card = {name: {"text": said} for name, said in _card(post).items()}
        share = {
            "shareCommentary": {"text": text},
            "shareMediaCategory": "ARTICLE",
            "media": [{"status": "READY", "originalUrl": post.url, **card}],
        }
        return {
            "author": self.settings.author,
            "lifecycleState": "PUBLISHED",
            "specificContent": {"com.linkedin.ugc.ShareContent": share},
            "visibility": {"com.linkedin.ugc.MemberNetworkVisibility": "PUBLIC"},
        }

    def deliver(self, delivery: Delivery) -> Outcome:
        """Send the post."""
        answer = self.http.send(Request("POST", self.address, self.headers, delivery.text.encode()))
        if isinstance(answer, Reply) and (refused := _refused(answer, delivery.now)):
            return refused
        if refused := failure(answer, idempotent=False):
            return refused
        assert isinstance(answer, Reply)  # noqa: S101 - what is none has failed
        urn = answer.headers.get("x-restli-id") or answer.at("id")
        if not isinstance(urn, str) or not urn.startswith("urn:li:"):
            return Outcome(Category.UNKNOWN, error="LinkedIn's answer has no id", evidence=shown(answer))
        return Outcome(Category.DELIVERED, urn, evidence=shown(answer))

    def check(self, now: datetime) -> Outcome:
        """Ask whose token it is, which needs the scopes ``openid`` and ``profile`` beside the one for posting.

        https://learn.microsoft.com/linkedin/consumer/integrations/self-serve/sign-in-with-linkedin-v2
        """
        answer = self.http.send(Request("GET", f"{self.settings.api_base}/v2/userinfo", self.headers))
        soon = self.settings.warnings(now)
        if isinstance(answer, Reply) and answer.status == _FORBIDDEN:
            # A token that is not accepted at all gets 401.
            said = "the token is accepted; without the scopes openid and profile, LinkedIn does not say whose it is"
            return Outcome(Category.DELIVERED, evidence="; ".join([said, *soon]))
        if isinstance(answer, Reply) and (refused := _refused(answer, now)):
            return refused
        if refused := failure(answer, idempotent=True):
            return refused
        assert isinstance(answer, Reply)  # noqa: S101 - what is none has failed
        member = f"urn:li:person:{answer.at('sub')}"
        if self.settings.author.startswith("urn:li:person:") and self.settings.author != member:
            error = f"the token is of {member}, and `author` is {self.settings.author}"
            return Outcome(Category.AUTH, error=error)
        return Outcome(
            Category.DELIVERED, evidence="; ".join([f"the account is {answer.at('name')} ({member})", *soon])
        )


def escaped(text: str) -> str:
    """The text in LinkedIn's "little text": without the backslashes, LinkedIn silently cuts it there.

    What looks like a hashtag is one.
    """
    done: list[str] = []
    last = 0
    for tag in _HASHTAG.finditer(text):
        done += [_RESERVED.sub(r"\\\g<0>", text[last : tag.start()]), "#", _RESERVED.sub(r"\\\g<0>", tag[0][1:])]
        last = tag.end()
    return "".join([*done, _RESERVED.sub(r"\\\g<0>", text[last:])])


def _card(post: PublicPost) -> dict[str, str]:
    description = post.seo.get("description") or post.excerpt or ""
    card = {"title": shortened(post.title, TITLE_LIMIT, len)}
    return card | ({"description": shortened(description, DESCRIPTION_LIMIT, len)} if description else {})


def _refused(reply: Reply, now: datetime) -> Outcome | None:
    """What LinkedIn means by some of its answers."""
    evidence = shown(reply)
    match reply.status:
        case status if status == _UNPROCESSABLE and _DUPLICATE.search(body := reply.body.decode("utf-8", "replace")):
            urn = _URN.search(body)
            error = "LinkedIn has it already; unverified, since the post that it names may have been deleted recently"
            return Outcome(Category.DUPLICATE, urn and urn[0], error=error, evidence=evidence)
        case status if status == _UNAUTHORIZED:
            error = "LinkedIn refuses the token, which lives 60 days: create a new one, and set `token_issued`"
            return Outcome(Category.AUTH, error=error, evidence=evidence)
        case status if status == _UPGRADE:
            error = "LinkedIn no longer has this version of its API: set `version` to a newer one, such as last month's"
            return Outcome(Category.VALIDATION, error=error, evidence=evidence)
        case status if status == _TOO_MANY:
            midnight = (now + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
            wait = retry_after_s(reply) or (midnight - now).total_seconds()
            error = "LinkedIn's limit for the day"
            return Outcome(Category.RATE_LIMITED, error=error, retry_after_s=wait, evidence=evidence)
    return None
