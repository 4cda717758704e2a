"""`emdash sweep`: what is due goes live as it was reviewed, once, the oldest first."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from freezegun import freeze_time

from emdash_cli.actions.sweep import Request, sweep
from emdash_cli.domain.collection import FieldNames
from emdash_cli.domain.sweeping import SweptPost
from emdash_cli.domain.ulid import UlidSource
from tests.commands.emdash_sites import VERSIONS, emdash_site
from tests.scheduling_helpers import (
    NOW,
    Interrupted,
    Port,
    SendsTwice,
    ago,
    ahead,
    body,
    compact,
    due_post,
    dump,
    give_post,
    insert,
    outcomes,
    post_row,
    read,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from emdash_cli.domain.ports import Row, Statement
    from tests.commands.cli import Cli

PUBLISHED = ("published", "")
UNLOCKED = ("published", "unlocked")
CHANGED = compact({"title": "Changed", "content": body("changed")})


@pytest.fixture
def stores(blog: Cli, request: pytest.FixtureRequest) -> Cli:
    """The embedded store, or a database that EmDash made."""
    if request.param:
        emdash_site(blog, request.param)
    return blog


everywhere = pytest.mark.parametrize("stores", [None, *VERSIONS], indirect=True)


def swept(port: Port, **request: Any) -> list[SweptPost]:
    """What a sweep over that port tells."""
    source = UlidSource()
    asked = Request(
        **({"limit": None, "is_preview": False, "post_path": "/p/{slug}", "stopped": lambda: False} | request)
    )
    events = sweep(asked, port, FieldNames(), lambda: NOW, lambda: source.next(NOW))
    return [event for event in events if isinstance(event, SweptPost)]


@freeze_time(NOW)
class TestPromotion:
    @everywhere
    def test_the_draft_goes_live_in_every_column(self, stores: Cli) -> None:
        image = {"provider": "external", "id": "", "src": "https://example.org/a.png", "alt": "A"}
        data = {"title": "Néw", "content": body("new"), "excerpt": "E", "featured_image": image, "_slug": "new-slug"}
        due_post(stores, "old-slug", draft=data, lock={"slug": "new-slug"}, version=7)
        assert outcomes(stores) == {"new-slug": PUBLISHED}
        row = post_row(stores, "new-slug")
        expected = {
            "title": "Néw",
            "content": compact(body("new")),
            "excerpt": "E",
            "featured_image": compact(image),
            "status": "published",
            "live_revision_id": "DRAFT-OLD-SLUG",
            "draft_revision_id": None,
            "scheduled_at": None,
            "published_at": ago(hours=1),
            "updated_at": ago(),
            "version": 8,
            "created_at": ago(days=30),
        }
        assert {name: row[name] for name in expected} == expected
        assert stores.sql("SELECT * FROM schedule_locks") == []
        assert stores.sql("PRAGMA foreign_key_check") == []

    @everywhere
    def test_a_missing_key_leaves_its_column_and_null_clears_it(self, stores: Cli) -> None:
        data = {"title": "New", "excerpt": None}
        due_post(stores, "a", draft=data, excerpt="old excerpt", featured_image='{"src":"x"}')
        outcomes(stores)
        row = post_row(stores, "a")
        assert (row["excerpt"], row["featured_image"]) == (None, '{"src":"x"}')
        assert row["content"] == compact(body("old"))

    def test_a_title_of_null_is_no_title(self, blog: Cli) -> None:
        due_post(blog, "a", draft={"title": None, "content": body("x")})
        outcomes(blog)
        assert post_row(blog, "a")["title"] == ""

    def test_a_field_of_the_site_s_own_goes_live_too(self, blog: Cli) -> None:
        for column in ("subtitle TEXT", "featured INTEGER", "gallery TEXT"):
            blog.sql(f"ALTER TABLE ec_posts ADD COLUMN {column}")
        data = {"title": "T", "content": body("x"), "subtitle": "S", "featured": True, "gallery": [{"src": "ä"}]}
        due_post(blog, "a", draft=data)
        outcomes(blog)
        row = post_row(blog, "a")
        assert (row["subtitle"], row["featured"], row["gallery"]) == ("S", 1, '[{"src":"ä"}]')

    def test_what_the_queue_scheduled_goes_live_as_it_stands(self, blog: Cli) -> None:
        blog.write(
            "queue/1.json",
            {"title": 'T "q" ü\\', "body_text": "Some *text*.", "slug": "a", "publish_at": ahead(hours=1)},
        )
        blog.write(
            "queue/2.json",
            {"title": "T", "body_text": "Other", "slug": "b", "publish_at": ahead(hours=1), "excerpt": 'E "'},
        )
        blog("publish-queue").succeeds()
        before = {slug: post_row(blog, slug) for slug in "ab"}
        with freeze_time(NOW + timedelta(hours=1)):
            assert outcomes(blog) == {"a": PUBLISHED, "b": PUBLISHED}
        for slug in "ab":
            after = post_row(blog, slug)
            for name in ("title", "content", "excerpt", "featured_image"):
                assert after[name] == before[slug][name]
            assert after["live_revision_id"] == before[slug]["draft_revision_id"]
        forms = blog.sql("SELECT detail ->> 'form' FROM pipeline_audit")
        assert forms == [("same",), ("same",)], "the columns are rewritten though they hold the text already"

    @everywhere
    def test_a_post_without_any_revision_gets_one_of_its_columns(self, stores: Cli) -> None:
        give_post(stores, "a", scheduled_at=ago(hours=1), excerpt="E", featured_image='{"src":"x"}')
        assert outcomes(stores) == {"a": UNLOCKED}
        row = post_row(stores, "a")
        revision = read(stores, "revisions", id=row["live_revision_id"])
        assert json.loads(revision["data"]) == {
            "title": "Old title", "content": body("old"), "excerpt": "E", "featured_image": {"src": "x"},
        }  # fmt: skip
        assert (revision["entry_id"], revision["collection"]) == ("A", "posts")

    def test_a_post_with_a_live_revision_only_keeps_it(self, blog: Cli) -> None:
        give_post(blog, "a", live={"title": "Live", "content": body("live")}, scheduled_at=ago(hours=1))
        outcomes(blog)
        assert post_row(blog, "a")["live_revision_id"] == "LIVE-A"
        assert post_row(blog, "a")["title"] == "Live"

    def test_the_date_is_the_existing_one_else_the_intended_one(self, blog: Cli) -> None:
        due_post(blog, "new", scheduled_at="2026-06-12T09:00:00+02:00")
        due_post(blog, "again", published_at="2020-01-01T00:00:00.000Z")
        due_post(blog, "change", status="published", published_at="2021-01-01T00:00:00.000Z", live={})
        outcomes(blog)
        assert dict(blog.sql("SELECT slug, published_at FROM ec_posts")) == {
            "new": "2026-06-12T07:00:00.000Z",
            "again": "2020-01-01T00:00:00.000Z",
            "change": "2021-01-01T00:00:00.000Z",
        }

    def test_it_wishes_the_paths_purged(self, blog: Cli) -> None:
        """The old one, too, if the post was live there."""
        blog.write("emdash.toml", 'post_path = "/blog/{slug}/"\n')
        renamed = {"title": "T", "_slug": "b2"}
        due_post(blog, "a")
        due_post(blog, "b", draft=renamed, lock={"slug": "b2"}, status="published", live={})
        due_post(blog, "c", draft={"title": "T", "_slug": "c2"}, lock={"slug": "c2"})
        outcomes(blog)
        assert sorted(blog.sql("SELECT post_id, path, wished_at, done_at FROM purge_wishes")) == [
            ("A", "/blog/a/", ago(), None),
            ("B", "/blog/b/", ago(), None),
            ("B", "/blog/b2/", ago(), None),
            ("C", "/blog/c2/", ago(), None),
        ]

    def test_on_0_32_its_term_links_say_that_it_is_published(self, blog: Cli) -> None:
        emdash_site(blog, "0.32")
        due_post(blog, "a")
        due_post(blog, "held", lock={"data": "{}"})
        for post in ("A", "HELD"):
            insert(blog, "content_taxonomies", collection="posts", entry_id=post, taxonomy_id="T", status="scheduled")
        outcomes(blog, code=3)
        stamps = blog.sql("SELECT entry_id, status, published_at, scheduled_at, deleted_at, locale, created_at"
                          " FROM content_taxonomies ORDER BY 1")  # fmt: skip
        assert stamps[0] == ("A", "published", ago(hours=1), None, None, "en", ago(days=30))
        assert stamps[1][:2] == ("HELD", "draft"), "and not that what is held is scheduled"

    def test_on_0_34_the_new_revision_is_queued_for_pruning(self, blog: Cli) -> None:
        emdash_site(blog, "0.34")
        due_post(blog, "a")
        insert(blog, "_emdash_revision_prune_queue", collection="posts", entry_id="A", revision_id="X")
        outcomes(blog)
        assert blog.sql("SELECT * FROM _emdash_revision_prune_queue") == [("posts", "A", "DRAFT-A")]

    def test_the_search_of_emdash_finds_the_new_text_only(self, blog: Cli) -> None:
        emdash_site(blog, "0.32")
        due_post(blog, "a", "fresh")
        outcomes(blog)
        found = "SELECT count(*) FROM _emdash_fts_posts WHERE _emdash_fts_posts MATCH ?"
        assert (blog.sql(found, "fresh"), blog.sql(found, "old")) == ([(1,)], [(0,)])


@freeze_time(NOW)
class TestWhatIsDue:
    @everywhere
    @pytest.mark.parametrize(
        ("when", "due"),
        [
            (ago(), True),
            (ahead(milliseconds=1), False),
            ("2026-06-15T12:00:00Z", True),
            ("2026-06-15T12:00:01Z", False),
            ("2026-06-15 12:00:00", True),
            ("2026-06-15 12:00:01", False),
            ("2026-06-15", True),
            ("2026-06-16", False),
            ("2026-06-15T14:00:00+02:00", True),
            ("2026-06-15T14:00:01+02:00", False),
            ("2026-06-16T02:00:00.000+14:00", True),
            ("2026-06-16T02:00:00.001+14:00", False),
            ("2026-06-15T00:00:00-12:00", True),
            ("2026-06-15T00:00:01-12:00", False),
        ],
    )
    def test_by_the_instant_whatever_its_text(self, stores: Cli, when: str, *, due: bool) -> None:
        due_post(stores, "a", scheduled_at=when, lock=None)
        assert outcomes(stores) == ({"a": UNLOCKED} if due else {})

    @pytest.mark.parametrize("when", ["2026-06-15 13:00:00", "2026-06-15T13:00:00-08:00"])
    def test_texts_that_sort_before_now_do_not_fill_the_group(self, blog: Cli, when: str) -> None:
        for number in range(3):
            due_post(blog, f"later-{number}", scheduled_at=when)
        due_post(blog, "due", scheduled_at=ago(minutes=1))
        assert outcomes(blog, "--limit", "1") == {"due": PUBLISHED}

    @pytest.mark.parametrize("columns", [{"deleted_at": "x"}, {"status": "draft"}, {"status": "archived"}])
    def test_not_what_is_in_the_trash_or_neither_scheduled_nor_published(
        self, blog: Cli, columns: dict[str, str]
    ) -> None:
        due_post(blog, "a", **columns)
        before = post_row(blog, "a")
        assert outcomes(blog) == {}
        assert post_row(blog, "a") == before

    def test_published_at_alone_counts_on_the_embedded_store(self, blog: Cli) -> None:
        give_post(blog, "due", published_at="2026-06-15 10:00:00")
        give_post(blog, "due-too", published_at="2026-06-15T13:30:00+02:00")
        give_post(blog, "later", published_at=ahead(hours=1))
        assert outcomes(blog) == {"due": UNLOCKED, "due-too": UNLOCKED}
        assert post_row(blog, "due")["published_at"] == "2026-06-15T10:00:00.000Z"

    @pytest.mark.parametrize("version", VERSIONS)
    def test_and_not_on_a_site(self, blog: Cli, version: str) -> None:
        emdash_site(blog, version)
        give_post(blog, "a", published_at=ago(hours=2))
        assert outcomes(blog) == {}

    def test_the_oldest_first_and_no_more_than_the_limit(self, blog: Cli) -> None:
        for days in (1, 3, 2):
            due_post(blog, f"of-{days}", scheduled_at=ago(days=days))
        assert list(outcomes(blog, "--limit", "2")) == ["of-3", "of-2"]
        assert list(outcomes(blog, "--limit", "2")) == ["of-1"]

    def test_after_three_days_of_absence(self, blog: Cli) -> None:
        """Each at the time that it was meant for."""
        for number in range(4):
            blog.write(f"queue/{number}.json", {"title": f"T{number}", "body_text": "b", "slug": f"s{number}",
                                                "publish_at": ahead(days=number, hours=1)})  # fmt: skip
        blog("publish-queue").succeeds()
        with freeze_time(NOW + timedelta(days=3)):
            assert list(outcomes(blog)) == ["s0", "s1", "s2"]
        assert [post_row(blog, f"s{n}")["published_at"] for n in range(4)] == [
            ahead(hours=1), ahead(days=1, hours=1), ahead(days=2, hours=1), None,
        ]  # fmt: skip


@freeze_time(NOW)
class TestHeld:
    @everywhere
    @pytest.mark.parametrize(
        ("happening", "code"),
        [
            ("UPDATE revisions SET data = ?1", "text_changed"),
            ("INSERT INTO revisions (id, collection, entry_id, data) VALUES ('R2', 'posts', 'A', ?1)", "text_changed"),
            ("UPDATE ec_posts SET slug = 'b', version = version + (?1 IS NULL)", "slug_changed"),
            ("UPDATE ec_posts SET draft_revision_id = NULL, version = version + (?1 IS NULL)", "text_changed"),
        ],
    )
    def test_what_was_changed_after_it_was_scheduled_is_not_published(
        self, stores: Cli, happening: str, code: str
    ) -> None:
        """In place, as EmDash 0.32's autosave does it; as a new revision; its slug; its draft thrown away."""
        due_post(stores, "a")
        stores.sql(happening, CHANGED)
        stores.sql(
            "UPDATE ec_posts SET draft_revision_id = 'R2' WHERE EXISTS (SELECT 1 FROM revisions WHERE id = 'R2')"
        )
        (before,) = (post_row(stores, slug) for (slug,) in stores.sql("SELECT slug FROM ec_posts"))
        assert outcomes(stores, code=3) == {before["slug"]: ("held", code)}
        after = post_row(stores, before["slug"])
        if stores.sql("SELECT count(*) FROM sqlite_master WHERE name = 'media'") == [(0,)]:
            assert after == before
        else:  # EmDash's own scheduler must not see it
            changes = {"status": "draft", "scheduled_at": None, "version": 2, "updated_at": ago()}
            assert after == before | changes
        lock = read(stores, "schedule_locks", post_id="A")
        assert lock["held_at"] == ago()
        assert "after it was scheduled" in lock["held_reason"]
        assert stores.sql("SELECT * FROM purge_wishes") == []

    def test_until_somebody_reschedules_or_unschedules_it(self, blog: Cli) -> None:
        due_post(blog, "a")
        blog.sql("UPDATE revisions SET data = ?", CHANGED)
        assert outcomes(blog, code=3) == {"a": ("held", "text_changed")}
        again = blog("sweep", "--json")
        assert again.code == 3
        assert [(one["held_at"], one["is_news"]) for one in again.json["outcomes"]] == [(ago(), False)]
        blog("reschedule", "a", "--at", "now").succeeds()
        assert outcomes(blog) == {"a": PUBLISHED}
        assert post_row(blog, "a")["title"] == "Changed"

        due_post(blog, "b")
        blog.sql("UPDATE revisions SET data = ? WHERE entry_id = 'B'", CHANGED)
        outcomes(blog, code=3)
        blog("unschedule", "b").succeeds()
        assert outcomes(blog) == {}

    def test_restoring_the_reviewed_text_does_not_release_it(self, blog: Cli) -> None:
        """A person has to look at it first."""
        due_post(blog, "a")
        reviewed = read(blog, "revisions", id="DRAFT-A")["data"]
        blog.sql("UPDATE revisions SET data = ?", CHANGED)
        outcomes(blog, code=3)
        blog.sql("UPDATE revisions SET data = ?", reviewed)
        assert outcomes(blog, code=3) == {"a": ("held", "text_changed")}

    def test_quiet_tells_of_it_once(self, blog: Cli) -> None:
        due_post(blog, "a", lock={"data": "{}"})
        due_post(blog, "b")
        first = blog("sweep", "--quiet").fails(3, "held\ta\ten\t\tits text was changed")
        assert (first.out, len(first.err.splitlines())) == ("", 1)
        second = blog("sweep", "--quiet")
        assert (second.code, second.out, second.err) == (3, "", "")

    def test_held_posts_do_not_keep_others_waiting(self, blog: Cli) -> None:
        for number in range(3):
            due_post(blog, f"held-{number}", scheduled_at=ago(days=9), lock={"data": "{}"})
        due_post(blog, "due")
        assert len(outcomes(blog, "--limit", "3", code=3)) == 3
        found = outcomes(blog, "--limit", "1", code=3)
        assert found["due"] == PUBLISHED

    def test_a_slug_that_was_taken_meanwhile_holds_that_post_only(self, blog: Cli) -> None:
        give_post(blog, "taken", status="published", live={}, deleted_at="x")
        staged = {"title": "T", "_slug": "taken"}
        due_post(blog, "a", draft=staged, lock={"slug": "taken"})
        due_post(blog, "b", scheduled_at=ago(minutes=1))
        due_post(blog, "c", draft=staged, lock={"slug": "taken"}, locale="de")
        assert outcomes(blog, code=3) == {"a": ("held", "slug_taken"), "taken": PUBLISHED, "b": PUBLISHED}

    def test_of_two_that_want_one_slug_the_older_gets_it(self, blog: Cli) -> None:
        staged = {"title": "T", "_slug": "wanted"}
        for slug, hours in (("a", 1), ("b", 3), ("c", 2)):
            due_post(blog, slug, draft=staged, lock={"slug": "wanted"}, scheduled_at=ago(hours=hours))
        assert outcomes(blog, code=3) == {
            "wanted": PUBLISHED, "c": ("held", "slug_contested"), "a": ("held", "slug_contested"),
        }  # fmt: skip
        assert post_row(blog, "wanted")["id"] == "B"

    @pytest.mark.parametrize("lock", [None, {}])
    @pytest.mark.parametrize(
        ("values", "happening", "code"),
        [
            ({"draft": "{not json"}, "", "revision_unreadable"),
            ({"draft": "[1]"}, "", "revision_unreadable"),
            ({"draft": "null"}, "", "revision_unreadable"),
            ({}, "DELETE FROM revisions", "revision_missing"),
            ({}, "UPDATE revisions SET entry_id = 'other'", "revision_missing"),
            ({"scheduled_at": "2026-06-31T25:00"}, "", "time_unreadable"),
        ],
    )
    def test_what_cannot_be_read_is_held_and_the_others_go_on(
        self, blog: Cli, values: dict[str, Any], happening: str, code: str, lock: dict[str, Any] | None
    ) -> None:
        if code == "time_unreadable":
            values = {"scheduled_at": "2026-05-xx"}
        due_post(blog, "bad", **values, lock=lock)
        if happening:
            blog.sql(happening)
        due_post(blog, "good")
        assert outcomes(blog, code=3) == {"bad": ("held", code), "good": PUBLISHED}

    def test_what_the_database_refuses_is_held_and_the_others_go_on(self, blog: Cli) -> None:
        blog.sql(
            "CREATE TRIGGER no BEFORE UPDATE ON ec_posts"
            " WHEN NEW.title = 'no' BEGIN SELECT RAISE(ABORT, 'not this one'); END"
        )
        for number in range(9):
            due_post(blog, f"p{number}", data={"title": "no" if number in {2, 7} else "yes"})
        result = blog("sweep", "--json").fails(3)
        found = {one["slug"]: one["code"] for one in result.json["outcomes"]}
        assert found == {f"p{number}": "store_refused" if number in {2, 7} else "" for number in range(9)}
        assert any("not this one" in notice for notice in result.json["notices"])

    def test_what_was_scheduled_elsewhere_is_published_and_marked(self, blog: Cli) -> None:
        due_post(blog, "a", lock=None)
        (line,) = blog("sweep").succeeds().lines
        assert line.startswith(f"published\ta\ten\t{ago(hours=1)}\tit was scheduled elsewhere")

    def test_without_a_lock_a_staged_slug_counts_as_well(self, blog: Cli) -> None:
        due_post(blog, "a", draft={"title": "T", "_slug": "b"}, lock=None)
        assert outcomes(blog) == {"b": UNLOCKED}


