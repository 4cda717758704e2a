"""dev.to: whole articles, one for each canonical_url."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from emdash_cli.domain.delivery import Category, JobKind, Searchable
from emdash_cli.platforms import devto
from tests.platforms.servers.base import Said, Seen
from tests.platforms.support import POST, connected, delivery, refused, server_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.platforms.servers.base import Server

TAKEN = Said(422, {"error": "Validation failed: Canonical url has already been taken", "status": 422})


@pytest.fixture
def server() -> Iterator[Server]:
    with server_of("devto") as running:
        yield running


def test_an_article(server: Server, tmp_path: Path) -> None:
    platform = connected(server, tmp_path, organization=77)
    post = replace(POST, image="https://blog.example.com/a.png")
    outcome = platform.deliver(delivery(platform, post))
    assert (outcome.category, outcome.external_id, outcome.evidence) == (
        Category.DELIVERED,
        "1",
        "https://dev.to/blog/1",
    )
    (request,) = server.requests
    assert (request.method, request.path) == ("POST", "/api/articles")
    assert request.headers["accept"] == "application/vnd.forem.api-v1+json"
    assert request.json == {
        "article": {
            "title": POST.title,
            "body_markdown": "A cache near you.\n",
            "published": True,
            "canonical_url": POST.url,
            "description": POST.excerpt,
            "main_image": "https://blog.example.com/a.png",
            "tags": ["edge", "cachingtips"],
            "organization_id": 77,
        }
    }


def test_a_draft_with_the_canonical_address_of_the_post(server: Server, tmp_path: Path) -> None:
    platform = connected(server, tmp_path, draft=True)
    platform.deliver(
        delivery(platform, replace(POST, seo={"canonical": "https://a.example/b", "description": "Short."}))
    )
    held = server.held[0]
    assert (held["published"], held["canonical_url"], held["description"]) == (False, "https://a.example/b", "Short.")


def test_an_update_changes_the_article_and_not_whether_it_is_published(server: Server, tmp_path: Path) -> None:
    platform = connected(server, tmp_path, draft=True)
    platform.deliver(delivery(platform))
    server.held[0]["published"] = True  # by a person, on dev.to
    changed = replace(POST, title="Edge caching, again")
    outcome = platform.deliver(delivery(platform, changed, kind=JobKind.UPDATE))
    assert (outcome.category, outcome.external_id) == (Category.DELIVERED, "1")
    assert [request.method for request in server.requests] == ["POST", "GET", "PUT"]
    assert (server.held[0]["title"], server.held[0]["published"]) == ("Edge caching, again", True)


def test_an_article_that_is_not_there_cannot_be_updated(server: Server, tmp_path: Path) -> None:
    platform = connected(server, tmp_path)
    outcome = platform.deliver(delivery(platform, kind=JobKind.UPDATE))
    assert outcome.category == Category.VALIDATION
    assert not server.held


@pytest.mark.parametrize(
    ("articles", "expected", "number"),
    [
        (Said(200, [{"id": 5, "canonical_url": POST.url, "url": "https://dev.to/5"}]), Category.DUPLICATE, "5"),
        (Said(200, [{"id": 6, "canonical_url": "https://a.example"}]), Category.VALIDATION, None),
        (Said(500, b"oops"), Category.DUPLICATE, None),
    ],
    ids=["own", "of somebody else", "unknown"],
)
def test_whose_the_article_is_that_has_the_address(
    server: Server, tmp_path: Path, articles: Said, expected: Category, number: str | None
) -> None:
    server.instead = lambda request: TAKEN if request.method == "POST" else articles
    platform = connected(server, tmp_path)
    outcome = platform.deliver(delivery(platform))
    assert (outcome.category, outcome.external_id) == (expected, number)


def test_another_fault_of_the_address_is_no_duplicate(server: Server, tmp_path: Path) -> None:
    said = Said(422, {"error": "Validation failed: Canonical url must be a valid URL"})
    assert refused(server, tmp_path, said).category == Category.VALIDATION
    assert len(server.requests) == 1


def test_a_tag_is_short() -> None:
    assert devto.tags(("x" * 31, "y" * 30)) == ["y" * 30]


def test_articles_are_found_whatever_their_size(server: Server, tmp_path: Path) -> None:
    """An answer has the whole texts of its articles, which together are larger than other answers may be."""
    others = [{"id": 100 - number, "canonical_url": None, "body_markdown": "x" * 20_000} for number in range(45)]
    articles = [*others, {"id": 3, "canonical_url": POST.url, "url": "https://dev.to/3"}]

    def answer(request: Seen) -> Said:
        size, page = (int(part.partition("=")[2]) for part in request.path.partition("?")[2].split("&"))
        return Said(200, articles[size * (page - 1) : size * page])

    server.instead = answer
    platform = connected(server, tmp_path)
    assert isinstance(platform, Searchable)
    found = platform.find(delivery(platform))
    assert found
    assert (found.category, found.external_id) == (Category.DELIVERED, "3")


@pytest.mark.parametrize(("headers", "expected"), [({}, 30), ({"Retry-After": "12"}, 12)])
def test_a_limit_ends_in_half_a_minute(
    server: Server, tmp_path: Path, headers: dict[str, str], expected: float
) -> None:
    outcome = refused(server, tmp_path, Said(429, {"error": "Rate limit reached, try again in 30 seconds"}, headers))
    assert (outcome.category, outcome.retry_after_s) == (Category.RATE_LIMITED, expected)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("---\ntitle: Mine\n---\nText", "***\ntitle: Mine\n---\nText"),
        ("\n  ---\npublished: false\n---", "***\npublished: false\n---"),
        ("{% embed x %}", "{% raw %}{%{% endraw %} embed x %}"),
        ("{{ user.email }}", "{% raw %}{{{% endraw %} user.email }}"),
        ("{% endraw %}", "{% raw %}{%{% endraw %} endraw %}"),
        ("never {% ended", "never {% raw %}{%{% endraw %} ended"),
        ("Use `{{ x }}` or ``{% y %}``", "Use `{{ x }}` or ``{% y %}``"),
        ("```jinja\n{% if a %}\n```\n{{ b }}", "```jinja\n{% if a %}\n```\n{% raw %}{{{% endraw %} b }}"),
        ("~~~\n{{ a }}\n~~~", "~~~\n{{ a }}\n~~~"),
        ("{ % } {} 100 %}", "{ % } {} 100 %}"),
    ],
)
def test_nothing_in_a_text_is_front_matter_or_a_tag_of_liquid(text: str, expected: str) -> None:
    assert devto.safe_markdown(text) == expected


def rendered(server: Server, root: Path, **changed: Any) -> tuple[dict[str, Any], tuple[str, ...]]:
    made = connected(server, root).render(replace(POST, **changed))
    return json.loads(made.parts[0])["article"], made.warnings


def test_what_is_left_out_is_reported(server: Server, tmp_path: Path) -> None:
    assert rendered(server, tmp_path)[1] == ()
    article, warnings = rendered(
        server, tmp_path, tags=("One", "one", "two", "été", "世界", "C++", "four", "x" * 31), image="/media/a.png",
        title="A long title. " * 20,
    )  # fmt: skip
    assert article["tags"] == ["one", "two", "t", "c"]
    assert "main_image" not in article
    assert len(article["title"]) <= 128
    assert warnings == (
        "4 of 8 tags are left out: dev.to takes 4, of ASCII letters and digits",
        "the title has more than 128 characters and is cut",
        "the picture is left out: dev.to needs its whole address",
    )
