"""Notices of events: written with the change that they report, signed, and described by a schema."""

from __future__ import annotations

import base64
import json
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest
from standardwebhooks.webhooks import Webhook

from emdash_cli.scheduling import schedule
from emdash_cli.scheduling.post_names import PostName
from emdash_cli.scheduling.selection import Selection
from tests.harness.ports import Port, SendsTwice
from tests.harness.receiver import LOST, Reply
from tests.harness.sessions import session_in
from tests.scheduling.support import told_by

if TYPE_CHECKING:
    from tests.harness.d1_site import D1Site
    from tests.harness.receiver import Receiver
    from tests.harness.site import Site

SECRET = "whsec_" + base64.b64encode(b"a secret that has 24 bytes").decode()
SCHEMA = json.loads((Path(__file__).parents[2] / "docs/platforms/webhook-events.schema.json").read_text("utf-8"))
EVERYTHING = """["post.published", "post.updated", "post.unpublished", "post.scheduled", "post.unscheduled",
  "post.held", "job.dead", "job.unknown", "request.finished"]"""


def settings(platform: Receiver, events: str, more: str = "") -> str:
    return f"""
[streams.default]
slug = "{{name}}"
platforms = ["hook"{', "other"' if more else ""}]
[platforms.hook]
kind = "webhook"
url = "{platform.url}/hook"
secret = "env:HOOK_SECRET"
allow_private = true
since = 2020-01-01
{f"events = {events}" if events else ""}
{more}
"""


@pytest.fixture
def hooked(site: Site, platform: Receiver) -> Site:
    """A site with a webhook that takes every event."""
    site.settings(settings(platform, EVERYTHING))
    site.environment["HOOK_SECRET"] = SECRET
    return site


def notices(site: Site, platform: Receiver) -> list[dict[str, Any]]:
    """What arrives when everything due is sent: verified, and as its schema says."""
    site.run("distribute")
    found = []
    for request in platform.requests:
        if request.path == "/hook":
            event = Webhook(SECRET).verify(request.body, dict(request.headers))
            if event["type"] not in {"post.published", "post.updated"}:
                jsonschema.validate(event, SCHEMA)
            found.append(event)
    platform.requests.clear()
    return sorted(found, key=lambda event: (event["timestamp"], str(event["data"].get("scheduledAt"))))


def draft(site: Site, name: str = "a", **fields: Any) -> None:
    site.put(f"{name}.json", **{"title": "About", "body_text": "Text.", "status": "draft", **fields})
    assert site.publish().code == 0


def test_that_a_post_was_taken_back_is_reported(hooked: Site, platform: Receiver) -> None:
    hooked.put("a.json", title="About", id="x")
    hooked.publish().succeeds()
    assert [notice["type"] for notice in notices(hooked, platform)] == ["post.published"]
    with closing(Port(hooked)) as port:
        assert told_by(session_in(port, hooked.root), "unpublish", "a", reason="why").errors == []
    (notice,) = notices(hooked, platform)
    assert notice["type"] == "post.unpublished"
    assert notice["data"] == {
        "articleId": "id:x:en",
        "title": "About",
        "slug": "a",
        "locale": "en",
        "actor": "operator:test",
        "reason": "why",
    }


def test_the_schedule_of_a_post_is_reported_as_it_changes(hooked: Site, platform: Receiver) -> None:
    draft(hooked, id="x")
    assert notices(hooked, platform) == []
    hooked.run("schedule", "a", "--at", "2999-01-01T00:00Z").succeeds()
    hooked.run("reschedule", "a", "--at", "2999-02-01T00:00Z").succeeds()
    hooked.run("unschedule", "a").succeeds()
    first, second, third = notices(hooked, platform)
    assert (first["type"], first["version"]) == ("post.scheduled", 1)
    data = first["data"]
    assert (data["articleId"], data["slug"], data["title"]) == ("id:x:en", "a", "About")
    assert (data["scheduledAt"], data["scheduledBefore"]) == ("2999-01-01T00:00:00.000Z", None)
    assert second["data"]["scheduledBefore"] == "2999-01-01T00:00:00.000Z"
    assert (third["type"], third["data"]["scheduledAt"]) == ("post.unscheduled", "2999-02-01T00:00:00.000Z")
    assert notices(hooked, platform) == []


