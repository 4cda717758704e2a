"""`emdash worker`, as the process that it is: what it does, how it waits, and how it ends."""

from __future__ import annotations

import random
import signal
import sqlite3
import time
from collections import Counter, deque
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from emdash_cli.domain.instants import utc_text
from emdash_cli.wiring import now
from tests.d1_engine.faults import Fault
from tests.distribution.conftest import TOKEN, settings
from tests.faults.locks import held_lock
from tests.harness.checks import assert_exactly_once
from tests.harness.documents import documents, validator
from tests.harness.receiver import LOST, Reply
from tests.harness.site import ended
from tests.targets import swept

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable, Iterator, Sequence

    from tests.harness.d1_site import D1Site
    from tests.harness.receiver import Receiver
    from tests.harness.site import Result, Site

PATIENCE_S = 60.0


def eventually(found: Callable[[], Any], process: subprocess.Popen[str]) -> None:
    """Wait for it, while the process works."""
    until = time.monotonic() + PATIENCE_S
    while not found():
        assert process.poll() is None, ended(process)
        assert time.monotonic() < until, "it did not happen"
        time.sleep(0.05)


def stop(process: subprocess.Popen[str], number: int = signal.SIGTERM) -> Result:
    process.send_signal(number)
    return ended(process)


@contextmanager
def working(site: Site, *options: str) -> Iterator[subprocess.Popen[str]]:
    """A worker that has begun to work; it is killed if the block leaves it alone."""
    process = site.start("worker", "--poll", "1", *options)
    try:
        eventually(lambda: heartbeats(site).get("publish"), process)
        yield process
    finally:
        if process.poll() is None:
            process.kill()
            process.communicate()


def heartbeats(site: Site) -> dict[str, str]:
    try:
        return dict(site.sql("SELECT kind, seen_at FROM pipeline_heartbeats"))
    except sqlite3.OperationalError:  # a test has taken the store away
        return {}


def states(site: Site) -> Counter[str]:
    return Counter(state for (state,) in site.sql("SELECT state FROM publish_jobs"))


def events(result: Result) -> list[dict[str, Any]]:
    """One for each line, each as its schema says."""
    found = [documents(line) for line in result.out.splitlines()]
    assert all(len(one) == 1 for one in found)
    for (event,) in found:
        validator("worker").validate(event)
        assert sum(event[key] is not None for key in ("file", "post", "job", "notice", "error")) == 1
    return [event for (event,) in found]


def test_what_arrives_is_published_and_announced(announcing: Site, platform: Receiver) -> None:
    with working(announcing, "--json") as process:
        announcing.put_atomically("a.json")
        eventually(lambda: platform.requests, process)
        announcing.put_atomically("b.json")
        eventually(lambda: states(announcing)["done"] == 2, process)
        result = stop(process)
    assert (result.code, result.err) == (143, "")
    found = events(result)
    assert Counter(event["part"] for event in found) == {"publish": 2, "distribute": 2}
    assert [event["file"]["outcome"] for event in found if event["file"]] == ["published", "published"]
    assert [event["job"]["outcome"] for event in found if event["job"]] == ["sent", "sent"]
    assert_exactly_once(announcing)


def test_what_is_due_goes_live(site: Site) -> None:
    site.put("a.json", status="draft")
    site.publish()
    site.sql("UPDATE ec_posts SET status = 'scheduled', scheduled_at = ?", utc_text(now()))
    with working(site) as process:
        eventually(lambda: site.sql("SELECT status FROM ec_posts") == [("published",)], process)
        result = stop(process, signal.SIGINT)
    assert result.code == 130
    assert result.lines[0].startswith("published\t1-about-a\t")


def test_heartbeats_are_those_of_the_commands(announcing: Site) -> None:
    with working(announcing) as process:
        eventually(lambda: heartbeats(announcing).keys() == {"publish", "sweep", "distribute"}, process)
        before = heartbeats(announcing)
        eventually(lambda: heartbeats(announcing)["sweep"] > before["sweep"], process)
        eventually(lambda: heartbeats(announcing)["distribute"] > before["distribute"], process)
    announcing.run("status").succeeds()


@pytest.mark.parametrize("options", [["--quiet"], ["--json"], []])
def test_nothing_is_printed_while_there_is_nothing_to_do(announcing: Site, options: list[str]) -> None:
    with working(announcing, *options) as process:
        before = heartbeats(announcing)["publish"]
        eventually(lambda: heartbeats(announcing).get("sweep", "") > before, process)
        result = stop(process)
    assert result == (143, "", "")


