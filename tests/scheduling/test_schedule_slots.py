"""`emdash schedule --next-slot` and `--every`: each post in a free slot, and never two in one."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
from freezegun import freeze_time

from emdash_cli.domain.errors import RefusedChangeError
from emdash_cli.domain.slots import FreeSlots
from emdash_cli.scheduling import schedule
from emdash_cli.scheduling.post_names import PostName
from emdash_cli.scheduling.selection import Selection
from tests.d1_engine.faults import DROPPED_AFTER, NOTHING, SENT_TWICE
from tests.harness.ports import Interrupted, Port, SendsTwice
from tests.harness.posts import NOW, ahead, give_post
from tests.harness.sessions import session_in
from tests.harness.site import clean_environment
from tests.model.process import KILLED, Processes
from tests.scheduling.support import DRAFT, draft, many_drafts
from tests.scheduling.test_slots import planned, with_settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from tests.harness.d1_site import D1Site
    from tests.harness.site import Result, Site

AT = "SELECT substr(scheduled_at, 6, 11) FROM ec_posts WHERE slug = ?"


def times(site: Site, *slugs: str) -> list[str]:
    """When the posts go live."""
    return [site.sql(AT, slug)[0][0] for slug in slugs]


def drafts(site: Site, *slugs: str, stream: str | None = None) -> None:
    for slug in slugs:
        planned(site, slug, None, stream, status="draft")


def plan(port: Port, slugs: Sequence[str], every: str | None = None) -> schedule.Plan:
    request = schedule.ScheduleChange("schedule", Selection([PostName(slug) for slug in slugs]), FreeSlots(every))
    return schedule.Plan(session_in(port, port.site.root, clock=lambda: NOW), request)


@freeze_time(NOW)
class TestNextSlot:
    def test_posts_take_the_free_slots_of_their_streams_in_their_order(self, any_site: Site) -> None:
        site = with_settings(any_site)
        drafts(site, "a", "b", "c")
        drafts(site, "n", "m", stream="news")
        planned(site, "taken", "2026-06-18T07:00:30.000Z")
        planned(site, "tuesday", "2026-06-23T12:00:00.000Z", "news")
        done = site.run("schedule", "c", "n", "a", "m", "b", "--next-slot").succeeds()
        assert [line.split("\t")[1] for line in done.lines] == ["c", "n", "a", "m", "b"]
        assert times(site, "c", "a", "b") == ["06-16T07:00", "06-23T07:00", "06-25T07:00"]
        assert times(site, "n", "m") == ["06-18T07:00", "06-25T07:00"], "the slot of Monday is taken by a Tuesday"
        detail = site.sql("SELECT detail FROM pipeline_audit WHERE slug IN ('n', 'c') ORDER BY slug")
        assert [json.loads(row[0])["slot"] for row in detail] == ["default", "news"]

    def test_a_dry_run_says_which_slot_each_would_get(self, any_site: Site) -> None:
        site = with_settings(any_site)
        drafts(site, "a", "b")
        before = site.dump()
        assert site.run("schedule", "a", "b", "--next-slot", "--dry-run").succeeds().lines == [
            "would be scheduled\ta\ten\tTue 2026-06-16 09:00 CEST (2026-06-16T07:00:00Z)",
            "would be scheduled\tb\ten\tThu 2026-06-18 09:00 CEST (2026-06-18T07:00:00Z)",
        ]
        assert site.dump() == before
        assert site.run("schedule", "a", "--next-slot", "--json").succeeds().json["posts"][0]["scheduled_at"] == (
            "2026-06-16T07:00:00.000Z"
        )

    def test_from_a_day_on(self, site: Site) -> None:
        drafts(with_settings(site), "a", "b", "c")
        site.run("schedule", "a", "--next-slot", "--from", "2026-06-18").succeeds()
        site.run("schedule", "b", "--next-slot", "--from", "today 12:00").succeeds()
        site.run("schedule", "c", "--next-slot", "--from", "2026-06-18T07:00Z").succeeds()
        assert times(site, "a", "b", "c") == ["06-18T07:00", "06-16T07:00", "06-23T07:00"]

    def test_a_post_that_is_in_a_slot_stays_there(self, any_site: Site) -> None:
        site = with_settings(any_site)
        drafts(site, "a", "b", "c")
        site.run("schedule", "b", "--next-slot").succeeds()
        ran = site.run("schedule", "a", "b", "c", "--next-slot").succeeds()
        assert [line.split("\t")[0] for line in ran.lines] == ["unchanged", "scheduled", "scheduled"]
        assert times(site, "a", "b", "c") == ["06-18T07:00", "06-16T07:00", "06-23T07:00"]
        assert site.sql("SELECT count(*) FROM pipeline_audit") == [(3,)]

    @pytest.mark.parametrize(
        ("at", "words"),
        [("tue 09:01", ()), ("tue 09:00", ("--from", "2026-06-17")), ("mon 09:00", ())],
    )
    def test_a_post_that_is_scheduled_for_another_time_is_refused(
        self, site: Site, at: str, words: tuple[str, ...]
    ) -> None:
        drafts(with_settings(site), "a", "b")
        site.run("schedule", "a", "--at", at).succeeds()
        site.run("schedule", "b", "a", "--next-slot", *words).fails(3, "a (en) is already scheduled", "reschedule a")
        assert site.post("b")["status"] == "draft"

    def test_a_stream_without_slots(self, site: Site) -> None:
        with_settings(site)
        drafts(site, "a")
        drafts(site, "n", stream="notes")
        drafts(site, "o", stream="old")
        hint = 'add slots = ["mon 09:00"] to [streams.notes]'
        site.run("schedule", "a", "n", "--next-slot").fails(2, "the stream `notes` has no slots", hint)
        site.run("schedule", "a", "o", "--next-slot").fails(2, "there is no stream `old`", "default, news, notes")
        assert times(site, "a") == [None]

    def test_a_post_of_no_stream_where_there_is_no_default(self, site: Site) -> None:
        site.write("emdash.toml", '[streams.a]\nslots = ["mon 9:00"]\n[streams.b]\nslots = ["mon 9:00"]\n')
        drafts(site, "a")
        site.run("schedule", "a", "--next-slot").fails(2, "there is no stream `default`", "there is a, b")

    def test_files_in_the_queue_of_a_stream_with_a_cadence_are_remarked_on(self, site: Site) -> None:
        drafts(with_settings(site), "a", stream="news")
        site.put("1-a.json", queue="queue/news")
        remark = "1 file waits in the queue of stream news, and `publish-queue` knows nothing of slots"
        assert remark in site.run("schedule", "a", "--next-slot", "--dry-run").succeeds().err
        assert remark in site.run("slots").succeeds().err
        assert remark in site.run("slots", "--json").succeeds().json["notices"][0]
        assert site.run("slots", "--stream", "default").succeeds().err == ""


@freeze_time(NOW)
class TestEvery:
    def test_a_row_over_the_times_that_no_post_of_the_streams_has(self, any_site: Site) -> None:
        site = with_settings(any_site)
        drafts(site, "a", "b", "c")
        drafts(site, "n", stream="news")
        planned(site, "taken", "2026-06-19T07:00:00.000Z")
        planned(site, "of-notes", "2026-06-22T07:00:00.000Z", "notes")
        words = ("schedule", "a", "n", "b", "c", "--every", "weekdays 09:00", "--from", "2026-06-18")
        assert site.run(*words).succeeds().lines[0].endswith("Thu 2026-06-18 09:00 CEST (2026-06-18T07:00:00Z)")
        expected = ["06-18T07:00", "06-22T07:00", "06-23T07:00", "06-24T07:00"]
        assert times(site, "a", "n", "b", "c") == expected
        assert {line.split("\t")[0] for line in site.run(*words).succeeds().lines} == {"unchanged"}
        assert times(site, "a", "n", "b", "c") == expected

    def test_over_a_change_of_the_clocks(self, site: Site) -> None:
        site.write("emdash.toml", 'timezone = "Europe/Berlin"\n')
        drafts(site, "a", "b", "c")
        site.run("schedule", "a", "b", "c", "--every", "daily 8:30", "--from", "2026-10-24").succeeds()
        assert times(site, "a", "b", "c") == ["10-24T06:30", "10-25T07:30", "10-26T07:30"]

    def test_what_filters_match_in_the_order_of_its_creation(self, any_site: Site) -> None:
        for number, slug in enumerate(("b", "c", "a")):
            planned(any_site, slug, None, status="draft", created_at=ahead(days=number - 9))
        any_site.run("schedule", "--status", "draft", "--every", "daily noon", "--yes").succeeds()
        assert times(any_site, "b", "c", "a") == ["06-16T12:00", "06-17T12:00", "06-18T12:00"]

    def test_today_but_not_what_has_passed(self, site: Site) -> None:
        drafts(site, "a", "b")
        site.run("schedule", "a", "b", "--every", "daily 11:00,13:00", "--from", "2026-06-15").succeeds()
        assert times(site, "a", "b") == ["06-15T13:00", "06-16T11:00"]

    @pytest.mark.parametrize(
        ("words", "said"),
        [
            ((), "schedule needs a time: --at, --next-slot or --every"),
            (("--at", "now", "--next-slot"), "--at and --next-slot contradict each other"),
            (("--next-slot", "--every", "mon 9:00"), "--next-slot and --every contradict each other"),
            (("--at", "now", "--every", ""), "--at and --every contradict each other"),
            (("--at", "now", "--from", "mon"), "--from has no effect with --at"),
            (("--from", "mon"), "schedule needs a time"),
            (("--every", "mon"), "'weekdays 09:00'"),
            (("--every", ""), "'weekdays 09:00'"),
            (("--every", "mon 9:00", "--from", "2026-06-14"), "--from 2026-06-14 has passed"),
            (("--every", "mon 9:00", "--from", "someday"), "'someday' is not a time"),
            (("--every", "mon 9:00", "--from", ""), "'' is not a time"),
        ],
    )
    def test_options_that_make_no_sense(self, site: Site, words: tuple[str, ...], said: str) -> None:
        draft(site)
        before = site.dump()
        site.run("schedule", "a-draft", *words).fails(2, said)
        assert site.dump() == before


def taking(site: Site, at: str) -> Callable[[], object]:
    """Somebody else takes that slot."""
    return lambda: give_post(site, f"other-{at[:10]}", draft=DRAFT, scheduled_at=at)


@freeze_time(NOW)
class TestMeanwhile:
    def test_who_comes_second_takes_the_next_free_slots(self, any_site: Site) -> None:
        site = with_settings(any_site)
        drafts(site, "a", "b")
        # Requests: the posts, the taken slots; then the batch.
        port = Interrupted(site, taking(site, "2026-06-18T07:00:00.000Z"), after=2)
        done = list(plan(port, ["a", "b"]).carry_out())
        assert [post.outcome for post in done] == ["scheduled"] * 2
        assert (
            [str(post.scheduled_at)[5:16] for post in done] == times(site, "a", "b") == ["06-16T07:00", "06-23T07:00"]
        )
        assert site.sql("SELECT count(*) FROM pipeline_audit") == [(2,)]

    def test_if_they_are_always_taken_nothing_is_done(self, any_site: Site) -> None:
        class Greedy(Port):
            """Takes whatever slot is about to be claimed."""

            def batch(self, statements: Any) -> Any:
                if "pipeline_audit" in statements[0].sql and len(statements[0].params) > 8:
                    taking(self.site, json.loads(statements[0].params[8])[0][2])()
                return super().batch(statements)

        site = with_settings(any_site)
        drafts(site, "a")
        with pytest.raises(RefusedChangeError) as caught:
            list(plan(Greedy(site), ["a"]).carry_out())
        assert (caught.value.code, caught.value.hint) == ("slots_taken", "run the command again")
        assert site.post("a")["status"] == "draft"
        assert site.sql("SELECT count(*) FROM pipeline_audit") == [(0,)]

    def test_a_post_that_was_changed_is_named_as_ever(self, any_site: Site) -> None:
        site = with_settings(any_site)
        drafts(site, "a", "b")
        port = Interrupted(site, lambda: site.sql("UPDATE ec_posts SET version = 7 WHERE slug = 'b'"), after=2)
        with pytest.raises(RefusedChangeError, match="somebody else has just changed b"):
            list(plan(port, ["a", "b"]).carry_out())
        assert site.sql("SELECT count(*) FROM pipeline_audit") == [(0,)]

    def test_each_request_may_arrive_twice(self, any_site: Site) -> None:
        site = with_settings(any_site)
        drafts(site, "a", "b")
        assert len(list(plan(SendsTwice(site), ["a", "b"]).carry_out())) == 2
        assert times(site, "a", "b") == ["06-16T07:00", "06-18T07:00"]
        assert site.sql("SELECT count(*) FROM pipeline_audit") == [(2,)]


@freeze_time(NOW)
def test_a_thousand_posts_in_groups_and_a_slot_taken_in_between(any_site: Site) -> None:
    slugs = many_drafts(any_site, 1001)
    happened = taking(any_site, "2028-02-07T09:00:00.000Z")  # in the second group
    port = Interrupted(any_site, happened, after=3)
    done = list(plan(port, slugs, "daily 9:00").carry_out())
    assert [post.slug for post in done] == slugs
    assert any_site.sql("SELECT count(*), count(DISTINCT scheduled_at) FROM ec_posts") == [(1002, 1002)]
    assert any_site.sql("SELECT max(scheduled_at) FROM ec_posts") == [("2029-03-13T09:00:00.000Z",)]


def assert_each_has_a_slot_of_its_own(site: Site, count: int) -> None:
    """The next slots, without a gap, and each post was scheduled once."""
    rows = site.sql("SELECT scheduled_at, version, status FROM ec_posts ORDER BY scheduled_at")
    assert len({row[0] for row in rows}) == len(rows) == count
    assert {row[1:] for row in rows} == {(2, "scheduled")}
    listed = site.run("slots", "--json", "--count", str(count)).succeeds().json["streams"][0]["slots"]
    assert [slot["at"] for slot in listed] == [row[0] for row in rows]
    assert site.sql("SELECT count(*) FROM pipeline_audit") == [(count,)]
    assert site.sql("SELECT count(*) FROM schedule_locks") == [(count,)]


RACER = """
import sys
from emdash_cli.__main__ import run
for slug in sys.argv[1:]:
    code = run(["schedule", slug, "--next-slot"])
    if code:
        sys.exit(int(code))
