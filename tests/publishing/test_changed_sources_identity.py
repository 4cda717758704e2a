"""Which article an edited file is, when it was renamed, copied, moved to another language, or is in another folder."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from freezegun import freeze_time

from tests.harness.posts import NOW
from tests.publishing.support import document, imported, only, outcomes, page

if TYPE_CHECKING:
    from tests.harness.site import Site


@pytest.fixture
def known(any_site: Site) -> Site:
    """A page that was imported."""
    with freeze_time(NOW):
        page(any_site)
        imported(any_site).succeeds()
    return any_site


class TestTranslations:
    """A page that comes to be a translation, or stops to be one, takes its terms along."""

    @pytest.fixture
    def two(self, any_site: Site) -> Site:
        page(any_site, name="en.md", title="English", tags=["shared"])
        page(any_site, name="de.md", title="Deutsch", lang="de", tags=["eigenes"])
        imported(any_site).succeeds()
        return any_site

    def test_of_another_page(self, two: Site) -> None:
        page(two, name="de.md", title="Deutsch", lang="de", tags=["eigenes"], translation_of="en")
        assert outcomes(imported(two, "--update").succeeds())["de.md"] == "updated"
        assert two.post("de")["translation_group"] == two.post("en")["translation_group"]
        assert "eigenes" in {term["label"] for term in document(two, "de")["terms"]}
        page(two, name="de.md", title="Deutsch", lang="de", tags=["eigenes"])
        assert outcomes(imported(two, "--update").succeeds())["de.md"] == "updated"
        assert two.post("de")["translation_group"] == two.post("de")["id"]
        assert "eigenes" in {term["label"] for term in document(two, "de")["terms"]}
        assert set(outcomes(imported(two).succeeds()).values()) == {"duplicate"}

    def test_of_a_page_that_is_not_there_yet(self, two: Site) -> None:
        page(two, name="de.md", title="Deutsch", lang="de", tags=["eigenes"], translation_of="later")
        reported = imported(two, "--update").succeeds()
        assert outcomes(reported)["de.md"] == "left"
        page(two, "Later.\n", name="later.md", title="Later")
        assert outcomes(imported(two, "--update").succeeds())["de.md"] == "updated"

    def test_of_a_page_that_has_one(self, two: Site) -> None:
        """EmDash allows one post for each language: somebody has to decide."""
        page(two, name="de.md", title="Deutsch", lang="de", tags=["eigenes"], translation_of="en")
        page(two, "Zwei.\n", name="de2.md", title="Zwei", lang="de")
        imported(two, "--update").succeeds()
        page(two, "Zwei.\n", name="de2.md", title="Zwei", lang="de", translation_of="en")
        reported = imported(two, "--update").fails(3)
        assert outcomes(reported)["de2.md"] == "conflict"
        assert "en already has a translation into de" in reported.out


class TestWhichFile:
    """Which post a file is of."""

    @pytest.fixture
    def two(self, site: Site) -> Site:
        page(site, "Text of a.\n", "a.md", title="A")
        page(site, "Text of b.\n", "b.md", title="B")
        imported(site).succeeds()
        return site

    def test_an_id_tells_wherever_the_file_is(self, site: Site) -> None:
        page(site, id="x")
        imported(site).succeeds()
        (site.root / "pages/hello.md").unlink()
        page(site, "Second.\n", "elsewhere/other.md", id="x", title="Other")
        assert only(imported(site, "--update").succeeds())["slug"] == "hello"
        assert site.sql("SELECT slug, title FROM ec_posts") == [("hello", "Other")]

    def test_the_folder_may_lie_elsewhere(self, site: Site) -> None:
        page(site)
        imported(site).succeeds()
        (site.root / "pages").rename(site.root / "clone")
        page(site, "Second.\n")
        assert only(imported(site, "--update").succeeds())["outcome"] == "updated"

    def test_a_renamed_file_is_known_under_its_new_name(self, two: Site) -> None:
        (two.root / "pages/a.md").rename(two.root / "pages/c.md")
        assert outcomes(imported(two, "--update").succeeds()) == {"b.md": "duplicate", "c.md": "duplicate"}
        page(two, "Text of c.\n", "c.md", title="C")
        assert outcomes(imported(two, "--update").succeeds()) == {"b.md": "duplicate", "c.md": "updated"}
        assert two.sql("SELECT slug, title FROM ec_posts ORDER BY 1") == [("a", "C"), ("b", "B")]

    def test_a_new_file_under_the_old_name_of_a_renamed_one_is_no_edit_of_it(self, two: Site) -> None:
        (two.root / "pages/a.md").rename(two.root / "pages/c.md")
        page(two, "Something new.\n", "a.md", title="New")
        reported = imported(two, "--update").fails(3)
        assert outcomes(reported) == {"a.md": "conflict", "b.md": "duplicate", "c.md": "duplicate"}
        assert "two files, this one and c.md: give this one its own `id`" in reported.out
        assert two.sql("SELECT slug, title FROM ec_posts ORDER BY 1") == [("a", "A"), ("b", "B")]

    @pytest.mark.parametrize("copy", ["0-copy.md", "z-copy.md"])
    def test_a_copy_with_the_id_left_in_does_not_take_the_post(self, site: Site, copy: str) -> None:
        page(site, "Text.\n", "hello.md", id="x", title="Hello")
        imported(site).succeeds()
        page(site, "A new text.\n", copy, id="x", title="Copied from a template")
        reported = imported(site, "--update").fails(3, "this one and hello.md: give this one its own `id`")
        assert outcomes(reported) == {copy: "conflict", "hello.md": "duplicate"}
        assert site.sql("SELECT slug, title FROM ec_posts") == [("hello", "Hello")]

    def test_two_files_that_changed_places(self, two: Site) -> None:
        first, second = two.root / "pages/a.md", two.root / "pages/b.md"
        texts = first.read_text(), second.read_text()
        first.write_text(texts[1])
        second.write_text(texts[0])
        assert outcomes(imported(two, "--update").succeeds()) == {"a.md": "duplicate", "b.md": "duplicate"}
        page(two, "Text of b, edited.\n", "a.md", title="B")
        reported = imported(two, "--update").fails(3)
        assert outcomes(reported) == {"a.md": "conflict", "b.md": "duplicate"}
        assert two.sql("SELECT slug, title FROM ec_posts ORDER BY 1") == [("a", "A"), ("b", "B")]

    def test_an_id_that_is_given_later(self, two: Site) -> None:
        page(two, "Text of a.\n", "a.md", title="A", id="x")
        assert outcomes(imported(two, "--update").succeeds())["a.md"] == "updated"
        (two.root / "pages/a.md").unlink()
        page(two, "Elsewhere.\n", "c.md", title="A", id="x")
        assert outcomes(imported(two, "--update").succeeds()) == {"b.md": "duplicate", "c.md": "updated"}
        assert two.sql("SELECT count(*) FROM ec_posts") == [(2,)]

    def test_an_earlier_text_in_another_file_is_no_new_article(self, two: Site) -> None:
        page(two, "Text of a, edited.\n", "a.md", title="A")
        imported(two, "--update").succeeds()
        page(two, "Text of a.\n", "c.md", title="A")
        assert outcomes(imported(two, "--update").succeeds())["c.md"] == "duplicate"

    def test_in_another_language_it_is_another_article(self, two: Site) -> None:
        page(two, "Text von a.\n", "a.md", title="A", lang="de")
        assert outcomes(imported(two, "--update").succeeds())["a.md"] == "published"

    def test_an_import_that_ends_early_changes_nothing(self, two: Site) -> None:
        page(two, "Edited.\n", "a.md", title="A")
        page(two, "Text of c.\n", "c.md", title="C")
        page(two, "Text of d.\n", "d.md", title="D")
        reported = imported(two, "--update", "--limit", "1").succeeds()
        assert outcomes(reported) == {"a.md": "left", "b.md": "duplicate", "c.md": "published"}


def test_a_dry_run_shows_the_differences_and_writes_nothing(site: Site) -> None:
    page(site)
    imported(site).succeeds()
    page(site, "Another paragraph.\n\nA second one.\n", tags=["one", "three"])
    before = site.tree()
    reported = site.run("import", "--from-markdown", "pages", "--update", "--dry-run").succeeds()
    assert reported.lines == [
        "would be updated\tdefault\thello.md\thello",
        "--- hello as it is",
        "+++ hello as in its file",
        "@@ -1,12 +1,12 @@",
        " category: Essays",
        "-tags: one, two",
        "+tags: one, three",
        " author: Ada Lovelace",
        " seo_description: For search engines",
        " title: Hello",
        *reported.lines[10:],
    ]
    assert {"-A first paragraph.", "+Another paragraph."} < set(reported.lines)
    assert reported.err == "1 would be updated\n"
    reported = site.run("import", "--from-markdown", "pages", "--dry-run").fails(3)
    assert reported.lines[0].startswith("changed\tdefault\thello.md\thello\tedited since it was published as hello")
    assert "+Another paragraph." in reported.lines
    assert site.tree() == before


def test_as_draft_says_how_to_update(site: Site) -> None:
    site.run("import", "--from-markdown", ".", "--as-draft").fails(2, "add --update")
