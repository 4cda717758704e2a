"""`emdash stats`: what was published, counted again by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from freezegun import freeze_time

if TYPE_CHECKING:
    from tests.harness.site import Site

TOML = 'timezone = "Europe/Berlin"\n[streams.default]\n[streams.news]\n'


def record(site: Site, number: int, recorded_at: str, **values: Any) -> None:
    """A row of the ledger."""
    row = {
        "key": f"k{number}",
        "digest": "",
        "post_id": f"P{number}",
        "revision_id": "",
        "translation_group": "",
        "outcome": "published",
        "stream": "default",
        "file": "",
        "locale": "en",
        "slug": f"s{number}",
        "words": 10,
        "recorded_at": recorded_at,
        "run_id": "r",
    } | values
    site.sql(f"INSERT INTO publish_ledger ({', '.join(row)}) VALUES ({', '.join('?' for _ in row)})", *row.values())


def months(site: Site, *words: str) -> list[tuple[Any, ...]]:
    found = site.run("stats", "--json", *words).succeeds().json["months"]
    return [(month["month"], month["stream"], sum(month["posts"].values()), month["words"]) for month in found]


@pytest.fixture
def berlin(site: Site) -> Site:
    site.write("emdash.toml", TOML)
    site.run("init").succeeds()
    return site


def test_a_month_begins_when_it_does_in_the_zone(berlin: Site) -> None:
    record(berlin, 1, "2026-06-30T21:59:59.999Z")
    record(berlin, 2, "2026-06-30T22:00:00.000Z")
    record(berlin, 3, "2026-12-31T22:59:59.999Z", words=5)
    record(berlin, 4, "2026-12-31T23:00:00.000Z", stream="news")
    assert months(berlin) == [
        ("2026-06", "default", 1, 10),
        ("2026-07", "default", 1, 10),
        ("2026-12", "default", 1, 5),
        ("2027-01", "news", 1, 10),
    ]


def test_a_period_is_of_whole_days(berlin: Site) -> None:
    for number, at in enumerate(["2026-06-14T22:00:00.000Z", "2026-06-16T21:59:59.999Z", "2026-06-16T22:00:00.000Z"]):
        record(berlin, number, at)
    assert months(berlin, "--from", "2026-06-15", "--to", "2026-06-16") == [("2026-06", "default", 2, 20)]
    assert months(berlin, "--from", "2026-06-16") == [("2026-06", "default", 2, 20)]
    assert months(berlin, "--to", "2026-06-15") == [("2026-06", "default", 1, 10)]
    assert months(berlin, "--from", "2026-06-18") == []
    assert months(berlin, "--to", "2026-06-01") == []


def test_a_period_that_cannot_be_is_refused(berlin: Site) -> None:
    result = berlin.run("stats", "--from", "2026-06-15", "--to", "2026-06-01").fails(2, "2026-06-15", "2026-06-01")
    assert "ends before it begins" in result.err
    assert months(berlin, "--from", "2026-06-15", "--to", "2026-06-15") == []
    for words in (
        ("stats", "--to", "9999-12-31"),
        ("stats", "--from", "0001-01-01"),
        ("posts", "--since", "0001-01-01"),
    ):
        berlin.run(*words).fails(2, "the years 1 to 9999")


@freeze_time("2026-06-10T12:00:00Z")
def test_what_came_through_the_queues(berlin: Site) -> None:
    berlin.write("queue/1.json", {"title": "A", "slug": "a", "body_text": "one two three"})
    berlin.write("queue/news/1.json", {"title": "B", "slug": "b", "body_text": "one", "status": "draft"})
    berlin.write("queue/news/2.json", {"title": "C", "slug": "c", "body_text": "x", "publish_at": "2026-07-01T00:00Z"})
    berlin.write("queue/news/3.json", {"title": "D", "slug": "a", "body_text": "other"})
    berlin.run("publish-queue")
    document = berlin.run("stats", "--json").succeeds().json
    assert [(month["stream"], month["posts"]) for month in document["months"]] == [
        ("default", {"published": 1}),
        ("news", {"scheduled": 1, "draft": 1}),
    ]
    assert document["totals"] == {"posts": 3, "words": 5}
    assert document["posts"] == {"draft": 1, "published": 1, "scheduled": 1}
    assert document["archive"] == {"conflict": 1, "draft": 1, "published": 1, "scheduled": 1}
    assert document["failures"] == {"conflict": 1}
    assert (
        document["storage_bytes"]
        == berlin.sql("SELECT page_count * page_size FROM pragma_page_count, pragma_page_size")[0][0]
    )
    assert document["timezone"] == "Europe/Berlin"


def test_failures_are_those_of_the_period(berlin: Site) -> None:
    for day, counts in ((1, '{"conflict": 2, "left": 1}'), (2, '{"conflict": 1, "published": 7}')):
        at = f"2026-06-0{day}T12:00:00.000Z"
        berlin.sql("INSERT INTO pipeline_runs VALUES (?, 'publish', ?, ?, ?)", f"r{day}", at, at, counts)
    berlin.sql("INSERT INTO pipeline_runs VALUES ('s', 'sweep', '2026-06-01', '', '{\"held\": 5}')")
    assert berlin.run("stats", "--json").succeeds().json["failures"] == {"conflict": 3, "left": 1}
    assert berlin.run("stats", "--json", "--from", "2026-06-02").succeeds().json["failures"] == {"conflict": 1}


@pytest.mark.parametrize(
    ("seconds", "median"),
    [([5], 5), ([1, 3], 2), ([9, 1, 2], 2), ([1, 1, 1, 50], 1), ([0.25, 0.25], 0.3), ([7200, 7230], 7230), ([], None)],
)
def test_the_median_time_from_the_queue_to_the_readers(
    berlin: Site, seconds: list[float], median: float | None
) -> None:
    for number, taken in enumerate(seconds):
        hours, rest = divmod(taken, 3600)
        at = f"2026-06-10T{12 + int(hours)}:{int(rest // 60):02}:{rest % 60:06.3f}Z"
        record(berlin, number, at, queued_at="2026-06-10T12:00:00.000Z")
    record(berlin, 100, "2026-06-20T12:00:00.000Z", queued_at="2026-06-10T12:00:00.000Z", outcome="scheduled")
    found = berlin.run("stats", "--json").succeeds().json["median_seconds"]
    assert found["all"] == (pytest.approx(median) if median is not None else None)


def test_in_a_pipe_a_figure_is_a_line(berlin: Site) -> None:
    record(berlin, 1, "2026-06-10T12:00:00.000Z", queued_at="2026-06-10T11:00:00.000Z", words=1234)
    berlin.write("archive/published/2026-06/a.json", "{}")
    berlin.write("archive/rejected/2026-06/b.json", "{}")
    berlin.write("archive/rejected/2026-06/b.json.reason.txt", "why")
    lines = berlin.run("stats").succeeds().lines
    assert lines[0] == "month\t2026-06\tdefault\t1\t1234"
    assert "archive\tpublished\t1" in lines
    assert "archive\trejected\t1" in lines
    assert "median_seconds\tall\t3600" in lines


def test_streams_that_share_an_archive_count_it_once(site: Site) -> None:
    site.write("emdash.toml", '[streams.a]\narchive = "archive"\n[streams.b]\narchive = "archive"\n')
    site.run("init").succeeds()
    site.write("archive/published/2026-06/a.json", "{}")
    assert site.run("stats", "--json").succeeds().json["archive"] == {"published": 1}


def test_an_empty_store_has_figures_too(site: Site) -> None:
    document = site.run("stats", "--json").succeeds().json
    assert (document["months"], document["totals"]["posts"], document["median_seconds"]["all"]) == ([], 0, None)
    site.run("stats", "--from", "soon").fails(2, "is not a date")
