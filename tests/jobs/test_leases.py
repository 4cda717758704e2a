"""What becomes of jobs whose runner is gone, and of reports that come too late."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from emdash_cli.domain.delivery import Category, Outcome
from emdash_cli.domain.ports import Statement
from emdash_cli.jobs.sql import leases, sending
from emdash_cli.jobs.times import utc
from tests.jobs.queue import DELIVERED, START, Lane

if TYPE_CHECKING:
    from tests.jobs.queue import Queue


@pytest.fixture
def lanes(queue: Queue) -> Queue:
    """One lane where nothing may be sent twice, and one where it may."""
    queue.lane(Lane("once", budget=100))
    queue.lane(Lane("often", idempotent=True, budget=100))
    return queue


def lose(queue: Queue, from_s: float = START) -> float:
    """Let every lease run out twice; answers when."""
    queue.recover(from_s + 61)
    queue.recover(from_s + 92)
    return from_s + 92


def test_a_lease_must_run_out_twice(lanes: Queue) -> None:
    lanes.add("often", "a")
    lanes.begin(lanes.claim())
    lanes.recover(START + 59)
    lanes.recover(START + 61)
    lanes.recover(START + 90)
    assert lanes.states() == {"a": "running"}
    lanes.recover(START + 92)
    assert lanes.states() == {"a": "pending"}


def test_a_renewal_clears_the_suspicion(lanes: Queue) -> None:
    lanes.add("once", "a")
    (job,) = lanes.claim()
    lanes.begin([job])
    lanes.recover(START + 61)
    held = lanes.database.batch(leases.renew([str(job["claim"])], utc(START + 130)))[-1]
    assert [row["id"] for row in held] == [job["id"]]
    lanes.recover(START + 92)
    lanes.recover(START + 131)
    assert lanes.states() == {"a": "running"}
    lanes.recover(START + 162)
    assert lanes.states() == {"a": "unknown"}


def test_what_was_claimed_and_not_begun_is_pending_again_and_cost_nothing(lanes: Queue) -> None:
    lanes.add("once", "a")
    lanes.add("often", "b")
    lanes.claim()
    lose(lanes)
    assert lanes.states() == {"a": "pending", "b": "pending"}
    assert (lanes.spent("once"), lanes.spent("often")) == (0, 0)
    assert lanes.one("SELECT sum(crashes) FROM publish_jobs") == 0, "bystanders of a crash are not counted"


def test_what_was_begun_is_unknown_unless_it_may_be_sent_again(lanes: Queue) -> None:
    lanes.add("once", "a")
    lanes.add("often", "b")
    lanes.begin(lanes.claim())
    at_s = lose(lanes)
    assert lanes.states() == {"a": "unknown", "b": "pending"}
    assert lanes.one("SELECT group_concat(subject) FROM publish_jobs WHERE ended_at IS NOT NULL") == "a"
    assert [job["subject"] for job in lanes.claim(at_s)] == ["b"]
    assert lanes.one("SELECT count(*) FROM job_attempts WHERE lost_at IS NOT NULL") == 2
    assert lanes.spent("once") == 1, "it may have been sent"


def test_a_job_that_lost_five_workers_is_dead(lanes: Queue) -> None:
    lanes.add("often", "a")
    at_s = START
    for _ in range(5):
        assert lanes.states() == {"a": "pending"}
        lanes.begin(lanes.claim(at_s), at_s)
        at_s = lose(lanes, at_s)
    assert lanes.states() == {"a": "dead"}
    assert lanes.one("SELECT category FROM publish_jobs") == "worker_lost"
    assert lanes.one("SELECT ended_at IS NOT NULL FROM publish_jobs") == 1


def test_a_clock_that_goes_back_ends_leases_that_would_last_for_ever(lanes: Queue) -> None:
    lanes.add("often", "a", at_s=START - 86_400 * 2)
    lanes.begin(lanes.claim())
    yesterday = START - 86_400
    lanes.recover(yesterday)
    assert lanes.states() == {"a": "running"}
    lanes.recover(yesterday + 31)
    assert lanes.states() == {"a": "pending"}


def test_a_new_claim_is_not_suspected_for_what_an_earlier_one_did(lanes: Queue) -> None:
    lanes.add("often", "a")
    jobs = lanes.claim()
    lanes.begin(jobs)
    lanes.recover(START + 61)
    lanes.end(jobs, Outcome(Category.TRANSIENT), START + 62)
    assert len(lanes.claim(START + 100)) == 1
    lanes.recover(START + 161)
    assert lanes.states() == {"a": "running"}


def test_a_job_of_which_nothing_left_does_not_die_of_its_workers(lanes: Queue) -> None:
    lanes.add("often", "a")
    lanes.run("UPDATE publish_jobs SET crashes = 4")
    lanes.claim()
    lose(lanes)
    assert lanes.states() == {"a": "pending"}


def test_what_was_lost_is_reported_once_and_to_those_who_listened_then(lanes: Queue) -> None:
    lanes.lane(Lane("later"))
    listen = "UPDATE publish_lanes SET events = '[\"job.unknown\"]' WHERE lane = ?1"
    lanes.run(listen, "often")
    lanes.add("once", "a")
    lanes.begin(lanes.claim())
    at_s = lose(lanes)
    lanes.recover(at_s)
    lanes.run(listen, "later")
    lanes.recover(at_s + 1)
    told = lanes.run("SELECT lane, kind, state FROM publish_jobs ORDER BY id")
    assert [tuple(row.values()) for row in told] == [
        ("once", "announce", "unknown"),
        ("often", "job.unknown", "pending"),
    ]


def test_what_a_clock_that_went_back_leaves_behind_is_due_at_once(lanes: Queue) -> None:
    lanes.add("often", "a")
    lanes.begin(lanes.claim())
    yesterday = START - 86_400
    lanes.recover(yesterday)
    lanes.recover(yesterday + 31)
    assert [job["subject"] for job in lanes.claim(yesterday + 31)] == ["a"]


def test_what_was_not_sent_keeps_what_became_of_the_attempt_before(lanes: Queue) -> None:
    lanes.add("once", "a")
    jobs = lanes.claim()
    lanes.begin(jobs)
    lanes.end(jobs, Outcome(Category.TRANSIENT, error="503"))
    again = START + 60
    assert len(lanes.claim(again)) == 1
    lose(lanes, again)
    (job,) = lanes.run("SELECT state, category, error, crashes FROM publish_jobs")
    assert tuple(job.values()) == ("pending", "transient", "503", 0)


def test_a_late_report_is_kept_and_changes_nothing(lanes: Queue) -> None:
    lanes.add("once", "a")
    lanes.add("often", "b")
    old = lanes.claim()
    lanes.begin(old)
    at_s = lose(lanes)
    (new,) = lanes.claim(at_s)
    late = lanes.end(old, Outcome(Category.AUTH, external_id="late", error="401"), at_s)
    assert set(late) == {job["id"] for job in old}
    assert lanes.begin(old, at_s) == [], "nothing may leave under the old claim"
    assert lanes.states() == {"a": "unknown", "b": "running"}
    rows = lanes.database.query(
        Statement("SELECT applied, external_id, lost_at FROM job_attempts WHERE claim = ?1", (str(old[0]["claim"]),))
    )
    assert {(row["applied"], row["external_id"], row["lost_at"] is None) for row in rows} == {(0, "late", False)}
    assert lanes.one("SELECT count(*) FROM publish_lanes WHERE paused_at IS NOT NULL") == 0
    assert lanes.begin([new], at_s) == [new["id"]]


def test_a_report_that_is_sent_twice_counts_once(lanes: Queue) -> None:
    lanes.add("once", "a")
    jobs = lanes.claim()
    lanes.begin(jobs)
    statements = lanes.end_statements(jobs, Outcome(Category.TRANSIENT))
    assert lanes.database.batch(statements)[-1] == []
    assert lanes.database.batch(statements)[-1] == []
    assert lanes.one("SELECT attempts FROM publish_jobs") == 1
    assert lanes.spent("once") == 0


def test_a_report_of_an_old_claim_does_not_end_a_new_one(lanes: Queue) -> None:
    """The job runs again, under another claim: nothing of it is touched, nor its lane's budget."""
    lanes.add("often", "a")
    old = lanes.claim()
    lanes.begin(old)
    at_s = lose(lanes)
    lanes.begin(lanes.claim(at_s), at_s)
    before = lanes.database.query(Statement("SELECT * FROM publish_jobs")), lanes.spent("often")
    lanes.end(old, Outcome(Category.RATE_LIMITED, retry_after_s=90), at_s)
    assert (lanes.database.query(Statement("SELECT * FROM publish_jobs")), lanes.spent("often")) == before
    assert lanes.one("SELECT count(*) FROM job_attempts WHERE ended_at IS NULL") == 1
    assert lanes.one("SELECT max(closed_until) FROM publish_lanes") == ""


