"""How far the announcement of a post has come, in every report of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from emdash_cli.databases.sqlite import SqliteDatabase
from emdash_cli.domain.announced import Distribution, PlatformJob
from tests.harness.receiver import Reply

if TYPE_CHECKING:
    from collections.abc import Sequence

    from emdash_cli.domain.ports import Row, Statement
    from tests.harness.receiver import Received, Receiver
    from tests.harness.site import Site


def refusing(*paths: str) -> Any:
    """Answers of a server of which these platforms refuse whatever they get."""

    def reply(request: Received) -> Reply:
        return Reply(422, "no title") if request.path.lstrip("/") in paths else Reply(body={"id": "7"})

    return reply


def live(site: Site, **fields: Any) -> None:
    site.put("a.json", id="a", **fields)
    assert site.publish().code == 0


def job(platform: str, state: str, **others: Any) -> PlatformJob:
    kept = {"category": None, "error": None, "external_id": None, "attempts": 1, "run_after": "", "ended_at": None}
    kept |= {"kind": "announce", "parts": 1, "parts_out": 0, "is_notified": False, "is_paused": False}
    return PlatformJob(platform=platform, job=17, state=state, **(kept | others))


@pytest.mark.parametrize(
    ("jobs", "state", "summary"),
    [
        ((), "published", ""),
        ([job("blog", "done")], "published", "published on blog"),
        (
            [job("blog", "done"), job("linkedin", "done"), job("x", "dead", category="rate_limited")],
            "partial_failure",
            "published on blog and linkedin; x failed (rate limited) — emdash jobs retry 17",
        ),
        (
            [job("blog", "done"), job("x", "pending", category="transient")],
            "pending",
            "published on blog; x waits (it could not be reached; it is tried again)",
        ),
        ([job("x", "running")], "pending", "x is being sent"),
        (
            [job("x", "pending", is_paused=True)],
            "pending",
            "x waits (the platform is paused) — emdash platforms resume x",
        ),
        (
            [job("a", "dead", category="validation", error="no title"), job("b", "dead", category="auth")],
            "failed",
            "a failed (no title) — emdash jobs retry 17; b failed (credentials refused) — emdash jobs retry 17",
        ),
        (
            [job("x", "dead", category="quota", parts=5, parts_out=2)],
            "partial_failure",
            "x failed after 2 of 5 parts (quota used up) — emdash jobs retry 17",
        ),
        (
            [job("x", "unknown", category="unknown")],
            "partial_failure",
            "x may or may not have it (the answer was lost) — emdash jobs resolve 17 --posted ID or --not-posted",
        ),
        (
            [job("blog", "done"), job("cache", "done", is_notified=True), job("blog", "dead", kind="update")],
            "partial_failure",
            "published on blog; cache notified; the change on blog failed — emdash jobs retry 17",
        ),
    ],
)
def test_a_state_and_a_sentence_follow_from_the_jobs(jobs: Sequence[PlatformJob], state: str, summary: str) -> None:
    found = Distribution(tuple(jobs))
    assert (found.standing.value, found.summary) == (state, summary)


def test_every_report_says_what_is_published_and_what_failed(announcing: Site, platform: Receiver) -> None:
    platform.otherwise = refusing("partner")
    live(announcing)
    announcing.run("distribute").fails(3)
    ((number,),) = announcing.sql("SELECT id FROM publish_jobs WHERE lane = 'partner'")
    sentence = f"published on blog; partner failed (HTTP 422: no title) — emdash jobs retry {number}"

    shown = announcing.run("show", "a", "--json").succeeds().json["distribution"]
    assert (shown["state"], shown["summary"]) == ("partial_failure", sentence)
    assert [(one["platform"], one["state"], one["external_id"]) for one in shown["platforms"]] == [
        ("blog", "done", "7"),
        ("partner", "dead", None),
    ]
    assert announcing.run("show", "a").succeeds().err == f"note: {sentence}\n"
    listed = announcing.run("posts").succeeds()
    assert listed.lines[0].split("\t")[8] == "partial failure: partner"
    (post,) = announcing.run("posts", "--json").json["posts"]
    assert post["distribution"] == shown
    assert announcing.run("posts", "--format", "csv").lines[1].endswith(",partial_failure")
    told = announcing.run("history", "a").succeeds()
    assert sentence in told.err
    assert [line.split("\t")[1:4] for line in told.lines if "\tjob " in line] == [
        ["announced", "", "blog"],
        ["failed", "", "partner"],
    ]
    events = announcing.run("history", "a", "--json").json["events"]
    assert [one["outcome"] for one in events if one["kind"] == "announcement"] == ["announced", "failed"]


def test_a_terminal_shows_it_beside_the_post(announcing: Site) -> None:
    live(announcing)
    announcing.is_terminal = True
    assert "blog waits to be sent; partner waits to be sent" in " ".join(announcing.run("show", "a").out.split())
    assert "pending: blog, partner" in announcing.run("posts").out
    announcing.run("distribute").succeeds()
    assert "published on blog and partner" in announcing.run("show", "a").out


def test_a_change_replaces_the_change_before(announcing: Site, platform: Receiver) -> None:
    live(announcing)
    announcing.run("distribute").succeeds()
    for text in ("one", "two"):
        announcing.write("a.md", f"---\ntitle: About a\n---\n\n{text}\n")
        platform.otherwise = refusing("partner") if text == "one" else refusing()
        announcing.sql(
            "INSERT INTO publish_jobs (subject, lane, kind, version, run_after, created_at)"
            f" SELECT id, 'partner', 'update', {len(text) + (text == 'two')}, '2026-01-01', '2026-01-01' FROM ec_posts"
        )
        announcing.run("distribute")
        state = announcing.run("show", "a", "--json").json["distribution"]["state"]
        assert state == ("partial_failure" if text == "one" else "published")


def test_what_is_discarded_or_of_a_platform_that_is_gone_counts_no_more(announcing: Site, platform: Receiver) -> None:
    platform.otherwise = refusing("partner", "blog")
    live(announcing)
    announcing.run("distribute").fails(3)
    announcing.sql("UPDATE publish_jobs SET state = 'discarded' WHERE lane = 'partner'")
    announcing.sql("UPDATE publish_lanes SET removed_at = '2026-01-01' WHERE lane = 'blog'")
    assert announcing.run("show", "a", "--json").json["distribution"] == {
        "state": "published",
        "summary": "",
        "platforms": [],
    }


def test_what_arrived_on_a_platform_that_is_gone_has_arrived(announcing: Site) -> None:
    live(announcing)
    announcing.run("distribute").succeeds()
    announcing.sql("UPDATE publish_lanes SET removed_at = '2026-01-01' WHERE lane = 'blog'")
    shown = announcing.run("show", "a", "--json").json["distribution"]
    assert (shown["state"], shown["summary"]) == ("published", "published on blog and partner")


def test_a_notice_about_a_post_is_none_of_its_announcements(announcing: Site) -> None:
    live(announcing)
    announcing.run("distribute").succeeds()
    announcing.sql(
        "INSERT INTO publish_jobs (subject, lane, kind, state, run_after, created_at, ended_at)"
        " SELECT id, 'blog', 'post.held', 'dead', '2026-01-01', '2026-01-01', '2026-01-01' FROM ec_posts"
    )
    assert announcing.run("show", "a", "--json").json["distribution"]["state"] == "published"


def test_a_part_that_may_be_out_is_not_counted_among_those_that_are(announcing: Site, platform: Receiver) -> None:
    platform.otherwise = refusing("partner")
    live(announcing, platforms=["partner"])
    announcing.run("distribute").fails(3)
    announcing.sql("UPDATE publish_jobs SET parts = 3")
    announcing.sql(
        "INSERT INTO job_steps (job_id, step, claim, begun_at, done_at) SELECT j.id, s.value, 'c', '2026',"
        " iif(s.value, NULL, '2026') FROM publish_jobs AS j CROSS JOIN json_each('[0, 1]') AS s"
    )
    assert "failed after 1 of 3 parts" in announcing.run("show", "a", "--json").json["distribution"]["summary"]


def test_a_draft_has_no_state(announcing: Site) -> None:
    announcing.put("b.json", status="draft")
    announcing.publish()
    (post,) = announcing.run("posts", "--json").json["posts"]
    assert post["distribution"] is None
    assert len(announcing.run("posts").lines[0].split("\t")) == 8


def test_a_site_without_platforms_asks_nothing_more(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    site.put("a.json")
    site.publish()
    asked: list[str] = []
    batch = SqliteDatabase.batch

    def counted(database: SqliteDatabase, statements: Sequence[Statement]) -> list[list[Row]]:
        asked.extend(statement.sql for statement in statements)
        return batch(database, statements)

    monkeypatch.setattr(SqliteDatabase, "batch", counted)
    monkeypatch.setattr(SqliteDatabase, "query", lambda database, one: counted(database, [one])[0])
    for words in (("show", "1-about-a"), ("posts",), ("history", "1-about-a"), ("status",)):
        site.run(*words)
    assert asked
    assert not [one for one in asked if "publish_jobs" in one]
