"""`emdash import`: what articles get that name no date, and that nobody gets it unasked."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.harness.site import Site

DATED = "---\ntitle: Dated\ndate: 2020-01-02\n---\nText one.\n"
IMPORT = ("import", "--from-markdown", "pages")


@pytest.fixture
def pages(site: Site) -> Site:
    """A folder with a dated page, two that name no date, a draft, and one that cannot be published."""
    site.write("pages/dated.md", DATED)
    site.write("pages/2021-02-03-named.md", "---\ntitle: Named\n---\nText two.\n")
    for name in ("one", "two"):
        path = site.write(f"pages/{name}.md", f"---\ntitle: {name}\n---\nText {name}.\n")
        os.utime(path, (1_600_000_000, 1_600_000_000))
    site.write("pages/draft.md", "---\ntitle: Draft\ndraft: true\n---\nText.\n")
    return site


def posts(place: Site) -> dict[str, tuple[str, str | None]]:
    return {slug: (status, at) for slug, status, at in place.sql("SELECT slug, status, published_at FROM ec_posts")}


@pytest.mark.parametrize("words", [(), ("--dry-run",), ("--limit", "1"), ("--json",)])
def test_nothing_is_brought_in_before_it_was_said(pages: Site, words: tuple[str, ...]) -> None:
    ran = pages.run(*IMPORT, *words).fails(
        2,
        "2 articles have no date and would be published with the current date (one.md, two.md)",
        "--date now",
        "--date none",
    )
    assert "--json" not in words or ran.json["error"]["code"] == "undated"
    assert posts(pages) == {}


def test_a_message_names_only_some_of_many(pages: Site) -> None:
    for number in range(7):
        pages.write(f"pages/b/{number}.md", f"---\ntitle: B {number}\n---\nText {number}.\n")
    pages.run(*IMPORT).fails(2, "9 articles have no date", "(b/0.md, b/1.md, b/2.md and 6 more)")


def test_one_article_is_one(site: Site) -> None:
    site.write("pages/one.md", "Only text.")
    site.run(*IMPORT).fails(2, "1 article has no date and would be published with the current date (one.md)")


def test_now(pages: Site) -> None:
    pages.run(*IMPORT, "--date", "now").succeeds()
    found = posts(pages)
    assert {slug: status for slug, (status, _) in found.items()} == {
        "dated": "published", "named": "published", "one": "published", "two": "published", "draft": "draft"
    }  # fmt: skip
    assert str(found["one"][1]) > "2026"
    assert (found["dated"][1], found["named"][1]) == ("2020-01-02T00:00:00.000Z", "2021-02-03T00:00:00.000Z")


def test_the_time_of_modification(pages: Site) -> None:
    pages.write("pages/future.md", "Text of the future.")
    os.utime(pages.root / "pages/future.md", (4_000_000_000, 4_000_000_000))
    pages.run(*IMPORT, "--date", "file").succeeds()
    found = posts(pages)
    assert found["one"] == found["two"] == ("published", "2020-09-13T12:26:40.000Z")
    assert found["future"][0] == "published"
    assert found["dated"] == ("published", "2020-01-02T00:00:00.000Z")


def test_drafts(pages: Site) -> None:
    shown = pages.run(*IMPORT, "--date", "none", "--dry-run", "--json").succeeds().json["counts"]
    done = pages.run(*IMPORT, "--date", "none", "--json").succeeds().json["counts"]
    assert shown == done
    assert posts(pages) == {
        "dated": ("published", "2020-01-02T00:00:00.000Z"),
        "named": ("published", "2021-02-03T00:00:00.000Z"),
        "one": ("draft", None),
        "two": ("draft", None),
        "draft": ("draft", None),
    }


def test_what_cannot_be_published_needs_no_date(site: Site) -> None:
    site.write("pages/dated.md", DATED)
    site.write("pages/bad.md", "---\ntitle: Bad\nexpires: tomorrow\n---\nText.\n")
    site.run(*IMPORT).fails(3, "bad.md")


def test_an_archive_is_dated_by_its_files_unless_something_else_is_said(site: Site) -> None:
    for name in ("one", "two"):
        path = site.write(f"old/{name}.json", {"title": name, "body_text": f"Text {name}.", "slug": name})
        os.utime(path, (1_600_000_000, 1_600_000_000))
    site.run("import", "--from-archive", "old", "--limit", "1").succeeds()
    site.run("import", "--from-archive", "old", "--date", "none").succeeds()
    assert posts(site) == {"one": ("published", "2020-09-13T12:26:40.000Z"), "two": ("draft", None)}


@pytest.mark.parametrize(
    ("name", "slug", "at"),
    [
        ("_posts/2014-3-3-hello.md", "hello", "2014-03-03T00:00:00.000Z"),
        ("_posts/14-3-3-hello.md", "hello", "2014-03-03T00:00:00.000Z"),
        ("_posts/99-12-31-hello.md", "hello", "1999-12-31T00:00:00.000Z"),
        ("blog/2014-3-13-hello.md", "hello", "2014-03-13T00:00:00.000Z"),
        ("2014-03-13_hello.md", "hello", "2014-03-13T00:00:00.000Z"),
        ("2014-03-13T09:30:00Z-hello.md", "hello", "2014-03-13T09:30:00.000Z"),
        ("2014-03-13-hello/index.md", "hello", "2014-03-13T00:00:00.000Z"),
        ("2014-03-13.md", "2014-03-13", "2014-03-13T00:00:00.000Z"),
        ("blog/2014/3/13/hello.md", "hello", "2014-03-13T00:00:00.000Z"),
        ("blog/2014-03-13/hello.md", "hello", "2014-03-13T00:00:00.000Z"),
    ],
)
def test_dates_in_paths(site: Site, name: str, slug: str, at: str) -> None:
    site.write(f"pages/{name}", "---\ntitle: T\n---\nText.\n")
    site.run(*IMPORT).succeeds()
    assert posts(site) == {slug: ("published", at)}


@pytest.mark.parametrize("name", ["14-3-3-hello.md", "2014-13-45-hello.md", "2014/03/hello.md", "1000-12-things.md"])
def test_what_is_no_date_in_a_path(site: Site, name: str) -> None:
    site.write(f"pages/{name}", "---\ntitle: T\n---\nText.\n")
    site.run(*IMPORT).fails(2, "has no date")


def test_the_folder_itself_may_be_that_of_jekylls_posts(site: Site) -> None:
    site.write("site/_posts/14-3-3-hello.md", "---\ntitle: T\ntags: one two\n---\nText.\n")
    site.write("site/_drafts/idea.md", "An idea.")
    site.run("import", "--from-markdown", "site/_posts").succeeds()
    site.run("import", "--from-markdown", "site/_drafts").succeeds()
    assert posts(site) == {"hello": ("published", "2014-03-03T00:00:00.000Z"), "idea": ("draft", None)}
    assert site.sql("SELECT count(*) FROM content_taxonomies") == [(2,)]


@pytest.mark.parametrize("key", ["path", "url", "permalink"])
def test_dates_in_addresses(site: Site, key: str) -> None:
    site.write("pages/a.md", f"---\ntitle: T\n{key}: /blog/2014/03/13/hello/\n---\nText.\n")
    site.run(*IMPORT).succeeds()
    assert [at for _, at in posts(site).values()] == ["2014-03-13T00:00:00.000Z"]


@pytest.mark.parametrize(
    ("said", "at"),
    [
        ("2016-1-29", "2016-01-29T00:00:00.000Z"),
        ("2013-11-22 5:00:00 +0000", "2013-11-22T05:00:00.000Z"),
        ("2013/7/13 20:46:25", "2013-07-13T20:46:25.000Z"),
        ("2013-07-13 20:46:25 UTC", "2013-07-13T20:46:25.000Z"),
        ("2013-07-13 20:46 +0200", "2013-07-13T18:46:00.000Z"),
        ("2013-07-13T24:00", "2013-07-14T00:00:00.000Z"),
        ("2013-W28-6", "2013-07-13T00:00:00.000Z"),
        ("Tue, 10 Jun 2014 09:00:00 GMT", "2014-06-10T09:00:00.000Z"),
        ("8. August 2013", "2013-08-08T00:00:00.000Z"),
        ("13.7.2013", "2013-07-13T00:00:00.000Z"),
    ],
)
@pytest.mark.parametrize("command", ["import", "enqueue"])
def test_dates_of_other_tools(site: Site, command: str, said: str, at: str) -> None:
    path = site.write("pages/a.md", f"---\ntitle: T\ndate: {said}\n---\nText.\n")
    if command == "import":
        site.run(*IMPORT).succeeds()
    else:
        site.run("enqueue", path).succeeds()
        site.run("publish-queue").succeeds()
    assert [found for _, found in posts(site).values()] == [at]


def test_only_jekyll_puts_the_day_first(site: Site) -> None:
    text = "---\ntitle: T\ndate: 11-9-2017\n---\nText.\n"
    site.write("pages/a.md", text)
    site.run(*IMPORT).fails(
        3, "line 3, date: 11-9-2017 can mean 2017-09-11 or 2017-11-09; write 2017-09-11 or 2017-11-09"
    )
    site.write("site/_posts/2017-09-11-a.md", text)
    site.run("import", "--from-markdown", "site").succeeds()
    assert posts(site) == {"a": ("published", "2017-09-11T00:00:00.000Z")}


def test_an_archive_of_devto_has_numbers_for_ids(site: Site) -> None:
    article = {"id": 42, "title": "A", "body_markdown": "Text.", "published_at": "2019-10-24T13:41:29.411Z"}
    site.write("old/a.json", article)
    site.run("import", "--from-archive", "old").succeeds()
    assert site.sql("SELECT key FROM publish_ledger") == [("id:42:en",)]
    site.write("old/a.json", article | {"id": "42"})
    assert site.run("import", "--from-archive", "old", "--json").succeeds().json["counts"]["duplicate"] == 1
