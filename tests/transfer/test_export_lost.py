"""What a site has and a queue file cannot say: exported where that is possible, and told of where it is not."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.harness.site import Site

FORMATS = pytest.mark.parametrize(("kind", "source"), [("json", "--from-archive"), ("md", "--from-markdown")])
ONE = "(SELECT id FROM ec_posts WHERE slug = 'one')"
HALF = json.dumps([{"_type": "block", "children": [{"_type": "span", "text": "a\ud800b"}]}])
MEDIA = json.dumps({"provider": "local", "id": "01MEDIA", "filename": "a.png"})


@pytest.fixture
def two(site: Site) -> Site:
    """A store with two posts, each with a category and an author of its own."""
    for name in ("one", "two"):
        article = {"title": f"The {name}", "body_text": "Text.", "slug": name, "category": name, "author": f"By {name}"}
        site.write(f"queue/{name}.json", article)
    site.run("publish-queue").succeeds()
    return site


def lost(told: dict[str, Any]) -> dict[str, str]:
    """What does not come back, by slug."""
    return {file["slug"]: "; ".join(file["lost"]) for file in told["files"] if file["lost"]}


@FORMATS
def test_a_text_that_is_no_portable_text_comes_back(two: Site, kind: str, source: str) -> None:
    two.sql("UPDATE ec_posts SET content = ? WHERE slug = 'one'", "# Only\n\nMarkdown, *as it is*.")
    two.run("export", "out", "--format", kind).succeeds()
    two.run("--db", "sqlite:other.db", "init").succeeds()
    two.run("--db", "sqlite:other.db", "import", source, "out").succeeds()
    shown = two.run("--db", "sqlite:other.db", "show", "one", "--format", "md").succeeds().out
    assert "# Only\n\nMarkdown, *as it is*." in shown


@pytest.mark.parametrize("kind", ["json", "md"])
@pytest.mark.parametrize(
    ("change", "words"),
    [
        ("UPDATE ec_posts SET content = '[]' WHERE slug = 'one'", "an import refuses the file"),
        ("UPDATE ec_posts SET content = '[\"text\"]' WHERE slug = 'one'", "an import refuses the file"),
        (f"UPDATE ec_posts SET content = '{HALF}' WHERE slug = 'one'", "lone surrogates"),
        ("UPDATE ec_posts SET title = replace(hex(zeroblob(200)), '0', 'x') WHERE slug = 'one'", "has 400 characters"),
        ("UPDATE ec_posts SET slug = 'Üpper' WHERE slug = 'one'", "its slug 'Üpper' is not valid here"),
        ("UPDATE ec_posts SET status = 'archived' WHERE slug = 'one'", "'archived' becomes draft"),
        (f"UPDATE ec_posts SET featured_image = '{MEDIA}' WHERE slug = 'one'", "its featured image"),
        (
            f"UPDATE content_taxonomies SET entry_id = {ONE}",
            "its further categories (two)",
        ),
        (
            f"UPDATE _emdash_content_bylines SET sort_order = rowid, content_id = {ONE}",
            "its further bylines (By two)",
        ),
        ("UPDATE taxonomies SET name = 'series' WHERE label = 'one'", "its terms of series"),
    ],
    ids=["empty", "blocks", "half", "title", "slug", "status", "media", "category", "byline", "taxonomy"],
)
def test_what_does_not_come_back_is_told(two: Site, kind: str, change: str, words: str) -> None:
    two.run("export", "whole", "--format", kind).succeeds()
    two.sql(change)
    told = two.run("export", "out", "--format", kind, "--json").fails(3).json
    assert told["incomplete"] == 1
    assert words in next(iter(lost(told).values()))
    assert not two.run("export", "out", "--format", kind, "--quiet").fails(3, words, "note: out/en/").out
    two.run("export", "preview", "--format", kind, "--dry-run").fails(3, words)


@FORMATS
def test_fields_that_a_site_added_and_roles_of_bylines_are_kept(two: Site, kind: str, source: str) -> None:
    two.sql("ALTER TABLE ec_posts ADD COLUMN subtitle TEXT")
    two.sql("ALTER TABLE ec_posts ADD COLUMN facts JSON")
    two.sql("ALTER TABLE ec_posts ADD COLUMN rating INTEGER")
    two.sql("ALTER TABLE ec_posts ADD COLUMN code TEXT")
    facts = '{"list": [1, null, "zwei"]}'
    two.sql("UPDATE ec_posts SET subtitle = 'Below', facts = ?, rating = 4, code = '007' WHERE slug = 'one'", facts)
    two.sql("UPDATE _emdash_content_bylines SET role_label = 'Photos' WHERE content_id = " + ONE)
    told = two.run("export", "out", "--format", kind, "--json").fails(3).json
    assert lost(told) == {
        "one": "its byline roles (Photos) are only in metadata.author_roles of the file;"
        " the site's own fields (subtitle, facts, rating, code) are only in metadata.fields of the file"
    }
    two.run("--db", "sqlite:other.db", "init").succeeds()
    two.run("--db", "sqlite:other.db", "import", source, "out").succeeds()
    [(metadata,)] = two.sql("SELECT metadata FROM publish_ledger WHERE slug = 'one'", database="other.db")
    fields = {"subtitle": "Below", "facts": json.loads(facts), "rating": 4, "code": "007"}
    assert json.loads(metadata) == {"author_roles": {"By one": "Photos"}, "fields": fields}


def test_the_fields_of_a_draft_are_those_of_its_revision(two: Site) -> None:
    two.sql("ALTER TABLE ec_posts ADD COLUMN subtitle TEXT")
    two.sql("UPDATE ec_posts SET status = 'draft', subtitle = 'Old' WHERE slug = 'one'")
    two.sql("UPDATE revisions SET data = json_set(data, '$.subtitle', 'New') WHERE entry_id = " + ONE)
    two.run("export", "out").fails(3, "subtitle")
    assert json.loads((two.root / "out/en/one.json").read_text())["metadata"]["fields"] == {"subtitle": "New"}


@pytest.mark.parametrize("value", ["zeroblob(3)", "replace(hex(zeroblob(40000)), '0', 'x')"])
def test_a_field_that_no_file_can_hold_is_reported(two: Site, value: str) -> None:
    two.sql("ALTER TABLE ec_posts ADD COLUMN extra")
    two.sql("ALTER TABLE ec_posts ADD COLUMN small TEXT")
    two.sql(f"UPDATE ec_posts SET extra = {value}, small = 's' WHERE slug = 'one'")
    told = two.run("export", "out", "--json").fails(3).json
    assert "its field extra is not in the file" in lost(told)["one"]
    assert json.loads((two.root / "out/en/one.json").read_text())["metadata"]["fields"] == {"small": "s"}