@freeze_time(NOW)
class TestReport:
    def test_json(self, blog: Cli) -> None:
        due_post(blog, "a")
        document = blog("sweep", "--json").succeeds().json
        assert document == {
            "outcomes": [
                {
                    "outcome": "published",
                    "slug": "a",
                    "locale": "en",
                    "post_id": "A",
                    "published_at": ago(hours=1),
                    "code": "",
                    "reason": "",
                    "held_at": None,
                    "is_news": True,
                }
            ],
            "counts": {"published": 1, "held": 0, "preempted": 0, "released": 0},
            "errors": [],
            "notices": [],
        }

    def test_nothing_due(self, blog: Cli) -> None:
        assert blog("sweep").succeeds().err == "nothing is due\n"
        quiet = blog("sweep", "--quiet").succeeds()
        assert (quiet.out, quiet.err) == ("", "")
        assert blog("sweep", "--json").succeeds().json["outcomes"] == []

    def test_it_leaves_a_sign_of_life_and_what_it_did(self, blog: Cli) -> None:
        outcomes(blog)
        assert read(blog, "pipeline_heartbeats", kind="sweep")["seen_at"] == ago()
        assert blog.sql("SELECT * FROM pipeline_runs") == []
        due_post(blog, "a")
        due_post(blog, "b", lock={"data": "{}"})
        outcomes(blog, code=3)
        run = read(blog, "pipeline_runs", kind="sweep")
        assert json.loads(run["counts"]) == {"published": 1, "held": 1}
        assert run["id"] == read(blog, "pipeline_heartbeats", kind="sweep")["run_id"]
        assert sorted(blog.sql("SELECT actor, action, post_id, slug FROM pipeline_audit")) == [
            ("sweep", "held", "B", "b"),
            ("sweep", "published", "A", "a"),
        ]

    def test_a_store_that_is_not_there(self, blog: Cli) -> None:
        for path in blog.root.glob("emdash.db*"):
            path.unlink()
        result = blog("sweep", "--json").fails(6)
        assert result.json["errors"][0]["code"] == "store_missing"

    def test_a_dry_run_says_what_a_sweep_would_do_and_changes_nothing(self, blog: Cli) -> None:
        due_post(blog, "a")
        due_post(blog, "b", lock={"data": "{}"})
        due_post(blog, "c", draft={"title": "T", "_slug": "c2"}, lock={"slug": "c2"})
        give_post(blog, "wish", published_at=ago(hours=5))
        before = dump(blog)
        told = blog("sweep", "--json", "--dry-run").fails(3).json
        assert blog("sweep", "--dry-run").fails(3).lines[0].startswith("would be published\twish")
        assert dump(blog) == before
        assert blog("sweep", "--json").fails(3).json == told
        assert blog("sweep", "--json", "--dry-run", "--limit", "1").fails(3).json["counts"]["published"] == 0


