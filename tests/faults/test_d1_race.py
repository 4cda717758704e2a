"""Several publishers on one D1 database: one series of numbers, one post an article."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from tests.d1_engine.faults import DROPPED_AFTER, NOTHING, SENT_TWICE, slow
from tests.harness.checks import assert_exactly_once
from tests.harness.d1_site import D1Site, new_d1_site
from tests.harness.site import ended
from tests.targets import swept

if TYPE_CHECKING:
    from pathlib import Path

    from tests.d1_engine.engine import Engine, Instance

ROUGH = [NOTHING, SENT_TWICE, slow(0.1), DROPPED_AFTER, NOTHING, slow(0.2)]
SMALL_GROUPS = "d1_group_bytes = 100000\n"


def place(root: Path, instance: Instance, names: str, count: int, ending: str = "") -> D1Site:
    """A directory of its own, with that many articles, on a store that others use too."""
    site = D1Site(root, instance=instance)
    for directory in (site.queue, site.archive):
        directory.mkdir(parents=True)
    site.settings(SMALL_GROUPS)
    for number in range(1, count + 1):
        body = f"Of {names}, number *{number}*.\n\n" * 200
        site.put(f"{number:02}-{names}{ending}.json", title=f"{names} {number}", body_text=body, tags=["both", names])
    return site


def together(root: Path, *sites: D1Site) -> D1Site:
    """The directories as one, for the assertion."""
    joined = D1Site(root, instance=sites[0].instance)
    for site in sites:
        shutil.copytree(site.root, root, dirs_exist_ok=True)
        joined.originals |= site.originals
    return joined


@pytest.mark.parametrize("publishers", swept(2, 8))
def test_publishers_with_a_directory_each(tmp_path: Path, d1: Instance, publishers: int) -> None:
    directories(tmp_path, d1, publishers)


def test_publishers_with_a_directory_each_on_the_reference(tmp_path: Path, d1_reference: Engine) -> None:
    directories(tmp_path, d1_reference.database(), 2)


def directories(tmp_path: Path, d1: Instance, publishers: int) -> None:
    """Each article gets a number that no other one has."""
    new_d1_site(tmp_path / "store", d1)
    sites = [place(tmp_path / f"site-{number}", d1, f"of-{number}", 40 // publishers) for number in range(publishers)]
    d1.faults(*ROUGH, cycle=True)
    ran = [ended(process) for process in [site.start("publish-queue", "--json") for site in sites]]
    assert [(each.code, each.counts) for each in ran] == [(0, {"published": 40 // publishers})] * publishers, ran
    assert_exactly_once(together(tmp_path / "all", *sites))


@pytest.mark.faults
def test_publishers_with_the_same_articles(tmp_path: Path, d1: Instance) -> None:
    """Under other file names: each article is published by one of them, and known to the other."""
    new_d1_site(tmp_path / "store", d1)
    sites = [place(tmp_path / f"site-{ending}", d1, "same", 20, ending) for ending in "ab"]
    d1.faults(*ROUGH, cycle=True)
    ran = [ended(process) for process in [site.start("publish-queue", "--json") for site in sites]]
    assert [each.code for each in ran] == [0, 0], ran
    one, other = (site.archived() for site in sites)
    assert [name.replace("b.", "a.") for name in other.get("duplicate", [])] == one.get("published", [])
    assert [name.replace("b.", "a.") for name in other.get("published", [])] == one.get("duplicate", [])
    for site in sites:
        shutil.rmtree(site.archive / "duplicate", ignore_errors=True)
        site.originals = {
            name: raw for name, raw in site.originals.items() if name in site.archived().get("published", [])
        }
    assert_exactly_once(together(tmp_path / "all", *sites))


def test_publishers_on_one_directory(tmp_path: Path, d1: Instance) -> None:
    new_d1_site(tmp_path / "store", d1)
    site = place(tmp_path / "site", d1, "one", 20)
    d1.faults(*ROUGH, cycle=True)
    processes = [site.start("publish-queue", "--json", "--wait", "60") for _ in range(3)]
    ran = [ended(process) for process in processes]
    assert [each.code for each in ran] == [0, 0, 0], ran
    assert sum(each.counts.get("published", 0) for each in ran) == 20
    assert_exactly_once(site)
