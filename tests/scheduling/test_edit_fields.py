"""`emdash edit` by options and by files: every field that a queue file has."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from freezegun import freeze_time

from emdash_cli.domain.portable_text import from_markdown
from emdash_cli.domain.queue_file.key_names import FIELDS
from emdash_cli.scheduling import edits
from tests.harness.posts import NOW, ago, ahead, body, give_post, outcomes
from tests.scheduling.support import a_draft, a_published_post

if TYPE_CHECKING:
    from tests.harness.site import Site

pytestmark = pytest.mark.usefixtures("frozen_now")
SEO = {"title": "T", "description": "D", "image": "/i.png", "canonical": "https://e.org/", "no_index": True}
ALL = (
    *("--title", "New", "--excerpt", "In short", "--new-slug", "b", "--category", "News", "--tag", "One"),
    *("--tag", "Zwei, drei", "--author", "Ada Lovelace", "--image", "https://e.org/f.png", "--image-alt", "F"),
    *("--seo-title", "T", "--seo-description", "D", "--seo-image", "/i.png", "--seo-canonical", "https://e.org/"),
    "--no-index",
)
TEXT_FIELDS = ["title", "excerpt", "featured_image", "slug"]
AT_ONCE = ["category", "tags", "author", *(f"seo.{part}" for part in SEO)]


@pytest.fixture(autouse=True)
def frozen_now() -> Any:
    with freeze_time(NOW):
        yield


def draft_data(site: Site, slug: str = "a") -> dict[str, Any]:
    found: dict[str, Any] = json.loads(site.row("revisions", id=site.post(slug)["draft_revision_id"])["data"])
    return found


def shown(site: Site, slug: str = "a", *words: str) -> dict[str, Any]:
    found: dict[str, Any] = site.run("show", slug, "--json", *words).succeeds().json
    return found


def test_every_field_by_options(any_site: Site) -> None:
    a_published_post(any_site)
    done = any_site.run("edit", "a", *ALL, "--json").succeeds().json
    assert (done["outcome"], done["fields"]) == ("edited", [*TEXT_FIELDS, *AT_ONCE])
    assert done["at_once"] == AT_ONCE
    image = {"provider": "external", "id": "", "src": "https://e.org/f.png", "alt": "F"}
    assert draft_data(any_site) == {
        "title": "New", "content": body("old"), "excerpt": "In short", "featured_image": image, "_slug": "b",
    }  # fmt: skip
    post = shown(any_site)
    assert (post["title"], post["slug"], post["seo"]) == ("Old title", "a", SEO), "the text waits in the draft"
    assert [term["label"] for term in post["terms"]] == ["News", "One", "Zwei, drei"]
    assert [byline["name"] for byline in post["bylines"]] == ["Ada Lovelace"]
    assert any_site.sql("PRAGMA foreign_key_check") == []
    before = any_site.dump()
    assert any_site.run("edit", "a", *ALL, "--json").succeeds().json["outcome"] == "unchanged"
    assert any_site.dump() == before


def test_a_new_slug_redirects_the_old_address_once_it_is_live(any_site: Site) -> None:
    a_published_post(any_site)
    any_site.run("edit", "a", "--new-slug", "b").succeeds()
    any_site.run("schedule", "a", "--at", "now").succeeds()
    outcomes(any_site)
    assert shown(any_site, "b")["status"] == "published"
    if any_site.sql("SELECT 1 FROM sqlite_master WHERE name = '_emdash_redirects'"):
        assert any_site.sql("SELECT source, destination FROM _emdash_redirects") == [("/posts/a", "/posts/b")]


def test_a_slug_that_was_given_is_not_to_be_given_again(any_site: Site) -> None:
    """Another tool may have renamed the post since: its next draft keeps the slug that it has."""
    a_published_post(any_site)
    any_site.run("edit", "a", "--new-slug", "b").succeeds()
    any_site.run("schedule", "a", "--at", "now").succeeds()
    outcomes(any_site)
    any_site.sql("UPDATE ec_posts SET slug = 'c' WHERE slug = 'b'")
    assert any_site.run("edit", "c", "--title", "New", "--json").succeeds().json["fields"] == ["title"]
    assert "_slug" not in draft_data(any_site, "c")


def test_every_field_can_be_cleared(any_site: Site) -> None:
    a_published_post(any_site)
    any_site.run("edit", "a", *ALL).succeeds()
    clear = ("--clear", "category", "--clear", "tags", "--clear", "author", "--clear", "seo", "--clear", "excerpt")
    done = any_site.run("edit", "a", *clear, "--clear", "featured-image", "--json").succeeds().json
    assert done["fields"] == ["excerpt", "featured_image", *AT_ONCE]
    assert (draft_data(any_site)["excerpt"], draft_data(any_site)["featured_image"]) == ("old", None)
    post = shown(any_site)
    assert (post["terms"], post["bylines"], any_site.post("a")["primary_byline_id"]) == ([], [], None)
    assert not any((post["seo"] or {}).values())
    assert any_site.run("edit", "a", *clear, "--json").succeeds().json["outcome"] == "unchanged"


def test_tags_replace_tags_and_leave_alone_what_is_kept(site: Site) -> None:
    a_draft(site)
    site.run("edit", "a", "--tag", "one", "--tag", "two").succeeds()
    done = site.run("edit", "a", "--tag", "Two", "--tag", "three", "--dry-run").succeeds()
    assert done.lines[-2:] == [" ", " old"]
    assert '-tags: ["one", "two"]' in done.lines
    assert '+tags: ["two", "three"]' in done.lines
    site.run("edit", "a", "--tag", "Two", "--tag", "three").succeeds()
    assert [term["label"] for term in shown(site)["terms"]] == ["three", "two"]


def test_only_terms_change_and_there_is_no_new_draft(site: Site) -> None:
    a_published_post(site)
    site.run("edit", "a", "--category", "News").fails(
        0, "on the site at once, because EmDash keeps no drafts of these fields: category"
    )
    assert (site.post("a")["draft_revision_id"], site.post("a")["version"]) == (None, 2)
    detail = json.loads(site.row("pipeline_audit", action="edited")["detail"])
    assert detail["fields"] == ["category"]
    [line] = [line for line in site.run("history", "a").succeeds().lines if "\tedited\t" in line]
    assert line.endswith("\ta change to a published post, changed category\t")


def test_only_what_readers_see_at_once_is_announced(site: Site) -> None:
    a_published_post(site)
    site.run("edit", "a", "--title", "A draft of it").succeeds()
    assert site.sql("SELECT path FROM publish_outbox") == []
    site.run("edit", "a", "--tag", "one").succeeds()
    assert site.sql("SELECT path FROM publish_outbox") == [("/posts/a",)]
    site.run("edit", "a", "--title", "Another draft", "--tag", "two").succeeds()
    assert site.sql("SELECT path FROM publish_outbox") == [("/posts/a",)] * 2


def test_further_categories_and_bylines_stay_and_are_reported(site: Site) -> None:
    a_draft(site)
    site.run("edit", "a", "--category", "Alpha", "--author", "Ada").succeeds()
    site.sql(
        "INSERT INTO taxonomies (id, name, slug, label, translation_group) VALUES ('Z', 'category', 'z', 'Z', 'Z')"
    )
    site.sql("INSERT INTO content_taxonomies (collection, entry_id, taxonomy_id) VALUES ('posts', 'A', 'Z')")
    site.sql("INSERT INTO _emdash_bylines (id, slug, display_name, translation_group) VALUES ('B', 'b', 'Bob', 'B')")
    row = {"collection_slug": "posts", "content_id": "A", "byline_id": "B", "sort_order": 1}
    site.insert("_emdash_content_bylines", id="C", **row)
    site.run("edit", "a", "--category", "Beta", "--author", "Carol").fails(
        0, "its other categories stay: Z", "its other bylines stay: Bob"
    )
    assert [term["label"] for term in shown(site)["terms"]] == ["Beta", "Z"]
    assert [byline["name"] for byline in shown(site)["bylines"]] == ["Carol", "Bob"]
    site.run("edit", "a", "--author", "Bob").succeeds()
    assert [byline["name"] for byline in shown(site)["bylines"]] == ["Bob"]


def test_of_several_bylines_another_one_may_become_the_first(any_site: Site) -> None:
    a_draft(any_site)
    any_site.run("edit", "a", "--author", "Ada").succeeds()
    for place, name in enumerate(("Bob", "Carol"), start=1):
        any_site.sql(
            "INSERT INTO _emdash_bylines (id, slug, display_name, translation_group) VALUES (?1, ?1, ?1, ?1)", name
        )
        row = {"collection_slug": "posts", "content_id": "A", "byline_id": name, "sort_order": place}
        any_site.insert("_emdash_content_bylines", id=name, **row)
    for words, names in (
        (("--author", "Carol"), ["Carol", "Bob"]),
        (("--clear", "author"), ["Bob"]),
        (("--clear", "author"), []),
    ):
        any_site.run("edit", "a", *words).succeeds()
        assert [byline["name"] for byline in shown(any_site)["bylines"]] == names
        assert any_site.sql("SELECT primary_byline_id FROM ec_posts") == [(names[0] if names else None,)]
        if names:
            any_site.run("edit", "a", "--author", names[0]).fails(0, "unchanged")


def test_a_post_becomes_a_translation_and_is_one_no_more(any_site: Site) -> None:
    a_draft(any_site)
    a_german: dict[str, Any] = {"status": "draft", "draft": {"title": "Neu", "content": body("neu")}, "locale": "de"}
    give_post(any_site, "b", **a_german)
    any_site.run("edit", "b", "--tag", "eins").succeeds()
    assert any_site.run("edit", "b", "--translation-of", "a", "--json").succeeds().json["fields"] == ["translation_of"]
    assert [(post["slug"], post["locale"]) for post in shown(any_site, "a")["translations"]] == [("b", "de")]
    assert [term["label"] for term in shown(any_site, "b")["terms"]] == ["eins"]
    assert any_site.run("edit", "b", "--translation-of", "a", "--json").succeeds().json["outcome"] == "unchanged"
    give_post(any_site, "c", **a_german)
    any_site.run("edit", "c", "--translation-of", "a").fails(3, "a already has a translation into de, post B")
    any_site.run("edit", "c", "--translation-of", "nowhere").fails(
        3, "there is no post nowhere in a language other than de"
    )
    any_site.run("edit", "b", "--clear", "translation_of").succeeds()
    assert shown(any_site, "a")["translations"] == []
    any_site.run("edit", "c", "--translation-of", "A").succeeds()


def test_terms_are_shared_with_translations_and_that_is_said(site: Site) -> None:
    a_draft(site)
    give_post(site, "b", status="draft", draft={"title": "Neu"}, locale="de", translation_group="A")
    site.run("edit", "a", "--tag", "one").fails(
        0, "EmDash shares terms between translations, so they also change for b (de)"
    )


@pytest.mark.parametrize(
    ("author", "reported"),
    [
        ("ada@example.com", ["Ada"]),
        ("Jane Doe <jane@example.org>", ["Jane Doe"]),
        ("Jane Doe", ["Jane Doe"]),
    ],
)
def test_an_address_finds_a_user_and_is_never_shown(site: Site, author: str, reported: list[str]) -> None:
    site.insert("users", id="U1", email="ada@example.com", name="Ada", role=30)
    a_draft(site)
    site.run("edit", "a", "--author", author).succeeds()
    assert [byline["name"] for byline in shown(site)["bylines"]] == reported
    assert "@" not in json.dumps(site.sql("SELECT slug, display_name FROM _emdash_bylines"))
    assert site.run("edit", "a", "--author", reported[0], "--json").succeeds().json["outcome"] == "unchanged"


def test_an_address_that_nobody_has_is_refused(site: Site) -> None:
    a_draft(site)
    before = site.dump()
    site.run("edit", "a", "--author", "nobody@example.com", "--title", "New").fails(3, "never published", "Jane Doe")
    assert site.dump() == before


def test_authors_may_not_change_whose_post_it_is(site: Site) -> None:
    site.insert("users", id="U1", email="ada@example.com", name="Ada", role=30)
    a_draft(site, author_id="U1")
    site.run("edit", "a", "--tag", "one", "--as", "Ada").succeeds()
    before = site.dump()
    site.run("edit", "a", "--author", "Bob", "--as", "Ada").fails(4, "may not change the author of a post")
    assert site.dump() == before


def test_the_alternative_text_alone(site: Site) -> None:
    image = {"provider": "local", "id": "M", "src": "/media/a.png", "width": 3, "alt": "Old"}
    a_draft(site, draft={"title": "T", "content": body("x"), "featured_image": image})
    site.run("edit", "a", "--image-alt", "New").succeeds()
    assert draft_data(site)["featured_image"] == image | {"alt": "New"}
    site.run("edit", "a", "--image", "/media/a.png", "--image-alt", "New").fails(0, "unchanged")
    site.run("edit", "a", "--image-alt", "").succeeds()
    assert draft_data(site)["featured_image"] == image | {"alt": ""}
    site.run("edit", "a", "--image", "/other.png").succeeds()
    assert draft_data(site)["featured_image"] == {"provider": "external", "id": "", "src": "/other.png", "alt": ""}


def test_options_go_before_the_file(site: Site) -> None:
    a_draft(site)
    path = site.write("new.md", "---\ntitle: Of the file\ncategory: News\ntags: [one]\n---\nSome text.\n")
    site.run("edit", "a", "--file", path, "--title", "Of the option", "--clear", "tags").succeeds()
    data = draft_data(site)
    assert (data["title"], data["content"]) == ("Of the option", json.loads(from_markdown("Some text.").json))
    assert [term["label"] for term in shown(site)["terms"]] == ["News"]


def test_what_a_file_does_not_mention_stays(site: Site) -> None:
    a_draft(site)
    site.run("edit", "a", *ALL).succeeds()
    done = (
        site.run("edit", "a", "--file", site.write("new.md", "---\ntitle: T\n---\nText.\n"), "--json").succeeds().json
    )
    assert done["fields"] == ["title", "content"]
    assert len(shown(site)["terms"]) == 3


@pytest.mark.parametrize(
    ("words", "reported"),
    [
        (("--new-slug", "???"), ("--new-slug: ",)),
        (("--title", " "), ("--title: ",)),
        (("--tag", ""), ("--tag",)),
        (("--category", " "), ("--category is blank", "--clear category")),
        (("--author", ""), ("--author is blank", "--clear author")),
        (("--seo-title", ""), ("--seo-title is blank", "--clear seo.title")),
        (("--new-slug", ""), ("--new-slug is blank",)),
        (("--seo-image", "ftp://x"), ("--seo-image: ",)),
        (("--image", "javascript:x"), ("--image",)),
        (("--image-alt", "A"), ("no featured image to describe", "--image URL")),
        (("--clear", "title"), ("--clear title", "excerpt, featured_image, category")),
        (("--clear", "tags", "--tag", "x"), ("--tag and --clear contradict",)),
        (("--clear", "seo", "--seo-title", "x"), ()),
    ],
)
def test_values_that_cannot_be(site: Site, words: tuple[str, ...], reported: tuple[str, ...]) -> None:
    a_draft(site)
    before = site.dump()
    site.run("edit", "a", *words).fails(2 if reported else 0, *reported)
    assert (site.dump() == before) == bool(reported)


def test_a_value_that_is_taken_otherwise_than_it_was_given_is_reported(site: Site) -> None:
    a_draft(site)
    path = site.write("new.md", "---\ntitle: T\n---\nSome text.\n")
    done = site.run("edit", "a", "--file", path, "--new-slug", "No Slug!", "--json").succeeds().json
    assert done["notices"] == ['--new-slug: "No Slug!" is not a slug: "no-slug" is used']
    assert draft_data(site)["_slug"] == "no-slug"


def test_without_options_in_a_pipe_it_says_what_to_do(site: Site) -> None:
    a_draft(site)
    site.run("edit", "a").fails(2, "the editor needs a terminal", "emdash edit a --title TEXT")


@pytest.mark.parametrize("what", [("--tag", "x"), ("--new-slug", "b"), ("--seo-title", "x")])
def test_a_scheduled_post_is_locked_whatever_is_edited(site: Site, what: tuple[str, str]) -> None:
    a_draft(site)
    site.run("schedule", "a", "--at", "2099-01-01T09:00Z").succeeds()
    before = site.dump()
    reported = site.run("edit", "a", *what).fails(3, "is scheduled for Thu 2099-01-01 09:00 UTC", "locked its text on")
    assert "operator:" in reported.err
    assert site.dump() == before


def test_a_held_post_is_locked_too(stores_held: Site) -> None:
    before = stores_held.dump()
    stores_held.run("edit", "a", "--tag", "x").fails(3, "is held: why", "emdash unschedule a")
    assert stores_held.dump() == before


@pytest.fixture
def stores_held(site: Site) -> Site:
    a_draft(site)
    held = {"held_at": ago(), "held_reason": "why", "scheduled_at": ahead(), "revision_id": "DRAFT-A"}
    site.insert("schedule_locks", post_id="A", data="{}", locked_by="ada", locked_at=ago(), **held)
    return site


def test_blocks_that_markdown_cannot_say_stay_where_they_are_not_edited(site: Site) -> None:
    span = {"_type": "span", "_key": "s", "text": "under", "marks": ["underline"]}
    stored = [
        {"_type": "block", "_key": "a", "style": "normal", "markDefs": [], "children": [span]},
        {"_type": "youtube", "_key": "y", "url": "https://e.org/v"},
        {
            "_type": "image",
            "_key": "i",
            "asset": {"_ref": "MEDIA", "url": "https://e.org/i.png"},
            "alt": "A",
            "width": 9,
        },
        *body("last"),
    ]
    a_draft(site, draft={"title": "T", "content": stored})
    markdown = site.run("show", "a", "--format", "md").succeeds().out
    site.run("edit", "a", "--file", site.write("same.md", markdown)).fails(0, "unchanged")
    site.run("edit", "a", "--file", site.write("new.md", markdown.replace("last", "new end"))).succeeds()
    content = draft_data(site)["content"]
    assert content[:3] == stored[:3]
    assert content[3]["children"][0]["text"] == "new end"


def test_a_change_that_reads_the_same_is_shown_by_its_values(site: Site) -> None:
    a_draft(site, draft={"title": "T", "content": body("x")})
    changed = json.loads(json.dumps(body("x")))
    changed[0]["children"][0]["_key"] = "other"
    path = site.write("new.json", {"title": "T", "content": changed})
    done = site.run("edit", "a", "--file", path, "--dry-run", "--json").succeeds().json
    assert done["lines"] == []
    assert done["values"] == [{"path": "content[0].children[0]._key", "before": "s", "after": "other"}]
    assert "content[0].children[0]._key" in site.run("edit", "a", "--file", path, "--dry-run").succeeds().out


def test_a_site_without_the_field_says_so(site: Site) -> None:
    a_draft(site, draft={"title": "T", "content": body("x")})
    site.sql("ALTER TABLE ec_posts DROP COLUMN excerpt")
    done = site.run("edit", "a", "--excerpt", "E", "--title", "New", "--json").succeeds().json
    assert (done["fields"], done["not_changed"]) == (["title"], ["excerpt"])


def test_every_field_of_a_queue_file_is_edited_or_reported_as_left_out() -> None:
    edited = {field.partition(".")[0] for field in (*edits.TEXT_FIELDS, *edits.FIELDS_AT_ONCE)}
    assert edited | {*edits.UNTOUCHED} == {*FIELDS, "content"} - {"body_text", "blocks", "id", "locale"}
