"""`emdash sweep`: posts are taken down when their expiry comes."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from freezegun import freeze_time

from emdash_cli.domain.errors import DatabaseError
from emdash_cli.domain.ports import Statement
from emdash_cli.scheduling.sweep import SweepOptions, sweep
from tests.harness.ports import Interrupted, Port, SendsTwice
from tests.harness.posts import NOW, ago, ahead, body, due_post, give_post, outcomes
from tests.harness.sessions import session_in
from tests.scheduling.support import CHANGED, PUBLISHED

if TYPE_CHECKING:
    from collections.abc import Sequence

    from emdash_cli.domain.ports import Row
    from tests.harness.d1_site import D1Site
    from tests.harness.site import Site

EXPIRED = ("unpublished", "expired")
HELD = ("held", "already_expired")
LIVE = {"title": "Live", "content": body("live")}


def live_post(site: Site, slug: str = "a", **columns: Any) -> str:
    columns = {"status": "published", "published_at": ago(days=9), "live": LIVE} | columns
    return give_post(site, slug, **columns)


def expiring(site: Site, post: str = "A", at: str = ago(minutes=5)) -> None:
    site.insert("post_expiries", post_id=post, expires_at=at, set_by="operator:ada", set_at=ago(days=2))


def swept(port: Port) -> None:
    list(sweep(session_in(port, clock=lambda: NOW), SweepOptions(None, is_preview=False, stopped=lambda: False)))


def check_taken_down(site: Site) -> None:
    """As EmDash's own API leaves a post that it unpublishes; the schedule is gone, too."""
    post = site.post("a")
    assert (post["status"], post["published_at"], post["live_revision_id"]) == ("draft", None, None)
    ((data,),) = site.sql("SELECT data FROM revisions WHERE id = ?", post["draft_revision_id"])
    assert json.loads(data) == LIVE
    assert site.sql("SELECT * FROM post_expiries") == []
    assert site.sql("SELECT path FROM publish_outbox") == [("/posts/a",)]
    assert site.sql("SELECT count(*) FROM pipeline_audit WHERE action = 'unpublished'") == [(1,)]


