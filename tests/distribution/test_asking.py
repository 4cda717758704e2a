"""A platform that can be asked is asked before anybody is, and what it says is kept as evidence."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from html import escape
from typing import TYPE_CHECKING, Any

import pytest

from emdash_cli.distribution import sql
from emdash_cli.domain.instants import utc_text
from tests.harness.receiver import LOST, Receiver, Reply

if TYPE_CHECKING:
    from tests.harness.receiver import Received
    from tests.harness.site import Site

JOBS = "SELECT state, category, external_id FROM publish_jobs ORDER BY id"


class Mastodon:
    """A server that may take a status and lose its answer, or answer no questions."""

    def __init__(self, receiver: Receiver) -> None:
        self.receiver = receiver
        self.held: list[dict[str, Any]] = []
        self.posts: list[str] = []
        """What becomes of the next statuses: ``taken`` or ``dropped``, in both cases without an answer."""
        self.answers_questions = True
        receiver.otherwise = self.reply

    @property
    def questions(self) -> int:
        return sum(request.method == "GET" for request in self.receiver.requests)

    def reply(self, request: Received) -> Reply:
        if request.method == "GET":
            if not self.answers_questions:
                return Reply(503)
            return Reply(body={"id": "42"} if "verify" in request.path else list(reversed(self.held)))
        fate = self.posts.pop(0) if self.posts else "answered"
        if fate != "dropped":
            number = str(len(self.held) + 1)
            text = escape(request.json["status"]).replace("\n\n", "</p><p>")
            self.held.append(
                {
                    "id": number,
                    "content": f"<p>{text}</p>",
                    "url": f"https://mastodon.example/{number}",
                    "in_reply_to_id": request.json.get("in_reply_to_id"),
                    "created_at": utc_text(datetime.now(UTC)),
                }
            )
        return Reply(body=self.held[-1]) if fate == "answered" else LOST


@pytest.fixture
def server(platform: Receiver) -> Mastodon:
    return Mastodon(platform)


@pytest.fixture(params=["sqlite", pytest.param("d1", marks=pytest.mark.d1)])
def blog(request: pytest.FixtureRequest, platform: Receiver) -> Site:
    """A site with a published post that waits for its announcement on Mastodon."""
    site: Site = request.getfixturevalue("site" if request.param == "sqlite" else "d1_site")
    site.settings(f"""
