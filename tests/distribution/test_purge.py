"""`emdash jobs purge`, and what housekeeping purges: done jobs go, the proof against announcing twice stays."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from emdash_cli.databases.sqlite import SqliteDatabase
from emdash_cli.domain.ports import Statement
from emdash_cli.maintenance.sql import purging
from tests.distribution.conftest import TOKEN, settings

if TYPE_CHECKING:
    from emdash_cli.domain.ports import Value
    from tests.harness.receiver import Receiver
    from tests.harness.site import Site

OLD, RECENT = "2026-01-01T00:00:00.000Z", "2999-01-01T00:00:00.000Z"
EVERYTHING = ("publish_jobs", "job_attempts", "job_steps")


@pytest.fixture(params=["site", pytest.param("d1_site", marks=pytest.mark.d1)])
def blog(request: pytest.FixtureRequest, platform: Receiver) -> Site:
    """A site with one article that was announced long ago on `partner`, and a job in every other state."""
    site: Site = request.getfixturevalue(request.param)
    site.settings(settings(platform))
    site.environment["PARTNER_TOKEN"] = TOKEN
    site.put("a.json")
    assert site.publish().code == 0
    site.run("distribute").succeeds()
    site.sql(f"UPDATE publish_jobs SET ended_at = '{OLD}', payload = '[\"text\"]', external_id = '7'")
    site.sql("INSERT INTO job_steps (job_id, step, claim, begun_at) VALUES (1, 0, 'c', '2026')")
    for at, (state, kind, ended) in enumerate(
        [("done", "update", OLD), ("done", "update", RECENT)]
        + [(state, "update", OLD) for state in ("dead", "unknown", "discarded", "done", "pending")]
    ):
        values = {"id": at + 2, "subject": "P", "lane": "partner", "kind": kind, "version": at, "state": state}
        at_last = None if state == "pending" else ended
        site.insert("publish_jobs", **values, run_after=RECENT, created_at=OLD, ended_at=at_last)
        site.insert("job_attempts", job_id=at + 2, claim="c", begun_at=OLD, worker="w", applied=1)
    return site


def test_done_jobs_go_and_all_others_stay(blog: Site) -> None:
    purged = blog.run("jobs", "purge", "--yes", "--json").succeeds().json
    assert (purged["purged"], purged["dry_run"]) == (3, False)
    assert blog.sql("SELECT id FROM publish_jobs ORDER BY id") == [(1,), (3,), (4,), (5,), (6,), (8,)]
    assert blog.sql("SELECT DISTINCT job_id FROM job_attempts ORDER BY 1") == [(3,), (4,), (5,), (6,), (8,)]
    assert blog.sql("SELECT count(*) FROM job_steps") == [(0,)]
    listed = [blog.run("jobs", "list", "--json", *state).json["jobs"] for state in ((), ("--state", "done"))]
    assert [[job["id"] for job in jobs] for jobs in listed] == [[8, 6, 5, 4, 3], [3]]
    assert blog.run("jobs", "purge", "--yes").succeeds().err.startswith("no jobs were done before 20")


def test_a_purged_announcement_is_not_made_again(blog: Site) -> None:
    blog.run("jobs", "purge", "--yes").succeeds()
    assert blog.sql("SELECT state, ended_at, external_id, payload FROM publish_jobs WHERE id = 1") == [
        ("done", OLD, "7", None)
    ]
    assert "announced there on" in blog.run("announce", "a", "--yes").fails(3).err
    blog.sql(f"UPDATE ec_posts SET status = 'scheduled', scheduled_at = '{OLD}'")
    blog.run("sweep").succeeds()
    assert blog.sql("SELECT count(*) FROM publish_jobs WHERE kind = 'announce'") == [(1,)]
    assert "published" in blog.run("show", "a").succeeds().out
    shown = blog.run("jobs", "show", "1", "--json").succeeds().json
    assert (shown["job"]["state"], shown["texts"], shown["attempts"], shown["steps"]) == ("done", [], [], [])


def test_a_number_is_never_given_to_another_job(blog: Site) -> None:
    blog.sql("DELETE FROM publish_jobs WHERE id > 7")
    blog.run("jobs", "purge", "--yes").succeeds()
    assert blog.sql("SELECT max(id) FROM publish_jobs") == [(7,)]
    assert blog.run("jobs", "purge", "--dry-run", "--json").json["purged"] == 0


def test_a_dry_run_counts_and_changes_nothing(blog: Site) -> None:
    before = [blog.sql(f"SELECT * FROM {table}") for table in EVERYTHING]
    assert blog.run("jobs", "purge", "--dry-run").succeeds().lines[0].startswith("would be purged\t3\tdone before 20")
    assert blog.run("jobs", "purge", "--dry-run", "--older-than", "36500", "--json").json["purged"] == 0
    assert [blog.sql(f"SELECT * FROM {table}") for table in EVERYTHING] == before


def test_it_asks_first(blog: Site) -> None:
    blog.run("jobs", "purge").fails(2, "--yes")
    blog.run("jobs", "purge", "--older-than", "0", "--yes").fails(2, "--older-than")
    assert blog.sql("SELECT count(*) FROM publish_jobs") == [(8,)]


def test_cleanup_purges_what_was_done_thirty_days_ago(blog: Site) -> None:
    previewed = blog.run("cleanup", "--dry-run").succeeds().out
    assert blog.run("cleanup").succeeds().out == previewed.replace("would be ", "")
    assert "3 jobs" in previewed
    assert blog.sql("SELECT count(*) FROM publish_jobs") == [(6,)]


def test_each_statement_uses_an_index(site: Site) -> None:
    with closing(SqliteDatabase(site.store)) as database:

        def plan(sql: str, params: tuple[Value, ...]) -> list[str]:
            found = database.query(Statement(f"EXPLAIN QUERY PLAN {sql}", params))
            return [str(row["detail"]) for row in found]

        for look in (purging.count_done(OLD), purging.find_done(OLD)):
            (step,) = plan(*look)
            assert "INDEX publish_jobs_done (ended_at<?)" in step
        for change in purging.purge(OLD, [1], OLD):
            steps = plan(*change)
            assert not [step for step in steps if step.startswith("SCAN") and step != "SCAN b VIRTUAL TABLE INDEX 1:"]