def test_a_file_that_is_published_later_is_reported_as_scheduled(hooked: Site, platform: Receiver) -> None:
    draft(hooked, status="scheduled", publish_at="2999-01-01T00:00:00Z")
    (event,) = notices(hooked, platform)
    assert (event["type"], event["data"]["scheduledAt"]) == ("post.scheduled", "2999-01-01T00:00:00.000Z")


def test_a_post_that_is_held_is_reported_with_the_reason(hooked: Site, platform: Receiver) -> None:
    draft(hooked)
    hooked.run("schedule", "a", "--at", "2999-01-01T00:00Z").succeeds()
    notices(hooked, platform)
    hooked.sql("UPDATE ec_posts SET scheduled_at = '2026-06-01T00:00:00.000Z'")
    hooked.sql("UPDATE revisions SET data = json_set(data, '$.title', 'Another')")
    hooked.run("sweep").fails(3)
    hooked.run("sweep")
    (event,) = notices(hooked, platform)
    assert (event["type"], event["data"]["code"]) == ("post.held", "text_changed")
    assert event["data"]["reason"]


OTHER = '[platforms.other]\nkind = "{kind}"\nurl = "{url}/other"\nallow_private = true\nsince = 2020-01-01\n'


def test_a_dead_job_is_reported_to_the_others_once(hooked: Site, platform: Receiver) -> None:
    hooked.settings(settings(platform, '["job.dead"]', OTHER.format(kind="target", url=platform.url)))
    hooked.put("a.json", id="x")
    hooked.publish()
    platform.otherwise = lambda request: Reply(400, "no such blog") if request.path == "/other" else Reply()
    (event,) = notices(hooked, platform)
    data = event["data"]
    assert (event["type"], data["platform"], data["kind"]) == ("job.dead", "other", "announce")
    assert (data["articleId"], data["slug"], data["category"]) == ("id:x:en", "a", "validation")
    assert "400" in data["error"]
    assert notices(hooked, platform) == []


def test_a_job_whose_answer_is_lost_is_reported(hooked: Site, platform: Receiver) -> None:
    more = f'[platforms.other]\nkind = "telegram"\ntoken = "env:BOT"\nchat = "@channel"\napi_base = "{platform.url}"\n'
    hooked.settings(settings(platform, '["job.unknown"]', more + "allow_private = true\nsince = 2020-01-01\n"))
    hooked.environment["BOT"] = "1:planted"
    hooked.put("a.json")
    hooked.publish()
    platform.otherwise = lambda request: Reply() if request.path == "/hook" else LOST
    (event,) = notices(hooked, platform)
    assert (event["type"], event["data"]["category"]) == ("job.unknown", "unknown")
    assert "planted" not in json.dumps(event)


def test_a_notice_that_fails_is_not_reported_in_turn(hooked: Site, platform: Receiver) -> None:
    more = OTHER.format(kind="webhook", url=platform.url) + 'secret = "env:HOOK_SECRET"\n'
    both = settings(platform, '["job.dead"]', more + 'events = ["post.published", "job.dead"]\n')
    hooked.settings(both)
    hooked.put("a.json")
    hooked.publish()
    platform.otherwise = lambda _: Reply(400)
    hooked.run("distribute").fails(3)
    hooked.run("distribute")
    kinds = [kind for (kind,) in hooked.sql("SELECT kind FROM publish_jobs ORDER BY id")]
    assert kinds == ["announce", "job.dead"]


def test_by_default_only_what_readers_see_is_reported(hooked: Site, platform: Receiver) -> None:
    hooked.settings(settings(platform, ""))
    draft(hooked)
    hooked.run("schedule", "a", "--at", "now").succeeds()
    hooked.run("sweep").succeeds()
    assert [event["type"] for event in notices(hooked, platform)] == ["post.published"]


def test_changes_alone_can_be_asked_for(hooked: Site, platform: Receiver) -> None:
    hooked.settings(settings(platform, '["post.updated"]'))
    hooked.put("a.json")
    hooked.publish()
    assert notices(hooked, platform) == []
    hooked.run("edit", "a", "--tag", "new").succeeds()
    assert [event["type"] for event in notices(hooked, platform)] == ["post.updated"]


def test_changes_of_a_post_that_is_announced_nowhere_are_reported_nowhere(hooked: Site, platform: Receiver) -> None:
    hooked.settings(settings(platform, '["post.updated"]'))
    hooked.put("a.json", platforms=[])
    hooked.publish()
    hooked.run("edit", "a", "--tag", "new").succeeds()
    assert notices(hooked, platform) == []


