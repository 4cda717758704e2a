"""`emdash cleanup` beside programs that are at work, and what is too young to be cleaned up."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from emdash_cli.databases.sqlite import SqliteDatabase
from emdash_cli.domain.ulid import UlidSource
from emdash_cli.maintenance.cleanup import Cleanup, KeptIn, cleanup
from tests.harness.sessions import session_in
from tests.maintenance.support import AGE, NOW, OLD, Half, expected, half_done, outcomes

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from emdash_cli.domain.ports import Row, Statement

pytestmark = pytest.mark.usefixtures("frozen")

YOUNG = (NOW - AGE + timedelta(seconds=1)).isoformat(timespec="milliseconds").replace("+00:00", "Z")
YOUNG_REVISION = (NOW - AGE + timedelta(seconds=1)).strftime("%Y-%m-%d %H:%M:%S")


def ulid(moment: datetime) -> str:
    return UlidSource().next(moment)


def test_an_insert_that_is_under_way_is_left_alone_at_every_step(half: Half) -> None:
    half.post("FIRST", None, created_at=YOUNG)
    half.post("SECOND", created_at=YOUNG)
    half.revision("SECOND-1", "SECOND", created_at=YOUNG_REVISION)
    half.post("RENEWED", None, updated_at=YOUNG)
    # A tool that begins with the revision, and one that begins with what hangs on the post.
    half.revision("BEFORE", "TO-COME", created_at=YOUNG_REVISION)
    post = ulid(NOW - timedelta(minutes=1))
    half.hang(post, created_at=YOUNG)
    half.lock("TO-COME", locked_at=YOUNG)
    # Backdated by its author; its id tells when it was made.
    half.post(ulid(NOW - timedelta(minutes=2)), None)
    half.revision(ulid(NOW - timedelta(minutes=3)), "ALSO-TO-COME")
    before = half.everything()
    assert half.site.run("cleanup", "--json").succeeds().json["outcomes"] == []
    assert half.everything() == before


def test_what_is_just_old_enough_is_not_left_alone(half: Half) -> None:
    old = NOW - AGE - timedelta(seconds=1)
    half.revision("R1", "GONE", created_at=old.strftime("%Y-%m-%d %H:%M:%S"))
    half.revision(ulid(old), "GONE")
    half.post(ulid(old), None, created_at=old.isoformat())
    # Looks like an id of the year 2039, so it cannot be one of these minutes.
    half.revision("01ZZZZZZZZZZZZZZZZZZZZZZZZ", "GONE")
    half.site.run("cleanup").succeeds()
    assert half.ids("revisions") | half.ids("ec_posts") == set()


def test_the_age_is_an_option(embedded: Half) -> None:
    half_done(embedded)
    result = embedded.site.run("cleanup", "--older-than", "1d", "--json").succeeds()
    # A link has no time of its own, and the id of this one's post is of long ago.
    assert outcomes(result) == {("removed", "term_link", f"posts {embedded.entry('GONE')} T1")}
    embedded.site.run("cleanup", "--older-than", "often").fails(2, "is not a duration")


def test_a_term_link_of_which_nothing_tells_the_age_is_left(half: Half) -> None:
    made = {"old": OLD, "young": YOUNG, "odd": "yesterday", "never": None}
    for name, created_at in made.items():
        row = {"collection": "posts", "entry_id": name, "taxonomy_id": "T1"}
        half.insert("content_taxonomies", **row, created_at=None if half.by_group else created_at)
    # Until EmDash 0.32 a link has a time of its own.
    known = set() if half.by_group else {("removed", "term_link", "posts old T1")}
    assert outcomes(half.site.run("cleanup", "--json", "--older-than", "1000d").succeeds()) == set()
    assert outcomes(half.site.run("cleanup", "--json").succeeds()) == known
    assert len(half.rows("content_taxonomies")) == len(made) - len(known)


class Meddling(SqliteDatabase):
    """The store, in which something happens just before a batch that deletes."""

    happens: Callable[[], object]

    def batch(self, statements: Sequence[Statement]) -> list[list[Row]]:
        if any("DELETE FROM" in statement.sql for statement in statements):
            self.happens()
        return super().batch(statements)


class Killed(BaseException):
    """As if by SIGKILL: nothing may catch it."""


def wanted() -> Cleanup:
    return Cleanup(
        age=AGE,
        remove_all=False,
        is_preview=False,
        stopped=lambda: False,
    )


def clean(half: Half, happens: Callable[[], object]) -> list[Any]:
    database = Meddling(half.site.root / "emdash.db")
    database.happens = happens
    try:
        reported = cleanup(session_in(database, half.site.root, clock=lambda: NOW), wanted())
        return [event for event in reported if not isinstance(event, KeptIn)]
    finally:
        database.close()


def test_killed_between_the_file_and_the_deletion_it_is_done_by_the_next_run(mess: Half) -> None:
    before = mess.everything()

    def kill() -> None:
        raise Killed

    with pytest.raises(Killed):
        clean(mess, kill)
    assert mess.everything() == before
    (kept,) = mess.site.files("archive/removed")
    assert '"id": "EMPTY"' in (mess.site.root / "archive/removed" / kept).read_text()
    assert outcomes(mess.site.run("cleanup", "--json").fails(3)) == expected(mess)


def test_a_post_that_is_finished_by_its_own_tool_meanwhile_is_not_removed(half: Half) -> None:
    half.post("P", None)

    def finish() -> None:
        if not half.ids("revisions"):
            half.revision("P-1", "P")
            half.site.sql("UPDATE ec_posts SET live_revision_id = 'P-1', content = '[1]'")

    (item,) = clean(half, finish)
    assert (item.outcome, item.key) == ("left", "P")
    assert half.site.sql("SELECT id, live_revision_id, content FROM ec_posts") == [("P", "P-1", "[1]")]


def test_a_third_step_that_is_made_meanwhile_stands(half: Half) -> None:
    half.post("P")
    half.revision("P-1", "P")
    (item,) = clean(half, lambda: half.live("P", "P-1"))
    assert (item.outcome, item.key) == ("left", "P")
    assert half.site.sql("SELECT live_revision_id, version, updated_at FROM ec_posts") == [("P-1", 1, OLD)]


def test_a_post_that_gets_its_revision_meanwhile_is_not_removed(half: Half) -> None:
    half.post("P", None)
    (item,) = clean(half, lambda: half.ids("revisions") or half.revision("P-1", "P"))
    assert (item.outcome, half.ids("ec_posts"), half.ids("revisions")) == ("left", {"P"}, {"P-1"})


def a_revision(half: Half) -> None:
    half.revision("R", "GONE")


def what_hangs(half: Half) -> None:
    half.hang("GONE")


def a_lock(half: Half) -> None:
    half.lock("GONE")


@pytest.mark.parametrize("make", [a_revision, what_hangs, a_lock])
def test_rows_whose_post_appears_meanwhile_are_not_removed(half: Half, make: Callable[[Half], None]) -> None:
    make(half)
    before = half.everything()
    events = clean(half, lambda: half.ids("ec_posts") or half.post("GONE", status="draft"))
    assert {item.outcome for item in events} == {"left"}
    after = half.everything()
    assert len(after.pop("ec_posts")) == 1
    assert after == {table: rows for table, rows in before.items() if table != "ec_posts"}


def test_a_batch_that_is_sent_twice_changes_nothing_more(embedded: Half) -> None:
    half_done(embedded)

    class Twice(SqliteDatabase):
        def batch(self, statements: Sequence[Statement]) -> list[list[Row]]:
            super().batch(statements)
            return super().batch(statements)

    database = Twice(embedded.site.root / "emdash.db")
    reported = list(cleanup(session_in(database, embedded.site.root, clock=lambda: NOW), wanted()))
    database.close()
    assert {tuple(map(str, item[:3])) for item in reported if isinstance(item, tuple)} == expected(embedded)
    assert embedded.site.sql("SELECT DISTINCT version FROM ec_posts WHERE live_revision_id IS NOT NULL") == [(2,)]
