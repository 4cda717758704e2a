"""Undoing goes by indexes: the work does not grow with the store, nor with what other runs did."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from emdash_cli.publishing.queues import Publication, publish_queues
from emdash_cli.scheduling.undo import Undoing, undo
from tests.harness.ports import Port
from tests.harness.posts import NOW
from tests.harness.sessions import session_in
from tests.store.test_sweep_plans import SMALL, Place, Recording, crowd, store

if TYPE_CHECKING:
    from emdash_cli.domain.errors import EmdashError

__all__ = ["store"]

OF_A_RUN = SMALL | {"o", "f", "found", "w", "publish_lanes"}
SETTINGS = """
[streams.default]
slug = "{name}"
on_change = "update"
platforms = ["partner", "engines"]
[platforms.partner]
kind = "target"
url = "https://partner.example/"
[platforms.engines]
kind = "indexnow"
key = "0123456789abcdef"
"""


class Silent:
    def add(self, event: object) -> None:
        """Not looked at."""

    def add_error(self, error: EmdashError) -> None:
        raise error


def runs(place: Place) -> list[str]:
    """A run that publishes a post, and one that changes it."""
    place.settings(SETTINGS)
    found = []
    for text in ("One.", "Two."):
        place.write("queue/a.json", {"title": "a", "body_text": text})
        place.write(f"queue/{text.lower()}json", {"title": text, "body_text": text})
        session = session_in(Port(place), place.root, clock=lambda: NOW)
        streams = session.settings.streams
        list(publish_queues(session, Publication(streams, None, 0, is_preview=False, stopped=lambda: False)))
        assert session.run is not None
        found.append(session.run)
    return found


def undone(place: Place, port: Port, run: str) -> str:
    session = session_in(port, place.root, clock=lambda: NOW)
    undo(session, Undoing(run, "", is_preview=False), Silent())
    assert session.run is not None
    return session.run


@pytest.mark.parametrize("analysed", [False, True])
def test_no_plan_looks_through_a_table(store: Place, *, analysed: bool) -> None:
    crowd(store, 300)
    _, second = runs(store)
    if analysed:
        store.sql("ANALYZE")
    port = Recording(store)
    again = undone(store, port, second)
    undone(store, port, again)
    assert len(port.sent) > 40
    with closing(sqlite3.connect(store.root / "emdash.db")) as connection:
        for statement in port.sent:
            for *_, step in connection.execute(f"EXPLAIN QUERY PLAN {statement.sql}", statement.params):
                scanned = re.match(r"SCAN \(?(\w+)", step)
                assert not scanned or scanned[1] in OF_A_RUN, f"{step}\n{statement.sql}"


def steps(place: Place, posts: int) -> int:
    """How many hundreds of steps SQLite's virtual machine takes for the undoing."""
    crowd(place, posts)
    _, second = runs(place)
    port = Port(place)
    taken = [0]

    def count() -> int:
        taken[0] += 1
        return 0

    port.inner._connection.set_progress_handler(count, 100)
    undone(place, port, second)
    port.close()
    return taken[0]


def test_the_work_does_not_grow_with_the_store(store: Place, tmp_path_factory: pytest.TempPathFactory) -> None:
    large = Place(tmp_path_factory.mktemp("large"))
    (large.root / "emdash.db").write_bytes((store.root / "emdash.db").read_bytes())
    for name in ("queue", "archive"):
        (large.root / name).mkdir()
    assert steps(large, 2_100) <= steps(store, 210) * 1.1 + 2
