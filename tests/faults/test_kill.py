"""Killed at any point between reading and archiving, and run again: every article is published exactly once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.publishing_site import assert_exactly_once, new_site

if TYPE_CHECKING:
    from pathlib import Path

    from tests.faults.tracer import Tracer
    from tests.publishing_site import Site

PARTS = 4
"""The points are shared out among so many tests, so that they run side by side."""


def fill(site: Site) -> None:
    """A few articles that between them write every table."""
    site.put("1-first.json", tags=["news", "tools"], author="Ada Lovelace", seo={"title": "First"})
    site.put("2-second.json", tags=["news"], author="Grace Hopper", category="Essays")
    site.put("3-third.json", id="third", featured_image="https://example.com/a.png")


@pytest.mark.parametrize("part", range(PARTS))
@pytest.mark.parametrize("journal_mode", ["wal", "delete"])
def test_killed_at_every_call(tracer: Tracer, tmp_path: Path, journal_mode: str, part: int) -> None:
    """Every call that touches a file of the site, from opening the settings to closing the store."""
    template = new_site(tmp_path / "template", journal_mode=journal_mode)
    fill(template)
    point = part + 1
    while True:
        site = template.copy(tmp_path / f"killed-at-{point}")
        traced = tracer.run(site, "publish-queue", at=point, blow="kill")
        if not traced.struck:
            assert traced.code == 0, traced.err
            break
        assert traced.code == 128 + 9
        again = site.run("publish-queue")
        assert again.code == 0, f"killed at call {point}, {traced.calls[-1]}: {again.err}"
        try:
            assert_exactly_once(site)
        except AssertionError as error:
            error.add_note(f"killed at call {point}, {traced.calls[-1]}")
            raise
        point += PARTS
    assert point > 100, "the run was not traced"
