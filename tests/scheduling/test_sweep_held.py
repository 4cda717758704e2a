"""`emdash sweep`: what is held instead of published, and what is reported of it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from freezegun import freeze_time

from tests.harness.posts import NOW, ago, due_post, give_post, outcomes
from tests.scheduling.support import CHANGED, PUBLISHED, UNLOCKED

if TYPE_CHECKING:
    from tests.harness.site import Site


@freeze_time(NOW)
class TestHeld:
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
        self, any_site: Site, happening: str, code: str
    ) -> None:
        """In place, as EmDash 0.32's autosave does it; as a new revision; its slug; its draft thrown away."""
        due_post(any_site, "a")
        any_site.sql(happening, CHANGED)
        any_site.sql(
            "UPDATE ec_posts SET draft_revision_id = 'R2' WHERE EXISTS (SELECT 1 FROM revisions WHERE id = 'R2')"
        )
        (before,) = (any_site.post(slug) for (slug,) in any_site.sql("SELECT slug FROM ec_posts"))
        assert outcomes(any_site, code=3) == {before["slug"]: ("held", code)}
        after = any_site.post(before["slug"])
        if any_site.sql("SELECT count(*) FROM sqlite_master WHERE name = 'media'") == [(0,)]:
            assert after == before
        else:  # EmDash's own scheduler must not see it
            changes = {"status": "draft", "scheduled_at": None, "version": 2, "updated_at": ago()}
            assert after == before | changes
        lock = any_site.row("schedule_locks", post_id="A")
        assert lock["held_at"] == ago()
        assert "after it was scheduled" in lock["held_reason"]
        assert any_site.sql("SELECT * FROM publish_outbox") == []

    def test_whoever_reschedules_a_changed_text_is_told_so(self, any_site: Site) -> None:
        due_post(any_site, "a")
        assert any_site.run("reschedule", "a", "--at", "+1h", "--json").succeeds().json["posts"][0]["warnings"] == []
        any_site.sql("UPDATE revisions SET data = ?", CHANGED)
        for option in ("--dry-run", "--json"):
            (warning,) = (
                any_site.run("reschedule", "a", "--at", "+1h", "--json", option).succeeds().json["posts"][0]["warnings"]
            )
            assert "its text has changed since operator:" in warning
        assert "with its text changed" in any_site.run("history", "a").out
        assert any_site.run("reschedule", "a", "--at", "+2h", "--json").succeeds().json["posts"][0]["warnings"] == []

    def test_scheduling_is_no_way_out(self, any_site: Site) -> None:
        due_post(any_site, "a")
        any_site.sql("UPDATE revisions SET data = ?", CHANGED)
        assert outcomes(any_site, code=3) == {"a": ("held", "text_changed")}
        any_site.run("schedule", "a", "--at", "now").fails(3, "emdash reschedule a")

    def test_until_somebody_reschedules_or_unschedules_it(self, site: Site) -> None:
        due_post(site, "a")
        site.sql("UPDATE revisions SET data = ?", CHANGED)
        assert outcomes(site, code=3) == {"a": ("held", "text_changed")}
        again = site.run("sweep", "--json")
        assert again.code == 3
        assert [(one["held_at"], one["is_news"]) for one in again.json["outcomes"]] == [(ago(), False)]
        site.run("reschedule", "a", "--at", "now").succeeds()
        assert outcomes(site) == {"a": PUBLISHED}
        assert site.post("a")["title"] == "Changed"

        due_post(site, "b")
        site.sql("UPDATE revisions SET data = ? WHERE entry_id = 'B'", CHANGED)
        outcomes(site, code=3)
        site.run("unschedule", "b").succeeds()
        assert outcomes(site) == {}

    def test_restoring_the_reviewed_text_does_not_release_it(self, site: Site) -> None:
        """A person has to look at it first."""
        due_post(site, "a")
        reviewed = site.row("revisions", id="DRAFT-A")["data"]
        site.sql("UPDATE revisions SET data = ?", CHANGED)
        outcomes(site, code=3)
        site.sql("UPDATE revisions SET data = ?", reviewed)
        assert outcomes(site, code=3) == {"a": ("held", "text_changed")}

    def test_quiet_tells_of_it_once(self, site: Site) -> None:
        due_post(site, "a", lock={"data": "{}"})
        due_post(site, "b")
        first = site.run("sweep", "--quiet").fails(3, "held\ta\ten\t\tits text was changed")
        assert (first.out, len(first.err.splitlines())) == ("", 1)
        second = site.run("sweep", "--quiet")
        assert (second.code, second.out, second.err) == (3, "", "")

    def test_held_posts_do_not_keep_others_waiting(self, site: Site) -> None:
        for number in range(3):
            due_post(site, f"held-{number}", scheduled_at=ago(days=9), lock={"data": "{}"})
        due_post(site, "due")
        assert len(outcomes(site, "--limit", "3", code=3)) == 3
        found = outcomes(site, "--limit", "1", code=3)
        assert found["due"] == PUBLISHED

    def test_a_slug_that_was_taken_meanwhile_holds_that_post_only(self, site: Site) -> None:
        give_post(site, "taken", status="published", live={}, deleted_at="x")
        staged = {"title": "T", "_slug": "taken"}
        due_post(site, "a", draft=staged, lock={"slug": "taken"})
        due_post(site, "b", scheduled_at=ago(minutes=1))
        due_post(site, "c", draft=staged, lock={"slug": "taken"}, locale="de")
        assert outcomes(site, code=3) == {"a": ("held", "slug_taken"), "taken": PUBLISHED, "b": PUBLISHED}

    def test_of_two_that_want_one_slug_the_older_gets_it(self, site: Site) -> None:
        staged = {"title": "T", "_slug": "wanted"}
        for slug, hours in (("a", 1), ("b", 3), ("c", 2)):
            due_post(site, slug, draft=staged, lock={"slug": "wanted"}, scheduled_at=ago(hours=hours))
        assert outcomes(site, code=3) == {
            "wanted": PUBLISHED, "c": ("held", "slug_contested"), "a": ("held", "slug_contested"),
        }  # fmt: skip
        assert site.post("wanted")["id"] == "B"

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
        self, site: Site, values: dict[str, Any], happening: str, code: str, lock: dict[str, Any] | None
    ) -> None:
        if code == "time_unreadable":
            values = {"scheduled_at": "2026-05-xx"}
        due_post(site, "bad", **values, lock=lock)
        if happening:
            site.sql(happening)
        due_post(site, "good")
        assert outcomes(site, code=3) == {"bad": ("held", code), "good": PUBLISHED}

    def test_what_the_database_refuses_is_held_and_the_others_go_on(self, site: Site) -> None:
        site.sql(
            "CREATE TRIGGER no BEFORE UPDATE ON ec_posts"
            " WHEN NEW.title = 'no' BEGIN SELECT RAISE(ABORT, 'not this one'); END"
        )
        for number in range(9):
            due_post(site, f"p{number}", data={"title": "no" if number in {2, 7} else "yes"})
        result = site.run("sweep", "--json").fails(3)
        found = {one["slug"]: one["code"] for one in result.json["outcomes"]}
        assert found == {f"p{number}": "store_refused" if number in {2, 7} else "" for number in range(9)}
        assert any("not this one" in notice for notice in result.json["notices"])

    def test_what_was_scheduled_elsewhere_is_published_and_marked(self, site: Site) -> None:
        due_post(site, "a", lock=None)
        (line,) = site.run("sweep").succeeds().lines
        assert line.startswith(f"published\ta\ten\t{ago(hours=1)}\tit was scheduled elsewhere")

    def test_without_a_lock_a_staged_slug_counts_as_well(self, site: Site) -> None:
        due_post(site, "a", draft={"title": "T", "_slug": "b"}, lock=None)
        assert outcomes(site) == {"b": UNLOCKED}


