"""Posts that expire, and posts that come back from the trash too late, on a real site."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from tests.live.admin import ahead, moment_of
from tests.live.pages import feed_links, plain_html, posts_of, sitemap
from tests.live.test_real_emdash_verbs import Twin

if TYPE_CHECKING:
    from tests.live.emdash_site import EmdashSite
    from tests.live.newsroom import Newsroom


def test_an_expired_post_is_gone_after_a_sweep_and_as_emdash_would_leave_it(
    site: EmdashSite, newsroom: Newsroom
) -> None:
    theirs, ours = Twin(site, "overtime", "a"), Twin(site, "overtime", "b")
    # Without any post, a site has no map of posts.
    for twin in (theirs, ours, Twin(site, "stayhere", "a")):
        twin.do("publish")
    expected_before, before = theirs.rows(), ours.rows()
    path = f"/posts/{ours.slug}"
    newsroom.run("unpublish", ours.slug, "--at", ahead(seconds=4))
    newsroom.run("sweep")
    assert ours.word in plain_html(site.get(path)), "its time has not come"
    time.sleep(5)
    (swept,) = newsroom.report("sweep")["outcomes"]
    assert (swept["outcome"], swept["code"], swept["slug"]) == ("unpublished", "expired", ours.slug)
    theirs.do("unpublish")
    site.get(path, status=404)
    assert path not in posts_of(site.get("/"))
    assert f"{site.base_url}{path}" not in feed_links(site.get("/rss.xml"))
    assert f"{site.base_url}{path}" not in sitemap(site.get("/sitemap-posts.xml"))
    assert path not in posts_of(site.get(f"/search?q={ours.word}"))
    expected, found = theirs.alike(expected_before), ours.alike(before)
    assert found == expected
    assert newsroom.report("sweep")["outcomes"] == []


def test_emdash_does_not_publish_what_it_restores_too_late(site: EmdashSite, newsroom: Newsroom) -> None:
    """Its own scheduler would, were the post still on its schedule."""
    twin = Twin(site, "toolater", "a")
    newsroom.run("schedule", twin.slug, "--at", ahead(seconds=4))
    twin.do("trash")
    newsroom.run("sweep")
    time.sleep(5)
    (held,) = [one for one in newsroom.report("sweep", code=3)["outcomes"] if one["slug"] == twin.slug]
    assert (held["outcome"], held["code"]) == ("held", "overdue_in_trash")
    twin.do("untrash")
    time.sleep(2)
    item = site.item(twin.id)
    assert (item["status"], item["scheduledAt"]) == ("draft", None)
    site.get(f"/posts/{twin.slug}", status=404)
    newsroom.run("reschedule", twin.slug, "--at", "now")
    newsroom.report("sweep")
    assert twin.word in plain_html(site.get(f"/posts/{twin.slug}"))
    assert moment_of(site.item(twin.id)["publishedAt"])
