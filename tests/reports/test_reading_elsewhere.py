"""Lists, calendars, histories and statistics of a D1 database, and of sites that EmDash has made."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.harness.emdash_sites import VERSIONS, emdash_site

if TYPE_CHECKING:
    from tests.d1_engine.engine import Instance
    from tests.harness.cli import Cli


def check(cli: Cli) -> None:
    article = {"body_text": "one two", "author": "Ada", "category": "News", "tags": ["t"]}
    cli.write("queue/1.json", {**article, "title": "A", "slug": "a"})
    cli.write("queue/2.json", {**article, "title": "B", "slug": "b", "publish_at": "2099-06-01T09:00Z"})
    cli("publish-queue").succeeds()
    for words in (["--author", "ada"], ["--category", "news"], ["--tag", "t"], ["--stream", "default"], []):
        found = cli("posts", "--json", *words).succeeds().json["posts"]
        assert [(post["slug"], post["author"], post["categories"]) for post in found] == [
            ("b", "Ada", ["News"]),
            ("a", "Ada", ["News"]),
        ]
    names = "there is no author 'adah'; did you mean ada?", "there is no category 'x'", "there is no tag 'x'"
    cli("posts", "--author", "adah", "--category", "x", "--tag", "x").fails(0, *names)
    listed = cli("posts", "--json", "--limit", "1").succeeds().json
    assert [post["slug"] for post in cli("posts", "--json", "--after", listed["next"]).json["posts"]] == ["a"]
    assert cli("posts", "--status", "published", "--locale", "en", "--since", "2026-01-01").succeeds().lines
    [post] = cli("calendar", "--from", "2099-06-01", "--json").succeeds().json["posts"]
    assert (post["slug"], post["kind"], post["author"], post["categories"]) == ("b", "scheduled", "Ada", ["News"])
    history = cli("history", "b", "--json").succeeds().json
    assert [event["kind"] for event in history["events"]] == ["source", "revision"]
    assert history["lock"]["is_changed"] is False


def test_on_d1(cli: Cli, d1: Instance, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLOUDFLARE_API_TOKEN", d1.token)
    monkeypatch.setenv("CLOUDFLARE_API_BASE_URL", d1.base_url)
    monkeypatch.setenv("EMDASH_DATABASE", f"d1:{d1.account_id}/{d1.database_id}")
    cli("init").succeeds()
    check(cli)
    document = cli("stats", "--json").succeeds().json
    assert document["totals"] == {"posts": 2, "words": 4}
    assert document["storage_bytes"] is None
    assert document["notes"] == ["this kind of store does not report its size"]
    assert isinstance(document["median_seconds"]["all"], float | int)


@pytest.mark.parametrize("version", VERSIONS)
def test_on_a_site(blog: Cli, version: str) -> None:
    emdash_site(blog, version)
    check(blog)
    assert blog("stats", "--json").succeeds().json["totals"] == {"posts": 2, "words": 4}
