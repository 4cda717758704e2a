"""`emdash show`: a post, read back."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from typing import TYPE_CHECKING, cast
from zoneinfo import ZoneInfo

import pytest
from freezegun import freeze_time
from typer.main import get_command

from emdash_cli import wiring
from emdash_cli.commands.app import build
from emdash_cli.commands.completion import complete_slugs
from emdash_cli.domain.authors import Author
from emdash_cli.domain.queue_file import parse_markdown

if TYPE_CHECKING:
    import typer

    from tests.harness.site import Site

ARTICLE = {
    "title": 'Quotes "and" <tags>: ünïcode',
    "slug": "everything",
    "body_text": "With **strong**, `code` and [a link](https://example.org/).\n\n| a | b |\n| --- | --- |\n| 1 | 2 |\n",
    "excerpt": "In short.",
    "category": "News",
    "tags": ["Zebra", "Apple"],
    "author": "Ada Lovelace",
    "publish_at": "2026-01-02T03:04:05Z",
    "featured_image": {"src": "https://example.org/a.png", "alt": "A picture"},
    "seo": {"title": "For machines", "description": "What it says.", "no_index": True},
}


@pytest.fixture
def post(site: Site) -> Site:
    """A blog with one post."""
    site.write("queue/01-everything.json", ARTICLE)
    site.run("publish-queue").succeeds()
    return site


def queue(site: Site, **article: object) -> None:
    site.write("queue/02-next.json", {"body_text": "Text.", **article})
    site.run("publish-queue").succeeds()


def test_json_tells_all_that_was_published(post: Site) -> None:
    shown = post.run("show", "everything", "--json").succeeds().json
    assert shown["title"] == ARTICLE["title"]
    assert (shown["status"], shown["locale"], shown["excerpt"]) == ("published", "en", "In short.")
    assert shown["published_at"] == "2026-01-02T03:04:05.000Z"
    assert [byline["name"] for byline in shown["bylines"]] == ["Ada Lovelace"]
    assert [(term["taxonomy"], term["label"]) for term in shown["terms"]] == [
        ("category", "News"),
        ("tag", "Apple"),
        ("tag", "Zebra"),
    ]
    assert (shown["seo"]["title"], shown["seo"]["no_index"]) == ("For machines", True)
    assert (shown["featured_image"]["src"], shown["featured_image"]["alt"]) == (
        "https://example.org/a.png",
        "A picture",
    )
    assert [block["_type"] for block in shown["content"]] == ["block", "table", "block"]
    assert shown["url"] == "http://localhost:4321/posts/everything"
    assert [(shown["id"], shown["revision"])] == post.sql("SELECT id, live_revision_id FROM ec_posts")
    assert post.run("show", "everything", "-f", "json").out == post.run("show", "everything", "--json").out


def test_markdown_reads_back_as_the_same_article(post: Site) -> None:
    text = post.run("show", "everything").succeeds().out
    again = parse_markdown(text, zone=ZoneInfo("UTC"), now=wiring.now())
    assert again.title == ARTICLE["title"]
    assert again.markdown is not None
    assert again.markdown.split("\n") == str(ARTICLE["body_text"]).strip().split("\n")
    assert (again.slug, again.locale, again.status, again.author) == (
        "everything",
        "en",
        "published",
        Author("Ada Lovelace"),
    )
    assert (again.category, again.tags, again.excerpt) == ("News", ("Apple", "Zebra"), "In short.")
    assert again.publish_at is not None
    assert again.publish_at.isoformat() == "2026-01-02T03:04:05+00:00"
    assert again.seo is not None
    assert again.seo.no_index
    assert again.featured_image is not None


class Page(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))


def test_html_is_a_page_that_needs_no_other_file(post: Site) -> None:
    text = post.run("show", "everything", "--format", "html").succeeds().out
    tags = Page(text).tags
    assert text.startswith("<!doctype html>")
    assert ("html", {"lang": "en"}) in tags
    assert not {"script", "iframe"} & {tag for tag, _ in tags}
    assert [attributes["href"] for tag, attributes in tags if tag == "link"] == [
        "http://localhost:4321/posts/everything"
    ]
    assert "<h1>Quotes &quot;and&quot; &lt;tags&gt;: ünïcode</h1>" in text
    assert "<title>For machines</title>" in text
    assert "Ada Lovelace" in text
    assert 'src="https://example.org/a.png"' in text
    for part in ("<strong>strong</strong>", '<a href="https://example.org/">', "<th>a</th>", "Apple"):
        assert part in text


def test_a_draft_is_shown_as_its_author_last_left_it(site: Site) -> None:
    """The columns of a draft may lag behind its revision."""
    queue(site, title="First thought", slug="draft", status="draft")
    [(revision, data)] = site.sql("SELECT id, data FROM revisions")
    newer = json.dumps({**json.loads(data), "title": "Second thought"})
    site.sql("UPDATE revisions SET data = ? WHERE id = ?", newer, revision)
    shown = site.run("show", "draft", "--json").succeeds().json
    assert (shown["title"], shown["status"], shown["revision"]) == ("Second thought", "draft", revision)
    assert shown["content"][0]["children"][0]["text"] == "Text."


def test_a_published_post_is_shown_as_its_readers_see_it(post: Site) -> None:
    post.sql(
        "INSERT INTO revisions (id, collection, entry_id, data)"
        """ SELECT 'draft', 'posts', id, '{"title": "Not yet"}' FROM ec_posts"""
    )
    post.sql("UPDATE ec_posts SET draft_revision_id = 'draft'")
    result = post.run("show", "everything", "--json").succeeds()
    assert result.json["title"] == ARTICLE["title"]
    assert result.json["has_changes"] is True
    assert "unpublished changes" in post.run("show", "everything").err


def test_a_scheduled_post_is_shown_with_its_time(site: Site) -> None:
    with freeze_time("2026-01-01T00:00:00Z"):
        queue(site, title="Later", slug="later", publish_at="2026-02-01T09:00:00Z")
    shown = site.run("show", "later", "--json").succeeds().json
    assert (shown["status"], shown["scheduled_at"]) == ("scheduled", "2026-02-01T09:00:00.000Z")
    assert "publish_at: 2026-02-01T09:00:00.000Z" in site.run("show", "later").lines


def test_a_slug_in_two_locales_needs_one_chosen(post: Site) -> None:
    queue(post, title="Alles", slug="everything", locale="de", translation_of="everything")
    before = post.run("show", "everything").fails(2, "in de and en", "--locale de or --locale en")
    assert before.out == ""
    assert post.run("show", "everything", "--json").json["error"]["code"] == "which_locale"
    german = post.run("show", "everything", "--locale", "de", "--json").succeeds().json
    assert (german["title"], german["locale"]) == ("Alles", "de")
    assert german["translations"] == [{"locale": "en", "slug": "everything", "status": "published"}]
    assert '<html lang="de">' in post.run("show", "everything", "--locale", "de", "-f", "html").out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("everythin",), "did you mean everything?"),
        (("evrything",), "did you mean everything?"),
        (("everything", "--locale", "fr"), "it exists in en: add --locale en"),
        (("zzz",), "check the slug and, with `emdash config`, the store"),
    ],
)
def test_an_unknown_slug_is_told_with_what_comes_near(post: Site, words: tuple[str, ...], said: str) -> None:
    post.run("show", *words).fails(3, "there is no post", said)
    assert post.run("show", *words, "--json").json["error"]["code"] == "no_such_post"


def test_a_post_in_the_trash_is_not_shown_and_said_to_be_there(post: Site) -> None:
    post.sql("UPDATE ec_posts SET deleted_at = '2026-01-05T00:00:00.000Z'")
    post.run("show", "everything").fails(3, "it is in the trash")


def test_content_that_emdash_cannot_render_is_pointed_out(post: Site) -> None:
    post.sql("UPDATE ec_posts SET content = '# Markdown, as another tool wrote it'")
    assert "not Portable Text" in post.run("show", "everything").succeeds().err
    post.sql("""UPDATE ec_posts SET content = '[{"no": "type"}]'""")
    post.run("show", "everything").fails(3, "not valid Portable Text", "--format json")
    assert post.run("show", "everything", "--json").succeeds().json["content"] == [{"no": "type"}]


def test_a_missing_store_is_an_error_and_not_a_new_one(bare: Site) -> None:
    bare.run("show", "anything").fails(6, "there is no store", "emdash init")
    assert bare.files() == []
    bare.write("emdash.db", b"")
    bare.run("show", "anything").fails(6, "no table", "emdash init")


def test_a_term_is_shown_in_the_language_of_the_post(post: Site) -> None:
    queue(post, title="Alles", slug="alles", locale="de", translation_of="everything", tags=["Apfel"])
    german = post.run("show", "alles", "--json").succeeds().json
    assert "Apfel" in [term["label"] for term in german["terms"]]
    english = post.run("show", "everything", "--json").json
    assert "Apfel" not in [term["label"] for term in english["terms"]]


def test_slugs_are_completed(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(site.root)
    for slug in ("alpha-two", "alpha-one", "beta"):
        queue(site, title=slug, slug=slug)
    site.sql("UPDATE ec_posts SET deleted_at = 'x' WHERE slug = 'alpha-two'")
    arguments = ["show", "x"]
    # Typer makes the plain context of its core and hands it to what asks for a typer.Context.
    context = cast("typer.Context", get_command(build(arguments)).make_context("emdash", arguments))
    assert complete_slugs(context, "al") == ["alpha-one"]
    assert complete_slugs(context, "") == ["alpha-one", "beta"]
    (site.root / "emdash.db").unlink()
    assert complete_slugs(context, "al") == []


def test_no_terminal_is_steered_by_a_title(post: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    escape = "'red' || char(27) || '[31m' || char(7)"
    block = f"json_object('_type', 'code', 'code', {escape})"
    post.sql(f"UPDATE ec_posts SET title = {escape}, content = json_array({block})")
    post.is_terminal = True
    monkeypatch.setenv("NO_COLOR", "1")
    out = post.run("show", "everything").succeeds().out
    assert "\x07" not in out
    assert not re.search(r"\x1b\[31m", out)
    assert out.count("red[31m") == 2