def test_changes_that_were_not_asked_for_are_not_reported(hooked: Site, platform: Receiver) -> None:
    hooked.settings(settings(platform, '["post.scheduled"]'))
    hooked.put("a.json")
    hooked.publish()
    hooked.run("edit", "a", "--tag", "new").succeeds()
    assert notices(hooked, platform) == []


def test_a_webhook_that_was_taken_out_gets_no_notices(hooked: Site, platform: Receiver) -> None:
    hooked.settings(settings(platform, EVERYTHING, OTHER.format(kind="target", url=platform.url)))
    draft(hooked)
    hooked.insert(
        "publish_lanes", lane="gone", kind="webhook", since="2020", removed_at="2026", streams='["default"]',
        events='["post.scheduled", "job.dead"]',
    )  # fmt: skip
    hooked.run("schedule", "a", "--at", "now").succeeds()
    hooked.run("sweep").succeeds()
    platform.otherwise = lambda request: Reply(400, "no such blog") if request.path == "/other" else Reply()
    hooked.run("distribute").fails(3)
    found = hooked.sql("SELECT lane, kind FROM publish_jobs WHERE kind <> 'announce' ORDER BY kind")
    assert found == [("hook", "job.dead"), ("hook", "post.scheduled")]


def test_a_change_that_arrives_twice_is_reported_once(hooked: Site) -> None:
    draft(hooked)
    with closing(SendsTwice(hooked)) as port:
        session = session_in(port, hooked.root)
        wanted = schedule.ScheduleChange("schedule", Selection([PostName("a")]), session.clock())
        list(schedule.Plan(session, wanted).carry_out())
    assert hooked.sql("SELECT kind FROM publish_jobs") == [("post.scheduled",)]


def test_a_post_that_is_announced_nowhere_is_reported_nowhere(hooked: Site, platform: Receiver) -> None:
    draft(hooked, platforms=[])
    hooked.run("schedule", "a", "--at", "2999-01-01T00:00Z").succeeds()
    assert notices(hooked, platform) == []


@pytest.mark.parametrize(("events", "why"), [('["post.publised"]', "is not an event"), ("[]", "no event is named")])
def test_what_is_no_event_is_refused(hooked: Site, platform: Receiver, events: str, why: str) -> None:
    hooked.settings(settings(platform, events))
    hooked.run("config").fails(2, "platforms.hook.events", why, "post.scheduled")


def test_platforms_that_take_no_events_have_no_such_setting(hooked: Site, platform: Receiver) -> None:
    more = OTHER.format(kind="target", url=platform.url)
    hooked.settings(settings(platform, "", more + 'events = ["post.held"]\n'))
    hooked.run("config").fails(2, "platforms.other.events")


def test_events_are_the_same_on_d1(d1_site: D1Site, platform: Receiver) -> None:
    d1_site.settings(settings(platform, EVERYTHING, OTHER.format(kind="target", url=platform.url)))
    d1_site.environment["HOOK_SECRET"] = SECRET
    draft(d1_site, id="x")
    d1_site.run("schedule", "a", "--at", "now").succeeds()
    d1_site.run("sweep").succeeds()
    platform.otherwise = lambda request: Reply(400, "no such blog") if request.path == "/other" else Reply()
    found = {event["type"]: event["data"] for event in notices(d1_site, platform)}
    assert set(found) == {"post.scheduled", "post.published", "job.dead"}
    assert {data["articleId"] for data in found.values()} == {"id:x:en"}


def test_search_engines_are_told_of_a_post_that_is_gone(site: Site, platform: Receiver) -> None:
    """Other platforms are not told anything of a post that is not public."""
    more = f"""
[platforms.engines]
kind = "indexnow"
key = "0123456789abcdef"
engines = ["{platform.url}/indexnow"]
allow_private = true
"""
    site.settings(settings(platform, "", more).replace('"other"', '"engines"'))
    site.environment["HOOK_SECRET"] = SECRET
    site.put("a.json", title="About", slug="a")
    site.publish().succeeds()
    site.run("distribute").succeeds()
    platform.requests.clear()
    for verb in ("unpublish", "trash"):
        site.run(verb, "a").succeeds()
    site.run("distribute").succeeds()
    told = [request.json for request in platform.requests if request.path == "/indexnow"]
    assert [url.rpartition("/")[2] for one in told for url in one["urlList"]] == ["a"]
    assert site.sql("SELECT count(*) FROM publish_jobs WHERE state NOT IN ('done', 'discarded')") == [(0,)]
