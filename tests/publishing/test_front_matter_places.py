"""A draft whose front matter is not at the very top never goes live as text, whichever command takes it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.harness.cli import Cli

DRAFT = "---\ntitle: Held back\ndate: 2020-01-02\ndraft: true\n---\nNot yet.\n"
LEADS = ("\n", "\ufeff\r\n", "<!-- lint\n off -->\n", "  ")
SECOND = f"---\ntitle: First\ndate: 2020-01-02\n---\n\n{DRAFT}"


def rows(place: Cli) -> list[tuple[object, ...]]:
    return place.sql("SELECT title, status, content LIKE '%draft: true%' FROM ec_posts")


@pytest.mark.parametrize("lead", LEADS)
def test_import(blog: Cli, lead: str) -> None:
    blog.write("pages/a.md", lead + DRAFT)
    blog("import", "--from-markdown", "pages").succeeds()
    assert rows(blog) == [("Held back", "draft", 0)]


@pytest.mark.parametrize("lead", LEADS)
def test_enqueue(blog: Cli, lead: str) -> None:
    blog("enqueue", blog.write("a.md", lead + DRAFT)).succeeds()
    blog("publish-queue").succeeds()
    assert rows(blog) == [("Held back", "draft", 0)]


def test_import_and_enqueue_refuse_what_they_cannot_read_for_sure(blog: Cli) -> None:
    path = blog.write("pages/a.md", SECOND)
    blog("import", "--from-markdown", "pages").fails(3, "line 6", "begins with front matter of its own")
    blog("enqueue", path).fails(3, "line 6", "begins with front matter of its own")
    assert rows(blog) == []


@pytest.mark.parametrize("key", ["body_text", "body_markdown", "content"])
def test_a_queue_file_that_holds_a_whole_markdown_file(blog: Cli, key: str) -> None:
    document = {"title": "Nested", "published": True, key: f"\n{DRAFT}"}
    path = blog.write("queue/1-nested.json", document)
    blog.write("old/nested.json", document)
    blog("import", "--from-archive", "old").fails(3, f"line 1, {key}: the text begins with front matter of its own")
    blog("enqueue", path).fails(3, "give its keys to the file, and delete it from the text")
    assert rows(blog) == []


def test_edit(blog: Cli) -> None:
    blog("enqueue", blog.write("a.md", "---\ntitle: A\nslug: a\n---\nText.\n")).succeeds()
    blog("publish-queue").succeeds()
    blog("edit", "a", "--file", blog.write("b.md", "\n---\ntitle: B\n---\nNew text.\n")).succeeds()
    saved = blog.sql("SELECT data FROM revisions WHERE data LIKE '%New text.%'")
    assert ["title: B" in data for (data,) in saved] == [False]
    blog("edit", "a", "--file", blog.write("c.md", SECOND)).fails(2, "begins with front matter of its own")
