"""Which jobs a claim gets: order, limits of the lane, and nothing from a claim that is sent again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from emdash_cli.domain.delivery import Category, Outcome
from emdash_cli.jobs.times import utc
from tests.jobs.queue import DELIVERED, START, Lane

if TYPE_CHECKING:
    from emdash_cli.domain.ports import Row
    from tests.jobs.queue import Queue


def subjects(jobs: list[Row]) -> list[Any]:
    return [job["subject"] for job in jobs]


def test_urgent_jobs_come_first_then_the_oldest(queue: Queue) -> None:
    queue.lane(Lane("x"))
    queue.add("x", "late", at_s=START - 1)
    queue.add("x", "early", at_s=START - 9)
    queue.add("x", "urgent", at_s=START - 1, priority=0)
    queue.add("x", "urgent-later", at_s=START + 1, priority=0)
    assert subjects(queue.claim()) == ["urgent", "early", "late"]


def test_two_claims_share_nothing(queue: Queue) -> None:
    queue.lane(Lane("x"))
    queue.add("x", "a", "b", "c")
    first, second = queue.claim(most=2), queue.claim(most=2)
    assert sorted(subjects(first) + subjects(second)) == ["a", "b", "c"]
    assert queue.claim() == []


def test_no_more_run_at_once_than_the_lane_allows(queue: Queue) -> None:
    queue.lane(Lane("x", concurrency=2))
    queue.add("x", "a", "b", "c")
    first = queue.claim()
    assert len(first) == 2
    assert queue.claim() == []
    queue.begin(first)
    queue.end(first[:1], DELIVERED)
    assert subjects(queue.claim()) == ["c"]


def test_a_full_lane_is_in_nobodys_way(queue: Queue) -> None:
    queue.lane(Lane("full", concurrency=1))
    queue.lane(Lane("open"))
    queue.add("full", "a", "b", at_s=START - 9)
    queue.add("open", "c")
    assert subjects(queue.claim()) == ["a", "c"]


def test_a_rate_holds_over_any_stretch_of_time(queue: Queue) -> None:
    """One a second after a burst of three: at most ten seconds' worth and the burst in any ten seconds."""
    queue.lane(Lane("x", interval_us=1_000_000, burst=3))
    queue.add("x", *(f"s{number}" for number in range(60)))
    sent = []
    for tick in range(80):
        at_s = START + tick * 0.37
        got = queue.claim(at_s)
        queue.begin(got, at_s)
        queue.end(got, DELIVERED, at_s)
        sent += [at_s] * len(got)
    assert sent.count(START) == 3
    assert max(sum(begin <= at < begin + 10 for at in sent) for begin in sent) <= 13
    assert len(sent) >= 80 * 0.37 + 1


def test_the_next_work_of_a_lane_is_when_its_rate_allows_it(queue: Queue) -> None:
    queue.lane(Lane("x", interval_us=2_000_000))
    queue.add("x", "a", "b")
    answers = queue.database.batch(queue.claim_statements(START))
    assert subjects(answers[3]) == ["a"]
    assert answers[-1][0]["at"] == "2026-05-28T20:26:42.000Z"
    assert queue.claim(START + 1.9) == []
    assert subjects(queue.claim(START + 2)) == ["b"]


def test_a_clock_that_goes_back_does_not_close_a_lane_with_a_rate(queue: Queue) -> None:
    queue.lane(Lane("x", interval_us=1_000_000))
    queue.add("x", "a", "b", at_s=START - 2 * 86_400)
    assert subjects(queue.claim()) == ["a"]
    assert subjects(queue.claim(START - 86_400)) == ["b"]


def test_a_budget_is_never_overdrawn_and_begins_anew_with_the_period(queue: Queue) -> None:
    queue.lane(Lane("x", budget=3))
    queue.add("x", "a", "b", units=1)
    queue.add("x", "thread", units=2)
    queue.add("x", "d")
    first = queue.claim()
    assert subjects(first) == ["a", "b"], "the thread would overdraw it"
    assert queue.spent("x") == 2
    queue.run("UPDATE publish_lanes SET spent = 3")
    assert queue.claim() == []
    june = START + 5 * 86_400
    assert subjects(queue.claim(june)) == ["thread", "d"]
    assert queue.spent("x") == 3


def test_a_thread_that_the_budget_does_not_allow_waits_and_keeps_nothing_else_waiting(queue: Queue) -> None:
    queue.lane(Lane("x", budget=2))
    queue.add("x", "thread", units=3)
    queue.add("x", "a", at_s=START - 0.5)
    *_, taken, _, (work,) = queue.database.batch(queue.claim_statements(START))
    assert (subjects(taken), work["at"]) == (["a"], utc(START + 60))
    queue.end(taken, DELIVERED)
    *_, taken, _, (work,) = queue.database.batch(queue.claim_statements(START))
    assert (taken, work["at"]) == ([], None), "nothing can be done before the next month"


def test_a_budget_of_a_day_begins_anew_with_the_day(queue: Queue) -> None:
    queue.lane(Lane("x", budget=1))
    queue.run("UPDATE publish_lanes SET period = 'day'")
    queue.add("x", "a", "b")
    assert subjects(queue.claim()) == ["a"]
    assert queue.claim(START + 3600) == []
    assert subjects(queue.claim(START + 86_400)) == ["b"]


def test_what_was_not_sent_is_given_back_to_the_budget(queue: Queue) -> None:
    queue.lane(Lane("x", budget=10))
    queue.add("x", "a", "b", "c")
    jobs = queue.claim()
    queue.begin(jobs)
    queue.end(jobs[:1], DELIVERED)
    queue.end(jobs[1:2], Outcome(Category.TRANSIENT))
    queue.end(jobs[2:], Outcome(Category.UNKNOWN))
    assert queue.spent("x") == 2, "one was delivered, one may have been"


