"""`emdash undo` of the runs of other commands than `publish-queue` and `sweep`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from freezegun import freeze_time

from tests.harness.posts import NOW, ahead, due_post
from tests.scheduling.test_undo import UPDATING, outcomes, published, state, text, undone

if TYPE_CHECKING:
    from tests.harness.site import Site


def run_of(site: Site, *words: str) -> str:
    run: str = site.run(*words, "--json").succeeds().json["run"]
    return run


def test_an_import_is_undone_and_its_files_stay_where_they_are(any_site: Site) -> None:
    any_site.write("pages/a.md", "---\ntitle: A\ndate: 2026-01-01\n---\nText.\n")
    run = run_of(any_site, "import", "--from-markdown", "pages")
    assert outcomes(undone(any_site, run).succeeds()) == {"a": "unpublished"}
    assert any_site.files("pages") == ["a.md"]
    assert any_site.run("import", "--from-markdown", "pages", "--json").counts == {"duplicate": 1}
    assert state(any_site, "a")[0] == "draft"


def test_a_renamed_post_has_its_former_slug_again(any_site: Site) -> None:
    any_site.settings(UPDATING)
    published(any_site, a="One.")
    before = state(any_site, "a")
    run = run_of(any_site, "rename", "a", "b")
    first = undone(any_site, run).succeeds()
    assert outcomes(first) == {"a": "restored"}
    assert state(any_site, "a") == before
    assert any_site.post("a")["draft_revision_id"] is None
    undone(any_site, first.json["run"]).succeeds()
    assert state(any_site, "b")[0] == "published"


def test_a_revert_that_went_live_is_undone(any_site: Site) -> None:
    any_site.settings(UPDATING)
    published(any_site, a="One.")
    published(any_site, a="Two.")
    run = run_of(any_site, "revert", "a", "--to", "LAST", "--live")
    assert "One." in text(any_site, "a")
    assert outcomes(undone(any_site, run).succeeds()) == {"a": "restored"}
    assert "Two." in text(any_site, "a")


def test_the_run_of_schedule_is_named_as_what_is_still_to_come(site: Site) -> None:
    site.settings(UPDATING)
    site.put("a.json", status="draft")
    site.publish().succeeds()
    run = run_of(site, "schedule", "a", "--at", "+1d")
    [found] = undone(site, run).fails(3).json["outcomes"]
    assert (found["code"], "emdash unschedule" in found["reason"]) == ("still_scheduled", True)


@freeze_time(NOW)
def test_a_post_whose_expiry_has_come_is_live_again(any_site: Site) -> None:
    any_site.settings(UPDATING)
    published(any_site, a="One.")
    any_site.run("unpublish", "a", "--at", "+1h").succeeds()
    before = state(any_site, "a")
    with freeze_time(ahead(hours=2)):
        run = run_of(any_site, "sweep")
        assert state(any_site, "a")[0] == "draft"
        assert outcomes(undone(any_site, run).succeeds()) == {"a": "restored"}
    assert state(any_site, "a") == before


@freeze_time(NOW)
@pytest.mark.parametrize("kind", ["distribute", "cleanup"])
def test_what_is_no_change_of_posts_is_refused_with_advice(site: Site, kind: str) -> None:
    due_post(site, "a")
    site.insert(
        "pipeline_runs", id="01KB2G6ZB8RFK57S6M0Z6H0QTV", kind=kind, started_at=ahead(), seen_at=ahead(), counts="{}"
    )
    undone(site, "01kb2g6zb8rfk57s6m0z6h0qtv").fails(
        3, "nothing_to_undo", {"cleanup": "restore"}.get(kind, "jobs list")
    )


def test_a_post_that_comes_back_from_the_trash_later_than_its_time_is_held(any_site: Site) -> None:
    any_site.settings(UPDATING)
    any_site.put("a.json", status="draft")
    with freeze_time(NOW):
        any_site.publish().succeeds()
        any_site.run("schedule", "a", "--at", "+1h").succeeds()
        run = run_of(any_site, "trash", "a")
    with freeze_time(ahead(hours=2)):
        assert outcomes(undone(any_site, run).succeeds()) == {"a": "untrashed"}
        any_site.run("sweep")
        assert state(any_site, "a")[0] == "draft"
        assert any_site.row("schedule_locks", slug="a")["held_at"]
