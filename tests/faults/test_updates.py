"""Edited files are brought in through kills, faults, and others at the same posts: each change once, no edit lost."""

from __future__ import annotations

import json
import random
import shutil
import time
from typing import TYPE_CHECKING, Any

import pytest

from tests.d1_engine.faults import DROPPED_AFTER, NOTHING, SENT_TWICE, Fault, slow
from tests.faults.d1_faults import mixed
from tests.harness.d1_site import D1Site, new_d1_site
from tests.harness.site import Site, ended, new_site
from tests.targets import swept

if TYPE_CHECKING:
    from pathlib import Path

    from tests.d1_engine.engine import Engine, Instance
    from tests.faults.tracer import Tracer

PARTS = 4
UPDATE = '[streams.default]\non_change = "update"\n'
EDITED: dict[str, dict[str, Any]] = {
    "1-first.json": {
        "title": "First, edited",
        "tags": ["tools", "more"],
        "author": "Grace Hopper",
        "seo": {"title": "S"},
    },
    "2-second.json": {"tags": ["more"]},
    "3-third.json": {"body_text": "Another text.", "featured_image": "https://example.com/b.png"},
}


def fill(site: Site) -> None:
    """Files that were published, and edited in every way."""
    site.settings(UPDATE)
    site.put("1-first.json", tags=["news", "tools"], author="Ada Lovelace", seo={"description": "First"})
    site.put("2-second.json", id="second", tags=["news"], author="Ada Lovelace")
    site.put("3-third.json", status="draft")
    assert site.run("publish-queue").code == 0
    for name, change in EDITED.items():
        site.put(name, **(json.loads(site.originals[name]) | change))


def assert_updated_once(site: Site) -> None:
    """Every file is filed away, and every post says what its file says, after exactly one change."""
    names = sorted(EDITED)
    assert site.waiting() == []
    assert site.archived() == {"draft": names[2:], "published": names[:2], "updated": names}
    for name in names:
        (place,) = site.archive.glob(f"updated/*/{name}")
        assert place.read_bytes() == site.originals[name]
    posts = site.sql("SELECT l.file, p.version, p.title, b.display_name, s.seo_title, s.seo_description"
                      " FROM publish_ledger AS l JOIN ec_posts AS p ON p.id = l.post_id"
                      " LEFT JOIN _emdash_bylines AS b ON b.translation_group = p.primary_byline_id"
                      " LEFT JOIN _emdash_seo AS s ON s.content_id = p.id ORDER BY 1")  # fmt: skip
    assert posts == [
        ("1-first.json", 2, "First, edited", "Grace Hopper", "S", None),
        ("2-second.json", 2, "About 2-second", "Ada Lovelace", None, None),
        ("3-third.json", 2, "About 3-third", None, None, None),
    ]
    links = site.sql("SELECT l.file, t.slug FROM publish_ledger AS l JOIN content_taxonomies AS c"
                      " ON c.entry_id = l.translation_group JOIN taxonomies AS t ON t.id = c.taxonomy_id"
                      " ORDER BY 1, 2")  # fmt: skip
    assert links == [("1-first.json", "more"), ("1-first.json", "tools"), ("2-second.json", "more")]
    counts = {
        "revisions": 5,
        "_emdash_content_bylines": 2,
        "publish_outbox": 4,
        "publish_sources": 3,
        "publish_ledger": 3,
    }
    for table, count in counts.items():
        assert site.sql(f"SELECT count(*) FROM {table}") == [(count,)], table
    assert site.sql("SELECT count(*) FROM pipeline_audit WHERE action = 'updated'") == [(3,)]
    whole = "r.id = coalesce(p.draft_revision_id, p.live_revision_id) AND r.entry_id = p.id"
    assert site.sql(f"SELECT count(*) FROM ec_posts AS p JOIN revisions AS r ON {whole}") == [(3,)]


