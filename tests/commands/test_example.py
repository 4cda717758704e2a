"""The example that CONTRIBUTING.md shows; a test compares the two."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.harness.cli import Cli


def test_a_file_without_a_title_is_rejected_with_the_reason_beside_it(blog: Cli) -> None:
    blog.write("queue/01-untitled.json", {"body_text": "Text."})

    ran = blog("publish-queue", "--json").fails(3, "title")

    assert ran.json["counts"]["rejected"] == 1
    assert blog.sql("SELECT count(*) FROM ec_posts") == [(0,)]
    assert [Path(file).name for file in blog.files("archive/rejected")] == [
        "01-untitled.json",
        "01-untitled.json.reason.txt",
    ]
