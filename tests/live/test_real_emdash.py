"""EmDash itself shows, lists, finds, edits and publishes what ``emdash publish-queue`` wrote into its database."""

from __future__ import annotations

import json
import threading
import time
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from tests.live import articles
from tests.live.admin import ahead, assert_settled, moment_of, wait_until_published
from tests.live.browser import size_of
from tests.live.emdash_site import schema_of
from tests.live.pages import element, feed_links, meta, plain_html, posts_of, sitemap

if TYPE_CHECKING:
    from tests.live.browser import Browser
    from tests.live.emdash_site import EmdashSite
    from tests.live.newsroom import Newsroom

FULL = "/posts/everything-and-more"
GERMAN = "/de/posts/alles-und-mehr"
GUEST = "/posts/a-guest-writes"
UNSEEN = ("/posts/not-yet", "/posts/on-a-later-day")


@pytest.fixture(scope="module")
def published(site: EmdashSite, newsroom: Newsroom) -> dict[str, dict[str, Any]]:
    """The articles of ``articles.py``, published by one run while the site is up; its outcomes by slug."""
    timed = articles.soon(ahead(seconds=30))
    queue = [articles.full(site.base_url), articles.guest(), articles.draft(), articles.later(), timed]
    return {outcome["slug"]: outcome for outcome in newsroom.publish(*queue)}