@pytest.mark.parametrize("part", range(PARTS))
@pytest.mark.parametrize("journal_mode", ["wal", "delete"])
def test_killed_at_every_call(tracer: Tracer, tmp_path: Path, journal_mode: str, part: int) -> None:
    template = new_site(tmp_path / "template", journal_mode=journal_mode)
    fill(template)
    point = part + 1
    while True:
        site = template.copy(tmp_path / f"killed-at-{point}")
        traced = tracer.run(site, "publish-queue", at=point, blow="kill")
        if not traced.struck:
            assert traced.code == 0, traced.err
            break
        again = site.run("publish-queue")
        try:
            assert (traced.code, again.code) == (128 + 9, 0), again.err
            assert_updated_once(site)
        except AssertionError as error:
            error.add_note(f"killed at call {point}, {traced.calls[-1]}")
            raise
        shutil.rmtree(site.root)
        point += PARTS
    assert point > 100, "the run was not traced"


def test_a_run_that_goes_well_changes_each_once(site: Site) -> None:
    fill(site)
    assert site.publish().counts == {"updated": 3}
    assert_updated_once(site)


@pytest.mark.parametrize("fault", [SENT_TWICE, DROPPED_AFTER, slow(0.2)], ids=["sent twice", "reply lost", "slow"])
def test_on_d1_through_a_fault(tmp_path: Path, d1: Instance, fault: Fault) -> None:
    site = new_d1_site(tmp_path / "site", d1)
    fill(site)
    d1.faults(fault, cycle=True) if fault is SENT_TWICE else d1.faults(NOTHING, fault, NOTHING, fault, NOTHING)
    assert site.publish().counts == {"updated": 3}
    assert_updated_once(site)


@pytest.mark.parametrize("seed", swept(0, 1, 2))
def test_killed_again_and_again_on_d1(tmp_path: Path, d1: Instance, seed: int) -> None:
    again_and_again(new_d1_site(tmp_path / "site", d1), seed)


def test_killed_again_and_again_on_the_reference(tmp_path: Path, d1_reference: Engine) -> None:
    again_and_again(new_d1_site(tmp_path / "site", d1_reference.database()), 3)


def again_and_again(site: D1Site, seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311  # the same moments every time
    fill(site)
    site.d1.faults(*mixed(seed))
    for _ in range(5):
        site.d1.forget()
        process = site.start("publish-queue")
        requests = chance.randint(1, 6)
        while len(site.d1.requests()) < requests and process.poll() is None:
            time.sleep(0.01)
        process.kill()
        ended(process)
    for _ in range(20):
        ran = site.run("publish-queue", "--json")
        assert ran.code in {0, 6}, ran
        if not site.waiting():
            break
    while any(request.status == 0 for request in site.d1.requests()):
        time.sleep(0.02)
    assert_updated_once(site)


def clone(site: Site, root: Path) -> Site:
    """Another clone of the pages, on the same store."""
    shutil.copytree(site.root / "pages", root / "pages")
    (root / "emdash.toml").write_text(f'database = "sqlite:{site.store}"\n')
    return Site(root)


def write_pages(root: Path, edition: str, count: int = 60) -> None:
    for number in range(count):
        page = root / "pages" / f"page-{number}.md"
        page.parent.mkdir(parents=True, exist_ok=True)
        page.write_text(f"---\ntitle: Page {number}\ndate: 2024-01-01\ntags: [{edition}]\n---\nThe {edition} text.\n")


def test_two_clones_bring_in_the_same_change(tmp_path: Path) -> None:
    """Both say that they did it or found it done, and each post is changed once."""
    site = new_site(tmp_path / "site")
    write_pages(site.root, "first")
    assert site.run("import", "--from-markdown", "pages").code == 0
    write_pages(site.root, "second")
    sites = [site, clone(site, tmp_path / "other")]
    ran = [
        ended(process)
        for process in [each.start("import", "--from-markdown", "pages", "--update", "--json") for each in sites]
    ]
    assert {each.code for each in ran} == {0}, ran
    assert set().union(*(each.counts for each in ran)) <= {"updated", "duplicate"}
    assert site.sql("SELECT DISTINCT version FROM ec_posts") == [(2,)]
    assert site.sql("SELECT count(*) FROM revisions") == [(120,)]
    links = "content_taxonomies AS c JOIN taxonomies AS t ON t.id = c.taxonomy_id"
    assert site.sql(f"SELECT DISTINCT t.slug FROM {links}") == [("second",)]
