"""`emdash export`, and that what it writes gives the same posts again."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emdash_cli.domain.queue_file import from_front_matter
from emdash_cli.domain.queue_file.writing import to_front_matter
from tests.harness.d1_site import empty_d1_site

if TYPE_CHECKING:
    from pathlib import Path

    from tests.d1_engine.engine import Engine
    from tests.harness.d1_site import D1Site
    from tests.harness.site import Site


ARTICLES: dict[str, dict[str, Any]] = {
    "01-plain.json": {"title": "Plain", "body_text": "Only text."},
    "02-rich.json": {
        "id": "own:id/with?signs",
        "title": 'Ünïcode, "quotes": 🎉',
        "slug": "rich",
        "body_text": '# Head\n\nText with **strong** and *em* and `code` and [link](https://e.org/a?b=1&c="d").\n\n'
        "- one\n- two\n    1. deep\n\n```python\nprint('x')\n```\n\n| a | b |\n|---|---|\n| 1 | **2** |\n\n"
        "> quote\n\n---\n\n"
        "![alt](https://e.org/i.png)\n\nhard  \nbreak ~~gone~~ <b>html</b>",
        "excerpt": "Summary: of it.",
        "category": "C++ & friends",
        "tags": ["one", "Zwei, drei", "#4"],
        "author": "Ada Lovelace",
        "publish_at": "2024-02-29T12:00:00Z",
        "seo": {"title": "T", "description": "D", "image": "/i.png", "canonical": "https://e.org/", "no_index": True},
        "featured_image": {"src": "https://e.org/f.png", "alt": "F"},
        "platforms": ["linkedin", "x"],
        "social": {"x": "Now!"},
        "metadata": {"cost_usd": 0.25, "model_used": "m", "deep": {"list": [1, None, "two"]}},
    },
    "03-draft.json": {"title": "2026", "body_text": "no: yes", "status": "draft", "slug": "a-draft"},
    "04-later.json": {"title": "Later", "body_text": "Text.", "publish_at": "2999-01-01T08:00:00Z"},
    "05-quelle.json": {"title": "Auf Deutsch", "body_text": "Text.", "locale": "de", "translation_of": "rich"},
    "06-same-slug.json": {"title": "Reich", "body_text": "Anders.", "locale": "de", "slug": "rich"},
    "07-hidden.json": {"title": "Null", "body_text": "---\n\ntitle: x", "tags": ["null", "~", "1.0", "true"]},
}
COLUMNS = ("title", "slug", "locale", "status", "excerpt", "content", "featured_image", "published_at", "scheduled_at")


@pytest.fixture
def posted(site: Site) -> Site:
    for name, article in ARTICLES.items():
        site.write(f"queue/{name}", article)
    assert site.run("publish-queue", "--json").succeeds().json["counts"]["left"] == 0
    return site


def everything(place: Site) -> dict[str, dict[str, Any]]:
    """All that is to survive, by slug and locale."""
    found = {}
    for post in place.run("posts", "--json", "--limit", "100").succeeds().json["posts"]:
        shown = place.run("show", post["slug"], "--locale", post["locale"], "--json").succeeds().json
        found[f"{post['slug']} {post['locale']}"] = {
            **{name: shown[name] for name in COLUMNS},
            "terms": sorted((term["taxonomy"], term["slug"], term["label"]) for term in shown["terms"]),
            "bylines": [byline["name"] for byline in shown["bylines"]],
            "seo": shown["seo"],
            "translations": shown["translations"],
        }
    return found


def ledger(place: Site, database: str) -> list[tuple[Any, ...]]:
    """What the ledger remembers of the files: their own ids, wishes and metadata."""
    sql = "SELECT slug, locale, iif(key LIKE 'id:%', key, ''), platforms, metadata FROM publish_ledger ORDER BY 1, 2"
    return [(*row[:4], json.loads(row[4])) for row in place.sql(sql, database=database)]


@pytest.mark.parametrize(("kind", "source"), [("json", "--from-archive"), ("md", "--from-markdown")])
def test_export_and_import_give_the_same_posts(posted: Site, kind: str, source: str) -> None:
    before = everything(posted)
    assert len(before) == len(ARTICLES)
    posted.run("export", "out", "--format", kind).succeeds()
    other = ("--db", "sqlite:other.db")
    posted.run(*other, "init").succeeds()
    counts = posted.run(*other, "import", source, "out", "--json").succeeds().json["counts"]
    assert {name: count for name, count in counts.items() if count} == {"published": 5, "scheduled": 1, "draft": 1}
    posted.write("emdash.toml", 'database = "sqlite:other.db"\n')
    assert everything(posted) == before
    assert ledger(posted, "other.db") == ledger(posted, "emdash.db")


def test_the_same_from_D1_into_D1(d1_site: D1Site, d1_engine: Engine, tmp_path: Path) -> None:  # noqa: N802
    other = empty_d1_site(tmp_path / "other", d1_engine.database())
    for name, article in ARTICLES.items():
        d1_site.write(f"queue/{name}", article)
    d1_site.run("publish-queue").succeeds()
    before = everything(d1_site)
    d1_site.d1.forget()
    d1_site.run("export", "out").succeeds()
    assert len(d1_site.d1.requests()) == 1
    other.run("init").succeeds()
    other.run("import", "--from-archive", d1_site.root / "out").succeeds()
    assert everything(other) == before


def test_run_again_it_writes_what_is_missing_and_nothing_else(posted: Site) -> None:
    first = posted.run("export", "out", "--json").succeeds().json
    assert first["counts"] == {"written": len(ARTICLES), "unchanged": 0, "differs": 0}
    assert sorted(posted.files("out")) == sorted(file["file"].removeprefix("out/") for file in first["files"])
    (posted.root / "out/en/rich.json").unlink()
    again = posted.run("export", "out", "--json").succeeds().json
    assert again["counts"] == {"written": 1, "unchanged": len(ARTICLES) - 1, "differs": 0}


def test_a_file_with_something_else_in_it_is_left_alone(posted: Site) -> None:
    mine = posted.write("out/en/rich.json", "mine")
    reported = posted.run("export", "out", "--json").fails(3).json
    assert [file["file"] for file in reported["files"] if file["outcome"] == "differs"] == ["out/en/rich.json"]
    assert reported["counts"]["written"] == len(ARTICLES) - 1
    assert mine.read_text() == "mine"


def test_a_dry_run_writes_nothing(posted: Site) -> None:
    reported = posted.run("export", "out", "--dry-run", "--json").succeeds().json
    assert reported["counts"]["written"] == len(ARTICLES)
    assert not (posted.root / "out").exists()


@pytest.mark.parametrize(
    ("words", "files"),
    [
        (("--status", "draft"), ["en/a-draft.json"]),
        (("--status", "scheduled"), ["en/2-later.json"]),
        (("--locale", "de"), ["de/1-auf-deutsch.json", "de/rich.json"]),
        (("--stream", "default", "--status", "draft"), ["en/a-draft.json"]),
    ],
)
def test_only_what_is_asked_for(posted: Site, words: tuple[str, ...], files: list[str]) -> None:
    posted.run("export", "out", *words).succeeds()
    assert posted.files("out") == files


def test_more_posts_than_fit_a_page(site: Site) -> None:
    for number in range(1, 231):
        site.write(f"queue/{number:03}-a.json", {"title": f"Post {number}", "body_text": f"Text {number}."})
    site.run("publish-queue", "--quiet").succeeds()
    assert site.run("export", "out", "--json").succeeds().json["counts"]["written"] == 230


def test_a_slug_that_is_no_file_name_stays_in_the_folder(posted: Site, tmp_path: Path) -> None:
    posted.sql("UPDATE ec_posts SET slug = '../../evil', locale = '..' WHERE slug = 'a-draft'")
    reported = posted.run("export", "out", "--status", "draft", "--json").fails(3).json
    assert reported["files"][0]["file"].startswith("out/other/post-")
    assert not list(tmp_path.parent.glob("evil*"))


def test_what_is_in_the_way_of_the_folder_is_told(site: Site) -> None:
    site.write("out", "a file")
    site.run("export", "out").fails(2, "out is not a folder")


texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=40)
values: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | texts | st.integers(-(10**15), 10**15),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=8,
)


@given(title=texts, tags=st.lists(texts, max_size=3), metadata=st.dictionaries(texts, values, min_size=1, max_size=3))
def test_any_front_matter_is_read_as_it_was_written(title: str, tags: list[str], metadata: dict[str, Any]) -> None:
    document = {"title": title, "tags": tags, "metadata": metadata}
    assert from_front_matter(to_front_matter(document, "Text.")) == document | {"body_text": "Text."}


FORMATS = pytest.mark.parametrize(("kind", "source"), [("json", "--from-archive"), ("md", "--from-markdown")])
OTHER = ("--db", "sqlite:other.db")
SAID_IN_THE_FILE = {
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
    for name, article in SAID_IN_THE_FILE.items():
        site.write(f"queue/{name}", article)
    site.run("publish-queue").succeeds()
    for kind in ("json", "md"):
        site.run("export", kind, "--format", kind).succeeds()
    return site


def counted(reported: dict[str, int]) -> dict[str, int]:
    return {name: count for name, count in reported.items() if count}


@FORMATS
def test_in_the_same_store_it_is_a_duplicate(exported: Site, kind: str, source: str) -> None:
    reported = exported.run("import", source, kind, "--json").json["outcomes"]
    outcomes = {outcome["slug"]: outcome["outcome"] for outcome in reported}
    assert outcomes == {"1-plain": "duplicate", "2-own": "changed", "three": "duplicate"}


@FORMATS
def test_in_another_store_the_first_files_are_duplicates(exported: Site, kind: str, source: str) -> None:
    exported.run(*OTHER, "init").succeeds()
    exported.run(*OTHER, "import", source, kind).succeeds()
    known = "SELECT key, digest, slug, metadata FROM publish_ledger WHERE slug <> '2-own' ORDER BY slug"
    assert exported.sql(known, database="other.db") == exported.sql(known)
    for name in ("01-plain.json", "03-id.json"):
        exported.write(f"queue/{name}", SAID_IN_THE_FILE[name])
    reported = exported.run(*OTHER, "publish-queue", "--json").succeeds().json["counts"]
    assert counted(reported) == {"duplicate": 2}
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
    reported = exported.run("publish-queue", "--json").fails(3).json["counts"]
    assert counted(reported) == ({"changed": 1} if file == "three" else {"conflict": 1})


def test_another_id_makes_another_article(exported: Site) -> None:
    document = json.loads((exported.root / "json/en/three.json").read_text())
    exported.write("queue/1-copy.json", document | {"id": "a4", "slug": "four"})
    reported = exported.run("publish-queue", "--json").succeeds().json["counts"]
    assert counted(reported) == {"published": 1}


def test_a_key_that_was_retired_is_nobodys(exported: Site) -> None:
    exported.sql("UPDATE publish_ledger SET key = key || '#retired-2026-01-01T10:00:00.000Z'")
    exported.run("export", "retired").succeeds()
    for name in ("1-plain", "three"):
        document = json.loads((exported.root / f"retired/en/{name}.json").read_text())
        assert "id" not in document
        assert "metadata" not in document


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


def lost(reported: dict[str, Any]) -> dict[str, str]:
    """What does not come back, by slug."""
    return {file["slug"]: "; ".join(file["lost"]) for file in reported["files"] if file["lost"]}


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
        ("UPDATE ec_posts SET content = '[]' WHERE slug = 'one'", "an import would refuse the file"),
        ("UPDATE ec_posts SET content = '[\"text\"]' WHERE slug = 'one'", "an import would refuse the file"),
        (f"UPDATE ec_posts SET content = '{HALF}' WHERE slug = 'one'", "unpaired surrogates"),
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
    reported = two.run("export", "out", "--format", kind, "--json").fails(3).json
    assert reported["incomplete"] == 1
    assert words in next(iter(lost(reported).values()))
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
    reported = two.run("export", "out", "--format", kind, "--json").fails(3).json
    assert lost(reported) == {
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
    reported = two.run("export", "out", "--json").fails(3).json
    assert "its field extra is not in the file" in lost(reported)["one"]
    assert json.loads((two.root / "out/en/one.json").read_text())["metadata"]["fields"] == {"small": "s"}


@pytest.mark.parametrize("social", ["On X", ["a"], {"no platform": 1}, {"x": "Now!"}, {}])
def test_social_in_the_metadata_of_a_file_comes_back(site: Site, social: object) -> None:
    site.put("01-a.json", metadata={"social": social})
    site.publish()
    before = ledger(site, "emdash.db")
    site.run("export", "out").succeeds()
    site.run("--db", "sqlite:other.db", "init").succeeds()
    site.run("--db", "sqlite:other.db", "import", "--from-archive", "out").succeeds()
    kept = [{**row[4]} for row in ledger(site, "other.db")]
    assert kept == [{"social": social}] == [row[4] for row in before]
