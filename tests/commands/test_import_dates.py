"""`emdash import`: what articles get that name no date, and that nobody gets it unasked."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.commands.cli import Cli

DATED = "---\ntitle: Dated\ndate: 2020-01-02\n---\nText one.\n"
IMPORT = ("import", "--from-markdown", "pages")


@pytest.fixture
def pages(blog: Cli) -> Cli:
    """A folder with a dated page, two that name no date, a draft, and one that cannot be published."""
    blog.write("pages/dated.md", DATED)
    blog.write("pages/2021-02-03-named.md", "---\ntitle: Named\n---\nText two.\n")
    for name in ("one", "two"):
        path = blog.write(f"pages/{name}.md", f"---\ntitle: {name}\n---\nText {name}.\n")
        os.utime(path, (1_600_000_000, 1_600_000_000))
    blog.write("pages/draft.md", "---\ntitle: Draft\ndraft: true\n---\nText.\n")
    return blog


def posts(place: Cli) -> dict[str, tuple[str, str | None]]:
    return {slug: (status, at) for slug, status, at in place.sql("SELECT slug, status, published_at FROM ec_posts")}


@pytest.mark.parametrize("words", [(), ("--dry-run",), ("--limit", "1"), ("--json",)])
def test_nothing_is_brought_in_before_it_was_said(pages: Cli, words: tuple[str, ...]) -> None:
    ran = pages(*IMPORT, *words).fails(
        2, "2 articles name no date: they would be published as of now (one.md, two.md)", "--date now", "--date none"
    )
    assert "--json" not in words or ran.json["error"]["code"] == "undated"
    assert posts(pages) == {}


def test_a_message_names_only_some_of_many(pages: Cli) -> None:
    for number in range(7):
        pages.write(f"pages/b/{number}.md", f"---\ntitle: B {number}\n---\nText {number}.\n")
    pages(*IMPORT).fails(2, "9 articles name no date", "(b/0.md, b/1.md, b/2.md and 6 more)")


def test_one_article_is_one(blog: Cli) -> None:
    blog.write("pages/one.md", "Only text.")
    blog(*IMPORT).fails(2, "1 article names no date: it would be published as of now (one.md)")


def test_now(pages: Cli) -> None:
    pages(*IMPORT, "--date", "now").succeeds()
    found = posts(pages)
    assert {slug: status for slug, (status, _) in found.items()} == {
        "dated": "published", "named": "published", "one": "published", "two": "published", "draft": "draft"
    }  # fmt: skip
    assert str(found["one"][1]) > "2026"
    assert (found["dated"][1], found["named"][1]) == ("2020-01-02T00:00:00.000Z", "2021-02-03T00:00:00.000Z")


def test_the_time_of_modification(pages: Cli) -> None:
    pages.write("pages/future.md", "Text of the future.")
    os.utime(pages.root / "pages/future.md", (4_000_000_000, 4_000_000_000))
    pages(*IMPORT, "--date", "file").succeeds()
    found = posts(pages)
    assert found["one"] == found["two"] == ("published", "2020-09-13T12:26:40.000Z")
    assert found["future"][0] == "published"
    assert found["dated"] == ("published", "2020-01-02T00:00:00.000Z")


def test_drafts(pages: Cli) -> None:
    shown = pages(*IMPORT, "--date", "none", "--dry-run", "--json").succeeds().json["counts"]
    done = pages(*IMPORT, "--date", "none", "--json").succeeds().json["counts"]
    assert shown == done
    assert posts(pages) == {
        "dated": ("published", "2020-01-02T00:00:00.000Z"),
        "named": ("published", "2021-02-03T00:00:00.000Z"),
        "one": ("draft", None),
        "two": ("draft", None),
        "draft": ("draft", None),
    }


def test_what_cannot_be_published_needs_no_date(blog: Cli) -> None:
    blog.write("pages/dated.md", DATED)
    blog.write("pages/bad.md", "---\ntitle: Bad\nexpires: tomorrow\n---\nText.\n")
    blog(*IMPORT).fails(3, "bad.md")


def test_an_archive_is_dated_by_its_files_unless_something_else_is_said(blog: Cli) -> None:
    for name in ("one", "two"):
        path = blog.write(f"old/{name}.json", {"title": name, "body_text": f"Text {name}.", "slug": name})
        os.utime(path, (1_600_000_000, 1_600_000_000))
    blog("import", "--from-archive", "old", "--limit", "1").succeeds()
    blog("import", "--from-archive", "old", "--date", "none").succeeds()
    assert posts(blog) == {"one": ("published", "2020-09-13T12:26:40.000Z"), "two": ("draft", None)}
