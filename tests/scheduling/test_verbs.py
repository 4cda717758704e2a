"""`emdash publish`, `unpublish`, `trash` and `untrash`, by their action: what becomes of posts, locks and jobs."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from freezegun import freeze_time

from emdash_cli.scheduling.verbs import Verb
from tests.harness.ports import Interrupted, Port, SendsTwice
from tests.harness.posts import NOW, ago, ahead, body, compact, due_post, give_post
from tests.scheduling.support import DRAFT, do, draft

if TYPE_CHECKING:
    from tests.harness.site import Site

LIVE = {"title": "Live", "content": body("live")}
STATE = ("status", "published_at", "scheduled_at", "deleted_at", "updated_at", "version", "slug", "title")
TERMS = "SELECT status, scheduled_at, deleted_at, published_at FROM content_taxonomies"


def state(site: Site, slug: str) -> tuple[object, ...]:
    row = site.post(slug)
    return tuple(row[name] for name in STATE)


def live(site: Site, slug: str = "a", **columns: Any) -> str:
    values = {"status": "published", "live": LIVE, "published_at": ago(days=3), "title": "Live"} | columns
    return give_post(site, slug, **values)


def link(site: Site, post: str) -> None:
    """A category of the post, with the copies that EmDash 0.32 keeps of its status and dates."""
    row = site.row("ec_posts", id=post)
    copied = {name: row[name] for name in ("status", "scheduled_at", "deleted_at", "published_at", "locale")}
    site.insert("content_taxonomies", collection="posts", entry_id=post, taxonomy_id="T", **copied)


def stamps(site: Site, expected: tuple[object, ...]) -> None:
    is_old = not site.sql("SELECT 1 FROM _emdash_migrations WHERE name >= '068'")
    if is_old:
        assert site.sql(TERMS) == [expected]


@freeze_time(NOW)
class TestPublish:
    def test_a_draft_goes_live_at_once(self, any_site: Site) -> None:
        draft(any_site)
        link(any_site, "A-DRAFT")
        assert do(Port(any_site), "publish", "a-draft").outcomes == {"a-draft": "published"}
        assert state(any_site, "a-draft") == ("published", ago(), None, None, ago(), 2, "a-draft", "Fresh")
        row = any_site.post("a-draft")
        assert (row["live_revision_id"], row["draft_revision_id"]) == ("DRAFT-A-DRAFT", None)
        assert any_site.sql("SELECT path FROM publish_outbox") == [("/p/a-draft",)]
        stamps(any_site, ("published", None, None, ago()))

    def test_a_draft_whose_text_is_in_the_columns_gets_a_revision(self, any_site: Site) -> None:
        draft(any_site, draft=None, title="Only here")
        do(Port(any_site), "publish", "a-draft")
        row = any_site.post("a-draft")
        revision = any_site.row("revisions", id=row["live_revision_id"])
        assert (row["status"], json.loads(revision["data"])["title"]) == ("published", "Only here")

    def test_a_scheduled_post_that_is_as_it_was_reviewed_goes_live_early(self, any_site: Site) -> None:
        due_post(any_site, "a", scheduled_at=ahead(days=1))
        told = do(Port(any_site), "publish", "a")
        assert told.posts[0].notes == ("it was scheduled for Tue 2026-06-16 12:00 UTC (2026-06-16T12:00:00Z)",)
        assert state(any_site, "a") == ("published", ago(), None, None, ago(), 2, "a", "About a")
        assert any_site.sql("SELECT * FROM schedule_locks") == []

    def test_a_pending_change_goes_live_and_the_date_stays(self, any_site: Site) -> None:
        live(any_site, draft={**DRAFT, "_slug": "b"})
        do(Port(any_site), "publish", "a")
        assert state(any_site, "b") == ("published", ago(days=3), None, None, ago(), 2, "b", "Fresh")
        assert any_site.sql("SELECT path, path_before FROM publish_outbox") == [("/p/b", "/p/a")]

    def test_what_is_live_already_is_unchanged(self, any_site: Site) -> None:
        live(any_site)
        before = any_site.dump()
        assert do(Port(any_site), "publish", "a").outcomes == {"a": "unchanged"}
        assert any_site.dump() == before

    @pytest.mark.parametrize(
        ("columns", "words"),
        [
            ({"lock": {"data": "{}"}}, "is scheduled for Tue 2026-06-16 12:00 UTC"),
            ({"lock": {"slug": "x"}}, "and was changed since operator:ada scheduled it on Sat 2026-06-06 12:00 UTC"),
            ({"lock": {"held_at": ago(hours=1), "held_reason": "why"}}, "has been held since Mon 2026-06-15 11:00 UTC"),
        ],
    )
    def test_what_is_not_as_it_was_reviewed_needs_an_admin(
        self, any_site: Site, columns: dict[str, Any], words: str
    ) -> None:
        due_post(any_site, "a", scheduled_at=ahead(days=1), **columns)
        before = any_site.dump()
        (error,) = do(Port(any_site), "publish", "a").errors
        assert words in error.message
        assert "--force" in error.hint
        assert any_site.dump() == before
        assert do(Port(any_site), "publish", "a", force=True).outcomes == {"a": "published"}
        assert any_site.sql("SELECT * FROM schedule_locks") == []
        (detail,) = any_site.sql("SELECT detail FROM pipeline_audit")[0]
        assert json.loads(detail)["overrides"]["locked_by"] == "operator:ada"

    def test_the_text_is_compared_in_the_batch_itself(self, any_site: Site) -> None:
        """Some tools rewrite a revision in place, so that the post itself stays as it was read."""
        due_post(any_site, "a", scheduled_at=ahead(days=1))
        due_post(any_site, "b", scheduled_at=ahead(days=1))
        port = Interrupted(any_site, lambda: any_site.sql("UPDATE revisions SET data = '{}' WHERE id = 'DRAFT-B'"))
        (error,) = do(port, "publish", "a", "b").errors
        assert "changed b" in error.message
        assert any_site.sql("SELECT DISTINCT status FROM ec_posts") == [("scheduled",)]
        assert any_site.sql("SELECT * FROM pipeline_audit") == []

    def test_a_hold_and_a_slug_that_come_meanwhile_count(self, any_site: Site) -> None:
        due_post(any_site, "a", scheduled_at=ahead(days=1))
        held = f"UPDATE schedule_locks SET held_at = '{ago()}', held_reason = 'why'"
        (error,) = do(Interrupted(any_site, lambda: any_site.sql(held)), "publish", "a").errors
        assert error.code == "changed_meanwhile"
        draft(any_site, "b", draft={**DRAFT, "_slug": "c"})
        (error,) = do(Interrupted(any_site, lambda: draft(any_site, "c")), "publish", "b").errors
        assert (error.code, any_site.post("b")["status"]) == ("slug_taken", "draft")

    def test_one_that_cannot_be_published_stops_its_group_and_is_named(self, any_site: Site) -> None:
        draft(any_site)
        draft(any_site, "broken", draft="[not an object]")
        (error,) = do(Port(any_site), "publish", "a-draft", "broken").errors
        assert "broken: the revision with its text is not a JSON object" in error.message
        assert any_site.sql("SELECT DISTINCT status FROM ec_posts") == [("draft",)]

    def test_two_posts_that_get_one_slug(self, any_site: Site) -> None:
        for slug in ("a", "b"):
            draft(any_site, slug, draft={**DRAFT, "_slug": "same"})
        (error,) = do(Port(any_site), "publish", "a", "b").errors
        assert error.code == "slug_contested"


@freeze_time(NOW)
class TestUnpublish:
    def test_it_is_a_draft_with_the_text_that_was_live(self, any_site: Site) -> None:
        live(any_site)
        link(any_site, "A")
        assert do(Port(any_site), "unpublish", "a", reason="a mistake").outcomes == {"a": "unpublished"}
        assert state(any_site, "a") == ("draft", None, None, None, ago(), 2, "a", "Live")
        row = any_site.post("a")
        revision = any_site.row("revisions", id=row["draft_revision_id"])
        assert (row["live_revision_id"], revision["data"], revision["author_id"]) == (None, compact(LIVE), None)
        assert any_site.sql("SELECT path FROM publish_outbox") == [("/p/a",)]
        stamps(any_site, ("draft", None, None, None))
        (detail,) = any_site.sql("SELECT detail FROM pipeline_audit")[0]
        said = json.loads(detail)
        assert (said["reason"], said["published_before"]) == ("a mistake", ago(days=3))

    def test_its_pending_change_stays_the_draft_and_is_not_scheduled_any_more(self, any_site: Site) -> None:
        live(any_site, draft=DRAFT, scheduled_at=ahead(days=1), lock={})
        do(Port(any_site), "unpublish", "a")
        row = any_site.post("a")
        assert (row["status"], row["draft_revision_id"], row["scheduled_at"]) == ("draft", "DRAFT-A", None)
        assert any_site.sql("SELECT * FROM schedule_locks") == []

    def test_published_again_it_has_its_first_date(self, any_site: Site) -> None:
        live(any_site)
        do(Port(any_site), "unpublish", "a")
        do(Port(any_site), "publish", "a")
        assert state(any_site, "a") == ("published", ago(days=3), None, None, ago(), 3, "a", "Live")

    def test_a_draft_is_unchanged_and_a_scheduled_post_refused(self, any_site: Site) -> None:
        draft(any_site)
        due_post(any_site, "later", scheduled_at=ahead(days=1))
        before = any_site.dump()
        assert do(Port(any_site), "unpublish", "a-draft").outcomes == {"a-draft": "unchanged"}
        (error,) = do(Port(any_site), "unpublish", "a-draft", "later").errors
        assert "emdash unschedule later" in error.hint
        assert any_site.dump() == before


@freeze_time(NOW)
class TestTrash:
    def test_it_stays_as_it_is_but_in_the_trash(self, any_site: Site) -> None:
        live(any_site)
        link(any_site, "A")
        assert do(Port(any_site), "trash", "a").posts[0].status == "trashed"
        assert state(any_site, "a") == ("published", ago(days=3), None, ago(), ago(days=30), 2, "a", "Live")
        stamps(any_site, ("published", None, ago(), ago(days=3)))
        assert any_site.sql("SELECT path FROM publish_outbox") == [("/p/a",)]
        assert do(Port(any_site), "trash", "a").outcomes == {"a": "unchanged"}

    def test_back_from_the_trash_a_published_post_is_public(self, any_site: Site) -> None:
        live(any_site)
        link(any_site, "A")
        do(Port(any_site), "trash", "a")
        assert do(Port(any_site), "untrash", "a").posts[0].status == "published"
        assert state(any_site, "a") == ("published", ago(days=3), None, None, ago(days=30), 3, "a", "Live")
        stamps(any_site, ("published", None, None, ago(days=3)))
        assert any_site.sql("SELECT count(*) FROM publish_outbox") == [(2,)]
        assert do(Port(any_site), "untrash", "a").outcomes == {"a": "unchanged"}

    def test_a_scheduled_post_keeps_its_schedule(self, any_site: Site) -> None:
        due_post(any_site, "a", scheduled_at=ahead(days=1))
        do(Port(any_site), "trash", "a")
        do(Port(any_site), "untrash", "a")
        row = any_site.post("a")
        assert (row["status"], row["scheduled_at"], row["deleted_at"]) == ("scheduled", ahead(days=1), None)
        assert any_site.sql("SELECT held_at FROM schedule_locks") == [(None,)]

    @pytest.mark.parametrize("has_lock", [True, False])
    def test_one_whose_time_has_passed_is_held(self, any_site: Site, *, has_lock: bool) -> None:
        due_post(any_site, "a", deleted_at=ago(days=2), lock={} if has_lock else None)
        (told,) = do(Port(any_site), "untrash", "a").posts
        assert (told.outcome, told.status) == ("untrashed", "draft")
        assert "it is held: the time it was scheduled for" in told.notes[0]
        row = any_site.post("a")
        assert (row["status"], row["scheduled_at"], row["deleted_at"]) == ("draft", None, None)
        assert any_site.sql("SELECT held_at, held_reason, scheduled_at FROM schedule_locks") == [
            (ago(), "the time it was scheduled for passed while it was in the trash", ago(hours=1))
        ]

    def test_one_that_a_sweep_has_held_keeps_its_reason(self, any_site: Site) -> None:
        due_post(any_site, "a", deleted_at=ago(days=2), lock={"held_at": ago(days=3), "held_reason": "why"})
        do(Port(any_site), "untrash", "a")
        assert any_site.sql("SELECT held_at, held_reason FROM schedule_locks") == [(ago(days=3), "why")]
        assert any_site.post("a")["scheduled_at"] is None


EVERYTHING: tuple[tuple[str, str, Any], ...] = (
    ("publish", "a-draft", draft),
    ("publish", "a", lambda site: due_post(site, "a", scheduled_at=ahead(days=1))),
    ("unpublish", "a", live),
    ("trash", "a", live),
    ("untrash", "a", lambda site: live(site, deleted_at=ago(days=1))),
    ("untrash", "a", lambda site: due_post(site, "a", deleted_at=ago(days=1))),
)


@freeze_time(NOW)
@pytest.mark.parametrize(("verb", "slug", "given"), EVERYTHING)
def test_a_request_that_is_sent_twice_acts_once(any_site: Site, verb: str, slug: str, given: Any) -> None:
    given(any_site)
    assert do(SendsTwice(any_site), verb, slug).outcomes == {slug: Verb(verb).done}
    assert any_site.post(slug)["version"] == 2
    assert any_site.sql("SELECT count(*) FROM pipeline_audit") == [(1,)]
    assert any_site.sql("SELECT count(*) <= 1 FROM publish_outbox") == [(1,)]
    assert any_site.sql("PRAGMA foreign_key_check") == []


@freeze_time(NOW)
@pytest.mark.parametrize(("verb", "slug", "given"), EVERYTHING)
def test_a_post_that_somebody_changes_meanwhile_is_left_alone(any_site: Site, verb: str, slug: str, given: Any) -> None:
    given(any_site)
    port = Interrupted(any_site, lambda: any_site.sql("UPDATE ec_posts SET version = 9"))
    (error,) = do(port, verb, slug).errors
    assert f"somebody else has just changed {slug}" in error.message
    assert any_site.post(slug)["version"] == 9
    assert any_site.sql("SELECT * FROM pipeline_audit") == []
    assert any_site.sql("SELECT * FROM publish_outbox") == []
    assert any_site.sql("SELECT * FROM pipeline_runs") == []
