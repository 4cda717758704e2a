"""Bluesky: records, sessions, and what is a link in a text; `real/test_bluesky.py` shows the same on a real server."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from emdash_cli.domain.delivery import Category, JobKind
from emdash_cli.domain.errors import UsageError
from emdash_cli.domain.lengths import graphemes
from emdash_cli.platforms import bluesky
from tests.platforms.servers.base import Fault, Said, Seen
from tests.platforms.servers.bluesky import DID
from tests.platforms.support import NOW, POST, connected, delivered_thread, delivery, refused, server_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.platforms.servers.base import Server

ULID_POST = replace(POST, id="01KAZ00000ABCDEFGHJKMNPQRS")
THREAD = replace(ULID_POST, social={"bluesky": ["We measured.", "It is quick. {url}", "That is all."]})
TID = re.compile("[234567abcdefghij][234567abcdefghijklmnopqrstuvwxyz]{12}")


@pytest.fixture
def server() -> Iterator[Server]:
    with server_of("bluesky") as running:
        yield running


def methods(server: Server) -> list[str]:
    return [request.path.partition("?")[0].rpartition(".")[2] for request in server.requests]


def test_a_record(server: Server, tmp_path: Path) -> None:
    platform = connected(server, tmp_path)
    outcome = platform.deliver(delivery(platform, ULID_POST))
    (held,) = server.held
    assert held["swapRecord"] is None
    assert (held["repo"], held["collection"]) == (DID, "app.bsky.feed.post")
    assert TID.fullmatch(held["rkey"])
    assert outcome.external_id == f"at://{DID}/app.bsky.feed.post/{held['rkey']}#bafyreiabc"
    card = {"uri": POST.url, "title": POST.title, "description": POST.excerpt}
    assert held["record"] == {
        "$type": "app.bsky.feed.post",
        "text": f"{POST.title}\n\n{POST.excerpt}",
        "createdAt": "2026-11-26T08:00:00.000Z",
        "langs": ["en"],
        "facets": [],
        "embed": {"$type": "app.bsky.embed.external", "external": card},
    }


def test_a_card_has_a_description_even_without_one(server: Server, tmp_path: Path) -> None:
    platform = connected(server, tmp_path)
    platform.deliver(delivery(platform, replace(POST, excerpt=None)))
    assert server.held[0]["record"]["embed"]["external"]["description"] == ""


def test_replies_name_the_root_and_the_parent(server: Server, tmp_path: Path) -> None:
    sent = delivered_thread(connected(server, tmp_path), THREAD)
    references = [{"uri": uri, "cid": cid} for uri, _, cid in (one.partition("#") for one in sent)]
    assert [held["record"].get("reply") for held in server.held] == [
        None, {"root": references[0], "parent": references[0]}, {"root": references[0], "parent": references[1]}
    ]  # fmt: skip
    assert ["embed" in held["record"] for held in server.held] == [True, False, False]
    keys = [held["rkey"] for held in server.held]
    assert keys == sorted(keys)
    assert methods(server) == ["createSession", "putRecord", "putRecord", "putRecord"]


def test_the_key_of_a_record_outlives_every_change_of_the_post(server: Server, tmp_path: Path) -> None:
    platform = connected(server, tmp_path)
    made = delivery(platform, ULID_POST)
    changed = replace(
        ULID_POST, title="Another", published_at="2026-11-27T08:00:00.000Z", updated_at="2026-11-28T08:00:00.000Z"
    )
    assert bluesky.record_key(replace(made, post=changed, attempt=3)) == bluesky.record_key(made)
    assert bluesky.record_key(replace(made, key="another job")) != bluesky.record_key(made)
    platform.deliver(made)
    again = platform.deliver(replace(delivery(platform, changed), attempt=1))
    assert (again.category, len(server.held)) == (Category.DUPLICATE, 1)
    assert str(again.external_id).endswith("#bafyreiabc")


@pytest.mark.parametrize("post_id", ["01KAZ00000ABCDEFGHJKMNPQRS", "no ulid", "", "zzzzzzzzzzzzzzzzzzzzzzzzzz"])
def test_keys_are_those_that_the_protocol_knows(server: Server, tmp_path: Path, post_id: str) -> None:
    made = delivery(connected(server, tmp_path), replace(POST, id=post_id))
    assert TID.fullmatch(bluesky.record_key(made))


@pytest.mark.parametrize(
    ("kind", "waited", "expected"),
    [
        (JobKind.ANNOUNCE, timedelta(hours=2), "2026-11-26T08:00:00+00:00"),
        (JobKind.ANNOUNCE, timedelta(days=3), "2026-11-29T08:00:00+00:00"),
        (JobKind.UPDATE, timedelta(hours=2), "2026-11-26T10:00:00+00:00"),
    ],
)
def test_feeds_show_a_late_announcement_as_new(
    server: Server, tmp_path: Path, kind: str, waited: timedelta, expected: str
) -> None:
    made = delivery(connected(server, tmp_path), kind=kind, now=NOW + waited)
    assert bluesky.created_at(made).isoformat() == expected
    assert bluesky.created_at(replace(made, step=2)) - bluesky.created_at(made) == timedelta(seconds=2)


def said_of(text: str, **identities: str) -> list[tuple[str, dict[str, str]]]:
    """The facets of a text: the bytes that each is about, as text, and its feature."""
    raw = text.encode()
    return [
        (raw[facet["index"]["byteStart"] : facet["index"]["byteEnd"]].decode(), facet["features"][0])
        for facet in bluesky.facets(text, {name.replace("_", "."): did for name, did in identities.items()})
    ]


def link(address: str) -> tuple[str, dict[str, str]]:
    return address, {"$type": "app.bsky.richtext.facet#link", "uri": address}


def tag(written: str) -> tuple[str, dict[str, str]]:
    return written, {"$type": "app.bsky.richtext.facet#tag", "tag": written[1:]}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Käse \U0001f9c0 https://a.example/käse?x=1#y.", [link("https://a.example/käse?x=1#y")]),
        ("(https://a.example/b)", [link("https://a.example/b")]),
        ("(see https://a.example/b_(c)), or", [link("https://a.example/b_(c)")]),
        ("https://a.example/b_(c)", [link("https://a.example/b_(c)")]),
        ('"https://a.example/b", <https://a.example/c>', [link("https://a.example/b"), link("https://a.example/c")]),
        ("https:// and http://", []),
        ("\U0001f469\u200d\U0001f469 #Été #ééé #1 #2024goals C# a#b #", [tag("#Été"), tag("#ééé"), tag("#2024goals")]),
        (f"#{'a' * 64} #{'b' * 65}", [tag(f"#{'a' * 64}")]),
        ("@a.example", []),
    ],
)
def test_links_and_tags_by_bytes(text: str, expected: list[tuple[str, dict[str, str]]]) -> None:
    assert said_of(text) == expected


def test_who_is_known_is_mentioned(server: Server, tmp_path: Path) -> None:
    asked: list[str] = []
    usual = server.answer

    def answer(request: Seen) -> Said:
        if "resolveHandle" not in request.path:
            return usual(request)
        asked.append(request.path.rpartition("=")[2])
        known = asked[-1] == "jane.example"
        return Said(200, {"did": "did:plc:jane"}) if known else Said(400, {"error": "InvalidRequest"})

    server.instead = answer
    platform = connected(server, tmp_path)
    text = "É: thanks @Jane.example, (@jane.example) and @nobody.example; mail a@jane.example, npm @types/node.js"
    for number in (1, 2):
        platform.deliver(delivery(platform, replace(POST, social={"bluesky": text}), key=f"job-{number}"))
    found = [
        (text.encode()[facet["index"]["byteStart"] : facet["index"]["byteEnd"]].decode(), facet["features"][0]["did"])
        for facet in server.held[0]["record"]["facets"]
    ]
    assert found == [("@Jane.example", "did:plc:jane"), ("@jane.example", "did:plc:jane")]
    assert asked.count("jane.example") == 1
    assert "types" not in str(asked)


@pytest.mark.parametrize(
    "text",
    [
        "A sentence. " * 60,
        "\U0001f469\u200d\U0001f469\u200d\U0001f467\u200d\U0001f466" * 290,
        "Z\u0301\u0302\u0303\u0304\u0305\u0306" * 280,
    ],
)
def test_texts_fit_in_characters_and_in_bytes(server: Server, tmp_path: Path, text: str) -> None:
    platform = connected(server, tmp_path)
    for post in (replace(POST, title=text), replace(POST, social={"bluesky": text})):
        for part in platform.render(post).parts:
            assert graphemes(part) <= 300
            assert len(part.encode()) <= 3000


def test_one_session_serves_many_posts_and_is_refreshed_before_it_ends(server: Server, tmp_path: Path) -> None:
    server.ends = int(NOW.timestamp()) + 3600  # type: ignore[attr-defined]
    platform = connected(server, tmp_path)
    platform.deliver(delivery(platform, key="a"))
    platform.deliver(delivery(platform, key="b"))
    assert methods(server) == ["createSession", "putRecord", "putRecord"]
    server.ends += 7200  # type: ignore[attr-defined]
    assert platform.deliver(delivery(platform, key="c", now=NOW + timedelta(minutes=59, seconds=30))).category
    assert methods(server)[3:] == ["refreshSession", "putRecord"]
    assert [held["rkey"] for held in server.held] == [held["rkey"] for held in server.held]
    assert len(server.held) == 3


def test_a_token_that_the_server_calls_expired_is_refreshed_by_the_next_attempt(server: Server, tmp_path: Path) -> None:
    platform = connected(server, tmp_path)
    server.faults = [Fault(instead=Said(400, {"error": "ExpiredToken", "message": "Token has expired"}))]
    assert platform.deliver(delivery(platform)).category == Category.TRANSIENT
    assert platform.deliver(delivery(platform)).category == Category.DELIVERED
    assert methods(server) == ["createSession", "putRecord", "refreshSession", "putRecord"]


def test_a_session_that_cannot_be_refreshed_is_made_anew(server: Server, tmp_path: Path) -> None:
    usual = server.answer
    expired = Said(400, {"error": "ExpiredToken", "message": "Token has been revoked"})
    server.instead = lambda request: expired if "refresh" in request.path else usual(request)
    platform = connected(server, tmp_path)
    server.faults = [Fault(instead=expired)]
    platform.deliver(delivery(platform))
    assert platform.deliver(delivery(platform)).category == Category.DELIVERED
    assert methods(server)[2:] == ["refreshSession", "createSession", "putRecord"]


def signing_in(server: Server, root: Path, said: Said) -> tuple[Category, float | None]:
    """What a post comes to if the server answers like this to signing in."""
    server.instead = lambda _: said
    platform = connected(server, root)
    outcome = platform.deliver(delivery(platform))
    assert methods(server) == ["createSession"]
    return outcome.category, outcome.retry_after_s


LIMITED = Said(429, {"error": "RateLimitExceeded", "message": "Rate Limit Exceeded"}, {"RateLimit-Reset": "1795680290"})


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (
            Said(401, {"error": "AuthenticationRequired", "message": "Invalid identifier or password"}),
            (Category.AUTH, None),
        ),
        (Said(400, {"error": "AccountTakedown", "message": "Account has been taken down"}), (Category.AUTH, None)),
        (LIMITED, (Category.RATE_LIMITED, 290)),
        (Said(502, b"<html>"), (Category.TRANSIENT, None)),
        (Said(200, {"did": DID}), (Category.TRANSIENT, None)),
    ],
)
def test_signing_in(server: Server, tmp_path: Path, said: Said, expected: tuple[Category, float | None]) -> None:
    assert signing_in(server, tmp_path, said) == expected


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (Said(400, {"error": "InvalidToken", "message": "Token could not be verified"}), Category.AUTH),
        (Said(400, {"error": "InvalidRequest", "message": "Record/text must not be longer"}), Category.VALIDATION),
        (Said(429, b"busy", {"RateLimit-Reset": "1795680290"}), Category.RATE_LIMITED),
        (Said(200, {"uri": "at://did:plc:other/app.bsky.feed.post/1", "cid": "x"}), Category.TRANSIENT),
    ],
)
def test_refusals(server: Server, tmp_path: Path, said: Said, expected: Category) -> None:
    outcome = refused(server, tmp_path, said)
    assert outcome.category == expected
    assert "None" not in str(outcome.error)


@pytest.mark.parametrize(
    ("value", "expected"), [("@blog.example.com", "blog.example.com"), ("did:plc:abc", "did:plc:abc")]
)
def test_accounts(value: str, expected: str) -> None:
    assert bluesky.identifier(value) == expected


@pytest.mark.parametrize("value", ["blog", "jane@example.com", "https://bsky.app/profile/a.b", 7, ""])
def test_what_is_no_account_is_refused(value: Any) -> None:
    with pytest.raises(UsageError, match="is not an account on Bluesky"):
        bluesky.identifier(value)
