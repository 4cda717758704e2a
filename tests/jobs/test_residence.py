"""A runner of a process that stays: it waits for the store as long as it takes, and for what is due soon."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from emdash_cli.domain.errors import UnavailableError
from emdash_cli.domain.ports import Statement
from emdash_cli.jobs import runner as runners
from emdash_cli.jobs.runner import Manner, Runner
from tests.jobs.queue import Lane
from tests.jobs.workloads import Scripted

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from emdash_cli.domain.ports import Database, Limits, Row
    from tests.jobs.queue import Queue

PATIENCE_S = (0.01, 0.01, 0.01)


@pytest.fixture
def lanes(queue: Queue, monkeypatch: pytest.MonkeyPatch) -> Queue:
    monkeypatch.setattr(runners, "PATIENCE_S", PATIENCE_S)
    queue.lane(Lane("once"))
    return queue


class Away:
    """A store that does not take outcomes, so often or for ever; it calls `then` each time."""

    def __init__(self, inner: Database, times: float, then: Callable[[], object] = lambda: None) -> None:
        self._inner = inner
        self._left = times
        self._then = then

    @property
    def limits(self) -> Limits:
        return self._inner.limits

    def query(self, statement: Statement) -> list[Row]:
        return self._inner.query(statement)

    def batch(self, statements: Sequence[Statement]) -> list[list[Row]]:
        if self._left > 0 and any("UPDATE job_attempts SET ended_at" in statement.sql for statement in statements):
            self._left -= 1
            self._then()
            raise UnavailableError("away")
        return self._inner.batch(statements)

    def close(self) -> None:
        self._inner.close()


def resident(poll_s: float = 0.05, grace_s: float = 30.0) -> Manner:
    return Manner("test", threads=4, poll_s=poll_s, grace_s=grace_s, until="calm", gives_up=False)


def now() -> datetime:
    return datetime.now(UTC)


def test_outcomes_outlive_more_failures_than_a_run_from_cron_has_patience_for(lanes: Queue) -> None:
    lanes.add("once", "a")
    workload = Scripted(lanes.lanes)
    said: list[object] = []
    Runner(Away(lanes.database, 10), workload, resident(), now, away=said.append).run()
    assert lanes.states() == {"a": "done"}
    assert len(workload.sent) == 1
    assert [each is not None for each in said].count(True) == 10
    assert said[-1] is None


def test_a_run_from_cron_gives_up(lanes: Queue) -> None:
    lanes.add("once", "a")
    with pytest.raises(UnavailableError):
        Runner(Away(lanes.database, 10), Scripted(lanes.lanes), Manner("test", poll_s=0.05), now).run()
    assert lanes.states() == {"a": "running"}


def test_who_has_to_stop_waits_no_longer_than_its_grace(lanes: Queue) -> None:
    lanes.add("once", "a")
    signals: list[bool] = []
    away = Away(lanes.database, float("inf"), lambda: signals.append(True))
    with pytest.raises(UnavailableError):
        Runner(away, Scripted(lanes.lanes), resident(grace_s=0.1), now, stopped=lambda: bool(signals)).run()
    assert lanes.states() == {"a": "running"}, "its lease will end"


def test_what_is_due_within_a_poll_is_waited_for_and_the_rest_is_not(lanes: Queue) -> None:
    lanes.add("once", "soon", at_s=time.time() + 0.5)
    lanes.add("once", "later", at_s=time.time() + 3600)
    Runner(lanes.database, Scripted(lanes.lanes), resident(poll_s=2), now).run()
    assert lanes.states() == {"soon": "done", "later": "pending"}


def test_signs_of_life_travel_with_the_look_for_lost_jobs(lanes: Queue) -> None:
    lanes.run("CREATE TABLE IF NOT EXISTS signs (at TEXT)")
    lanes.add("once", "a")
    sign = Statement("INSERT INTO signs VALUES ('now')")
    Runner(lanes.database, Scripted(lanes.lanes), resident(), now, signs=lambda: [sign]).run()
    assert lanes.one("SELECT count(*) FROM signs") == 1
