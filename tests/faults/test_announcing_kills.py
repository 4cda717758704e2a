"""`emdash distribute`, `publish-queue` and `sweep` are killed, stopped and frozen while platforms are set up.

No platform is posted to twice where it would show, nothing is forgotten, and the jobs of a post are there if and only
if it is live.
"""

from __future__ import annotations

import itertools
import random
import signal
import time
from typing import TYPE_CHECKING, Any

import pytest

from emdash_cli.platforms import find
from tests.d1_engine.faults import NOTHING, Fault
from tests.faults.announcing import GOOD, LANES, Scene, end_all, holds_the_store, misbehaving, scene_at
from tests.harness.d1_site import new_d1_site
from tests.harness.receiver import Reply
from tests.harness.site import clean_environment, ended
from tests.model.process import KILLED, Processes
from tests.targets import swept

if TYPE_CHECKING:
    from pathlib import Path

    from tests.faults.announcing import Process
    from tests.harness.site import Site


def dies(processes: Processes, site: Site, nth: int, *words: str) -> bool:
    """Run a command that is killed at the nth thing it does; answers whether it did so many."""
    ran = processes.run(words, "", nth, site.root, clean_environment() | site.environment)
    assert ran.code in (KILLED, 0, 3), ran
    return ran.code == KILLED


@pytest.mark.parametrize("stride", swept(5, 1))
def test_distribute_is_killed_at_every_statement(on_file: Scene, processes: Processes, stride: int) -> None:
    """And at every connection: before the mark, between mark and request, and before the outcome is recorded."""
    for nth in itertools.count(1, stride):
        on_file.publish()
        if not dies(processes, on_file.site, nth, "distribute"):
            break
        on_file.lapse()
    assert nth > 40
    on_file.finish()
    states = on_file.check()
    assert states["bot done"]
    assert states["bot unknown"]


@pytest.mark.parametrize("stride", swept(19, 1))
def test_the_queue_is_killed_at_every_statement(on_file: Scene, processes: Processes, stride: int) -> None:
    for nth in itertools.count(1, stride):
        on_file.put()
        has_died = dies(processes, on_file.site, nth, "publish-queue")
        on_file.every_live_post_has_its_jobs()
        on_file.site.run("publish-queue").succeeds()
        on_file.every_live_post_has_its_jobs()
        if not has_died:
            break
    assert nth > 30
    check_nothing_is_told_twice(on_file)


@pytest.mark.parametrize("stride", swept(31, 1))
def test_the_sweep_is_killed_at_every_statement(on_file: Scene, processes: Processes, stride: int) -> None:
    for nth in itertools.count(1, stride):
        on_file.put(publish_at="2999-01-01T00:00:00Z")
        on_file.site.run("publish-queue").succeeds()
        on_file.site.sql("UPDATE ec_posts SET scheduled_at = '2026-06-01T00:00:00.000Z' WHERE status = 'scheduled'")
        has_died = dies(processes, on_file.site, nth, "sweep")
        on_file.every_live_post_has_its_jobs()
        on_file.site.run("sweep").succeeds()
        on_file.every_live_post_has_its_jobs()
        if not has_died:
            break
    assert nth > 20
    check_nothing_is_told_twice(on_file)


def check_nothing_is_told_twice(scene: Scene) -> None:
    scene.site.run("distribute").succeeds()
    states = scene.check()
    assert states == {f"{lane} done": len(scene.posts) for lane in LANES}
    assert set(scene.told.values()) == {1}


@pytest.mark.d1
@pytest.mark.parametrize(
    "fault", swept(NOTHING, Fault(delay=0.4), Fault(hold=0.4)), ids=["", "lands late", "has landed"]
)
def test_on_d1_it_is_killed_at_every_request(tmp_path: Path, d1: Any, fault: Fault) -> None:
    """Whether the batch of the dead process takes effect before or during the run that follows it."""
    for scene in scene_at(new_d1_site(tmp_path / "site", d1)):
        for command in ("publish-queue", "distribute"):
            for request in itertools.count(1):
                scene.put()
                if command == "distribute":
                    scene.site.run("publish-queue").succeeds()
                d1.faults(*[NOTHING] * (request - 1), fault)
                if not killed_in(scene, d1, request, command):
                    break
                scene.every_live_post_has_its_jobs()
                scene.lapse()
        scene.site.run("publish-queue").succeeds()
        scene.finish()
        scene.check()


def killed_in(scene: Scene, d1: Any, request: int, command: str) -> bool:
    """Kill a command as soon as the engine has that many requests of it; answers whether it made so many."""
    d1.forget()
    process = scene.site.start(command)
    while len(d1.requests()) < request and process.poll() is None:
        time.sleep(0.005)
    process.kill()
    code = ended(process).code
    while any(seen.status == 0 for seen in d1.requests()):
        time.sleep(0.02)
    d1.faults()
    return code == -signal.SIGKILL


@pytest.mark.faults
def test_stopped_it_ends_the_requests_under_way(scene: Scene) -> None:
    """143, nothing unknown, and the rest is sent by the next run: each once on every platform."""
    scene.publish(12)
    scene.answer(lambda _: Reply(body=GOOD, delay_s=0.5))
    process = scene.site.start("distribute", "--json")
    while not scene.told and process.poll() is None:
        time.sleep(0.01)
    process.terminate()
    assert ended(process).code == 143
    states = dict(scene.site.sql("SELECT state, count(*) FROM publish_jobs GROUP BY state"))
    assert set(states) <= {"done", "pending"}, states
    assert states["done"] == sum(scene.told.values())
    scene.answer()
    scene.finish()
    assert scene.check() == {f"{lane} done": 12 for lane in LANES}
    assert set(scene.told.values()) == {1}


@pytest.mark.faults
@pytest.mark.parametrize("runners", [2, 8])
def test_killed_stopped_and_frozen_at_random(scene: Scene, runners: int) -> None:
    chance = random.Random(runners)  # noqa: S311 - the same each time
    scene.answer(misbehaving(chance))
    scene.publish(4)
    running = [scene.start() for _ in range(runners)]
    frozen: list[Process] = []
    for _ in range(8 if runners == 2 else 60):
        time.sleep(chance.uniform(0.3, 1.2))
        scene.publish(2)
        at = chance.randrange(runners)
        process, running[at] = running[at], scene.start()
        kind = chance.choice([signal.SIGKILL, signal.SIGKILL, signal.SIGTERM, signal.SIGSTOP])
        process.send_signal(kind)
        if kind == signal.SIGSTOP:
            frozen.append(process)
            time.sleep(chance.uniform(0, 0.5))
            if holds_the_store(scene):
                process.send_signal(signal.SIGCONT)
            elif chance.random() < 0.5:
                scene.lapse()
        else:
            ended(process)
        for process in frozen[:-2]:
            process.send_signal(signal.SIGCONT)
    end_all([*running, *frozen])
    scene.finish()
    assert scene.check()["bot done"]


def test_the_platform_that_must_not_be_posted_to_twice_is_one() -> None:
    assert [find(kind).TRAITS.idempotent for kind in ("telegram", "webhook", "target")] == [False, True, True]
