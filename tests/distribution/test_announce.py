"""`emdash announce`: by hand, and never twice unless somebody says so."""

from __future__ import annotations

import io
import sys
from typing import TYPE_CHECKING, Any

import pytest

from tests.distribution.conftest import TOKEN, settings
from tests.harness.receiver import Receiver, Reply

if TYPE_CHECKING:
    from tests.harness.site import Site

JOBS = "SELECT lane, version, state FROM publish_jobs ORDER BY id"


@pytest.fixture(params=["sqlite", pytest.param("d1", marks=pytest.mark.d1)])
def blog(request: pytest.FixtureRequest, platform: Receiver) -> Site:
    """A site with an old post, which was not announced on its platform, and a second platform."""
    site: Site = request.getfixturevalue("site" if request.param == "sqlite" else "d1_site")
    site.settings(
        settings(platform) + f'[platforms.other]\nkind = "target"\nurl = "{platform.url}/other"\nallow_private = true\n'
    )
    site.environment["PARTNER_TOKEN"] = TOKEN
    site.put("old.json", title="Old", body_text="Text.", date="2020-01-01T00:00:00Z")
    assert site.publish().code == 0
    assert site.sql(JOBS) == []
    return site


def test_a_post_that_was_not_announced_is(blog: Site, platform: Receiver) -> None:
    told = blog.run("announce", "old", "--yes", "--json").succeeds().json
    assert [(job["platform"], job["state"], job["slug"]) for job in told["jobs"]] == [("partner", "pending", "old")]
    blog.run("distribute").succeeds()
    assert platform.one.json["slug"] == "old"
    ((action, actor),) = blog.sql("SELECT action, actor FROM pipeline_audit WHERE action LIKE 'announced%'")
    assert (action, actor.partition(":")[0]) == ("announced", "operator")


def test_a_dry_run_writes_nothing(blog: Site) -> None:
    before = blog.sql("SELECT count(*) FROM pipeline_audit")
    told = blog.run("announce", "old", "--dry-run", "--json").succeeds().json
    assert told["planned"] == [{"slug": "old", "platform": "partner", "version": 1}]
    assert blog.run("announce", "old", "--dry-run").lines == ["would be announced\told\tpartner"]
    assert blog.sql("SELECT count(*) FROM pipeline_audit") == before
    assert blog.sql(JOBS) == []


def test_it_is_refused_where_it_was_announced_and_repeated_if_that_is_wanted(blog: Site, platform: Receiver) -> None:
    blog.run("announce", "old", "--yes").succeeds()
    blog.run("announce", "old", "--yes").fails(3, "job 1 is pending", "emdash distribute")
    platform.replies.append(Reply(body={"id": "x1"}))
    blog.run("distribute").succeeds()
    blog.run("announce", "old", "--yes").fails(3, "it was announced there on", "as x1", "--platform partner --again")
    assert len(blog.sql(JOBS)) == 1
    blog.run("announce", "old", "--again", "--yes").succeeds()
    blog.run("announce", "old", "--again", "--yes").fails(3, "job 2 is pending")
    blog.run("distribute").succeeds()
    assert blog.sql(JOBS) == [("partner", 1, "done"), ("partner", 2, "done")]
    first, second = (request.headers["idempotency-key"] for request in platform.requests)
    assert first != second


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ("dead", ("is dead", "emdash jobs retry 1")),
        ("unknown", ("may have arrived", "emdash jobs resolve 1")),
        ("running", ("is running", "emdash jobs show 1")),
    ],
)
def test_what_is_under_way_is_not_repeated_even_if_that_is_wanted(
    blog: Site, state: str, words: tuple[str, str]
) -> None:
    blog.run("announce", "old", "--yes").succeeds()
    claim = "'c'" if state == "running" else "NULL"
    blog.sql(f"UPDATE publish_jobs SET state = '{state}', claim = {claim}, ended_at = '2026-01-01'")
    blog.run("announce", "old", "--again", "--yes").fails(3, *words)
    assert len(blog.sql(JOBS)) == 1


def test_a_platform_may_be_chosen(blog: Site) -> None:
    blog.run("announce", "old", "--platform", "other", "--yes").succeeds()
    assert blog.sql(JOBS) == [("other", 1, "pending")]
    blog.run("announce", "old", "--platform", "othr", "--yes").fails(2, "did you mean `other`?")


def test_without_a_terminal_it_needs_a_yes(blog: Site) -> None:
    blog.run("announce", "old").fails(2, "no terminal to ask on", "--yes")
    assert blog.sql(JOBS) == []


class _Answers(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("answer", "code", "jobs"), [("y\n", 0, 1), ("n\n", 3, 0), ("\n", 3, 0), ("what\nyes\n", 0, 1), ("", 130, 0)]
)
def test_on_a_terminal_it_asks(blog: Site, monkeypatch: pytest.MonkeyPatch, answer: str, code: int, jobs: int) -> None:
    blog.is_terminal = True
    monkeypatch.setattr(sys, "stdin", _Answers(answer))
    told = blog.run("announce", "old")
    assert told.code == code
    assert "old on partner" in told.err
    assert len(blog.sql(JOBS)) == jobs
    assert "Announce it there?" in told.err
    assert not jobs or "Announce" not in told.out


def test_it_says_where_it_was_announced_before(blog: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    blog.run("announce", "old", "--yes").succeeds()
    blog.run("distribute").succeeds()
    blog.is_terminal = True
    monkeypatch.setattr(sys, "stdin", _Answers("n\n"))
    blog.run("announce", "old", "--again").fails(
        3, "old on partner, where it was announced on 20", "nothing was announced"
    )
    assert len(blog.sql(JOBS)) == 1


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"status": "draft"}, ("is not public", "draft")),
        ({"platforms": []}, ("announced nowhere", "--platform NAME")),
    ],
)
def test_what_cannot_be_announced(blog: Site, fields: dict[str, Any], words: tuple[str, str]) -> None:
    blog.put("b.json", title="B", body_text="Text.", **fields)
    blog.publish()
    blog.run("announce", "b", "--yes").fails(3, *words)
    blog.run("announce", "nothing", "--yes").fails(3, "there is no post nothing")


def test_on_emdash(any_site: Site, platform: Receiver) -> None:
    any_site.settings(settings(platform))
    any_site.environment["PARTNER_TOKEN"] = TOKEN
    any_site.put("old.json", title="Old", body_text="Text.", date="2020-01-01T00:00:00Z")
    any_site.publish()
    any_site.run("announce", "old", "--yes").succeeds()
    any_site.run("distribute").succeeds()
    assert len(platform.requests) == 1
