"""Files that were published and edited since: recognised, brought into their posts, and never over somebody's edit."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from freezegun import freeze_time

from tests.harness.posts import NOW, ahead, body, compact
from tests.publishing.support import TEXT, document, imported, only, page

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.harness.site import Site


@pytest.fixture
def known(any_site: Site) -> Site:
    """A page that was imported."""
    with freeze_time(NOW):
        page(any_site)
        imported(any_site).succeeds()
    return any_site


CHANGES: Mapping[str, Any] = {
    "text": {"text": "Another text.\n"},
    "title": {"title": "Hello again"},
    "tag removed": {"tags": ["one"]},
    "tag added": {"tags": ["one", "two", "three"]},
    "category": {"categories": ["News"]},
    "author": {"author": "Grace Hopper"},
    "no author": {"author": None},
    "seo": {"seo": {"description": "Another description"}},
    "no seo": {"seo": None},
    "excerpt": {"summary": "In short"},
    "image": {"image": "https://example.org/b.png"},
    "no image": {"image": None},
    "metadata": {"reviewer": "Somebody"},
}


@pytest.mark.parametrize("what", CHANGES)
def test_whatever_is_edited_is_brought_in_once(known: Site, what: str) -> None:
    before = known.post("hello")
    page(known, **CHANGES[what])
    reported = only(imported(known).fails(3))
    assert (reported["outcome"], reported["slug"], reported["post_id"]) == ("changed", "hello", before["id"])
    assert "emdash import --update" in reported["reason"]
    assert known.post("hello") == before, "without --update nothing is written"
    reported = only(imported(known, "--update").succeeds())
    assert (reported["outcome"], reported["slug"], reported["reason"]) == ("updated", "hello", "")
    after = known.post("hello")
    unchanged = ("id", "slug", "status", "published_at", "created_at", "locale", "translation_group")
    assert {name: after[name] for name in unchanged} == {name: before[name] for name in unchanged}
    assert only(imported(known, "--update").succeeds())["outcome"] == "duplicate"
    assert only(imported(known).succeeds())["outcome"] == "duplicate"
    assert known.post("hello") == after
    page(known)
    assert only(imported(known, "--update").succeeds())["outcome"] == "updated", "back to the earlier one"
    assert only(imported(known, "--update").succeeds())["outcome"] == "duplicate"
    row = known.post("hello")
    assert [row[name] for name in ("title", "content", "excerpt", "featured_image", "primary_byline_id")] == [
        before[name] for name in ("title", "content", "excerpt", "featured_image", "primary_byline_id")
    ]


def test_the_post_says_what_its_file_says(known: Site) -> None:
    changed: dict[str, Any] = {
        "title": "New",
        "tags": ["two", "three"],
        "categories": ["News"],
        "author": "Grace Hopper",
    }
    page(known, "New *text*.\n", seo={"description": "D"}, image=None, **changed)
    imported(known, "--update").succeeds()
    post = document(known)
    assert (post["title"], post["excerpt"], post["featured_image"]) == ("New", "New text.", None)
    assert [byline["name"] for byline in post["bylines"]] == ["Grace Hopper"]
    assert {(term["taxonomy"], term["label"]) for term in post["terms"]} == {
        ("tag", "two"), ("tag", "three"), ("category", "News"),
    }  # fmt: skip
    assert post["seo"]["description"] == "D"
    revisions = known.sql("SELECT id FROM revisions WHERE entry_id = ?", post["id"])
    assert len(revisions) == 2
    row = known.post("hello")
    assert json.loads(known.row("revisions", id=row["live_revision_id"])["data"])["title"] == "New"
    assert known.sql("SELECT count(*) FROM publish_outbox WHERE path = '/posts/hello'") == [(2,)]


@pytest.mark.parametrize("platforms", [["x", "linkedin"], ["linkedin", "x"], []])
def test_the_ledger_has_the_platforms_that_the_file_names_now(site: Site, platforms: list[str]) -> None:
    page(site, platforms=["x"])
    imported(site).succeeds()
    page(site, platforms=platforms)
    assert only(imported(site))["outcome"] == "changed"
    assert only(imported(site, "--update").succeeds())["outcome"] == "updated"
    assert [json.loads(kept) for (kept,) in site.sql("SELECT platforms FROM publish_ledger")] == [platforms]
    assert only(imported(site, "--update").succeeds())["outcome"] == "duplicate"


class TestWhatAnEditorDid:
    """On the site, since the file was written."""

    def test_what_the_file_never_said_stays(self, known: Site) -> None:
        row = known.post("hello")
        group, post = row["translation_group"], row["id"]
        known.sql("UPDATE _emdash_seo SET seo_title = 'By hand' WHERE content_id = ?", post)
        known.insert("taxonomies", id="T", name="tag", slug="theirs", label="Theirs", translation_group="T")
        entry = group if known.sql("SELECT 1 FROM _emdash_migrations WHERE name LIKE '068%'") else post
        known.insert("content_taxonomies", collection="posts", entry_id=entry, taxonomy_id="T")
        known.insert("_emdash_bylines", id="B", slug="theirs", display_name="Theirs", translation_group="B")
        known.insert(
            "_emdash_content_bylines", id="C", collection_slug="posts", content_id=post, byline_id="B",
            sort_order=1,
        )  # fmt: skip
        page(known, "Other.\n", tags=["one"], seo={"description": "D"}, author="Grace Hopper")
        imported(known, "--update").succeeds()
        shown = document(known)
        assert {term["label"] for term in shown["terms"]} == {"one", "Essays", "Theirs"}
        assert (shown["seo"]["title"], shown["seo"]["description"]) == ("By hand", "D")
        assert [byline["name"] for byline in shown["bylines"]] == ["Grace Hopper", "Theirs"]

    def test_what_they_removed_stays_removed(self, known: Site) -> None:
        known.sql("DELETE FROM content_taxonomies")
        page(known, "Other.\n", tags=["one", "two", "three"])
        imported(known, "--update").succeeds()
        assert {term["label"] for term in document(known)["terms"]} == {"three"}

    @pytest.mark.parametrize("where", ["live", "draft", "columns"])
    def test_a_text_that_both_edited_is_a_conflict(self, known: Site, where: str) -> None:
        edited_elsewhere(known, where)
        before = known.post("hello")
        page(known, "From the file.\n")
        reported = only(imported(known, "--update").fails(3))
        assert reported["outcome"] == "conflict"
        assert "hello was edited elsewhere since its file was written" in reported["reason"]
        assert "-By hand." in reported["differences"]
        assert "+From the file." in reported["differences"]
        assert known.post("hello") == before
        reported = only(imported(known).fails(3))
        assert (reported["outcome"], "was edited elsewhere" in reported["reason"]) == ("changed", False)
        reported = only(imported(known, "--dry-run").fails(3))
        assert "currently, hello was edited elsewhere" in reported["reason"]

    @pytest.mark.parametrize("where", ["live", "draft", "columns"])
    def test_a_file_that_says_the_same_ends_the_conflict(self, known: Site, where: str) -> None:
        edited_elsewhere(known, where)
        page(known, "By hand.\n")
        assert only(imported(known, "--update").succeeds())["outcome"] == "updated"
        assert only(imported(known, "--update").succeeds())["outcome"] == "duplicate"
        assert json.loads(known.post("hello")["content"])[0]["children"][0]["text"] == "By hand."
        page(known, "And on.\n")
        assert only(imported(known, "--update").succeeds())["outcome"] == "updated"
        assert document(known)["excerpt"] == "And on."

    def test_the_file_wins_by_an_edit(self, known: Site) -> None:
        edited_elsewhere(known, "live")
        page(known, "From the file.\n")
        imported(known, "--update").fails(3, "emdash edit hello --file FILE")
        known.run("edit", "hello", "--file", known.root / "pages/hello.md").succeeds()
        assert only(imported(known, "--update").succeeds())["outcome"] == "updated"
        assert document(known)["excerpt"] == "From the file."

    def test_a_text_that_only_they_edited_stays_theirs(self, known: Site) -> None:
        edited_elsewhere(known, "live")
        page(known, tags=["three"])
        assert only(imported(known, "--update").succeeds())["outcome"] == "updated"
        shown = document(known)
        assert ("By hand." in json.dumps(shown["content"]), {term["label"] for term in shown["terms"]}) == (
            True, {"three", "Essays"},
        )  # fmt: skip
        page(known, "From the file.\n", tags=["three"])
        assert only(imported(known, "--update").fails(3))["outcome"] == "conflict"

    @pytest.mark.parametrize("column", ["seo_description", "seo_title"])
    def test_seo_that_both_edited_is_a_conflict(self, known: Site, column: str) -> None:
        known.sql(f"UPDATE _emdash_seo SET {column} = 'By hand'")
        page(known, seo={"title": "T", "description": "D"})
        reported = only(imported(known, "--update").fails(3))
        assert (reported["outcome"], f"{column} of hello" in reported["reason"]) == ("conflict", True)

    def test_an_author_that_both_changed_is_a_conflict(self, known: Site) -> None:
        known.insert("_emdash_bylines", id="B", slug="theirs", display_name="Theirs", translation_group="B")
        known.sql("UPDATE ec_posts SET primary_byline_id = 'B'")
        page(known, author="Grace Hopper")
        reported = only(imported(known, "--update").fails(3))
        assert (reported["outcome"], "Theirs" in reported["reason"]) == ("conflict", True)

    def test_saving_without_a_change_is_no_edit(self, known: Site) -> None:
        """EmDash writes a revision all the same, with its keys in another order."""
        row = known.post("hello")
        data = json.loads(known.row("revisions", id=row["live_revision_id"])["data"])
        resaved = dict(reversed(data.items()))
        known.insert("revisions", id="R", collection="posts", entry_id=row["id"], data=json.dumps(resaved))
        known.sql("UPDATE ec_posts SET draft_revision_id = 'R', version = 2")
        page(known, "From the file.\n")
        assert only(imported(known, "--update").succeeds())["outcome"] == "updated"
        assert document(known)["excerpt"] == "From the file."


def edited_elsewhere(site: Site, where: str) -> None:
    """As EmDash's admin publishes an edit, keeps it as a draft, or as a script writes it straight into the columns."""
    row = site.post("hello")
    data = json.loads(site.row("revisions", id=row["live_revision_id"])["data"])
    data |= {"content": body("By hand."), "excerpt": "By hand."}
    if where != "columns":
        site.insert("revisions", id="R", collection="posts", entry_id=row["id"], data=compact(data))
        pointer = f"{where}_revision_id"
        site.sql(f"UPDATE ec_posts SET {pointer} = 'R', version = coalesce(version, 0) + 1")
    if where != "draft":
        site.sql("UPDATE ec_posts SET content = ?, excerpt = 'By hand.'", compact(data["content"]))