def test_released_jobs_are_pending_again_unless_something_left(lanes: Queue) -> None:
    lanes.add("once", "a", "b")
    jobs = lanes.claim()
    lanes.begin(jobs[:1])
    rows = [sending.Release(int(job["id"] or 0), str(job["claim"])) for job in jobs]
    lanes.database.batch(sending.release(rows))
    lanes.database.batch(sending.release(rows))
    assert lanes.states() == {"a": "running", "b": "pending"}
    assert lanes.spent("once") == 1


def test_another_runners_jobs_are_not_released(lanes: Queue) -> None:
    lanes.add("often", "a")
    (old,) = lanes.claim()
    at_s = lose(lanes)
    lanes.claim(at_s)
    lanes.database.batch(sending.release([sending.Release(int(old["id"] or 0), str(old["claim"]))]))
    assert lanes.states() == {"a": "running"}
    assert lanes.spent("often") == 1


def test_a_job_that_turns_out_to_have_parts_is_charged_for_all_of_them(lanes: Queue) -> None:
    lanes.add("once", "a")
    (job,) = lanes.claim()
    row = sending.Release(int(job["id"] or 0), str(job["claim"]), '["1","2","3"]', 3, 3)
    lanes.database.batch(sending.release([row]))
    assert lanes.spent("once") == 0
    (again,) = lanes.claim()
    assert (again["payload"], again["parts"], again["units"]) == ('["1","2","3"]', 3, 3)
    assert lanes.spent("once") == 3


