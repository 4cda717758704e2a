"""X: threads, limits, prices, and what it refuses."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from emdash_cli.domain.delivery import Category, Outcome
from emdash_cli.domain.lengths import x_weight
from tests.platforms.servers.base import DATE, Fault, Said
from tests.platforms.support import POST, connected, delivered_thread, delivery, refused, server_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.platforms.servers.base import Server

THREAD = replace(POST, social={"x": ["We measured how a cache behaves.", "It is quick.", "Read on: {url}"]})
DUPLICATE = Said(403, {"detail": "You are not allowed to create a Tweet with duplicate content.", "status": 403})
SENT_AT = 1795680000  # DATE, in seconds since 1970


@pytest.fixture
def server() -> Iterator[Server]:
    with server_of("x") as running:
        yield running


def test_the_parts_of_a_thread_answer_one_another(server: Server, tmp_path: Path) -> None:
    sent = delivered_thread(connected(server, tmp_path), THREAD)
    assert [held["id"] for held in server.held] == sent
    assert [held.get("reply") for held in server.held] == [
        None, {"in_reply_to_tweet_id": sent[0]}, {"in_reply_to_tweet_id": sent[1]}
    ]  # fmt: skip
    assert [held["text"] for held in server.held] == [
        "We measured how a cache behaves.\n\n1/3", "It is quick.\n\n2/3", f"Read on: {POST.url}\n\n3/3"
    ]  # fmt: skip


def test_requests_have_what_the_description_of_the_api_allows(server: Server, tmp_path: Path) -> None:
    """`CreatePostsRequest` of X's OpenAPI description 2.167: no other members, and ids of 1 to 19 digits."""
    delivered_thread(connected(server, tmp_path), THREAD)
    for request in server.requests:
        assert (request.method, request.path) == ("POST", "/2/tweets")
        assert request.headers["content-type"] == "application/json"
        assert set(request.json) <= {"text", "reply"}
        assert 1 <= x_weight(request.json["text"]) <= 280
        if "reply" in request.json:
            assert set(request.json["reply"]) == {"in_reply_to_tweet_id"}
            assert re.fullmatch("[0-9]{1,19}", request.json["reply"]["in_reply_to_tweet_id"])


def test_a_thread_resumes_after_its_last_part(server: Server, tmp_path: Path) -> None:
    platform = connected(server, tmp_path)
    parts = platform.render(THREAD).parts
    first = platform.deliver(delivery(platform, THREAD, text=parts[0], steps=3))
    server.faults = [Fault(instead=Said(403, {"detail": "Replies are limited to those who were mentioned."}))]
    made = delivery(platform, THREAD, text=parts[1], step=1, steps=3, sent=(str(first.external_id),))
    outcome = platform.deliver(made)
    # The account just posted, so that it is not the account that is refused.
    assert outcome.category == Category.VALIDATION
    assert len(server.held) == 1
    assert platform.deliver(replace(made, attempt=1)).category == Category.DELIVERED
    assert server.held[1]["reply"] == {"in_reply_to_tweet_id": first.external_id}


def test_a_repeated_post_is_a_duplicate(server: Server, tmp_path: Path) -> None:
    assert refused(server, tmp_path, DUPLICATE).category == Category.DUPLICATE


@pytest.mark.parametrize(("step", "sent"), [(0, ()), (1, ("1800000000000000000",))])
def test_a_repeated_part_of_a_thread_has_no_id_to_answer(
    server: Server, tmp_path: Path, step: int, sent: tuple[str, ...]
) -> None:
    outcome = refused(server, tmp_path, DUPLICATE, step=step, steps=3, sent=sent)
    assert outcome.category == Category.VALIDATION
    assert "does not say under which id" in str(outcome.error)


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (Said(403, {"title": "Forbidden", "detail": "Your account is suspended"}), Category.AUTH),
        (Said(402, {"title": "CreditsDepleted"}), Category.QUOTA),
        (Said(201, {"data": {"text": "no id"}}), Category.UNKNOWN),
        (Said(201, {"data": {"id": "twelve"}}), Category.UNKNOWN),
        (Said(200, {"errors": [{"title": "odd"}]}), Category.UNKNOWN),
        (Said(201, b"[" * 200_000), Category.UNKNOWN),
    ],
)
def test_other_answers(server: Server, tmp_path: Path, said: Said, expected: Category) -> None:
    assert refused(server, tmp_path, said).category == expected


