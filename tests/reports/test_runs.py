"""`emdash runs`: which runs changed something, and what each did."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

from freezegun import freeze_time

from emdash_cli.store import runs
from tests.harness.ports import Port
from tests.harness.posts import NOW, due_post
from tests.harness.sessions import session_in

if TYPE_CHECKING:
    from emdash_cli.store.session import Session
    from tests.harness.site import Site


def test_runs_are_listed_with_what_they_did_newest_first(any_site: Site) -> None:
    any_site.put("a.json")
    any_site.put("b.json", status="draft")
    first = any_site.publish().json["run"]
    any_site.put_raw("c.json", b"{}")
    second = any_site.publish().fails(3).json["run"]
    any_site.publish().succeeds()  # finds nothing to do, and is not listed

    listed = any_site.run("runs", "list", "--json").succeeds().json["runs"]

    assert [(run["id"], run["kind"], run["counts"]) for run in listed] == [
        (second, "publish", {"rejected": 1}),
        (first, "publish", {"draft": 1, "published": 1}),
    ]
    assert [line.split("\t")[0] for line in any_site.run("runs", "list", "--limit", "1").lines] == [second]
    assert any_site.run("runs", "list", "--kind", "sweep").succeeds().lines == []


def test_a_run_is_shown_with_what_it_did_to_each_post(any_site: Site) -> None:
    any_site.settings('[streams.default]\nslug = "{name}"\non_change = "update"\n')
    any_site.put("a.json")
    any_site.put("b.json", status="draft")
    first = any_site.publish().json["run"]
    any_site.put("a.json", body_text="Other.")
    second = any_site.publish().json["run"]
    any_site.sql("UPDATE ec_posts SET deleted_at = '2030-01-01T00:00:00.000Z' WHERE slug = 'b'")

    shown = any_site.run("runs", "show", first, "--json").succeeds().json
    assert [(post["action"], post["slug"], post["status"], post["undone"]) for post in shown["posts"]] == [
        ("created published", "a", "published", False),
        ("created draft", "b", "trashed", False),
    ]
    assert shown["by"].startswith("operator:")
    [line] = any_site.run("runs", "show", second.lower()).succeeds().lines
    assert line.split("\t")[1:] == ["updated", "a", "en", "published"]


@freeze_time(NOW)
def test_what_a_sweep_held_and_published_belongs_to_its_run(site: Site) -> None:
    due_post(site, "due")
    due_post(site, "changed", lock={"data": "other"})
    run = site.run("sweep", "--json").fails(3).json["run"]
    shown = site.run("runs", "show", run, "--json").succeeds().json
    assert sorted((post["action"], post["slug"]) for post in shown["posts"]) == [
        ("held", "changed"),
        ("published", "due"),
    ]


def test_a_run_of_an_earlier_version_is_known_by_who_started_it(site: Site) -> None:
    site.put("a.json")
    run = site.publish().json["run"]
    site.sql("DELETE FROM pipeline_runs")
    assert [each["id"] for each in site.run("runs", "list", "--json").json["runs"]] == [run]
    assert site.run("runs", "show", run, "--json").succeeds().json["run"]["counts"] == {"published": 1}


def test_a_run_that_does_not_exist(site: Site) -> None:
    site.run("runs", "show", "01KB2G6ZB8RFK57S6M0Z6H0QTV").fails(3, "no run 01KB2G6ZB8RFK57S6M0Z6H0QTV", "runs list")


def test_nothing_has_run_yet(site: Site) -> None:
    assert "no run has changed anything" in site.run("runs", "list").succeeds().err


def plans(site: Site, session: Session) -> list[str]:
    names = session.names
    statements = [
        runs.find_run("R"),
        runs.latest_runs(None, 20),
        runs.latest_runs("publish", 20),
        runs.deeds(names, "0R", "0S"),
        runs.created_by([["0R", "0S"]]),
    ]
    with closing(sqlite3.connect(site.store)) as connection:
        return [
            str(row[3])
            for each in statements
            for row in connection.execute(f"EXPLAIN QUERY PLAN {each.sql}", each.params)
        ]


def test_runs_are_found_by_indexes(any_site: Site) -> None:
    found = plans(any_site, session_in(Port(any_site)))
    scanned = [line for line in found if line.startswith("SCAN")]
    # The newest runs by their ids, and rows that these queries make themselves.
    assert {re.sub(r"\d", "N", line.split()[1]) for line in scanned} <= {"r", "d", "j", "(subquery-N)"}, scanned
    assert all("INDEX" in line for line in scanned if line.split()[1] == "r"), scanned
