"""``kind = "bluesky"``: a post on Bluesky, or on any other server of the AT Protocol.

The key of a record is made from the job, and ``putRecord`` with ``swapRecord: null`` creates it only if it is not
there; so a request may be sent again. See https://docs.bsky.app/docs/api/com-atproto-repo-put-record. (``createRecord``
answers 500 to a key that exists, and ``putRecord`` without ``swapRecord`` overwrites.)
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import threading
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final, NamedTuple, Self
from urllib.parse import urlencode

from emdash_cli.domain.delivery import Category, JobKind, Outcome, Traits
from emdash_cli.domain.fitting import shortened, thread
from emdash_cli.domain.instants import from_utc_text, utc_text
from emdash_cli.domain.lengths import graphemes
from emdash_cli.domain.replies import Reply, Request, failure, retry_after_s, shown
from emdash_cli.domain.ulid import milliseconds_of
from emdash_cli.platforms import _texts
from emdash_cli.platforms import _values as values

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from datetime import datetime

    from emdash_cli.domain.delivery import Account, Delivery, PublicPost, Rendered, Secret, Table
    from emdash_cli.domain.replies import Answer, Http

# 5,000 points an hour and 35,000 a day, of which a new record takes 3: https://docs.bsky.app/docs/advanced-guides/rate-limits
TRAITS: Final = Traits(idempotent=True, concurrency=2, rate="1000/h")
LIMIT: Final = 300
"""Characters as a reader sees them."""
LIMIT_BYTES: Final = 3000
COLLECTION: Final = "app.bsky.feed.post"
_LINK: Final = re.compile(r"https?://[^\s<>\"]*[^\s<>\"'.,;:!?\]]")
_TAG: Final = re.compile(r"(?<!\S)[#\uff03](?=\w*[^\W\d])(\w{1,64})(?!\w)")
_MENTION: Final = re.compile(r"(?<![^\s(])@((?:[A-Za-z0-9-]+\.)+[A-Za-z][A-Za-z0-9-]*)(?![\w/@-])")
_TID_LETTERS: Final = "234567abcdefghijklmnopqrstuvwxyz"
_TID_LENGTH: Final = 13
_FIRST_MS: Final = 1_700_000_000_000
"""The time of records about posts whose ids tell none begins here."""
_LATE: Final = timedelta(days=1)
_RENEW_S: Final = 60
_TOO_MANY: Final = 429
_AUTH_ERRORS: Final = frozenset(
    {"InvalidToken", "ExpiredToken", "AuthMissing", "AuthenticationRequired", "AccountTakedown"}
)


class Settings(NamedTuple):
    """``[platforms.NAME]`` of an account on Bluesky.

    Attributes:
        identifier: its handle or DID.
        password: an app password.
        template: see `_texts.templates`.
        api_base: of the server that the account is on.
    """

    identifier: str
    password: Secret
    template: Mapping[str, str]
    api_base: str

    @classmethod
    def read(cls, table: Table) -> Self:
        """Take the settings from the table."""
        return cls(
            identifier=table.need("identifier", identifier),
            password=table.need("password", values.secret),
            template=table.take("template", {}, _texts.templates),
            api_base=table.take("api_base", "https://bsky.social", values.api_url),
        )


def identifier(value: object) -> str:
    """A handle, with or without ``@``, or a DID."""
    said = value.removeprefix("@") if isinstance(value, str) else value
    wanted = 'an account on Bluesky: a handle such as "blog.example.com", or a DID'
    return _texts.identifier(said, r"did:[a-z]+:[A-Za-z0-9._:%-]+|(?:[A-Za-z0-9-]+\.)+[A-Za-z0-9-]+", wanted)


def connect(settings: Settings, account: Account, http: Http, reveal: Callable[[Secret], str]) -> Bluesky:
    """The account that these settings describe."""
    wording = _texts.Wording(account, "bluesky", settings.template, _texts.TITLE_EXCERPT, _MENTION)
    return Bluesky(settings, reveal(settings.password), wording, http)


@dataclass(slots=True)
class Session:
    """Tokens of a signed-in account."""

    did: str
    access: str
    refresh: str

    def is_over(self, now: datetime) -> bool:
        """Whether the access token ends within a minute; one that cannot be read is taken as valid."""
        if not self.access:
            return True
        try:
            middle = self.access.split(".")[1]
            ends = json.loads(base64.urlsafe_b64decode(middle + "=" * (-len(middle) % 4)))["exp"]
        except (ValueError, IndexError, KeyError, TypeError):
            return False
        return isinstance(ends, int) and ends < now.timestamp() + _RENEW_S


@dataclass
class Bluesky:
    """One account; it signs in once, since that is limited to 30 times in five minutes and 300 a day."""

    settings: Settings
    password: str = field(repr=False)
    wording: _texts.Wording
    http: Http
    session: Session | None = field(default=None, repr=False)
    lock: threading.Lock = field(default_factory=threading.Lock, repr=False)
    known: dict[str, str] = field(default_factory=dict, repr=False)

    def render(self, post: PublicPost) -> Rendered:
        """A thread of the author's own words, or one post of the template's."""
        words = self.wording.words(post)
        parts = thread(words.texts, LIMIT, length) if words.by_author else [shortened(words.texts[0], LIMIT, length)]
        return _texts.counted(parts, words.warnings, LIMIT, length)

    def deliver(self, delivery: Delivery) -> Outcome:
        """Create one record."""
        session = self._signed_in(delivery.now)
        if isinstance(session, Outcome):
            return session
        key = record_key(delivery)
        document = {
            "repo": session.did,
            "collection": COLLECTION,
            "rkey": key,
            "record": record(delivery, self._identities(delivery.text)),
            "swapRecord": None,
        }
        answer = self._call("putRecord", document, session.access)
        uri = f"at://{session.did}/{COLLECTION}/{key}"
        if isinstance(answer, Reply) and answer.at("error") == "InvalidSwap":
            found = re.search(r"\bbafy\w+", str(answer.at("message")))
            return Outcome(Category.DUPLICATE, f"{uri}#{found[0]}" if found else uri, evidence=shown(answer))
        if refused := self._refused(answer, session.access):
            return refused
        assert isinstance(answer, Reply)  # noqa: S101 - what is none has failed
        if answer.at("uri") != uri:
            return Outcome(Category.TRANSIENT, error="Bluesky's answer names no record", evidence=shown(answer))
        # The very same record is no change, and so has no commit.
        category = Category.DELIVERED if answer.at("commit") else Category.DUPLICATE
        return Outcome(category, f"{uri}#{answer.at('cid')}", evidence=shown(answer))

    def find(self, delivery: Delivery) -> Outcome | None:
        """Ask for the record, which anybody may."""
        key = record_key(delivery)
        answer = self._ask("repo.getRecord", repo=self.settings.identifier, collection=COLLECTION, rkey=key)
        if not isinstance(answer, Reply):
            return None
        if answer.at("error") == "RecordNotFound":
            return Outcome(Category.TRANSIENT, error="the account has no such record")
        uri = answer.at("uri")
        if not isinstance(uri, str):
            return None
        return Outcome(Category.DELIVERED, f"{uri}#{answer.at('cid')}", evidence=shown(answer))

    def check(self, now: datetime) -> Outcome:
        """Sign in, as every run does once."""
        session = self._signed_in(now)
        if isinstance(session, Outcome):
            return session
        return Outcome(Category.DELIVERED, evidence=f"signed in as {self.settings.identifier} ({session.did})")

    def _signed_in(self, now: datetime) -> Session | Outcome:
        with self.lock:
            if self.session and self.session.is_over(now):
                answer = self._call("refreshSession", None, self.session.refresh)
                self.session = _session(answer)
            if self.session is None:
                document = {"identifier": self.settings.identifier, "password": self.password}
                answer = self._call("createSession", document, None)
                self.session = _session(answer)
                if self.session is None:
                    refused = self._refused(answer) or Outcome(Category.TRANSIENT, error="Bluesky gave no session")
                    # Nothing was posted yet, whatever became of the request.
                    lost = refused.category == Category.UNKNOWN
                    return Outcome(Category.TRANSIENT, error=refused.error) if lost else refused
            return self.session

    def _identities(self, text: str) -> Mapping[str, str]:
        """The DIDs of those whom the text mentions; of whom nobody knows, the name stays plain text."""
        for handle in {found[1].lower() for found in _MENTION.finditer(text)} - self.known.keys():
            answer = self._ask("identity.resolveHandle", handle=handle)
            did = answer.at("did") if isinstance(answer, Reply) else None
            if isinstance(did, str) and did.startswith("did:"):
                self.known[handle] = did
        return self.known

    def _ask(self, method: str, **query: str) -> Answer:
        url = f"{self.settings.api_base}/xrpc/com.atproto.{method}?{urlencode(query)}"
        return self.http.send(Request("GET", url, {}))

    def _call(self, method: str, document: Mapping[str, Any] | None, token: str | None) -> Answer:
        area = "repo" if method == "putRecord" else "server"
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        body = b"" if document is None else json.dumps(document, ensure_ascii=False).encode()
        if document is not None:
            headers["Content-Type"] = "application/json"
        url = f"{self.settings.api_base}/xrpc/com.atproto.{area}.{method}"
        return self.http.send(Request("POST", url, headers, body))

    def _refused(self, answer: Answer, token: str | None = None) -> Outcome | None:
        """What Bluesky says by the member ``error``: a bad token is 400 there."""
        if isinstance(answer, Reply):
            name = answer.at("error")
            error = f"Bluesky: {name}: {answer.at('message')}" if name else f"Bluesky: HTTP {answer.status}"
            if name == "ExpiredToken":
                if token:
                    self._expire(token)
                return Outcome(Category.TRANSIENT, error=error, evidence=shown(answer))
            if name in _AUTH_ERRORS:
                return Outcome(Category.AUTH, error=error, evidence=shown(answer))
            if answer.status == _TOO_MANY:
                wait = retry_after_s(answer, "ratelimit-reset")
                return Outcome(Category.RATE_LIMITED, error=error, retry_after_s=wait, evidence=shown(answer))
        return failure(answer, idempotent=True)

    def _expire(self, token: str) -> None:
        """Have the next attempt refresh the session, unless another thread has done so meanwhile."""
        with self.lock:
            if self.session and self.session.access == token:
                self.session.access = ""


def _session(answer: Answer) -> Session | None:
    if not isinstance(answer, Reply) or failure(answer, idempotent=True):
        return None
    found = (answer.at("did"), answer.at("accessJwt"), answer.at("refreshJwt"))
    return Session(*found) if all(isinstance(part, str) and part for part in found) else None


def length(text: str) -> int:
    """Bluesky's measure: characters as seen, or as many of them as the text's bytes would be at the limit of bytes."""
    return max(graphemes(text), -(-len(text.encode()) * LIMIT // LIMIT_BYTES))


def record_key(delivery: Delivery) -> str:
    """A TID (https://atproto.com/specs/tid) that is the same for each attempt, whatever becomes of the post meanwhile.

    Its time is that of the post's id, and of the step; what tells jobs apart is made from the delivery's key.
    """
    digest = hashlib.sha256(delivery.key.encode()).digest()
    mark = int.from_bytes(digest[:4], "big")
    made = milliseconds_of(delivery.post.id)
    if made is None:
        made = _FIRST_MS + int.from_bytes(hashlib.sha256(delivery.post.id.encode()).digest()[:4], "big")
    microseconds = (made + 1000 * delivery.step) * 1000 + mark % 1000
    number = microseconds << 10 | (mark // 1000) % 1024
    return "".join(_TID_LETTERS[number >> 5 * place & 31] for place in reversed(range(_TID_LENGTH)))


def created_at(delivery: Delivery) -> datetime:
    """When the record says that it was made: feeds are sorted by it, so that a late announcement is made now."""
    published_at = from_utc_text(delivery.post.published_at)
    is_late = delivery.kind == JobKind.UPDATE or delivery.now - published_at > _LATE
    return (delivery.now if is_late else published_at) + timedelta(seconds=delivery.step)


def record(delivery: Delivery, identities: Mapping[str, str]) -> dict[str, Any]:
    """The post as a record of the lexicon ``app.bsky.feed.post``.

    Args:
        delivery: of one post of the thread.
        identities: DIDs by the handles, in lower case, that become mentions.
    """
    post, text = delivery.post, delivery.text
    made: dict[str, Any] = {
        "$type": COLLECTION,
        "text": text,
        "createdAt": utc_text(created_at(delivery)),
        "langs": [post.locale],
        "facets": list(facets(text, identities)),
    }
    if delivery.step == 0:
        description = post.seo.get("description") or post.excerpt or ""
        card = {"uri": post.url, "title": post.title, "description": description}
        made["embed"] = {"$type": "app.bsky.embed.external", "external": card}
    else:
        made["reply"] = {"root": _reference(delivery.sent[0]), "parent": _reference(delivery.sent[-1])}
    return made


def _reference(external_id: str) -> dict[str, str]:
    uri, _, cid = external_id.partition("#")
    return {"uri": uri, "cid": cid}


def facets(text: str, identities: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    """Links, hashtags and mentions, by offsets in bytes of UTF-8; the server accepts wrong ones without a word."""
    for link in _LINK.finditer(text):
        address = link[0]
        while address.endswith(")") and address.count(")") > address.count("("):
            address = address[:-1].rstrip("'.,;:!?]")
        end = link.start() + len(address)
        yield _facet(text, link.start(), end, {"$type": "app.bsky.richtext.facet#link", "uri": address})
    for tag in _TAG.finditer(text):
        yield _facet(text, tag.start(), tag.end(), {"$type": "app.bsky.richtext.facet#tag", "tag": tag[1]})
    for mention in _MENTION.finditer(text):
        if did := identities.get(mention[1].lower()):
            feature = {"$type": "app.bsky.richtext.facet#mention", "did": did}
            yield _facet(text, mention.start(), mention.end(), feature)


def _facet(text: str, start: int, end: int, feature: dict[str, str]) -> dict[str, Any]:
    place = {"byteStart": len(text[:start].encode()), "byteEnd": len(text[:end].encode())}
    return {"index": place, "features": [feature]}