def limits(**left_and_wait: tuple[int, int]) -> dict[str, str]:
    """Headers of limits: how much is left of each, and the seconds until it starts anew."""
    names = {name: f"x-{name.replace('_', '-')}" for name in left_and_wait}
    remaining = {f"{names[name]}-remaining": str(left) for name, (left, _) in left_and_wait.items()}
    return remaining | {f"{names[name]}-reset": str(SENT_AT + wait) for name, (_, wait) in left_and_wait.items()}


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        (limits(rate_limit=(0, 600)), 600),
        (limits(rate_limit=(80, 600), user_limit_24hour=(0, 40_000)), 40_000),
        (limits(rate_limit=(0, 600), user_limit_24hour=(3, 40_000)), 600),
        (limits(rate_limit=(0, 600), user_limit_24hour=(0, 40_000), app_limit_24hour=(0, 7_000)), 40_000),
        (limits(rate_limit=(80, 600), app_limit_24hour=(0, 7_000)), 7_000),
        ({"x-rate-limit-reset": str(SENT_AT + 30)}, 30),
        ({}, None),
    ],
)
def test_the_limit_that_is_used_up_says_how_long_to_wait(
    server: Server, tmp_path: Path, headers: dict[str, str], expected: float | None
) -> None:
    assert DATE == "Thu, 26 Nov 2026 08:00:00 GMT"
    outcome = refused(server, tmp_path, Said(429, {"title": "Too Many Requests"}, headers))
    assert (outcome.category, outcome.retry_after_s) == (Category.RATE_LIMITED, expected)


@pytest.mark.parametrize(("period", "expected"), [("Monthly", Category.QUOTA), ("Daily", Category.RATE_LIMITED)])
def test_a_cap_of_the_month_is_no_rate(server: Server, tmp_path: Path, period: str, expected: Category) -> None:
    document = {
        "type": "https://api.twitter.com/2/problems/usage-capped",
        "period": period,
        "title": "UsageCapExceeded",
    }
    assert refused(server, tmp_path, Said(429, document)).category == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [("Read {url}", 0.2), ("Read README.md", 0.2), ("No link.", 0.015)],
)
def test_a_post_costs_more_with_a_link(server: Server, tmp_path: Path, text: str, expected: float) -> None:
    platform = connected(server, tmp_path)
    outcome = platform.deliver(delivery(platform, replace(POST, social={"x": text})))
    assert outcome == replace(outcome, category=Category.DELIVERED, cost_usd=expected)


def test_a_thread_costs_what_its_parts_do(server: Server, tmp_path: Path) -> None:
    rendered = connected(server, tmp_path).render(THREAD)
    assert rendered.cost_usd == 0.23
    assert rendered.lengths == tuple(map(x_weight, rendered.parts))


def warnings(server: Server, root: Path, **changed: Any) -> tuple[str, ...]:
    return connected(server, root).render(replace(POST, **changed)).warnings


def test_warnings(server: Server, tmp_path: Path) -> None:
    price = "0.20 instead of 0.015 USD"
    assert warnings(server, tmp_path) == ()
    assert warnings(server, tmp_path, title="Write README.md, then README.md again") == (
        f"X turns README.md into a link, so that its part costs {price}",
    )
    assert warnings(server, tmp_path, social={"x": "Done."}) == (
        "no part has a link to the post; {url} stands for it in the file's own text",
    )
    assert warnings(server, tmp_path, social={"x": ["One {url}", "Two {url}", "Three"]}) == (
        f"2 of 3 parts have a link, and each of them costs {price}",
    )
    assert warnings(server, tmp_path, title="The @media rule") == ("@media, which is in the post, becomes a mention",)


def test_nothing_of_the_authors_own_words_is_left_out(server: Server, tmp_path: Path) -> None:
    text = "A sentence about caches, of which there are many. " * 30
    parts = connected(server, tmp_path).render(replace(POST, social={"x": text})).parts
    assert len(parts) > 1
    assert " ".join(part.rpartition("\n\n")[0] for part in parts) == text.strip()


@pytest.mark.parametrize(
    "title", ["\u4e16\u754c" * 300, "\U0001f469\u200d\U0001f469\u200d\U0001f467" * 200, "a.md " * 200]
)
def test_any_title_fits(server: Server, tmp_path: Path, title: str) -> None:
    (part,) = connected(server, tmp_path).render(replace(POST, title=title)).parts
    assert x_weight(part) <= 280
    assert part.endswith(POST.url)


def test_an_outcome_keeps_what_x_said(server: Server, tmp_path: Path) -> None:
    outcome = refused(server, tmp_path, Said(402, {"detail": "credits depleted"}))
    assert outcome == Outcome(
        Category.QUOTA,
        error="the account has no credits left for the X API",
        evidence='{"detail": "credits depleted"}',
    )
