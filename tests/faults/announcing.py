"""A site with three platforms of different kinds, and what must hold on it whatever happens to its processes."""

from __future__ import annotations

import itertools
import json
import signal
import sqlite3
from collections import Counter
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tests.harness.receiver import Receiver, Reply, receiver
from tests.harness.site import ended

if TYPE_CHECKING:
    import random
    import subprocess
    from collections.abc import Callable, Iterator, Sequence

    from tests.harness.receiver import Received
    from tests.harness.site import Result, Site

    Process = subprocess.Popen[str]

LONG_AGO = "2020-01-01T00:00:00.000Z"
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
GOOD = {"ok": True, "id": "7", "result": {"message_id": 7}}
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

    def answer(self, reply: Callable[[Received], Reply] = lambda _: Reply(body=GOOD)) -> None:
        """From now on the platforms answer so; what they take is counted."""

        def counted(request: Received) -> Reply:
            said = reply(request)
            self.told[lane_and_slug(request)] += said.is_taken
            return said

        self.platform.otherwise = counted

    def wait_for_answers(self) -> None:
        """From now on a platform gets 30 seconds to answer instead of one, however busy this machine is."""
        settings = self.site.root / "emdash.toml"
        settings.write_text(settings.read_text("utf-8").replace("timeout = 1\n", "timeout = 30\n"), "utf-8")

    def start(self, *words: str, launcher: Sequence[str] = ()) -> Process:
        """A run of distribute that stays while something is left, or another command."""
        return self.site.start(*(words or ("distribute", "--wait", "--quiet")), launcher=launcher)

    def put(self, count: int = 1, **fields: Any) -> None:
        for _ in range(count):
            slug = f"p{len(self.posts)}"
            self.posts.append(slug)
            self.site.put(f"{len(self.posts):04}-{slug}.json", title=f"About {slug}", **fields)

    def publish(self, count: int = 1) -> None:
        self.put(count)
        self.site.run("publish-queue", "--wait", "60").succeeds()  # for a worker, which publishes, too

    def lapse(self) -> None:
        """Leases run out twice, as if minutes had passed, or as if a clock had jumped."""
        self.site.sql(f"UPDATE publish_jobs SET suspected = 1, lease_until = '{LONG_AGO}' WHERE state = 'running'")

    def finish(self) -> None:
        """What cron does until nothing is left: leases end, pauses are over, and what failed is due again."""
        self.answer()
        for _ in range(8):
            self.lapse()
            self.site.sql(f"UPDATE publish_jobs SET run_after = '{LONG_AGO}' WHERE state = 'pending'")
            self.site.sql("UPDATE publish_lanes SET closed_until = ''")
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


def scene_at(site: Site) -> Iterator[Scene]:
    with receiver() as platform:
        site.settings(SETTINGS.format(url=platform.url, lanes=json.dumps(LANES)))
        site.environment |= SECRETS
        scene = Scene(site, platform, Counter(), [])
        scene.answer()
        yield scene


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
