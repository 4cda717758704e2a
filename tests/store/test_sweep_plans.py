"""The statements of sweeping, scheduling and editing go by indexes: their work does not grow with the store."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from emdash_cli.databases.sqlite import SqliteDatabase
from emdash_cli.domain.instants import zone_named
from emdash_cli.domain.shifts import parse_shift
from emdash_cli.domain.slots import FreeSlots
from emdash_cli.scheduling import diff, edit, rename, revert, schedule, translations
from emdash_cli.scheduling.edits import read_file
from emdash_cli.scheduling.post_names import PostName
from emdash_cli.scheduling.selection import Selection
from emdash_cli.scheduling.slots import SlotQuery, list_slots
from emdash_cli.scheduling.sweep import SweepOptions, sweep
from emdash_cli.store.schema import tool_tables
from tests.emdash_databases.databases import VERSIONS, write_database
from tests.harness.ports import Port
from tests.harness.posts import NOW, ago, ahead, body, compact, due_post, give_post, text
from tests.harness.sessions import session_in
from tests.harness.site import Site, new_site

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from emdash_cli.domain.ports import Row, Statement

SMALL = {
    # rows of one group, or of what one sweep looks at
    *("candidate", "picked", "seen", "judged", "a", "s", "d", "j", "c", "h", "w", "n", "stray", "overdue", "edited"),
    *(
        "held_and_published",
        "back",
        "other",
        "json_each",
        "expired",
        "numbered",
        "trashed_schedules",
        "subquery",
        "CONSTANT",
        "next",
        "sibling",
        "credited",
        "term",
    ),
    # the schema, and tables of which there are some dozens of rows
    *("sqlite_master", "m", "_emdash_migrations", "pipeline_schema", "pragma_table_info"),
    *("u", "x"),  # the users and the terms, as long as there are two or four of them
}
"""What a plan may look through from end to end."""


class Place(Site):
    """A store to fill, without a command line."""

    def __init__(self, root: Path) -> None:
        self.root = root


@pytest.fixture(params=[None, *VERSIONS])
def store(tmp_path: Path, request: pytest.FixtureRequest) -> Place:
    """Where a store is that the helpers can fill."""
    new_site(tmp_path / "site")
    if request.param:
        write_database(request.param, tmp_path / "site" / "emdash.db")
        with closing(SqliteDatabase(tmp_path / "site" / "emdash.db")) as database:
            database.batch(tool_tables(ago()))
    return Place(tmp_path / "site")


class Recording(Port):
    """Keeps what it was sent."""

    def __init__(self, site: Site) -> None:
        super().__init__(site)
        self.sent: list[Statement] = []

    def batch(self, statements: Sequence[Statement]) -> list[list[Row]]:
        self.sent += statements
        return super().batch(statements)


def crowd(store: Site, count: int) -> None:
    """Other posts: published ones, and ones that are scheduled for later, with locks."""
    with closing(sqlite3.connect(store.root / "emdash.db")) as connection, connection:
        for number in range(count):
            later = text(NOW + timedelta(days=3, minutes=number))
            connection.execute(
                "INSERT INTO pipeline_audit (id, at, actor, action, post_id, detail)"
                " VALUES (?, ?, 'x', 'published', ?, '{}')",
                (f"0{number:025}", ago(), f"published-{number:05}"),
            )
            kinds = (("published", ago(minutes=number), None), ("scheduled", None, later), ("draft", None, None))
            for status, published_at, scheduled_at in kinds:
                name = f"{status}-{number:05}"
                data = compact({"title": name, "content": body(name)})
                revision = f"R-{name}"
                connection.execute("INSERT INTO revisions (id, collection, entry_id, data) VALUES (?, 'posts', ?, ?)",
                                   (revision, name, data))  # fmt: skip
                live, draft = (revision, None) if published_at else (None, revision)
                connection.execute(
                    "INSERT INTO ec_posts (id, slug, status, locale, translation_group, title, content, published_at,"
                    " scheduled_at, live_revision_id, draft_revision_id)"
                    " VALUES (?1, ?1, ?2, 'en', ?1, ?1, '[]', ?3, ?4, ?5, ?6)",
                    (name, status, published_at, scheduled_at, live, draft),
                )
                connection.execute("INSERT INTO content_taxonomies (collection, entry_id, taxonomy_id)"
                                   " VALUES ('posts', ?, 'T')", (name,))  # fmt: skip
                if published_at:
                    connection.execute("INSERT INTO post_expiries VALUES (?, ?, 'ada', ?)", (name, later, ago()))
                if scheduled_at:
                    connection.execute(
                        "INSERT INTO schedule_locks (post_id, revision_id, slug, data, scheduled_at, locked_by,"
                        " locked_at) VALUES (?, ?, ?, ?, ?, 'ada', ?)",
                        (name, revision, name, data, scheduled_at, ago()),
                    )


def work(store: Site, port: Port) -> None:
    """One of everything: published, held, unlocked, early, preempted; scheduled and edited."""
    session = session_in(port, clock=lambda: NOW)
    by_user = session_in(port, clock=lambda: NOW, user="dev@emdash.local")
    give_post(store, "a", draft={"title": "T", "content": body("x")}, status="draft")
    due_post(store, "good")
    due_post(store, "renamed", draft={"title": "T", "_slug": "renamed-2"}, lock={"slug": "renamed-2"})
    due_post(store, "changed", lock={"data": "{}"})
    due_post(store, "binned", deleted_at=ago(days=1))
    give_post(store, "old", live={"title": "T"}, status="published", published_at=ago(days=9))
    store.insert("post_expiries", post_id="OLD", expires_at=ago(days=1), set_by="x", set_at=ago(days=2))
    store.insert("trashed_schedules", post_id="GOOD", seen_at=ago(days=1))
    due_post(store, "early", scheduled_at=ahead(minutes=9), lock={"data": "{}"})
    give_post(store, "elsewhere", scheduled_at=ago(hours=2))
    due_post(store, "first", lock={"scheduled_at": ago(hours=1)}, scheduled_at=None, status="published")
    store.insert("pipeline_runs", id="R", kind="reschedule", started_at=ago(), seen_at=ago(), counts='{"left": 1}')
    week = parse_shift("+7d")
    for verb, at in (("schedule", NOW), ("reschedule", week), ("reschedule", NOW), ("unschedule", None)):
        wanted: Any = schedule.ScheduleChange(verb, Selection([PostName("a")]), at)  # type: ignore[arg-type]
        if not store.sql("SELECT 1 FROM users WHERE email = 'dev@emdash.local'"):
            store.sql("INSERT INTO users (id, email, role) VALUES ('U', 'dev@emdash.local', 50)")
        list(schedule.Plan(by_user, wanted).carry_out())
    file = read_file(store.write("new.md", "---\ntitle: N\nslug: another\n---\nx\n"), zone_named("UTC"), NOW)
    edit.edit(session, edit.open_post(session, edit.EditTarget("a", None, is_preview=False)), file)
    diff.diff(session, "a", None)
    store.insert("revisions", id="OLD", collection="posts", entry_id="A", data="{}", created_at="2020-01-01 00:00:00")
    for to, is_live in (("LAST", False), ("DRAFT-A", True)):
        revert.revert(by_user, revert.RevertTarget("a", None, to, is_live, is_preview=False))
    give_post(store, "eins", status="draft", locale="de", draft={"title": "T"})
    for other in ("a", None):
        translations.link(by_user, translations.LinkTarget("eins", None, other, None, is_preview=False))
        translations.read_translations(by_user, "a", None)
    due_post(store, "forced", scheduled_at=ahead(days=5))
    rename.rename_post(by_user, rename.RenameTarget("forced", "freed", None, is_preview=False, force=True))
    for slug, new in (("a", "b"), ("a", "b"), ("b", "a")):
        rename.rename_post(by_user, rename.RenameTarget(slug, new, None, is_preview=False))
    for is_preview in (True, False):
        list(sweep(session, SweepOptions(None, is_preview, lambda: False)))


@pytest.mark.parametrize("analysed", [False, True])
def test_no_plan_looks_through_a_table(store: Site, *, analysed: bool) -> None:
    crowd(store, 300)
    if analysed:
        store.sql("ANALYZE")
    port = Recording(store)
    work(store, port)
    assert len(port.sent) > 60
    assert_by_index(store, port)


@pytest.mark.parametrize("analysed", [False, True])
def test_nor_does_one_for_slots(store: Site, *, analysed: bool) -> None:
    crowd(store, 300)
    if analysed:
        store.sql("ANALYZE")
    for slug in ("a", "b"):
        give_post(store, slug, draft={"title": "T", "content": body("x")}, status="draft")
    port = Recording(store)
    session = session_in(port, clock=lambda: NOW)
    for free, slugs in ((FreeSlots("daily 9:00"), ("a",)), (FreeSlots("daily 9:00"), ("a", "b"))):
        posts = Selection([PostName(slug) for slug in slugs])
        list(schedule.Plan(session, schedule.ScheduleChange("schedule", posts, free)).carry_out())
    stream = session.settings.streams[0]._replace(cadence="daily-1")
    assert len(list_slots(session, SlotQuery((stream,), most=9)).streams[0].slots) == 9
    assert_by_index(store, port)


def assert_by_index(store: Site, port: Recording) -> None:
    """No statement looks through a table."""
    on_site = bool(store.sql("SELECT 1 FROM sqlite_master WHERE name = 'media'"))
    with closing(sqlite3.connect(store.root / "emdash.db")) as connection:
        for statement in port.sent:
            for *_, step in connection.execute(f"EXPLAIN QUERY PLAN {statement.sql}", statement.params):
                scanned = re.match(r"SCAN \(?(\w+)", step)
                # published_at alone counts on the embedded store only: elsewhere that branch has LIMIT 0.
                has_wishes = any(
                    f"{name} AS MATERIALIZED" in statement.sql for name in ("candidate", "other", "wanted")
                )
                is_wish = on_site and has_wishes and scanned and scanned[1] == "p"
                assert not scanned or scanned[1] in SMALL or is_wish, f"{step}\n{statement.sql}"


def steps(store: Site, posts: int, *, analysed: bool) -> tuple[int, int]:
    """How many hundreds of steps SQLite's virtual machine takes for an idle sweep, and for one of everything."""
    crowd(store, posts)
    if analysed:
        store.sql("ANALYZE")
    port = Port(store)
    taken = [0]

    def count() -> int:
        taken[0] += 1
        return 0

    port.inner._connection.set_progress_handler(count, 100)
    list(sweep(session_in(port, clock=lambda: NOW), SweepOptions(None, is_preview=False, stopped=lambda: False)))
    idle = taken[0]
    work(store, port)
    port.close()
    return idle, taken[0] - idle


@pytest.mark.parametrize("analysed", [False, True])
def test_the_work_does_not_grow_with_the_store(store: Site, tmp_path: Path, *, analysed: bool) -> None:
    """In steps of the virtual machine, which no load of the machine changes."""
    large = Place(tmp_path / "large")
    large.root.mkdir()
    (large.root / "emdash.db").write_bytes((store.root / "emdash.db").read_bytes())
    few, many = steps(store, 210, analysed=analysed), steps(large, 2_100, analysed=analysed)
    assert many[0] <= few[0] * 1.1 + 2
    assert many[1] <= few[1] * 1.1 + 2
