"""Runs over many posts that are killed, stopped, or meet each other: what they leave are whole groups."""

from __future__ import annotations

import itertools
import json
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.harness.site import clean_environment, ended
from tests.model.process import KILLED, Processes
from tests.scheduling.support import many_drafts
from tests.scheduling.test_bulk import WHOLE
from tests.targets import swept

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.harness.d1_site import D1Site
    from tests.harness.site import Site

AT, LATER = "2050-01-03T09:00:00.000Z", "2050-01-10T09:00:00.000Z"
POSTS = 1100

STOPPED_AFTER_A_GROUP = """
import os, signal, sys
from emdash_cli.__main__ import run
from emdash_cli.databases.sqlite import SqliteDatabase
execute = SqliteDatabase.batch
class Stopped(SqliteDatabase):
    def batch(self, statements):
        answers = execute(self, statements)
        if any("UPDATE ec_posts" in statement.sql for statement in statements):
            os.kill(os.getpid(), {number})
        return answers
import emdash_cli.databases.sqlite as engine
engine.SqliteDatabase = Stopped
sys.exit(run(sys.argv[1:]))
"""


@pytest.fixture(scope="module")
def processes() -> Iterator[Processes]:
    """A process that runs commands and kills them."""
    running = Processes()
    yield running
    running.close()


def schedule(slugs: list[str], at: str = AT) -> tuple[str, ...]:
    return ("schedule", *slugs, "--at", at, "--json")


def state(site: Site) -> dict[tuple[str, str | None, int], int]:
    """How many posts have which status, time and version."""
    rows = site.sql("SELECT status, scheduled_at, version, count(*) FROM ec_posts GROUP BY 1, 2, 3")
    return {(status, at, version): count for status, at, version, count in rows}


def assert_whole(site: Site, first: int) -> None:
    """The groups that were changed are whole, each post has the audit rows of its version, and the run knows of them.

    Args:
        site: after a kill.
        first: the version that all posts had before.
    """
    changed = sum(count for (_, _, version), count in state(site).items() if version > first)
    assert changed in {0, 500, 1000, POSTS}
    assert site.sql(WHOLE) == [(0,)]
    counts = [json.loads(row[0]) for row in site.sql("SELECT counts FROM pipeline_runs ORDER BY id")]
    assert sum(counts[-1].values()) == POSTS if counts else changed == 0
    assert site.sql("SELECT count(*) FROM pipeline_audit") == site.sql(f"SELECT sum(version) - {POSTS} FROM ec_posts")


@pytest.mark.parametrize("stride", swept(9, 1))
def test_a_schedule_that_is_killed_is_finished_by_the_same_command(
    site: Site, processes: Processes, stride: int
) -> None:
    """At every statement, one after the other, until a run gets through."""
    words = schedule(many_drafts(site, POSTS))
    unchanged = site.store.read_bytes()
    for nth in itertools.count(1, stride):
        site.store.write_bytes(unchanged)
        killed = processes.run(words, "", nth, site.root, clean_environment())
        if killed.code == 0:
            break
        assert killed.code == KILLED
        assert_whole(site, 1)
        again = processes.run(words, "", 0, site.root, clean_environment()).succeeds()
        assert sum(again.counts.values()) == POSTS
        assert state(site) == {("scheduled", AT, 2): POSTS}
        for ending in ("-wal", "-shm"):
            site.store.with_name(f"emdash.db{ending}").unlink(missing_ok=True)
    assert nth > 40


@pytest.mark.parametrize("nth", swept(2_500, 12, 30, 700, 1_800, 3_900, 5_500))
def test_a_schedule_that_is_killed_on_a_site_of_emdash(site: Site, processes: Processes, nth: int) -> None:
    """There, every row that an UPDATE changes fires triggers, which count as statements, too."""
    site.use_layout("0.32")
    words = schedule(many_drafts(site, POSTS))
    assert processes.run(words, "", nth, site.root, clean_environment()).code == KILLED
    assert_whole(site, 1)
    processes.run(words, "", 0, site.root, clean_environment()).succeeds()
    assert state(site) == {("scheduled", AT, 2): POSTS}


