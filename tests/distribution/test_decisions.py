"""Decisions about jobs and platforms, where something else happened in between, or where they arrive twice."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest

from emdash_cli.jobs.sql import managing
from emdash_cli.jobs.sql.managing import Decision, Seen
from emdash_cli.store.changes import Claim
from tests.distribution.conftest import TOKEN, settings
from tests.harness.ports import Port
from tests.harness.sessions import session_in

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.harness.receiver import Receiver
    from tests.harness.site import Site

THEN, NOW, LATER = (f"2026-05-0{day}T10:00:00.000Z" for day in (1, 2, 3))


@pytest.fixture
def blog(site: Site, platform: Receiver) -> Site:
    """One article that is live, with one job that waits to be sent to `partner`."""
    site.settings(settings(platform))
    site.environment["PARTNER_TOKEN"] = TOKEN
    site.put("a.json")
    assert site.publish().code == 0
    return site


@pytest.fixture
def port(blog: Site) -> Iterator[Port]:
    with closing(Port(blog)) as port:
        yield port


def new_claim(port: Port) -> Claim:
    return Claim.new(session_in(port).new_id, "operator:me")


def about(port: Port, state: str, ended_at: str | None = THEN) -> Decision:
    """A decision about the job as it was seen."""
    return Decision(new_claim(port), NOW, "job_changed", [Seen(1, state, ended_at)], {})


def become(site: Site, state: str, ended_at: str | None = THEN, **others: Any) -> None:
    """What the job is now."""
    values = {"state": state, "ended_at": ended_at, "claim": "c" if state == "running" else None, **others}
    columns = ", ".join(f"{name} = ?" for name in values)
    site.sql(f"UPDATE publish_jobs SET {columns}", *values.values())


def job(site: Site, columns: str) -> tuple[Any, ...]:
    (row,) = site.sql(f"SELECT {columns} FROM publish_jobs WHERE id = 1")
    return row


def test_a_job_that_began_meanwhile_is_not_given_up(blog: Site, port: Port) -> None:
    become(blog, "running", None)
    port.batch(managing.discard(about(port, "pending", None)))
    assert job(blog, "state") == ("running",)
    assert blog.sql("SELECT count(*) FROM pipeline_audit WHERE action = 'job_changed'") == [(0,)]


def test_a_job_that_died_again_meanwhile_is_not_sent_again(blog: Site, port: Port) -> None:
    become(blog, "dead", LATER)
    port.batch(managing.send_again(about(port, "dead")))
    assert job(blog, "state") == ("dead",)


@pytest.mark.parametrize(("attempts", "kept"), [(0, None), (1, "text")])
def test_a_job_that_is_given_up_keeps_its_texts_if_they_were_sent(
    blog: Site, port: Port, attempts: int, kept: str | None
) -> None:
    become(blog, "dead", payload="text")
    for _ in range(attempts):
        blog.insert("job_attempts", job_id=1, claim="c", begun_at=THEN, worker="w")
    port.batch(managing.discard(about(port, "dead")))
    assert job(blog, "state, payload") == ("discarded", kept)


def test_a_job_that_is_sent_again_may_lose_as_many_workers_as_a_new_one(blog: Site, port: Port) -> None:
    become(blog, "dead", attempts=4, crashes=4)
    port.batch(managing.send_again(about(port, "dead")))
    assert job(blog, "state, attempts, crashes") == ("pending", 0, 0)


def test_only_the_part_that_was_asked_about_has_arrived(blog: Site, port: Port) -> None:
    become(blog, "unknown", parts=3)
    blog.insert("job_steps", job_id=1, step=0, claim="c", begun_at=THEN, done_at=THEN, external_id="first")
    blog.insert("job_steps", job_id=1, step=1, claim="c", begun_at=THEN)
    port.batch(managing.posted(about(port, "unknown"), "second"))
    assert blog.sql("SELECT external_id, done_at FROM job_steps ORDER BY step") == [("first", THEN), ("second", NOW)]
    assert job(blog, "state, external_id, units") == ("pending", "first", 1)


class TestAnnounce:
    """The post or its announcements changed between the plan and the batch."""

    @pytest.mark.parametrize(
        "change",
        [
            "UPDATE ec_posts SET status = 'draft'",
            f"UPDATE ec_posts SET deleted_at = '{THEN}'",
            "UPDATE publish_jobs SET state = 'unknown'",
            "UPDATE publish_jobs SET version = 2",
        ],
        ids=["withdrawn", "deleted", "under way", "announced again"],
    )
    def test_nothing_is_announced(self, blog: Site, port: Port, change: str) -> None:
        become(blog, "done")
        blog.sql(change)
        self.announce(blog, port)
        assert blog.sql("SELECT count(*) FROM publish_jobs") == [(1,)]
        assert blog.sql("SELECT count(*) FROM pipeline_audit WHERE action LIKE 'announced%'") == [(0,)]

    def test_once_more_means_once(self, blog: Site, port: Port) -> None:
        """Though the batch arrives again when it was sent and done."""
        become(blog, "done")
        statements = self.announce(blog, port)
        become(blog, "done")
        port.batch(statements)
        assert blog.sql("SELECT version, state FROM publish_jobs") == [(1, "done"), (2, "done")]

    def announce(self, blog: Site, port: Port) -> list[Any]:
        ((post,),) = blog.sql("SELECT id FROM ec_posts")
        statements = managing.announce("ec_posts", new_claim(port), NOW, post, [("partner", 2)])
        port.batch(statements)
        return statements


class TestPause:
    def paused(self, blog: Site) -> tuple[Any, ...]:
        (row,) = blog.sql("SELECT paused_at, paused_reason FROM publish_lanes")
        return row

    def test_the_first_reason_stays(self, blog: Site, port: Port) -> None:
        assert port.batch(managing.pause("partner", new_claim(port), THEN, "first"))[-1] == [{"changed": 1}]
        assert port.batch(managing.pause("partner", new_claim(port), NOW, "second"))[-1] == [{"changed": 0}]
        assert self.paused(blog) == (THEN, "first")

    def test_one_that_arrives_again_after_it_was_ended_is_none(self, blog: Site, port: Port) -> None:
        statements = managing.pause("partner", new_claim(port), THEN, "first")
        port.batch(statements)
        port.batch(managing.resume("partner", new_claim(port), NOW))
        assert port.batch(statements)[-1] == [{"changed": 1}]
        assert self.paused(blog) == (None, None)

    def test_an_end_that_arrives_again_does_not_end_another_one(self, blog: Site, port: Port) -> None:
        port.batch(managing.pause("partner", new_claim(port), THEN, "first"))
        statements = managing.resume("partner", new_claim(port), NOW)
        port.batch(statements)
        port.batch(managing.pause("partner", new_claim(port), LATER, "second"))
        assert port.batch(statements)[-1] == [{"changed": 1}]
        assert self.paused(blog) == (LATER, "second")

    def test_what_was_resumed_meanwhile_is_not_resumed_again(self, blog: Site, port: Port) -> None:
        assert port.batch(managing.resume("partner", new_claim(port), NOW))[-1] == [{"changed": 0}]
        assert self.paused(blog) == (None, None)
