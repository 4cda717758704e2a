"""Mastodon: statuses with a key that holds for an hour, and are looked for afterwards."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from emdash_cli.domain.delivery import Category, Searchable
from emdash_cli.domain.errors import UsageError
from emdash_cli.domain.lengths import mastodon_length
from emdash_cli.platforms import mastodon
from tests.platforms.servers.base import Fault, Said, Seen
from tests.platforms.support import POST, connected, delivered_thread, delivery, refused, server_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from emdash_cli.domain.delivery import Delivery, Outcome
    from tests.platforms.servers.base import Server

THREAD = replace(POST, social={"mastodon": ["We measured.", "It is quick. {url}"]})


@pytest.fixture
def server() -> Iterator[Server]:
    with server_of("mastodon") as running:
        yield running


def test_requests_have_what_the_description_of_the_api_allows(server: Server, tmp_path: Path) -> None:
    sent = delivered_thread(connected(server, tmp_path, visibility="unlisted"), replace(THREAD, locale="pt-br"))
    first, second = server.requests
    assert (first.method, first.path) == ("POST", "/api/v1/statuses")
    assert first.headers["content-type"] == "application/json"
    assert first.json == {"status": "We measured.\n\n1/2", "visibility": "unlisted", "language": "pt"}
    assert second.json["in_reply_to_id"] == sent[0]
    assert set(second.json) == {"status", "visibility", "language", "in_reply_to_id"}


def test_each_status_has_a_key_of_its_own_that_attempts_share(server: Server, tmp_path: Path) -> None:
    platform = connected(server, tmp_path)
    delivered_thread(platform, THREAD)
    platform.deliver(delivery(platform, THREAD, attempt=1))
    first, second, again = [request.headers["idempotency-key"] for request in server.requests]
    assert first != second
    assert again == first


def looked_for(server: Server, root: Path, statuses: list[dict[str, Any]], **changed: Any) -> Outcome | None:
    """What is found among these statuses, the latest first, which the server sends two at a time."""

    def answer(request: Seen) -> Said:
        if request.path.endswith("verify_credentials"):
            return Said(200, {"id": "42"})
        _, _, before = request.path.partition("max_id=")
        later = [number for number, status in enumerate(statuses) if status["id"] == before]
        start = later[0] + 1 if later else 0
        return Said(200, statuses[start : start + 2])

    server.instead = answer
    platform = connected(server, root)
    assert isinstance(platform, Searchable)
    found = platform.find(made(platform, **changed))
    assert all(request.method == "GET" for request in server.requests)
    assert all("exclude_reblogs=true" in request.path for request in server.requests[1:])
    return found


def made(platform: Any, **changed: Any) -> Delivery:
    return delivery(platform, **changed)


def status(number: str, content: str, at: str = "2026-11-26T08:00:01Z", parent: str | None = None) -> dict[str, Any]:
    return {
        "id": number,
        "content": content,
        "created_at": at,
        "in_reply_to_id": parent,
        "url": f"https://m.example/{number}",
    }


LINK = (
    '<a href="https://blog.example.com/posts/edge-caching"><span class="invisible">https://</span>'
    '<span class="ellipsis">blog.example.com/posts/edge</span><span class="invisible">-caching</span></a>'
)
TAGS = '<a class="mention hashtag">#<span>Edge</span></a> <a class="mention hashtag">#<span>CachingTips</span></a>'
OURS = f"<p>{POST.title}</p><p>{POST.excerpt}</p><p>{LINK}</p><p>{TAGS}</p>"
OTHERS = [status(str(number), f"<p>Note {number}</p>") for number in (9, 8, 7)]
OLD = status("1", "<p>Old</p>", "2026-11-01T08:00:00Z")


def test_a_status_is_found_on_a_later_page_as_the_server_shows_it(server: Server, tmp_path: Path) -> None:
    found = looked_for(server, tmp_path, [*OTHERS, status("6", OURS), OLD])
    assert found
    assert (found.category, found.external_id, found.evidence) == (Category.DELIVERED, "6", "https://m.example/6")


@pytest.mark.parametrize("others", [[], OTHERS, [*OTHERS, OLD]])
def test_a_status_that_is_not_there_may_be_sent(server: Server, tmp_path: Path, others: list[dict[str, Any]]) -> None:
    found = looked_for(server, tmp_path, others)
    assert found
    assert found.category == Category.TRANSIENT


def test_an_older_status_with_the_same_text_is_another_one(server: Server, tmp_path: Path) -> None:
    found = looked_for(server, tmp_path, [*OTHERS, status("6", OURS, "2026-11-25T08:00:00Z")])
    assert found
    assert found.category == Category.TRANSIENT


def test_a_server_whose_clock_is_behind_has_it_all_the_same(server: Server, tmp_path: Path) -> None:
    found = looked_for(server, tmp_path, [status("6", OURS, "2026-11-26T07:58:00Z")])
    assert found
    assert found.category == Category.DELIVERED


def test_a_status_that_the_server_rewrote_is_neither_found_nor_missing(server: Server, tmp_path: Path) -> None:
    assert looked_for(server, tmp_path, [*OTHERS, status("6", f"<p>Rewritten {LINK}</p>"), OLD]) is None


def test_many_later_statuses_leave_it_open(server: Server, tmp_path: Path) -> None:
    many = [status(str(number), "<p>Note</p>") for number in range(200, 100, -1)]
    assert looked_for(server, tmp_path, many) is None


@pytest.mark.parametrize(
    ("parent", "expected"), [("5", Category.DELIVERED), ("4", Category.TRANSIENT), (None, Category.TRANSIENT)]
)
def test_a_part_is_found_in_its_place(server: Server, tmp_path: Path, parent: str | None, expected: Category) -> None:
    statuses = [status("6", "<p>It is quick.</p>", parent=parent), status("5", "<p>We measured.</p>"), OLD]
    found = looked_for(server, tmp_path, statuses, text="It is quick.", step=1, steps=2, sent=("5",))
    assert found
    assert found.category == expected


def test_somebody_who_is_mentioned_has_a_shorter_name_there(server: Server, tmp_path: Path) -> None:
    content = '<p>Thanks <span class="h-card"><a class="u-url mention">@<span>jane</span></a></span> &amp; all</p>'
    found = looked_for(server, tmp_path, [status("6", content)], text="Thanks @jane@m.example & all")
    assert found
    assert found.category == Category.DELIVERED


@pytest.mark.parametrize(
    "said", [Said(401, {"error": "no"}), Said(500, b"oops"), Said(200, {"id": 42}), Said(200, b"{}")]
)
def test_an_account_that_cannot_be_read_tells_nothing(server: Server, tmp_path: Path, said: Said) -> None:
    server.instead = lambda _: said
    platform = connected(server, tmp_path)
    assert isinstance(platform, Searchable)
    assert platform.find(delivery(platform)) is None


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "2026-11-26T08:03:20.000000Z"}, 200),
        ({"Retry-After": "9", "X-RateLimit-Reset": "2026-11-26T08:03:20.000000Z"}, 9),
        ({"X-RateLimit-Reset": "soon"}, None),
    ],
)
def test_a_limit_names_an_instant(
    server: Server, tmp_path: Path, headers: dict[str, str], expected: float | None
) -> None:
    outcome = refused(server, tmp_path, Said(429, {"error": "Throttled"}, headers))
    assert (outcome.category, outcome.retry_after_s) == (Category.RATE_LIMITED, expected)


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (Said(422, {"error": "Validation failed: Text character limit of 500 exceeded"}), Category.VALIDATION),
        (Said(403, {"error": "This action is outside the authorized scopes"}), Category.AUTH),
        (Said(404, {"error": "Record not found"}), Category.VALIDATION),
        (Said(200, {"error": "odd"}), Category.UNKNOWN),
        (Said(503, {"error": "busy"}), Category.UNKNOWN),
    ],
)
def test_refusals(server: Server, tmp_path: Path, said: Said, expected: Category) -> None:
    assert refused(server, tmp_path, said).category == expected


def test_the_limit_of_the_server_counts(server: Server, tmp_path: Path) -> None:
    post = replace(POST, excerpt="A sentence about caches. " * 60)
    (text,) = connected(server, tmp_path, limit=120).render(post).parts
    assert 60 <= mastodon_length(text) <= 120
    parts = connected(server, tmp_path, limit=120).render(replace(post, social={"mastodon": post.excerpt})).parts
    assert len(parts) > 10
    assert all(mastodon_length(part) <= 120 for part in parts)


def test_a_lost_answer_is_not_sent_again(server: Server, tmp_path: Path) -> None:
    server.faults = [Fault(lost=True)]
    platform = connected(server, tmp_path)
    assert platform.deliver(delivery(platform)).category == Category.UNKNOWN


def test_who_sees_it() -> None:
    assert mastodon.visibility("private") == "private"
    with pytest.raises(UsageError, match="is not a visibility"):
        mastodon.visibility("direct")
