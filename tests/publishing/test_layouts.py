"""Databases that are not quite as expected: newer, with a column less, or with another collection."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.harness.site import Site


def test_a_newer_migration_brings_a_warning_and_goes_on(site: Site) -> None:
    site.sql("INSERT INTO _emdash_migrations VALUES ('099_something_new', 'now')")
    site.put("1-a.json")
    ran = site.publish()
    assert (ran.code, ran.counts) == (0, {"published": 1})
    (notice,) = ran.json["notices"]
    assert "099" in notice
    assert "070" in notice


def test_a_newer_migration_is_told_at_first_contact_and_to_who_asks(site: Site) -> None:
    site.sql("INSERT INTO _emdash_migrations VALUES ('099_something_new', 'now')")
    for command in ("init", "status", "doctor", "sweep", "publish-queue"):
        ran = site.run(command)
        assert "at migration 099" in ran.out + ran.err, command


@pytest.mark.parametrize("command", ["sweep", "publish-queue", "cleanup"])
def test_a_newer_migration_does_not_make_a_quiet_idle_run_speak(site: Site, command: str) -> None:
    site.sql("INSERT INTO _emdash_migrations VALUES ('099_something_new', 'now')")
    ran = site.run(command, "--quiet")
    assert (ran.code, ran.out, ran.err) == (0, "", "")


@pytest.mark.parametrize(
    ("change", "missing"),
    [
        ("ALTER TABLE _emdash_seo RENAME COLUMN seo_title TO title_for_engines", "seo_title"),
        ("ALTER TABLE taxonomies RENAME TO terms", "taxonomies"),
        ("ALTER TABLE ec_posts RENAME COLUMN content TO body", "content"),
    ],
)
def test_a_column_that_is_written_and_not_there_is_a_refusal(site: Site, change: str, missing: str) -> None:
    site.put("1-a.json")
    site.sql(change)
    ran = site.publish()
    assert ran.code == 6
    (error,) = ran.json["errors"]
    assert error["code"] == "store_layout"
    assert missing in error["message"]
    assert site.waiting() == ["1-a.json"]


def test_a_site_without_excerpt_and_picture_does_without(site: Site) -> None:
    site.sql("ALTER TABLE ec_posts DROP COLUMN excerpt")
    site.sql("ALTER TABLE ec_posts DROP COLUMN featured_image")
    site.put("1-a.json", title="A", featured_image="https://example.com/a.png")
    assert site.publish().counts == {"published": 1}
    ((data,),) = site.sql("SELECT data FROM revisions")
    assert json.loads(data).keys() == {"title", "content"}


def renamed(site: Site) -> None:
    """Give the collection and its fields other names, as a site may have them."""
    for sql in (
        "ALTER TABLE ec_posts RENAME TO ec_articles",
        "ALTER TABLE ec_articles RENAME COLUMN title TO headline",
        "ALTER TABLE ec_articles RENAME COLUMN content TO body",
    ):
        site.sql(sql)
    site.settings('collection = "articles"\n[fields]\ntitle = "headline"\ncontent = "body"\n')


def test_every_verb_of_an_editor_uses_the_names_of_the_fields(site: Site) -> None:
    renamed(site)
    site.put("1-a.json", title="A")
    site.publish().succeeds()
    site.run("edit", "1-a", "--title", "Anew").succeeds()
    assert "+headline: Anew" in site.run("diff", "1-a").succeeds().out
    site.run("schedule", "1-a", "--at", "+1d").succeeds()
    site.run("reschedule", "1-a", "--at", "now").succeeds()
    site.run("sweep").succeeds()
    assert site.sql("SELECT headline FROM ec_articles") == [("Anew",)]
    for command in ("posts", "calendar", "stats", "status", "cleanup"):
        site.run(command, "--json").succeeds()
    for command in ("show", "history"):
        site.run(command, "1-a").succeeds()


def test_the_collection_and_its_fields_are_settings(site: Site) -> None:
    renamed(site)
    site.put("1-a.json", title="A")
    assert site.publish().counts == {"published": 1}
    assert site.sql("SELECT headline, slug FROM ec_articles") == [("A", "1-a")]
    assert site.sql("SELECT collection FROM revisions") == [("articles",)]
    assert '"headline":"A"' in site.sql("SELECT data FROM revisions")[0][0]
