"""IndexNow and Cloudflare's cache: one request for the changes of many posts."""

from __future__ import annotations

import threading
from contextlib import ExitStack
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from emdash_cli.domain.delivery import Category, Collecting, Delivery
from emdash_cli.domain.errors import UsageError
from emdash_cli.platforms import cloudflare_cache, indexnow
from tests.platforms.servers.base import Fault, Said, Seen
from tests.platforms.support import POST, SITE, Table, connected, delivery, refused, server_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from emdash_cli.domain.delivery import Outcome, Platform
    from tests.platforms.servers.base import Server

KEY = "0123456789abcdef"


@pytest.fixture
def engine() -> Iterator[Server]:
    with server_of("indexnow") as running:
        yield running


@pytest.fixture
def cache() -> Iterator[Server]:
    with server_of("cloudflare-cache") as running:
        yield running


def changes(platform: Platform, *paths: tuple[str | None, str | None]) -> list[Delivery]:
    """Deliveries of changes, each with the path of the post and the one before."""
    made = delivery(platform)
    return [replace(made, change={"path": path, "path_before": before}) for path, before in paths]


def together(platform: Platform, deliveries: list[Delivery]) -> Sequence[Outcome]:
    assert isinstance(platform, Collecting)
    return platform.deliver_all(deliveries)


def test_engines_get_all_addresses_in_one_request(engine: Server, tmp_path: Path) -> None:
    platform = connected(engine, tmp_path)
    outcomes = together(platform, changes(platform, ("/a", None), ("/b", "/old"), ("/a", None), (None, "/gone")))
    assert [outcome.category for outcome in outcomes] == [Category.DELIVERED] * 4
    (request,) = engine.requests
    assert request.headers["content-type"] == "application/json; charset=utf-8"
    assert request.json == {
        "host": "blog.example.com",
        "key": KEY,
        "keyLocation": f"{SITE}/{KEY}.txt",
        "urlList": [f"{SITE}/a", f"{SITE}/b", f"{SITE}/old", f"{SITE}/gone"],
    }


def test_a_post_without_a_change_is_its_own_address(engine: Server, tmp_path: Path) -> None:
    platform = connected(engine, tmp_path)
    together(platform, [replace(delivery(platform), change={})])
    assert engine.requests[0].json["urlList"] == [POST.url]


def test_the_five_engines() -> None:
    assert indexnow.Settings.read(Table({"key": KEY})).engines == (
        "https://www.bing.com/indexnow",
        "https://yandex.com/indexnow",
        "https://search.seznam.cz/indexnow",
        "https://searchadvisor.naver.com/indexnow",
        "https://indexnow.yep.com/indexnow",
    )


def told(root: Path, *said: Said | Fault) -> tuple[Outcome, list[int]]:
    """What comes of it if each engine answers like this, and how many requests each of them got."""
    with ExitStack() as stack:
        servers = [stack.enter_context(server_of("indexnow")) for _ in said]
        for server, one in zip(servers, said, strict=True):
            server.faults = [one if isinstance(one, Fault) else Fault(instead=one)]
        platform = connected(servers[0], root, engines=[f"{server.base}/indexnow" for server in servers])
        outcome = platform.deliver(delivery(platform))
        return outcome, [len(server.requests) for server in servers]


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ((Said(500), Said(429), Said(403), Fault(lost=True), Said(200, b"")), Category.DELIVERED),
        ((Said(202, b""), Said(403)), Category.DELIVERED),
        ((Said(403), Said(429, b"", {"Retry-After": "60"})), Category.RATE_LIMITED),
        ((Said(403), Said(503)), Category.TRANSIENT),
        ((Said(422), Said(422)), Category.VALIDATION),
        ((Said(403), Said(403)), Category.AUTH),
        ((Said(400), Said(403)), Category.VALIDATION),
    ],
)
def test_one_engine_that_takes_it_is_enough(tmp_path: Path, said: tuple[Said | Fault, ...], expected: Category) -> None:
    outcome, requests = told(tmp_path, *said)
    assert outcome.category == expected
    assert requests == [1] * len(said)


def test_a_key_that_is_not_shown_is_explained(tmp_path: Path) -> None:
    outcome, _ = told(tmp_path, Said(403))
    assert "the key is not shown at its address" in str(outcome.error)


def test_another_address_stands_in_for_every_engine(engine: Server, tmp_path: Path) -> None:
    platform = connected(engine, tmp_path, engines=list(indexnow.ENGINES), api_base=engine.base)
    outcome = platform.deliver(delivery(platform))
    assert [request.path for request in engine.requests] == ["/indexnow"] * 5
    assert "yandex.com: 200" in str(outcome.evidence)


