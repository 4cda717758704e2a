"""Clocks jump, processes freeze, the store goes away, people pause a platform, and answers are lost.

All that while `emdash distribute` and `emdash worker` announce. No platform is posted to twice, nothing is forgotten,
and every state is true.
"""

from __future__ import annotations

import itertools
import random
import signal
import time
from collections import Counter
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest

from tests.d1_engine.faults import Fault
from tests.faults import freezing
from tests.faults.announcing import GOOD, LANES, Scene, end_all, holds_the_store, lane_and_slug, misbehaving
from tests.faults.locks import locked_store
from tests.faults.moved_clock import Clock
from tests.harness.d1_site import D1Site
from tests.harness.receiver import Reply
from tests.harness.site import ended
from tests.targets import swept

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.faults.announcing import Process
    from tests.harness.receiver import Received

DISTRIBUTE = ("distribute", "--wait", "--quiet")
WORKER = ("worker", "--poll", "1", "--quiet")
BOTH = pytest.mark.parametrize("words", [DISTRIBUTE, WORKER], ids=["distribute", "worker"])
EITHER = pytest.mark.parametrize("words", swept(DISTRIBUTE, WORKER), ids=["distribute", "worker"])
HOUR_S, DAYS_S = 3600, 3 * 86_400
PATIENCE_S = 180.0  # a worker looks at least every minute whether the store is back


def eventually(found: Callable[[], Any]) -> None:
    until = time.monotonic() + PATIENCE_S
    while not found():
        assert time.monotonic() < until, "it did not happen"
        time.sleep(0.05)


def count(scene: Scene, condition: str) -> int:
    ((found,),) = scene.site.sql(f"SELECT count(*) FROM publish_jobs WHERE {condition}")
    return int(found)


def all_are_done(scene: Scene) -> None:
    """And each platform was told of each post once."""
    assert scene.check() == {f"{lane} done": len(scene.posts) for lane in LANES}
    assert set(scene.told.values()) == {1}


def stop(process: Process) -> None:
    """A worker is asked to end; a run of distribute ends by itself, as nothing is left."""
    if process.args[-len(WORKER) :] == list(WORKER):  # type: ignore[index]
        process.terminate()
    result = ended(process)
    assert result.code in (0, 3, 143), result
    assert "Traceback" not in result.err, result.err


@EITHER
@pytest.mark.parametrize("jumps", swept(4, 60))
def test_the_clock_jumps(scene: Scene, tmp_path: Path, words: tuple[str, ...], jumps: int) -> None:
    """Under a process that stays, and under others that begin and look for leases that ran out."""
    chance = random.Random(jumps)  # noqa: S311 - the same each time
    scene.answer(misbehaving(chance))
    clock = Clock(tmp_path / "seconds")
    scene.publish(4)
    running = [scene.start(*words, launcher=clock.launcher)]
    for _ in range(jumps):
        clock.set(chance.choice([0, HOUR_S, -HOUR_S, DAYS_S, -DAYS_S]))
        scene.publish(1)
        running.append(scene.start("distribute", "--quiet", launcher=clock.launcher))
        time.sleep(chance.uniform(0.1, 0.6))
    end_all(running)
    scene.finish()
    assert scene.check()["bot done"]


@contextmanager
def away(scene: Scene) -> Iterator[None]:
    """The store answers nobody."""
    if isinstance(scene.site, D1Site):
        scene.site.d1.faults(Fault(status=503), cycle=True)
        yield
        scene.site.d1.faults()
    else:
        with locked_store(scene.site.store):
            yield


@EITHER
@pytest.mark.parametrize("seconds", swept(2, 130))
def test_the_store_is_away_while_requests_are_under_way(scene: Scene, words: tuple[str, ...], seconds: float) -> None:
    """What the platforms said meanwhile is kept and recorded, so that nothing is unknown."""
    scene.wait_for_answers()
    scene.publish(4)
    scene.answer(lambda _: Reply(body=GOOD, delay_s=0.5))
    process = scene.start(*words)
    eventually(lambda: scene.told)
    with away(scene):
        time.sleep(seconds)
        assert process.poll() is None
    eventually(lambda: not scene.open())
    stop(process)
    all_are_done(scene)


@pytest.mark.faults
@BOTH
def test_a_platform_is_paused_in_between(scene: Scene, words: tuple[str, ...]) -> None:
    """What is in flight there ends, nothing else begins, and the other platforms are served; then it goes on."""
    scene.wait_for_answers()
    scene.publish(12)
    scene.answer(lambda _: Reply(body=GOOD, delay_s=0.3))
    process = scene.start(*words)
    eventually(lambda: any(lane == "bot" for lane, _ in scene.told))
    scene.site.run("platforms", "pause", "bot", "--reason", "new texts").succeeds()
    begun = count(scene, "lane = 'bot' AND state <> 'pending'")
    eventually(lambda: count(scene, "state = 'done'") == 24 + begun)
    assert Counter(lane for lane, _ in scene.told) == {"bot": begun, "hook": 12, "partner": 12}
    assert count(scene, "lane = 'bot' AND state = 'pending'") == 12 - begun > 0
    time.sleep(1.5)  # longer than a worker's poll
    assert sum(lane == "bot" for lane, _ in scene.told) == begun
    scene.site.run("platforms", "resume", "bot").succeeds()
    if words == DISTRIBUTE:
        stop(process)
        process = scene.start(*words)
    eventually(lambda: not scene.open())
    stop(process)
    all_are_done(scene)


