"""`emdash distribute`, against a server that behaves and misbehaves."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.distribution.conftest import TOKEN, settings
from tests.harness.receiver import LOST, Reply

if TYPE_CHECKING:
    from tests.harness.receiver import Receiver
    from tests.harness.site import Site

JOBS = "SELECT state, category, attempts FROM publish_jobs ORDER BY id"


def publish(site: Site, *names: str, **fields: Any) -> None:
    for name in names:
        site.put(f"{name}.json", **{"title": f"About {name}", "body_text": "Some *text*.", **fields})
    assert site.publish().code == 0


def due_again(site: Site) -> None:
    site.sql("UPDATE publish_jobs SET run_after = created_at")


def test_a_target_gets_the_whole_article(announcing: Site, platform: Receiver) -> None:
    publish(announcing, "a", id="art-1", tags=["x", "y"], category="News", author="Ada", excerpt="Short.")
    announcing.run("distribute").succeeds()
    request = platform.one
    assert (request.method, request.path) == ("POST", "/publish")
    assert request.headers["authorization"] == f"Bearer {TOKEN}"
    body = request.json
    assert {key: body[key] for key in ("articleId", "title", "slug", "locale", "markdown", "html", "excerpt")} == {
        "articleId": "id:art-1:en",
        "title": "About a",
        "slug": "a",
        "locale": "en",
        "markdown": "Some *text*.\n",
        "html": "<p>Some <em>text</em>.</p>",
        "excerpt": "Short.",
    }
    assert (body["tags"], body["category"], body["author"]) == (["x", "y"], "News", "Ada")
    assert body["canonicalUrl"] == "http://localhost:4321/posts/a"
    assert body["contentHash"].startswith("sha256:")
    assert {"publishedAt", "image", "seo", "metadata"} <= set(body)


def test_it_is_sent_once(announcing: Site, platform: Receiver) -> None:
    publish(announcing, "a", "b")
    announcing.run("distribute").succeeds()
    announcing.run("distribute").succeeds()
    assert len(platform.requests) == 2
    assert announcing.sql(JOBS) == [("done", "delivered", 1)] * 2


def test_what_was_there_already_is_a_duplicate(announcing: Site, platform: Receiver) -> None:
    publish(announcing, "a")
    platform.replies.append(Reply(body={"existed": True, "id": 7}))
    (outcome,) = announcing.run("distribute", "--json").succeeds().json["outcomes"]
    assert (outcome["outcome"], outcome["external_id"], outcome["slug"]) == ("duplicate", "7", "a")


@pytest.mark.parametrize(
    ("reply", "state", "category", "code"),
    [
        (Reply(500, "broken"), "pending", "transient", 0),
        (Reply(503), "pending", "transient", 0),
        (Reply(429, headers={"Retry-After": "90"}), "pending", "rate_limited", 0),
        (Reply(401, "no such token"), "dead", "auth", 3),
        (Reply(402), "dead", "quota", 3),
        (Reply(422, {"error": "no title"}), "dead", "validation", 3),
        (Reply(302, headers={"Location": "https://elsewhere.example/"}), "dead", "validation", 3),
        (Reply(200, "<html>log in</html>"), "pending", "transient", 0),
        (Reply(200, b"\xff" * 1_000_000), "pending", "transient", 0),
        (Reply(200, {"id": 1}, cut=True), "pending", "transient", 0),
        (LOST, "pending", "transient", 0),
        (Reply(204, ""), "done", "delivered", 0),
    ],
)
def test_what_an_answer_means(
    announcing: Site, platform: Receiver, reply: Reply, state: str, category: str, code: int
) -> None:
    publish(announcing, "a")
    platform.replies.append(reply)
    announcing.run("distribute").fails(code)
    ((found, said, _),) = announcing.sql(JOBS)
    assert (found, said) == (state, category)
    assert len(platform.requests) == 1, "redirects are not followed"


@pytest.mark.parametrize("reply", [Reply(drip_s=0.1), Reply(delay_s=5), Reply(body="x" * 400, drip_s=0.01)])
def test_an_exchange_ends_after_its_time_however_slowly_it_goes_on(
    announcing: Site, platform: Receiver, reply: Reply
) -> None:
    announcing.settings(settings(platform, "timeout = 1"))
    publish(announcing, "a")
    platform.replies.append(reply)
    announcing.run("distribute").succeeds()
    assert announcing.sql(JOBS) == [("pending", "transient", 1)]


def test_refused_credentials_pause_the_platform_and_say_so(announcing: Site, platform: Receiver) -> None:
    publish(announcing, "a", "b")
    platform.replies.extend([Reply(401, "bad token"), Reply(401, "bad token")])
    announcing.run("distribute").fails(3, "dead", "HTTP 401: bad token")
    publish(announcing, "c")
    told = announcing.run("distribute").succeeds()
    assert "platform partner has been paused since" in told.err
    assert "bad token" in told.err
    assert len(platform.requests) == 2
    assert announcing.run("distribute", "--quiet").err == ""


def test_a_failed_one_is_repeated_by_later_runs_under_the_same_key(announcing: Site, platform: Receiver) -> None:
    publish(announcing, "a")
    for _ in range(3):
        platform.replies.append(Reply(500))
        announcing.run("distribute").succeeds()
        announcing.run("distribute").succeeds()
        due_again(announcing)
    announcing.run("distribute").succeeds()
    assert len({request.headers["idempotency-key"] for request in platform.requests}) == 1
    assert len(platform.requests) == 4
    assert announcing.sql(JOBS) == [("done", "delivered", 4)]


def test_a_changed_post_is_sent_again_as_it_is_then(announcing: Site, platform: Receiver) -> None:
    announcing.settings(settings(platform).replace("slug =", 'on_change = "update"\nslug =', 1))
    publish(announcing, "a", id="x")
    announcing.run("distribute").succeeds()
    publish(announcing, "a", id="x", body_text="New text.")
    platform.replies.append(Reply(body={"existed": True}))
    (outcome,) = announcing.run("distribute", "--json").succeeds().json["outcomes"]
    assert (outcome["kind"], outcome["outcome"]) == ("update", "sent")
    first, second = (request.json for request in platform.requests)
    assert first["articleId"] == second["articleId"] == "id:x:en"
    assert second["markdown"] == "New text.\n"
    assert first["contentHash"] != second["contentHash"]


def test_what_is_not_public_any_more_is_not_announced(announcing: Site, platform: Receiver) -> None:
    publish(announcing, "a")
    announcing.sql("UPDATE ec_posts SET status = 'draft'")
    announcing.run("distribute").fails(3, "the post is not public any more")
    assert platform.requests == []


def test_a_private_address_is_refused_unless_the_settings_allow_it(announcing: Site, platform: Receiver) -> None:
    announcing.settings(settings(platform).replace("allow_private = true", ""))
    publish(announcing, "a")
    announcing.run("distribute").fails(3, "127.0.0.1, which is not a public address", "allow_private")
    assert platform.requests == []


@pytest.mark.parametrize("name", ["localhost", "127.1", "[::1]", "[::ffff:127.0.0.1]", "0.0.0.0"])  # noqa: S104
def test_a_private_address_is_one_under_every_name(announcing: Site, platform: Receiver, name: str) -> None:
    url = platform.url.replace("127.0.0.1", name).replace("http:", "https:")
    announcing.settings(settings(platform).replace("allow_private = true", "").replace(platform.url, url))
    publish(announcing, "a")
    announcing.run("distribute").fails(3, "which is not a public address")


def test_a_platform_without_its_secret_keeps_no_other_waiting(announcing: Site, platform: Receiver) -> None:
    announcing.settings(
        settings(platform).replace('["partner"]', '["partner", "lost"]')
        + f'[platforms.lost]\nkind = "target"\nurl = "{platform.url}"\ntoken = "env:LOST_TOKEN"\nallow_private = true\n'
    )
    publish(announcing, "a")
    announcing.run("distribute").fails(2, "the environment variable LOST_TOKEN is not set")
    assert [state for state, *_ in announcing.sql(JOBS)] == ["done", "pending"]


def test_a_secret_may_stand_in_a_file(announcing: Site, platform: Receiver) -> None:
    announcing.settings(settings(platform).replace("env:PARTNER_TOKEN", "file:secrets/partner"))
    announcing.write("secrets/partner", "from-a-file\n")
    publish(announcing, "a")
    announcing.run("distribute").succeeds()
    assert platform.one.headers["authorization"] == "Bearer from-a-file"


def test_a_secret_in_the_settings_is_refused_and_not_repeated(announcing: Site, platform: Receiver) -> None:
    announcing.settings(settings(platform).replace("env:PARTNER_TOKEN", "sk-live-123"))
    told = announcing.run("distribute").fails(2, "a secret must not stand in the settings", "env:NAME")
    assert "sk-live" not in told.err


def test_the_secret_is_nowhere(announcing: Site, platform: Receiver) -> None:
    publish(announcing, "a", "b", "c", "d")
    echo = Reply(400, f"your header was Bearer {TOKEN}")
    platform.replies.extend([Reply(401, "no"), echo, LOST, Reply(500)])
    said = [announcing.run("distribute", *options) for options in ((), ("--json",), ("--dry-run", "--json"))]
    said += [announcing.run("config", "--json"), announcing.run("config"), announcing.run("doctor", "--json")]
    for result in said:
        assert TOKEN not in result.out + result.err
    assert not [line for line in announcing.dump() if TOKEN in line]
    assert not [name for name, raw in announcing.tree().items() if raw and TOKEN.encode() in raw]


def test_a_dry_run_says_what_would_be_sent_and_changes_nothing(announcing: Site, platform: Receiver) -> None:
    publish(announcing, "a", "b")
    before = announcing.dump()
    told = announcing.run("distribute", "--dry-run", "--json").succeeds().json
    assert [(one["slug"], one["platform"]) for one in told["outcomes"]] == [("a", "partner"), ("b", "partner")]
    assert announcing.dump() == before
    assert platform.requests == []


def test_an_idle_run_says_nothing_if_it_is_quiet(announcing: Site) -> None:
    result = announcing.run("distribute", "--quiet").succeeds()
    assert (result.out, result.err) == ("", "")
    assert announcing.run("distribute").err == "nothing is due\n"


def test_a_limit_and_a_platform_are_kept(announcing: Site, platform: Receiver) -> None:
    announcing.settings(
        settings(platform).replace('["partner"]', '["partner", "other"]')
        + f'[platforms.other]\nkind = "target"\nurl = "{platform.url}/other"\nallow_private = true\n'
    )
    publish(announcing, "a", "b", "c")
    announcing.run("distribute", "--platform", "other", "--limit", "2").succeeds()
    assert [request.path for request in platform.requests] == ["/other", "/other"]
    announcing.run("distribute", "--platform", "othr").fails(2, "did you mean `other`?")


def test_waiting_it_ends_when_nothing_is_left(announcing: Site, platform: Receiver) -> None:
    publish(announcing, "a")
    platform.replies.append(Reply(429, headers={"Retry-After": "1"}))
    told = announcing.run("distribute", "--wait", "--json").succeeds().json
    assert [one["outcome"] for one in told["outcomes"]] == ["waiting", "sent"]


def test_what_went_live_in_a_sweep_is_announced(announcing: Site, platform: Receiver) -> None:
    publish(announcing, "a", publish_at="2999-01-01T00:00:00Z")
    announcing.sql("UPDATE ec_posts SET scheduled_at = '2026-06-01T00:00:00.000Z'")
    announcing.sql("UPDATE publish_lanes SET since = '2020'")
    announcing.settings(settings(platform, "since = 2020-01-01"))
    announcing.run("sweep").succeeds()
    announcing.run("distribute").succeeds()
    assert platform.one.json["slug"] == "a"


def test_the_document_is_one_also_if_the_store_is_missing(announcing: Site) -> None:
    announcing.store.unlink()
    told = announcing.run("distribute", "--json").fails(6)
    assert json.loads(told.out)["errors"][0]["code"] == "store_missing"
