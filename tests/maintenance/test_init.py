"""`emdash init`: what it makes, what it leaves alone, and what it refuses."""

from __future__ import annotations

import json
import sqlite3
import tomllib
from contextlib import closing
from typing import TYPE_CHECKING

import pytest
from freezegun import freeze_time

from emdash_cli import samples, settings
from emdash_cli.store import schema
from tests.harness.tracing import needs_strace, traced
from tests.store.test_migrations import assert_forward, contents, new, old_store

if TYPE_CHECKING:
    from pathlib import Path

    from tests.harness.site import Site


SAMPLES = 7


def objects(path: Path) -> dict[str, str]:
    """Every table, index, view and trigger, with the SQL that made it."""
    with closing(sqlite3.connect(path)) as connection:
        return dict(connection.execute("SELECT name, coalesce(sql, '') FROM sqlite_master").fetchall())


@pytest.fixture
def their_database(bare: Site) -> Path:
    """The database of an EmDash site, as far as `init` can tell."""
    path = bare.root / "site.db"
    with closing(sqlite3.connect(path)) as connection:
        for statement in schema.emdash_tables():
            connection.execute(statement.sql)
        connection.execute("CREATE TABLE _emdash_collections (slug TEXT)")
        connection.execute("CREATE TABLE media (id TEXT)")
        connection.execute("PRAGMA journal_mode=DELETE")
        connection.commit()
    return path


def test_it_makes_all_that_publishing_needs(bare: Site) -> None:
    result = bare.run("init").succeeds()
    assert [line.split("\t")[:2] for line in result.lines] == [
        ["created", "settings"],
        ["created", "directory"],
        ["created", "directory"],
        ["created", "store"],
    ]
    assert set(bare.tree()) == {"emdash.toml", "queue", "archive", "emdash.db"}
    assert bare.run("publish-queue").succeeds().out == ""


def test_the_store_is_durable_in_wal_mode(bare: Site) -> None:
    bare.run("init").succeeds()
    assert bare.sql("PRAGMA journal_mode") == [("wal",)]


@freeze_time("2026-03-01T10:00:00Z")
def test_the_second_time_nothing_changes(bare: Site) -> None:
    bare.run("init", "--samples").succeeds()
    before = bare.tree()
    again = bare.run("init", "--samples").succeeds()
    assert "nothing was changed" in again.err
    assert {line.split("\t")[0] for line in again.lines} == {"exists", "skipped"}
    assert bare.run("init", "--json").succeeds().json["changed"] is False
    assert bare.tree() == before


def test_a_dry_run_makes_nothing_and_tells_what_would_be(bare: Site) -> None:
    reported = bare.run("init", "--samples", "--dry-run").succeeds()
    assert bare.tree() == {}
    made = bare.run("init", "--samples").succeeds()
    assert reported.out == made.out.replace("created", "would be created")


def test_a_dry_run_does_not_touch_a_site(bare: Site, their_database: Path) -> None:
    before = bare.tree()
    reported = bare.run("init", "--db", "sqlite:site.db", "--dry-run", "--json").succeeds().json
    assert bare.tree() == before
    assert [step["state"] for step in reported["steps"]] == ["created"] * 4 + ["applied"] * len(schema.migrations())
    assert "publish_ledger" not in objects(their_database)


def test_the_settings_file_explains_every_key_and_holds_the_defaults(bare: Site) -> None:
    bare.run("init").succeeds()
    text = (bare.root / "emdash.toml").read_text()
    uncommented = "\n".join(
        line.removeprefix("# ") if " = " in line or "[" in line[:3] else "" for line in text.split("\n")
    )
    given = tomllib.loads(uncommented.replace("There may be any", ""))
    loaded = settings.load({}, config=None, database=None, directory=bare.root)
    defaults = settings.load({}, config=None, database=None, directory=bare.root / "queue")
    for key in loaded.origins:
        *path, name = key.split(".")
        holder = given
        for part in path:
            holder = holder[part]
        assert name in holder, f"{key} is not explained"
    assert loaded.fields == defaults.fields
    assert (loaded.database, loaded.timezone, loaded.site_url, loaded.post_path, loaded.api_base_url) == (
        *(defaults.database, defaults.timezone, defaults.site_url, defaults.post_path, defaults.api_base_url),
    )


def test_what_the_settings_file_shows_can_be_taken_in_as_it_is(bare: Site) -> None:
    """Every commented key, uncommented, is a valid setting."""
    bare.run("init").succeeds()
    file = bare.root / "emdash.toml"
    lines = file.read_text().split("\n")
    tables = ("# [fields]", "# [platforms.")
    shown = [line.removeprefix("# ") if line.startswith(tables) or _is_setting(line) else line for line in lines]
    file.write_text("\n".join(shown))
    values = bare.run("config", "--json").succeeds().json["values"]
    assert {value["origin"] for value in values.values()} == {str(file)}