"""


@pytest.mark.parametrize("racers", [2, 3])
def test_processes_that_race_for_each_slot(any_site: Site, racers: int) -> None:
    site = any_site
    site.write("emdash.toml", '[streams.default]\nslots = ["daily 9:00"]\n')
    slugs = many_drafts(site, 30 * racers)
    running = [
        subprocess.Popen(
            [sys.executable, "-c", RACER, *slugs[number::racers]],
            cwd=site.root,
            env=clean_environment(),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        for number in range(racers)
    ]
    for process in running:
        _, err = process.communicate(timeout=300)
        assert process.returncode == 0, err
    assert_each_has_a_slot_of_its_own(site, 30 * racers)


@pytest.fixture
def processes() -> Iterator[Processes]:
    found = Processes()
    yield found
    found.close()


def test_a_run_that_is_killed_between_any_two_statements_is_finished_by_the_next(
    any_site: Site, processes: Processes
) -> None:
    site = any_site
    site.write("emdash.toml", '[streams.default]\nslots = ["daily 9:00"]\n')
    many_drafts(site, 3)
    words = ("schedule", "--status", "draft", "--next-slot", "--yes")
    for nth in range(1, 200):
        tried = site.copy(site.root.parent / f"killed-{nth}")
        ended: Result = processes.run(words, "2026-06-15T12:00:00+00:00", nth, tried.root, clean_environment())
        assert ended.code in {0, KILLED}, ended
        before = tried.sql("SELECT count(*) FROM ec_posts WHERE status = 'scheduled'")
        assert before in ([(0,)], [(3,)])
        with freeze_time(NOW):
            tried.run(*words).succeeds()
            assert_each_has_a_slot_of_its_own(tried, 3)
        if ended.code == 0:
            break
    assert nth > 15
    assert ended.code != -signal.SIGKILL


def test_processes_that_race_on_d1_while_it_loses_answers(d1_site: D1Site) -> None:
    site = d1_site
    site.settings('[streams.default]\nslots = ["daily 9:00"]\n')
    slugs = [f"d-{number:02}" for number in range(12)]
    for number, slug in enumerate(slugs):
        site.put(f"{number:02}-a.json", slug=slug, title=slug, status="draft")
    site.run("publish-queue").succeeds()
    site.d1.faults(NOTHING, SENT_TWICE, DROPPED_AFTER, cycle=True)
    racers = [
        subprocess.Popen(
            [sys.executable, "-c", RACER, *slugs[number::2]],
            cwd=site.root,
            env=clean_environment() | site.environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        for number in range(2)
    ]
    for process in racers:
        _, err = process.communicate(timeout=300)
        assert process.returncode == 0, err
    site.d1.faults()
    rows = site.sql("SELECT scheduled_at, version FROM ec_posts ORDER BY scheduled_at")
    [stream] = site.run("slots", "--json", "--count", "12").succeeds().json["streams"]
    assert rows == [(slot["at"], 2) for slot in stream["slots"]]
    assert site.sql("SELECT count(*) FROM pipeline_audit WHERE action = 'scheduled'") == [(12,)]


def test_on_d1(d1_site: D1Site) -> None:
    site = with_settings(d1_site)
    for slug in ("a", "b", "c"):
        site.put(f"1-{slug}.json", slug=slug, status="draft")
    site.put("2-taken.json", slug="taken", publish_at="2099-01-06T09:00")
    site.run("publish-queue").succeeds()
    words = ("schedule", "a", "b", "c", "--next-slot", "--from", "2099-01-01")
    site.run(*words).succeeds()
    assert times(site, "a", "b", "c") == ["01-01T08:00", "01-08T08:00", "01-13T08:00"]
    assert {line.split("\t")[0] for line in site.run(*words).succeeds().lines} == {"unchanged"}


@freeze_time(NOW)
def test_a_second_run_knows_the_slot_of_a_post_whose_time_is_spelled_otherwise(site: Site) -> None:
    drafts(site, "a")
    words = ("schedule", "a", "--every", "weekdays 09:00", "--from", "2026-07-01")
    site.run(*words).succeeds()
    site.sql("UPDATE ec_posts SET scheduled_at = replace(scheduled_at, '.000Z', 'Z') WHERE slug = 'a'")
    assert [line.split("\t")[0] for line in site.run(*words).succeeds().lines] == ["unchanged"]