@pytest.mark.parametrize("options", [("--platform", "other", "--platform", "third"), ("--lanes", "other,third")])
def test_only_the_platforms_that_are_named_are_announced_to(
    announcing: Site, platform: Receiver, options: tuple[str, ...]
) -> None:
    more = "".join(
        f'[platforms.{name}]\nkind = "target"\nurl = "{platform.url}/{name}"\nallow_private = true\n'
        for name in ("other", "third")
    )
    announcing.settings(settings(platform, more).replace('["partner"]', '["partner", "other", "third"]'))
    with working(announcing, *options) as process:
        announcing.put_atomically("a.json")
        eventually(lambda: states(announcing)["done"] == 2, process)
        stop(process)
    assert {request.path for request in platform.requests} == {"/other", "/third"}
    assert states(announcing) == {"done": 2, "pending": 1}


def test_a_request_in_flight_is_finished(announcing: Site, platform: Receiver) -> None:
    platform.otherwise = lambda _: Reply(delay_s=2)
    with working(announcing) as process:
        announcing.put_atomically("a.json")
        eventually(lambda: platform.requests, process)
        result = stop(process)
    assert result.code == 143
    assert states(announcing) == {"done": 1}
    assert platform.taken.total() == 1


def test_a_retry_is_waited_for(announcing: Site, platform: Receiver) -> None:
    platform.replies.append(Reply(503))
    with working(announcing) as process:
        announcing.put_atomically("a.json")
        eventually(lambda: states(announcing)["done"], process)
        stop(process)
    assert len(platform.requests) == 2


def test_a_platform_without_its_secret_keeps_no_other_one_waiting(announcing: Site, platform: Receiver) -> None:
    more = f'[platforms.other]\nkind = "target"\nurl = "{platform.url}/other"\nallow_private = true\n'
    more += 'token = "env:NOT_SET"'
    announcing.settings(settings(platform, more).replace('["partner"]', '["partner", "other"]'))
    with working(announcing, "--quiet") as process:
        announcing.put_atomically("a.json")
        eventually(lambda: states(announcing)["done"], process)
        announcing.put_atomically("b.json")
        eventually(lambda: states(announcing)["done"] == 2, process)
        result = stop(process)
    assert states(announcing) == {"done": 2, "pending": 2}
    assert result.err.count("NOT_SET") == 1, result.err


def test_a_stream_whose_queue_is_gone_keeps_no_other_one_waiting(site: Site) -> None:
    site.settings(
        '[streams.news]\nqueue = "news"\narchive = "old-news"\n[streams.gone]\nqueue = "gone"\narchive = "x"\n'
    )
    (site.root / "gone").rmdir()
    with working(site, "--quiet") as process:
        for name in ("a", "b"):
            site.put(f"{name}.json", queue="news")
            eventually(lambda: not list((site.root / "news").iterdir()), process)
        result = stop(process)
    assert result.code == 143
    assert result.err.count("error:") == 1, result.err
    assert "gone" in result.err


def test_a_file_that_is_published_by_another_run_is_no_event(site: Site) -> None:
    with held_lock(site.queue):
        site.put("a.json")
        with working(site) as process:
            result = stop(process)
    assert (result.out, result.err) == ("", "")


@pytest.mark.faults
@pytest.mark.parametrize("options", [[], ["--json"]])
def test_a_store_that_is_away_is_waited_for(announcing: Site, options: list[str]) -> None:
    aside = announcing.root / "aside.db"
    with working(announcing, *options) as process:
        eventually(lambda: heartbeats(announcing).keys() >= {"publish", "sweep", "distribute"}, process)
        with closing(sqlite3.connect(announcing.store)) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        announcing.store.rename(aside)
        time.sleep(6)
        assert process.poll() is None
        announcing.put("a.json")
        aside.rename(announcing.store)
        eventually(lambda: states(announcing)["done"], process)
        result = stop(process)
    if options:
        found = events(result)
        assert [event["error"] is not None for event in found].count(True) == 1, found
        assert [event["notice"] for event in found if event["notice"]] == [
            "waiting for the store",
            "the store answers again",
        ]
    else:
        assert result.err.count("error:") == 1, result.err
        assert result.err.count("answers again") == 1, result.err


@pytest.mark.faults
def test_outcomes_in_hand_outlive_a_store_that_is_locked_for_longer_than_sqlite_waits(
    announcing: Site, platform: Receiver
) -> None:
    """The platform answers while the store is locked: what it said is written once the store is there again."""
    platform.otherwise = lambda _: Reply(delay_s=2)
    with working(announcing) as process:
        announcing.put_atomically("a.json")
        eventually(lambda: platform.requests, process)
        with closing(sqlite3.connect(announcing.store, isolation_level=None)) as connection:
            connection.execute("BEGIN IMMEDIATE")
            time.sleep(35)  # longer than SQLite itself waits for a lock
            connection.execute("ROLLBACK")
        eventually(lambda: states(announcing)["done"], process)
        result = stop(process)
    assert result.code == 143
    assert platform.taken.total() == 1
    assert "locked by another program" in result.err


