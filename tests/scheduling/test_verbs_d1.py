"""`emdash publish`, `unpublish`, `trash` and `untrash` on D1, whose engine loses replies and sends batches twice."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.d1_engine.faults import DROPPED_AFTER, NOTHING, SENT_TWICE
from tests.harness.d1_site import D1Site, new_d1_site
from tests.harness.site import ended

if TYPE_CHECKING:
    from pathlib import Path

    from tests.d1_engine.engine import Engine, Instance

POSTS = 520
"""More than one group."""
SETTINGS = """
[streams.default]
slug = "{name}"
platforms = ["partner", "engines"]
[platforms.partner]
kind = "target"
url = "https://partner.example/"
[platforms.engines]
kind = "indexnow"
key = "0123456789abcdef"
"""
STATE = "SELECT status, deleted_at IS NULL, version, count(*) FROM ec_posts GROUP BY 1, 2, 3 ORDER BY 1, 2, 3"


def drafts(root: Path, instance: Instance, count: int) -> D1Site:
    site = new_d1_site(root, instance)
    site.settings(SETTINGS)
    for number in range(count):
        site.put(f"{number:04}-a.json", title=f"T{number}", slug=f"s{number:04}", status="draft")
    assert site.run("publish-queue", "--json").code == 0
    return site


def promises(root: Path, instance: Instance) -> None:
    """Each verb on all posts, more than one group, through lost replies and batches that are sent twice."""
    site = drafts(root, instance, POSTS)
    number = len(site.sql("SELECT id FROM ec_posts"))
    instance.faults(NOTHING, SENT_TWICE, DROPPED_AFTER, cycle=True)
    expected = {
        "publish": ("published", 1, 2),
        "unpublish": ("draft", 1, 3),
        "trash": ("draft", 0, 4),
        "untrash": ("draft", 1, 5),
    }
    for verb, (status, is_there, version) in expected.items():
        filters = ("--stream", "default", "--yes") if verb != "publish" else ("--status", "draft", "--yes")
        ran = site.run(verb, *filters, "--json")
        assert ran.code == 0, ran
        assert ran.json["counts"] == {f"{verb}ed": number}
        assert site.sql(STATE) == [(status, is_there, version, number)]
    instance.faults()
    assert site.sql("SELECT action, count(*), count(DISTINCT post_id) FROM pipeline_audit WHERE post_id IS NOT NULL"
                    " AND action <> 'draft' GROUP BY 1 ORDER BY 1") == [
        (f"{verb}ed", number, number) for verb in sorted(expected)
    ]  # fmt: skip
    assert site.sql("SELECT count(*) FROM publish_outbox") == [(2 * number,)]
    assert site.sql("SELECT lane, kind, state, count(*) FROM publish_jobs GROUP BY 1, 2, 3 ORDER BY 1, 2, 3") == [
        ("engines", "announce", "pending", number),
        ("engines", "update", "pending", number),
        ("partner", "announce", "discarded", number),
    ]


def test_each_post_is_changed_once(tmp_path: Path, d1: Instance) -> None:
    promises(tmp_path / "site", d1)


def test_on_the_reference(tmp_path: Path, d1_reference: Engine) -> None:
    promises(tmp_path / "site", d1_reference.database())


def test_two_people_at_once(tmp_path: Path, d1: Instance) -> None:
    site = drafts(tmp_path / "site", d1, 30)
    slugs = [slug for (slug,) in site.sql("SELECT slug FROM ec_posts ORDER BY slug")]
    assert site.run("publish", *slugs).code == 0
    running = [site.start(verb, *slugs, "--json") for verb in ("unpublish", "trash")]
    for ran in map(ended, running):
        assert ran.code in {0, 3}, ran
    for slug in slugs:
        ((post, version),) = site.sql(f"SELECT id, version FROM ec_posts WHERE slug = '{slug}'")
        details = site.sql(f"SELECT detail FROM pipeline_audit WHERE post_id = '{post}' AND action <> 'created'")
        versions = sorted(json.loads(detail)["version"] for (detail,) in details)
        assert versions == list(range(1, int(version)))


@pytest.mark.parametrize("verb", ["publish", "unpublish"])
def test_a_refusal_names_the_posts(tmp_path: Path, d1: Instance, verb: str) -> None:
    site = drafts(tmp_path / "site", d1, 2)
    site.sql("UPDATE ec_posts SET status = 'archived' WHERE slug = 's0001'")
    ran = site.run(verb, "s0000", "s0001")
    assert ran.code == 3
    assert "s0001 (en) has the status archived" in ran.err
    assert site.sql("SELECT count(*) FROM ec_posts WHERE version > 1") == [(0,)]
