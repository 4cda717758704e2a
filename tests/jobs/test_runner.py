"""The runner against a store on a file and on D1, with requests that answer as the test says."""

from __future__ import annotations

import json
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from emdash_cli.domain.delivery import Category, Outcome
from emdash_cli.domain.errors import UnavailableError
from emdash_cli.domain.ports import Statement
from emdash_cli.jobs.runner import Manner, Runner
from emdash_cli.jobs.sql import leases
from emdash_cli.jobs.times import utc
from tests.jobs.queue import START, Lane
from tests.jobs.workloads import Answer, Scripted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from emdash_cli.domain.ports import Database, Limits, Row
    from emdash_cli.jobs.job import Ended, Job
    from tests.jobs.queue import Queue

QUICK = Manner("test", threads=4, group=8, poll_s=0.05)


def run(queue: Queue, workload: Scripted, manner: Manner = QUICK, **how: Any) -> list[Ended]:
    ended: list[Ended] = []
    runner = Runner(queue.database, workload, manner, lambda: datetime.now(UTC), ended=ended.append, **how)
    runner.run()
    return ended


@pytest.fixture
def lanes(queue: Queue) -> Queue:
    queue.lane(Lane("once", budget=100))
    queue.lane(Lane("often", idempotent=True, budget=1000))
    return queue


def test_everything_that_is_due_is_sent_once(lanes: Queue) -> None:
    lanes.add("once", *(f"a{number}" for number in range(20)))
    lanes.add("often", *(f"b{number}" for number in range(20)))
    lanes.add("once", "later", at_s=time.time() + 3600)
    workload = Scripted(lanes.lanes)
    ended = run(lanes, workload)
    assert set(workload.keys.values()) == {1}
    assert len(workload.sent) == 40
    assert {one.state for one in ended} == {"done"}
    states = lanes.states()
    assert states.pop("later") == "pending"
    assert set(states.values()) == {"done"}
    assert (lanes.spent("once"), lanes.spent("often")) == (20, 20)


def test_with_nothing_to_do_it_ends_at_once(lanes: Queue) -> None:
    assert run(lanes, Scripted(lanes.lanes)) == []


def test_a_thread_is_sent_part_by_part_under_keys_of_its_own(lanes: Queue) -> None:
    lanes.add("once", "a")
    lanes.add("often", "b")
    workload = Scripted(lanes.lanes, parts={"a": 3, "b": 3})
    ended = run(lanes, workload)
    assert sorted(workload.sent) == [(f"{subject} {part}",) for subject in "ab" for part in range(3)]
    assert {one.state for one in ended} == {"done"}
    assert len(workload.keys) == 6
    steps = lanes.database.query(Statement("SELECT external_id FROM job_steps ORDER BY job_id, step"))
    assert [row["external_id"] for row in steps] == ["a-0", "a-1", "a-2", "b-0", "b-1", "b-2"]
    assert lanes.one("SELECT group_concat(external_id) FROM publish_jobs") == "a-0,b-0"
    assert lanes.spent("once") == 3


def test_a_thread_that_failed_is_resumed_where_it_ended_with_the_texts_that_it_had(lanes: Queue) -> None:
    lanes.add("once", "a")
    good, bad = Outcome(Category.DELIVERED, external_id="1"), Outcome(Category.TRANSIENT, error="503")
    run(lanes, Scripted(lanes.lanes, {"a": [good, bad]}, parts={"a": 3}))
    assert lanes.states() == {"a": "pending"}
    assert lanes.spent("once") == 1
    lanes.run("UPDATE publish_jobs SET run_after = created_at")
    again = Scripted(lanes.lanes, parts={"a": 7})
    run(lanes, again)
    assert again.sent == [("a 1",), ("a 2",)], "three parts as before, and not seven"
    assert lanes.states() == {"a": "done"}
    assert lanes.spent("once") == 3


