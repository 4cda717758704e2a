"""Runners are killed, stopped and frozen, and the server loses, delays and refuses.

Nothing is posted twice where that must not be, and nothing is forgotten.
"""

from __future__ import annotations

import itertools
import json
import random
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections import Counter
from contextlib import closing
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import pytest

from emdash_cli.domain.ports import Statement
from tests.d1_engine.faults import DROPPED_AFTER, NOTHING, SENT_TWICE
from tests.databases.conformance.stores import D1Store, SqliteStore
from tests.harness.receiver import Receiver, Reply, receiver
from tests.harness.site import TOP, clean_environment
from tests.jobs.queue import Lane, Queue, prepared
from tests.jobs.worker import PARTS, THREAD
from tests.targets import swept

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.harness.receiver import Received

LANES = (Lane("once", concurrency=8, budget=100_000), Lane("often", idempotent=True, concurrency=8, budget=100_000))
FEW = 20
Process = subprocess.Popen[bytes]
SUBJECTS = ("a", "b", "c", f"{THREAD}-a", f"{THREAD}-b")


class Scene:
    """A store with jobs, a server, and the processes that work.

    Attributes:
        config: what a worker needs to know of the store.
    """

    def __init__(self, queue: Queue, platform: Receiver, config: dict[str, Any]) -> None:
        self.queue = queue
        self.platform = platform
        self.config = {**config, "origin": platform.url, "lanes": [lane.name for lane in LANES]}
        self.rounds = 0
        for lane in LANES:
            queue.lane(lane)

    def fill(self, *subjects: str) -> None:
        """Jobs in both lanes: single ones, and threads."""
        self.rounds += 1
        for lane in LANES:
            self.queue.add(lane.name, *(f"{subject}{self.rounds}" for subject in subjects or SUBJECTS))

    def start(self, **more: Any) -> Process:
        command = [sys.executable, "-m", "tests.jobs.worker", json.dumps(self.config | more)]
        return subprocess.Popen(command, cwd=TOP, env=clean_environment())

    def finish(self, **more: Any) -> None:
        """Work until nothing is left; leases of the dead run out meanwhile."""
        assert self.start(until="empty", **more).wait(timeout=120) == 0
        assert self.open() == 0

    def open(self) -> int:
        sql = "SELECT count(*) FROM publish_jobs WHERE state IN ('pending', 'running')"
        return int(self.queue.one(sql))

    def check(self) -> Counter[str]:
        """What must hold whatever happened; answers how many jobs ended how."""
        rows = self.queue.database.query(Statement("SELECT id, lane, subject, state FROM publish_jobs"))
        steps = self.queue.database.query(Statement("SELECT job_id, step, done_at FROM job_steps"))
        states: Counter[str] = Counter()
        spent: Counter[str] = Counter()
        for row in rows:
            parts = PARTS if str(row["subject"]).startswith(THREAD) else 1
            paths = [f"/{row['lane']}/{row['subject']}/{part}" for part in range(parts)]
            taken = [self.platform.taken[path] for path in paths]
            own = {int(step["step"] or 0): step["done_at"] for step in steps if step["job_id"] == row["id"]}
            self._check_job(row, taken, own)
            states[f"{row['lane']} {row['state']}"] += 1
            done = sum(at is not None for at in own.values())
            maybe = row["state"] == "unknown" and (parts == 1 or any(at is None for at in own.values()))
            spent[str(row["lane"])] += parts if row["state"] == "done" else done + maybe
        known = {f"/{row['lane']}/{row['subject']}" for row in rows}
        assert {path.rpartition("/")[0] for path in self.platform.taken} <= known, "nothing else was posted"
        assert self.queue.spent("once") == spent["once"], "the budget's books agree with what may have been sent"
        return states

    def _check_job(self, row: dict[str, Any], taken: list[int], own: dict[int, Any]) -> None:
        where = (row, taken, own)
        is_once = row["lane"] == "once"
        if is_once:
            assert max(taken) <= 1, ("posted twice", where)
        else:
            assert row["state"] != "unknown", where
        match row["state"]:
            case "done":
                assert min(taken) >= 1, ("done and not delivered", where)
            case "unknown":
                at = min((step for step, done_at in own.items() if done_at is None), default=len(own) - 1 if own else 0)
                assert not any(taken[at + 1 :]), ("sent on after an unknown part", where)
            case "dead" if is_once:
                assert sum(taken) == sum(at is not None for at in own.values()), ("dead and delivered", where)
            case state:
                assert state == "dead", ("left over", where)


@pytest.fixture
def platform() -> Iterator[Receiver]:
    with receiver() as found:
        yield found


