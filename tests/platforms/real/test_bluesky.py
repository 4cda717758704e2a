"""Posts on a real PDS: what the server in `tests/platforms/servers/bluesky.py` answers is what this one does."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from emdash_cli.domain.delivery import Account, Category
from emdash_cli.domain.lengths import graphemes
from emdash_cli.platforms import bluesky
from emdash_cli.platforms.bluesky import Bluesky, Settings
from emdash_cli.web import WebClient
from tests.platforms.servers.base import SECRET
from tests.platforms.support import POST, SITE, Table, delivered_thread, delivery

if TYPE_CHECKING:
    from tests.platforms.real.servers import Pds

AT = datetime(2026, 11, 26, 8, tzinfo=UTC)


def account(pds: Pds, password: str = SECRET, **changed: Any) -> Bluesky:
    table = {"identifier": pds.handle, "password": "env:PLANTED", "api_base": pds.base, **changed}
    http = WebClient(allow_private=True, keeps_connections=False)
    return bluesky.connect(Settings.read(Table(table)), Account("bluesky", SITE), http, lambda _: password)


def record(pds: Pds, external_id: str | None) -> dict[str, Any]:
    """What everybody may read of a post."""
    uri, _, cid = str(external_id).partition("#")
    (found,) = [one for one in pds.records() if one["uri"] == uri]
    assert found["cid"] == cid
    value: dict[str, Any] = found["value"]
    return value


def test_a_post_has_its_card_its_links_and_its_mentions(pds: Pds) -> None:
    platform = account(pds)
    text = f"Käse \U0001f9c0 for @{pds.handle}: https://blog.example.com/käse #Été"
    outcome = platform.deliver(delivery(platform, replace(POST, social={"bluesky": text}), key="first"))
    assert outcome.category == Category.DELIVERED, outcome
    value = record(pds, outcome.external_id)
    assert value["text"] == text
    assert value["embed"]["external"] == {"uri": POST.url, "title": POST.title, "description": POST.excerpt}
    raw = text.encode()
    shown = {
        raw[facet["index"]["byteStart"] : facet["index"]["byteEnd"]].decode(): facet["features"][0]
        for facet in value["facets"]
    }
    assert shown["https://blog.example.com/käse"]["uri"] == "https://blog.example.com/käse"
    assert shown["#Été"]["tag"] == "Été"
    assert shown[f"@{pds.handle}"]["did"] == pds.did


def test_the_parts_of_a_thread_reply_to_one_another(pds: Pds) -> None:
    platform = account(pds)
    post = replace(POST, id="01KAZ00000THREADTHREADTHRD", social={"bluesky": ["One.", "Two.", "Three."]})
    sent = delivered_thread(platform, post)
    values = [record(pds, one) for one in sent]
    assert [value["text"] for value in values] == ["One.\n\n1/3", "Two.\n\n2/3", "Three.\n\n3/3"]
    uris = [one.partition("#")[0] for one in sent]
    assert [value["reply"]["root"]["uri"] for value in values[1:]] == [uris[0], uris[0]]
    assert [value["reply"]["parent"]["uri"] for value in values[1:]] == [uris[0], uris[1]]
    assert [one["uri"] for one in pds.records() if one["uri"] in uris] == uris


def test_a_repeated_post_is_there_once_and_stays_as_it_was(pds: Pds) -> None:
    platform = account(pds)
    made = delivery(platform, key="repeated")
    first = platform.deliver(made)
    before = len(pds.records())
    same = platform.deliver(replace(made, attempt=1))
    changed = delivery(platform, replace(POST, title="Changed meanwhile"), key="repeated", attempt=2)
    other = account(pds).deliver(changed)
    assert [first.category, same.category, other.category] == [Category.DELIVERED, *[Category.DUPLICATE] * 2]
    assert first.external_id == same.external_id == other.external_id
    assert len(pds.records()) == before
    assert record(pds, first.external_id)["text"].startswith(POST.title)


def test_a_post_is_found_by_whoever_asks(pds: Pds) -> None:
    platform = account(pds)
    made = delivery(platform, key="looked for")
    missing = platform.find(made)
    assert missing
    assert missing.category == Category.TRANSIENT
    sent = platform.deliver(made)
    found = account(pds, password="is not needed").find(made)  # noqa: S106
    assert found
    assert (found.category, found.external_id) == (Category.DELIVERED, sent.external_id)


def test_a_wrong_password_is_an_alarm_and_not_shown(pds: Pds) -> None:
    platform = account(pds, password="wrong-password-3a7f")  # noqa: S106
    outcome = platform.deliver(delivery(platform, key="never"))
    assert outcome.category == Category.AUTH
    assert "wrong-password-3a7f" not in repr(outcome)


def token(pds: Pds, ends: float) -> str:
    """An access token of the account, signed by the server's own secret."""
    server = f"did:web:{'localhost'}"
    head = {"typ": "at+jwt", "alg": "HS256"}
    body = {"scope": "com.atproto.access", "sub": pds.did, "aud": server, "iat": int(ends) - 7200, "exp": int(ends)}
    signed = ".".join(base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in (head, body))
    digest = hmac.new(pds.jwt_secret.encode(), signed.encode(), hashlib.sha256).digest()
    return f"{signed}.{base64.urlsafe_b64encode(digest).decode().rstrip('=')}"


@pytest.mark.parametrize(
    ("access", "expected"), [("expired", Category.TRANSIENT), ("forged", Category.AUTH), ("valid", Category.DELIVERED)]
)
def test_tokens(pds: Pds, access: str, expected: Category) -> None:
    platform = account(pds)
    made = delivery(platform, key=f"token {access}", now=AT)
    platform.deliver(delivery(platform, key=f"session {access}"))
    assert platform.session
    given = {"expired": token(pds, time.time() - 60), "valid": token(pds, time.time() + 3600), "forged": "a.b.c"}[
        access
    ]
    platform.session.access = given
    assert platform.deliver(made).category == expected
    if access == "expired":
        assert platform.deliver(made).category == Category.DELIVERED
        assert platform.session.access != given


@pytest.mark.parametrize(
    "text", ["\U0001f469\u200d\U0001f469\u200d\U0001f467\u200d\U0001f466" * 290, "Z\u0301\u0302\u0303\u0304" * 600]
)
def test_what_we_count_as_fitting_is_taken(pds: Pds, text: str) -> None:
    platform = account(pds)
    post = replace(POST, id=f"01KAZ000000{graphemes(text):015d}", social={"bluesky": text})
    assert len(delivered_thread(platform, post)) > 1


def test_the_server_refuses_what_is_longer(pds: Pds) -> None:
    platform = account(pds)
    for number, text in enumerate(("x" * 301, "\U0001f469\u200d\U0001f469\u200d\U0001f467\u200d\U0001f466" * 121)):
        outcome = platform.deliver(replace(delivery(platform, key=f"long {number}"), text=text))
        assert outcome.category == Category.VALIDATION, outcome
