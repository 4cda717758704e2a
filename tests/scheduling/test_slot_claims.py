"""The condition that a slot is free, as part of the claim to a group of posts."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from emdash_cli.domain.ports import Statement
from emdash_cli.scheduling.sql.slots import Around, Wanted, all_free
from emdash_cli.store.changes import Group, claim_posts
from emdash_cli.store.session import Run
from tests.harness.ports import Port
from tests.harness.posts import NOW, ago, give_post, text
from tests.harness.sessions import session_in
from tests.harness.site import EMBEDDED
from tests.scheduling.support import DRAFT
from tests.scheduling.test_slots import planned

if TYPE_CHECKING:
    from emdash_cli.domain.ports import Row
    from tests.harness.site import Site

AT, UNTIL = "2026-06-18T07:00:00.000Z", "2026-06-18T07:01:00.000Z"
LATER = ("2026-06-25T07:00:00.000Z", "2026-06-25T07:01:00.000Z")
AROUND = Around("2026-06-17T16:00:00.000Z", "2026-06-25T22:01:00.000Z")
LIVE: dict[str, Any] = {"status": "published", "live": {"title": "Old"}}
HELD: dict[str, Any] = {"status": "draft", "lock": {"held_at": ago(), "scheduled_at": AT}}


def wanted(posts: list[Row], stream: str = "default") -> list[Wanted]:
    times = [(AT, UNTIL), LATER]
    return [Wanted(str(post["id"]), stream, *time) for post, time in zip(posts, times, strict=True)]


def claimed(site: Site, stream: str = "default") -> int:
    """How many posts a claim to two drafts gets, whose slots must be free."""
    for slug in ("one", "two"):
        give_post(site, slug, status="draft", draft=DRAFT)
    with closing(Port(site)) as port:
        session = session_in(port, clock=lambda: NOW)
        posts = port.query(Statement("SELECT * FROM ec_posts WHERE slug IN ('one', 'two') ORDER BY slug"))
        guard = all_free(session.names, wanted(posts, stream), AROUND, "default")
        group = Group(Run("tried", session).claim(), ago(), "tried", posts, [{}, {}], guard)
        statement = claim_posts(session.layout, group)
        port.batch([statement, statement])
    return int(site.sql("SELECT count(*) FROM pipeline_audit")[0][0])


@pytest.mark.parametrize(
    ("at", "values"),
    [
        (AT, {}),
        ("2026-06-18T07:00:59.999Z", {}),
        (LATER[0], {}),
        (AT, LIVE),
        ("2026-06-18 07:00:30", {}),
        ("2026-06-18T09:00:00+02:00", {}),
        ("2026-06-17T23:00:00-08:00", {}),
        ("2026-06-18T07:00Z", {}),
        (None, HELD),
    ],
)
def test_nothing_is_claimed_if_a_slot_is_taken(any_site: Site, at: str | None, values: dict[str, Any]) -> None:
    planned(any_site, "other", at, **values)
    assert claimed(any_site) == 0


def test_nor_if_another_writer_of_the_embedded_store_gave_a_post_only_its_date(site: Site) -> None:
    planned(site, "other", None, published_at=AT)
    assert claimed(site) == 0


@pytest.mark.parametrize(
    ("at", "stream", "values"),
    [
        ("2026-06-18T06:59:59.999Z", None, {}),
        (UNTIL, None, {}),
        (AT, "news", {}),
        (AT, None, {"deleted_at": ago()}),
        (AT, None, {"status": "archived"}),
        (None, None, {**LIVE, "published_at": AT}),
        (None, None, {**HELD, "deleted_at": ago()}),
        (None, "news", HELD),
        ("2026-06-18T07:00:00+02:00", None, {}),
        ("2026-06-18 soon", None, {}),
    ],
)
def test_all_are_claimed_if_their_slots_are_free(
    any_site: Site, at: str | None, stream: str | None, values: dict[str, Any]
) -> None:
    planned(any_site, "other", at, stream, **values)
    assert claimed(any_site) == 2


def test_posts_of_no_stream_take_slots_of_the_default_one_only(any_site: Site) -> None:
    planned(any_site, "other", AT)
    assert claimed(any_site, "news") == 2


@pytest.mark.parametrize("analysed", [False, True])
def test_among_ten_thousand_scheduled_posts_it_goes_by_an_index(any_site: Site, *, analysed: bool) -> None:
    times = [text(NOW + timedelta(minutes=number)) for number in range(10_000)]
    with closing(sqlite3.connect(any_site.store)) as connection, connection:
        connection.executemany(
            "INSERT INTO ec_posts (id, slug, status, locale, title, content, scheduled_at)"
            " VALUES (?1, ?1, 'scheduled', 'en', 'T', '[]', ?2)",
            ((f"P{number}", time) for number, time in enumerate(times) if time != AT),
        )
        if analysed:
            connection.execute("ANALYZE")
    around = Around("2026-06-17T16:00:00.000Z", "2026-06-18T22:01:00.000Z")
    steps = [0]

    def count() -> int:
        steps[0] += 1
        return 0

    with closing(Port(any_site)) as port:
        guard = all_free(session_in(port).names, [Wanted("X", "default", AT, UNTIL)], around, "default")
        # In a claim, its own parameters come first.
        statement = Statement(f"SELECT {guard.sql}", (*[None] * 8, *guard.params))
        plan = port.query(Statement(f"EXPLAIN QUERY PLAN {statement.sql}", statement.params))
        port.inner._connection.set_progress_handler(count, 100)
        assert [list(row.values()) for row in port.query(statement)] == [[1]]
    lines = [str(row["detail"]) for row in plan]
    scanned = {line.split()[1] for line in lines if line.startswith("SCAN")}
    # Only the embedded store has posts with a date alone: elsewhere, that branch has LIMIT 0.
    small = {"CONSTANT", "json_each", "other", "sqlite_master"} | ({"p"} if any_site.layout != EMBEDDED else set())
    assert all(name in small or name.startswith("(subquery") for name in scanned), lines
    assert any("SEARCH o USING INDEX idx_ec_posts_scheduled" in line for line in lines), lines
    # On a site, the texts of the times around the slot are looked at; the embedded store has an index of the odd ones.
    assert steps[0] < (20 if any_site.layout == EMBEDDED else 300), lines