@pytest.fixture(
    params=["wal", pytest.param("delete", marks=pytest.mark.faults), pytest.param("d1", marks=pytest.mark.d1)]
)
def scene(request: pytest.FixtureRequest, tmp_path: Path, platform: Receiver) -> Iterator[Scene]:
    if request.param == "d1":
        instance = request.getfixturevalue("d1_engine").database()
        database = D1Store(instance).connect()
        config: dict[str, Any] = {
            "d1": {
                "account_id": instance.account_id,
                "database_id": instance.database_id,
                "token": instance.token,
                "base_url": instance.base_url,
            }
        }
        queue = prepared(database)
        instance.faults(*[SENT_TWICE] * 6, DROPPED_AFTER, *[NOTHING] * 13, cycle=True)
    else:
        store = SqliteStore(tmp_path)
        path = tmp_path / "store.db"
        with closing(sqlite3.connect(path)) as connection:
            connection.execute(f"PRAGMA journal_mode={request.param}")
        database = store.connect()
        queue = prepared(database)
        config = {"sqlite": str(path)}
    yield Scene(queue, platform, config)
    database.close()


@pytest.mark.parametrize("stride", swept(13, 1))
def test_killed_at_every_step(scene: Scene, stride: int) -> None:
    """Before and after each batch and each request, one after the other, until a run gets through."""
    for point in itertools.count(1, stride):
        scene.fill("a", f"{THREAD}-b")
        code = scene.start(die_at=point, until="empty", threads=2).wait(timeout=60)
        if code == 0:
            break
        assert code == -signal.SIGKILL
    assert point > 20
    states = scene.check()
    assert states["once done"]
    assert states["once unknown"]


def misbehaving(chance: random.Random, share: float) -> Callable[[Received], Reply]:
    """That share of the requests is answered late, slowly, in part or not at all, or refused."""
    good = Reply(201, {"id": "x"})
    kinds = [
        replace(good, delay_s=0.8),
        replace(good, delay_s=0.2),
        replace(good, lost=True),
        replace(good, cut=True),
        replace(good, drip_s=0.02),
        Reply(lost=True, is_taken=False),
        Reply(500, is_taken=False),
        Reply(429, headers={"Retry-After": "1"}, is_taken=False),
    ]

    def reply(request: Received) -> Reply:
        del request
        return chance.choice(kinds) if chance.random() < share else good

    return reply


@dataclass
class Troubles:
    """What happens to the runners, at random.

    Attributes:
        kills: how often one is killed, stopped or frozen.
        frozen: the share of these that are frozen for up to four seconds, beyond their lease.
        stopped: the share of the others that are asked to end.
    """

    scene: Scene
    chance: random.Random
    runners: int
    kills: int
    frozen: float = 0.15
    stopped: float = 0.15

    def run(self) -> None:
        """Fill the queue as it empties, until all troubles are over and nothing is left."""
        running = [self.scene.start() for _ in range(self.runners)]
        asleep: list[tuple[threading.Timer, Process]] = []
        ends_at = time.monotonic() + 240
        try:
            while self.kills or self.scene.open():
                assert time.monotonic() < ends_at, "the queue does not empty"
                time.sleep(self.chance.uniform(0.4, 1.6) / self.runners)
                if self.kills and self.scene.open() < FEW:
                    self.scene.fill()
                if self.kills:
                    self.kills -= 1
                    self._strike(running, asleep)
        finally:
            for timer, _ in asleep:
                timer.join()
            for process in running:
                process.terminate()
            for process in [*running, *(process for _, process in asleep)]:
                process.wait(timeout=120)

    def _strike(self, running: list[Process], asleep: list[tuple[threading.Timer, Process]]) -> None:
        at = self.chance.randrange(len(running))
        process = running[at]
        assert process.poll() is None, "a runner ended by itself"
        running[at] = self.scene.start()
        if self.chance.random() < self.frozen:
            process.send_signal(signal.SIGSTOP)
            # By a thread: it may hold the lock of the store, which this one then waits for.
            timer = threading.Timer(self.chance.uniform(0.5, 4), wake, (process,))
            timer.start()
            asleep.append((timer, process))
        elif self.chance.random() < self.stopped:
            process.terminate()
            asleep.append((threading.Timer(0, process.wait), process))
            asleep[-1][0].start()
        else:
            process.kill()
            process.wait(timeout=60)


def wake(process: Process) -> None:
    """Let a frozen process go on, and have it end once it has found out what happened."""
    process.send_signal(signal.SIGCONT)
    time.sleep(0.3)
    process.terminate()


@pytest.mark.faults
@pytest.mark.parametrize(("runners", "kills"), [(1, 60), (2, 120), (8, 120)])
def test_killed_stopped_and_frozen_at_random(scene: Scene, runners: int, kills: int) -> None:
    chance = random.Random(runners * 1000 + kills)  # noqa: S311 - the same each time
    scene.platform.otherwise = misbehaving(chance, 0.3)
    Troubles(scene, chance, runners, kills).run()
    scene.finish()
    assert scene.check()


def test_two_runners_share_the_work(scene: Scene) -> None:
    for _ in range(6):
        scene.fill()
    workers = [scene.start(until="empty", lease_s=60) for _ in range(3)]
    assert [worker.wait(timeout=60) for worker in workers] == [0, 0, 0]
    assert scene.check() == {"once done": 30, "often done": 30}
    assert set(scene.platform.taken.values()) == {1}