@pytest.fixture(scope="module")
def translated(newsroom: Newsroom, published: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """And the translation of one of them, published by the next run."""
    (outcome,) = newsroom.publish(articles.german())
    return {**published, outcome["slug"]: outcome}


@pytest.fixture(scope="module")
def full_id(published: dict[str, dict[str, Any]]) -> str:
    post_id: str = published["everything-and-more"]["post_id"]
    return post_id


class TestStore:
    def test_one_run_publishes_them_all_and_files_them_away(
        self, newsroom: Newsroom, translated: dict[str, dict[str, Any]]
    ) -> None:
        assert {slug: outcome["outcome"] for slug, outcome in translated.items()} == {
            "everything-and-more": "published",
            "alles-und-mehr": "published",
            "a-guest-writes": "published",
            "not-yet": "draft",
            "on-a-later-day": "scheduled",
            "by-itself": "scheduled",
        }
        assert [*(newsroom.directory / "queue").glob("*.json")] == []

    def test_a_translation_may_be_queued_with_its_source_and_before_it(
        self, site: EmdashSite, newsroom: Newsroom
    ) -> None:
        german = articles.plain("das-paar", "Das Paar", locale="de", translation_of="live-the-pair")
        outcomes = newsroom.publish(german, articles.plain("the-pair", "The pair"))
        assert [outcome["outcome"] for outcome in outcomes] == ["published", "published"]
        assert (
            element(site.get("/posts/the-pair"), "translations") == '<a hreflang="de" href="/de/posts/das-paar">de</a>'
        )

    @pytest.mark.usefixtures("translated")
    def test_emdash_s_own_schema_is_as_it_was(self, site: EmdashSite, schema_before: dict[str, str]) -> None:
        """The tool adds tables and indexes of its own; no column, index or trigger to a table of EmDash's."""
        after = schema_of(site)
        assert {name: after.get(name) for name in schema_before} == schema_before
        added = site.rows("SELECT type, name, tbl_name FROM sqlite_master WHERE sql IS NOT NULL")
        mine = [row for row in added if row["name"] not in schema_before]
        assert {row["type"] for row in mine} <= {"table", "index"}
        assert not {row["tbl_name"] for row in mine} & set(schema_before)
        assert not [row["name"] for row in mine if row["name"].startswith(("ec_", "_emdash_"))]
        assert site.rows("PRAGMA journal_mode") == [{"journal_mode": "delete"}]
        assert site.rows("PRAGMA foreign_key_check") == []

    def test_times_are_utc_as_emdash_writes_them(self, site: EmdashSite, published: dict[str, dict[str, Any]]) -> None:
        post = site.rows("SELECT * FROM ec_posts WHERE id = ?", published["on-a-later-day"]["post_id"])[0]
        assert post["scheduled_at"] == "2031-01-15T08:00:00.000Z"
        assert [len(post[name]) for name in ("created_at", "updated_at")] == [24, 24]


@pytest.mark.usefixtures("translated")
class TestPages:
    @pytest.mark.parametrize(
        "html",
        [
            "<h2>What changed</h2>",
            "<h3>Steps</h3>",
            "<p>Plain <strong>strong</strong> <em>emphasis</em> <code>inline code</code> <s>struck</s> ",
            '<a href="https://example.com/a?b=1&amp;c=2">a link</a>.<br>',
            "After a hard break, with an accent in Zürich and a rocket 🚀.</p>",
            "<ol><li>First</li><li>Second<ul><li>nested apple</li><li>nested pear</li></ul></li><li>Third</li></ol>",
            "<ul><li>cherry</li><li>plum</li></ul>",
            '<code class="language-python">print(&quot;&lt;b&gt;Zürich&lt;/b&gt;&quot;)',
            "<thead><tr><th><p>Name</p></th><th><p>Count</p></th></tr></thead>",
            '<td><p><a href="https://example.com/cell">cell</a></p></td><td><p><strong>two</strong></p></td>',
            "<blockquote><p>A quote</p><p>of two paragraphs.</p></blockquote>",
            "<hr",
            '/sample.svg" alt="A sample picture"',
            "Raw <em>HTML</em> stays.",
            "The footnote says wombat.",
            "<p>The last paragraph.</p>",
        ],
    )
    def test_every_shape_of_the_body_is_rendered(self, site: EmdashSite, html: str) -> None:
        body = plain_html(site.get(FULL)).replace("&#39;", "'").replace("&#34;", "&quot;")
        assert html in body, body

    def test_what_stands_around_the_body(self, site: EmdashSite) -> None:
        page = site.get(FULL)
        assert "<h1>Everything &amp; more</h1>" in plain_html(page)
        assert element(page, "bylines") == "Ada Lovelace"
        assert element(page, "categories") == '<a href="/category/news">News</a>'
        assert sorted(element(page, "tags").split("</a>"))[1:] == [
            '<a href="/tag/freshly-made">Freshly Made',
            '<a href="/tag/sqlite">SQLite',
        ]
        assert f'<img src="{site.base_url}/sample.svg" alt="A circle beside a box"' in element(page, "featured")
        assert element(page, "excerpt") == "What an article can hold."

    def test_what_search_engines_are_told(self, site: EmdashSite) -> None:
        page = site.get(FULL)
        assert "<title>For engines | Live test</title>" in page
        assert meta(page, "description") == "Described for engines."
        assert meta(page, "og:image") == f"{site.base_url}/sample.svg"
        assert f'<link rel="canonical" href="{site.base_url}{FULL}"' in page
        assert meta(page, "robots") == ""
        assert "noindex" in meta(site.get(GUEST), "robots")

    def test_an_unknown_author_becomes_a_guest_byline(self, site: EmdashSite) -> None:
        assert element(site.get(GUEST), "bylines") == "Grace Hopper"
        bylines = site.api("GET", "/admin/bylines")["items"]
        assert [(line["slug"], line["isGuest"]) for line in bylines if line["displayName"] == "Grace Hopper"] == [
            ("grace-hopper", True)
        ]

    def test_a_translation_is_linked_both_ways_and_has_the_terms_of_its_locale(self, site: EmdashSite) -> None:
        german = site.get(GERMAN)
        assert '<html lang="de">' in german
        assert "Der deutsche Text über Größe." in german
        assert element(german, "categories") == '<a href="/de/category/nachrichten">Nachrichten</a>'
        assert element(german, "tags") == '<a href="/de/tag/sqlite">SQLite</a>'
        assert element(german, "bylines") == "Ada Lovelace"
        assert element(german, "translations") == f'<a hreflang="en" href="{FULL}">en</a>'
        assert element(site.get(FULL), "translations") == f'<a hreflang="de" href="{GERMAN}">de</a>'
        assert f'href="{site.base_url}{GERMAN}" hreflang="de"' in site.get(FULL)

    @pytest.mark.parametrize(
        ("path", "wanted", "unwanted"),
        [
            ("/", {FULL, GUEST}, {GERMAN, *UNSEEN}),
            ("/de/", {GERMAN}, {FULL}),
            ("/category/news", {FULL, GUEST}, {GERMAN, *UNSEEN}),
            ("/de/category/nachrichten", {GERMAN}, {FULL}),
            ("/tag/sqlite", {FULL}, {GUEST, GERMAN}),
            ("/de/tag/sqlite", {GERMAN}, {FULL}),
            ("/tag/freshly-made", {FULL}, {GUEST}),
            ("/search?q=wombat", {FULL}, {GUEST}),
            ("/search?q=rocket", {FULL}, {GUEST}),
            ("/de/search?q=Größe", {GERMAN}, {FULL}),
            ("/search?q=quokka", set(), set(UNSEEN)),
            ("/search?q=axolotl", set(), set(UNSEEN)),
        ],
    )
    def test_lists_category_and_tag_pages_and_the_search(
        self, site: EmdashSite, path: str, wanted: set[str], unwanted: set[str]
    ) -> None:
        """Drafts and what is due later are in none of them."""
        found = posts_of(site.get(path))
        assert wanted <= set(found)
        assert not unwanted & set(found)
        assert len(found) == len(set(found))

    def test_the_feed(self, site: EmdashSite) -> None:
        links = feed_links(site.get("/rss.xml"))
        assert {f"{site.base_url}{FULL}", f"{site.base_url}{GUEST}"} <= set(links)
        assert not {f"{site.base_url}{path}" for path in UNSEEN} & set(links)

    def test_the_sitemap_has_both_languages_and_nothing_hidden(self, site: EmdashSite) -> None:
        assert f"{site.base_url}/sitemap-posts.xml" in site.get("/sitemap.xml")
        urls = sitemap(site.get("/sitemap-posts.xml"))
        full, german = f"{site.base_url}{FULL}", f"{site.base_url}{GERMAN}"
        assert urls[full] == urls[german] == {"en": full, "de": german, "x-default": full}
        assert not {f"{site.base_url}{path}" for path in (GUEST, *UNSEEN)} & set(urls)

    @pytest.mark.parametrize("path", UNSEEN)
    def test_a_draft_and_a_scheduled_post_have_no_page(self, site: EmdashSite, path: str) -> None:
        site.get(path, status=404)


class TestAdmin:
    """The REST API is what EmDash's admin shows."""

    def test_the_post_is_published_with_its_revision_and_nothing_pending(self, site: EmdashSite, full_id: str) -> None:
        item = site.item(full_id)
        assert (item["status"], item["draftRevisionId"], item["scheduledAt"]) == ("published", None, None)
        assert item["publishedAt"] == item["createdAt"]
        revisions = site.api("GET", f"/content/posts/{full_id}/revisions")["items"]
        assert [revision["id"] for revision in revisions] == [item["liveRevisionId"]]
        assert revisions[0]["data"] == item["data"]
        compared = site.api("GET", f"/content/posts/{full_id}/compare")
        assert (compared["hasChanges"], compared["draft"]) == (False, None)

    def test_seo_bylines_and_terms_are_there(self, site: EmdashSite, full_id: str) -> None:
        item = site.item(full_id)
        assert item["seo"] == {
            "title": "For engines",
            "description": "Described for engines.",
            "image": f"{site.base_url}/sample.svg",
            "canonical": None,
            "noIndex": False,
        }
        assert [(line["byline"]["slug"], line["source"]) for line in item["bylines"]] == [("ada-lovelace", "explicit")]
        assert item["byline"]["translationGroup"] == item["primaryBylineId"]
        for taxonomy, slugs in (("category", ["news"]), ("tag", ["freshly-made", "sqlite"])):
            terms = site.api("GET", f"/content/posts/{full_id}/terms/{taxonomy}")["terms"]
            assert sorted(term["slug"] for term in terms) == slugs

    def test_a_term_that_was_made_is_in_the_taxonomy_once(self, site: EmdashSite, full_id: str) -> None:
        assert full_id
        terms = site.api("GET", "/taxonomies/tag/terms?locale=en")["terms"]
        assert sorted((term["slug"], term["label"]) for term in terms) == [
            ("freshly-made", "Freshly Made"),
            ("sqlite", "SQLite"),
        ]

    @pytest.mark.usefixtures("translated")
    def test_translations_are_one_group(self, site: EmdashSite, full_id: str) -> None:
        found = site.api("GET", f"/content/posts/{full_id}/translations")["translations"]
        assert sorted((one["locale"], one["slug"], one["status"]) for one in found) == [
            ("de", "alles-und-mehr", "published"),
            ("en", "everything-and-more", "published"),
        ]

    def test_drafts_and_scheduled_posts(self, site: EmdashSite, published: dict[str, dict[str, Any]]) -> None:
        """A draft's text waits in a draft revision or in its columns, and nothing is live."""
        draft = site.item(published["not-yet"]["post_id"])
        assert (draft["status"], draft["liveRevisionId"], draft["publishedAt"]) == ("draft", None, None)
        scheduled = site.item(published["on-a-later-day"]["post_id"])
        assert (scheduled["status"], scheduled["liveRevisionId"]) == ("scheduled", None)
        assert scheduled["scheduledAt"] == "2031-01-15T08:00:00.000Z"

    def test_the_search_of_the_api(self, site: EmdashSite, full_id: str) -> None:
        assert [hit["id"] for hit in site.api("GET", "/search?q=wombat")["items"]] == [full_id]


class TestAfterwards:
    """EmDash goes on with the posts as if they were its own."""

    def test_a_post_can_be_edited_and_published_in_emdash(self, site: EmdashSite, newsroom: Newsroom) -> None:
        """An edit waits in a draft, publishing makes it live, and neither loses the picture or the body."""
        article = articles.full(site.base_url)
        article |= {"id": "live-edited", "title": "To be edited", "slug": "to-be-edited"}
        (outcome,) = newsroom.publish(article)
        before = site.item(outcome["post_id"])

        data = {**before["data"], "title": "Edited by hand"}
        site.api("PUT", f"/content/posts/{outcome['post_id']}", {"data": data})
        assert site.api("GET", f"/content/posts/{outcome['post_id']}/compare")["hasChanges"] is True
        assert "Edited by hand" not in site.get("/posts/to-be-edited")

        site.api("POST", f"/content/posts/{outcome['post_id']}/publish", {})
        page = site.get("/posts/to-be-edited")
        assert "<h1>Edited by hand</h1>" in page
        assert f'<img src="{site.base_url}/sample.svg" alt="A circle beside a box"' in element(page, "featured")
        after = site.item(outcome["post_id"])
        assert after["data"] == data
        assert after["publishedAt"] == before["publishedAt"]
        assert "/posts/to-be-edited" in posts_of(site.get("/category/news"))

    def test_a_queued_draft_can_be_finished_and_published_in_emdash(self, site: EmdashSite, newsroom: Newsroom) -> None:
        (outcome,) = newsroom.publish(
            articles.plain("half-done", "Half done", status="draft", category="News", author="Ada Lovelace")
        )
        site.api("PUT", f"/content/posts/{outcome['post_id']}", {"data": {"title": "All done"}})
        site.api("POST", f"/content/posts/{outcome['post_id']}/publish", {})
        page = site.get("/posts/half-done")
        assert "<h1>All done</h1>" in plain_html(page)
        assert "<p>Some text.</p>" in plain_html(page)
        assert element(page, "bylines") == "Ada Lovelace"
        assert "/posts/half-done" in posts_of(site.get("/category/news"))
        assert_settled(site, outcome["post_id"])

    def test_unpublished_in_emdash_it_is_gone_and_published_again_it_is_back(
        self, site: EmdashSite, newsroom: Newsroom
    ) -> None:
        (outcome,) = newsroom.publish(articles.plain("off-and-on", "Off and on", category="News"))
        site.api("POST", f"/content/posts/{outcome['post_id']}/unpublish", {})
        site.get("/posts/off-and-on", status=404)
        assert "/posts/off-and-on" not in posts_of(site.get("/category/news"))
        site.api("POST", f"/content/posts/{outcome['post_id']}/publish", {})
        assert "/posts/off-and-on" in posts_of(site.get("/category/news"))

    def test_what_was_edited_in_emdash_is_still_known_to_the_ledger(self, site: EmdashSite, newsroom: Newsroom) -> None:
        """The same file again is a duplicate, and the edit stays."""
        article = articles.plain("known-again", "Known again")
        (first,) = newsroom.publish(article)
        site.api("PUT", f"/content/posts/{first['post_id']}", {"data": {"title": "By hand"}})
        site.api("POST", f"/content/posts/{first['post_id']}/publish", {})
        (second,) = newsroom.publish(article)
        assert (second["outcome"], second["post_id"]) == ("duplicate", first["post_id"])
        assert "<h1>By hand</h1>" in site.get("/posts/known-again")

    def test_slugs_of_emdash_s_own_posts_are_taken_even_in_its_trash(
        self, site: EmdashSite, newsroom: Newsroom
    ) -> None:
        post = {"slug": "taken-there", "data": {"title": "Taken", "content": []}}
        mine = site.api("POST", "/content/posts", post, status=201)["item"]
        site.api("DELETE", f"/content/posts/{mine['id']}")
        (outcome,) = newsroom.publish(articles.plain("taken-there", "Another text"), code=3)
        assert outcome["outcome"] == "conflict"
        assert mine["id"] in outcome["reason"]

    def test_numbers_go_on_after_a_post_that_was_made_in_emdash(self, site: EmdashSite, newsroom: Newsroom) -> None:
        post = {"slug": "041-by-hand", "data": {"title": "By hand", "content": []}}
        made = site.api("POST", "/content/posts", post, status=201)["item"]
        site.api("POST", f"/content/posts/{made['id']}/publish", {})
        article = articles.plain("", "By the queue", id="live-number")
        del article["slug"]
        (outcome,) = newsroom.publish(article)
        assert outcome["slug"] == "042-by-the-queue"
        assert "<h1>By the queue</h1>" in site.get("/posts/042-by-the-queue")

    def test_a_markdown_file_with_front_matter(self, site: EmdashSite, newsroom: Newsroom) -> None:
        file = newsroom.directory / "post.md"
        file.write_text("---\ntitle: From Markdown\nslug: from-markdown\ntags: [SQLite]\n---\n\nHello *there*.\n")
        newsroom.run("enqueue", str(file))
        newsroom.run("publish-queue")
        assert "<p>Hello <em>there</em>.</p>" in plain_html(site.get("/posts/from-markdown"))
        assert "/posts/from-markdown" in posts_of(site.get("/tag/sqlite"))


class TestUnderLoad:
    def test_three_hundred_articles_while_the_site_reads_and_writes(self, site: EmdashSite, newsroom: Newsroom) -> None:
        """Every page is served, every edit in the admin succeeds, and every article is published.

        They are dated back, so that they do not fill the lists that other tests look at.
        """
        edited = site.api("POST", "/content/posts", {"slug": "busy", "data": {"title": "0"}}, status=201)["item"]
        trouble: list[str] = []
        slowest: list[float] = []
        ended = threading.Event()

        def visit() -> None:
            with httpx.Client(base_url=site.base_url, timeout=60, trust_env=False) as visitor:
                while not ended.is_set():
                    begun = time.monotonic()
                    answer = visitor.get("/")
                    slowest.append(time.monotonic() - begun)
                    if answer.status_code != httpx.codes.OK:
                        trouble.append(f"page: {answer.status_code}")

        def edit() -> None:
            count = 0
            while not ended.is_set():
                count += 1
                try:
                    site.api("PUT", f"/content/posts/{edited['id']}", {"data": {"title": str(count)}})
                except AssertionError as error:
                    trouble.append(str(error))

        threads = [threading.Thread(target=work) for work in (visit, edit)]
        for thread in threads:
            thread.start()
        try:
            dated = {"tags": ["load"], "publish_at": "2020-02-02T02:02:02Z"}
            outcomes = newsroom.publish(
                *(articles.plain(f"load-{n}", f"Load {n}", articles.MARKDOWN, **dated) for n in range(300))
            )
        finally:
            ended.set()
            for thread in threads:
                thread.join()
        assert trouble == []
        assert {outcome["outcome"] for outcome in outcomes} == {"published"}
        assert len(posts_of(site.get("/tag/load"))) == 100
        assert max(slowest) < 5
        assert "<h1>Load 299</h1>" in site.get("/posts/load-299")


@pytest.mark.usefixtures("translated")
class TestScreenshots:
    @pytest.mark.parametrize(
        ("path", "name", "height"),
        [(FULL, "post", 1900), (GERMAN, "post-de", 800), ("/category/news", "category", 1000), ("/", "list", 1600)],
    )
    def test_pages(self, site: EmdashSite, browser: Browser, path: str, name: str, height: int) -> None:
        picture = browser.screenshot(f"{site.base_url}{path}", name, width=900, height=height)
        assert size_of(picture) == (900, height)

    @pytest.mark.parametrize(
        ("slug", "name"),
        [
            ("everything-and-more", "admin"),
            ("a-guest-writes", "admin-list-at-the-end"),
        ],
    )
    def test_looking_at_a_post_in_the_admin_changes_nothing(
        self,
        site: EmdashSite,
        admin: str,
        browser: Browser,
        published: dict[str, dict[str, Any]],
        slug: str,
        name: str,
    ) -> None:
        """Its editor saves on its own when it would have stored the body differently."""
        site.api("POST", "/auth/me", {"action": "dismissWelcome"})
        post_id = published[slug]["post_id"]
        before = site.rows("SELECT * FROM ec_posts WHERE id = ?", post_id)
        editor = f"/_emdash/api/setup/dev-bypass?redirect=/_emdash/admin/content/posts/{post_id}"
        picture = browser.screenshot(f"{admin}{editor}", name, width=1400, height=1600)
        assert size_of(picture) == (1400, 1600)
        compared = site.api("GET", f"/content/posts/{post_id}/compare")
        assert site.rows("SELECT * FROM ec_posts WHERE id = ?", post_id) == before, json.dumps(compared)


class TestOwnScheduler:
    def test_emdash_publishes_a_queued_article_when_its_time_has_come(
        self, site: EmdashSite, published: dict[str, dict[str, Any]]
    ) -> None:
        """Without any sweep of the tool, at the intended time, on its category's and tag's pages, and settled."""
        post_id = published["by-itself"]["post_id"]
        wait_until_published(site, post_id)
        assert "Nobody swept this." in plain_html(site.get("/posts/by-itself"))
        for path in ("/category/news", "/tag/sqlite"):
            assert "/posts/by-itself" in posts_of(site.get(path))
        item = site.item(post_id)
        assert timedelta() < moment_of(item["publishedAt"]) - moment_of(item["createdAt"]) < timedelta(seconds=31)
        assert_settled(site, post_id)
