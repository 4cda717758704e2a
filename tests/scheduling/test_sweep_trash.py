"""`emdash sweep`: scheduled posts in the trash are not published when they come back later than their time."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from freezegun import freeze_time

from emdash_cli.domain.errors import DatabaseError
from emdash_cli.domain.ports import Statement
from emdash_cli.scheduling.sweep import SweepOptions, sweep
from tests.harness.ports import Interrupted, Port, SendsTwice
from tests.harness.posts import NOW, ago, ahead, due_post, give_post, outcomes
from tests.harness.sessions import session_in
from tests.scheduling.support import PUBLISHED

if TYPE_CHECKING:
    from collections.abc import Sequence

    from emdash_cli.domain.ports import Row
    from tests.harness.d1_site import D1Site
    from tests.harness.site import Site

HELD = ("held", "overdue_in_trash")
LIVE = {"title": "Live", "content": []}


def trash(site: Site, at: str = ago(days=1)) -> None:
    """As EmDash does it: nothing else changes."""
    site.sql("UPDATE ec_posts SET deleted_at = ?", at)


def restore(site: Site) -> None:
    """As EmDash does it: nothing else changes."""
    site.sql("UPDATE ec_posts SET deleted_at = NULL")


def check_held(site: Site, slug: str = "a") -> None:
    """It came back, and waits for somebody to say that it may go live."""
    assert site.post(slug)["status"] == "draft"
    assert outcomes(site, code=3) == {slug: HELD}
    assert outcomes(site, code=3) == {slug: HELD}, "every sweep says so"
    assert site.sql("SELECT * FROM publish_outbox") == []
    site.run("reschedule", slug, "--at", "now").succeeds()
    assert outcomes(site) == {slug: PUBLISHED}


@freeze_time(NOW)
class TestTrashed:
    def test_its_time_passed_in_the_trash_and_a_sweep_saw_it(self, any_site: Site) -> None:
        due_post(any_site, "a")
        trash(any_site)
        assert outcomes(any_site, "--dry-run", code=3) == {"a": HELD}
        assert any_site.row("schedule_locks", post_id="A")["held_at"] is None
        assert outcomes(any_site, code=3) == {"a": HELD}
        assert outcomes(any_site) == {}, "in the trash, it concerns nobody"
        restore(any_site)
        check_held(any_site)

    @pytest.mark.parametrize("kind", ["locked", "unlocked", "wish", "change"])
    def test_whatever_kind_of_schedule_it_has(self, any_site: Site, kind: str) -> None:
        match kind:
            case "locked":
                due_post(any_site, "a")
            case "unlocked":
                give_post(any_site, "a", scheduled_at="2026-06-15T13:00:00+02:00")
            case "wish":
                give_post(any_site, "a", published_at=ago(hours=1))
            case _:
                due_post(any_site, "a", status="published", published_at=ago(days=9), live=LIVE)
        trash(any_site)
        if kind == "wish" and any_site.layout != "embedded":
            assert outcomes(any_site) == {}, "on a site, published_at alone is no schedule"
            return
        assert outcomes(any_site, code=3) == {"a": HELD}
        after = any_site.post("a")
        status = "published" if kind == "change" else "draft"
        assert (after["status"], after["scheduled_at"], after["deleted_at"]) == (status, None, ago(days=1))
        assert after["published_at"] == (ago(days=9) if kind == "change" else None)
        restore(any_site)
        assert outcomes(any_site, code=3) == {"a": HELD}
        any_site.run("unschedule", "a").succeeds()
        assert outcomes(any_site) == {}

    def test_a_sweep_saw_it_in_the_trash_before_its_time_and_none_after(self, any_site: Site) -> None:
        """No sweep runs between its time and its restoration."""
        due_post(any_site, "a", scheduled_at=ahead(hours=2), lock={"scheduled_at": ahead(hours=2)})
        trash(any_site, ago(minutes=1))
        assert outcomes(any_site) == {}
        with freeze_time(NOW + timedelta(hours=3)):
            restore(any_site)
            assert outcomes(any_site, "--dry-run", code=3) == {"a": HELD}
            assert outcomes(any_site, code=3) == {"a": HELD}
            any_site.run("reschedule", "a", "--at", "now").succeeds()
            assert outcomes(any_site) == {"a": PUBLISHED}

    def test_what_comes_back_in_time_is_published_at_its_time(self, any_site: Site) -> None:
        due_post(any_site, "a", scheduled_at=ahead(hours=2), lock={"scheduled_at": ahead(hours=2)})
        trash(any_site, ago(minutes=1))
        assert outcomes(any_site) == {}
        restore(any_site)
        assert outcomes(any_site) == {}
        assert any_site.sql("SELECT * FROM trashed_schedules") == []
        with freeze_time(NOW + timedelta(hours=3)):
            assert outcomes(any_site) == {"a": PUBLISHED}

    def test_whoever_reschedules_it_once_it_is_back_has_said_so(self, any_site: Site) -> None:
        due_post(any_site, "a", scheduled_at=ahead(hours=2), lock={"scheduled_at": ahead(hours=2)})
        trash(any_site, ago(minutes=1))
        assert outcomes(any_site) == {}
        with freeze_time(NOW + timedelta(hours=3)):
            restore(any_site)
            any_site.run("reschedule", "a", "--at", "now").succeeds()
            assert outcomes(any_site) == {"a": PUBLISHED}
            assert outcomes(any_site) == {}
            assert any_site.sql("SELECT * FROM trashed_schedules") == []

    def test_a_sweep_that_is_killed_leaves_the_note_to_the_next(self, any_site: Site) -> None:
        """The note is in the batch of the heartbeat: whatever a heartbeat says was looked at has been noted."""
        due_post(any_site, "a", scheduled_at=ahead(hours=2), lock={"scheduled_at": ahead(hours=2)})
        assert outcomes(any_site) == {}
        with freeze_time(NOW + timedelta(minutes=5)):
            trash(any_site, ahead(minutes=5))
            assert outcomes(any_site) == {}
        assert any_site.sql("SELECT post_id, seen_at FROM trashed_schedules") == [("A", ahead(minutes=5))]

    def test_the_audit_table_says_why(self, any_site: Site) -> None:
        due_post(any_site, "a")
        trash(any_site)
        outcomes(any_site, code=3)
        ((action, detail),) = any_site.sql("SELECT action, detail FROM pipeline_audit WHERE post_id = 'A'")
        said = json.loads(detail)
        assert (action, said["code"], said["wanted"], said["status_before"]) == (*HELD, ago(hours=1), "scheduled")
        assert said["run"] == any_site.sql("SELECT id FROM pipeline_runs")[0][0]
        assert "passed while it was in the trash" in any_site.run("history", "a").succeeds().out

    def test_hundreds_of_them(self, any_site: Site) -> None:
        for number in range(510):
            give_post(any_site, f"p{number}", scheduled_at=ago(minutes=number + 1))
        trash(any_site)
        ran = any_site.run("sweep", "--json")
        assert (ran.code, ran.json["counts"]["held"]) == (3, 510)
        restore(any_site)
        ran = any_site.run("sweep", "--json")
        assert ran.json["counts"]["published"] == 0

    def test_term_links_of_older_sites_follow(self, any_site: Site) -> None:
        due_post(any_site, "a")
        trash(any_site)
        any_site.insert("content_taxonomies", collection="posts", entry_id="A", taxonomy_id="T", status="scheduled")
        outcomes(any_site, code=3)
        assert any_site.sql("SELECT status, scheduled_at FROM content_taxonomies") == [
            ("draft", None) if any_site.layout == "0.32" else ("scheduled", None)
        ]


@freeze_time(NOW)
def test_in_d1(d1_site: D1Site) -> None:
    due_post(d1_site, "a")
    trash(d1_site)
    assert outcomes(d1_site, code=3) == {"a": HELD}
    restore(d1_site)
    check_held(d1_site)


class Failing(Port):
    """The process is killed at a statement of the batch that changes posts."""

    def __init__(self, site: Site, at: int) -> None:
        super().__init__(site)
        self.at = at

    def batch(self, statements: Sequence[Statement]) -> list[list[Row]]:
        if self.requests and len(statements) > 1:
            statements = [*statements[: self.at], Statement("SELECT * FROM nothing"), *statements[self.at :]]
        return super().batch(statements)


def swept(port: Port) -> None:
    list(sweep(session_in(port, clock=lambda: NOW), SweepOptions(None, is_preview=False, stopped=lambda: False)))


@freeze_time(NOW)
def test_every_request_may_arrive_twice(any_site: Site) -> None:
    due_post(any_site, "a")
    trash(any_site)
    swept(SendsTwice(any_site))
    assert any_site.sql("SELECT count(*) FROM pipeline_audit WHERE action = 'held'") == [(1,)]
    assert any_site.post("a")["version"] == 2


@freeze_time(NOW)
def test_a_kill_at_any_statement_changes_nothing_and_the_next_sweep_goes_on(any_site: Site) -> None:
    due_post(any_site, "a")
    trash(any_site)
    before = any_site.post("a")
    for at in range(10):
        with pytest.raises(DatabaseError):
            swept(Failing(any_site, at))
        assert any_site.post("a") == before
        assert any_site.sql("SELECT held_at FROM schedule_locks") == [(None,)]
    assert outcomes(any_site, code=3) == {"a": HELD}


@freeze_time(NOW)
def test_it_comes_back_while_the_sweep_runs(any_site: Site) -> None:
    """The sweep had seen it in the trash, and had noted it."""
    due_post(any_site, "a")
    trash(any_site)
    swept(Interrupted(any_site, lambda: restore(any_site)))
    check_held(any_site)


@freeze_time(NOW)
class TestShown:
    def test_status_counts_scheduled_posts_in_the_trash(self, any_site: Site) -> None:
        due_post(any_site, "due", deleted_at=ago(days=1))
        give_post(any_site, "later", scheduled_at=ahead(days=1), deleted_at=ago(days=1))
        give_post(any_site, "draft", status="draft", deleted_at=ago(days=1))
        for code in (3, 0):
            shown = any_site.run("status", "--json").json
            assert (shown["trashed"], shown["scheduled"], shown["due"], shown["held"]) == (2, 0, 0, 0)
            assert "2 scheduled in the trash" in any_site.run("status").out
            outcomes(any_site, code=code)

    def test_doctor_names_them(self, any_site: Site) -> None:
        due_post(any_site, "due", deleted_at=ago(days=1))
        give_post(any_site, "later", scheduled_at=ahead(days=1), deleted_at=ago(days=2))
        outcomes(any_site, code=3)
        found = {each["check"]: each for each in any_site.run("doctor", "--json").json["findings"]}
        said = found["scheduled in the trash"]
        assert said["health"] == "warning"
        assert f"due (en), which was due {ago(hours=1)}; later (en), for {ahead(days=1)}" in said["message"]
        any_site.sql("DELETE FROM schedule_locks")
        any_site.sql("UPDATE ec_posts SET status = 'draft', scheduled_at = NULL")
        found = {each["check"]: each for each in any_site.run("doctor", "--json").json["findings"]}
        assert found["scheduled in the trash"]["health"] == "ok"
