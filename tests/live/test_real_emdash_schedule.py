"""Drafts and changes made in EmDash are scheduled and swept by the tool, beside EmDash's own scheduler.

The site stands still while the tool works where its own scheduler could come first: it ticks every 60 s.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from tests.live import articles
from tests.live.admin import ahead, assert_settled, wait_until_published
from tests.live.pages import plain_html, posts_of

if TYPE_CHECKING:
    from tests.live.emdash_site import EmdashSite
    from tests.live.newsroom import Newsroom

USAGE = 2
PARTLY_DONE = 3


def text(words: str) -> list[dict[str, Any]]:
    """Portable Text of one paragraph, as EmDash's editor sends it."""
    span = {"_type": "span", "_key": "s", "text": words, "marks": []}
    return [{"_type": "block", "_key": "b", "style": "normal", "markDefs": [], "children": [span]}]


def drafted(site: EmdashSite, slug: str, words: str, **more: object) -> str:
    """A draft made in EmDash, of which REST keeps no revision before the first edit; its id."""
    body = {"slug": slug, "data": {"title": f"About {slug}", "content": text(words)}, **more}
    post_id: str = site.api("POST", "/content/posts", body, status=201)["item"]["id"]
    return post_id


def changed(site: EmdashSite, post_id: str, words: str) -> None:
    """Another text, saved in EmDash's editor."""
    site.api("PUT", f"/content/posts/{post_id}", {"data": {"content": text(words)}})


def published(site: EmdashSite, slug: str, words: str) -> str:
    """A post made and published in EmDash; its id."""
    post_id = drafted(site, slug, words)
    site.api("POST", f"/content/posts/{post_id}/publish", {})
    return post_id


class TestDraft:
    def test_a_draft_of_emdash_is_scheduled_as_its_admin_would(self, site: EmdashSite, newsroom: Newsroom) -> None:
        post_id = drafted(site, "set-for-later", "Patience.")
        newsroom.run("schedule", "set-for-later", "--at", "2031-07-01 09:00")
        item = site.item(post_id)
        assert (item["status"], item["scheduledAt"]) == ("scheduled", "2031-07-01T07:00:00.000Z")
        newsroom.run("sweep")
        site.get("/posts/set-for-later", status=404)

    def test_what_is_due_is_on_the_site_after_the_sweep(self, site: EmdashSite, newsroom: Newsroom) -> None:
        """Public in lists and on its category's page too, at the time that was intended, and settled in the admin."""
        post_id = drafted(site, "due-now", "It is time.", taxonomies={"category": ["news"]})
        intended = ahead(minutes=-5)
        with site.paused():
            newsroom.run("schedule", "due-now", "--at", intended)
            newsroom.run("sweep")
        assert "<p>It is time.</p>" in plain_html(site.get("/posts/due-now"))
        assert "/posts/due-now" in posts_of(site.get("/"))
        assert "/posts/due-now" in posts_of(site.get("/category/news"))
        assert site.item(post_id)["publishedAt"] == intended
        assert_settled(site, post_id)

    def test_the_text_of_a_draft_that_was_edited_is_the_one_that_goes_live(
        self, site: EmdashSite, newsroom: Newsroom
    ) -> None:
        post_id = drafted(site, "edited-first", "First words.")
        changed(site, post_id, "Better words.")
        with site.paused():
            newsroom.run("schedule", "edited-first", "--at", ahead(minutes=-1))
            newsroom.run("sweep")
        page = plain_html(site.get("/posts/edited-first"))
        assert "Better words." in page
        assert "First words." not in page
        assert_settled(site, post_id)

    def test_unscheduled_it_stays_a_draft(self, site: EmdashSite, newsroom: Newsroom) -> None:
        post_id = drafted(site, "called-off", "Never mind.")
        with site.paused():
            newsroom.run("schedule", "called-off", "--at", ahead(minutes=-1))
            newsroom.run("unschedule", "called-off")
            newsroom.run("sweep")
        item = site.item(post_id)
        assert (item["status"], item["scheduledAt"]) == ("draft", None)
        site.get("/posts/called-off", status=404)

    def test_rescheduled_it_waits_for_the_new_time(self, site: EmdashSite, newsroom: Newsroom) -> None:
        post_id = drafted(site, "put-off", "Not so soon.")
        newsroom.run("schedule", "put-off", "--at", "2031-07-01T09:00:00Z")
        newsroom.run("reschedule", "put-off", "--at", "2032-07-01T09:00:00Z")
        assert site.item(post_id)["scheduledAt"] == "2032-07-01T09:00:00.000Z"

    def test_a_german_draft_is_named_by_its_locale(self, site: EmdashSite, newsroom: Newsroom) -> None:
        drafted(site, "same-slug", "English.")
        german = drafted(site, "same-slug", "Deutsch.", locale="de")
        with site.paused():
            newsroom.run("schedule", "same-slug", "--at", ahead(minutes=-1), code=USAGE)
            newsroom.run("schedule", "same-slug", "--locale", "de", "--at", ahead(minutes=-1))
            newsroom.run("sweep")
        assert "Deutsch." in plain_html(site.get("/de/posts/same-slug"))
        assert_settled(site, german)
        site.get("/posts/same-slug", status=404)

    def test_a_queued_article_with_a_time_goes_live_with_the_sweep(self, site: EmdashSite, newsroom: Newsroom) -> None:
        """The whole way: queue file, scheduled post, sweep, page with its terms, byline and SEO."""
        soon = ahead(seconds=4)
        article = articles.full(site.base_url) | {"id": "live-timed", "slug": "in-a-moment", "publish_at": soon}
        with site.paused():
            (outcome,) = newsroom.publish(article)
            assert outcome["outcome"] == "scheduled"
            time.sleep(5)
            newsroom.run("sweep")
        page = site.get("/posts/in-a-moment")
        assert "<title>For engines | Live test</title>" in page
        assert "Ada Lovelace" in plain_html(page)
        assert "/posts/in-a-moment" in posts_of(site.get("/tag/freshly-made"))
        assert site.item(outcome["post_id"])["publishedAt"] == soon
        assert_settled(site, outcome["post_id"])


