"""Signed notices, checked by the reference implementation of https://www.standardwebhooks.com/."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import TYPE_CHECKING

import jsonschema
import pytest
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from emdash_cli.domain.delivery import EventType
from tests.harness.receiver import LOST, Reply

if TYPE_CHECKING:
    from tests.harness.receiver import Receiver
    from tests.harness.site import Site

FIRST = "whsec_" + base64.b64encode(b"first secret of 24 bytes").decode()
SECOND = base64.b64encode(b"second secret, also of 24").decode()

PAGES = Path(__file__).parents[2] / "docs" / "platforms"


@pytest.fixture
def hooked(site: Site, platform: Receiver) -> Site:
    """A site whose posts are announced to `platform`, a webhook."""
    site.settings(f"""
[streams.default]
slug = "{{name}}"
on_change = "update"
platforms = ["hook"]
[platforms.hook]
kind = "webhook"
url = "{platform.url}/hook?from=blog"
secret = "env:HOOK_SECRET"
allow_private = true
""")
    site.environment["HOOK_SECRET"] = FIRST
    return site


def announce(site: Site, **fields: str) -> None:
    site.put("a.json", id="x", **fields)
    assert site.publish().code == 0
    site.run("distribute").succeeds()


def test_the_notice_is_signed_and_names_the_post(hooked: Site, platform: Receiver) -> None:
    announce(hooked)
    request = platform.one
    assert request.path == "/hook?from=blog"
    event = Webhook(FIRST).verify(request.body, dict(request.headers))
    assert (event["type"], event["version"]) == ("post.published", 1)
    assert event["timestamp"] == event["data"]["publishedAt"]
    assert event["data"]["url"] == "http://localhost:4321/posts/a"
    assert event["data"]["articleId"] == "id:x:en"
    with pytest.raises(WebhookVerificationError):
        Webhook(SECOND).verify(request.body, dict(request.headers))


def test_a_change_is_another_event_of_the_same_post(hooked: Site, platform: Receiver) -> None:
    announce(hooked)
    announce(hooked, body_text="new")
    first, second = (Webhook(FIRST).verify(each.body, dict(each.headers)) for each in platform.requests)
    assert (first["type"], second["type"]) == ("post.published", "post.updated")
    assert first["data"]["articleId"] == second["data"]["articleId"]
    ids = [each.headers["webhook-id"] for each in platform.requests]
    assert len(set(ids)) == 2


def test_a_repeated_notice_has_the_id_of_the_first(hooked: Site, platform: Receiver) -> None:
    platform.replies.append(Reply(500))
    announce(hooked)
    hooked.sql("UPDATE publish_jobs SET run_after = created_at")
    hooked.run("distribute").succeeds()
    first, second = platform.requests
    assert first.headers["webhook-id"] == second.headers["webhook-id"]


def test_while_secrets_are_exchanged_either_one_verifies(hooked: Site, platform: Receiver) -> None:
    text = (hooked.root / "emdash.toml").read_text()
    hooked.settings(text.replace('"env:HOOK_SECRET"', '["env:HOOK_SECRET", "env:NEW_SECRET"]'))
    hooked.environment["NEW_SECRET"] = SECOND
    announce(hooked)
    for secret in (FIRST, SECOND):
        assert Webhook(secret).verify(platform.one.body, dict(platform.one.headers))


@pytest.mark.parametrize("secret", ["short", "whsec_not base64!", base64.b64encode(b"15 bytes only..").decode()])
def test_what_is_no_secret_of_a_webhook_is_refused_and_not_repeated(hooked: Site, secret: str) -> None:
    hooked.environment["HOOK_SECRET"] = secret
    hooked.put("a.json")
    hooked.publish()
    told = hooked.run("distribute").fails(2, "platforms.hook.secret", "openssl rand -base64 32")
    assert secret not in told.out + told.err


def test_a_receiver_that_wants_no_more_is_paused(hooked: Site, platform: Receiver) -> None:
    platform.replies.append(Reply(410))
    hooked.put("a.json")
    hooked.publish()
    hooked.run("distribute").fails(3, "410", "wants no more")
    assert hooked.sql("SELECT paused_at IS NOT NULL FROM publish_lanes") == [(1,)]


def test_a_test_notice_is_signed_and_the_answer_is_printed(hooked: Site, platform: Receiver) -> None:
    platform.replies.append(Reply(202, "taken, thanks"))
    before = hooked.dump()
    line = hooked.run("webhooks", "test", "hook").succeeds().out.rstrip("\n").split("\t")
    event = Webhook(FIRST).verify(platform.one.body, dict(platform.one.headers))
    assert (event["type"], event["version"], event["data"]) == ("webhook.test", 1, {"platform": "hook"})
    assert line == ["delivered", "hook", f"{platform.url}/hook?from=blog", platform.one.headers["webhook-id"], line[-1]]
    assert line[-1] == "202 taken, thanks"
    assert hooked.dump() == before
    told = hooked.run("webhooks", "test", "hook", "--json").succeeds().json
    assert (told["category"], told["error"], told["answer"]) == ("delivered", None, "200 {}")
    assert platform.requests[0].headers["webhook-id"] != platform.requests[1].headers["webhook-id"]


def test_a_test_notice_can_be_of_every_type(hooked: Site, platform: Receiver) -> None:
    schemas = [json.loads((PAGES / f"{name}.schema.json").read_text("utf-8")) for name in ("webhook", "webhook-events")]
    for event in EventType:
        assert hooked.run("webhooks", "test", "hook", "--event", event, "--json").succeeds().json["answer"] == "200 {}"
        sent = Webhook(FIRST).verify(platform.requests[-1].body, dict(platform.requests[-1].headers))
        jsonschema.validate(sent, schemas[event not in {"post.published", "post.updated"}])
        assert (sent["type"], sent["version"]) == (event, 1)
    assert sent["data"] == {"actor": "test", "request": "test", "total": 1, "done": 1, "dead": 0}
    assert hooked.sql("SELECT count(*) FROM publish_jobs") == [(0,)]
    hooked.run("webhooks", "test", "hook", "--event", "post.lost").fails(2, "request.finished")


def test_a_test_notice_that_is_refused_says_why(hooked: Site, platform: Receiver) -> None:
    platform.replies.extend([Reply(401, "bad signature"), LOST])
    told = hooked.run("webhooks", "test", "hook").fails(3, "401")
    assert "bad signature" in told.out
    assert hooked.run("webhooks", "test", "hook", "--json").fails(3).json["answer"] is None
    assert hooked.sql("SELECT count(*) FROM publish_lanes WHERE paused_at IS NOT NULL") == [(0,)]


def test_a_test_notice_shows_that_both_secrets_sign(hooked: Site, platform: Receiver) -> None:
    text = (hooked.root / "emdash.toml").read_text()
    hooked.settings(text.replace('"env:HOOK_SECRET"', '["env:HOOK_SECRET", "env:NEW_SECRET"]'))
    hooked.run("webhooks", "test", "hook").fails(2, "NEW_SECRET")
    hooked.environment["NEW_SECRET"] = SECOND
    hooked.run("webhooks", "test", "hook").succeeds()
    for secret in (FIRST, SECOND):
        assert Webhook(secret).verify(platform.one.body, dict(platform.one.headers))


def test_only_webhooks_can_be_tested_so(hooked: Site, platform: Receiver) -> None:
    text = (hooked.root / "emdash.toml").read_text()
    hooked.settings(f'{text}[platforms.other]\nkind = "target"\nurl = "{platform.url}"\n')
    hooked.run("webhooks", "test", "other").fails(2, "not a webhook", "webhooks: hook")
    hooked.run("webhooks", "test", "hok").fails(2, "did you mean `hook`?")


def test_who_may_not_announce_may_not_test(hooked: Site, platform: Receiver) -> None:
    hooked.sql("INSERT INTO users (id, email, role) VALUES ('u', 'u@x.org', 30)")
    hooked.run("webhooks", "test", "hook", "--as", "u@x.org").fails(4)
    assert platform.requests == []