[streams.default]
slug = "{{name}}"
platforms = ["toots"]
[platforms.toots]
kind = "mastodon"
token = "env:TOKEN"
api_base = "{platform.url}"
allow_private = true
rate = "6000/min"
""")
    site.environment["TOKEN"] = "planted-secret-9Kd"  # noqa: S105 - planted
    site.put("a.json", title="About a", body_text="Text.", social={"toots": ["One.", "Two."]})
    site.put("b.json", title="About b", body_text="Text.")
    assert site.publish().code == 0
    return site


def only_b(site: Site) -> None:
    site.sql("DELETE FROM publish_jobs WHERE id = 1")


def minutes_pass(site: Site, minutes: int) -> None:
    """As for the job that is unknown."""
    at = utc_text(datetime.now(UTC) - timedelta(minutes=minutes))
    site.sql(f"UPDATE publish_jobs SET ended_at = '{at}', run_after = '{at}' WHERE state = 'unknown'")


def resolutions(site: Site) -> list[tuple[str, dict[str, Any]]]:
    rows = site.sql("SELECT actor, detail FROM pipeline_audit WHERE action = 'job_resolved' ORDER BY id")
    return [(actor, json.loads(detail)) for actor, detail in rows]


def test_what_arrived_without_an_answer_is_found_at_once(blog: Site, server: Mastodon) -> None:
    only_b(blog)
    server.posts = ["taken"]
    (sent,) = blog.run("distribute", "--json").succeeds().json["outcomes"]
    assert (sent["outcome"], sent["external_id"]) == ("sent", "1")
    ((evidence,),) = blog.sql("SELECT evidence FROM job_attempts")
    assert "asked then, the platform had it: https://mastodon.example/1" in evidence


def test_that_nothing_arrived_is_believed_later(blog: Site, server: Mastodon) -> None:
    only_b(blog)
    server.posts = ["dropped"]
    blog.run("distribute", "--wait").fails(3)
    assert blog.sql(JOBS) == [("unknown", "unknown", None)]
    minutes_pass(blog, 5)
    blog.run("distribute").succeeds()
    assert [state for state, *_ in blog.sql(JOBS)] == ["unknown"]
    minutes_pass(blog, 20)
    told = blog.run("distribute", "--wait", "--json").succeeds().json
    assert [one["outcome"] for one in told["outcomes"]] == ["waiting", "sent"]
    assert len(server.held) == 1
    ((actor, detail),) = resolutions(blog)
    assert actor == "distribute"
    assert (detail["resolution"], detail["evidence"]) == ("not posted", "the account has no status with this text")
    shown = blog.run("jobs", "show", "2", "--json").json
    assert [one["action"] for one in shown["decisions"]] == ["job_resolved"]
    assert len(shown["attempts"]) == 2


def test_one_that_could_not_be_asked_is_asked_again_and_again_but_not_by_every_run(
    blog: Site, server: Mastodon
) -> None:
    only_b(blog)
    server.posts, server.answers_questions = ["taken"], False
    blog.run("distribute", "--wait").fails(3)
    minutes_pass(blog, 2)
    blog.run("distribute").succeeds()
    asked = server.questions
    server.answers_questions = True
    blog.run("distribute").succeeds()
    assert server.questions == asked, "it waits as long as the job has been unknown"
    minutes_pass(blog, 4)
    (found,) = blog.run("distribute", "--json").succeeds().json["outcomes"]
    assert (found["outcome"], found["external_id"], found["state"]) == ("sent", "1", "done")
    assert len(server.held) == 1


@pytest.mark.faults
def test_a_thread_of_which_a_part_was_lost_goes_on(blog: Site, server: Mastodon) -> None:
    server.posts, server.answers_questions = ["answered", "taken"], False
    blog.run("distribute", "--wait").fails(3)
    assert blog.sql(JOBS)[0][0] == "unknown"
    blog.sql("DELETE FROM publish_jobs WHERE id = 2")
    minutes_pass(blog, 2)
    server.answers_questions = True
    before = len(server.held)
    blog.run("distribute").succeeds()
    assert blog.sql(JOBS) == [("done", "delivered", "1")]
    assert len(server.held) == before


def test_it_is_asked_for_a_week(blog: Site, server: Mastodon) -> None:
    only_b(blog)
    server.posts = ["dropped"]
    blog.run("distribute", "--wait").fails(3)
    minutes_pass(blog, 8 * 24 * 60)
    asked = server.questions
    blog.run("distribute").succeeds()
    assert server.questions == asked
    assert [state for state, *_ in blog.sql(JOBS)] == ["unknown"]


@pytest.mark.parametrize(
    ("unknown_for", "asked_in"),
    [(8 * 24 * 60, -1), (0, -1), (5, 5)],
    ids=["not for ever", "not at once", "not by every run"],
)
def test_of_two_jobs_the_one_is_asked_about_whose_time_has_come(
    blog: Site, server: Mastodon, unknown_for: int, asked_in: int
) -> None:
    """Both arrived, so the other one would be found as well."""
    blog.put("c.json", title="About c", body_text="Text.")
    blog.publish().succeeds()
    blog.sql("DELETE FROM publish_jobs WHERE id = 1")
    server.posts, server.answers_questions = ["taken", "taken"], False
    blog.run("distribute", "--wait").fails(3)
    assert [state for state, *_ in blog.sql(JOBS)] == ["unknown", "unknown"]
    minutes_pass(blog, 5)
    other = "ended_at = ?, run_after = ? WHERE id = 3"
    blog.sql(f"UPDATE publish_jobs SET {other}", minutes_away(-unknown_for), minutes_away(asked_in))
    assert lanes_to_ask(blog) == ["toots"]
    server.answers_questions = True
    (found,) = blog.run("distribute", "--json").succeeds().json["outcomes"]
    assert (found["slug"], found["outcome"]) == ("b", "sent")
    assert [state for state, *_ in blog.sql(JOBS)] == ["done", "unknown"]
    assert lanes_to_ask(blog) == [], "a run does not begin for it"


def minutes_away(minutes: int) -> str:
    return utc_text(datetime.now(UTC) + timedelta(minutes=minutes))


def lanes_to_ask(site: Site) -> list[str]:
    """Those for which a run begins although nothing is due."""
    statement = sql.uncertain(["toots"], sql.AskedAt.of(datetime.now(UTC)))
    text = statement.sql
    for place, value in enumerate(statement.params, 1):
        text = text.replace(f"?{place}", f"'{value}'")
    return [lane for (lane,) in site.sql(text)]
