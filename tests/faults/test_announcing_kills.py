"""`emdash distribute`, `publish-queue` and `sweep` are killed, stopped and frozen while platforms are set up.

No platform is posted to twice where it would show, nothing is forgotten, and the jobs of a post are there if and only
if it is live.
"""

from __future__ import annotations

import itertools
import json
import random
import signal
import sqlite3
import time
from collections import Counter
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from emdash_cli.platforms import find
from tests.d1_engine.faults import DROPPED_AFTER, NOTHING, SENT_TWICE, Fault
from tests.harness.d1_site import new_d1_site
from tests.harness.receiver import Receiver, Reply, receiver
from tests.harness.site import clean_environment, ended, new_site
from tests.model.process import KILLED, Processes
from tests.targets import swept

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from tests.harness.receiver import Received
    from tests.harness.site import Result, Site

    Process = subprocess.Popen[str]

LANES = ("bot", "hook", "partner")
SETTINGS = """
[streams.default]
slug = "{{name}}"
platforms = {lanes}
[platforms.partner]
kind = "target"
url = "{url}/partner"
timeout = 1
stale_after = "never"
since = 2020-01-01
allow_private = true
[platforms.hook]
kind = "webhook"
url = "{url}/hook"
secret = "env:HOOK_SECRET"
timeout = 1
stale_after = "never"
since = 2020-01-01
allow_private = true
[platforms.bot]
kind = "telegram"
token = "env:BOT_TOKEN"
chat = "@blog"
api_base = "{url}"
rate = "6000/min"
concurrency = 4
timeout = 1
stale_after = "never"
since = 2020-01-01
allow_private = true
"""
SECRETS = {"HOOK_SECRET": "whsec_Zmlyc3Qgc2VjcmV0IG9mIDI0IGJ5dGVz", "BOT_TOKEN": "12345:planted"}


def lane_and_slug(request: Received) -> tuple[str, str]:
    """What a request announces, and where."""
    match request.path.strip("/").split("/"):
        case ["partner"]:
            return "partner", str(request.json["slug"])
        case ["hook"]:
            return "hook", str(request.json["data"]["slug"])
        case [_, "sendMessage"]:
            return "bot", str(request.json["text"]).rpartition("/posts/")[2].split()[0]
    raise AssertionError(request)


@dataclass
class Scene:
    """A site with three platforms, one of which must not be posted to twice.

    Attributes:
        site: the posts, and their jobs.
        platform: the server of all three.
        told: how often each post was taken, by platform and slug.
        posts: slugs of those that went live.
    """

    site: Site
    platform: Receiver
    told: Counter[tuple[str, str]]
    posts: list[str]

    def put(self, count: int = 1, **fields: Any) -> None:
        for _ in range(count):
            slug = f"p{len(self.posts)}"
            self.posts.append(slug)
            self.site.put(f"{len(self.posts):04}-{slug}.json", title=f"About {slug}", **fields)

    def publish(self, count: int = 1) -> None:
        self.put(count)
        self.site.run("publish-queue").succeeds()

    def lapse(self) -> None:
        """Leases run out twice, as if minutes had passed, or as if a clock had jumped."""
        self.site.sql(
            "UPDATE publish_jobs SET suspected = 1, lease_until = '2020-01-01T00:00:00.000Z' WHERE state = 'running'"
        )

    def finish(self) -> None:
        """What cron does until nothing is left: leases end, and what failed is due again."""
        self.platform.otherwise = counting(self, lambda _: Reply(body=GOOD))
        for _ in range(8):
            self.lapse()
            self.site.sql("UPDATE publish_jobs SET run_after = created_at WHERE state = 'pending'")
            self.site.run("distribute")
            if not self.open():
                return
        raise AssertionError("the queue does not empty")

    def open(self) -> int:
        ((count,),) = self.site.sql("SELECT count(*) FROM publish_jobs WHERE state IN ('pending', 'running')")
        return int(count)

    def every_live_post_has_its_jobs(self) -> None:
        """Once each, and no other post has any: they are written in the batch that makes it live."""
        live = {slug for (slug,) in self.site.sql("SELECT slug FROM ec_posts WHERE status = 'published'")}
        jobs = self.site.sql(
            "SELECT p.slug, j.lane FROM publish_jobs AS j LEFT JOIN ec_posts AS p ON p.id = j.subject"
            " WHERE j.kind = 'announce'"
        )
        assert Counter(jobs) == Counter(itertools.product(live, LANES))

    def check(self) -> Counter[str]:
        """What must hold whatever happened; answers how many jobs ended how."""
        self.every_live_post_has_its_jobs()
        states: Counter[str] = Counter()
        for slug, lane, state in self.site.sql(
            "SELECT p.slug, j.lane, j.state FROM publish_jobs AS j JOIN ec_posts AS p ON p.id = j.subject"
        ):
            told = self.told[lane, slug]
            states[f"{lane} {state}"] += 1
            assert state in ("done", "unknown", "dead"), ("forgotten", slug, lane, state)
            assert told >= 1 or state != "done", ("done and not delivered", slug, lane)
            if lane == "bot":
                assert told <= 1, ("posted twice", slug)
                assert told == 0 or state != "dead", ("dead and delivered", slug)
            else:
                assert state != "unknown", (slug, lane)
        assert {slug for _, slug in self.told} <= set(self.posts), "nothing else was posted"
        return states


