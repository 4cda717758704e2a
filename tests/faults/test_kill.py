"""Killed at any point between reading and archiving, and run again: every article is published exactly once."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING

import pytest

from tests.harness.checks import assert_exactly_once
from tests.harness.site import new_site

if TYPE_CHECKING:
    from pathlib import Path

    from tests.faults.tracer import Tracer
    from tests.harness.site import Site

PARTS = 4
"""The points are shared out among so many tests, so that they run side by side."""


def fill(site: Site) -> dict[str, str]:
    """A few files that between them write every table and have every outcome; answers the folder of each."""
    site.put("0-owner.json", slug="taken", id="owner")
    assert site.run("publish-queue").code == 0
    site.put("1-first.json", tags=["news", "tools"], author="Ada Lovelace", seo={"title": "First"})
    site.put("2-second.json", tags=["news"], author="Grace Hopper", category="Essays")
    site.put("3-third.json", featured_image="https://example.com/a.png", status="draft")
    site.put("4-later.json", publish_at="2100-01-01T09:00:00Z")
    site.put("5-again.json", **json.loads(site.originals["0-owner.json"]))
    site.put("6-other.json", slug="taken")
    site.put("7-bad.json", title="")
    return {
        "0-owner.json": "published",
        "1-first.json": "published",
        "2-second.json": "published",
        "3-third.json": "draft",
        "4-later.json": "scheduled",
        "5-again.json": "duplicate",
        "6-other.json": "conflict",
        "7-bad.json": "rejected",
    }


@pytest.mark.parametrize("part", range(PARTS))
@pytest.mark.parametrize("journal_mode", ["wal", "delete"])
def test_killed_at_every_call(tracer: Tracer, tmp_path: Path, journal_mode: str, part: int) -> None:
    """Every call that touches a file of the site, from opening the settings to closing the store."""
    template = new_site(tmp_path / "template", journal_mode=journal_mode)
    outcomes = fill(template)
    point = part + 1
    while True:
        site = template.copy(tmp_path / f"killed-at-{point}")
        traced = tracer.run(site, "publish-queue", at=point, blow="kill")
        if not traced.struck:
            assert traced.code == 3, traced.err
            break
        assert traced.code == 128 + 9
        again = site.run("publish-queue")
        try:
            assert again.code in {0, 3}, again.err
            assert_exactly_once(site, outcomes)
            for name in ("5-again.json", "6-other.json", "7-bad.json"):
                assert site.reason(name)
        except AssertionError as error:
            error.add_note(f"killed at call {point}, {traced.calls[-1]}")
            raise
        shutil.rmtree(site.root)
        point += PARTS
    assert point > 100, "the run was not traced"
