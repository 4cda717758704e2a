"""An exported article is the one that the ledger knows, in this store and in any other, as long as nobody edits it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.harness.site import Site

FORMATS = pytest.mark.parametrize(("kind", "source"), [("json", "--from-archive"), ("md", "--from-markdown")])
OTHER = ("--db", "sqlite:other.db")
ARTICLES = {
    "01-plain.json": {"title": "Plain", "body_text": "# Head\n\n* one\n* two\n\n`x` __strong__ &amp;"},
    "02-own.json": {
        "title": "Own",
        "body_text": "Setext\n===\n\nText.",
        "id": "a#1:b",
        "metadata": {"emdash": "of its own"},
    },
    "03-id.json": {"title": "Id", "body_text": "Text\\\nbroken.", "id": "a3", "slug": "three"},
}


@pytest.fixture
def exported(site: Site) -> Site:
    """A store with posts, and their exports in json/ and md/."""
    for name, article in ARTICLES.items():
        site.write(f"queue/{name}", article)
    site.run("publish-queue").succeeds()
    for kind in ("json", "md"):
        site.run("export", kind, "--format", kind).succeeds()
    return site


def counted(told: dict[str, int]) -> dict[str, int]:
    return {name: count for name, count in told.items() if count}


@FORMATS
def test_in_the_same_store_it_is_a_duplicate(exported: Site, kind: str, source: str) -> None:
    told = exported.run("import", source, kind, "--json").json["outcomes"]
    outcomes = {outcome["slug"]: outcome["outcome"] for outcome in told}
    assert outcomes == {"1-plain": "duplicate", "2-own": "changed", "three": "duplicate"}


@FORMATS
def test_in_another_store_the_first_files_are_duplicates(exported: Site, kind: str, source: str) -> None:
    exported.run(*OTHER, "init").succeeds()
    exported.run(*OTHER, "import", source, kind).succeeds()
    known = "SELECT key, digest, slug, metadata FROM publish_ledger WHERE slug <> '2-own' ORDER BY slug"
    assert exported.sql(known, database="other.db") == exported.sql(known)
    for name in ("01-plain.json", "03-id.json"):
        exported.write(f"queue/{name}", ARTICLES[name])
    told = exported.run(*OTHER, "publish-queue", "--json").succeeds().json["counts"]
    assert counted(told) == {"duplicate": 2}
    exported.write("emdash.toml", 'database = "sqlite:other.db"\n')
    again = exported.run("export", kind, "--format", kind, "--json").succeeds().json["counts"]
    assert again["differs"] == 0


@pytest.mark.parametrize(
    "change", [{"title": "New"}, {"content": [{"_type": "block", "children": [{"_type": "span", "text": "New"}]}]}]
)
@pytest.mark.parametrize("file", ["1-plain", "three"])
def test_an_edited_export_is_a_change(exported: Site, file: str, change: dict[str, object]) -> None:
    document = json.loads((exported.root / f"json/en/{file}.json").read_text())
    exported.write("queue/1-edited.json", document | change)
    told = exported.run("publish-queue", "--json").fails(3).json["counts"]
    assert counted(told) == ({"changed": 1} if file == "three" else {"conflict": 1})


def test_another_id_makes_another_article(exported: Site) -> None:
    document = json.loads((exported.root / "json/en/three.json").read_text())
    exported.write("queue/1-copy.json", document | {"id": "a4", "slug": "four"})
    told = exported.run("publish-queue", "--json").succeeds().json["counts"]
    assert counted(told) == {"published": 1}


def test_a_key_that_was_retired_is_nobodys(exported: Site) -> None:
    exported.sql("UPDATE publish_ledger SET key = key || '#retired-2026-01-01T10:00:00.000Z'")
    exported.run("export", "retired").succeeds()
    for name in ("1-plain", "three"):
        document = json.loads((exported.root / f"retired/en/{name}.json").read_text())
        assert "id" not in document
        assert "metadata" not in document
