"""`emdash status`: what waits, what is due or held, who was here last, and when that is a problem."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from freezegun import freeze_time

from emdash_cli.databases.sqlite import SqliteDatabase
from emdash_cli.domain.article import FieldNames
from emdash_cli.domain.days import describe_duration, parse_duration
from emdash_cli.domain.errors import UsageError
from emdash_cli.reports.sql import figures
from tests.harness.site import EMBEDDED

if TYPE_CHECKING:
    from tests.harness.site import Site

SMALL = {"c", "known", "kinds", "j", "CONSTANT", "sqlite_master"}
"""What a plan may look through: due posts, kinds of runs, names of streams and of tables."""

NOW = datetime(2026, 6, 15, 12, 0, tzinfo=UTC)


def text(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def ago(**span: float) -> str:
    return text(NOW - timedelta(**span))


def scheduled(site: Site, post: str, when: str, status: str = "scheduled") -> None:
    """A post that another tool has scheduled."""
    site.sql(
        "INSERT INTO ec_posts (id, slug, status, title, scheduled_at) VALUES (?, ?, ?, 'T', ?)",
        *(post, post, status, when),
    )


def beat(site: Site, kind: str, seen_at: str) -> None:
    site.sql("INSERT INTO pipeline_heartbeats VALUES (?, 'r', ?, ?)", kind, seen_at, seen_at)


def document(site: Site, *options: str, code: int = 0) -> Any:
    result = site.run("status", "--json", *options)
    assert result.code == code, result
    return result.json


@freeze_time(NOW)
def test_an_empty_place_is_well(site: Site) -> None:
    result = site.run("status").succeeds()
    assert result.lines == ["OK: 0 queued, 0 scheduled, 0 due, 0 overdue, 0 held", "default\t0\t\t"]
    assert site.run("status", "--quiet").succeeds().out == ""
    assert document(site)["problems"] == []


@freeze_time(NOW)
def test_it_counts_what_waits_and_how_long_the_oldest_does(site: Site) -> None:
    for name, hours in (("1-a.json", 30), ("2-b.json", 2)):
        path = site.write(f"queue/{name}", {"title": "T", "body_text": "b"})
        os.utime(path, ((NOW - timedelta(hours=hours)).timestamp(),) * 2)
    site.write("queue/.hidden.json", "{}")
    (queue,) = document(site)["queues"]
    assert (queue["depth"], queue["oldest_at"]) == (2, ago(hours=30))
    assert "default\t2\t1d 6h ago\t" in site.run("status").out


@freeze_time(NOW)
def test_it_tells_when_publishing_last_did_something(site: Site) -> None:
    site.run("publish-queue").succeeds()
    assert [(run["kind"], run["worked_at"]) for run in document(site)["runs"]] == [("publish", None)]
    site.write("queue/1-a.json", {"title": "T", "body_text": "b"})
    site.run("publish-queue").succeeds()
    with freeze_time(NOW + timedelta(hours=3)):
        site.run("publish-queue").succeeds()
        (run,) = document(site)["runs"]
        assert (run["seen_at"], run["worked_at"]) == (ago(hours=-3), ago(hours=0))
        assert "\t3h ago\t" in site.run("status").out


def test_counts_are_of_the_run_that_did_something_last(site: Site) -> None:
    with freeze_time(NOW):
        for name in ("1-a.json", "2-b.json"):
            site.write(f"queue/{name}", {"title": "T", "body_text": "b", "id": "one"})
        site.run("publish-queue").succeeds()
        assert document(site)["runs"][0]["counts"] == {"duplicate": 1}
    with freeze_time(NOW + timedelta(hours=1)):
        site.write("queue/3-c.json", {"title": "T", "body_text": "c"})
        site.run("publish-queue").succeeds()
        assert document(site)["runs"][0]["counts"] == {}


@freeze_time(NOW)
def test_each_stream_has_its_line(site: Site) -> None:
    site.write("emdash.toml", "[streams.news]\n[streams.essays]\n")
    site.run("init").succeeds()
    site.write("queue/essays/1-a.json", "{}")
    assert [(queue["stream"], queue["depth"]) for queue in document(site)["queues"]] == [("news", 0), ("essays", 1)]


@freeze_time(NOW)
def test_a_queue_that_cannot_be_listed_is_a_problem(site: Site) -> None:
    (site.root / "queue").rmdir()
    found = document(site, code=3)
    assert "No such file" in found["queues"][0]["problem"]
    assert "stream default" in found["problems"][0]


@freeze_time(NOW)
@pytest.mark.parametrize(
    ("when", "due", "overdue"),
    [
        (ago(minutes=-1), 0, 0),
        (ago(minutes=0), 1, 0),
        (ago(minutes=5), 1, 0),
        (ago(minutes=5, milliseconds=1), 1, 1),
        ("2026-06-15 11:54:00", 1, 1),
        ("2026-06-15T13:56:00+02:00", 1, 0),
        ("2026-06-15T20:00:00+09:00", 1, 1),
        ("no time at all", 0, 0),
    ],
)
def test_what_is_due_for_more_than_five_minutes_is_overdue(site: Site, when: str, due: int, overdue: int) -> None:
    scheduled(site, "P1", when)
    found = document(site, code=3 if overdue else 0)
    assert (found["scheduled"], found["due"], found["overdue"]) == (1, due, overdue)
    assert found["ok"] is not bool(overdue)
    quiet = site.run("status", "--quiet")
    assert (quiet.code, len(quiet.lines)) == ((3, 1) if overdue else (0, 0))


@freeze_time(NOW)
def test_a_scheduled_change_of_a_published_post_counts_and_a_trashed_post_does_not(site: Site) -> None:
    scheduled(site, "P1", ago(hours=1), "published")
    scheduled(site, "P2", ago(hours=2))
    site.sql("UPDATE ec_posts SET deleted_at = 'x' WHERE id = 'P2'")
    found = document(site, code=3)
    assert (found["scheduled"], found["overdue"], found["oldest_due_at"]) == (1, 1, ago(hours=1))


@freeze_time(NOW)
def test_a_held_post_is_a_problem_once_its_time_is_past(site: Site) -> None:
    scheduled(site, "P1", ago(hours=1))
    site.sql(
        "INSERT INTO schedule_locks (post_id, revision_id, data, scheduled_at, locked_by, locked_at, held_at)"
        " VALUES ('P1', 'R', '{}', ?1, 'me', ?1, ?1)",
        ago(hours=1),
    )
    found = document(site, code=3)
    assert (found["due"], found["overdue"], found["held"], found["held_since"]) == (0, 0, 1, ago(hours=1))
    assert found["problems"] == ["1 held past their time: `emdash diff SLUG`, then reschedule or unschedule"]
    site.sql("UPDATE schedule_locks SET scheduled_at = ?", ago(minutes=4))
    found = document(site)
    assert found["next_at"] is None, "it goes live at no time until somebody has looked at it"
    scheduled(site, "P2", "2026-06-16T07:00:00.000Z")
    assert document(site)["next_at"] == "2026-06-16T07:00:00.000Z"


@freeze_time(NOW)
@pytest.mark.parametrize(
    ("seen_at", "problem"), [(ago(hours=-1), "in the future"), ("garbage", "cannot be read"), (ago(minutes=-4), "")]
)
def test_a_sign_of_life_that_no_clock_can_have_given(site: Site, seen_at: str, problem: str) -> None:
    site.run("publish-queue").succeeds()
    site.sql("UPDATE pipeline_heartbeats SET seen_at = ?", seen_at)
    found = document(site, code=3 if problem else 0)
    assert [problem in one for one in found["problems"]] == ([True] if problem else [])


@freeze_time(NOW)
def test_the_next_one_is_shown_in_the_zone_of_the_settings(site: Site) -> None:
    site.write("emdash.toml", 'timezone = "Europe/Berlin"\n')
    scheduled(site, "P1", "2026-06-16T07:00:00.000Z")
    assert "next: Tue 2026-06-16 09:00 CEST (2026-06-16T07:00:00Z)" in site.run("status").lines


@freeze_time(NOW)
def test_a_kind_of_run_that_went_silent_is_a_problem(site: Site) -> None:
    beat(site, "publish", ago(hours=27))
    beat(site, "sweep", ago(hours=25))
    found = document(site, code=3)
    assert {run["kind"]: run["stale"] for run in found["runs"]} == {"publish": True, "sweep": False}
    assert site.run("status", "--quiet").lines == ["publish has not run for 1d 3h: is it still being started?"]
    assert document(site, "--stale-after", "2d")["ok"]
    assert len(document(site, "--stale-after", "90m", code=3)["problems"]) == 2


def test_publishing_and_sweeping_leave_a_sign_of_life(site: Site) -> None:
    with freeze_time(NOW):
        site.run("publish-queue").succeeds()
    with freeze_time(NOW + timedelta(minutes=1)):
        site.run("sweep").succeeds()
    with freeze_time(NOW + timedelta(minutes=2)):
        runs = {run["kind"]: run for run in document(site)["runs"]}
    assert runs["publish"]["seen_at"] == text(NOW)
    assert runs["sweep"]["seen_at"] == text(NOW + timedelta(minutes=1))


@freeze_time(NOW)
def test_the_last_run_that_did_something_is_told_of_with_its_counts(site: Site) -> None:
    for run, started, counts in (("1", ago(hours=2), '{"rejected": 1}'), ("2", ago(hours=1), '{"conflict": 4}')):
        site.sql("INSERT INTO pipeline_runs VALUES (?1, 'publish', ?2, ?2, ?3)", run, started, counts)
    site.sql("INSERT INTO pipeline_runs VALUES ('3', 'cleanup', ?1, ?1, '{}')", ago(days=9))
    runs = {run["kind"]: run for run in document(site)["runs"]}
    assert runs["publish"]["counts"] == {"conflict": 4}
    assert (runs["cleanup"]["seen_at"], runs["cleanup"]["stale"]) == (None, False)


@freeze_time(NOW)
def test_it_never_reads_a_whole_table(any_site: Site) -> None:
    reads = [
        figures.due_posts(FieldNames(), ago(), ago(hours=-14), ago(minutes=5)),
        figures.waiting_posts(FieldNames()),
        figures.held_posts(FieldNames(), ago(minutes=5)),
        figures.runs_by_kind(),
        figures.last_recorded(["default"]),
    ]
    # The due posts are swept by the same SQL; on a any_site one branch of it, which plans a scan, has LIMIT 0.
    for read in reads if any_site.layout == EMBEDDED else reads[1:]:
        plan = [row[3] for row in any_site.sql(f"EXPLAIN QUERY PLAN {read.sql}", *read.params)]
        scans = [step.split()[1] for step in plan if step.startswith("SCAN") and "USING" not in step]
        assert {scan for scan in scans if "subquery" not in scan} <= SMALL, plan


@freeze_time(NOW)
def test_one_request_is_enough(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    requests: list[int] = []
    batch = SqliteDatabase.batch

    def counted(database: SqliteDatabase, statements: Any) -> Any:
        requests.append(len(statements))
        return batch(database, statements)

    monkeypatch.setattr(SqliteDatabase, "batch", counted)
    monkeypatch.delattr(SqliteDatabase, "query")
    site.run("status").succeeds()
    assert len(requests) == 1


def test_a_store_that_is_not_there_is_no_stale_run(bare: Site) -> None:
    bare.run("status").fails(6, "there is no store", "emdash init")


def test_a_span_that_cannot_be_read_is_refused(site: Site) -> None:
    site.run("status", "--stale-after", "soon").fails(2, "'soon' is not a duration", "26h")


@pytest.mark.parametrize(
    ("words", "seconds"), [("90s", 90), ("15m", 900), ("26h", 93_600), ("1h30m", 5_400), ("2W 1d", 1_296_000)]
)
def test_spans(words: str, seconds: int) -> None:
    assert parse_duration(words).total_seconds() == seconds


@pytest.mark.parametrize("words", ["", "m", "-5m", "5", "5x", "1.5h", "30m1h"])
def test_what_is_no_span(words: str) -> None:
    with pytest.raises(UsageError):
        parse_duration(words)


@pytest.mark.parametrize(
    ("seconds", "shown"), [(0, "0s"), (-5, "0s"), (59, "59s"), (3_600, "1h"), (90_061, "1d 1h"), (86_401, "1d")]
)
def test_spans_as_shown(seconds: int, shown: str) -> None:
    assert describe_duration(timedelta(seconds=seconds)) == shown
