"""`emdash init --db d1:…`: what it makes there, and how it gets over what may happen on the way."""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING

import pytest

from emdash_cli.store import schema
from tests.d1_engine.faults import CPU_LIMIT, DROPPED_AFTER, FAILED_AFTER, FAILED_BEFORE, NOTHING, SENT_TWICE, Fault
from tests.harness.d1_site import D1Site
from tests.harness.site import ended

if TYPE_CHECKING:
    from pathlib import Path

    from tests.d1_engine.engine import Engine, Instance

OBJECTS = "SELECT name, sql FROM sqlite_master WHERE name NOT LIKE '\\_cf%' ESCAPE '\\' ORDER BY name"


@pytest.fixture
def place(tmp_path: Path, d1: Instance) -> D1Site:
    """An empty directory, and an empty database."""
    return D1Site(tmp_path, instance=d1)


def made(place: D1Site) -> list[str]:
    return [row["name"] for row in place.d1.execute(OBJECTS)[0] if not row["name"].startswith("sqlite_")]


def assert_publishes(place: D1Site) -> None:
    place.put("1-a.json", tags=["a"])
    assert place.publish().counts == {"published": 1}


def makes_a_store(place: D1Site) -> None:
    ran = place.run("init", "--db", place.url)
    assert ran.code == 0, ran
    assert f'database = "{place.url}"' in (place.root / "emdash.toml").read_text()
    assert {"ec_posts", "revisions", "publish_ledger", "pipeline_schema", "ec_revisions"} <= set(made(place))
    assert_publishes(place)


def test_it_makes_a_store_that_can_be_published_to(place: D1Site) -> None:
    makes_a_store(place)


def test_the_same_on_the_reference(tmp_path: Path, d1_reference: Engine) -> None:
    makes_a_store(D1Site(tmp_path, instance=d1_reference.database()))


def test_before_it_changes_anything_it_says_how_to_go_back(place: D1Site) -> None:
    ran = place.run("init")
    (line,) = [line for line in ran.out.splitlines() if "\tbookmark\t" in line]
    bookmark = line.split("\t")[2]
    assert re.fullmatch(r"[0-9a-f]{8}-[0-9a-f]{8}-[0-9a-f]{8}-[0-9a-f]{32}", bookmark)
    assert line.endswith(f"wrangler d1 time-travel restore DATABASE_NAME --bookmark={bookmark}")
    assert [request.form for request in place.d1.requests()][-2:] == ["time_travel/bookmark", "query"]


def test_the_second_time_nothing_changes(place: D1Site) -> None:
    place.run("init")
    before = place.d1.execute(OBJECTS)
    place.d1.forget()
    ran = place.run("init")
    assert (ran.code, "bookmark" in ran.out) == (0, False)
    assert place.d1.execute(OBJECTS) == before
    assert not [sql for request in place.d1.requests() for sql in request.sql if not sql.lstrip().startswith("SELECT")]


def test_a_dry_run_only_asks(place: D1Site) -> None:
    ran = place.run("init", "--dry-run")
    assert "would be created\tstore" in ran.out
    assert made(place) == []
    assert list(place.root.iterdir()) == []


def test_to_a_sites_database_only_the_tools_tables_are_added(place: D1Site) -> None:
    place.d1.execute(*(statement.sql for statement in schema.emdash_tables()))
    place.d1.execute("CREATE TABLE _emdash_collections (slug TEXT)", "CREATE TABLE media (id TEXT)")
    before = {row["name"]: row["sql"] for row in place.d1.execute(OBJECTS)[0]}
    assert place.run("init").code == 0
    after = {row["name"]: row["sql"] for row in place.d1.execute(OBJECTS)[0]}
    assert {name: after[name] for name in before} == before
    assert not [name for name in after.keys() - before.keys() if name.startswith(("ec_", "_emdash"))]
    assert_publishes(place)


@pytest.mark.parametrize("fault", [FAILED_BEFORE, FAILED_AFTER, DROPPED_AFTER, SENT_TWICE])
def test_it_gets_over_what_happens_on_the_way(place: D1Site, fault: Fault) -> None:
    """Met by the question for the bookmark, and by the batch that makes the tables."""
    place.d1.faults(NOTHING, fault, NOTHING, fault)
    assert place.run("init").code == 0
    assert_publishes(place)


def test_without_a_bookmark_it_goes_on_and_says_so(place: D1Site) -> None:
    place.d1.faults(NOTHING, Fault(status=404, code=7404, message="not found"))
    ran = place.run("init")
    assert ran.code == 0
    assert "skipped\tbookmark" in ran.out
    assert_publishes(place)


def test_a_database_that_is_too_busy_is_left_empty_and_can_be_taken_up_again(place: D1Site) -> None:
    place.d1.faults(NOTHING, NOTHING, CPU_LIMIT)
    assert place.run("init").code == 6
    assert made(place) == []
    assert place.run("init").code == 0
    assert_publishes(place)


@pytest.mark.parametrize("fault", [Fault(delay=0.7), Fault(hold=0.7)], ids=["lands late", "has landed"])
def test_killed_while_the_tables_are_made(place: D1Site, fault: Fault) -> None:
    place.d1.faults(NOTHING, NOTHING, fault)
    process = place.start("init")
    while len(place.d1.requests()) < 3:
        assert process.poll() is None
        time.sleep(0.01)
    process.kill()
    ended(process)
    assert place.run("init").code == 0
    assert_publishes(place)


def test_a_missing_token_is_named(place: D1Site) -> None:
    ran = ended(place.start("init", launcher=("env", "-u", "CLOUDFLARE_API_TOKEN")))
    assert (ran.code, "CLOUDFLARE_API_TOKEN is not set" in ran.err) == (4, True)
    assert list(place.root.iterdir()) == []


def test_a_wrong_token_is_named_and_not_repeated(place: D1Site) -> None:
    ran = ended(place.start("init", "--json", launcher=("env", "CLOUDFLARE_API_TOKEN=wrong-one")))
    assert (ran.code, ran.json["error"]["code"]) == (4, "credentials")
    assert "CLOUDFLARE_API_TOKEN" in ran.json["error"]["message"]
    assert "wrong-one" not in ran.out + ran.err