@freeze_time(NOW)
class TestExpired:
    def test_it_is_taken_down_once(self, any_site: Site) -> None:
        live_post(any_site)
        live_post(any_site, "later")
        live_post(any_site, "never")
        expiring(any_site)
        expiring(any_site, "LATER", ahead(minutes=1))
        before = any_site.dump()
        assert outcomes(any_site, "--dry-run") == {"a": EXPIRED}
        assert any_site.dump() == before
        ran = any_site.run("sweep", "--json").succeeds()
        assert ran.json["counts"] == {"published": 0, "unpublished": 1, "held": 0, "preempted": 0, "released": 0}
        (found,) = ran.json["outcomes"]
        assert (found["outcome"], found["code"], found["published_at"]) == (*EXPIRED, None)
        assert outcomes(any_site) == {}
        assert any_site.post("later")["status"] == any_site.post("never")["status"] == "published"
        any_site.sql("DELETE FROM post_expiries")
        check_taken_down(any_site)

    def test_a_late_sweep_does_it_late_and_says_when_it_was_to_be(self, any_site: Site) -> None:
        live_post(any_site)
        expiring(any_site, at=ago(days=8))
        assert outcomes(any_site) == {"a": EXPIRED}
        ((actor, detail),) = any_site.sql("SELECT actor, detail FROM pipeline_audit")
        said = json.loads(detail)
        assert (actor, said["expired_at"], said["published_before"]) == ("sweep", ago(days=8), ago(days=9))
        assert said["run"] == any_site.sql("SELECT id FROM pipeline_runs")[0][0]
        assert "expired 2026-06-07" in any_site.run("history", "a").succeeds().out
        assert any_site.run("sweep").succeeds().out == ""

    def test_for_people(self, site: Site) -> None:
        live_post(site)
        expiring(site)
        assert site.run("sweep", "--dry-run").succeeds().lines == [
            "would be unpublished\ta\ten\t\tit was to be taken down by then"
        ]
        ran = site.run("sweep").succeeds()
        assert ran.lines == ["unpublished\ta\ten\t\tit was to be taken down by then"]
        assert "1 unpublished" in ran.err

    def test_an_edit_does_not_hold_it(self, any_site: Site) -> None:
        """The draft that somebody has begun is the draft of the post afterwards."""
        live_post(any_site, draft={"title": "Draft", "content": body("draft")})
        expiring(any_site)
        any_site.sql("UPDATE revisions SET data = ? WHERE id = 'DRAFT-A'", CHANGED)
        assert outcomes(any_site) == {"a": EXPIRED}
        post = any_site.post("a")
        assert (post["status"], post["draft_revision_id"], post["live_revision_id"]) == ("draft", "DRAFT-A", None)

    def test_a_change_that_is_due_at_the_same_time_is_not_published(self, any_site: Site) -> None:
        due_post(any_site, "a", status="published", published_at=ago(days=9), live=LIVE)
        expiring(any_site)
        assert outcomes(any_site, "--dry-run") == {"a": EXPIRED}
        assert outcomes(any_site) == {"a": EXPIRED}
        post = any_site.post("a")
        assert (post["status"], post["scheduled_at"], post["draft_revision_id"]) == ("draft", None, "DRAFT-A")
        assert any_site.sql("SELECT * FROM schedule_locks") == []
        assert outcomes(any_site) == {}

    def test_a_post_that_is_due_and_expired_is_held_and_announced_nowhere(self, any_site: Site) -> None:
        """The machine was off for longer than the post was to be public."""
        due_post(any_site, "a", scheduled_at=ago(days=7), lock={"scheduled_at": ago(days=7)})
        due_post(any_site, "b")
        expiring(any_site, at=ago(days=1))
        expiring(any_site, "B", ahead(hours=1))
        assert outcomes(any_site, "--dry-run", code=3) == {"a": HELD, "b": PUBLISHED}
        assert outcomes(any_site, code=3) == {"a": HELD, "b": PUBLISHED}
        assert outcomes(any_site, code=3) == {"a": HELD}
        assert any_site.sql("SELECT post_id FROM publish_outbox") == [("B",)]
        assert len(any_site.sql("SELECT * FROM post_expiries")) == 2
        with freeze_time(NOW + timedelta(hours=2)):
            assert outcomes(any_site, code=3) == {"a": HELD, "b": EXPIRED}

    @pytest.mark.parametrize("columns", [{"status": "draft"}, {"deleted_at": ago(days=1)}, {"status": "archived"}])
    def test_what_is_not_live_keeps_its_expiry(self, any_site: Site, columns: dict[str, str]) -> None:
        live_post(any_site, **columns)
        expiring(any_site)
        before = any_site.post("a")
        assert outcomes(any_site) == {}
        assert any_site.post("a") == before
        assert len(any_site.sql("SELECT * FROM post_expiries")) == 1

    def test_a_post_that_has_expired_is_published_again_without_an_end(self, any_site: Site) -> None:
        live_post(any_site)
        expiring(any_site)
        outcomes(any_site)
        any_site.run("schedule", "a", "--at", "now").succeeds()
        assert outcomes(any_site) == {"a": PUBLISHED}
        with freeze_time(NOW + timedelta(days=9)):
            assert outcomes(any_site) == {}

    def test_hundreds_in_groups(self, any_site: Site) -> None:
        for number in range(510):
            live_post(any_site, f"p{number}", live={"title": "T"})
            expiring(any_site, f"P{number}")
        ran = any_site.run("sweep", "--json").succeeds()
        assert ran.json["counts"]["unpublished"] == 510
        assert any_site.sql("SELECT status, count(*) FROM ec_posts GROUP BY status") == [("draft", 510)]

    def test_the_clock_was_wrong(self, any_site: Site) -> None:
        """What a clock that was ahead took down stays down; what it did not, keeps its time."""
        live_post(any_site)
        expiring(any_site, at=ahead(hours=5))
        with freeze_time(NOW + timedelta(days=1)):
            assert outcomes(any_site) == {"a": EXPIRED}
        assert outcomes(any_site) == {}
        check_taken_down(any_site)


@freeze_time(NOW)
def test_in_d1(d1_site: D1Site) -> None:
    live_post(d1_site)
    expiring(d1_site)
    assert outcomes(d1_site) == {"a": EXPIRED}
    assert outcomes(d1_site) == {}
    check_taken_down(d1_site)


class Failing(Port):
    """The process is killed at a statement of the batch that changes posts."""

    def __init__(self, site: Site, at: int) -> None:
        super().__init__(site)
        self.at = at

    def batch(self, statements: Sequence[Statement]) -> list[list[Row]]:
        if self.requests and len(statements) > 1:
            statements = [*statements[: self.at], Statement("SELECT * FROM nothing"), *statements[self.at :]]
        return super().batch(statements)


