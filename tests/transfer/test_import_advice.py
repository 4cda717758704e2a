"""What `emdash import` advises: its files stay where they are, so that `emdash requeue` would not take them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.harness.cli import Cli

PAGE = "---\ntitle: Hello\nslug: hello\n---\nText.\n"


@pytest.fixture
def known(blog: Cli) -> Cli:
    """A store with a page that was brought in, and the page."""
    blog.write("pages/hello.md", PAGE)
    blog("import", "--from-markdown", "pages", "--date", "now").succeeds()
    return blog


@pytest.mark.parametrize("words", [(), ("--dry-run",)])
def test_for_a_slug_that_is_taken(known: Cli, words: tuple[str, ...]) -> None:
    page = known.write("pages/other.md", PAGE.replace("Text.", "Another text."))
    told = known("import", "--from-markdown", "pages", "--date", "now", *words).fails(
        3, "choose another slug and import it again"
    )
    assert "requeue" not in told.out + told.err
    page.write_text(page.read_text().replace("slug: hello", "slug: other"))
    known("import", "--from-markdown", "pages", "--date", "now").succeeds()


@pytest.mark.parametrize("words", [(), ("--dry-run",)])
def test_for_a_page_that_was_edited_since(known: Cli, words: tuple[str, ...]) -> None:
    known.write("pages/hello.md", PAGE.replace("Text.", "Another text."))
    told = known("import", "--from-markdown", "pages", "--date", "now", *words).fails(
        3, "edited since it was published as hello", "`emdash import --update` updates the post"
    )
    assert "requeue" not in told.out + told.err


def test_for_a_post_that_was_deleted(known: Cli) -> None:
    known.sql("UPDATE ec_posts SET deleted_at = updated_at, slug = slug || '-gone'")
    told = known("import", "--from-markdown", "pages", "--date", "now").succeeds()
    assert "give it a new `id` and import it again" in told.out + told.err
    assert "requeue" not in told.out + told.err
    known.write("pages/hello.md", PAGE.replace("slug:", "id: anew\nslug:"))
    counts = known("import", "--from-markdown", "pages", "--date", "now", "--json").succeeds().json["counts"]
    assert counts["published"] == 1