@freeze_time(NOW)
class TestInBetween:
    @pytest.mark.parametrize(
        ("happening", "told"),
        [
            ("UPDATE revisions SET data = '{}'", ("held", "text_changed")),
            ("UPDATE ec_posts SET scheduled_at = NULL, status = 'draft'", None),
            ("UPDATE ec_posts SET scheduled_at = '2026-07-01T00:00:00.000Z'", None),
            ("UPDATE ec_posts SET deleted_at = 'x'", None),
            ("UPDATE ec_posts SET version = version + 1", ("published", "")),
        ],
    )
    def test_a_change_between_finding_and_publishing_is_seen(
        self, blog: Cli, happening: str, told: tuple[str, str] | None
    ) -> None:
        due_post(blog, "a")
        port = Interrupted(blog, lambda: blog.sql(happening))
        assert [(one.outcome, one.code) for one in swept(port)] == ([told] if told else [])
        assert (post_row(blog, "a")["status"] == "published") is (told == ("published", ""))

    @everywhere
    def test_a_request_that_is_sent_twice_publishes_once(self, stores: Cli) -> None:
        for number in range(3):
            due_post(stores, f"p{number}", version=number)
        due_post(stores, "held", lock={"data": "{}"})
        give_post(stores, "elsewhere", scheduled_at=ago(hours=1))
        give_post(stores, "unreadable", scheduled_at=ago(hours=1), draft="[")
        port = SendsTwice(stores)
        assert sorted((one.slug, str(one.outcome)) for one in swept(port)) == [
            ("elsewhere", "published"), ("held", "held"), ("p0", "published"), ("p1", "published"),
            ("p2", "published"), ("unreadable", "held"),
        ]  # fmt: skip
        on_site = stores.sql("SELECT count(*) FROM sqlite_master WHERE name = 'media'")[0][0]
        assert dict(stores.sql("SELECT slug, version FROM ec_posts")) == {
            "p0": 1, "p1": 2, "p2": 3, "held": 1 + on_site, "elsewhere": 2, "unreadable": 1 + on_site,
        }  # fmt: skip
        assert stores.sql("SELECT count(*) FROM purge_wishes") == [(4,)]
        assert stores.sql("SELECT count(*) FROM pipeline_audit") == [(6,)]

    def test_nor_does_the_second_time_take_the_next_group(self, blog: Cli) -> None:
        for number in range(5):
            due_post(blog, f"p{number}", scheduled_at=ago(hours=9 - number))
        assert [one.slug for one in swept(SendsTwice(blog), limit=2)] == ["p0", "p1"]
        assert blog.sql("SELECT count(*) FROM ec_posts WHERE status = 'published'") == [(2,)]

    def test_a_lock_that_was_made_since_survives_the_second_time(self, blog: Cli) -> None:
        """Somebody edits and schedules the post anew before a batch, whose reply was lost, is sent again."""

        class SendsAgainLater(Port):
            def batch(self, statements: Sequence[Statement]) -> list[list[Row]]:
                rows = super().batch(statements)
                if any("UPDATE ec_posts" in statement.sql for statement in statements):
                    give = {"post_id": "A", "revision_id": "R2", "slug": "a", "data": "{}", "locked_by": "ada"}
                    insert(blog, "schedule_locks", **give, scheduled_at=ahead(days=1), locked_at=ahead(minutes=1))
                    return super().batch(statements)
                return rows

        due_post(blog, "a")
        assert [one.slug for one in swept(SendsAgainLater(blog))] == ["a"]
        assert read(blog, "schedule_locks", post_id="A")["held_at"] is None

    def test_nothing_due_is_one_request(self, blog: Cli) -> None:
        due_post(blog, "later", scheduled_at=ahead(hours=1))
        port = Port(blog)
        assert swept(port) == []
        assert port.requests == 1

    def test_it_stops_after_the_group_under_way(self, blog: Cli) -> None:
        for number in range(3):
            due_post(blog, f"p{number}")
        assert swept(Port(blog), stopped=lambda: True) == []
        port = Port(blog)
        assert len(swept(port, stopped=lambda: port.requests > 1)) == 3

    @pytest.mark.parametrize(("version", "size"), [(None, 500), ("0.32", 100)])
    def test_groups_are_smaller_beside_emdash(self, blog: Cli, version: str | None, size: int) -> None:
        if version:
            emdash_site(blog, version)
        for number in range(size + 1):
            give_post(blog, f"p{number}", scheduled_at=ago(hours=1))
        port = Port(blog)
        assert len(swept(port)) == size + 1
        assert port.requests == 4, "what is due, two groups, and the record of the run"


