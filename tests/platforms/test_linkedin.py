"""LinkedIn: both of its APIs, its little text, whose post it is, and its tokens."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from emdash_cli.domain.delivery import Category
from emdash_cli.domain.errors import UsageError
from emdash_cli.platforms import linkedin
from tests.platforms.servers.base import Said
from tests.platforms.support import NOW, POST, Table, connected, delivery, refused, server_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.platforms.servers.base import Server

AUTHOR = "urn:li:person:abc123XYZ"


@pytest.fixture
def server() -> Iterator[Server]:
    with server_of("linkedin") as running:
        yield running


def test_the_posts_api(server: Server, tmp_path: Path) -> None:
    platform = connected(server, tmp_path)
    outcome = platform.deliver(delivery(platform))
    assert (outcome.category, outcome.external_id) == (Category.DELIVERED, "urn:li:share:7000000000000000000")
    (request,) = server.requests
    assert (request.method, request.path) == ("POST", "/rest/posts")
    assert request.headers["linkedin-version"] == "202610"
    assert request.headers["x-restli-protocol-version"] == "2.0.0"
    assert request.json == {
        "author": AUTHOR,
        "commentary": f"{POST.title}\n\n{POST.excerpt}\n\n#Edge #CachingTips",
        "visibility": "PUBLIC",
        "distribution": {"feedDistribution": "MAIN_FEED", "targetEntities": [], "thirdPartyDistributionChannels": []},
        "content": {"article": {"source": POST.url, "title": POST.title, "description": POST.excerpt}},
        "lifecycleState": "PUBLISHED",
        "isReshareDisabledByAuthor": False,
    }


def test_the_older_api(server: Server, tmp_path: Path) -> None:
    server.instead = lambda _: Said(201, {"id": "urn:li:share:7"})
    platform = connected(server, tmp_path, api="ugcPosts")
    assert platform.deliver(delivery(platform)).external_id == "urn:li:share:7"
    (request,) = server.requests
    assert (request.method, request.path) == ("POST", "/v2/ugcPosts")
    assert "linkedin-version" not in request.headers
    media = {"status": "READY", "originalUrl": POST.url, "title": {"text": POST.title}}
    share = {
        "shareCommentary": {"text": f"{POST.title}\n\n{POST.excerpt}\n\n#Edge #CachingTips"},
        "shareMediaCategory": "ARTICLE",
        "media": [{**media, "description": {"text": POST.excerpt}}],
    }
    assert request.json == {
        "author": AUTHOR,
        "lifecycleState": "PUBLISHED",
        "specificContent": {"com.linkedin.ugc.ShareContent": share},
        "visibility": {"com.linkedin.ugc.MemberNetworkVisibility": "PUBLIC"},
    }


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (r"\|{}@[]()<>*_~", r"\\\|\{\}\@\[\]\(\)\<\>\*\_\~"),
        ("a #tag, #été and C#, # alone, #1", r"a #tag, #été and C\#, \# alone, \#1"),
        ("#snake_case", r"#snake\_case"),
        ("say (really) {hashtag|\\#|evil} @[Eve](urn:li:person:1)",
         r"say \(really\) \{hashtag\|\\\#\|evil\} \@\[Eve\]\(urn:li:person:1\)"),
        ("https://blog.example/a_b#c", r"https://blog.example/a\_b\#c"),
        ("plain text, 100 % fine: yes?", "plain text, 100 % fine: yes?"),
    ],
)  # fmt: skip
def test_little_text(text: str, expected: str) -> None:
    assert linkedin.escaped(text) == expected


def test_the_card_is_not_little_text(server: Server, tmp_path: Path) -> None:
    platform = connected(server, tmp_path)
    document = json.loads(platform.render(replace(POST, title="A (bracket) and a_b")).parts[0])
    assert document["content"]["article"]["title"] == "A (bracket) and a_b"
    assert document["commentary"].startswith(r"A \(bracket\) and a\_b")


@pytest.mark.parametrize("own", ["(" * 4000, "Words in brackets (as here). " * 200])
def test_what_is_escaped_fits_as_well(server: Server, tmp_path: Path, own: str) -> None:
    rendered = connected(server, tmp_path).render(replace(POST, social={"linkedin": own}))
    assert len(json.loads(rendered.parts[0])["commentary"]) <= 3000
    assert "it is shortened" in rendered.warnings[0]


def test_a_list_of_texts_is_one_post(server: Server, tmp_path: Path) -> None:
    rendered = connected(server, tmp_path).render(replace(POST, social={"linkedin": ["One.", "Two. {url}"]}))
    assert json.loads(rendered.parts[0])["commentary"] == f"One.\n\nTwo. {POST.url}"


def test_an_empty_description_is_left_out(server: Server, tmp_path: Path) -> None:
    rendered = connected(server, tmp_path).render(replace(POST, excerpt=None))
    assert json.loads(rendered.parts[0])["content"]["article"] == {"source": POST.url, "title": POST.title}


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("abc123XYZ", AUTHOR),
        (AUTHOR, AUTHOR),
        ("urn:li:organization:2414183", "urn:li:organization:2414183"),
    ],
)
def test_authors(value: object, expected: str) -> None:
    assert linkedin.author(value) == expected


@pytest.mark.parametrize(
    "value",
    ["", "Jane Doe", "https://www.linkedin.com/in/jane", "urn:li:member:12", "urn:li:organization:acme",
     "urn:li:person:", "urn:li:share:12", True, None, ["abc123XYZ"]],
)  # fmt: skip
def test_what_is_no_author_is_refused(value: object) -> None:
    with pytest.raises(UsageError, match="is not an author on LinkedIn") as refusal:
        linkedin.author(value)
    assert "urn:li:organization:NUMBER" in str(refusal.value.hint)


@pytest.mark.parametrize("value", ["2026-10", "202613", 2026, "latest"])
def test_what_is_no_version_is_refused(value: object) -> None:
    with pytest.raises(UsageError, match="is not a version of the API"):
        linkedin.version(value)


@pytest.mark.parametrize(
    ("message", "urn"),
    [
        ({"code": "DUPLICATE_POST", "message": "Content is a duplicate of urn:li:share:712"}, "urn:li:share:712"),
        ({"message": "Content is a duplicate of urn:li:ugcPost:99", "status": 422}, "urn:li:ugcPost:99"),
        ({"code": "DUPLICATE_POST", "message": "duplicate"}, None),
    ],
)
def test_a_duplicate_is_done_and_unverified(server: Server, tmp_path: Path, message: Any, urn: str | None) -> None:
    outcome = refused(server, tmp_path, Said(422, message))
    assert (outcome.category, outcome.external_id) == (Category.DUPLICATE, urn)
    assert "unverified" in str(outcome.error)


@pytest.mark.parametrize(
    ("said", "expected", "error"),
    [
        (Said(422, {"code": "INVALID_CONTENT"}), Category.VALIDATION, "INVALID_CONTENT"),
        (Said(426, {"code": "NONEXISTENT_VERSION"}), Category.VALIDATION, "set `version` to a newer one"),
        (Said(401, {"code": "EXPIRED_ACCESS_TOKEN"}), Category.AUTH, "lives 60 days"),
        (Said(403, {"message": "Not enough permissions"}), Category.AUTH, "Not enough permissions"),
        (Said(201, None), Category.UNKNOWN, "no id"),
        (Said(500, {"message": "Internal"}), Category.UNKNOWN, "Internal"),
    ],
)
def test_refusals(server: Server, tmp_path: Path, said: Said, expected: Category, error: str) -> None:
    outcome = refused(server, tmp_path, said)
    assert outcome.category == expected
    assert error in str(outcome.error)


def test_the_limit_of_the_day_ends_at_midnight_utc(server: Server, tmp_path: Path) -> None:
    late = datetime(2026, 12, 31, 21, 30, tzinfo=UTC)
    outcome = refused(server, tmp_path, Said(429, {"message": "throttled"}), now=late)
    assert (outcome.category, outcome.retry_after_s) == (Category.RATE_LIMITED, 2.5 * 3600)


@pytest.mark.parametrize(
    ("issued", "state"),
    [
        ("2026-11-20", None),
        ("2026-10-07T08:00:00Z", None),
        ("2026-10-07T07:59:59Z", "expires on 2026-12-06"),
        ("2026-09-28T08:00:00Z", "expires on 2026-11-27"),
        ("2026-09-27T20:00:00Z", "expires on 2026-11-26"),
        ("2026-09-27T08:00:00Z", "has expired"),
        ("2026-01-01", "has expired"),
    ],
)
def test_a_token_that_expires_soon_is_reported(issued: str, state: str | None) -> None:
    table = Table({"token": "env:PLANTED", "author": AUTHOR, "token_issued": issued})
    said = linkedin.Settings.read(table).warnings(NOW)
    assert said == (
        [f"LinkedIn's token {state}: create a new one, and set `token_issued` to its date"] if state else []
    )


def test_a_token_of_unknown_age_is_not_reported() -> None:
    assert linkedin.Settings.read(Table({"token": "env:PLANTED", "author": AUTHOR})).warnings(NOW) == []
