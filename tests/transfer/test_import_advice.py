"""What `emdash import` advises: its files stay where they are, so that `emdash requeue` would not take them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.harness.site import Site

PAGE = "---\ntitle: Hello\nslug: hello\n---\nText.\n"


@pytest.fixture
def known(site: Site) -> Site:
    """A store with a page that was brought in, and the page."""
    site.write("pages/hello.md", PAGE)
    site.run("import", "--from-markdown", "pages", "--date", "now").succeeds()
    return site


@pytest.mark.parametrize("words", [(), ("--dry-run",)])
def test_for_a_slug_that_is_taken(known: Site, words: tuple[str, ...]) -> None:
    page = known.write("pages/other.md", PAGE.replace("Text.", "Another text."))
    told = known.run("import", "--from-markdown", "pages", "--date", "now", *words).fails(
        3, "choose another slug and import it again"
    )
    assert "requeue" not in told.out + told.err
    page.write_text(page.read_text().replace("slug: hello", "slug: other"))
    known.run("import", "--from-markdown", "pages", "--date", "now").succeeds()


@pytest.mark.parametrize("words", [(), ("--dry-run",)])
def test_for_a_page_that_was_edited_since(known: Site, words: tuple[str, ...]) -> None:
    known.write("pages/hello.md", PAGE.replace("Text.", "Another text."))
    told = known.run("import", "--from-markdown", "pages", "--date", "now", *words).fails(
        3, "edited since it was published as hello", "`emdash import --update` updates the post"
    )
    assert "requeue" not in told.out + told.err


def test_for_a_post_that_was_deleted(known: Site) -> None:
    known.sql("UPDATE ec_posts SET deleted_at = updated_at, slug = slug || '-gone'")
    told = known.run("import", "--from-markdown", "pages", "--date", "now").succeeds()
    assert "give it a new `id` and import it again" in told.out + told.err
    assert "requeue" not in told.out + told.err
    known.write("pages/hello.md", PAGE.replace("slug:", "id: anew\nslug:"))
    counts = known.run("import", "--from-markdown", "pages", "--date", "now", "--json").succeeds().json["counts"]
    assert counts["published"] == 1