class TestStates:
    def test_as_draft_leaves_what_is_live(self, known: Site) -> None:
        before = known.post("hello")
        page(known, "Second.\n")
        reported = only(imported(known, "--update", "--as-draft").succeeds())
        assert (reported["outcome"], "waits as the draft" in reported["reason"]) == ("updated", True)
        row = known.post("hello")
        assert (row["content"], row["live_revision_id"]) == (before["content"], before["live_revision_id"])
        assert json.loads(known.row("revisions", id=row["draft_revision_id"])["data"])["excerpt"] == "Second."
        assert only(imported(known, "--update", "--as-draft").succeeds())["outcome"] == "duplicate"
        page(known, "Third.\n")
        assert only(imported(known, "--update", "--as-draft").succeeds())["outcome"] == "updated"
        page(known, "Fourth.\n")
        assert only(imported(known, "--update").succeeds())["outcome"] == "updated"
        row = known.post("hello")
        assert (row["excerpt"], row["draft_revision_id"]) == ("Fourth.", None)

    def test_a_draft_that_was_written_and_edited_since_is_a_conflict(self, known: Site) -> None:
        """In place, as EmDash 0.32's autosave does it: no id and no version tells."""
        page(known, "Second.\n")
        imported(known, "--update", "--as-draft").succeeds()
        row = known.post("hello")
        data = json.loads(known.row("revisions", id=row["draft_revision_id"])["data"]) | {"title": "By hand"}
        known.sql("UPDATE revisions SET data = ? WHERE id = ?", compact(data), row["draft_revision_id"])
        page(known, "Third.\n")
        assert only(imported(known, "--update").fails(3))["outcome"] == "conflict"

    def test_a_draft_stays_one_until_its_file_is_none(self, any_site: Site) -> None:
        page(any_site, name="_drafts/hello.md", draft=True)
        imported(any_site).succeeds()
        assert any_site.post("hello")["status"] == "draft"
        page(any_site, "Second.\n", name="_drafts/hello.md", draft=True)
        assert only(imported(any_site, "--update").succeeds())["outcome"] == "updated"
        row = any_site.post("hello")
        assert row["status"] == "draft"
        assert json.loads(any_site.row("revisions", id=row["draft_revision_id"])["data"])["excerpt"] == "Second."

    @pytest.mark.parametrize("text", [TEXT, "Second.\n"])
    def test_taking_out_draft_publishes(self, any_site: Site, text: str) -> None:
        page(any_site, draft=True)
        imported(any_site).succeeds()
        page(any_site, text, draft=False)
        assert only(imported(any_site, "--update").succeeds())["outcome"] == "updated"
        row = any_site.post("hello")
        assert (row["status"], row["published_at"]) == ("published", "2024-05-31T00:00:00.000Z")
        assert row["excerpt"] == text.partition(".")[0] + "."
        assert only(imported(any_site, "--update").succeeds())["outcome"] == "duplicate"

    def test_a_draft_that_somebody_edited_is_not_published_unseen(self, any_site: Site) -> None:
        page(any_site, draft=True)
        imported(any_site).succeeds()
        row = any_site.post("hello")
        data = json.loads(any_site.row("revisions", id=row["draft_revision_id"])["data"]) | {"title": "By hand"}
        any_site.sql("UPDATE revisions SET data = ?", compact(data))
        page(any_site, draft=False)
        assert only(imported(any_site, "--update").fails(3))["outcome"] == "conflict"
        assert any_site.post("hello")["status"] == "draft"

    def test_a_live_post_is_not_withdrawn(self, known: Site) -> None:
        page(known, draft=True)
        reported = only(imported(known, "--update").fails(3))
        assert (reported["outcome"], "the file is now a draft" in reported["reason"]) == ("conflict", True)
        assert known.post("hello")["status"] == "published"

    def test_a_draft_that_was_published_elsewhere_gets_a_draft(self, any_site: Site) -> None:
        page(any_site, draft=True)
        imported(any_site).succeeds()
        any_site.sql("UPDATE ec_posts SET status = 'published', live_revision_id = draft_revision_id,"
                   " draft_revision_id = NULL, version = 2")  # fmt: skip
        page(any_site, "Second.\n", draft=True)
        reported = only(imported(any_site, "--update").succeeds())
        assert "waits as the draft" in reported["reason"]
        assert any_site.post("hello")["excerpt"] == "A first paragraph."

    def test_a_locked_post_is_left_and_says_by_whom(self, any_site: Site) -> None:
        page(any_site, date="2099-01-01")
        imported(any_site).succeeds()
        before = any_site.post("hello")
        changes: list[dict[str, Any]] = [{"text": "Second.\n"}, {"date": "2099-02-02"}, {"tags": []}]
        for change in changes:
            page(any_site, **({"date": "2099-01-01"} | change))
            reported = only(imported(any_site, "--update").fails(3))
            assert reported["outcome"] == "conflict"
            assert "locked by publish-queue, for 2099-01-01T00:00:00.000Z" in reported["reason"]
        assert any_site.post("hello") == before

    def test_once_its_time_has_come_the_date_is_no_change(self, any_site: Site) -> None:
        with freeze_time(NOW):
            page(any_site, date="2026-06-16")
            imported(any_site).succeeds()
            assert only(imported(any_site).succeeds())["outcome"] == "duplicate"
        with freeze_time("2026-06-17"):
            assert only(imported(any_site).succeeds())["outcome"] == "duplicate"
            any_site.run("sweep").succeeds()
            assert only(imported(any_site).succeeds())["outcome"] == "duplicate"
            page(any_site, "Second.\n", date="2026-06-16")
            assert only(imported(any_site, "--update").succeeds())["outcome"] == "updated"

    def test_scheduled_elsewhere_it_is_left(self, known: Site) -> None:
        known.sql("UPDATE ec_posts SET scheduled_at = ?", ahead(days=1))
        page(known, "Second.\n")
        assert "is scheduled for" in only(imported(known, "--update").fails(3))["reason"]

    def test_held_back_it_is_left(self, any_site: Site) -> None:
        with freeze_time(NOW):
            page(any_site, date="2026-06-16")
            imported(any_site).succeeds()
        row = any_site.post("hello")
        any_site.sql("UPDATE revisions SET data = '{}' WHERE id = ?", row["draft_revision_id"])
        with freeze_time("2026-06-17"):
            any_site.run("sweep").fails(3)
            page(any_site, "Second.\n", date="2026-06-16")
            reported = only(imported(any_site, "--update").fails(3))
        assert (reported["outcome"], "hello is held" in reported["reason"]) == ("conflict", True)

    @pytest.mark.parametrize("updated", [False, True])
    def test_a_post_that_was_renamed_follows_its_file(self, known: Site, *, updated: bool) -> None:
        """The revision that renamed it keeps the new slug, and is otherwise as the file wrote it."""
        if updated:
            page(known, "Second.\n")
            imported(known, "--update").succeeds()
        known.run("edit", "hello", "--new-slug", "renamed").succeeds()
        known.run("schedule", "hello", "--at", "now").succeeds()
        known.run("sweep").succeeds()
        page(known, "Third.\n")
        reported = only(imported(known, "--update").succeeds())
        assert (reported["outcome"], reported["slug"]) == ("updated", "renamed")
        known.run("edit", "renamed", "--title", "Other").succeeds()
        known.run("schedule", "renamed", "--at", "now").succeeds()
        known.run("sweep").succeeds()
        page(known, "Fourth.\n")
        assert only(imported(known, "--update").fails(3))["outcome"] == "conflict"

    @pytest.mark.parametrize("verbs", [("unpublish",), ("unpublish", "publish"), ("trash", "untrash")])
    @pytest.mark.parametrize("updated", [False, True])
    def test_a_post_that_was_taken_back_follows_its_file(
        self, known: Site, *, updated: bool, verbs: tuple[str, ...]
    ) -> None:
        """Its text is still that of the file, in a revision that is a copy."""
        if updated:
            page(known, "Second.\n")
            imported(known, "--update").succeeds()
        for verb in verbs:
            known.run(verb, "hello").succeeds()
        page(known, "Third.\n")
        assert only(imported(known, "--update").succeeds())["outcome"] == "updated"
        assert known.post("hello")["status"] == ("published" if len(verbs) > 1 else "draft")
        known.run("edit", "hello", "--title", "Other").succeeds()
        page(known, "Fourth.\n")
        assert only(imported(known, "--update").fails(3))["outcome"] == "conflict"

    def test_the_slug_stays_and_the_report_says_how_to_change_it(self, known: Site) -> None:
        page(known, "Second.\n", slug="other")
        reported = only(imported(known, "--update").succeeds())
        assert (reported["outcome"], reported["slug"]) == ("updated", "hello")
        assert reported["notices"] == ["slug: the post keeps hello; `emdash edit hello --new-slug other` renames it"]

    def test_deleted_it_stays_deleted(self, known: Site) -> None:
        known.sql("UPDATE ec_posts SET deleted_at = ?", ahead())
        assert only(imported(known, "--update").succeeds())["outcome"] == "duplicate"
        page(known, "Second.\n")
        reported = only(imported(known, "--update").fails(3))
        assert (reported["outcome"], "that post was deleted" in reported["reason"]) == ("conflict", True)
