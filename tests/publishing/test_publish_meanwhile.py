"""What happens to files between reading and archiving them, shown by a store that lets it happen just then."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from emdash_cli import wiring
from emdash_cli.databases.sqlite import SqliteDatabase
from emdash_cli.domain.errors import UnavailableError
from emdash_cli.domain.outcome import FileOutcome
from emdash_cli.publishing.queues import Publication, publish_queues
from tests.harness.checks import assert_exactly_once
from tests.harness.posts import foreign_post
from tests.harness.sessions import session_in
from tests.harness.site import Site

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from emdash_cli.domain.ports import Limits, Row, Statement
    from tests.harness.site import Site


class Meanwhile:
    """A store that does something before, or after, the batch that publishes."""

    def __init__(self, site: Site, *, before: Callable[[], object] = int, after: Callable[[], object] = int) -> None:
        self._database = SqliteDatabase(site.store)
        self._before = before
        self._after = after

    @property
    def limits(self) -> Limits:
        return self._database.limits

    def query(self, statement: Statement) -> list[Row]:
        return self._database.query(statement)

    def batch(self, statements: Sequence[Statement]) -> list[list[Row]]:
        if not any("INSERT INTO publish_ledger" in statement.sql for statement in statements):
            return self._database.batch(statements)
        self._before()
        answers = self._database.batch(statements)
        self._after()
        return answers

    def bookmark(self) -> str | None:
        return None

    def close(self) -> None:
        self._database.close()


def publish(site: Site, database: Meanwhile) -> list[FileOutcome]:
    with closing(database):
        session = session_in(database, site.root)
        task = Publication(session.settings.streams, None, 0, is_preview=False, stopped=lambda: False)
        events = list(publish_queues(session, task))
    outcomes = [event for event in events if isinstance(event, FileOutcome)]
    assert len(outcomes) == len(events), events
    return outcomes


@pytest.mark.parametrize("replaced", [False, True])
def test_file_that_changes(site: Site, replaced: bool) -> None:  # noqa: FBT001
    """What was published is kept as it was read; the newer file is for a person to look at."""
    path = site.put("1-a.json", title="As it was read")
    old = path.read_bytes()

    def change() -> None:
        if replaced:
            path.unlink()
        site.put("1-a.json", title="As it is now")

    (reported,) = publish(site, Meanwhile(site, before=change))
    assert reported.outcome == "published"
    assert "changed during the run" in reported.reason
    assert site.sql("SELECT title FROM ec_posts") == [("As it was read",)]
    assert site.waiting() == []
    assert site.archived() == {"published": ["1-a.json"], "conflict": ["1-a.json"]}
    (kept,) = site.archive.glob("published/*/1-a.json")
    (newer,) = site.archive.glob("conflict/*/1-a.json")
    assert kept.read_bytes() == old
    assert newer.read_bytes() == site.originals["1-a.json"]
    assert str(kept) in site.reason("1-a.json")
    assert "emdash requeue" in site.reason("1-a.json")


def test_file_that_is_taken_away(site: Site) -> None:
    """By another run, or by a person: it was published, and there is nothing to archive."""
    path = site.put("1-a.json")
    assert publish(site, Meanwhile(site, before=path.unlink)) == []
    assert site.sql("SELECT file FROM publish_ledger") == [("1-a.json",)]


def test_reply_that_is_lost(site: Site) -> None:
    """The store took the batch and could not say so: the next run files the articles away as published."""

    def lose() -> None:
        raise UnavailableError("the connection was cut")

    site.put_many(3)
    with pytest.raises(UnavailableError):
        publish(site, Meanwhile(site, after=lose))
    assert len(site.waiting()) == 3
    assert site.publish().counts == {"published": 3}
    assert_exactly_once(site)


def test_another_tool_takes_the_number(site: Site) -> None:
    """After the series was read and before the batch is sent: the article derives its number again."""

    def interfere() -> None:
        if not site.sql("SELECT 1 FROM ec_posts"):
            foreign_post(site, id="p1", slug="1-by-hand", title="By hand")
            foreign_post(site, id="p2", slug="2-by-hand", title="By hand, too")

    site.put("1-a.json", title="A")
    site.put("2-b.json", title="B")
    assert [reported.slug for reported in publish(site, Meanwhile(site, before=interfere))] == ["3-a", "4-b"]


def test_another_tool_takes_the_slug(site: Site) -> None:
    site.put("1-a.json", slug="mine")
    site.put("2-b.json", slug="other")

    def interfere() -> None:
        foreign_post(site, id="p1", slug="mine", title="By hand")

    outcomes = publish(site, Meanwhile(site, before=interfere))
    assert {(reported.file, str(reported.outcome)) for reported in outcomes} == {
        ("1-a.json", "conflict"),
        ("2-b.json", "published"),
    }
    assert "post p1" in site.reason("1-a.json")


def test_archive_that_is_filled_by_somebody_else(site: Site) -> None:
    """A file of the same name is there by the time of the move: neither is lost."""
    site.put("1-a.json")
    month = wiring.now().strftime("%Y-%m")
    place = site.archive / "published" / month / "1-a.json"

    def interfere() -> None:
        place.parent.mkdir(parents=True)
        place.write_text("somebody else's")

    (reported,) = publish(site, Meanwhile(site, before=interfere))
    assert reported.archived_to == str(place.with_name("1-a~2.json"))
    assert place.read_text() == "somebody else's"
    assert place.with_name("1-a~2.json").read_bytes() == site.originals["1-a.json"]
