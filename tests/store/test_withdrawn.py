"""Which jobs follow when a post is taken back: announcements are discarded, and whoever shows the post is told."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from freezegun import freeze_time

from tests.harness.ports import Port, SendsTwice
from tests.harness.posts import NOW
from tests.harness.sessions import session_in
from tests.scheduling.support import told_by

if TYPE_CHECKING:
    from tests.harness.site import Site
    from tests.scheduling.support import Told

SETTINGS = """
[streams.default]
slug = "{name}"
platforms = ["partner", "hook", "social", "engines"]
[platforms.partner]
kind = "target"
url = "https://partner.example/"
[platforms.hook]
kind = "webhook"
url = "https://hook.example/"
secret = "env:HOOK_SECRET"
[platforms.social]
kind = "target"
url = "https://social.example/"
on_update = "ignore"
stale_after = "2d"
[platforms.engines]
kind = "indexnow"
key = "0123456789abcdef"
"""
ANNOUNCED = {("partner", "announce"), ("hook", "announce"), ("social", "announce"), ("engines", "announce")}


class Desk:
    """A site whose clock goes on by a minute with each command."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.now = NOW
        site.write("emdash.toml", SETTINGS)

    def run(self, *words: str) -> None:
        self.now += timedelta(minutes=1)
        with freeze_time(self.now):
            self.site.run(*words).succeeds()

    def do(self, verb: str, port: Port | None = None) -> Told:
        self.now += timedelta(minutes=1)
        told = told_by(session_in(port or Port(self.site), self.site.root, clock=lambda: self.now), verb, "a")
        assert told.errors == []
        return told

    def jobs(self, state: str = "pending") -> set[tuple[str, str]]:
        return {(lane, kind) for lane, kind in self.site.sql(
            "SELECT lane, kind FROM publish_jobs WHERE state = ?", state)}  # fmt: skip

    def sent(self) -> None:
        """Everything that waits has arrived."""
        self.site.sql("UPDATE publish_jobs SET state = 'done' WHERE state = 'pending'")


@pytest.fixture
def desk(any_site: Site) -> Desk:
    """A site with a post that was just published from its file."""
    desk = Desk(any_site)
    any_site.put("a.json", title="A", slug="a")
    desk.run("publish-queue")
    assert desk.jobs() == ANNOUNCED
    return desk


@pytest.mark.parametrize(("verb", "back"), [("unpublish", "publish"), ("trash", "untrash")])
class TestBeforeItIsSent:
    def test_announcements_are_discarded_and_engines_told(self, desk: Desk, verb: str, back: str) -> None:
        told = desk.do(verb)
        assert told.posts[0].announced_on == ()
        # The notice to the webhook is its own; engines also keep what they were to be told before.
        assert desk.jobs() == {("engines", "announce"), ("engines", "update"), ("hook", "post.unpublished")}
        assert desk.jobs("discarded") == ANNOUNCED - {("engines", "announce")}
        assert back

    def test_published_again_it_is_announced_after_all_and_once(self, desk: Desk, verb: str, back: str) -> None:
        desk.do(verb)
        desk.do(back)
        desk.do("publish")
        assert desk.jobs() >= ANNOUNCED
        assert desk.jobs("discarded") == set()
        assert desk.site.sql("SELECT count(*) FROM publish_jobs WHERE kind = 'announce'") == [(4,)]

    def test_what_is_too_late_by_then_is_not(self, desk: Desk, verb: str, back: str) -> None:
        desk.do(verb)
        desk.now += timedelta(days=3)
        desk.do(back)
        assert desk.jobs("discarded") == {("social", "announce")}

    def test_what_a_person_has_discarded_stays_so(self, desk: Desk, verb: str, back: str) -> None:
        desk.site.sql("UPDATE publish_jobs SET state = 'discarded' WHERE lane = 'partner'")
        desk.do(verb)
        desk.do(back)
        assert desk.jobs("discarded") == {("partner", "announce")}

    def test_batches_that_are_sent_twice_act_once(self, desk: Desk, verb: str, back: str) -> None:
        for word in (verb, back, verb):
            desk.do(word, SendsTwice(desk.site))
        assert desk.jobs("discarded") == ANNOUNCED - {("engines", "announce")}
        assert desk.site.sql("SELECT count(*) FROM publish_jobs WHERE kind = 'post.unpublished'") == [(2,)]


@pytest.mark.parametrize(("verb", "back"), [("unpublish", "publish"), ("trash", "untrash")])
class TestAfterItWasSent:
    def test_the_platforms_that_have_it_are_named(self, desk: Desk, verb: str, back: str) -> None:
        desk.sent()
        told = desk.do(verb)
        assert told.posts[0].announced_on == ("hook", "partner", "social")
        assert desk.jobs() == {("engines", "update"), ("hook", "post.unpublished")}
        assert back

    def test_public_again_it_is_an_update_and_no_second_announcement(self, desk: Desk, verb: str, back: str) -> None:
        desk.sent()
        desk.do(verb)
        desk.sent()
        desk.do(back)
        assert desk.jobs() == {("engines", "update"), ("hook", "update"), ("partner", "update")}

    def test_public_again_by_a_sweep(self, desk: Desk, verb: str, back: str) -> None:
        desk.sent()
        desk.do(verb)
        desk.sent()
        if verb == "trash":
            desk.do(back)
            desk.do("unpublish")
            desk.sent()
        desk.run("schedule", "a", "--at", "now")
        desk.run("sweep")
        assert desk.jobs() == {("engines", "update"), ("hook", "update"), ("partner", "update")}


def test_the_notice_says_what_was_taken_back_by_whom_and_why(desk: Desk) -> None:
    session = session_in(Port(desk.site), desk.site.root, clock=lambda: NOW)
    told_by(session, "unpublish", "a", reason="a mistake")
    (change,) = desk.site.sql("SELECT change FROM publish_jobs WHERE kind = 'post.unpublished'")[0]
    data: dict[str, Any] = json.loads(change)["data"]
    kept = {name: data[name] for name in ("title", "slug", "locale", "actor", "reason")}
    assert kept == {"title": "A", "slug": "a", "locale": "en", "actor": "operator:test", "reason": "a mistake"}


def test_the_path_that_was_taken_back_is_what_engines_are_told(desk: Desk) -> None:
    desk.do("unpublish")
    (change,) = desk.site.sql("SELECT change FROM publish_jobs WHERE kind = 'update'")[0]
    assert json.loads(change) == {"path": "/posts/a", "path_before": None}


def test_a_draft_that_goes_to_the_trash_concerns_nobody(any_site: Site) -> None:
    desk = Desk(any_site)
    any_site.put("a.json", title="A", slug="a", status="draft")
    desk.run("publish-queue")
    desk.do("trash")
    desk.do("untrash")
    assert any_site.sql("SELECT * FROM publish_jobs") == []
    assert any_site.sql("SELECT * FROM publish_outbox") == []


def test_what_was_announced_by_hand_meanwhile_is_not_announced_again(desk: Desk) -> None:
    desk.do("trash")
    desk.site.sql("UPDATE ec_posts SET deleted_at = NULL")  # EmDash's admin restores it
    desk.run("announce", "a", "--platform", "social", "--again", "--yes")
    desk.sent()
    desk.do("unpublish")
    desk.do("publish")
    assert desk.jobs("discarded") == {("social", "announce")}
    assert ("social", "announce") not in desk.jobs()