@freeze_time(NOW)
def test_a_kill_at_any_statement_changes_nothing_and_the_next_sweep_goes_on(any_site: Site) -> None:
    live_post(any_site)
    expiring(any_site)
    before = any_site.post("a")
    for at in range(12):
        with pytest.raises(DatabaseError):
            swept(Failing(any_site, at))
        assert any_site.post("a") == before
        assert len(any_site.sql("SELECT * FROM post_expiries")) == 1
    swept(Port(any_site))
    check_taken_down(any_site)


@freeze_time(NOW)
def test_every_request_may_arrive_twice(any_site: Site) -> None:
    live_post(any_site)
    expiring(any_site)
    swept(SendsTwice(any_site))
    check_taken_down(any_site)


@freeze_time(NOW)
def test_two_sweeps_at_once_take_it_down_once(any_site: Site) -> None:
    live_post(any_site)
    expiring(any_site)
    swept(Interrupted(any_site, lambda: swept(Port(any_site))))
    check_taken_down(any_site)


@freeze_time(NOW)
@pytest.mark.parametrize(("after", "status"), [(1, "draft"), (2, "published")])
def test_somebody_publishes_it_again_while_the_sweep_runs(any_site: Site, after: int, status: str) -> None:
    """Whoever is later wins; an expiry that was carried out is gone."""
    live_post(any_site)
    live_post(any_site, "b")
    expiring(any_site)
    again = ("UPDATE ec_posts SET status = 'published', live_revision_id = draft_revision_id, draft_revision_id = NULL,"
             " version = version + 1 WHERE slug = 'a' AND status = 'draft'")  # fmt: skip
    swept(Interrupted(any_site, lambda: any_site.sql(again), after))
    swept(Port(any_site))
    assert any_site.post("a")["status"] == status


@freeze_time(NOW)
def test_somebody_gives_it_another_expiry_while_the_sweep_runs(any_site: Site) -> None:
    live_post(any_site)
    expiring(any_site)
    later = "UPDATE post_expiries SET expires_at = ?"
    swept(Interrupted(any_site, lambda: any_site.sql(later, ahead(days=1))))
    assert any_site.post("a")["status"] == "published"


@freeze_time(NOW)
def test_status_doctor_and_metrics_know_it(any_site: Site) -> None:
    live_post(any_site)
    expiring(any_site, at=ahead(hours=1))
    shown = any_site.run("status", "--json").succeeds().json
    assert (shown["expiring"], shown["expires_next_at"], shown["expired"]) == (1, ahead(hours=1), 0)
    with freeze_time(NOW + timedelta(hours=1, minutes=4)):
        assert any_site.run("status", "--json").json["expired"] == 0, "a sweep has five minutes"
    with freeze_time(NOW + timedelta(hours=3)):
        shown = any_site.run("status", "--json").fails(3).json
        assert (shown["expired"], shown["expired_since"]) == (1, ahead(hours=1))
        assert any("1 live past their expiry" in problem for problem in shown["problems"])
        checks = {each["check"]: each for each in any_site.run("doctor", "--json").json["findings"]}
        assert checks["expiries"]["health"] == "problem"
        assert "emdash_posts_expired 1.0" in any_site.run("metrics").out
        outcomes(any_site)
        checks = {each["check"]: each for each in any_site.run("doctor", "--json").json["findings"]}
        assert checks["expiries"]["health"] == "ok"


@freeze_time(NOW)
def test_a_post_that_the_store_refuses_to_change_does_not_keep_the_others_public(any_site: Site) -> None:
    for minutes, slug in enumerate(("a", "b", "c", "d"), start=1):
        live_post(any_site, slug)
        expiring(any_site, slug.upper(), ago(minutes=10 - minutes))
    any_site.sql(
        "CREATE TRIGGER no BEFORE UPDATE ON ec_posts WHEN old.slug IN ('a', 'c')"
        " BEGIN SELECT RAISE(ABORT, 'poisoned'); END"
    )
    ran = any_site.run("sweep").succeeds()
    assert [line.split("\t")[1] for line in ran.lines] == ["b", "d"]
    assert "a was not taken down" in ran.err
    assert "c was not taken down" in ran.err
    assert any_site.sql("SELECT slug FROM ec_posts WHERE status = 'published' ORDER BY slug") == [("a",), ("c",)]
