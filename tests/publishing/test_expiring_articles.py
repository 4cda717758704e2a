"""`expires_at` of a queue file: kept when the article is published, changed by an edited file, shown and exported."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from freezegun import freeze_time

from tests.harness.posts import NOW, ago, ahead
from tests.publishing.support import imported, only, page

if TYPE_CHECKING:
    from tests.harness.d1_site import D1Site
    from tests.harness.site import Site

EXPIRIES = "SELECT p.slug, e.expires_at FROM post_expiries AS e JOIN ec_posts AS p ON p.id = e.post_id ORDER BY p.slug"
KINDS: dict[str, dict[str, Any]] = {
    "draft": {"status": "draft", "expires_at": ago(days=1)},
    "later": {"publish_at": ahead(days=1), "expires_at": ahead(days=2)},
    "live": {"expires_at": "2026-06-17T14:00+02:00"},
}


def put_kinds(site: Site) -> None:
    for slug, fields in KINDS.items():
        site.put(f"{slug}.json", slug=slug, **fields)
    site.put("plain.json", slug="plain")


def check_kinds(site: Site) -> None:
    assert site.publish().counts == {"published": 2, "scheduled": 1, "draft": 1}
    assert site.sql(EXPIRIES) == [("draft", ago(days=1)), ("later", ahead(days=2)), ("live", ahead(days=2))]
    ((set_by, set_at),) = site.sql("SELECT DISTINCT set_by, set_at FROM post_expiries")
    assert (set_by[:9], set_at) == ("operator:", ago())


@freeze_time(NOW)
def test_the_expiry_of_an_article_is_kept(any_site: Site) -> None:
    put_kinds(any_site)
    check_kinds(any_site)
    any_site.put("again.json", slug="live", title="About live", body_text="# live\n\nSome *text* about live.")
    any_site.publish()
    assert len(any_site.sql(EXPIRIES)) == 3


@freeze_time(NOW)
def test_the_expiry_of_an_article_is_kept_in_d1(d1_site: D1Site) -> None:
    put_kinds(d1_site)
    check_kinds(d1_site)


@freeze_time(NOW)
def test_every_view_of_a_post_says_when_it_expires(any_site: Site) -> None:
    put_kinds(any_site)
    any_site.publish()
    assert any_site.run("show", "live", "--json").succeeds().json["expires_at"] == ahead(days=2)
    assert f"expires_at: {ahead(days=2)}\n" in any_site.run("show", "live", "--format", "md").succeeds().out
    listed = {post["slug"]: post["expires_at"] for post in any_site.run("posts", "--json").succeeds().json["posts"]}
    assert listed == {"draft": ago(days=1), "later": ahead(days=2), "live": ahead(days=2), "plain": None}
    lines = {line.split("\t")[2]: line.split("\t")[0] for line in any_site.run("posts").succeeds().lines}
    assert lines["live"] == "published+expiry"
    assert lines["later"] == "scheduled+expiry"
    assert lines["plain"] == "published"
    history = any_site.run("history", "live", "--json").succeeds().json
    assert (history["expiry"]["at"], history["expiry"]["set_at"]) == (ahead(days=2), ago())
    assert any_site.run("history", "plain", "--json").succeeds().json["expiry"] is None
    assert "expires 2026-06-17" in any_site.run("history", "live").succeeds().err


@freeze_time(NOW)
def test_the_calendar_has_expiries_of_what_is_or_will_be_live(any_site: Site) -> None:
    put_kinds(any_site)
    any_site.publish()
    found = any_site.run("calendar", "--json").succeeds().json["posts"]
    entries = [(post["kind"], post["slug"], post["at"], post["overdue"]) for post in found]
    assert entries == [
        ("scheduled", "later", ahead(days=1), False),
        ("expiry", "later", ahead(days=2), False),
        ("expiry", "live", ahead(days=2), False),
    ]
    feed = any_site.run("calendar", "--format", "ics").succeeds().out
    assert feed.count("-expiry@emdash") == 2
    assert "SUMMARY:expires: About live" in feed
    assert any_site.run("calendar", "--format", "html").succeeds().out.count(">expires</span>") == 2
    with freeze_time(ahead(days=3)):
        late = any_site.run("calendar", "--json").succeeds().json["posts"]
        assert {(post["kind"], post["slug"]) for post in late if post["overdue"]} == {
            *(("scheduled", "later"), ("expiry", "later"), ("expiry", "live")),
        }


@freeze_time(NOW)
def test_an_edited_file_changes_and_removes_the_expiry(any_site: Site) -> None:
    page(any_site)
    imported(any_site).succeeds()
    for said, kept in (("2026-07-01", "2026-07-01T00:00:00.000Z"), ("2026-08-01", "2026-08-01T00:00:00.000Z")):
        page(any_site, expiryDate=said)
        assert only(imported(any_site).fails(3))["outcome"] == "changed"
        assert only(imported(any_site, "--update").succeeds())["outcome"] == "updated"
        assert any_site.sql(EXPIRIES) == [("hello", kept)]
        assert only(imported(any_site, "--update").succeeds())["outcome"] == "duplicate"
    assert "expires 2026-08-01" in any_site.run("history", "hello").out
    page(any_site)
    assert "-expires_at: 2026-08-01T00:00:00.000Z" in only(imported(any_site, "--update", "--dry-run"))["differences"]
    assert only(imported(any_site, "--update").succeeds())["outcome"] == "updated"
    assert any_site.sql(EXPIRIES) == []


@freeze_time(NOW)
def test_an_expiry_that_somebody_else_has_changed_is_a_conflict(any_site: Site) -> None:
    page(any_site, expiryDate="2026-07-01")
    imported(any_site).succeeds()
    any_site.sql("UPDATE post_expiries SET expires_at = '2026-09-01T00:00:00.000Z'")
    page(any_site, expiryDate="2026-08-01")
    refused = only(imported(any_site, "--update").fails(3))
    assert (refused["outcome"], "the expiry of hello was also changed elsewhere" in refused["reason"]) == (
        "conflict",
        True,
    )
    page(any_site, expiryDate="2026-07-01", text="Another text.\n")
    assert only(imported(any_site, "--update").succeeds())["outcome"] == "updated"
    assert any_site.sql(EXPIRIES) == [("hello", "2026-09-01T00:00:00.000Z")], "the file does not say anything new"
    page(any_site, expiryDate="2026-09-01", text="Another text.\n")
    assert only(imported(any_site, "--update").succeeds())["outcome"] == "updated"


@freeze_time(NOW)
@pytest.mark.parametrize("form", ["json", "md"])
def test_an_export_has_the_expiry(site: Site, form: str) -> None:
    put_kinds(site)
    site.publish()
    site.run("export", "out", "--format", form).succeeds()
    (path,) = site.root.glob(f"out/en/live.{form}")
    said = f'"expires_at": "{ahead(days=2)}"' if form == "json" else f'expires_at: "{ahead(days=2)}"'
    assert said in path.read_text()
    folder = ("--from-archive", "out") if form == "json" else ("--from-markdown", "out")
    assert only_slug(site.run("import", *folder, "--json").succeeds().json, "live") == "duplicate"


def only_slug(document: dict[str, Any], slug: str) -> str:
    (found,) = (one["outcome"] for one in document["outcomes"] if one["slug"] == slug)
    return str(found)


@freeze_time(NOW)
def test_an_edit_leaves_the_expiry_to_the_verb(site: Site) -> None:
    site.put("a.json", slug="a", status="draft", expires_at=ahead(days=2))
    site.publish()
    site.write("new.json", json.dumps({"title": "New", "body_text": "Text.", "expires_at": ahead(days=9)}))
    edited = site.run("edit", "a", "--file", "new.json", "--json").succeeds().json
    assert edited["not_changed"] == ["expires_at"]
    assert site.sql(EXPIRIES) == [("a", ahead(days=2))]