def test_without_a_store_it_does_not_start(bare: Site) -> None:
    bare.run("worker").fails(6, "there is no store", "emdash init")


@pytest.mark.parametrize(
    ("options", "code", "words"),
    [
        (["--platform", "nobody"], 2, "nobody"),
        (["--poll", "0"], 2, "--poll"),
        (["--concurrency", "0"], 2, "--concurrency"),
        (["--as", "nobody@example.com"], 4, "nobody@example.com"),
    ],
)
def test_what_waiting_cannot_help_ends_it_at_once(announcing: Site, options: list[str], code: int, words: str) -> None:
    announcing.run("worker", *options).fails(code, words)


def test_a_user_who_may_no_longer_publish_ends_it(announcing: Site) -> None:
    announcing.run("users", "add", "ed@example.com", "--role", "editor").succeeds()
    with working(announcing, "--as", "ed@example.com") as process:
        announcing.run("users", "disable", "ed@example.com").succeeds()
        result = ended(process)
    assert result.fails(4, "ed@example.com")


def restless(platform: Receiver, chance: random.Random) -> None:
    """A target that is slow, refuses, and loses answers."""
    replies = [Reply(), Reply(), Reply(delay_s=0.3), Reply(503, is_taken=False), LOST, Reply(429, is_taken=False)]
    platform.otherwise = lambda _: chance.choice(replies)


def killed_at_random(site: Site, seed: int, signals: Sequence[int], workers: int = 2) -> None:
    """Files arrive while workers come and go; then one is left alone until nothing is left to do."""
    chance = random.Random(seed)  # noqa: S311 - no secret
    site.sql("UPDATE publish_lanes SET closed_until = ''")
    processes = deque(site.start("worker", "--poll", "1", "--quiet") for _ in range(workers))
    try:
        for number in range(24):
            site.put_atomically(f"n{seed}-{number:03}.json")
            time.sleep(chance.random() * 0.4)
            if number % 3 == 2:
                processes.append(site.start("worker", "--poll", "1", "--quiet"))
                assert stop(processes.popleft(), chance.choice(signals)).code in {143, -signal.SIGKILL, -signal.SIGTERM}
        for process in processes:
            process.send_signal(signal.SIGTERM)
        while processes:
            assert ended(processes.popleft()).code in {143, -signal.SIGTERM}
    finally:
        for process in processes:
            process.kill()
            process.communicate()


def finish(site: Site) -> None:
    """What runs out with time does so now: leases, and pauses that the platform asked for."""
    long_ago = "2026-01-01T00:00:00.000Z"
    for _ in range(3):
        site.sql("UPDATE publish_jobs SET lease_until = ?, suspected = 1 WHERE state = 'running'", long_ago)
        site.sql("UPDATE publish_jobs SET run_after = ? WHERE state = 'pending'", long_ago)
        site.sql("UPDATE publish_lanes SET closed_until = ''")
        assert site.run("publish-queue").code == 0
        site.run("distribute")


@pytest.mark.parametrize("seed", swept(*range(6)))
def test_workers_that_are_killed_lose_nothing(announcing: Site, platform: Receiver, seed: int) -> None:
    restless(platform, random.Random(seed))  # noqa: S311 - no secret
    killed_at_random(announcing, seed, [signal.SIGKILL, signal.SIGTERM])
    platform.otherwise = lambda _: Reply()
    finish(announcing)
    assert_exactly_once(announcing)
    assert states(announcing) == {"done": 24}
    keys = {request.json["articleId"] for request in platform.requests}
    assert len(keys) == 24


@pytest.mark.faults
@pytest.mark.parametrize("seed", range(3))
def test_sigterm_leaves_nothing_begun(announcing: Site, platform: Receiver, seed: int) -> None:
    """Not a job is left to its lease, and none was sent without its answer being written down."""
    platform.otherwise = lambda _: Reply(delay_s=0.2)
    killed_at_random(announcing, seed, [signal.SIGTERM])
    assert states(announcing)["running"] == 0
    assert announcing.sql("SELECT count(*) FROM job_attempts WHERE ended_at IS NULL") == [(0,)]
    assert max(platform.taken.values(), default=1) == 1, platform.taken
    finish(announcing)
    assert_exactly_once(announcing)


def test_several_workers_share_the_work(announcing: Site, platform: Receiver) -> None:
    for number in range(60):
        announcing.put(f"n{number:02}.json")
    with ExitStack() as stack:
        processes = [stack.enter_context(working(announcing, "--json")) for _ in range(3)]
        for process in processes:
            eventually(lambda: states(announcing)["done"] == 60, process)
        results = [stop(process) for process in processes]
    assert [result.code for result in results] == [143] * 3
    assert set(platform.taken.values()) == {1}
    assert Counter(event["part"] for result in results for event in events(result)) == {"publish": 60, "distribute": 60}
    assert_exactly_once(announcing)