@freeze_time(NOW)
class TestReport:
    def test_json(self, site: Site) -> None:
        due_post(site, "a")
        document = site.run("sweep", "--json").succeeds().json
        assert document.pop("run") == site.sql("SELECT id FROM pipeline_runs")[0][0]
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
                    "announced_on": [],
                }
            ],
            "counts": {"published": 1, "unpublished": 0, "held": 0, "preempted": 0, "released": 0},
            "errors": [],
            "notices": [],
        }

    def test_nothing_due(self, site: Site) -> None:
        assert site.run("sweep").succeeds().err == "nothing is due\n"
        quiet = site.run("sweep", "--quiet").succeeds()
        assert (quiet.out, quiet.err) == ("", "")
        assert site.run("sweep", "--json").succeeds().json["outcomes"] == []

    def test_it_leaves_a_sign_of_life_and_what_it_did(self, site: Site) -> None:
        outcomes(site)
        assert site.row("pipeline_heartbeats", kind="sweep")["seen_at"] == ago()
        assert site.sql("SELECT * FROM pipeline_runs") == []
        due_post(site, "a")
        due_post(site, "b", lock={"data": "{}"})
        outcomes(site, code=3)
        run = site.row("pipeline_runs", kind="sweep")
        assert json.loads(run["counts"]) == {"published": 1, "held": 1}
        assert run["id"] == site.row("pipeline_heartbeats", kind="sweep")["run_id"]
        assert sorted(site.sql("SELECT actor, action, post_id, slug FROM pipeline_audit")) == [
            ("sweep", "held", "B", "b"),
            ("sweep", "published", "A", "a"),
        ]

    def test_a_store_that_is_not_there(self, site: Site) -> None:
        for path in site.root.glob("emdash.db*"):
            path.unlink()
        result = site.run("sweep", "--json").fails(6)
        assert result.json["errors"][0]["code"] == "store_missing"

    def test_a_dry_run_says_what_a_sweep_would_do_and_changes_nothing(self, site: Site) -> None:
        due_post(site, "a")
        due_post(site, "b", lock={"data": "{}"})
        due_post(site, "c", draft={"title": "T", "_slug": "c2"}, lock={"slug": "c2"})
        give_post(site, "wish", published_at=ago(hours=5))
        before = site.dump()
        reported = site.run("sweep", "--json", "--dry-run").fails(3).json
        assert site.run("sweep", "--dry-run").fails(3).lines[0].startswith("would be published\twish")
        assert site.dump() == before
        assert site.run("sweep", "--json").fails(3).json | {"run": None} == reported
        assert site.run("sweep", "--json", "--dry-run", "--limit", "1").fails(3).json["counts"]["published"] == 0


def test_every_reason_that_is_told_has_words() -> None:
    from emdash_cli.domain.outcome import HOLDS, REASONS

    assert set(HOLDS) < set(REASONS)
    assert all(words and "'" not in words for words in HOLDS.values()), "they stand in SQL"