def _is_setting(line: str) -> bool:
    name, equals, _ = line.removeprefix("# ").partition(" = ")
    return bool(equals) and line.startswith("# ") and name.isidentifier()


def test_the_directories_of_every_stream_are_made(bare: Site) -> None:
    bare.write("emdash.toml", '[streams.news]\n[streams.essays]\nqueue = "in/essays"\narchive = "out/essays"\n')
    bare.run("init").succeeds()
    for directory in ("queue/news", "archive/news", "in/essays", "out/essays"):
        assert (bare.root / directory).is_dir()


def test_the_settings_file_may_be_elsewhere_and_paths_are_relative_to_it(bare: Site) -> None:
    bare.run("--config", "conf/blog.toml", "init").succeeds()
    assert bare.files("conf") == ["blog.toml", "emdash.db"]
    assert (bare.root / "conf/queue").is_dir()
    assert bare.files() == ["conf/blog.toml", "conf/emdash.db"]


def test_the_store_named_by_db_stands_in_the_settings_file(bare: Site) -> None:
    bare.run("init", "--db", 'sqlite:da"ta/ü.db').succeeds()
    assert (bare.root / 'da"ta/ü.db').is_file()
    assert bare.run("config", "--json").json["values"]["database"] == {
        "value": 'sqlite:da"ta/ü.db',
        "origin": str(bare.root / "emdash.toml"),
    }


def test_a_settings_file_that_names_another_store_is_pointed_out(bare: Site) -> None:
    bare.run("init").succeeds()
    made, again = (bare.run("--db", "sqlite:other.db", "init").succeeds() for _ in range(2))
    assert "names another database, sqlite:emdash.db" in made.out
    number = (bare.root / "emdash.toml").read_text().splitlines().index('database = "sqlite:emdash.db"') + 1
    for result in (made, again):
        last = result.err.splitlines()[-1]
        assert f'change its line {number} to `database = "sqlite:other.db"`' in last
        assert "--db or EMDASH_DATABASE" in last
        assert "run `emdash publish-queue`" not in last


def test_nothing_of_emdashs_own_is_altered_in_a_sites_database(bare: Site, their_database: Path) -> None:
    before = objects(their_database)
    bare.run("init", "--db", "sqlite:site.db").succeeds()
    after = objects(their_database)
    assert {name: after[name] for name in before} == before
    added = {name for name in after.keys() - before.keys() if not name.startswith("sqlite_")}
    assert added
    assert not any(name.startswith(("ec_", "_emdash_")) for name in added)
    assert bare.sql("PRAGMA journal_mode", database="site.db") == [("delete",)]


def test_a_table_that_was_lost_is_made_anew(bare: Site) -> None:
    bare.run("init").succeeds()
    bare.sql("DROP TABLE publish_outbox")
    result = bare.run("init").succeeds()
    assert "missing tables and indexes were created again: publish_outbox, publish_outbox_done" in result.out
    assert bare.sql("SELECT count(*) FROM publish_outbox") == [(0,)]


def test_a_site_without_that_collection_is_refused_with_those_it_has(bare: Site, their_database: Path) -> None:
    with closing(sqlite3.connect(their_database)) as connection:
        connection.execute("ALTER TABLE ec_posts RENAME TO ec_articles")
    before = bare.tree()
    bare.run("init", "--db", "sqlite:site.db").fails(2, "no collection `posts`", "articles")
    assert bare.tree() == before


def test_a_collection_of_that_name_without_the_columns_is_refused_before_anything_is_made(
    bare: Site, their_database: Path
) -> None:
    with closing(sqlite3.connect(their_database)) as connection:
        connection.execute("ALTER TABLE ec_posts RENAME COLUMN content TO body")
    before = bare.tree()
    bare.run("init", "--db", "sqlite:site.db").fails(6, "lacks column content of table ec_posts")
    assert bare.tree() == before


def test_the_database_of_something_else_is_refused_and_left_alone(bare: Site) -> None:
    bare.sql("CREATE TABLE users (name)", database="shop.db")
    before = bare.tree()
    bare.run("init", "--db", "sqlite:shop.db").fails(2, "contains another program's tables (users)")
    assert bare.tree() == before


def test_a_file_that_is_no_database_is_refused(bare: Site) -> None:
    bare.write("notes.db", "not a database, but long enough to be taken for one" * 100)
    bare.run("init", "--db", "sqlite:notes.db").fails(6, "not an intact SQLite database")
    assert not (bare.root / "emdash.toml").exists()