@pytest.fixture(params=["wal", pytest.param("d1", marks=pytest.mark.d1)])
def scene(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Scene]:
    if request.param == "d1":
        instance = request.getfixturevalue("d1_engine").database()
        instance.faults(*[SENT_TWICE] * 6, DROPPED_AFTER, *[NOTHING] * 13, cycle=True)
        site: Site = new_d1_site(tmp_path / "site", instance)
    else:
        site = new_site(tmp_path / "site", journal_mode=request.param)
    yield from scene_at(site)


@pytest.fixture(params=["wal", pytest.param("delete", marks=pytest.mark.faults)])
def on_file(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Scene]:
    yield from scene_at(new_site(tmp_path / "site", journal_mode=request.param))


def scene_at(site: Site) -> Iterator[Scene]:
    with receiver() as platform:
        site.settings(SETTINGS.format(url=platform.url, lanes=json.dumps(LANES)))
        site.environment |= SECRETS
        scene = Scene(site, platform, Counter(), [])
        platform.otherwise = counting(scene, lambda _: Reply(body=GOOD))
        yield scene


GOOD = {"ok": True, "id": "7", "result": {"message_id": 7}}


def counting(scene: Scene, reply: Callable[[Received], Reply]) -> Callable[[Received], Reply]:
    def answer(request: Received) -> Reply:
        said = reply(request)
        scene.told[lane_and_slug(request)] += said.is_taken
        return said

    return answer


@pytest.fixture(scope="module")
def processes() -> Iterator[Processes]:
    found = Processes()
    yield found
    found.close()


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


@pytest.mark.parametrize("stride", swept(9, 1))
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


@pytest.mark.parametrize("stride", swept(5, 1))
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
@pytest.mark.parametrize("fault", [NOTHING, Fault(delay=0.4), Fault(hold=0.4)], ids=["", "lands late", "has landed"])
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


def test_stopped_it_ends_the_requests_under_way(scene: Scene) -> None:
    """143, nothing unknown, and the rest is sent by the next run: each once on every platform."""
    scene.publish(12)
    scene.platform.otherwise = counting(scene, lambda _: Reply(body=GOOD, delay_s=0.5))
    process = scene.site.start("distribute", "--json")
    while not scene.told and process.poll() is None:
        time.sleep(0.01)
    process.terminate()
    assert ended(process).code == 143
    states = dict(scene.site.sql("SELECT state, count(*) FROM publish_jobs GROUP BY state"))
    assert set(states) <= {"done", "pending"}, states
    assert states["done"] == sum(scene.told.values())
    scene.platform.otherwise = counting(scene, lambda _: Reply(body=GOOD))
    scene.finish()
    assert scene.check() == {f"{lane} done": 12 for lane in LANES}
    assert set(scene.told.values()) == {1}


def misbehaving(chance: random.Random) -> Callable[[Received], Reply]:
    """One request in four is answered late, slowly, in part, not at all, with rubbish, or is not taken."""
    good = Reply(body=GOOD)
    kinds = [
        Reply(body=GOOD, delay_s=0.4),
        Reply(body=GOOD, delay_s=1.6),
        Reply(body=GOOD, drip_s=0.01),
        Reply(body=GOOD, lost=True),
        Reply(body=GOOD, cut=True),
        Reply(body=b"\xff\x00 rubbish"),
        Reply(lost=True, is_taken=False),
        Reply(500, is_taken=False),
        Reply(429, headers={"Retry-After": "1"}, is_taken=False),
    ]

    def reply(_: Received) -> Reply:
        return chance.choice(kinds) if chance.random() < 0.25 else good

    return reply


@pytest.mark.parametrize("runners", swept(2, 8))
def test_killed_stopped_and_frozen_at_random(scene: Scene, runners: int) -> None:
    chance = random.Random(runners)  # noqa: S311 - the same each time
    scene.platform.otherwise = counting(scene, misbehaving(chance))
    scene.publish(4)
    running = [start(scene) for _ in range(runners)]
    frozen: list[Process] = []
    for _ in range(8 if runners == 2 else 60):
        time.sleep(chance.uniform(0.3, 1.2))
        scene.publish(2)
        at = chance.randrange(runners)
        process, running[at] = running[at], start(scene)
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


def start(scene: Scene) -> Process:
    return scene.site.start("distribute", "--wait", "--quiet")


def holds_the_store(scene: Scene) -> bool:
    """Whether a frozen process has stopped in the middle of a transaction on a file."""
    if not scene.site.store.exists():
        return False
    with closing(sqlite3.connect(scene.site.store, timeout=0)) as connection:
        try:
            connection.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError:
            return True
    return False


def end_all(processes: Sequence[Process]) -> None:
    """Frozen ones go on, find out what happened, and end."""
    for process in processes:
        process.send_signal(signal.SIGCONT)
        process.terminate()
    for process in processes:
        result: Result = ended(process)
        assert result.code in (0, 3, 143, -signal.SIGTERM, -signal.SIGKILL), result
        assert "Traceback" not in result.err, result.err


def test_the_platform_that_must_not_be_posted_to_twice_is_one() -> None:
    assert [find(kind).TRAITS.idempotent for kind in ("telegram", "webhook", "target")] == [False, True, True]