@pytest.mark.d1
@pytest.mark.faults
@pytest.mark.parametrize("seed", range(2))
def test_workers_on_d1_that_are_killed_lose_nothing(d1_site: D1Site, platform: Receiver, seed: int) -> None:
    d1_site.settings(settings(platform))
    d1_site.environment["PARTNER_TOKEN"] = TOKEN
    restless(platform, random.Random(seed))  # noqa: S311 - no secret
    killed_at_random(d1_site, seed, [signal.SIGKILL, signal.SIGTERM])
    platform.otherwise = lambda _: Reply()
    finish(d1_site)
    assert_exactly_once(d1_site)
    assert states(d1_site) == {"done": 24}


@pytest.mark.d1
def test_a_token_that_d1_refuses_ends_it(d1_site: D1Site) -> None:
    with working(d1_site) as process:
        d1_site.d1.faults(Fault(status=401, code=10000, message="Authentication error"), cycle=True)
        result = ended(process)
    d1_site.d1.faults()
    assert result.fails(4, "CLOUDFLARE_API_TOKEN")


@pytest.mark.d1
@pytest.mark.faults
def test_d1_that_is_away_is_waited_for_with_one_message(d1_site: D1Site, platform: Receiver) -> None:
    d1_site.settings(settings(platform))
    d1_site.environment["PARTNER_TOKEN"] = TOKEN
    with working(d1_site, "--json") as process:
        d1_site.d1.faults(Fault(status=503), cycle=True)
        time.sleep(150)
        d1_site.put_atomically("a.json")
        d1_site.d1.faults()
        eventually(lambda: states(d1_site)["done"], process)
        found = events(stop(process))
    assert [event["error"] is not None for event in found].count(True) == 1, found
    assert [event["notice"] for event in found if event["notice"]] == [
        "waiting for the store",
        "the store answers again",
    ]


@pytest.mark.faults
def test_memory_stays_flat(announcing: Site) -> None:
    def resident_kb(pid: int) -> int:
        return int(Path(f"/proc/{pid}/status").read_text("utf-8").partition("VmRSS:")[2].split()[0])

    def send_more(count: int) -> None:
        done = states(announcing)["done"]
        announcing.sql(
            "INSERT INTO publish_jobs (subject, lane, kind, version, run_after, created_at)"
            " WITH RECURSIVE n(n) AS (SELECT ?1 UNION ALL SELECT n + 1 FROM n WHERE n < ?1 + ?2 - 1)"
            " SELECT (SELECT subject FROM publish_jobs LIMIT 1), 'partner', 'update', 100 + n, ?3, ?3 FROM n",
            *(done, count, "2026-01-01T00:00:00.000Z"),
        )
        eventually(lambda: states(announcing)["done"] == done + count, process)

    announcing.put("a.json")
    with working(announcing, "--quiet") as process:
        eventually(lambda: states(announcing)["done"], process)
        send_more(2000)
        before = resident_kb(process.pid)
        send_more(4000)
        assert resident_kb(process.pid) < before * 1.1
        stop(process)


@pytest.mark.d1
def test_an_idle_poll_costs_two_requests_on_d1(d1_site: D1Site, platform: Receiver) -> None:
    d1_site.settings(settings(platform))
    d1_site.environment["PARTNER_TOKEN"] = TOKEN
    with working(d1_site, "--quiet") as process:
        eventually(lambda: heartbeats(d1_site).keys() == {"publish", "sweep", "distribute"}, process)
        time.sleep(0.5)
        d1_site.d1.forget()
        time.sleep(5)
        found = len(d1_site.d1.requests())
        result = stop(process)
    assert result == (143, "", "")
    assert 6 <= found <= 12, "five polls, and no run over the queues"


def test_what_is_old_is_removed(site: Site) -> None:
    site.insert("publish_outbox", id="old", post_id="P", path="/", recorded_at="2020", done_at="2020-01-01")
    site.insert("publish_outbox", id="new", post_id="P", path="/", recorded_at="2020", done_at=utc_text(now()))
    with working(site) as process:
        eventually(lambda: site.sql("SELECT id FROM publish_outbox") == [("new",)], process)
        stop(process)


def test_jobs_that_were_done_long_ago_are_purged(site: Site) -> None:
    old = {"lane": "x", "kind": "update", "state": "done", "run_after": "2020", "created_at": "2020"}
    for subject, ended_at in (("P", "2020-01-01T00:00:00.000Z"), ("Q", utc_text(now()))):
        site.insert("publish_jobs", subject=subject, ended_at=ended_at, **old)
    with working(site) as process:
        eventually(lambda: site.sql("SELECT subject FROM publish_jobs") == [("Q",)], process)
        stop(process)
