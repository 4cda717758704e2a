"""EmDash itself edits and publishes what ``emdash publish-queue`` wrote into its database, also under load."""

from __future__ import annotations

import json
import threading
import time
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from tests.live import articles
from tests.live.admin import assert_settled, moment_of, wait_until_published
from tests.live.articles import FULL, GERMAN
from tests.live.browser import size_of
from tests.live.pages import element, plain_html, posts_of

if TYPE_CHECKING:
    from tests.live.browser import Browser
    from tests.live.emdash_site import EmdashSite
    from tests.live.newsroom import Newsroom


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

    def test_an_edit_here_is_one_that_emdash_shows_and_publishes(self, site: EmdashSite, newsroom: Newsroom) -> None:
        """Terms, byline and SEO are on the site at once; text and slug wait in a draft, as after an edit there."""
        article = articles.plain("edited-here", "Edited here", category="News", tags=["Old"], author="Ada Lovelace")
        (outcome,) = newsroom.publish(article)
        options = (
            "--title",
            "Edited title",
            "--tag",
            "Fresh",
            "--new-slug",
            "edited-there",
            "--author",
            "Grace Hopper",
        )
        done = newsroom.report("edit", "edited-here", *options, "--seo-description", "For searchers.")
        assert done["at_once"] == ["tags", "author", "seo.description"]
        page = site.get("/posts/edited-here")
        assert "<h1>Edited here</h1>" in page
        assert (element(page, "bylines"), "For searchers." in page) == ("Grace Hopper", True)
        assert "/posts/edited-here" in posts_of(site.get("/tag/fresh"))
        assert "/posts/edited-here" not in posts_of(site.get("/tag/old"))
        assert site.api("GET", f"/content/posts/{outcome['post_id']}/compare")["hasChanges"] is True

        site.api("POST", f"/content/posts/{outcome['post_id']}/publish", {})
        page = site.get("/posts/edited-there")
        assert "<h1>Edited title</h1>" in page
        assert element(page, "bylines") == "Grace Hopper"
        assert site.item(outcome["post_id"])["data"]["title"] == "Edited title"
        assert_settled(site, outcome["post_id"])

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
