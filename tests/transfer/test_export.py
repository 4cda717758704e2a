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
def blog_with_posts(site: Site) -> Site:
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
def test_export_and_import_give_the_same_posts(blog_with_posts: Site, kind: str, source: str) -> None:
    site = blog_with_posts
    before = everything(site)
    assert len(before) == len(ARTICLES)
    site.run("export", "out", "--format", kind).succeeds()
    other = ("--db", "sqlite:other.db")
    site.run(*other, "init").succeeds()
    counts = site.run(*other, "import", source, "out", "--json").succeeds().json["counts"]
    assert {name: count for name, count in counts.items() if count} == {"published": 5, "scheduled": 1, "draft": 1}
    site.write("emdash.toml", 'database = "sqlite:other.db"\n')
    assert everything(site) == before
    assert ledger(site, "other.db") == ledger(site, "emdash.db")


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


def test_run_again_it_writes_what_is_missing_and_nothing_else(blog_with_posts: Site) -> None:
    site = blog_with_posts
    first = site.run("export", "out", "--json").succeeds().json
    assert first["counts"] == {"written": len(ARTICLES), "unchanged": 0, "differs": 0}
    assert sorted(site.files("out")) == sorted(file["file"].removeprefix("out/") for file in first["files"])
    (site.root / "out/en/rich.json").unlink()
    again = site.run("export", "out", "--json").succeeds().json
    assert again["counts"] == {"written": 1, "unchanged": len(ARTICLES) - 1, "differs": 0}


def test_a_file_with_something_else_in_it_is_left_alone(blog_with_posts: Site) -> None:
    site = blog_with_posts
    mine = site.write("out/en/rich.json", "mine")
    told = site.run("export", "out", "--json").fails(3).json
    assert [file["file"] for file in told["files"] if file["outcome"] == "differs"] == ["out/en/rich.json"]
    assert told["counts"]["written"] == len(ARTICLES) - 1
    assert mine.read_text() == "mine"


def test_a_dry_run_writes_nothing(blog_with_posts: Site) -> None:
    told = blog_with_posts.run("export", "out", "--dry-run", "--json").succeeds().json
    assert told["counts"]["written"] == len(ARTICLES)
    assert not (blog_with_posts.root / "out").exists()


@pytest.mark.parametrize(
    ("words", "files"),
    [
        (("--status", "draft"), ["en/a-draft.json"]),
        (("--status", "scheduled"), ["en/2-later.json"]),
        (("--locale", "de"), ["de/1-auf-deutsch.json", "de/rich.json"]),
        (("--stream", "default", "--status", "draft"), ["en/a-draft.json"]),
    ],
)
def test_only_what_is_asked_for(blog_with_posts: Site, words: tuple[str, ...], files: list[str]) -> None:
    blog_with_posts.run("export", "out", *words).succeeds()
    assert blog_with_posts.files("out") == files


def test_more_posts_than_fit_a_page(site: Site) -> None:
    for number in range(1, 231):
        site.write(f"queue/{number:03}-a.json", {"title": f"Post {number}", "body_text": f"Text {number}."})
    site.run("publish-queue", "--quiet").succeeds()
    assert site.run("export", "out", "--json").succeeds().json["counts"]["written"] == 230


def test_a_slug_that_is_no_file_name_stays_in_the_folder(blog_with_posts: Site, tmp_path: Path) -> None:
    blog_with_posts.sql("UPDATE ec_posts SET slug = '../../evil', locale = '..' WHERE slug = 'a-draft'")
    told = blog_with_posts.run("export", "out", "--status", "draft", "--json").fails(3).json
    assert told["files"][0]["file"].startswith("out/other/post-")
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