@freeze_time(NOW)
class TestBesideEmdash:
    """Its own scheduler and admin know nothing of locks."""

    @pytest.fixture(params=VERSIONS)
    def emdash(self, blog: Cli, request: pytest.FixtureRequest) -> Cli:
        emdash_site(blog, request.param)
        return blog

    @pytest.mark.parametrize(
        ("when", "happening"),
        [
            # In place, which only the text tells of: found within the hour before its time.
            (ahead(minutes=59), "UPDATE revisions SET data = ?"),
            # Another revision, another slug: found at once.
            (ahead(days=9), "UPDATE revisions SET data = ?, id = 'R2'"),
        ],
    )
    def test_what_is_edited_before_its_time_is_unscheduled(self, emdash: Cli, when: str, happening: str) -> None:
        due_post(emdash, "a", scheduled_at=when)
        due_post(emdash, "b", scheduled_at=when)
        insert(emdash, "content_taxonomies", collection="posts", entry_id="A", taxonomy_id="T", status="scheduled")
        assert outcomes(emdash) == {}
        with freeze_time(NOW):
            emdash.sql("UPDATE ec_posts SET draft_revision_id = NULL WHERE id = 'A'")
            emdash.sql(f"{happening} WHERE entry_id = 'A'", CHANGED)
            emdash.sql(
                "UPDATE ec_posts SET draft_revision_id = (SELECT id FROM revisions WHERE entry_id = 'A') WHERE id = 'A'"
            )
        assert outcomes(emdash, code=3) == {"a": ("held", "edited_early")}
        row = post_row(emdash, "a")
        assert (row["status"], row["scheduled_at"], row["version"]) == ("draft", None, 2)
        if emdash.sql("SELECT count(*) FROM _emdash_migrations WHERE name LIKE '068%'") == [(0,)]:
            assert emdash.sql("SELECT status, scheduled_at FROM content_taxonomies") == [("draft", None)]
        assert outcomes(emdash, code=3) == {"a": ("held", "edited_early")}, "it is told of until somebody acts"
        emdash("reschedule", "a", "--at", "+1h").succeeds()
        assert outcomes(emdash) == {}
        assert post_row(emdash, "a")["status"] == "scheduled"

    def test_a_change_of_a_published_post_that_is_edited_stays_published(self, emdash: Cli) -> None:
        due_post(emdash, "a", scheduled_at=ahead(minutes=5), status="published", live={"title": "L"})
        emdash.sql("UPDATE revisions SET data = ? WHERE id = 'DRAFT-A'", CHANGED)
        assert outcomes(emdash, code=3) == {"a": ("held", "edited_early")}
        row = post_row(emdash, "a")
        assert (row["status"], row["scheduled_at"], row["draft_revision_id"]) == ("published", None, "DRAFT-A")
        assert emdash("unschedule", "a").succeeds().lines == ["unscheduled\ta\ten\tit is published now"]
        assert outcomes(emdash) == {}

    def test_on_the_embedded_store_it_waits_for_its_time(self, blog: Cli) -> None:
        due_post(blog, "a", scheduled_at=ahead(minutes=5))
        blog.sql("UPDATE revisions SET data = ?", CHANGED)
        assert outcomes(blog) == {}
        assert post_row(blog, "a")["status"] == "scheduled"

    PUBLISHED_BY_EMDASH = (
        "UPDATE ec_posts SET status = 'published', live_revision_id = draft_revision_id, draft_revision_id = NULL,"
        " scheduled_at = NULL, published_at = '2026-06-15T11:00:00.000Z'"
    )

    @pytest.mark.parametrize(
        ("data", "code", "exit_code"),
        [(None, "published_elsewhere", 0), (CHANGED, "published_unreviewed", 3)],
    )
    def test_what_emdash_published_first_is_compared_with_what_was_reviewed(
        self, emdash: Cli, data: str | None, code: str, exit_code: int
    ) -> None:
        due_post(emdash, "a")
        if data:
            emdash.sql("UPDATE revisions SET data = ?", data)
        emdash.sql(self.PUBLISHED_BY_EMDASH)
        before = emdash.sql("SELECT * FROM ec_posts")
        assert outcomes(emdash, code=exit_code) == {"a": ("preempted", code)}
        assert emdash.sql("SELECT * FROM ec_posts") == before
        assert emdash.sql("SELECT * FROM schedule_locks") == []
        assert outcomes(emdash) == {}, "it is told of once"

    def test_a_staged_slug_that_publishing_took_out_is_no_change(self, emdash: Cli) -> None:
        due_post(emdash, "a", draft={"title": "T", "_slug": "b"}, lock={"slug": "b"})
        emdash.sql(self.PUBLISHED_BY_EMDASH + ", slug = 'b'")
        emdash.sql("UPDATE revisions SET data = ?", compact({"title": "T"}))
        assert outcomes(emdash) == {"b": ("preempted", "published_elsewhere")}

    def test_what_was_unscheduled_there_is_released(self, emdash: Cli) -> None:
        due_post(emdash, "a")
        emdash.sql("UPDATE ec_posts SET status = 'draft', scheduled_at = NULL")
        assert outcomes(emdash) == {"a": ("released", "unscheduled_elsewhere")}
        assert emdash.sql("SELECT * FROM schedule_locks") == []

    def test_what_was_moved_there_keeps_its_lock(self, emdash: Cli) -> None:
        due_post(emdash, "a")
        emdash.sql("UPDATE ec_posts SET scheduled_at = ?", ahead(days=1))
        assert outcomes(emdash) == {}
        assert len(emdash.sql("SELECT * FROM schedule_locks")) == 1

    def test_a_held_post_that_somebody_published_there_is_told_of_once(self, emdash: Cli) -> None:
        due_post(emdash, "a", lock={"data": "{}"})
        outcomes(emdash, code=3)
        emdash.sql(self.PUBLISHED_BY_EMDASH)
        assert outcomes(emdash, code=3) == {"a": ("preempted", "published_unreviewed")}
        assert emdash.sql("SELECT * FROM schedule_locks") == []
        assert outcomes(emdash) == {}

    def test_a_dry_run_tells_and_settles_nothing(self, emdash: Cli) -> None:
        due_post(emdash, "a", scheduled_at=ahead(minutes=5))
        due_post(emdash, "b")
        emdash.sql("UPDATE revisions SET data = ?", CHANGED)
        emdash.sql(self.PUBLISHED_BY_EMDASH + " WHERE id = 'B'")
        before = dump(emdash)
        expected = {"a": ("held", "edited_early"), "b": ("preempted", "published_unreviewed")}
        assert outcomes(emdash, "--dry-run", code=3) == expected
        assert dump(emdash) == before
        assert outcomes(emdash, code=3) == expected

    def test_a_request_that_is_sent_twice_settles_once(self, emdash: Cli) -> None:
        due_post(emdash, "a", scheduled_at=ahead(minutes=5))
        emdash.sql("UPDATE revisions SET data = ?", CHANGED)
        assert [(one.slug, one.code) for one in swept(SendsTwice(emdash))] == [("a", "edited_early")]
        assert post_row(emdash, "a")["version"] == 2
        assert emdash.sql("SELECT count(*) FROM pipeline_audit") == [(1,)]


def test_every_reason_that_is_told_has_words() -> None:
    from emdash_cli.domain.sweeping import HOLDS, REASONS

    assert set(HOLDS) < set(REASONS)
    assert all(words and "'" not in words for words in HOLDS.values()), "they stand in SQL"