def test_texts_that_were_kept_stay_as_they_are(lanes: Queue) -> None:
    lanes.add("once", "a")
    (job,) = lanes.claim()
    held = int(job["id"] or 0), str(job["claim"])
    for text in ("first", "second"):
        lanes.database.batch(sending.begin([sending.Begin(*held, None, text, 1)], utc(START), "worker"))
    assert lanes.one("SELECT payload FROM publish_jobs") == "first"


class TestThread:
    """Three parts, sent one by one."""

    @pytest.fixture
    def thread(self, lanes: Queue) -> Queue:
        lanes.add("once", "a", units=3)
        lanes.add("often", "b", units=3)
        lanes.run("UPDATE publish_jobs SET parts = 3, payload = '[1,2,3]'")
        return lanes

    def step(self, queue: Queue, job: object, step: int, external_id: str) -> list[object]:
        """The step is out, and the next one is begun."""
        held = int(job["id"]), str(job["claim"])  # type: ignore[index]
        done = [sending.StepDone(*held, step, external_id, 0.2)]
        following = [sending.Begin(*held, step + 1, None, 3)]
        return [row["id"] for row in queue.database.batch(sending.next_steps(done, following, utc(START)))[-1]]

    def test_each_id_is_kept_before_the_next_part_leaves(self, thread: Queue) -> None:
        jobs = thread.claim()
        assert len(thread.begin(jobs, step=0, parts=3)) == 2
        for job in jobs:
            assert self.step(thread, job, 0, "id0") == [job["id"]]
            assert self.step(thread, job, 0, "id0") == [job["id"]], "sent twice, it says the same"
        at_s = lose(thread)
        assert thread.states() == {"a": "unknown", "b": "pending"}
        assert thread.one("SELECT group_concat(cost_usd) FROM publish_jobs") == "0.2,0.2", "of one part each"
        open_steps = "SELECT group_concat(lane || step) FROM job_steps AS s JOIN publish_jobs AS j ON j.id = s.job_id"
        assert thread.one(f"{open_steps} WHERE s.done_at IS NULL") == "once1"
        (again,) = thread.claim(at_s)
        assert (again["sent"], again["units"]) == ('["id0"]', 2)
        assert thread.begin([again], at_s, step=1, parts=3) == [again["id"]]
        assert thread.spent("once") == 2, "one part is out, one may be"

    def test_a_part_of_somebody_elses_is_not_sent(self, thread: Queue) -> None:
        old = next(job for job in thread.claim() if job["subject"] == "b")
        thread.begin([old], step=0, parts=3)
        at_s = lose(thread)
        (new,) = [job for job in thread.claim(at_s) if job["subject"] == "b"]
        thread.begin([new], at_s, step=0, parts=3)
        assert self.step(thread, old, 0, "late") == []
        assert thread.one("SELECT done_at FROM job_steps WHERE job_id = ?1", old["id"]) is None

    def test_a_part_that_is_out_or_begun_by_another_claim_may_not_go(self, thread: Queue) -> None:
        once, often = thread.claim()
        thread.begin([once], step=0, parts=3)
        self.step(thread, once, 0, "id0")
        assert thread.begin([once], step=0, parts=3) == []
        thread.run(
            "INSERT INTO job_steps (job_id, step, claim, begun_at) VALUES (?1, 0, 'another', '2026')", often["id"]
        )
        assert thread.begin([often], step=0, parts=3) == []

    def test_parts_under_way_stay_marked_while_others_are_lost(self, thread: Queue) -> None:
        jobs = thread.claim()
        thread.begin(jobs, step=0, parts=3)
        thread.recover(START + 50)
        assert thread.one("SELECT count(*) FROM job_steps WHERE done_at IS NULL") == 2

    def test_what_somebody_has_found_out_about_a_part_is_not_overwritten(self, thread: Queue) -> None:
        once = next(job for job in thread.claim() if job["subject"] == "a")
        thread.begin([once], step=0, parts=3)
        lose(thread)
        thread.run("UPDATE job_steps SET done_at = '2026', external_id = 'found'")
        self.step(thread, once, 0, "late")
        assert thread.one("SELECT external_id FROM job_steps WHERE job_id = ?1", once["id"]) == "found"

    def test_the_id_of_a_part_that_is_reported_late_is_kept(self, thread: Queue) -> None:
        once = next(job for job in thread.claim() if job["subject"] == "a")
        thread.begin([once], step=0, parts=3)
        lose(thread)
        assert self.step(thread, once, 0, "late") == []
        assert thread.one("SELECT external_id FROM job_steps WHERE job_id = ?1", once["id"]) == "late"
        assert thread.states()["a"] == "unknown"

    def test_a_failed_part_is_begun_again_and_an_unknown_one_is_not_forgotten(self, thread: Queue) -> None:
        jobs = thread.claim()
        thread.begin(jobs, step=0, parts=3)
        thread.end(jobs[:1], Outcome(Category.UNKNOWN))
        thread.end(jobs[1:], Outcome(Category.TRANSIENT), idempotent=True)
        assert thread.one("SELECT group_concat(job_id) FROM job_steps") == str(jobs[0]["id"])