@pytest.mark.parametrize("stride", swept(3, 1))
def test_frozen_at_every_step(on_file: Scene, stride: int) -> None:
    """Before each transaction and each connection. Its leases run out, another run takes over, and then it goes on."""
    on_file.wait_for_answers()
    for nth in itertools.count(1, stride):
        on_file.publish()
        process = on_file.start("distribute", "--quiet", launcher=freezing.launcher(nth))
        if not freezing.is_frozen(process):
            ended(process)
            break
        # It may freeze as one of its threads connects, while another one has a transaction under way.
        if not holds_the_store(on_file):
            on_file.lapse()
            on_file.site.run("distribute", "--quiet")
        end_all([process])
    assert nth > 8
    on_file.finish()
    assert on_file.check()["bot done"]


@EITHER
@pytest.mark.parametrize("seconds", swept(0, 140))
def test_frozen_with_a_request_in_flight_for_longer_than_its_lease(
    scene: Scene, words: tuple[str, ...], seconds: float
) -> None:
    """Whoever takes over does not send again; what the frozen one was told arrives late, and is kept."""
    scene.wait_for_answers()
    scene.publish()
    scene.answer(lambda _: Reply(body=GOOD, delay_s=0.5))
    frozen = scene.start(*words)
    eventually(lambda: len(scene.told) == 3)
    frozen.send_signal(signal.SIGSTOP)
    scene.answer()
    if holds_the_store(scene):
        frozen.send_signal(signal.SIGCONT)
    elif not seconds:
        scene.lapse()
    other = scene.start(*WORKER)
    time.sleep(seconds)
    eventually(lambda: not scene.open())
    assert count(scene, "lane = 'bot' AND state = 'unknown'") == 1
    frozen.send_signal(signal.SIGCONT)
    eventually(lambda: count(scene, "id IN (SELECT job_id FROM job_attempts WHERE applied = 0)") == 3)
    end_all([frozen, other])
    states = scene.check()
    assert states == {"bot unknown": 1, "hook done": 1, "partner done": 1}
    assert scene.told == {("bot", "p0"): 1, ("hook", "p0"): 2, ("partner", "p0"): 2}


ANSWERS = [
    # what becomes of the first request, and how a job may end that must not be sent again; a request gets one second
    (Reply(body=GOOD), {"done"}),
    (Reply(body=GOOD, delay_s=0.3), {"done", "unknown"}),
    (Reply(body=GOOD, drip_s=0.003), {"done", "unknown"}),
    (Reply(body=GOOD, lost=True), {"unknown"}),
    (Reply(lost=True, is_taken=False), {"unknown"}),
    (Reply(body=GOOD, cut=True), {"unknown"}),
    (Reply(body=GOOD, delay_s=1.6), {"unknown"}),
    (Reply(body=GOOD, drip_s=0.05), {"unknown"}),
    (Reply(429, headers={"Retry-After": "1"}, is_taken=False), {"done"}),
]


@pytest.mark.faults
def test_answers_are_late_lost_cut_and_dripped(scene: Scene) -> None:
    """Each is once what a platform says of a post first; a second request is answered well."""
    scene.publish(len(ANSWERS))
    asked: Counter[tuple[str, str]] = Counter()

    def answer(request: Received) -> Reply:
        about = lane_and_slug(request)
        asked[about] += 1
        return ANSWERS[scene.posts.index(about[1])][0] if asked[about] == 1 else Reply(body=GOOD)

    scene.answer(answer)
    ended(scene.start())
    scene.check()
    jobs = scene.site.sql("SELECT p.slug, j.lane, j.state FROM publish_jobs j JOIN ec_posts p ON p.id = j.subject")
    for slug, lane, state in jobs:
        said, ends = ANSWERS[scene.posts.index(slug)]
        assert state in (ends if lane == "bot" else {"done"}), (said, lane)
        assert asked[lane, slug] == 1 + (said.status == 429) or lane != "bot", said


@pytest.mark.faults
@pytest.mark.parametrize("posts", [15, 200])
def test_eight_runners_share_one_store(scene: Scene, posts: int) -> None:
    scene.wait_for_answers()
    scene.publish(posts)
    for process in [scene.start() for _ in range(8)]:
        stop(process)
    all_are_done(scene)
