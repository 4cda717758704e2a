"""A draft whose front matter is not at the very top never goes live as text, whichever command takes it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.harness.site import Site

DRAFT = "---\ntitle: Held back\ndate: 2020-01-02\ndraft: true\n---\nNot yet.\n"
LEADS = ("\n", "\ufeff\r\n", "<!-- lint\n off -->\n", "  ")
SECOND = f"---\ntitle: First\ndate: 2020-01-02\n---\n\n{DRAFT}"


def rows(place: Site) -> list[tuple[object, ...]]:
    return place.sql("SELECT title, status, content LIKE '%draft: true%' FROM ec_posts")


@pytest.mark.parametrize("lead", LEADS)
def test_import(site: Site, lead: str) -> None:
    site.write("pages/a.md", lead + DRAFT)
    site.run("import", "--from-markdown", "pages").succeeds()
    assert rows(site) == [("Held back", "draft", 0)]


@pytest.mark.parametrize("lead", LEADS)
def test_enqueue(site: Site, lead: str) -> None:
    site.run("enqueue", site.write("a.md", lead + DRAFT)).succeeds()
    site.run("publish-queue").succeeds()
    assert rows(site) == [("Held back", "draft", 0)]


def test_import_and_enqueue_refuse_what_they_cannot_read_for_sure(site: Site) -> None:
    path = site.write("pages/a.md", SECOND)
    site.run("import", "--from-markdown", "pages").fails(3, "line 6", "starts with front matter of its own")
    site.run("enqueue", path).fails(3, "line 6", "starts with front matter of its own")
    assert rows(site) == []


@pytest.mark.parametrize("key", ["body_text", "body_markdown", "content"])
def test_a_queue_file_that_holds_a_whole_markdown_file(site: Site, key: str) -> None:
    document = {"title": "Nested", "published": True, key: f"\n{DRAFT}"}
    path = site.write("queue/1-nested.json", document)
    site.write("old/nested.json", document)
    site.run("import", "--from-archive", "old").fails(3, f"line 1, {key}: the text starts with front matter of its own")
    site.run("enqueue", path).fails(3, "move its keys into the front matter of the file, and delete it from the text")
    assert rows(site) == []


def test_edit(site: Site) -> None:
    site.run("enqueue", site.write("a.md", "---\ntitle: A\nslug: a\n---\nText.\n")).succeeds()
    site.run("publish-queue").succeeds()
    site.run("edit", "a", "--file", site.write("b.md", "\n---\ntitle: B\n---\nNew text.\n")).succeeds()
    saved = site.sql("SELECT data FROM revisions WHERE data LIKE '%New text.%'")
    assert ["title: B" in data for (data,) in saved] == [False]
    site.run("edit", "a", "--file", site.write("c.md", SECOND)).fails(2, "starts with front matter of its own")