def test_each_part_of_a_thread_is_charged_once_and_the_thread_goes_by_its_first_id(lanes: Queue) -> None:
    def taken(number: str, cost_usd: float) -> Outcome:
        return Outcome(Category.DELIVERED, external_id=number, cost_usd=cost_usd)

    lanes.add("once", "a", "single")
    refused = Outcome(Category.VALIDATION, error="no answers")
    answers: dict[str, list[Answer]] = {
        "a": [taken("1", 0.015), taken("2", 0.2), refused],
        "single": [taken("9", 0.015)],
    }
    ended = run(lanes, Scripted(lanes.lanes, answers, parts={"a": 3}))
    assert {one.job.subject: one.outcome.external_id for one in ended} == {"a": "1", "single": "9"}
    costs = "SELECT group_concat(cost_usd) FROM (SELECT cost_usd FROM publish_jobs ORDER BY id)"
    assert lanes.one(costs) == "0.215,0.015"
    lanes.run("UPDATE publish_jobs SET state = 'pending', ended_at = NULL WHERE state = 'dead'")
    (one,) = run(lanes, Scripted(lanes.lanes, {"a": [taken("3", 0.015)]}))
    assert (one.state, one.outcome.external_id) == ("done", "1")
    assert lanes.one(costs) == "0.23,0.015"


def test_a_failed_attempt_is_made_again_and_the_fourth_is_the_last(lanes: Queue) -> None:
    lanes.add("once", "a")
    workload = Scripted(lanes.lanes, otherwise=lambda _: Outcome(Category.TRANSIENT, error="connection refused"))
    for attempts in range(4):
        assert lanes.states() == {"a": "pending"}
        (one,) = run(lanes, workload)
        assert lanes.one("SELECT attempts FROM publish_jobs") == attempts + 1
        lanes.run("UPDATE publish_jobs SET run_after = created_at")
    assert one.state == "dead"
    assert lanes.one("SELECT count(*) FROM job_attempts") == 4
    assert lanes.spent("once") == 0


@pytest.mark.parametrize(("lane", "state"), [("once", "unknown"), ("often", "pending")])
def test_a_bug_of_an_adapter_ends_one_job_as_if_its_answer_were_lost(lanes: Queue, lane: str, state: str) -> None:
    lanes.add(lane, "a", "b")
    run(lanes, Scripted(lanes.lanes, {"a": [RuntimeError("Bearer planted-secret")]}))
    assert lanes.states() == {"a": state, "b": "done"}
    said = str(lanes.one("SELECT error FROM publish_jobs WHERE subject = 'a'"))
    assert said.startswith("a bug of this program: RuntimeError in workloads.py, line ")
    assert "planted-secret" not in said, "a message may repeat a request"


class Forgetful(Scripted):
    """An adapter that answers nothing of the last job of a request."""

    def send(self, jobs: Sequence[Job]) -> Sequence[Outcome]:
        return super().send(jobs)[:-1]


def test_a_job_of_which_an_adapter_says_nothing_is_not_done(lanes: Queue) -> None:
    lanes.add("once", "a")
    give_up_at = time.monotonic() + 20
    run(lanes, Forgetful(lanes.lanes), replace(QUICK, grace_s=0), stopped=lambda: time.monotonic() > give_up_at)
    assert lanes.states() == {"a": "unknown"}
    assert lanes.one("SELECT error FROM publish_jobs") == "a bug of this program: outcomes are missing"


def test_what_is_refused_or_too_late_is_not_sent_and_costs_nothing(lanes: Queue) -> None:
    lanes.add("once", "gone", "late", "good")
    lanes.run("UPDATE publish_jobs SET stale_at = ?1 WHERE subject = 'late'", utc(time.time() - 1))
    lanes.run("UPDATE publish_jobs SET stale_at = ?1 WHERE subject = 'good'", utc(time.time() + 3600))
    refused = {"gone": Outcome(Category.VALIDATION, error="the post is not public any more")}
    workload = Scripted(lanes.lanes, refused=refused)
    run(lanes, workload)
    assert workload.sent == [("good 0",)]
    assert lanes.states() == {"gone": "dead", "late": "dead", "good": "done"}
    assert lanes.one("SELECT count(*) FROM job_attempts") == 1
    assert lanes.spent("once") == 1


