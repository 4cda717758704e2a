"""Lists, calendars, histories and statistics of a D1 database, and of sites that EmDash has made."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.emdash_databases.databases import VERSIONS

if TYPE_CHECKING:
    from tests.harness.d1_site import D1Site
    from tests.harness.site import Site


def check(site: Site) -> None:
    article = {"body_text": "one two", "author": "Ada", "category": "News", "tags": ["t"]}
    site.write("queue/1.json", {**article, "title": "A", "slug": "a"})
    site.write("queue/2.json", {**article, "title": "B", "slug": "b", "publish_at": "2099-06-01T09:00Z"})
    site.run("publish-queue").succeeds()
    for words in (["--author", "ada"], ["--category", "news"], ["--tag", "t"], ["--stream", "default"], []):
        found = site.run("posts", "--json", *words).succeeds().json["posts"]
        assert [(post["slug"], post["author"], post["categories"]) for post in found] == [
            ("b", "Ada", ["News"]),
            ("a", "Ada", ["News"]),
        ]
    names = "there is no author 'adah'; did you mean ada?", "there is no category 'x'", "there is no tag 'x'"
    site.run("posts", "--author", "adah", "--category", "x", "--tag", "x").fails(0, *names)
    listed = site.run("posts", "--json", "--limit", "1").succeeds().json
    assert [post["slug"] for post in site.run("posts", "--json", "--after", listed["next"]).json["posts"]] == ["a"]
    assert site.run("posts", "--status", "published", "--locale", "en", "--since", "2026-01-01").succeeds().lines
    [post] = site.run("calendar", "--from", "2099-06-01", "--json").succeeds().json["posts"]
    assert (post["slug"], post["kind"], post["author"], post["categories"]) == ("b", "scheduled", "Ada", ["News"])
    history = site.run("history", "b", "--json").succeeds().json
    assert [event["kind"] for event in history["events"]] == ["source", "revision"]
    assert history["lock"]["is_changed"] is False


def test_on_d1(d1_site: D1Site) -> None:
    check(d1_site)
    document = d1_site.run("stats", "--json").succeeds().json
    assert document["totals"] == {"posts": 2, "words": 4}
    assert document["storage_bytes"] is None
    assert document["notes"] == ["this kind of store does not report its size"]
    assert isinstance(document["median_seconds"]["all"], float | int)


@pytest.mark.parametrize("version", VERSIONS)
def test_on_a_site(site: Site, version: str) -> None:
    site.use_layout(version)
    check(site)
    assert site.run("stats", "--json").succeeds().json["totals"] == {"posts": 2, "words": 4}
