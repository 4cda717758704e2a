"""`emdash undo`: what becomes of the posts, files and jobs of a run that is taken back."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from freezegun import freeze_time

from tests.harness.posts import NOW, ahead, body, due_post, give_post

if TYPE_CHECKING:
    from tests.harness.site import Result, Site

UPDATING = '[streams.default]\nslug = "{name}"\non_change = "update"\n'
STATE = ("status", "title", "published_at", "scheduled_at", "slug")


def published(site: Site, **articles: str) -> str:
    """The run that publishes these texts by their names."""
    for name, text in articles.items():
        site.put(f"{name}.json", title=name, body_text=text)
    run: str = site.publish().succeeds().json["run"]
    return run


def undone(site: Site, run: str, *words: str) -> Result:
    return site.run("undo", run, "--json", *words)


def outcomes(result: Result) -> dict[str, str]:
    return {each["slug"]: each["code"] or each["outcome"] for each in result.json["outcomes"]}


def text(site: Site, slug: str) -> str:
    return str(site.post(slug)["content"])


def state(site: Site, slug: str) -> list[Any]:
    row = site.post(slug)
    return [row[name] for name in STATE]


class TestCreated:
    def test_a_post_that_the_run_published_is_a_draft_and_its_file_is_put_aside(self, any_site: Site) -> None:
        any_site.settings(UPDATING)
        run = published(any_site, a="One.", b="Two.")

        done = undone(any_site, run).succeeds()

        assert outcomes(done) == {"a": "unpublished", "b": "unpublished"}
        assert done.json["counts"]["unpublished"] == 2
        assert state(any_site, "a") == ["draft", "a", None, None, "a"]
        assert any_site.archived() == {"undone": ["a.json", "b.json"]}
        assert f"emdash undo {run}" in any_site.reason("a.json")
        assert done.json["outcomes"][0]["file"].endswith("a.json")
        assert "One." in any_site.run("show", "a", "--format", "md").out

    def test_what_was_edited_since_is_left_alone_and_named(self, any_site: Site) -> None:
        any_site.settings(UPDATING)
        run = published(any_site, a="One.", b="Two.")
        any_site.run("edit", "a", "--title", "Better").succeeds()

        done = undone(any_site, run).fails(3)

        assert outcomes(done) == {"a": "edited_since", "b": "unpublished"}
        assert state(any_site, "a")[0] == "published"
        assert any_site.archived() == {"published": ["a.json"], "undone": ["b.json"]}

    def test_drafts_and_scheduled_posts_were_not_live(self, any_site: Site) -> None:
        any_site.settings(UPDATING)
        any_site.put("a.json", status="draft")
        any_site.put("b.json", publish_at="2099-01-01T00:00:00Z")
        run = any_site.publish().json["run"]
        before = any_site.dump()
        assert outcomes(undone(any_site, run).fails(3)) == {"a": "never_live", "b": "still_scheduled"}
        assert any_site.dump() == before

    @pytest.mark.parametrize(
        ("change", "code"),
        [
            ("UPDATE ec_posts SET version = version + 1", "edited_since"),
            ("UPDATE ec_posts SET draft_revision_id = live_revision_id", "edited_since"),
            ("UPDATE ec_posts SET scheduled_at = '2099-01-01T00:00:00.000Z'", "edited_since"),
            ("UPDATE ec_posts SET deleted_at = '2099-01-01T00:00:00.000Z'", "in_trash"),
            ("UPDATE ec_posts SET status = 'draft'", "edited_since"),
            ("DELETE FROM ec_posts", "deleted"),
        ],
    )
    def test_what_another_tool_changed_is_left_alone(self, site: Site, change: str, code: str) -> None:
        run = published(site, a="One.")
        site.sql(change)
        before = site.dump()
        [found] = undone(site, run).fails(3).json["outcomes"]
        assert (found["outcome"], found["code"]) == ("left", code)
        assert site.dump() == before

    def test_a_second_time_changes_nothing(self, any_site: Site) -> None:
        any_site.settings(UPDATING)
        run = published(any_site, a="One.")
        undone(any_site, run).succeeds()
        before, tree = any_site.dump(), any_site.tree().keys()
        assert outcomes(undone(any_site, run).succeeds()) == {"a": "unchanged"}
        assert (any_site.dump(), any_site.tree().keys()) == (before, tree)

    def test_a_dry_run_says_it_and_changes_nothing(self, any_site: Site) -> None:
        any_site.settings(UPDATING)
        run = published(any_site, a="One.")
        before, tree = any_site.dump(), any_site.tree()
        shown = undone(any_site, run, "--dry-run").succeeds().json
        assert (shown["run"], shown["outcomes"][0]["outcome"]) == (None, "unpublished")
        assert "/undone/" in shown["outcomes"][0]["file"]
        assert (any_site.dump(), any_site.tree()) == (before, tree)
        assert any_site.run("undo", run, "--dry-run").succeeds().lines[0].startswith("would be unpublished\ta\ten")


class TestFiles:
    def test_a_file_that_comes_back_is_not_published_again(self, any_site: Site) -> None:
        any_site.settings(UPDATING)
        run = published(any_site, a="One.")
        undone(any_site, run).succeeds()
        any_site.put("a.json", title="a", body_text="One.")
        assert any_site.publish().counts == {"duplicate": 1}
        assert state(any_site, "a")[0] == "draft"

    @pytest.mark.parametrize("on_change", ["report", "update", "draft"])
    def test_requeue_publishes_the_same_post_again(self, any_site: Site, on_change: str) -> None:
        any_site.settings(UPDATING.replace("update", on_change))
        run = published(any_site, a="One.")
        post = any_site.post("a")["id"]
        undone(any_site, run).succeeds()
        [path] = any_site.archive.glob("undone/*/a.json")
        any_site.run("requeue", path, "--dry-run").succeeds()
        assert path.exists()
        any_site.run("requeue", path).succeeds()
        assert any_site.waiting() == ["a.json"]

        assert any_site.publish().succeeds().counts == {"updated": 1}

        assert any_site.post("a")["id"] == post
        assert state(any_site, "a")[0] == "published"
        assert any_site.sql("SELECT count(*) FROM ec_posts") == [(1,)]
        any_site.put("a.json", title="a", body_text="One.")
        assert any_site.publish().counts == {"duplicate": 1}

    @pytest.mark.parametrize("on_change", ["report", "update"])
    def test_a_corrected_file_is_what_goes_live(self, any_site: Site, on_change: str) -> None:
        any_site.settings(UPDATING.replace("update", on_change))
        run = published(any_site, a="One.")
        undone(any_site, run).succeeds()
        [path] = any_site.archive.glob("undone/*/a.json")
        path.write_text(json.dumps({"title": "a", "body_text": "Corrected."}))
        any_site.run("requeue", path).succeeds()
        assert any_site.publish().succeeds().counts == {"updated": 1}
        assert state(any_site, "a")[0] == "published"
        assert "Corrected." in text(any_site, "a")

    def test_an_import_of_the_archive_leaves_it_out(self, site: Site) -> None:
        run = published(site, a="One.")
        undone(site, run).succeeds()
        site.run("import", "--from-archive", "archive", "--json").succeeds()
        assert site.sql("SELECT status FROM ec_posts") == [("draft",)]
        site.use_layout("embedded")
        assert site.run("import", "--from-archive", "archive", "--json").succeeds().counts == {}

    def test_of_two_files_of_one_name_the_right_one_is_put_aside(self, site: Site) -> None:
        first = published(site, a="One.")
        site.put("a.json", title="other", body_text="Other.")
        second = site.publish().succeeds().json["run"]
        assert site.archived() == {"published": ["a.json", "a~2.json"]}
        undone(site, second).succeeds()
        [path] = site.archive.glob("undone/*/*.json")
        assert "Other." in path.read_text()
        undone(site, first).succeeds()
        assert site.archived() == {"undone": ["a.json", "a~2.json"]}

    def test_a_file_that_is_gone_keeps_nothing_from_being_undone(self, site: Site) -> None:
        run = published(site, a="One.")
        for path in site.archive.glob("*/*/*"):
            path.unlink()
        [found] = undone(site, run).succeeds().json["outcomes"]
        assert (found["outcome"], found["file"]) == ("unpublished", None)


class TestChanges:
    def test_the_version_that_was_live_before_an_update_is_live_again(self, any_site: Site) -> None:
        any_site.settings(UPDATING)
        published(any_site, a="One.")
        before = state(any_site, "a")
        any_site.put("a.json", title="New title", body_text="Two.", excerpt="New.")
        run = any_site.publish().succeeds().json["run"]
        assert any_site.archived() == {"published": ["a.json"], "updated": ["a.json"]}

        assert outcomes(undone(any_site, run).succeeds()) == {"a": "restored"}

        assert state(any_site, "a") == before
        row = any_site.post("a")
        assert ("One." in row["content"], row["excerpt"]) == (True, "One.")
        assert "Two." in any_site.row("revisions", id=row["draft_revision_id"])["data"]
        assert any_site.archived() == {"published": ["a.json"], "undone": ["a.json"]}
        any_site.put("a.json", title="New title", body_text="Two.", excerpt="New.")
        assert any_site.publish().counts == {"duplicate": 1}

    @freeze_time(NOW)
    def test_a_swept_change_with_a_new_slug(self, any_site: Site) -> None:
        give_post(
            any_site,
            "old",
            status="published",
            published_at="2026-01-01T00:00:00.000Z",
            title="Before",
            content=json.dumps(body("before")),
            scheduled_at=None,
            live={"title": "Before", "content": body("before")},
            draft={"title": "After", "content": body("after"), "_slug": "new"},
        )
        any_site.run("schedule", "old", "--at", "now").succeeds()
        run = any_site.run("sweep", "--json").succeeds().json["run"]
        assert state(any_site, "new")[:2] == ["published", "After"]

        assert outcomes(undone(any_site, run).succeeds()) == {"old": "restored"}

        assert state(any_site, "old") == ["published", "Before", "2026-01-01T00:00:00.000Z", None, "old"]
        assert any_site.post("old")["draft_revision_id"] == "DRAFT-OLD"
        if any_site.sql("SELECT 1 FROM sqlite_master WHERE name = '_emdash_redirects'"):
            found = any_site.sql("SELECT source, destination FROM _emdash_redirects")
            assert found == [("/posts/new", "/posts/old")]

    @freeze_time(NOW)
    def test_a_swept_post_is_a_draft_that_is_not_scheduled(self, any_site: Site) -> None:
        due_post(any_site, "late")
        run = any_site.run("sweep", "--json").succeeds().json["run"]
        assert outcomes(undone(any_site, run).succeeds()) == {"late": "unpublished"}
        assert state(any_site, "late")[0] == "draft"
        assert any_site.run("sweep", "--json").succeeds().counts == {}

    def test_a_slug_that_somebody_else_has_since_is_named(self, site: Site) -> None:
        give_post(
            site,
            "old",
            status="published",
            live={"title": "B"},
            draft={"title": "A", "_slug": "new"},
            scheduled_at=None,
        )
        site.run("schedule", "old", "--at", "now").succeeds()
        run = site.run("sweep", "--json").json["run"]
        give_post(site, "other", status="draft", scheduled_at=None)
        site.sql("UPDATE ec_posts SET slug = 'old' WHERE slug = 'other'")
        assert outcomes(undone(site, run).fails(3)) == {"new": "slug_taken"}

    def test_a_former_revision_that_is_gone_is_named(self, site: Site) -> None:
        site.settings(UPDATING)
        published(site, a="One.")
        live = site.post("a")["live_revision_id"]
        run = published(site, a="Two.")
        site.sql("DELETE FROM revisions WHERE id = ?", live)
        assert outcomes(undone(site, run).fails(3)) == {"a": "revision_missing"}

    def test_terms_alone_are_not_kept_anywhere(self, site: Site) -> None:
        site.settings(UPDATING)
        published(site, a="One.")
        site.put("a.json", title="a", body_text="One.", tags=["x"])
        run = site.publish().succeeds().json["run"]
        assert outcomes(undone(site, run).fails(3)) == {"a": "attached_only"}


class TestUndoOfAnUndo:
    def test_what_was_taken_back_is_live_again_with_its_date_and_its_file(self, any_site: Site) -> None:
        any_site.settings(UPDATING)
        run = published(any_site, a="One.")
        before = state(any_site, "a")
        first = undone(any_site, run).json["run"]

        second = undone(any_site, first).succeeds()

        assert outcomes(second) == {"a": "restored"}
        assert state(any_site, "a") == before
        assert any_site.post("a")["draft_revision_id"] is None
        assert any_site.archived() == {"published": ["a.json"]}
        assert any_site.files("archive") == [f"published/{before[2][:7]}/a.json"]
        third = undone(any_site, second.json["run"]).succeeds()
        assert outcomes(third) == {"a": "unpublished"}
        assert any_site.archived() == {"undone": ["a.json"]}

    def test_a_change_that_was_taken_back_is_live_again(self, any_site: Site) -> None:
        any_site.settings(UPDATING)
        published(any_site, a="One.")
        run = published(any_site, a="Two.")
        first = undone(any_site, run).json["run"]
        assert outcomes(undone(any_site, first).succeeds()) == {"a": "restored"}
        assert "Two." in text(any_site, "a")
        assert any_site.post("a")["draft_revision_id"] is None
        assert any_site.archived() == {"published": ["a.json"], "updated": ["a.json"]}

    def test_a_run_whose_undoing_was_undone_cannot_be_undone_as_if_nothing_had_happened(self, site: Site) -> None:
        run = published(site, a="One.")
        first = undone(site, run).json["run"]
        undone(site, first).succeeds()
        [found] = undone(site, run).fails(3).json["outcomes"]
        assert found["code"] == "edited_since"


class TestRefused:
    def test_there_is_no_such_run(self, site: Site) -> None:
        undone(site, "01KB2G6ZB8RFK57S6M0Z6H0QTV").fails(3, "no_such_run")

    def test_a_run_that_changed_no_post(self, site: Site) -> None:
        site.put_raw("bad.json", b"{}")
        run = site.publish().json["run"]
        undone(site, run).fails(3, "nothing_to_undo")

    def test_only_editors_and_admins_may(self, site: Site) -> None:
        run = published(site, a="One.")
        site.run("users", "add", "ann@example.org", "--role", "author").succeeds()
        site.run("users", "add", "ed@example.org", "--role", "editor").succeeds()
        undone(site, run, "--as", "ann@example.org").fails(4)
        undone(site, run, "--as", "ed@example.org").succeeds()
        assert site.sql("SELECT actor FROM pipeline_audit WHERE action = 'unpublished'") == [("user:ed@example.org",)]


def test_the_reason_and_the_run_are_in_the_history(site: Site) -> None:
    site.settings(UPDATING)
    run = published(site, a="One.")
    undone(site, run, "--reason", "the wrong folder").succeeds()
    shown = site.run("history", "a").succeeds().out
    assert "the wrong folder" in shown
    assert run in shown


def test_a_scheduled_post_that_was_untouched_is_named_with_advice(site: Site) -> None:
    site.put("b.json", publish_at=ahead(days=40_000))
    run = site.publish().json["run"]
    [found] = undone(site, run).fails(3).json["outcomes"]
    assert found["needs_attention"]
