"""`emdash reschedule --by`: many posts move from their own times, and never twice."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from freezegun import freeze_time

from emdash_cli.domain.shifts import parse_shift
from emdash_cli.scheduling import schedule
from emdash_cli.scheduling.post_names import PostName
from emdash_cli.scheduling.selection import Selection
from tests.harness.ports import Port
from tests.harness.posts import NOW, due_post
from tests.harness.sessions import session_in
from tests.scheduling.support import DRAFT, draft, many_drafts

if TYPE_CHECKING:
    from tests.harness.site import Site

BERLIN = 'timezone = "Europe/Berlin"\n'


def planned(site: Site, **times: str) -> None:
    """Drafts that are scheduled for these local times."""
    for slug, at in times.items():
        draft(site, slug)
        site.run("schedule", slug, "--at", at).succeeds()


def times(site: Site) -> dict[str, str]:
    """The stored time of each scheduled post."""
    return dict(site.sql("SELECT slug, scheduled_at FROM ec_posts WHERE scheduled_at > '' ORDER BY slug"))


def moved(site: Site, *words: str, code: int = 0) -> Any:
    ran = site.run("reschedule", *words, "--json")
    assert ran.code == code, ran
    return ran.json


@freeze_time(NOW)
class TestMoved:
    def test_a_calendar_slips_by_a_week_over_the_change_of_the_clocks(self, any_site: Site) -> None:
        any_site.write("emdash.toml", BERLIN)
        planned(any_site, a="2026-10-20 09:00", b="2026-10-24 23:30", c="2026-12-01 00:00")
        done = moved(any_site, "--status", "scheduled", "--to", "2026-10-31", "--by", "+7d", "--yes")
        assert done["counts"] == {"rescheduled": 2}
        assert times(any_site) == {
            "a": "2026-10-27T08:00:00.000Z",
            "b": "2026-10-31T22:30:00.000Z",
            "c": "2026-11-30T23:00:00.000Z",
        }
        locks = any_site.sql("SELECT p.slug, k.scheduled_at FROM schedule_locks k JOIN ec_posts p ON p.id = k.post_id")
        assert dict(locks) == times(any_site)
        row = any_site.sql("SELECT detail FROM pipeline_audit WHERE action = 'rescheduled' AND slug = 'a'")[0][0]
        assert (json.loads(row)["by"], json.loads(row)["scheduled_before"]) == ("+7d", "2026-10-20T07:00:00.000Z")
        shown = any_site.run("history", "a").succeeds().out
        assert "by +7d" in shown

    def test_weekends_are_skipped_in_order(self, any_site: Site) -> None:
        planned(any_site, a="2026-06-17 09:00", b="2026-06-18 09:00", c="2026-06-19 08:00", d="2026-06-22 07:00")
        moved(any_site, "a", "b", "c", "d", "--by", "+3d", "--skip", "weekends")
        assert times(any_site) == {
            "a": "2026-06-22T09:00:00.000Z",
            "b": "2026-06-22T09:01:00.000Z",
            "c": "2026-06-22T09:02:00.000Z",
            "d": "2026-06-25T07:00:00.000Z",
        }

    def test_backwards_into_the_past_with_a_warning(self, site: Site) -> None:
        planned(site, a="2026-06-16 09:00", b="2026-06-20 09:00")
        done = site.run("reschedule", "a", "b", "--by", "-2d").succeeds()
        assert "warning: a: that time has passed" in done.err
        assert times(site) == {"a": "2026-06-14T09:00:00.000Z", "b": "2026-06-18T09:00:00.000Z"}

    def test_a_time_in_another_form_and_a_wish_of_another_writer(self, site: Site) -> None:
        draft(site, "a", status="scheduled", scheduled_at="2026-07-01T09:00:00+02:00")
        draft(site, "b", status="scheduled", published_at="2026-07-02T09:00:00.000Z")
        moved(site, "a", "b", "--by", "+1d1h")
        assert times(site) == {"a": "2026-07-02T08:00:00.000Z", "b": "2026-07-03T10:00:00.000Z"}

    def test_a_change_of_a_published_post(self, any_site: Site) -> None:
        draft(any_site, "a", status="published", live={"title": "Old"}, published_at="2026-01-01T00:00:00.000Z")
        any_site.run("schedule", "a", "--at", "2026-07-01 09:00").succeeds()
        moved(any_site, "a", "--by", "+1w")
        assert times(any_site) == {"a": "2026-07-08T09:00:00.000Z"}
        assert any_site.post("a")["status"] == "published"


@freeze_time(NOW)
class TestRefused:
    @pytest.mark.parametrize(
        ("at", "words"),
        [("2026-10-18 02:30", "b (en): 2026-10-25 02:30 occurs twice"),
         ("2027-03-21 02:30", "b (en): 2027-03-28 02:30 does not exist")],
    )  # fmt: skip
    def test_a_time_that_there_is_not_names_the_post(self, any_site: Site, at: str, words: str) -> None:
        any_site.write("emdash.toml", BERLIN)
        planned(any_site, a="2026-10-18 09:00", b=at)
        before = any_site.dump()
        any_site.run("reschedule", "a", "b", "--by", "+7d").fails(2, words, "emdash reschedule b --at")
        assert any_site.dump() == before

    def test_what_waits_for_a_review(self, any_site: Site) -> None:
        planned(any_site, a="2026-07-01 09:00", b="2026-07-01 09:00")
        due_post(any_site, "c", lock={"held_at": "2026-06-01", "held_reason": "its text was changed"})
        any_site.sql("UPDATE revisions SET data = '{}' WHERE id = 'DRAFT-B'")
        before = any_site.dump()
        any_site.run("reschedule", "a", "b", "c", "--by", "+7d").fails(
            3, "b (en) has changed since it was scheduled", "c (en) is held: its text was changed", "emdash diff b"
        )
        assert any_site.dump() == before

    @pytest.mark.parametrize(
        ("words", "said"),
        [
            (("--by", "7d"), "'7d' is not a span of time with a sign"),
            (("--by", "+7d", "--at", "now"), "either --at or --by"),
            ((), "either --at or --by"),
            (("--at", "now", "--skip", "weekends"), "without --by"),
            (("--at", "now", "--interrupted", "repeat"), "without --by"),
            (("--by", "+99999d"), "a (en) would be moved outside the years 1 to 9999"),
        ],
    )
    def test_wrong_options(self, site: Site, words: tuple[str, ...], said: str) -> None:
        planned(site, a="9999-07-01 09:00")
        site.run("reschedule", "a", *words).fails(2, said)

    def test_a_time_that_is_none(self, site: Site) -> None:
        draft(site, "a", status="scheduled", scheduled_at="soon")
        site.run("reschedule", "a", "--by", "+7d").fails(3, "a (en) is scheduled for soon, which is not a time")

    def test_what_is_not_scheduled(self, site: Site) -> None:
        draft(site, "a")
        site.run("reschedule", "a", "--by", "+7d").fails(3, "a (en) is not scheduled")


@freeze_time(NOW)
class TestInterrupted:
    """A run that ends before its end is known to the next one, which does not move posts twice."""

    MOVED, LEFT = "2026-07-08T09:00:00.000Z", "2026-07-01T09:00:00.000Z"

    def interrupted(self, site: Site, by: str = "+7d") -> str:
        """1,200 posts, of which a run was to move all and has moved 500; the id of the run."""
        slugs = many_drafts(site, 1200, at="2026-07-01 09:00")
        # As the command line names the operator, so that both runs are of the same person.
        session = session_in(Port(site), clock=lambda: NOW, user=None)
        session._operator = lambda: site.sql("SELECT substr(actor, 10) FROM pipeline_audit LIMIT 1")[0][0]
        posts = Selection([PostName(slug) for slug in slugs])
        asked = iter([False, True])
        plan = schedule.Plan(session, schedule.ScheduleChange("reschedule", posts, parse_shift(by)))
        assert len(list(plan.carry_out(lambda: next(asked)))) == 500
        assert plan.left == 700
        return plan.run.id

    def where(self, site: Site) -> dict[str, int]:
        return dict(site.sql("SELECT scheduled_at, count(*) FROM ec_posts GROUP BY 1 ORDER BY 1"))

    def test_it_is_refused_and_the_choice_is_named(self, any_site: Site) -> None:
        run = self.interrupted(any_site)
        error = moved(any_site, "--status", "scheduled", "--by", "+7d", "--yes", code=3)["error"]
        assert error["code"] == "interrupted_run"
        assert f"the run {run}, " in error["message"]
        assert "500 of these 1200 posts by +7d" in error["message"]
        assert "--interrupted continue" in error["hint"]
        assert self.where(any_site) == {self.LEFT: 700, self.MOVED: 500}

    def test_it_goes_on(self, any_site: Site) -> None:
        run = self.interrupted(any_site)
        words = ("--status", "scheduled", "--by", "+7d", "--yes", "--interrupted", "continue")
        done = moved(any_site, *words)
        assert done["counts"] == {"unchanged": 500, "rescheduled": 700}
        assert done["notices"] == [f"continuing the interrupted run {run}, which had moved 500 posts"]
        assert self.where(any_site) == {self.MOVED: 1200}
        assert any_site.sql("SELECT count(*) FROM pipeline_runs WHERE counts ->> 'left' > 0") == [(0,)]
        # Nothing is interrupted any more: the next run moves all of them.
        assert moved(any_site, *words)["counts"] == {"rescheduled": 1200}

    def test_it_is_repeated_for_all(self, site: Site) -> None:
        self.interrupted(site)
        done = moved(site, "--status", "scheduled", "--by", "+7d", "--yes", "--interrupted", "repeat")
        assert done["counts"] == {"rescheduled": 1200}
        assert self.where(site) == {self.MOVED: 700, "2026-07-15T09:00:00.000Z": 500}

    def test_what_it_did_not_move_may_be_moved(self, site: Site) -> None:
        self.interrupted(site)
        done = moved(site, "--status", "scheduled", "--to", "2026-07-07", "--by", "+7d", "--yes")
        assert done["counts"] == {"rescheduled": 700}
        assert self.where(site) == {self.MOVED: 1200}

    @pytest.mark.parametrize(
        "words",
        [
            ("--by", "+6d"),
            ("--by", "+7d", "--skip", "weekends"),
            ("--by", "+7d", "--as", "ada@example.com"),
        ],
    )
    def test_another_move_or_another_person_is_no_second_run(self, site: Site, words: tuple[str, ...]) -> None:
        site.insert("users", id="U1", email="ada@example.com", role=50)
        self.interrupted(site)
        assert moved(site, "--status", "scheduled", "--yes", *words)["counts"] == {"rescheduled": 1200}

    def test_posts_that_were_moved_elsewhere_since_are_moved(self, site: Site) -> None:
        self.interrupted(site)
        for number in range(1, 501):
            site.sql("UPDATE ec_posts SET version = version + 1 WHERE slug = ?", f"d-{number:05}")
        assert moved(site, "--status", "scheduled", "--yes", "--by", "+7d")["counts"] == {"rescheduled": 1200}

    def test_a_run_of_long_ago_is_forgotten(self, site: Site) -> None:
        self.interrupted(site)
        site.sql("UPDATE pipeline_runs SET started_at = '2026-05-01T00:00:00.000Z'")
        assert moved(site, "--status", "scheduled", "--yes", "--by", "+7d")["counts"] == {"rescheduled": 1200}


@freeze_time(NOW)
def test_the_text_is_still_the_one_that_was_reviewed(any_site: Site) -> None:
    planned(any_site, a="2026-07-01 09:00")
    moved(any_site, "a", "--by", "+1w")
    with freeze_time("2026-07-08T09:00:00Z"):
        assert any_site.run("sweep", "--json").succeeds().counts == {"published": 1}
    assert any_site.post("a")["title"] == DRAFT["title"]