def test_engines_are_told_in_parallel(tmp_path: Path) -> None:
    """Each engine answers only once all of them were asked."""
    everyone = threading.Barrier(3, timeout=20)
    with ExitStack() as stack:
        servers = [stack.enter_context(server_of("indexnow")) for _ in range(3)]

        def answer(_: Seen) -> Said:
            everyone.wait()
            return Said(200, b"")

        for server in servers:
            server.instead = answer
        platform = connected(servers[0], tmp_path, engines=[f"{server.base}/indexnow" for server in servers])
        evidence = platform.deliver(delivery(platform)).evidence
    assert evidence == ", ".join(["127.0.0.1: 200"] * 3)


@pytest.mark.parametrize("value", ["short", "k" * 129, "with space", "Ümlaut12345", 12345678.5, None])
def test_what_is_no_key_is_refused(value: Any) -> None:
    with pytest.raises(UsageError, match="is not a key of IndexNow"):
        indexnow.key(value)


def test_a_key_on_another_site_is_refused(engine: Server, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"key_location` is on cdn\.example, and the site is"):
        connected(engine, tmp_path, key_location="https://cdn.example/key.txt")
    elsewhere = connected(engine, tmp_path, key_location=f"{SITE}/keys/{KEY}.txt")
    elsewhere.deliver(delivery(elsewhere))
    assert engine.requests[0].json["keyLocation"] == f"{SITE}/keys/{KEY}.txt"


def test_pages_that_show_a_post_leave_the_cache_once(cache: Server, tmp_path: Path) -> None:
    platform = connected(cache, tmp_path, also=["/", "/{locale}/tag/{tag}", "/category/{category}"])
    together(platform, changes(platform, ("/posts/a", "/posts/old"), ("/posts/b", None)))
    (request,) = cache.requests
    assert request.json == {"files": [
        f"{SITE}/posts/a", f"{SITE}/posts/old", f"{SITE}/", f"{SITE}/en/tag/edge", f"{SITE}/en/tag/caching-tips",
        f"{SITE}/category/engineering", f"{SITE}/posts/b",
    ]}  # fmt: skip


def test_a_post_without_tags_and_category_has_no_pages_of_them(cache: Server, tmp_path: Path) -> None:
    platform = connected(cache, tmp_path, also=["/tag/{tag}", "/category/{category}", "/rss.xml"])
    platform.deliver(delivery(platform, replace(POST, tags=(), category=None)))
    assert cache.requests[0].json == {"files": [f"{SITE}/posts/edge-caching", f"{SITE}/rss.xml"]}


def test_a_hundred_addresses_go_into_a_request(cache: Server, tmp_path: Path) -> None:
    platform = connected(cache, tmp_path, also=["/"])
    outcomes = together(platform, changes(platform, *((f"/posts/{number}", None) for number in range(200))))
    assert {outcome.category for outcome in outcomes} == {Category.DELIVERED}
    assert [len(request.json["files"]) for request in cache.requests] == [100, 100, 1]
    assert len(set(cache.held)) == 201


def test_a_request_that_fails_leaves_all_changes_open(cache: Server, tmp_path: Path) -> None:
    platform = connected(cache, tmp_path, also=[])
    made = changes(platform, *((f"/posts/{number}", None) for number in range(150)))
    cache.faults = [Fault(), Fault(instead=Said(503, b"busy"))]
    assert {outcome.category for outcome in together(platform, made)} == {Category.TRANSIENT}
    assert {outcome.category for outcome in together(platform, made)} == {Category.DELIVERED}
    assert len(cache.held) == 150


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (Said(200, {"success": False, "errors": []}), Category.TRANSIENT),
        (Said(403, {"success": False, "errors": [{"code": 10000}]}), Category.AUTH),
        (
            Said(400, {"success": False, "errors": [{"code": 6003, "message": "Invalid request headers"}]}),
            Category.AUTH,
        ),
        (Said(404, {"success": False, "errors": [{"code": 7003}]}), Category.AUTH),
        (Said(400, {"success": False, "errors": [{"code": 1094}]}), Category.VALIDATION),
        (Said(400, {"errors": "odd"}), Category.VALIDATION),
    ],
)
def test_refusals_of_cloudflare(cache: Server, tmp_path: Path, said: Said, expected: Category) -> None:
    assert refused(cache, tmp_path, said).category == expected


@pytest.mark.parametrize("value", ["0123", "0123456789ABCDEF0123456789ABCDEF", "../../user", 12, None])
def test_what_is_no_zone_is_refused(value: Any) -> None:
    with pytest.raises(UsageError, match="is not the id of a zone"):
        cloudflare_cache.zone(value)


@pytest.mark.parametrize(("value", "expected"), [("posts", "not a path"), ("/{slug}", "unknown placeholder {slug}")])
def test_what_is_no_path_is_refused(value: str, expected: str) -> None:
    with pytest.raises(UsageError, match=expected):
        cloudflare_cache.paths([value])


def test_a_preview_names_every_page_that_is_purged(tmp_path: Path) -> None:
    with server_of("cloudflare-cache") as server:
        platform = connected(server, tmp_path)
        platform.deliver(delivery(platform))
    assert platform.render(POST).parts[0].splitlines() == server.held