def test_an_outcome_closes_or_pauses_the_lane_and_nothing_else(lanes: Queue) -> None:
    lanes.add("once", "a")
    lanes.add("often", "b")
    once, often = lanes.claim()
    lanes.begin([once, often])
    lanes.end([once], Outcome(Category.RATE_LIMITED, retry_after_s=90, error="429"))
    lanes.end([often], Outcome(Category.AUTH, error="401"))
    told = lanes.database.query(Statement("SELECT lane, closed_until, paused_reason FROM publish_lanes ORDER BY lane"))
    assert [tuple(row.values()) for row in told] == [("often", "", "401"), ("once", utc(START + 90), None)]
    assert lanes.states() == {"a": "pending", "b": "dead"}
    assert lanes.claim(START + 89) == []
    lanes.end([once], DELIVERED)
    assert [job["subject"] for job in lanes.claim(START + 96)] == ["a"]


def test_a_lane_stays_closed_for_the_longest_time_and_paused_for_the_first_reason(lanes: Queue) -> None:
    lanes.add("once", "a", "b")
    lanes.add("often", "c", "d")
    limited, also, refused, too = lanes.claim()
    lanes.begin([limited, also, refused, too])
    lanes.end([limited], Outcome(Category.RATE_LIMITED, retry_after_s=90))
    lanes.end([also], Outcome(Category.RATE_LIMITED, retry_after_s=5))
    lanes.end([refused], Outcome(Category.AUTH, error="first"), START + 1)
    lanes.end([too], Outcome(Category.AUTH, error="second"), START + 2)
    assert lanes.one("SELECT closed_until FROM publish_lanes WHERE lane = 'once'") == utc(START + 90)
    (told,) = lanes.run("SELECT paused_at, paused_reason FROM publish_lanes WHERE lane = 'often'")
    assert tuple(told.values()) == (utc(START + 1), "first")


def test_a_renewal_holds_nothing_of_anybody_else(lanes: Queue) -> None:
    lanes.add("often", "mine", "another's")
    mine, others = lanes.claim(most=1), lanes.claim(most=1)
    lanes.begin([*mine, *others])
    lanes.database.batch(leases.renew([str(mine[0]["claim"])], utc(START + 180)))
    lose(lanes)
    assert lanes.states() == {"mine": "running", "another's": "pending"}


def test_only_a_job_that_has_ended_says_when(lanes: Queue) -> None:
    lanes.add("often", "done", "again")
    done, again = lanes.claim()
    lanes.begin([done, again])
    lanes.end([done], DELIVERED, START + 5)
    lanes.end([again], Outcome(Category.TRANSIENT), START + 5)
    told = lanes.run("SELECT subject, ended_at FROM publish_jobs ORDER BY id")
    assert [tuple(row.values()) for row in told] == [("done", utc(START + 5)), ("again", None)]


def test_what_attempts_cost_adds_up(lanes: Queue) -> None:
    lanes.add("often", "a")
    for at_s, cost_usd in ((START, 0.25), (START + 60, None), (START + 120, 0.5)):
        jobs = lanes.claim(at_s)
        lanes.begin(jobs, at_s)
        lanes.end(jobs, Outcome(Category.TRANSIENT, cost_usd=cost_usd), at_s)
    assert lanes.one("SELECT cost_usd FROM publish_jobs") == 0.75