def test_a_claim_that_is_sent_twice_at_once_gets_the_same_jobs(queue: Queue) -> None:
    queue.lane(Lane("x", budget=10))
    queue.add("x", "a", "b", "c")
    statements = queue.claim_statements(START, most=2)
    first, again = queue.database.batch(statements)[3], queue.database.batch(statements)[3]
    assert subjects(first) == subjects(again) == ["a", "b"]
    assert queue.spent("x") == 2


def test_a_claim_that_arrives_again_after_its_jobs_have_ended_takes_nothing(queue: Queue) -> None:
    queue.lane(Lane("x"))
    queue.add("x", "done", "again", "untouched")
    statements = queue.claim_statements(START, most=2)
    jobs = queue.database.batch(statements)[3]
    queue.begin(jobs)
    queue.end(jobs[:1], DELIVERED)
    queue.end(jobs[1:], Outcome(Category.TRANSIENT))
    assert queue.database.batch(statements)[3] == []
    assert queue.states() == {"done": "done", "again": "pending", "untouched": "pending"}


def test_a_claim_that_arrives_again_after_another_one_takes_nothing_more(queue: Queue) -> None:
    queue.lane(Lane("x"))
    queue.add("x", "a", "b", "c")
    statements = queue.claim_statements(START, most=1)
    first = queue.database.batch(statements)[3]
    assert subjects(queue.claim(most=1)) == ["b"]
    assert subjects(queue.database.batch(statements)[3]) == subjects(first) == ["a"]
    assert queue.states()["c"] == "pending"


def test_a_lane_that_is_paused_or_closed_gives_nothing(queue: Queue) -> None:
    queue.lane(Lane("paused"))
    queue.lane(Lane("closed"))
    queue.add("paused", "a")
    queue.add("closed", "b")
    queue.run("UPDATE publish_lanes SET paused_at = '2026' WHERE lane = 'paused'")
    queue.run("UPDATE publish_lanes SET closed_until = '2026-05-28T20:26:41.000Z' WHERE lane = 'closed'")
    answers = queue.database.batch(queue.claim_statements(START))
    assert answers[3] == []
    assert answers[-1][0]["at"] == "2026-05-28T20:26:41.000Z"
    assert subjects(queue.claim(START + 1)) == ["b"]


def test_a_lane_that_is_not_asked_for_gives_nothing(queue: Queue) -> None:
    queue.lane(Lane("x"))
    queue.lane(Lane("y"))
    queue.add("x", "a")
    queue.add("y", "b")
    assert subjects(queue.claim(lanes=["y"])) == ["b"]
    assert queue.states() == {"a": "pending", "b": "running"}


def test_urgent_jobs_come_first_where_a_limit_leaves_room_for_few(queue: Queue) -> None:
    queue.lane(Lane("x", concurrency=1))
    queue.add("x", "early", at_s=START - 9)
    queue.add("x", "urgent", at_s=START - 1, priority=0)
    assert subjects(queue.claim()) == ["urgent"]


def test_a_thread_counts_by_its_parts_against_the_rate(queue: Queue) -> None:
    queue.lane(Lane("x", interval_us=1_000_000, burst=3))
    queue.add("x", "thread", units=3, at_s=START - 9)
    queue.add("x", "next")
    assert subjects(queue.claim()) == ["thread"]
    assert queue.claim(START + 0.9) == []
    assert subjects(queue.claim(START + 1)) == ["next"]


def test_a_clock_that_goes_back_into_the_last_month_brings_no_new_budget(queue: Queue) -> None:
    queue.lane(Lane("x", budget=2))
    queue.add("x", "a", "b", "c", at_s=START - 40 * 86_400)
    june, may = START + 5 * 86_400, START
    assert len(queue.claim(june, most=1)) == 1
    assert len(queue.claim(may, most=1)) == 1
    assert queue.claim(june) == []


def test_no_more_is_taken_than_was_asked_for(queue: Queue) -> None:
    for lane in ("x", "y"):
        queue.lane(Lane(lane))
        queue.add(lane, f"{lane}1", f"{lane}2")
    assert len(queue.claim(most=3)) == 3
    assert list(queue.states().values()).count("running") == 3


def test_a_thread_goes_on_after_the_parts_that_are_out(queue: Queue) -> None:
    """Not after one whose request was marked and is not known to have arrived."""
    queue.lane(Lane("x"))
    queue.add("x", "a", units=2)
    queue.run("UPDATE publish_jobs SET parts = 3, payload = '[1,2,3]'")
    steps = "INSERT INTO job_steps (job_id, step, claim, begun_at, done_at, external_id) VALUES"
    queue.run(f"{steps} (1, 0, 'old', '2026', '2026', 'id0'), (1, 1, 'old', '2026', NULL, NULL)")
    (job,) = queue.claim()
    assert job["sent"] == '["id0"]'


def test_the_end_of_a_lease_is_work_ahead(queue: Queue) -> None:
    queue.lane(Lane("x"))
    queue.add("x", "a")
    assert queue.database.batch(queue.claim_statements(START))[-1][0]["at"] == utc(START + 60)


def test_nothing_is_awaited_of_a_lane_that_is_paused_or_has_spent_its_budget(queue: Queue) -> None:
    queue.lane(Lane("x", budget=1))
    queue.add("x", "a")
    queue.run("UPDATE publish_lanes SET spent = 1, spent_in = '2026-05'")
    assert queue.database.batch(queue.claim_statements(START))[-1] == [{"at": None}]
    queue.run("UPDATE publish_lanes SET spent = 0, paused_at = '2026'")
    assert queue.database.batch(queue.claim_statements(START))[-1] == [{"at": None}]
