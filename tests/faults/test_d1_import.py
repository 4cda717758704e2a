"""A folder is brought into D1 through every fault, and by runs that are killed: each article once, no file touched."""

from __future__ import annotations

import random
import time
from typing import TYPE_CHECKING

import pytest

from tests.faults.d1_faults import mixed
from tests.harness.d1_site import D1Site, new_d1_site
from tests.harness.site import ended

if TYPE_CHECKING:
    from pathlib import Path

    from tests.d1_engine.engine import Instance

ARTICLES = 40


@pytest.mark.faults
@pytest.mark.parametrize("seed", range(2))
def test_killed_again_and_again_among_all_faults(tmp_path: Path, d1: Instance, seed: int) -> None:
    site = new_d1_site(tmp_path / "site", d1)
    site.settings("d1_group_bytes = 100000\n")
    for number in range(ARTICLES):
        page = site.root / "pages" / f"{number % 3}" / f"2024-01-{number % 28 + 1:02}-page-{number}.md"
        page.parent.mkdir(parents=True, exist_ok=True)
        page.write_text(f"---\ntitle: Page {number}\ntags: [a, t{number}]\n---\n" + "Text of *it*.\n\n" * 100)
    before = {path: path.read_bytes() for path in (site.root / "pages").rglob("*.md")}
    d1.faults(*mixed(seed))
    chance = random.Random(seed)  # noqa: S311  # the same moments every time
    for _ in range(5):
        killed_in(site, chance.randint(1, 5))
    for _ in range(20):
        ran = site.run("import", "--from-markdown", "pages", "--date", "now", "--json")
        assert ran.code in {0, 6}, ran
        if ran.code == 0 and set(ran.counts) == {"duplicate"}:
            break
    else:
        raise AssertionError(f"it is never done: {ran}")
    assert ran.counts == {"duplicate": ARTICLES}
    assert {path: path.read_bytes() for path in (site.root / "pages").rglob("*.md")} == before
    assert_each_once(site)


def killed_in(site: D1Site, requests: int) -> None:
    site.d1.forget()
    process = site.start("import", "--from-markdown", "pages", "--date", "now")
    while len(site.d1.requests()) < requests and process.poll() is None:
        time.sleep(0.01)
    process.kill()
    ended(process)


def assert_each_once(site: D1Site) -> None:
    posts = site.sql("SELECT p.slug, p.title, r.entry_id = p.id FROM ec_posts AS p JOIN revisions AS r"
                      " ON r.id = p.live_revision_id")  # fmt: skip
    assert sorted(posts) == sorted((f"page-{number}", f"Page {number}", 1) for number in range(ARTICLES))
    for table in ("publish_ledger", "revisions"):
        assert site.sql(f"SELECT count(*) FROM {table}") == [(ARTICLES,)]
