"""Whatever goes wrong between the tool and D1, every article is published exactly once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.d1_engine.faults import CPU_LIMIT, NOTHING, Fault, throttled
from tests.faults.d1_faults import PASSING, TOO_MUCH, mixed, publish_to_the_end
from tests.harness.checks import assert_exactly_once
from tests.harness.d1_site import new_d1_site
from tests.targets import swept

if TYPE_CHECKING:
    from pathlib import Path

    from tests.d1_engine.engine import Engine, Instance
    from tests.harness.d1_site import D1Site

SMALL_GROUPS = "d1_group_bytes = 100000\n"


@pytest.fixture
def site(tmp_path: Path, d1: Instance) -> D1Site:
    return new_d1_site(tmp_path / "site", d1)


def fill(site: D1Site, count: int = 3) -> None:
    """Articles that between them write every table."""
    for number in range(1, count + 1):
        site.put(
            f"{number:02}-article.json",
            title=f"Article {number}",
            body_text=f"# Article {number}\n\n" + f"Text of *{number}*, with an é and a 😀.\n\n" * 40,
            tags=["news", f"tag {number}"],
            author=("Ada Lovelace", "Grace Hopper")[number % 2],
            seo={"title": f"Found {number}"},
            **({"id": f"own-{number}"} if number % 3 == 0 else {}),
        )


@pytest.mark.parametrize("fault", PASSING.values(), ids=PASSING.keys())
def test_a_fault_that_passes_is_got_over_in_one_run(site: D1Site, fault: Fault) -> None:
    """Met by the first request and by the one that publishes."""
    fill(site)
    site.d1.faults(fault, NOTHING, fault)
    if fault.twice:
        site.d1.faults(fault, fault)
    ran = site.publish()
    assert (ran.code, ran.counts) == (0, {"published": 3}), ran
    assert site.d1.faults_left() == 0
    assert_exactly_once(site)


@pytest.mark.parametrize("fault", TOO_MUCH.values(), ids=TOO_MUCH.keys())
def test_a_group_that_is_too_much_is_halved(site: D1Site, fault: Fault) -> None:
    fill(site, 8)
    site.d1.faults(NOTHING, fault, fault)
    ran = site.publish()
    assert (ran.code, ran.counts) == (0, {"published": 8}), ran
    # 1 read, 8 articles, their first 4, then 2 + 2 + 4.
    assert len(site.d1.requests()) == 6
    assert_exactly_once(site)


def test_an_article_that_D1_cannot_finish_is_left_and_tried_again(site: D1Site) -> None:  # noqa: N802
    fill(site, 2)
    site.d1.faults(NOTHING, CPU_LIMIT, CPU_LIMIT)
    ran = site.publish()
    assert (ran.code, ran.counts) == (0, {"published": 1, "left": 1}), ran
    assert "CPU time limit" in ran.outcomes["01-article.json"]["reason"]
    assert site.publish().counts == {"published": 1}
    assert_exactly_once(site)


def test_a_database_that_is_at_fault_rejects_no_file(site: D1Site) -> None:
    """As on SQLite: a site's own trigger writes to a table that is gone."""
    fill(site)
    site.sql("CREATE TRIGGER zz AFTER INSERT ON ec_posts BEGIN INSERT INTO gone_table VALUES (1); END")
    ran = site.publish()
    assert (ran.code, ran.json["errors"][0]["code"]) == (6, "store_failed"), ran
    assert "no such table: main.gone_table" in ran.json["errors"][0]["message"]
    assert len(site.waiting()) == 3
    site.sql("DROP TRIGGER zz")
    assert site.publish().counts == {"published": 3}
    assert_exactly_once(site)


def test_an_api_that_takes_no_request_rejects_no_file(site: D1Site) -> None:
    fill(site)
    site.d1.faults(NOTHING, Fault(status=400, code=7400, message="The request is malformed"))
    ran = site.publish()
    assert (ran.code, len(site.waiting())) == (6, 3), ran
    assert "The request is malformed" in ran.json["errors"][0]["message"]
    assert site.publish().counts == {"published": 3}
    assert_exactly_once(site)


def test_a_store_that_stays_away_costs_nothing(site: D1Site) -> None:
    """The reply of the batch that published is lost, and no later request comes through."""
    fill(site)
    site.d1.faults(NOTHING, Fault(drop=True), *[Fault(status=401, code=10000, message="Authentication error")] * 2)
    ran = site.publish()
    assert ran.code == 4
    assert len(site.waiting()) == 3
    site.d1.faults()
    again = site.publish()
    # Recognised by the ledger as what the run before had published.
    assert (again.code, again.counts) == (0, {"published": 3}), again
    assert_exactly_once(site)


@pytest.mark.parametrize("seed", swept(*range(4)))
def test_all_faults_mixed(site: D1Site, seed: int) -> None:
    all_faults_mixed(site, seed)


def test_all_faults_mixed_on_the_reference(tmp_path: Path, d1_reference: Engine) -> None:
    all_faults_mixed(new_d1_site(tmp_path / "site", d1_reference.database()), 4)


def all_faults_mixed(site: D1Site, seed: int) -> None:
    site.settings(SMALL_GROUPS)
    fill(site, 40)
    site.d1.faults(*mixed(seed))
    runs = publish_to_the_end(site)
    assert sum(ran.counts.get("published", 0) for ran in runs if ran.code == 0) > 0
    assert len(site.d1.requests()) > 6, "the groups were not small"
    assert_exactly_once(site)


def test_a_throttled_run_waits_and_says_so(site: D1Site) -> None:
    fill(site)
    site.d1.faults(NOTHING, throttled("1"))
    ran = site.run("publish-queue")
    assert ran.code == 0
    assert "rate limit" in ran.err
    assert_exactly_once(site)
