"""What announcing asks of the store does not grow with the jobs that wait or have ended, nor with the posts."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from emdash_cli import wiring
from emdash_cli.distribution.distribute import Distribution, distribute
from emdash_cli.domain.delivery import Category, Outcome, Rendered
from emdash_cli.publishing.queues import Publication, publish_queues
from emdash_cli.scheduling.sweep import SweepOptions, sweep
from emdash_cli.settings import load
from emdash_cli.store.session import Session, Who
from tests.harness.ports import Port
from tests.harness.site import new_site

if TYPE_CHECKING:
    from pathlib import Path

    from emdash_cli.domain.delivery import Delivery, Platform, PublicPost
    from emdash_cli.settings import PlatformAccount
    from tests.harness.site import Site

SETTINGS = """
[streams.default]
slug = "{name}"
on_change = "update"
platforms = ["one", "two"]
[platforms.one]
kind = "target"
url = "https://one.example/"
since = 2020-01-01
[platforms.two]
kind = "telegram"
chat = "@blog"
token = "env:TOKEN"
rate = "60000/min"
monthly_posts = 1000000
stale_after = "never"
since = 2020-01-01
"""
LONG_AGO, ONCE = "2026-01-01T00:00:00.000Z", "2999-01-01T00:00:00.000Z"


def crowd(site: Site, count: int) -> None:
    """Other posts with a job of every state on both platforms, those that wait being due some day."""
    with closing(sqlite3.connect(site.store)) as connection, connection:
        connection.execute(
            """
            WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?1)
            INSERT INTO ec_posts (id, slug, status, locale, translation_group, title, content, published_at)
            SELECT 'X' || i, 'x' || i, 'published', 'en', 'X' || i, 'x', '[]', ?2 FROM n""",
            (count, LONG_AGO),
        )
        connection.execute(
            """
            INSERT INTO publish_jobs (subject, lane, kind, version, state, priority, run_after, created_at, ended_at)
            SELECT p.id, l.value, 'update', s.key, s.value, s.key % 4, iif(s.value = 'pending', ?2, ?1), ?1,
              iif(s.value = 'pending', NULL, ?1)
            FROM ec_posts AS p, json_each('["one","two"]') AS l,
              json_each('["done","pending","dead","unknown","discarded","pending","pending","pending"]') AS s
            WHERE p.id LIKE 'X%'""",
            (LONG_AGO, ONCE),
        )
        connection.execute(
            "INSERT INTO job_attempts (job_id, claim, begun_at, worker, ended_at, category, applied)"
            " SELECT id, 'c' || id, created_at, 'w', created_at, 'delivered', 1 FROM publish_jobs"
        )
        connection.execute(
            "INSERT INTO job_steps (job_id, step, claim, begun_at, done_at)"
            " SELECT id, 0, 'c' || id, created_at, created_at FROM publish_jobs"
        )


class Answering:
    """Takes what it gets; of posts called so, it does not."""

    def render(self, post: PublicPost) -> Rendered:
        return Rendered((post.slug,) * (3 if "thread" in post.slug else 1))

    def deliver(self, delivery: Delivery) -> Outcome:
        if "late" in delivery.post.slug:
            return Outcome(Category.TRANSIENT, error="503")
        return Outcome(Category.DELIVERED, external_id="7")


class Silent:
    """Nobody is told."""

    def add(self, event: object) -> None:
        """Nothing."""

    add_error = add


def connect(account: PlatformAccount) -> Platform:
    del account
    return Answering()


def never() -> bool:
    return False


def work(site: Site, port: Port) -> None:
    """Posts go live in all ways, change, and are announced; one announcement was lost by whoever had begun it."""
    settings = load({}, config=None, database=None, directory=site.root, read_platform=wiring.read_platform)
    session = Session(port, settings, wiring.now, wiring.id_source(wiring.now), Who(None, lambda: "test"))

    def publish() -> None:
        list(publish_queues(session, Publication(settings.streams, None, 0, is_preview=False, stopped=never)))

    def announce(*, is_preview: bool = False) -> None:
        task = Distribution(
            settings.platforms, connect, "w", limit=None, waits=False, is_preview=is_preview, stopped=never
        )
        distribute(session, task, Silent())

    for name in ("good", "late", "thread"):
        site.put(f"1-{name}.json", id=name)
    site.put("2-planned.json", publish_at="2998-01-01T00:00:00Z")
    publish()
    site.sql("UPDATE ec_posts SET scheduled_at = '2026-06-01T00:00:00.000Z' WHERE slug = 'planned'")
    list(sweep(session, SweepOptions(None, is_preview=False, stopped=never)))
    announce(is_preview=True)
    announce()
    site.put("3-good.json", id="good", body_text="new")
    publish()
    lost = "claim = 'lost', state = 'running', lease_until = '2020-01-01T00:00:00.000Z', suspected = 1"
    site.sql(f"UPDATE publish_jobs SET {lost} WHERE kind = 'update' AND subject NOT LIKE 'X%'")
    announce()
    announce()


def steps(root: Path, posts: int, *, analysed: bool) -> int:
    """Hundreds of steps of SQLite's virtual machine."""
    site = new_site(root)
    site.settings(SETTINGS)
    crowd(site, posts)
    if analysed:
        site.sql("ANALYZE")
    port = Port(site)
    taken = [0]

    def count() -> int:
        taken[0] += 1
        return 0

    port.inner._connection.set_progress_handler(count, 100)
    work(site, port)
    port.close()
    states = dict(site.sql("SELECT state, count(*) FROM publish_jobs WHERE subject NOT LIKE 'X%' GROUP BY state"))
    assert states == {"done": 7, "pending": 2}, "both platforms answered that one of four is to come later"
    return taken[0]


@pytest.mark.parametrize("analysed", [False, True])
def test_the_work_does_not_grow_with_jobs_and_posts(tmp_path: Path, *, analysed: bool) -> None:
    few = steps(tmp_path / "few", 200, analysed=analysed)
    many = steps(tmp_path / "many", 2000, analysed=analysed)
    assert many <= few * 1.1 + 2