class TestChangeOfAPublishedPost:
    def test_the_old_text_is_served_until_the_sweep_and_the_new_one_after(
        self, site: EmdashSite, newsroom: Newsroom
    ) -> None:
        post_id = published(site, "to-be-renewed", "Old text.")
        since = site.item(post_id)["publishedAt"]
        changed(site, post_id, "New text.")
        newsroom.run("schedule", "to-be-renewed", "--at", ahead(hours=1))
        item = site.item(post_id)
        assert (item["status"], item["scheduledAt"] is not None) == ("published", True)
        newsroom.run("sweep")
        assert "Old text." in plain_html(site.get("/posts/to-be-renewed"))

        with site.paused():
            newsroom.run("reschedule", "to-be-renewed", "--at", ahead(minutes=-1))
            newsroom.run("sweep")
        assert "<p>New text.</p>" in plain_html(site.get("/posts/to-be-renewed"))
        assert site.item(post_id)["publishedAt"] == since
        assert_settled(site, post_id)

    def test_a_slug_that_was_changed_in_the_draft_moves_with_it(self, site: EmdashSite, newsroom: Newsroom) -> None:
        post_id = published(site, "old-address", "Movable.")
        site.api("PUT", f"/content/posts/{post_id}", {"slug": "new-address", "data": {"content": text("Moved.")}})
        with site.paused():
            newsroom.run("schedule", "old-address", "--at", ahead(minutes=-1))
            newsroom.run("sweep")
        assert "Moved." in plain_html(site.get("/posts/new-address"))
        assert_settled(site, post_id)

    def test_a_post_of_the_queue_changed_in_emdash(self, site: EmdashSite, newsroom: Newsroom) -> None:
        """Published by the tool, edited in EmDash, scheduled and swept by the tool."""
        (outcome,) = newsroom.publish(
            articles.plain("back-and-forth", "Back and forth", "By the tool.", tags=["SQLite"])
        )
        changed(site, outcome["post_id"], "By the editor.")
        with site.paused():
            newsroom.run("schedule", "back-and-forth", "--at", ahead(minutes=-1))
            newsroom.run("sweep")
        assert "By the editor." in plain_html(site.get("/posts/back-and-forth"))
        assert "/posts/back-and-forth" in posts_of(site.get("/tag/sqlite"))
        assert_settled(site, outcome["post_id"])


class TestBesideEmdash:
    def test_what_was_edited_in_emdash_after_the_review_is_not_published(
        self, site: EmdashSite, newsroom: Newsroom
    ) -> None:
        """The sweep says so, long before it is due, and it waits for somebody to reschedule what is there now."""
        post_id = drafted(site, "reviewed", "Reviewed words.")
        newsroom.run("schedule", "reviewed", "--at", ahead(hours=1))
        changed(site, post_id, "Unreviewed words.")
        newsroom.run("sweep", code=PARTLY_DONE)
        site.get("/posts/reviewed", status=404)
        with site.paused():
            newsroom.run("reschedule", "reviewed", "--at", ahead(minutes=-1))
            newsroom.run("sweep")
        assert "Unreviewed words." in plain_html(site.get("/posts/reviewed"))

    def test_a_post_that_was_scheduled_in_emdash_is_swept_too(self, site: EmdashSite, newsroom: Newsroom) -> None:
        post_id = drafted(site, "scheduled-there", "From the admin.")
        intended = ahead(seconds=2)
        site.api("POST", f"/content/posts/{post_id}/schedule", {"scheduledAt": intended})
        with site.paused():
            time.sleep(3)
            newsroom.run("sweep")
        assert "From the admin." in plain_html(site.get("/posts/scheduled-there"))
        assert site.item(post_id)["publishedAt"] == intended
        assert_settled(site, post_id)

    def test_emdash_s_own_scheduler_publishes_what_the_tool_scheduled(
        self, site: EmdashSite, newsroom: Newsroom
    ) -> None:
        """Whoever comes first, the post is published once, and the sweep that comes second leaves it alone."""
        post_id = drafted(site, "whoever-is-first", "Once only.")
        newsroom.run("schedule", "whoever-is-first", "--at", ahead(seconds=1))
        wait_until_published(site, post_id)
        assert_settled(site, post_id)
        before = site.rows("SELECT * FROM ec_posts WHERE id = ?", post_id)
        newsroom.run("sweep")
        assert site.rows("SELECT * FROM ec_posts WHERE id = ?", post_id) == before
        assert len(site.api("GET", f"/content/posts/{post_id}/revisions")["items"]) == 1