def test_jobs_of_a_lane_that_allows_it_share_a_request(lanes: Queue) -> None:
    for number in range(8):
        lanes.add("often", f"s{number}")
        lanes.add("once", f"t{number}")
    workload = Scripted(lanes.lanes, together={"often": 5})
    run(lanes, workload, Manner("test", threads=16, group=16))
    assert sorted(map(len, workload.sent)) == [1] * 8 + [3, 5]
    assert set(lanes.states().values()) == {"done"}


def test_a_limit_is_kept(lanes: Queue) -> None:
    lanes.add("often", *(f"s{number}" for number in range(9)))
    ended = run(lanes, Scripted(lanes.lanes), Manner("test", limit=5, group=3))
    assert len(ended) == 5


def test_a_claim_takes_half_a_group_at_least_while_there_is_as_much(lanes: Queue) -> None:
    lanes.add("once", *(f"a{number}" for number in range(64)))
    assert len(run(lanes, Scripted(lanes.lanes), Manner("test", threads=2, group=16))) == 64
    claims = lanes.one("SELECT count(DISTINCT claim) FROM job_attempts")
    assert claims <= 1 + (64 - 16) / 8, "16 jobs at first, and 8 each time"


def test_it_waits_for_retries_and_rate_limits_if_it_is_to_end_with_an_empty_queue(queue: Queue) -> None:
    queue.lane(Lane("slow", interval_us=200_000))
    queue.lane(Lane("often", idempotent=True))
    queue.add("slow", "a", "b", "c")
    queue.add("often", "limited")
    limited = Outcome(Category.RATE_LIMITED, retry_after_s=1)
    workload = Scripted(queue.lanes, {"limited": [limited]})
    ended = run(queue, workload, Manner("test", poll_s=0.05, until="empty"), chance=lambda: 0.0)
    assert sorted(one.job.subject for one in ended if one.state == "done") == ["a", "b", "c", "limited"]
    assert queue.one("SELECT max(attempts) FROM publish_jobs") == 1, "a rate limit uses up no attempt"


def test_stopped_it_gives_back_what_it_has_not_begun_and_ends_what_is_under_way(lanes: Queue) -> None:
    lanes.add("once", *(f"a{number}" for number in range(8)))
    lanes.add("once", "thread", at_s=START - 9999)
    stop: list[bool] = []

    def slow(job: Any) -> Outcome:
        stop.append(True)
        time.sleep(0.8)
        return Outcome(Category.DELIVERED, external_id=f"{job.subject}-{job.step}")

    workload = Scripted(lanes.lanes, otherwise=slow, parts={"thread": 3})
    lanes.run('UPDATE publish_jobs SET units = 3, payload = \'["p0","p1","p2"]\', parts = 3 WHERE subject = \'thread\'')
    run(lanes, workload, Manner("test", threads=2, group=8), stopped=lambda: bool(stop))
    states = lanes.states()
    assert states.pop("thread") == "pending", "stopped between two of its parts"
    assert sorted(states.values()) == ["done"] + ["pending"] * 7
    assert lanes.one("SELECT count(*) FROM job_attempts WHERE ended_at IS NULL") == 0
    assert lanes.spent("once") == 2


def test_stopped_it_makes_no_request_that_still_waited_for_a_thread(lanes: Queue) -> None:
    """Of jobs that may be sent again, a whole group is begun at once."""
    lanes.add("often", *(f"a{number}" for number in range(8)))
    stop: list[bool] = []

    def slow(job: Any) -> Outcome:
        stop.append(True)
        time.sleep(0.3)
        return Outcome(Category.DELIVERED, external_id=job.subject)

    workload = Scripted(lanes.lanes, otherwise=slow)
    run(lanes, workload, Manner("test", threads=1, group=8), stopped=lambda: bool(stop))
    assert len(workload.sent) == 1
    assert sorted(lanes.states().values()) == ["done"] + ["pending"] * 7
    assert lanes.one("SELECT count(*) FROM job_attempts WHERE ended_at IS NULL") == 0
    assert lanes.one("SELECT sum(attempts) FROM publish_jobs") == 1
    assert lanes.spent("often") == 1


