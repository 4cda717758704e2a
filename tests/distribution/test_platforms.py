"""`emdash platforms`: their state, their credentials, and pauses."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.distribution.conftest import TOKEN, settings
from tests.harness.receiver import Receiver, Reply

if TYPE_CHECKING:
    from tests.harness.site import Site

ENDED = "2026-05-01T10:00:00.000Z"


@pytest.fixture(params=["sqlite", pytest.param("d1", marks=pytest.mark.d1)])
def blog(request: pytest.FixtureRequest, platform: Receiver) -> Site:
    site: Site = request.getfixturevalue("site" if request.param == "sqlite" else "d1_site")
    site.settings(settings(platform, "monthly_posts = 2"))
    site.environment["PARTNER_TOKEN"] = TOKEN
    return site


def publish(site: Site, *names: str) -> None:
    for name in names:
        site.put(f"{name}.json", title=f"About {name}", body_text="Text.")
    assert site.publish().code == 0


def listed(site: Site) -> dict[str, Any]:
    (one,) = site.run("platforms", "list", "--json").succeeds().json["platforms"]
    found: dict[str, Any] = one
    return found


def audit(site: Site) -> list[tuple[str, str]]:
    rows = site.sql("SELECT action, detail FROM pipeline_audit WHERE action LIKE 'platform_%' ORDER BY id")
    return [(action, json.loads(detail)["reason"]) for action, detail in rows]


def test_the_state_of_a_platform_follows_its_jobs_and_limits(blog: Site, platform: Receiver) -> None:
    assert (listed(blog)["state"], listed(blog)["budget"]) == ("new", 2)
    publish(blog, "a", "b", "c")
    assert {key: listed(blog)[key] for key in ("state", "pending", "spent")} == {
        "state": "ready",
        "pending": 3,
        "spent": 0,
    }
    platform.replies.append(Reply(422))
    blog.run("distribute").fails(3)
    assert {key: listed(blog)[key] for key in ("pending", "dead", "spent")} == {"pending": 0, "dead": 1, "spent": 2}
    assert listed(blog)["state"] == "used up"
    blog.run("platforms", "check").fails(3, "the budget of 2 requests is used up")
    publish(blog, "d")
    blog.settings('[streams.default]\nslug = "{name}"\n')
    assert listed(blog)["state"] == "removed"


def test_a_pause_that_the_platform_asked_for_is_shown(blog: Site, platform: Receiver) -> None:
    publish(blog, "a")
    platform.replies.append(Reply(429, headers={"Retry-After": "900"}))
    blog.run("distribute").succeeds()
    assert listed(blog)["state"] == "waiting"
    assert listed(blog)["until"]
    assert "it asked for a pause until" in blog.run("platforms", "check").succeeds().out


def test_one_that_begins_later_says_so_until_the_settings_do_not(blog: Site, platform: Receiver) -> None:
    """Otherwise nobody would know why nothing is announced."""
    blog.settings(settings(platform, "since = 2999-01-01"))
    future = "2999-01-01T00:00:00.000Z"
    for _ in range(2):
        one = listed(blog)
        assert (one["state"], one["since"], one["until"]) == ("later", future, future)
        assert "nothing that goes live before 2999-01-01" in blog.run("platforms", "check").succeeds().out
        assert blog.run("platforms", "list").lines[0].endswith(f"\tfrom {future}")
        publish(blog, "a")
    assert listed(blog)["pending"] == 0
    blog.settings(settings(platform))
    assert listed(blog)["state"] == "ready"
    assert listed(blog)["since"] < future
    blog.put("b.json", title="About b", body_text="Text.")
    (foreseen,) = blog.publish("--dry-run").succeeds().json["outcomes"]
    assert foreseen["announced_on"] == ["partner"]
    publish(blog, "b")
    assert listed(blog)["pending"] == 1


def test_a_paused_platform_gets_nothing_until_it_is_resumed(blog: Site, platform: Receiver) -> None:
    publish(blog, "a")
    blog.run("platforms", "pause", "partner", "--reason", "new texts", "--dry-run").succeeds()
    assert audit(blog) == []
    assert blog.run("platforms", "pause", "partner", "--reason", "new texts").succeeds().lines == ["paused\tpartner"]
    again = blog.run("platforms", "pause", "partner").succeeds()
    assert again.lines == ["unchanged\tpartner"]
    assert "already paused" in again.err
    assert "new texts" in blog.run("distribute").succeeds().err
    assert platform.requests == []
    assert (listed(blog)["state"], listed(blog)["reason"]) == ("paused", "new texts")
    blog.run("platforms", "check").fails(3, "emdash platforms resume partner")
    assert blog.run("jobs", "show", "1", "--json").json["next"] == "emdash platforms resume partner"
    assert blog.run("platforms", "resume", "partner", "--json").succeeds().json["outcome"] == "resumed"
    assert blog.run("platforms", "resume", "partner").lines == ["unchanged\tpartner"]
    blog.run("distribute").succeeds()
    assert len(platform.requests) == 1
    assert audit(blog) == [("platform_paused", "new texts"), ("platform_resumed", "new texts")]


def test_a_platform_may_be_paused_before_anything_was_published(blog: Site) -> None:
    blog.run("platforms", "pause", "partner").succeeds()
    assert listed(blog)["state"] == "paused"


@pytest.mark.parametrize("verb", ["pause", "resume", "check"])
def test_an_unknown_platform_is_named(announcing: Site, verb: str) -> None:
    announcing.run("platforms", verb, "partnr").fails(2, "did you mean `partner`?")


def test_in_a_pipe_it_is_lines(announcing: Site) -> None:
    publish(announcing, "a")
    assert announcing.run("platforms", "list").lines == ["partner\ttarget\tready\t1\t0\t0\t\t"]
    announcing.is_terminal = True
    assert "Platform" in announcing.run("platforms", "list").out


def test_there_are_none(site: Site) -> None:
    for verb in ("list", "check"):
        assert "no platforms are set up" in site.run("platforms", verb).succeeds().err


def test_what_cannot_be_checked_says_so(announcing: Site, platform: Receiver) -> None:
    told = announcing.run("platforms", "check").succeeds()
    assert "unchecked\tpartner" in told.out
    assert "there is nothing to ask" in told.out
    assert platform.requests == []


@pytest.mark.parametrize(
    ("words", "role"),
    [
        (("platforms", "pause", "partner"), "editor"),
        (("platforms", "resume", "partner"), "editor"),
        (("platforms", "check"), "editor"),
        (("jobs", "retry", "1"), "editor"),
        (("jobs", "discard", "1"), "editor"),
        (("jobs", "resolve", "1", "--not-posted"), "editor"),
        (("dead", "replay", "--all"), "editor"),
        (("dead", "discard", "--all"), "editor"),
        (("announce", "a", "--yes"), "editor"),
        (("jobs", "list"), "subscriber"),
        (("platforms", "list"), "subscriber"),
        (("dead", "list"), "subscriber"),
    ],
)
@pytest.mark.parametrize("number", [10, 30, 40])
def test_roles(announcing: Site, words: tuple[str, ...], role: str, number: int) -> None:
    publish(announcing, "a")
    announcing.insert("users", id="u", email="u@x.org", role=number)
    announcing.sql(f"UPDATE publish_jobs SET state = 'dead', ended_at = '{ENDED}'")
    before = announcing.dump()
    ran = announcing.run(*words, "--as", "u@x.org")
    if number < 40 and role == "editor":
        assert ran.code == 4
        assert "may not announce posts" in ran.err
        assert announcing.dump() == before
    else:
        assert ran.code != 4


def test_a_table_without_a_kind_is_refused_with_its_file(blog: Site) -> None:
    blog.settings('[platforms.partner]\nurl = "https://partner.example"\n')
    blog.run("config").fails(2, "emdash.toml: [platforms.partner] needs `kind`", "docs/platforms/index.md")
