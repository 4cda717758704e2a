"""Publishing, unpublishing and trashing by hand go by indexes: the work does not grow with the store."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from emdash_cli.scheduling.verbs import Verb
from tests.harness.ports import Port
from tests.harness.posts import NOW, ago, ahead, body, due_post, give_post
from tests.harness.sessions import session_in
from tests.scheduling.support import told_by
from tests.store.test_sweep_plans import SMALL, Place, Recording, crowd, store

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["store"]

OF_A_GROUP = SMALL | {"w", "f", "o", "e", "n", "x", "publish_lanes"}
"""What a plan may look through: rows of one group, and lanes."""
SETTINGS = """
[streams.default]
slug = "{name}"
platforms = ["partner", "engines", "hook"]
[platforms.partner]
kind = "target"
url = "https://partner.example/"
[platforms.engines]
kind = "indexnow"
key = "0123456789abcdef"
[platforms.hook]
kind = "webhook"
url = "https://hook.example/"
secret = "env:HOOK_SECRET"
"""


def work(place: Place, port: Port) -> None:
    """Each verb on posts of every kind, and what it says when a post has changed."""
    place.write("emdash.toml", SETTINGS)
    give_post(place, "a", draft={"title": "T", "content": body("x")}, status="draft")
    give_post(place, "columns", status="draft")
    due_post(place, "later", scheduled_at=ahead(days=1))
    give_post(place, "renamed", draft={"title": "T", "_slug": "b"}, live={}, status="published", published_at=ago())
    give_post(place, "broken", draft="[]", status="draft")
    due_post(place, "overdue", deleted_at=ago())
    slugs = ("a", "columns", "later", "renamed")
    session = session_in(port, place.root, clock=lambda: NOW)
    for verb, named, is_preview in (
        (Verb.PUBLISH, slugs, True),
        (Verb.PUBLISH, (*slugs, "broken"), False),
        (Verb.PUBLISH, slugs, False),
        (Verb.UNPUBLISH, ("a", "columns", "later", "b"), False),
        (Verb.TRASH, ("a", "columns"), False),
        (Verb.PUBLISH, ("later",), False),
        (Verb.TRASH, ("later",), False),
        (Verb.UNTRASH, ("a", "later", "overdue"), False),
    ):
        told = told_by(session, verb, *named, is_preview=is_preview)
        assert bool(told.errors) == ("broken" in named), told.errors


@pytest.mark.parametrize("analysed", [False, True])
def test_no_plan_looks_through_a_table(store: Place, *, analysed: bool) -> None:
    crowd(store, 300)
    if analysed:
        store.sql("ANALYZE")
    port = Recording(store)
    work(store, port)
    assert len(port.sent) > 100
    with closing(sqlite3.connect(store.root / "emdash.db")) as connection:
        for statement in port.sent:
            for *_, step in connection.execute(f"EXPLAIN QUERY PLAN {statement.sql}", statement.params):
                scanned = re.match(r"SCAN \(?(\w+)", step)
                assert not scanned or scanned[1] in OF_A_GROUP, f"{step}\n{statement.sql}"


def steps(place: Place, posts: int, *, analysed: bool) -> int:
    """How many hundreds of steps SQLite's virtual machine takes."""
    crowd(place, posts)
    if analysed:
        place.sql("ANALYZE")
    port = Port(place)
    taken = [0]

    def count() -> int:
        taken[0] += 1
        return 0

    port.inner._connection.set_progress_handler(count, 100)
    work(place, port)
    port.close()
    return taken[0]


@pytest.mark.parametrize("analysed", [False, True])
def test_the_work_does_not_grow_with_the_store(store: Place, tmp_path: Path, *, analysed: bool) -> None:
    large = Place(tmp_path / "large")
    large.root.mkdir()
    (large.root / "emdash.db").write_bytes((store.root / "emdash.db").read_bytes())
    assert steps(large, 2_100, analysed=analysed) <= steps(store, 210, analysed=analysed) * 1.1 + 2
