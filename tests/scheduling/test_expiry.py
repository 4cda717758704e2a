"""`emdash unpublish --at`, and what `unschedule`, `schedule` and `publish` make of an expiry."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from freezegun import freeze_time

from emdash_cli.domain.errors import DatabaseError, RefusedChangeError
from emdash_cli.domain.ports import Statement
from emdash_cli.scheduling.expiry import ExpiryRequest, change_expiries
from emdash_cli.scheduling.post_names import PostName
from emdash_cli.scheduling.selection import Selection
from tests.harness.ports import Interrupted, Port, SendsTwice
from tests.harness.posts import NOW, ago, ahead, due_post, outcomes
from tests.harness.sessions import session_in
from tests.scheduling.support import PUBLISHED, draft
from tests.scheduling.test_sweep_expiry import EXPIRED, HELD, expiring, live_post

if TYPE_CHECKING:
    from collections.abc import Sequence

    from emdash_cli.domain.ports import Row
    from tests.harness.d1_site import D1Site
    from tests.harness.site import Site

EXPIRIES = "SELECT post_id, expires_at FROM post_expiries ORDER BY post_id"
TOMORROW = ("--at", "2026-06-16T12:00Z")


def scheduled(site: Site, slug: str = "a", **values: Any) -> str:
    return due_post(site, slug, scheduled_at=ahead(hours=2), lock={"scheduled_at": ahead(hours=2)}, **values)


@freeze_time(NOW)
class TestUnpublishAt:
    def test_it_is_taken_down_then_and_not_before(self, any_site: Site) -> None:
        live_post(any_site)
        before = any_site.post("a")
        ran = any_site.run("unpublish", "a", *TOMORROW, "--json", "--reason", "sale").succeeds()
        (post,) = ran.json["posts"]
        assert (post["outcome"], post["status"], post["expires_at"]) == ("expiry_set", "published", ahead(days=1))
        assert any_site.post("a") == before | {"version": 2}, "readers see no change"
        assert outcomes(any_site) == {}
        ((actor, detail),) = any_site.sql("SELECT actor, detail FROM pipeline_audit WHERE action = 'expiry_set'")
        said = json.loads(detail)
        assert (said["expires_at"], said["expires_before"], said["reason"]) == (ahead(days=1), None, "sale")
        assert (said["run"], actor[:9]) == (ran.json["run"], "operator:")
        assert any_site.sql("SELECT kind, counts FROM pipeline_runs WHERE id = ?", said["run"]) == [
            ("expire", '{"expiry_set": 1}')
        ]
        assert "expires 2026-06-16 12:00:00" in any_site.run("history", "a").out.replace("T", " ")
        with freeze_time(NOW + timedelta(days=1)):
            assert outcomes(any_site) == {"a": EXPIRED}

    def test_again_another_and_never(self, any_site: Site) -> None:
        live_post(any_site)
        for words, outcome, kept in (
            (TOMORROW, "expiry_set", [("A", ahead(days=1))]),
            (TOMORROW, "unchanged", [("A", ahead(days=1))]),
            (("--at", "+2d"), "expiry_set", [("A", ahead(days=2))]),
            (("--at", "never"), "expiry_removed", []),
            (("--at", "never"), "unchanged", []),
        ):
            preview = any_site.run("unpublish", "a", *words, "--json", "--dry-run").succeeds().json
            done = any_site.run("unpublish", "a", *words, "--json").succeeds().json
            assert preview["posts"] == done["posts"]
            assert done["counts"] == {outcome: 1}
            assert any_site.sql(EXPIRIES) == kept

    def test_for_people(self, site: Site) -> None:
        live_post(site)
        before = site.dump()
        ran = site.run("unpublish", "a", *TOMORROW, "--dry-run").succeeds()
        assert ran.lines == [f"would have expiry set\ta\ten\texpires {ahead(days=1)}"]
        assert site.dump() == before
        assert site.run("unpublish", "a", *TOMORROW).succeeds().lines == [f"expiry set\ta\ten\texpires {ahead(days=1)}"]
        never = site.run("unpublish", "a", "--at", "never").succeeds()
        assert never.lines == ["expiry removed\ta\ten\tdoes not expire"]

    @pytest.mark.parametrize("when", ["now", "2026-06-15T12:00Z", "2020-01-01", "-1h"])
    def test_not_in_the_past(self, site: Site, when: str) -> None:
        live_post(site)
        site.run("unpublish", "a", "--at", when).fails(2)
        assert site.sql(EXPIRIES) == []

    @pytest.mark.parametrize("kind", ["scheduled", "change"])
    def test_not_before_it_goes_live(self, any_site: Site, kind: str) -> None:
        columns: dict[str, Any] = (
            {} if kind == "scheduled" else {"status": "published", "published_at": ago(days=9), "live": {}}
        )
        scheduled(any_site, **columns)
        before = any_site.dump()
        for when in ("+1h", "+2h"):
            any_site.run("unpublish", "a", "--at", when).fails(3, "cannot be taken down before", "emdash reschedule a")
        assert any_site.dump() == before
        any_site.run("unpublish", "a", "--at", "+3h").succeeds()
        assert any_site.sql(EXPIRIES) == [("A", ahead(hours=3))]

    def test_a_draft_keeps_it_until_it_is_live(self, any_site: Site) -> None:
        draft(any_site, "a")
        ran = any_site.run("unpublish", "a", *TOMORROW).succeeds()
        assert "the time counts once it is live" in ran.err
        any_site.run("publish", "a").succeeds()
        with freeze_time(NOW + timedelta(days=2)):
            assert outcomes(any_site) == {"a": EXPIRED}

    def test_all_or_none(self, any_site: Site) -> None:
        live_post(any_site, "b")
        live_post(any_site, "odd", status="archived")
        any_site.run("unpublish", "b", "odd", *TOMORROW).fails(3, "odd (en) has the status archived")
        assert any_site.sql(EXPIRIES) == []

    @pytest.mark.parametrize("role", [20, 30, 40])
    def test_who_may(self, site: Site, role: int) -> None:
        live_post(site)
        site.insert("users", id="U1", email="ada@example.com", name="Ada", role=role)
        ran = site.run("unpublish", "a", *TOMORROW, "--as", "ada@example.com")
        assert ran.code == (0 if role == 40 else 4)
        assert site.sql("SELECT set_by FROM post_expiries") == ([("user:ada@example.com",)] if role == 40 else [])

    def test_hundreds(self, any_site: Site) -> None:
        for number in range(510):
            live_post(any_site, f"p{number}", live={"title": "T"})
        ran = any_site.run("unpublish", "--status", "published", *TOMORROW, "--yes", "--json").succeeds()
        assert ran.json["counts"] == {"expiry_set": 510}
        assert any_site.sql("SELECT count(*) FROM post_expiries") == [(510,)]


@freeze_time(NOW)
class TestOtherVerbs:
    def test_unschedule_cancels_what_is_the_only_plan(self, any_site: Site) -> None:
        live_post(any_site)
        expiring(any_site, at=ahead(days=1))
        done = any_site.run("unschedule", "a", "--json").succeeds().json["posts"][0]
        assert (done["outcome"], done["status"]) == ("unscheduled", "published")
        assert any_site.sql(EXPIRIES) == []
        assert any_site.run("unschedule", "a", "--json").succeeds().json["posts"][0]["outcome"] == "unchanged"
        assert "was to expire 2026-06-16" in any_site.run("history", "a").out

    def test_unscheduling_a_scheduled_post_keeps_its_expiry_however_often(self, any_site: Site) -> None:
        scheduled(any_site)
        expiring(any_site, at=ahead(days=1))
        for outcome in ("unscheduled", "unchanged"):
            assert any_site.run("unschedule", "a", "--json").succeeds().json["posts"][0]["outcome"] == outcome
            assert any_site.sql(EXPIRIES) == [("A", ahead(days=1))]
        any_site.run("unpublish", "a", "--at", "never").succeeds()
        assert any_site.sql(EXPIRIES) == []

    @pytest.mark.parametrize("verb", ["schedule", "reschedule"])
    def test_no_post_is_scheduled_for_after_its_expiry(self, any_site: Site, verb: str) -> None:
        draft(any_site, "a") if verb == "schedule" else scheduled(any_site)
        expiring(any_site, any_site.post("a")["id"], ahead(days=1))
        before = any_site.dump()
        for when in ("+1d", "+2d"):
            any_site.run(verb, "a", "--at", when).fails(3, "is to be taken down before", "--at never")
        assert any_site.dump() == before
        any_site.run(verb, "a", "--at", "+3h").succeeds()

    def test_a_post_that_was_due_after_its_expiry_needs_another(self, any_site: Site) -> None:
        due_post(any_site, "a")
        expiring(any_site)
        assert outcomes(any_site, code=3) == {"a": HELD}
        any_site.run("reschedule", "a", "--at", "now").fails(3, "is to be taken down before")
        any_site.run("publish", "a", "--force").fails(3, "was to be taken down by")
        any_site.run("unpublish", "a", "--at", "+1d").succeeds()
        any_site.run("reschedule", "a", "--at", "now").succeeds()
        assert outcomes(any_site) == {"a": PUBLISHED}

    def test_a_draft_whose_time_has_passed_is_not_published(self, any_site: Site) -> None:
        draft(any_site, "a")
        expiring(any_site)
        any_site.run("publish", "a").fails(3, "was to be taken down by", "--at never")
        any_site.run("unpublish", "a", "--at", "never").succeeds()
        any_site.run("publish", "a").succeeds()
        assert outcomes(any_site) == {}

    def test_unpublishing_at_once_uses_the_time_up(self, any_site: Site) -> None:
        live_post(any_site)
        expiring(any_site, at=ahead(days=1))
        any_site.run("unpublish", "a").succeeds()
        assert any_site.sql(EXPIRIES) == []
        any_site.run("publish", "a").succeeds()
        with freeze_time(NOW + timedelta(days=2)):
            assert outcomes(any_site) == {}


@freeze_time(NOW)
def test_in_d1(d1_site: D1Site) -> None:
    live_post(d1_site)
    d1_site.run("unpublish", "a", *TOMORROW).succeeds()
    d1_site.run("unpublish", "a", "--at", "+2d").succeeds()
    assert d1_site.sql(EXPIRIES) == [("A", ahead(days=2))]
    d1_site.run("unschedule", "a").succeeds()
    assert d1_site.sql(EXPIRIES) == []


def changed(port: Port) -> None:
    request = ExpiryRequest(Selection([PostName("a")]), NOW + timedelta(days=1))
    list(change_expiries(session_in(port, clock=lambda: NOW), request))


class Failing(Port):
    """The process is killed at a statement of the batch that changes posts."""

    def __init__(self, site: Site, at: int) -> None:
        super().__init__(site)
        self.at = at

    def batch(self, statements: Sequence[Statement]) -> list[list[Row]]:
        if self.requests:
            statements = [*statements[: self.at], Statement("SELECT * FROM nothing"), *statements[self.at :]]
        return super().batch(statements)


@freeze_time(NOW)
class TestMeanwhile:
    def test_a_kill_at_any_statement_changes_nothing(self, any_site: Site) -> None:
        live_post(any_site)
        before = any_site.dump()
        for at in range(6):
            with pytest.raises(DatabaseError):
                changed(Failing(any_site, at))
            assert any_site.dump() == before
        changed(Port(any_site))
        assert any_site.sql(EXPIRIES) == [("A", ahead(days=1))]

    def test_every_request_may_arrive_twice(self, any_site: Site) -> None:
        live_post(any_site)
        changed(SendsTwice(any_site))
        assert any_site.post("a")["version"] == 2
        assert any_site.sql(EXPIRIES) == [("A", ahead(days=1))]

    def test_somebody_changes_the_post(self, any_site: Site) -> None:
        live_post(any_site)
        with pytest.raises(RefusedChangeError, match="somebody else has just changed a"):
            changed(Interrupted(any_site, lambda: any_site.sql("UPDATE ec_posts SET version = 7")))
        assert any_site.sql(EXPIRIES) == []

    def test_somebody_schedules_it_for_later(self, any_site: Site) -> None:
        draft(any_site, "a")
        later = lambda: any_site.run("schedule", "a", "--at", "+2d").succeeds()  # noqa: E731
        with pytest.raises(RefusedChangeError):
            changed(Interrupted(any_site, later))
        assert any_site.sql(EXPIRIES) == []
