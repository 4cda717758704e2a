"""Sweeps as processes: two at once, one that is killed, one that watches."""

from __future__ import annotations

import json
import signal
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from emdash_cli.scheduling.sweep import repeat
from tests.harness.posts import body, compact, text
from tests.harness.site import EMBEDDED, clean_environment

if TYPE_CHECKING:
    from tests.harness.site import Site

KILLED_AT_GROUP = """
import os, signal, sys
from emdash_cli import wiring
from emdash_cli.__main__ import run
from emdash_cli.databases.sqlite import SqliteDatabase
groups = 0
execute = SqliteDatabase.batch
class Killed(SqliteDatabase):
    def batch(self, statements):
        global groups
        groups += any("UPDATE ec_posts" in statement.sql for statement in statements)
        if groups == {group} and {before}:
            os.kill(os.getpid(), signal.SIGKILL)
        answers = execute(self, statements)
        if groups == {group}:
            os.kill(os.getpid(), signal.SIGKILL)
        return answers
import emdash_cli.databases.sqlite as engine
engine.SqliteDatabase = Killed
sys.exit(run(["sweep"]))
"""


def many_due(site: Site, count: int) -> None:
    """Posts that were due one after the other, an hour ago and later."""
    start = datetime.now(UTC) - timedelta(hours=1)
    with closing(sqlite3.connect(site.root / "emdash.db")) as connection, connection:
        for number in range(count):
            at = text(start + timedelta(seconds=number / 10))
            post, data = f"P{number:05}", compact({"title": f"New {number}", "content": body(f"new {number}")})
            connection.execute("INSERT INTO revisions (id, collection, entry_id, data) VALUES (?, 'posts', ?, ?)",
                               (f"R{number}", post, data))  # fmt: skip
            connection.execute(
                "INSERT INTO ec_posts (id, slug, status, title, content, scheduled_at, draft_revision_id, locale)"
                " VALUES (?, ?, 'scheduled', 'Old', '[]', ?, ?, 'en')",
                (post, post.lower(), at, f"R{number}"),
            )
            connection.execute(
                "INSERT INTO schedule_locks (post_id, revision_id, slug, data, scheduled_at, locked_by, locked_at)"
                " VALUES (?, ?, ?, ?, ?, 'ada', ?)",
                (post, f"R{number}", post.lower(), data, at, at),
            )


def start(site: Site, *words: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, *words],
        cwd=site.root,
        env=clean_environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def document(process: subprocess.Popen[str]) -> Any:
    out, err = process.communicate(timeout=120)
    assert process.returncode == 0, (out, err)
    return json.loads(out)


def assert_published_once(site: Site, count: int) -> None:
    """Each with its text, its date, one revision, one entry in the audit table and one row in the outbox."""
    rows = site.sql(
        "SELECT status, version, title, content, live_revision_id, scheduled_at, published_at, id FROM ec_posts"
    )
    assert len(rows) == count
    for status, version, title, content, live, scheduled_at, published_at, post in rows:
        number = int(post[1:])
        assert (status, version, title) == ("published", 2, f"New {number}")
        assert (json.loads(content), live, scheduled_at) == (body(f"new {number}"), f"R{number}", None)
        assert published_at < text(datetime.now(UTC) - timedelta(minutes=30))
    for table in ("pipeline_audit", "publish_outbox"):
        found = Counter(post for (post,) in site.sql(f"SELECT post_id FROM {table}"))
        assert (len(found), set(found.values())) == (count, {1})
    assert site.sql("SELECT count(*) FROM schedule_locks") == [(0,)]
    assert site.sql("SELECT count(*) FROM revisions") == [(count,)]
    assert site.sql("PRAGMA integrity_check") == [("ok",)]


@pytest.mark.parametrize(("layout", "count", "sweeps"), [(EMBEDDED, 1600, 2), ("0.32", 420, 3)])
def test_sweeps_at_once_publish_each_post_once(site: Site, layout: str, count: int, sweeps: int) -> None:
    site.use_layout(layout)
    many_due(site, count)
    running = [start(site, "-m", "emdash_cli", "sweep", "--json") for _ in range(sweeps)]
    reported = [[one["slug"] for one in document(process)["outcomes"]] for process in running]
    assert Counter(slug for slugs in reported for slug in slugs) == Counter(f"p{number:05}" for number in range(count))
    assert all(slugs == sorted(slugs) for slugs in reported), "the oldest first"
    assert_published_once(site, count)


@pytest.mark.parametrize("group", [1, 2, 3])
@pytest.mark.parametrize("before", [True, False])
def test_a_sweep_that_is_killed_is_finished_by_the_next(site: Site, group: int, *, before: bool) -> None:
    """Before a group's batch, and after it."""
    many_due(site, 1300)
    killed = start(site, "-c", KILLED_AT_GROUP.format(group=group, before=before))
    killed.communicate(timeout=120)
    assert killed.returncode == -signal.SIGKILL
    done = min(500 * (group - before), 1300)
    assert site.sql("SELECT count(*) FROM ec_posts WHERE status = 'published'") == [(done,)]
    outcomes = site.run("sweep", "--json").succeeds().json["outcomes"]
    assert [one["slug"] for one in outcomes] == [f"p{number:05}" for number in range(done, 1300)]
    assert_published_once(site, 1300)


def until(process: subprocess.Popen[str], found: Any) -> None:
    """Wait until it is so; the test fails if it never is."""
    deadline = time.monotonic() + 60
    while not found():
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_watching_survives_trouble_with_the_store_and_ends_on_sigterm(site: Site) -> None:
    store, elsewhere = site.root / "emdash.db", site.root / "elsewhere.db"
    many_due(site, 3)
    store.rename(elsewhere)
    process = start(site, "-m", "emdash_cli", "sweep", "--watch", "--every", "1")
    assert process.stderr is not None
    assert "there is no store" in process.stderr.readline()
    elsewhere.rename(store)
    until(process, lambda: site.sql("SELECT count(*) FROM ec_posts WHERE status = 'published'") == [(3,)])
    process.send_signal(signal.SIGTERM)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 143
    assert [line.split("\t")[:2] for line in out.splitlines()] == [["published", f"p0000{n}"] for n in range(3)]
    assert "3 published" in err
    assert "nothing is due" not in err


class TestRepeat:
    def test_it_waits_and_works_in_turn_until_stopped(self) -> None:
        happened: list[float | str] = []
        repeat(
            lambda: happened.append("work"),
            0.6,
            lambda: happened.count("work") == 2,
            lambda seconds: happened.append(round(seconds, 2)),
        )
        assert happened == [0.25, 0.25, 0.1, "work", 0.25, 0.25, 0.1, "work"]

    def test_a_signal_while_it_waits_ends_it_at_once(self) -> None:
        happened: list[float] = []
        repeat(lambda: happened.append(-1), 3600, lambda: len(happened) >= 2, happened.append)
        assert happened == [0.25, 0.25]

    def test_stopped_before_it_began(self) -> None:
        repeat(lambda: pytest.fail("worked"), 1, lambda: True, lambda _: pytest.fail("waited"))