class Slow:
    """A store whose answer to a batch with those words comes later than the lease."""

    def __init__(self, inner: Database, seconds: float, words: str = "", times: int = 1000) -> None:
        self._inner = inner
        self._times = times
        self._seconds = seconds
        self._words = words

    @property
    def limits(self) -> Limits:
        return self._inner.limits

    def query(self, statement: Statement) -> list[Row]:
        return self._inner.query(statement)

    def batch(self, statements: Sequence[Statement]) -> list[list[Row]]:
        rows = self._inner.batch(statements)
        if self._times and any(self._words in statement.sql for statement in statements):
            self._times -= 1
            time.sleep(self._seconds)
        return rows

    def close(self) -> None:
        self._inner.close()


@pytest.mark.parametrize(
    ("words", "threads"), [("INTO job_attempts", 4), ("SET state = 'running'", 4), (leases.RENEW, 1)]
)
def test_nothing_leaves_on_an_answer_that_comes_after_the_lease(lanes: Queue, words: str, threads: int) -> None:
    """Of the batch that marks the request, that claims the job, or that renews the lease."""
    lanes.add("once", "a", "b", "c")
    workload = Scripted(lanes.lanes)
    slow = Slow(lanes.database, 0.4, words)
    runner = Runner(slow, workload, Manner("test", threads=threads, lease_s=0.3, limit=3), lambda: datetime.now(UTC))
    runner.run()
    assert workload.sent == []
    assert set(lanes.states().values()) == {"pending"}
    assert lanes.one("SELECT sum(attempts) FROM publish_jobs") == 0
    assert lanes.one("SELECT count(*) FROM job_attempts WHERE error LIKE 'not sent:%'") == 3
    assert lanes.spent("once") == 0


def test_a_renewal_that_was_answered_late_counts_from_when_it_left(lanes: Queue) -> None:
    lanes.add("once", "a", "b", "c")
    workload = Scripted(lanes.lanes)
    slow = Slow(lanes.database, 0.4, leases.RENEW, times=1)
    Runner(slow, workload, Manner("test", threads=1, lease_s=0.3, limit=3), lambda: datetime.now(UTC)).run()
    assert not {("a 0",), ("b 0",)} & set(workload.sent), "b waited while the renewal was on its way"


class Failing(Slow):
    """A store that is away for the first requests of one kind; it may have taken them."""

    def __init__(self, inner: Database, times: int, *, takes: bool) -> None:
        super().__init__(inner, 0)
        self._left = times
        self._takes = takes

    def batch(self, statements: Sequence[Statement]) -> list[list[Row]]:
        if self._left and any("UPDATE job_attempts SET ended_at" in statement.sql for statement in statements):
            self._left -= 1
            if self._takes:
                self._inner.batch(statements)
            raise UnavailableError("away")
        return self._inner.batch(statements)


@pytest.mark.parametrize("takes", [False, True])
def test_outcomes_are_reported_until_the_store_has_them(lanes: Queue, takes: bool) -> None:  # noqa: FBT001
    lanes.add("once", "a", "b")
    workload = Scripted(lanes.lanes)
    runner = Runner(Failing(lanes.database, 1, takes=takes), workload, QUICK, lambda: datetime.now(UTC))
    counts = runner.run()
    assert counts["unavailable"] == 1
    assert len(workload.sent) == 2
    assert set(lanes.states().values()) == {"done"}
    assert lanes.spent("once") == 2


class Stolen(Slow):
    """Another runner takes the jobs over just before a statement with those words."""

    def __init__(self, inner: Database, words: str) -> None:
        super().__init__(inner, 0)
        self._words = words

    def batch(self, statements: Sequence[Statement]) -> list[list[Row]]:
        if any(self._words in statement.sql for statement in statements):
            self._inner.batch([Statement("UPDATE publish_jobs SET claim = 'another'")])
        return self._inner.batch(statements)


