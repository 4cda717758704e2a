"""EmDash itself shows, lists and finds what ``emdash publish-queue`` wrote into its database."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.live import articles
from tests.live.articles import FULL, GERMAN, GUEST, UNSEEN
from tests.live.emdash_site import schema_of
from tests.live.pages import element, feed_links, meta, plain_html, posts_of, sitemap

if TYPE_CHECKING:
    from tests.live.emdash_site import EmdashSite
    from tests.live.newsroom import Newsroom


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
