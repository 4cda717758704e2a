"""Many publishers at once, with and without a working lock, on one directory and on one store."""

from __future__ import annotations

import sys
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest

from tests.faults.locks import held_lock
from tests.harness.checks import assert_exactly_once
from tests.harness.site import Result, Site, ended, new_site
from tests.targets import swept

if TYPE_CHECKING:
    from pathlib import Path

COUNTS = (("published", 1), ("duplicate", 7))
WITHOUT_LOCKS = (sys.executable, "-m", "tests.faults.without_locks")


def race(site: Site, count: int, *arguments: str, launcher: tuple[str, ...] = ()) -> list[Result]:
    """That many publishers at once."""
    processes = [site.start("publish-queue", "--json", *arguments, launcher=launcher) for _ in range(count)]
    return [ended(process) for process in processes]


def reported(runs: list[Result]) -> list[dict[str, Any]]:
    """What all runs together said of files that they did something to."""
    outcomes = [outcome for ran in runs for outcome in ran.json["outcomes"]]
    return [outcome for outcome in outcomes if outcome["outcome"] != "left"]


@pytest.mark.parametrize("publishers", [2, 8])
@pytest.mark.parametrize("journal_mode", ["wal", "delete"])
def test_one_after_the_other(tmp_path: Path, journal_mode: str, publishers: int) -> None:
    site = new_site(tmp_path / "site", journal_mode=journal_mode)
    site.put_many(150, tags=["news"], author="Ada Lovelace")
    runs = race(site, publishers, "--wait", "120")
    assert {ran.code for ran in runs} == {0}
    assert Counter(outcome["file"] for outcome in reported(runs)) == Counter(site.originals.keys())
    assert_exactly_once(site)


def test_the_queue_is_busy(site: Site) -> None:
    site.put("1-a.json")
    with held_lock(site.queue):
        ran = site.publish()
        said = site.run("publish-queue")
    assert ran.code == 5
    assert ran.outcomes["1-a.json"]["outcome"] == "left"
    assert [error["code"] for error in ran.json["errors"]] == ["busy"]
    assert ran.json["errors"][0]["retryable"]
    assert said.code == 5
    assert "--wait" in said.err
    assert site.waiting() == ["1-a.json"]


@pytest.mark.parametrize("publishers", swept(2, 8))
@pytest.mark.parametrize("journal_mode", ["wal", "delete"])
def test_all_at_once(tmp_path: Path, journal_mode: str, publishers: int) -> None:
    """Where locks do not work, the ledger alone sees to it."""
    site = new_site(tmp_path / "site", journal_mode=journal_mode)
    site.put_many(300, tags=["news", "tools"], author="Ada Lovelace")
    site.put("0000-bad.json", title="")
    runs = race(site, publishers, launcher=WITHOUT_LOCKS)
    assert {ran.code for ran in runs} <= {0, 3}, [ran.err for ran in runs]
    assert sum(ran.json["errors"] != [] for ran in runs) == 0
    assert_exactly_once(site, dict.fromkeys(site.originals, "published") | {"0000-bad.json": "rejected"})
    done = Counter((outcome["file"], outcome["outcome"]) for outcome in reported(runs))
    assert {file for file, _ in done} == set(site.originals)


@pytest.mark.parametrize("journal_mode", ["wal", "delete"])
def test_eight_directories_and_one_store(tmp_path: Path, journal_mode: str) -> None:
    """The same articles in eight streams: each is published from one, and is a duplicate in the others."""
    one = new_site(tmp_path / "site-1", journal_mode=journal_mode)
    one.put_many(60, tags=["news"], author="Ada Lovelace")
    sites = [one, *(one.copy(tmp_path / f"site-{number}") for number in range(2, 9))]
    for number, site in enumerate(sites):
        site.settings(f'[streams.of-{number}]\nqueue = "queue"\narchive = "archive"\n')
    url = f"sqlite:{one.store}"
    processes = [site.start("--db", url, "publish-queue", "--json") for site in sites]
    runs = [ended(process) for process in processes]
    assert [ran.code for ran in runs] == [0] * 8, [ran.err for ran in runs]
    outcomes = Counter((outcome["file"], outcome["outcome"]) for outcome in reported(runs))
    assert outcomes == {(name, outcome): count for name in one.originals for outcome, count in COUNTS}
    for site in sites:
        assert site.waiting() == []
        assert sorted(name for names in site.archived().values() for name in names) == sorted(one.originals)
    slugs = [slug for (slug,) in one.sql("SELECT slug FROM ec_posts")]
    numbers = sorted(int(slug.split("-")[0]) for slug in slugs)
    assert numbers == list(range(1, 61))
    assert one.sql("SELECT count(*) FROM revisions") == [(60,)]


def test_different_articles_draw_from_one_series(tmp_path: Path) -> None:
    """Numbers are unique and without gaps whoever derives them."""
    sites = [new_site(tmp_path / f"site-{number}") for number in range(8)]
    for number, site in enumerate(sites):
        for place in range(25):
            site.put(f"{place:02}-of-{number}.json")
    url = f"sqlite:{sites[0].store}"
    processes = [site.start("--db", url, "publish-queue", "--json") for site in sites]
    assert {ended(process).code for process in processes} == {0}
    numbers = sorted(int(slug.split("-")[0]) for (slug,) in sites[0].sql("SELECT slug FROM ec_posts"))
    assert numbers == list(range(1, 201))
    assert all(site.archived() == {"published": sorted(site.originals)} for site in sites)


def test_quota_holds_for_all_together(tmp_path: Path) -> None:
    site = new_site(tmp_path / "site")
    site.settings('[streams.default]\nqueue = "queue"\narchive = "archive"\ncadence = "monthly-7"\n')
    site.put_many(60)
    runs = race(site, 8, launcher=WITHOUT_LOCKS)
    assert {ran.code for ran in runs} == {0}
    assert len(site.archived()["published"]) == 7
    assert site.sql("SELECT count(*) FROM ec_posts") == [(7,)]
    assert len(site.waiting()) == 53


def test_articles_arrive_meanwhile(site: Site) -> None:
    """A writer that links finished files into the queue, and three publishers that never see half a file."""
    site.put_many(20)
    processes = [site.start("publish-queue", "--json", "--wait", "120") for _ in range(3)]
    for number in range(21, 121):
        site.put_atomically(f"{number:04}-article.json", title=f"Article {number}")
    runs = [ended(process) for process in processes]
    assert {ran.code for ran in runs} == {0}
    assert site.run("publish-queue").code == 0
    assert_exactly_once(site)
