"""What a run leaves behind: its id in the audit rows and the ledger, with which `undo` finds what it changed."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from freezegun import freeze_time

from tests.harness.posts import NOW, due_post

if TYPE_CHECKING:
    from tests.harness.site import Site


def details(site: Site, action: str) -> list[dict[str, Any]]:
    rows = site.sql("SELECT detail FROM pipeline_audit WHERE action = ? ORDER BY id", action)
    return [json.loads(row[0]) for row in rows]


@freeze_time(NOW)
def test_a_sweep_names_its_run_and_what_was_live_before(any_site: Site) -> None:
    due_post(any_site, "late")
    run = any_site.run("sweep", "--json").succeeds().json["run"]

    [detail] = details(any_site, "published")
    assert (detail["run"], detail["live_before"], detail["draft_before"]) == (run, None, detail["revision"])
    assert any_site.sql("SELECT id, kind FROM pipeline_runs") == [(run, "sweep")]


def test_an_update_names_its_run_and_the_revision_that_was_live(any_site: Site) -> None:
    any_site.settings('[streams.default]\nslug = "{name}"\non_change = "update"\n')
    any_site.put("news.json", body_text="Old.")
    any_site.publish().succeeds()
    live = any_site.post("news")["live_revision_id"]
    any_site.put("news.json", body_text="New.")
    run = any_site.publish().succeeds().json["run"]

    [detail] = details(any_site, "updated")
    assert (detail["run"], detail["live_before"]) == (run, live)


def test_a_run_that_only_publishes_is_recorded(any_site: Site) -> None:
    any_site.put("news.json")
    run = any_site.publish().succeeds().json["run"]
    assert any_site.sql("SELECT id, kind FROM pipeline_runs") == [(run, "publish")]
    assert any_site.sql("SELECT run_id FROM publish_ledger") == [(run,)]


def test_a_dry_run_has_no_id(site: Site) -> None:
    site.put("news.json")
    assert site.publish("--dry-run").succeeds().json["run"] is None
    assert site.run("sweep", "--json", "--dry-run").succeeds().json["run"] is None


def test_a_terminal_shows_the_id_of_a_run_that_did_something(site: Site) -> None:
    site.put("news.json")
    site.is_terminal = True
    shown = site.run("publish-queue").succeeds().err
    assert f"1 published, run {site.sql('SELECT id FROM pipeline_runs')[0][0]}" in shown
    assert ", run " not in site.run("publish-queue").succeeds().err