def test_other_field_names_need_a_site(bare: Site) -> None:
    bare.write("emdash.toml", 'collection = "articles"')
    bare.run("init").fails(2, "this database is not one")
    assert not (bare.root / "emdash.db").exists()


def test_a_newer_store_is_left_to_a_newer_emdash(bare: Site) -> None:
    bare.run("init").succeeds()
    bare.sql("INSERT INTO pipeline_schema (version, applied_at) VALUES (999, '')")
    for command in ("init", "publish-queue", "sweep", "status", "posts"):
        bare.run(command).fails(2, "version 999", "upgrade emdash")


@freeze_time("2026-03-27T10:00:00Z")
def test_the_samples_become_posts_of_every_kind(bare: Site) -> None:
    bare.write("emdash.toml", 'timezone = "Europe/Berlin"\n')
    bare.run("init", "--samples").succeeds()
    assert len(bare.files("queue")) == SAMPLES
    result = bare.run("publish-queue", "--json").succeeds().json
    assert {name: count for name, count in result["counts"].items() if count} == {
        "published": SAMPLES - 2,
        "scheduled": 1,
        "draft": 1,
    }
    # A week later at nine in Berlin, where the clocks have gone forward in between.
    assert bare.sql("SELECT scheduled_at FROM ec_posts WHERE status = 'scheduled'") == [("2026-04-03T07:00:00.000Z",)]
    groups = bare.sql("SELECT count(*), count(DISTINCT translation_group) FROM ec_posts")
    assert groups == [(SAMPLES, SAMPLES - 1)]


def test_samples_that_were_published_are_not_added_again(bare: Site) -> None:
    bare.run("init", "--samples").succeeds()
    bare.run("publish-queue").succeeds()
    assert "published before" in bare.run("init", "--samples").succeeds().out
    assert bare.files("queue") == []


def test_samples_do_not_join_a_queue_that_has_files(bare: Site) -> None:
    bare.run("init").succeeds()
    bare.write("queue/07-mine.json", {"title": "Mine", "body_text": "Text."})
    assert "no samples were added" in bare.run("init", "--samples").succeeds().out
    assert bare.files("queue") == ["07-mine.json"]


def test_the_samples_hold_what_an_article_may_hold(bare: Site) -> None:
    """Code, tables, lists in lists, tasks, links, a quote, a footnote, accents and emoji."""
    bare.run("init", "--samples").succeeds()
    text = "\n".join(json.loads((bare.root / "queue" / name).read_text())["body_text"] for name in bare.files("queue"))
    for mark in ("```python", "| --- |", "   - the row", "- [x]", "](https://", "> ", "[^1]:", "é", "🔌", "1. "):
        assert mark in text
    assert all(f"id: {samples.ID_PREFIX}" in article for _, article in samples.articles())


def test_trouble_with_the_disk_is_told_with_where_and_what_next(bare: Site) -> None:
    bare.write("queue", "a file where the directory should be")
    result = bare.run("init").fails(6, str(bare.root / "queue"))
    assert "next:" in result.err


@needs_strace
def test_the_settings_file_appears_whole_and_durable(bare: Site) -> None:
    done = traced(bare.root, "init")
    assert done.code == 0
    places = done.order(
        r"fsync\(.*/\.emdash-.*\.tmp>\) += 0",
        r"link.*/emdash\.toml",
        rf"fsync\(\d+<{bare.root}>\) += 0 *$",
    )
    assert places == sorted(places)


__all__ = ["new"]  # a fixture


def test_init_brings_it_up_to_date(bare: Site, new: Path) -> None:
    path = bare.root / "emdash.db"
    old_store(path)
    before = contents(path)
    shown = bare.run("init", "--dry-run").succeeds()
    assert "would be applied\tmigration\t0003_outbox" in shown.out
    assert "CREATE TABLE publish_outbox" in shown.out
    assert contents(path) == before
    assert "applied\tmigration\t0002_sources" in bare.run("init").succeeds().out
    assert_forward(path, before, new)
    assert "nothing was changed" in bare.run("init").succeeds().err
    status = bare.run("status", "--json").json
    assert (status["held"], status["scheduled"]) == (1, 2)
    assert bare.run("sweep").code in {0, 3}


@pytest.mark.parametrize("command", ["publish-queue", "sweep", "status", "posts", "cleanup", "calendar", "stats"])
def test_every_other_command_says_to_run_init_first(bare: Site, command: str) -> None:
    bare.run("init").succeeds()
    (bare.root / "emdash.db").unlink()
    old_store(bare.root / "emdash.db")
    before = (bare.root / "emdash.db").read_bytes()
    bare.run(command).fails(2, "version 1", "run `emdash init`")
    assert (bare.root / "emdash.db").read_bytes() == before
