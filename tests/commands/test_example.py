"""The example that CONTRIBUTING.md shows; a test compares the two."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.harness.site import Site


def test_a_file_without_a_title_is_rejected_with_the_reason_beside_it(site: Site) -> None:
    site.write("queue/01-untitled.json", {"body_text": "Text."})

    ran = site.run("publish-queue", "--json").fails(3, "title")

    assert ran.json["counts"]["rejected"] == 1
    assert site.sql("SELECT count(*) FROM ec_posts") == [(0,)]
    assert [Path(file).name for file in site.files("archive/rejected")] == [
        "01-untitled.json",
        "01-untitled.json.reason.txt",
    ]
