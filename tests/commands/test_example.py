"""The example that tests/README.md shows; a test compares the two."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.harness.site import Site


def test_a_file_without_a_title_is_rejected_with_the_reason_beside_it(site: Site) -> None:
    site.put("01-untitled.json", title="")

    ran = site.run("publish-queue", "--json").fails(3, "title")

    assert ran.counts == {"rejected": 1}
    assert site.archived() == {"rejected": ["01-untitled.json"]}
    assert "title" in site.reason("01-untitled.json")
    assert site.sql("SELECT count(*) FROM ec_posts") == [(0,)]