@pytest.mark.parametrize("stride", swept(11, 1))
def test_posts_are_never_moved_twice(site: Site, processes: Processes, stride: int) -> None:
    slugs = many_drafts(site, POSTS, at=AT)
    words = ("reschedule", *slugs, "--by", "+7d", "--json")
    unchanged = site.store.read_bytes()
    refused = 0
    for nth in itertools.count(1, stride):
        site.store.write_bytes(unchanged)
        killed = processes.run(words, "", nth, site.root, clean_environment())
        if killed.code == 0:
            break
        assert killed.code == KILLED
        assert_whole(site, 2)
        is_moved = (("scheduled", LATER, 3)) in state(site)
        is_whole = state(site) == {("scheduled", LATER, 3): POSTS}
        if is_moved and not is_whole:
            refused += 1
            processes.run(words, "", 0, site.root, clean_environment()).fails(3, "--interrupted continue")
            again = (*words, "--interrupted", "continue")
            processes.run(again, "", 0, site.root, clean_environment()).succeeds()
        elif not is_moved:
            processes.run(words, "", 0, site.root, clean_environment()).succeeds()
        assert state(site) == {("scheduled", LATER, 3): POSTS}
        for ending in ("-wal", "-shm"):
            site.store.with_name(f"emdash.db{ending}").unlink(missing_ok=True)
    assert refused > 0


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_ends_it_after_the_group(site: Site, number: signal.Signals, code: int) -> None:
    slugs = many_drafts(site, POSTS)
    process = subprocess.Popen(
        [sys.executable, "-c", STOPPED_AFTER_A_GROUP.format(number=int(number)), *schedule(slugs)],
        cwd=site.root,
        env=clean_environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    done = ended(process)
    assert done.code == code, done
    assert done.counts == {"scheduled": 500, "left": 600}
    assert len(done.json["posts"]) == 500
    assert_whole(site, 1)
    assert site.run("schedule", *slugs, "--at", AT, "--json").succeeds().counts == {"unchanged": 500, "scheduled": 600}


@pytest.mark.parametrize("layout", ["embedded", "0.34"])
def test_two_editors_at_once(site: Site, layout: str) -> None:
    """Whoever comes second to a group is told; no post gets half of each."""
    site.use_layout(layout)
    slugs = many_drafts(site, POSTS)
    racing = [site.start(*schedule(slugs, at)) for at in (AT, LATER)]
    done = [ended(process) for process in racing]
    assert {one.code for one in done} <= {0, 3}
    assert 3 in {one.code for one in done}
    check_race(site, [one.json for one in done])


def test_two_editors_at_once_on_d1(d1_site: D1Site) -> None:
    slugs = many_drafts(d1_site, POSTS)
    racing = [d1_site.start(*schedule(slugs, at)) for at in (AT, LATER)]
    done = [ended(process) for process in racing]
    assert {one.code for one in done} <= {0, 3}
    check_race(d1_site, [one.json for one in done])


def check_race(site: Site, documents: list[dict[str, object]]) -> None:
    """Each post was scheduled once, by whoever reports it."""
    reported = [list(document.get("posts", [])) for document in documents]  # type: ignore[call-overload]
    assert site.sql(WHOLE) == [(0,)]
    for at, posts in zip((AT, LATER), reported, strict=True):
        assert site.sql("SELECT count(*) FROM ec_posts WHERE scheduled_at = ?", at) == [(len(posts),)]
    found = state(site)
    assert sum(found.values()) == POSTS
    assert all((at is None) == (version == 1) for _, at, version in found)
    assert site.sql("SELECT count(*) FROM pipeline_audit") == [(sum(map(len, reported)),)]
