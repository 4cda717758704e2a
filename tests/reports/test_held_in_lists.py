"""Posts that the sweep holds, in `emdash calendar` and `emdash posts`; on a site it has unscheduled them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from freezegun import freeze_time

from tests.harness.posts import NOW, ago, ahead, due_post, give_post, outcomes
from tests.scheduling.sweeping import CHANGED, everywhere

if TYPE_CHECKING:
    import pytest

    from tests.harness.cli import Cli


def held_posts(stores: Cli) -> bool:
    """One that is new, and one that changes what is live; whether the store is a site's."""
    due_post(stores, "new")
    due_post(stores, "change", status="published", live={"title": "Old"}, published_at=ago(days=5))
    stores.sql("UPDATE revisions SET data = ? WHERE id LIKE 'DRAFT-%'", CHANGED)
    assert set(outcomes(stores, code=3).values()) == {("held", "text_changed")}
    return stores.sql("SELECT scheduled_at FROM ec_posts") == [(None,)] * 2


@everywhere
@freeze_time(NOW)
def test_the_calendar_has_them_at_the_time_that_was_meant(stores: Cli, request: pytest.FixtureRequest) -> None:
    assert held_posts(stores) is (request.node.callspec.params["stores"] is not None)
    give_post(stores, "waiting", draft={}, lock={}, scheduled_at=ahead(days=1))
    held = {"held_at": ago(), "scheduled_at": ago()}
    give_post(stores, "trashed", draft={}, lock=held, scheduled_at=None, deleted_at=ago())
    posts = stores("calendar", "--json").succeeds().json["posts"]
    assert [(post["slug"], post["kind"], post["at"], bool(post["held"])) for post in posts] == [
        ("change", "change", ago(hours=1), True),
        ("new", "scheduled", ago(hours=1), True),
        ("waiting", "scheduled", ahead(days=1), False),
    ]
    assert "after it was scheduled" in posts[0]["held"]
    assert [line.split("\t")[2] for line in stores("calendar").succeeds().lines] == ["held", "held", ""]
    assert stores("calendar", "--from", ahead(days=1)[:10], "--json").json["posts"] == [posts[2]]


@everywhere
@freeze_time(NOW)
def test_lists_mark_them(stores: Cli) -> None:
    is_site = held_posts(stores)
    give_post(stores, "free", status="draft", created_at=ago(days=40))
    lines = [line.split("\t")[:3] for line in stores("posts").succeeds().lines]
    assert lines == [
        ["draft+held" if is_site else "scheduled+held", ago(hours=1), "new"],
        ["published+change+held", ago(days=5), "change"],
        ["draft", "", "free"],
    ]
    posts = stores("posts", "--json").succeeds().json["posts"]
    assert [(post["scheduled_at"], bool(post["held"])) for post in posts] == [
        (ago(hours=1), True),
        (ago(hours=1), True),
        (None, False),
    ]


@everywhere
@freeze_time(NOW)
def test_what_emdash_has_published_meanwhile_is_held_no_more(stores: Cli) -> None:
    """Until the next sweep has dropped its lock."""
    held_posts(stores)
    stores.sql("UPDATE ec_posts SET status = 'published', scheduled_at = NULL, draft_revision_id = NULL")
    assert stores("calendar", "--json").succeeds().json["posts"] == []
    assert {post["held"] for post in stores("posts", "--json").succeeds().json["posts"]} == {None}


@freeze_time(NOW)
def test_one_that_is_unscheduled_is_held_no_more(blog: Cli) -> None:
    held_posts(blog)
    blog("unschedule", "new").succeeds()
    assert blog("posts").lines[0].startswith("draft\t\tnew")
