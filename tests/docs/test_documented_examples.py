"""The examples of the documents do what the documents say."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.harness.site import Site

DOCS = Path(__file__).parents[2] / "docs"
QUEUE_FILES = [
    ("a.md" if kind == "markdown" else "a.json", text)
    for kind, text in re.findall(
        r"```(json|markdown)\n(.*?)```", (DOCS / "queue-file.md").read_text("utf-8"), re.DOTALL
    )
    if "$schema" not in text
]
PATTERNS = ("{name}", "{yyyy}-{mm}-{dd}-{name}", "{path}")


def slugs() -> list[tuple[str, str, str]]:
    """Of each file in the table of the page on imports: its path, a pattern, and the slug or why there is none."""
    section = (DOCS / "importing.md").read_text("utf-8").split("## Slugs\n")[1].split("\n## ")[0]
    rows = [[cell.strip(" `") for cell in row.split("|")[1:-1]] for row in re.findall(r"^\|.*$", section, re.MULTILINE)]
    assert [cell.strip(" `") for cell in rows[0]] == ["file", *PATTERNS]
    return [(row[0], pattern, slug) for row in rows[2:] for pattern, slug in zip(PATTERNS, row[1:], strict=True)]


@pytest.mark.parametrize(("name", "text"), QUEUE_FILES)
def test_queue_files_are_published_as_they_are(site: Site, name: str, text: str) -> None:
    site.write(name, text)
    (queued,) = site.run("enqueue", name, "--json").succeeds().json["queued"]
    (outcome,) = site.run("publish-queue", "--json").succeeds().json["outcomes"]
    assert outcome["outcome"] in {"published", "scheduled"}
    assert queued["notices"] == outcome["notices"] == []


@pytest.mark.parametrize(("path", "pattern", "slug"), slugs())
def test_an_import_gives_the_slugs_of_the_table(site: Site, path: str, pattern: str, slug: str) -> None:
    site.write(f"blog/{path}", "---\ntitle: T\n---\nText.\n")
    settings = site.root / "emdash.toml"
    settings.write_text(settings.read_text("utf-8") + '\n[streams.german]\nlocale = "de"\n', "utf-8")
    words = ("--from-markdown", "blog", "--stream", "default", "--slug", pattern, "--date", "none")
    (outcome,) = site.run("import", *words, "--dry-run", "--json").json["outcomes"]
    if slug.startswith("needs a date"):
        assert "has no date" in outcome["reason"]
    else:
        assert outcome["slug"] == slug
