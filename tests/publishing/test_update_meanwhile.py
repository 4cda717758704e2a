"""Somebody changes a post between the moment in which an update reads it and the one in which it writes it."""

from __future__ import annotations

import json
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest

from emdash_cli.databases.sqlite import SqliteDatabase
from emdash_cli.domain.outcome import FileOutcome
from emdash_cli.publishing.queues import Publication, publish_queues
from tests.harness.sessions import session_in

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from emdash_cli.domain.ports import Row, Statement
    from tests.harness.site import Site

UPDATE = '[streams.default]\non_change = "update"\n'


class Disturbed(SqliteDatabase):
    """Something happens before each of the first so many batches that change posts."""

    times = 1

    def happening(self) -> None:
        raise NotImplementedError

    def batch(self, statements: Sequence[Statement]) -> list[list[Row]]:
        if self.times and any("updated" in statement.params for statement in statements):
            self.times -= 1
            self.happening()
        return super().batch(statements)


def disturbed(site: Site, happening: Callable[[], object], times: int = 1) -> FileOutcome:
    """What becomes of the one file in the queue."""

    class Store(Disturbed):
        def happening(self) -> None:
            happening()

    with closing(Store(site.store)) as database:
        database.times = times
        session = session_in(database, site.root)
        task = Publication(session.settings.streams, None, 0, is_preview=False, stopped=lambda: False)
        events = list(publish_queues(session, task))
    (outcome,) = [event for event in events if isinstance(event, FileOutcome)]
    return outcome


@pytest.fixture
def known(site: Site) -> Site:
    """A file that was published, and edited."""
    site.settings(UPDATE)
    site.put("1-a.json", title="A")
    site.publish()
    site.put("1-a.json", title="A, edited")
    return site


def post(site: Site) -> tuple[Any, ...]:
    (found,) = site.sql("SELECT title, version FROM ec_posts")
    return found


def test_an_edit_of_the_text_stands(known: Site) -> None:
    """As EmDash publishes it: a new live revision, and the columns."""

    def edit() -> None:
        ((data,),) = known.sql("SELECT data FROM revisions")
        known.sql("INSERT INTO revisions (id, collection, entry_id, data) SELECT 'R', 'posts', id, ? FROM ec_posts",
                     json.dumps(json.loads(data) | {"title": "By hand"}))  # fmt: skip
        known.sql("UPDATE ec_posts SET live_revision_id = 'R', title = 'By hand', version = version + 1")

    outcome = disturbed(known, edit)
    assert (outcome.outcome, post(known)) == ("conflict", ("By hand", 2))
    assert "-title: By hand" in outcome.differences


def test_a_change_that_leaves_the_text_is_no_reason_to_give_up(known: Site) -> None:
    outcome = disturbed(known, lambda: known.sql("UPDATE ec_posts SET version = version + 1"))
    assert (outcome.outcome, post(known)) == ("updated", ("A, edited", 3))
    assert known.sql("SELECT count(*) FROM revisions") == [(2,)]


def test_a_post_that_is_changed_all_the_time_is_left_for_the_next_run(known: Site) -> None:
    outcome = disturbed(known, lambda: known.sql("UPDATE ec_posts SET version = version + 1"), times=9)
    assert (outcome.outcome, post(known)) == ("left", ("A", 4))
    assert "somebody else is changing 1-a" in outcome.reason
    assert known.waiting() == ["1-a.json"]
    assert known.publish().counts == {"updated": 1}


def test_scheduled_meanwhile_it_is_left(known: Site) -> None:
    later = "2099-01-01T00:00:00.000Z"
    outcome = disturbed(known, lambda: known.sql("UPDATE ec_posts SET scheduled_at = ?", later))
    assert (outcome.outcome, post(known)) == ("conflict", ("A", 1))
    assert later in outcome.reason


def test_deleted_meanwhile_it_stays_deleted(known: Site) -> None:
    outcome = disturbed(known, lambda: known.sql("DELETE FROM ec_posts"))
    assert (outcome.outcome, known.sql("SELECT count(*) FROM ec_posts")) == ("conflict", [(0,)])
    assert "that post was deleted" in outcome.reason


def test_another_updater_that_was_quicker_has_done_it(known: Site) -> None:
    """That is no conflict, and nothing is written twice."""
    other = known.copy(known.root.parent / "other")
    other.settings(f'database = "sqlite:{known.store}"\n' + UPDATE)
    outcome = disturbed(known, other.publish)
    assert (outcome.outcome, post(known)) == ("duplicate", ("A, edited", 2))
    assert known.sql("SELECT count(*) FROM revisions") == [(2,)]
