"""The lanes of the store are those of the settings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from emdash_cli.domain.delivery import Lane
from emdash_cli.store.announcing import keep_lanes

if TYPE_CHECKING:
    from tests.jobs.queue import Queue

LANE = Lane("x", "target", ("default", ""), None, True, False, False, None, 4, 0, 1, None)  # noqa: FBT003


def rows(queue: Queue) -> list[Any]:
    return queue.run("SELECT lane, since, removed_at, concurrency, streams FROM publish_lanes ORDER BY lane")


def keep(queue: Queue, now: str, *lanes: Lane) -> None:
    queue.database.batch(keep_lanes(lanes, now))


def test_they_are_as_the_settings_say(queue: Queue) -> None:
    keep(queue, "1", LANE)
    keep(queue, "2", LANE._replace(concurrency=9, streams=()), LANE._replace(name="y", since="0"))
    assert [tuple(row.values()) for row in rows(queue)] == [
        ("x", "1", None, 9, "[]"),
        ("y", "0", None, 4, '["default",""]'),
    ]


def test_one_that_comes_back_begins_anew(queue: Queue) -> None:
    keep(queue, "1", LANE)
    keep(queue, "2")
    assert rows(queue)[0]["removed_at"] == "2"
    keep(queue, "3")
    assert rows(queue)[0]["removed_at"] == "2"
    keep(queue, "4", LANE)
    assert (rows(queue)[0]["since"], rows(queue)[0]["removed_at"]) == ("4", None)


def test_what_it_has_used_up_stays(queue: Queue) -> None:
    keep(queue, "1", LANE)
    queue.run("UPDATE publish_lanes SET spent = 7, spent_in = '2026-11', paused_at = '2026'")
    keep(queue, "2", LANE._replace(budget=9))
    assert queue.run("SELECT spent, paused_at, budget FROM publish_lanes")[0] == {
        "spent": 7,
        "paused_at": "2026",
        "budget": 9,
    }


def test_a_since_that_was_taken_out_does_not_stay(queue: Queue) -> None:
    """The lane then begins when it was set up."""
    keep(queue, "1", LANE)
    keep(queue, "2", LANE._replace(since="9"))
    assert rows(queue)[0]["since"] == "9"
    keep(queue, "3", LANE)
    assert rows(queue)[0]["since"] == "1"


def test_one_that_comes_back_without_its_since_begins_anew(queue: Queue) -> None:
    keep(queue, "1", LANE._replace(since="9"))
    keep(queue, "2")
    keep(queue, "4", LANE)
    assert rows(queue)[0]["since"] == "4"