def test_a_job_that_was_taken_over_is_reported_as_such(lanes: Queue) -> None:
    lanes.add("often", "a")
    ended: list[Ended] = []
    stolen = Stolen(lanes.database, "UPDATE job_attempts SET ended_at")
    Runner(stolen, Scripted(lanes.lanes), Manner("test", limit=1), lambda: datetime.now(UTC), ended=ended.append).run()
    assert [one.is_applied for one in ended] == [False]
    assert lanes.states() == {"a": "running"}
    assert lanes.one("SELECT applied FROM job_attempts") == 0


def test_a_job_that_was_taken_over_before_it_began_is_not_sent(lanes: Queue) -> None:
    lanes.add("once", "a")
    workload = Scripted(lanes.lanes)
    stolen = Stolen(lanes.database, "INTO job_attempts")
    counts = Runner(stolen, workload, Manner("test", limit=1), lambda: datetime.now(UTC)).run()
    assert (workload.sent, counts["lost"]) == ([], 1)


class Watching(Slow):
    """Keeps how many requests each batch marked."""

    def __init__(self, inner: Database) -> None:
        super().__init__(inner, 0)
        self.marked: list[int] = []

    def batch(self, statements: Sequence[Statement]) -> list[list[Row]]:
        self.marked += [
            len(json.loads(str(statement.params[0])))
            for statement in statements
            if "INTO job_attempts" in statement.sql
        ]
        return self._inner.batch(statements)


@pytest.mark.parametrize(("lane", "most"), [("once", 2), ("often", 8)])
def test_no_more_is_marked_than_can_leave_at_once_where_a_repeat_would_show(lanes: Queue, lane: str, most: int) -> None:
    """What is marked when a process is killed is unknown."""
    lanes.add(lane, *(f"s{number}" for number in range(8)))
    watching = Watching(lanes.database)
    Runner(watching, Scripted(lanes.lanes), Manner("test", threads=2, group=8), lambda: datetime.now(UTC)).run()
    assert max(watching.marked) == most
    assert sum(watching.marked) == 8


def test_texts_are_kept_where_another_rendering_might_be_sent_beside_the_first(lanes: Queue) -> None:
    lanes.add("once", "a")
    lanes.add("often", "b", "thread")
    run(lanes, Scripted(lanes.lanes, parts={"thread": 2}))
    kept = lanes.run("SELECT subject, payload FROM publish_jobs ORDER BY id")
    assert [(row["subject"], row["payload"]) for row in kept] == [
        ("a", '["a 0"]'),
        ("b", None),
        ("thread", '["thread 0", "thread 1"]'),
    ]


def test_a_request_may_take_longer_than_a_lease(lanes: Queue) -> None:
    lanes.add("once", "a")

    def slow(_: Any) -> Outcome:
        time.sleep(2.5)
        return Outcome(Category.DELIVERED)

    ended = run(lanes, Scripted(lanes.lanes, otherwise=slow), Manner("test", lease_s=1))
    assert [(one.state, one.is_applied) for one in ended] == [("done", True)]
    assert lanes.one("SELECT lost_at FROM job_attempts") is None


@pytest.mark.parametrize(("has_clock", "sent"), [(True, 2), (False, 0)])
def test_the_time_is_the_stores_where_machines_share_it(lanes: Queue, has_clock: bool, sent: int) -> None:  # noqa: FBT001
    """This machine's clock is a day late. The second job is claimed by the time that the first claim brought."""
    lanes.add("once", "a", "b", at_s=time.time() - 3600)
    workload = Scripted(lanes.lanes)
    manner = Manner("test", group=1, has_clock=has_clock)
    Runner(lanes.database, workload, manner, lambda: datetime.now(UTC) - timedelta(days=1)).run()
    assert len(workload.sent) == sent
