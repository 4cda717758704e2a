"""`emdash edit` by options and by files: every field that a queue file has."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from freezegun import freeze_time

from emdash_cli.domain.portable_text import from_markdown
from tests.harness.emdash_sites import VERSIONS
from tests.harness.posts import NOW, ago, ahead, body, dump, give_post, insert, outcomes, post_row, read
from tests.scheduling.editing import a_draft, a_published_post

if TYPE_CHECKING:
    from tests.harness.cli import Cli

pytestmark = pytest.mark.usefixtures("frozen_now")
STORES = pytest.mark.parametrize("stores", [None, *VERSIONS], indirect=True)
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


def draft_data(blog: Cli) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(read(blog, "revisions", id=post_row(blog, "a")["draft_revision_id"])["data"])
    return found


def shown(blog: Cli, slug: str = "a", *words: str) -> dict[str, Any]:
    found: dict[str, Any] = blog("show", slug, "--json", *words).succeeds().json
    return found


@STORES
def test_every_field_by_options(stores: Cli) -> None:
    a_published_post(stores)
    done = stores("edit", "a", *ALL, "--json").succeeds().json
    assert (done["outcome"], done["fields"]) == ("edited", [*TEXT_FIELDS, *AT_ONCE])
    assert done["at_once"] == AT_ONCE
    image = {"provider": "external", "id": "", "src": "https://e.org/f.png", "alt": "F"}
    assert draft_data(stores) == {
        "title": "New", "content": body("old"), "excerpt": "In short", "featured_image": image, "_slug": "b",
    }  # fmt: skip
    post = shown(stores)
    assert (post["title"], post["slug"], post["seo"]) == ("Old title", "a", SEO), "the text waits in the draft"
    assert [term["label"] for term in post["terms"]] == ["News", "One", "Zwei, drei"]
    assert [byline["name"] for byline in post["bylines"]] == ["Ada Lovelace"]
    assert stores.sql("PRAGMA foreign_key_check") == []
    before = dump(stores)
    assert stores("edit", "a", *ALL, "--json").succeeds().json["outcome"] == "unchanged"
    assert dump(stores) == before


@STORES
def test_a_new_slug_redirects_the_old_address_once_it_is_live(stores: Cli) -> None:
    a_published_post(stores)
    stores("edit", "a", "--new-slug", "b").succeeds()
    stores("schedule", "a", "--at", "now").succeeds()
    outcomes(stores)
    assert shown(stores, "b")["status"] == "published"
    if stores.sql("SELECT 1 FROM sqlite_master WHERE name = '_emdash_redirects'"):
        assert stores.sql("SELECT source, destination FROM _emdash_redirects") == [("/posts/a", "/posts/b")]


@STORES
def test_every_field_can_be_cleared(stores: Cli) -> None:
    a_published_post(stores)
    stores("edit", "a", *ALL).succeeds()
    clear = ("--clear", "category", "--clear", "tags", "--clear", "author", "--clear", "seo", "--clear", "excerpt")
    done = stores("edit", "a", *clear, "--clear", "featured-image", "--json").succeeds().json
    assert done["fields"] == ["excerpt", "featured_image", *AT_ONCE]
    assert (draft_data(stores)["excerpt"], draft_data(stores)["featured_image"]) == ("old", None)
    post = shown(stores)
    assert (post["terms"], post["bylines"], post_row(stores, "a")["primary_byline_id"]) == ([], [], None)
    assert not any((post["seo"] or {}).values())
    assert stores("edit", "a", *clear, "--json").succeeds().json["outcome"] == "unchanged"


def test_tags_replace_tags_and_leave_alone_what_is_kept(blog: Cli) -> None:
    a_draft(blog)
    blog("edit", "a", "--tag", "one", "--tag", "two").succeeds()
    done = blog("edit", "a", "--tag", "Two", "--tag", "three", "--dry-run").succeeds()
    assert done.lines[-2:] == [" ", " old"]
    assert '-tags: ["one", "two"]' in done.lines
    assert '+tags: ["two", "three"]' in done.lines
    blog("edit", "a", "--tag", "Two", "--tag", "three").succeeds()
    assert [term["label"] for term in shown(blog)["terms"]] == ["three", "two"]


def test_only_terms_change_and_there_is_no_new_draft(blog: Cli) -> None:
    a_published_post(blog)
    blog("edit", "a", "--category", "News").fails(
        0, "on the site at once, because EmDash keeps no draft of it: category"
    )
    assert (post_row(blog, "a")["draft_revision_id"], post_row(blog, "a")["version"]) == (None, 2)
    detail = json.loads(read(blog, "pipeline_audit", action="edited")["detail"])
    assert detail["fields"] == ["category"]
    [line] = [line for line in blog("history", "a").succeeds().lines if "\tedited\t" in line]
    assert line.endswith("\ta change to a published post, changed category")


def test_only_what_readers_see_at_once_is_announced(blog: Cli) -> None:
    a_published_post(blog)
    blog("edit", "a", "--title", "A draft of it").succeeds()
    assert blog.sql("SELECT path FROM publish_outbox") == []
    blog("edit", "a", "--tag", "one").succeeds()
    assert blog.sql("SELECT path FROM publish_outbox") == [("/posts/a",)]
    blog("edit", "a", "--title", "Another draft", "--tag", "two").succeeds()
    assert blog.sql("SELECT path FROM publish_outbox") == [("/posts/a",)] * 2


def test_further_categories_and_bylines_stay_and_are_reported(blog: Cli) -> None:
    a_draft(blog)
    blog("edit", "a", "--category", "Alpha", "--author", "Ada").succeeds()
    blog.sql(
        "INSERT INTO taxonomies (id, name, slug, label, translation_group) VALUES ('Z', 'category', 'z', 'Z', 'Z')"
    )
    blog.sql("INSERT INTO content_taxonomies (collection, entry_id, taxonomy_id) VALUES ('posts', 'A', 'Z')")
    blog.sql("INSERT INTO _emdash_bylines (id, slug, display_name, translation_group) VALUES ('B', 'b', 'Bob', 'B')")
    row = {"collection_slug": "posts", "content_id": "A", "byline_id": "B", "sort_order": 1}
    insert(blog, "_emdash_content_bylines", id="C", **row)
    blog("edit", "a", "--category", "Beta", "--author", "Carol").fails(
        0, "its other categories stay: Z", "its other bylines stay: Bob"
    )
    assert [term["label"] for term in shown(blog)["terms"]] == ["Beta", "Z"]
    assert [byline["name"] for byline in shown(blog)["bylines"]] == ["Carol", "Bob"]
    blog("edit", "a", "--author", "Bob").succeeds()
    assert [byline["name"] for byline in shown(blog)["bylines"]] == ["Bob"]


@STORES
def test_of_several_bylines_another_one_may_become_the_first(stores: Cli) -> None:
    a_draft(stores)
    stores("edit", "a", "--author", "Ada").succeeds()
    for place, name in enumerate(("Bob", "Carol"), start=1):
        stores.sql(
            "INSERT INTO _emdash_bylines (id, slug, display_name, translation_group) VALUES (?1, ?1, ?1, ?1)", name
        )
        row = {"collection_slug": "posts", "content_id": "A", "byline_id": name, "sort_order": place}
        insert(stores, "_emdash_content_bylines", id=name, **row)
    for words, names in (
        (("--author", "Carol"), ["Carol", "Bob"]),
        (("--clear", "author"), ["Bob"]),
        (("--clear", "author"), []),
    ):
        stores("edit", "a", *words).succeeds()
        assert [byline["name"] for byline in shown(stores)["bylines"]] == names
        assert stores.sql("SELECT primary_byline_id FROM ec_posts") == [(names[0] if names else None,)]
        if names:
            stores("edit", "a", "--author", names[0]).fails(0, "unchanged")


@STORES
def test_a_post_becomes_a_translation_and_is_one_no_more(stores: Cli) -> None:
    a_draft(stores)
    a_german: dict[str, Any] = {"status": "draft", "draft": {"title": "Neu", "content": body("neu")}, "locale": "de"}
    give_post(stores, "b", **a_german)
    stores("edit", "b", "--tag", "eins").succeeds()
    assert stores("edit", "b", "--translation-of", "a", "--json").succeeds().json["fields"] == ["translation_of"]
    assert [(post["slug"], post["locale"]) for post in shown(stores, "a")["translations"]] == [("b", "de")]
    assert [term["label"] for term in shown(stores, "b")["terms"]] == ["eins"]
    assert stores("edit", "b", "--translation-of", "a", "--json").succeeds().json["outcome"] == "unchanged"
    give_post(stores, "c", **a_german)
    stores("edit", "c", "--translation-of", "a").fails(3, "a already has a translation into de, post B")
    stores("edit", "c", "--translation-of", "nowhere").fails(3, "there is no post nowhere in a language other than de")
    stores("edit", "b", "--clear", "translation_of").succeeds()
    assert shown(stores, "a")["translations"] == []
    stores("edit", "c", "--translation-of", "A").succeeds()


def test_terms_are_shared_with_translations_and_that_is_said(blog: Cli) -> None:
    a_draft(blog)
    give_post(blog, "b", status="draft", draft={"title": "Neu"}, locale="de", translation_group="A")
    blog("edit", "a", "--tag", "one").fails(
        0, "EmDash shares terms between translations, so they also change for b (de)"
    )


@pytest.mark.parametrize(
    ("author", "told"),
    [
        ("ada@example.com", ["Ada"]),
        ("Jane Doe <jane@example.org>", ["Jane Doe"]),
        ("Jane Doe", ["Jane Doe"]),
    ],
)
def test_an_address_finds_a_user_and_is_never_shown(blog: Cli, author: str, told: list[str]) -> None:
    insert(blog, "users", id="U1", email="ada@example.com", name="Ada", role=30)
    a_draft(blog)
    blog("edit", "a", "--author", author).succeeds()
    assert [byline["name"] for byline in shown(blog)["bylines"]] == told
    assert "@" not in json.dumps(blog.sql("SELECT slug, display_name FROM _emdash_bylines"))
    assert blog("edit", "a", "--author", told[0], "--json").succeeds().json["outcome"] == "unchanged"


def test_an_address_that_nobody_has_is_refused(blog: Cli) -> None:
    a_draft(blog)
    before = dump(blog)
    blog("edit", "a", "--author", "nobody@example.com", "--title", "New").fails(3, "is never shown", "Jane Doe")
    assert dump(blog) == before


def test_authors_may_not_change_whose_post_it_is(blog: Cli) -> None:
    insert(blog, "users", id="U1", email="ada@example.com", name="Ada", role=30)
    a_draft(blog, author_id="U1")
    blog("edit", "a", "--tag", "one", "--as", "Ada").succeeds()
    before = dump(blog)
    blog("edit", "a", "--author", "Bob", "--as", "Ada").fails(4, "may not change the author of a post")
    assert dump(blog) == before


def test_the_alternative_text_alone(blog: Cli) -> None:
    image = {"provider": "local", "id": "M", "src": "/media/a.png", "width": 3, "alt": "Old"}
    a_draft(blog, draft={"title": "T", "content": body("x"), "featured_image": image})
    blog("edit", "a", "--image-alt", "New").succeeds()
    assert draft_data(blog)["featured_image"] == image | {"alt": "New"}
    blog("edit", "a", "--image", "/media/a.png", "--image-alt", "New").fails(0, "unchanged")
    blog("edit", "a", "--image-alt", "").succeeds()
    assert draft_data(blog)["featured_image"] == image | {"alt": ""}
    blog("edit", "a", "--image", "/other.png").succeeds()
    assert draft_data(blog)["featured_image"] == {"provider": "external", "id": "", "src": "/other.png", "alt": ""}


def test_options_go_before_the_file(blog: Cli) -> None:
    a_draft(blog)
    path = blog.write("new.md", "---\ntitle: Of the file\ncategory: News\ntags: [one]\n---\nSome text.\n")
    blog("edit", "a", "--file", path, "--title", "Of the option", "--clear", "tags").succeeds()
    data = draft_data(blog)
    assert (data["title"], data["content"]) == ("Of the option", json.loads(from_markdown("Some text.").json))
    assert [term["label"] for term in shown(blog)["terms"]] == ["News"]


def test_what_a_file_does_not_mention_stays(blog: Cli) -> None:
    a_draft(blog)
    blog("edit", "a", *ALL).succeeds()
    done = blog("edit", "a", "--file", blog.write("new.md", "---\ntitle: T\n---\nText.\n"), "--json").succeeds().json
    assert done["fields"] == ["title", "content"]
    assert len(shown(blog)["terms"]) == 3


@pytest.mark.parametrize(
    ("words", "told"),
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
def test_values_that_cannot_be(blog: Cli, words: tuple[str, ...], told: tuple[str, ...]) -> None:
    a_draft(blog)
    before = dump(blog)
    blog("edit", "a", *words).fails(2 if told else 0, *told)
    assert (dump(blog) == before) == bool(told)


def test_a_value_that_is_taken_otherwise_than_it_was_given_is_reported(blog: Cli) -> None:
    a_draft(blog)
    path = blog.write("new.md", "---\ntitle: T\n---\nSome text.\n")
    done = blog("edit", "a", "--file", path, "--new-slug", "No Slug!", "--json").succeeds().json
    assert done["notices"] == ['--new-slug: "No Slug!" is not a slug: "no-slug" is used']
    assert draft_data(blog)["_slug"] == "no-slug"


def test_without_options_in_a_pipe_it_says_what_to_do(blog: Cli) -> None:
    a_draft(blog)
    blog("edit", "a").fails(2, "the editor needs a terminal", "emdash edit a --title TEXT")


@pytest.mark.parametrize("what", [("--tag", "x"), ("--new-slug", "b"), ("--seo-title", "x")])
def test_a_scheduled_post_is_locked_whatever_is_edited(blog: Cli, what: tuple[str, str]) -> None:
    a_draft(blog)
    blog("schedule", "a", "--at", "2099-01-01T09:00Z").succeeds()
    before = dump(blog)
    told = blog("edit", "a", *what).fails(3, "is scheduled for Thu 2099-01-01 09:00 UTC", "locked its text on")
    assert "operator:" in told.err
    assert dump(blog) == before


def test_a_held_post_is_locked_too(stores_held: Cli) -> None:
    before = dump(stores_held)
    stores_held("edit", "a", "--tag", "x").fails(3, "is held: why", "emdash unschedule a")
    assert dump(stores_held) == before


@pytest.fixture
def stores_held(blog: Cli) -> Cli:
    a_draft(blog)
    held = {"held_at": ago(), "held_reason": "why", "scheduled_at": ahead(), "revision_id": "DRAFT-A"}
    insert(blog, "schedule_locks", post_id="A", data="{}", locked_by="ada", locked_at=ago(), **held)
    return blog


def test_blocks_that_markdown_cannot_say_stay_where_they_are_not_edited(blog: Cli) -> None:
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
    a_draft(blog, draft={"title": "T", "content": stored})
    markdown = blog("show", "a", "--format", "md").succeeds().out
    blog("edit", "a", "--file", blog.write("same.md", markdown)).fails(0, "unchanged")
    blog("edit", "a", "--file", blog.write("new.md", markdown.replace("last", "new end"))).succeeds()
    content = draft_data(blog)["content"]
    assert content[:3] == stored[:3]
    assert content[3]["children"][0]["text"] == "new end"


def test_a_change_that_reads_the_same_is_shown_by_its_values(blog: Cli) -> None:
    a_draft(blog, draft={"title": "T", "content": body("x")})
    changed = json.loads(json.dumps(body("x")))
    changed[0]["children"][0]["_key"] = "other"
    path = blog.write("new.json", {"title": "T", "content": changed})
    done = blog("edit", "a", "--file", path, "--dry-run", "--json").succeeds().json
    assert done["lines"] == []
    assert done["values"] == [{"path": "content[0].children[0]._key", "before": "s", "after": "other"}]
    assert "content[0].children[0]._key" in blog("edit", "a", "--file", path, "--dry-run").succeeds().out


def test_a_site_without_the_field_says_so(blog: Cli) -> None:
    a_draft(blog, draft={"title": "T", "content": body("x")})
    blog.sql("ALTER TABLE ec_posts DROP COLUMN excerpt")
    done = blog("edit", "a", "--excerpt", "E", "--title", "New", "--json").succeeds().json
    assert (done["fields"], done["not_changed"]) == (["title"], ["excerpt"])
