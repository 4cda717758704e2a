"""Posts that the sweep holds, in `emdash calendar` and `emdash posts`; on a site it has unscheduled them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from freezegun import freeze_time

from tests.harness.posts import NOW, ago, ahead, due_post, give_post, outcomes
from tests.harness.site import EMBEDDED
from tests.scheduling.support import CHANGED

if TYPE_CHECKING:
    from tests.harness.site import Site


def held_posts(any_site: Site) -> bool:
    """One that is new, and one that changes what is live; whether the store is a site's."""
    due_post(any_site, "new")
    due_post(any_site, "change", status="published", live={"title": "Old"}, published_at=ago(days=5))
    any_site.sql("UPDATE revisions SET data = ? WHERE id LIKE 'DRAFT-%'", CHANGED)
    assert set(outcomes(any_site, code=3).values()) == {("held", "text_changed")}
    return any_site.sql("SELECT scheduled_at FROM ec_posts") == [(None,)] * 2


@freeze_time(NOW)
def test_the_calendar_has_them_at_the_time_that_was_meant(any_site: Site) -> None:
    assert held_posts(any_site) is (any_site.layout != EMBEDDED)
    give_post(any_site, "waiting", draft={}, lock={}, scheduled_at=ahead(days=1))
    held = {"held_at": ago(), "scheduled_at": ago()}
    give_post(any_site, "trashed", draft={}, lock=held, scheduled_at=None, deleted_at=ago())
    posts = any_site.run("calendar", "--json").succeeds().json["posts"]
    assert [(post["slug"], post["kind"], post["at"], bool(post["held"])) for post in posts] == [
        ("change", "change", ago(hours=1), True),
        ("new", "scheduled", ago(hours=1), True),
        ("waiting", "scheduled", ahead(days=1), False),
    ]
    assert "after it was scheduled" in posts[0]["held"]
    assert [line.split("\t")[2] for line in any_site.run("calendar").succeeds().lines] == ["held", "held", ""]
    assert any_site.run("calendar", "--from", ahead(days=1)[:10], "--json").json["posts"] == [posts[2]]


@freeze_time(NOW)
def test_lists_mark_them(any_site: Site) -> None:
    is_site = held_posts(any_site)
    give_post(any_site, "free", status="draft", created_at=ago(days=40))
    lines = [line.split("\t")[:3] for line in any_site.run("posts").succeeds().lines]
    assert lines == [
        ["draft+held" if is_site else "scheduled+held", ago(hours=1), "new"],
        ["published+change+held", ago(days=5), "change"],
        ["draft", "", "free"],
    ]
    posts = any_site.run("posts", "--json").succeeds().json["posts"]
    assert [(post["scheduled_at"], bool(post["held"])) for post in posts] == [
        (ago(hours=1), True),
        (ago(hours=1), True),
        (None, False),
    ]


@freeze_time(NOW)
def test_what_emdash_has_published_meanwhile_is_held_no_more(any_site: Site) -> None:
    """Until the next sweep has dropped its lock."""
    held_posts(any_site)
    any_site.sql("UPDATE ec_posts SET status = 'published', scheduled_at = NULL, draft_revision_id = NULL")
    assert any_site.run("calendar", "--json").succeeds().json["posts"] == []
    assert {post["held"] for post in any_site.run("posts", "--json").succeeds().json["posts"]} == {None}


@freeze_time(NOW)
def test_one_that_is_unscheduled_is_held_no_more(site: Site) -> None:
    held_posts(site)
    site.run("unschedule", "new").succeeds()
    assert site.run("posts").lines[0].startswith("draft\t\tnew")
