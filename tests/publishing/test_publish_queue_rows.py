"""What is in the database afterwards: posts, revisions, terms, bylines, SEO, translations, times."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest
from freezegun import freeze_time

from emdash_cli.publishing.queues import Publication, publish_queues
from tests.d1_engine.faults import NOTHING, SENT_TWICE
from tests.harness.checks import assert_exactly_once
from tests.harness.d1_site import new_d1_site
from tests.harness.ports import SendsTwice
from tests.harness.posts import NOW, ago
from tests.harness.sessions import session_in
from tests.store.test_sweep_plans import Recording

if TYPE_CHECKING:
    from pathlib import Path

    from tests.d1_engine.engine import Instance
    from tests.harness.ports import Port
    from tests.harness.site import Site


MOMENT = "2026-03-02T10:00:00.000Z"


def post(site: Site, name: str) -> dict[str, Any]:
    """The row that a file became."""
    with closing(sqlite3.connect(site.store)) as connection:
        connection.row_factory = sqlite3.Row
        query = "SELECT p.* FROM ec_posts AS p JOIN publish_ledger AS l ON l.post_id = p.id WHERE l.file = ?"
        return dict(connection.execute(query, (name,)).fetchone())


@freeze_time(MOMENT)
def test_published(site: Site) -> None:
    site.put("1-a.json", title="A", body_text="Hello *there*.", excerpt="In short")
    assert site.publish().counts == {"published": 1}
    row = post(site, "1-a.json")
    (block,) = json.loads(row["content"])
    assert [(span["text"], span["marks"]) for span in block["children"]] == [
        ("Hello ", []),
        ("there", ["em"]),
        (".", []),
    ]
    expected: dict[str, object] = {
        "status": "published",
        "title": "A",
        "excerpt": "In short",
        "locale": "en",
        "version": 1,
    }
    expected |= dict.fromkeys(("created_at", "updated_at", "published_at"), MOMENT) | {"translation_group": row["id"]}
    expected |= dict.fromkeys(
        ("scheduled_at", "deleted_at", "draft_revision_id", "author_id", "primary_byline_id"), None
    )
    assert {key: row[key] for key in expected} == expected
    assert_exactly_once(site)


@freeze_time(MOMENT)
def test_backdated(site: Site) -> None:
    site.put("1-a.json", publish_at="2020-05-06T07:08:09+02:00")
    assert site.publish().counts == {"published": 1}
    row = post(site, "1-a.json")
    assert (row["published_at"], row["created_at"]) == ("2020-05-06T05:08:09.000Z", MOMENT)


@freeze_time(MOMENT)
def test_scheduled(site: Site) -> None:
    """It is a draft with a time, and what was reviewed is kept."""
    site.settings('timezone = "Europe/Berlin"\n')
    site.put("1-a.json", publish_at="2026-07-01 09:00", author="Ada")
    assert site.publish().counts == {"scheduled": 1}
    row = post(site, "1-a.json")
    assert (row["status"], row["scheduled_at"], row["published_at"]) == ("scheduled", "2026-07-01T07:00:00.000Z", None)
    assert row["live_revision_id"] is None
    lock = site.sql("SELECT post_id, revision_id, slug, scheduled_at, locked_by, locked_at FROM schedule_locks")
    assert lock == [
        (row["id"], row["draft_revision_id"], row["slug"], "2026-07-01T07:00:00.000Z", "publish-queue", MOMENT)
    ]
    assert site.sql("SELECT l.data = r.data FROM schedule_locks AS l JOIN revisions AS r ON r.id = l.revision_id") == [
        (1,)
    ]
    assert_exactly_once(site, {"1-a.json": "scheduled"})


@freeze_time(MOMENT)
def test_draft_with_a_time(site: Site) -> None:
    site.put("1-a.json", status="draft", publish_at="2100-01-01T00:00:00Z")
    assert site.publish().counts == {"draft": 1}
    row = post(site, "1-a.json")
    assert (row["status"], row["scheduled_at"], row["published_at"]) == ("draft", None, None)
    assert_exactly_once(site, {"1-a.json": "draft"})


def labels(site: Site, name: str) -> list[tuple[str, str, str]]:
    query = """
        SELECT t.name, t.slug, t.label FROM content_taxonomies AS c
        JOIN ec_posts AS p ON p.translation_group = c.entry_id JOIN publish_ledger AS l ON l.post_id = p.id
        JOIN taxonomies AS t ON t.translation_group = c.taxonomy_id AND t.locale = p.locale
        WHERE l.file = ? ORDER BY 1, 2"""
    return [(kind, slug, label) for kind, slug, label in site.sql(query, name)]


def test_terms(site: Site) -> None:
    """Of the stream and of the file; C, C++ and C# are three; an existing term is found by its label."""
    site.settings('[streams.default]\nqueue = "queue"\narchive = "archive"\ncategory = "Essays"\ntags = ["blog"]\n')
    site.sql(
        "INSERT INTO taxonomies (id, name, slug, label, locale, translation_group)"
        " VALUES ('t1', 'tag', 'old-slug', 'Known Tag', 'en', 't1')"
    )
    site.put("1-a.json", tags=["C", "C++", "C#", "known tag", "blog"])
    site.put("2-b.json", tags=["c"], category="News")
    assert site.publish().counts == {"published": 2}
    assert labels(site, "1-a.json") == [
        ("category", "essays", "Essays"),
        ("tag", "blog", "blog"),
        ("tag", "c", "C"),
        ("tag", "cplusplus", "C++"),
        ("tag", "csharp", "C#"),
        ("tag", "old-slug", "Known Tag"),
    ]
    assert labels(site, "2-b.json") == [
        ("category", "news", "News"),
        ("tag", "blog", "blog"),
        ("tag", "c", "C"),
    ]


def test_a_term_of_another_locale_is_found_by_its_label(site: Site) -> None:
    site.sql(
        "INSERT INTO taxonomies (id, name, slug, label, locale, translation_group)"
        " VALUES ('t1', 'tag', 'webdev', 'Web Development', 'en', 'g1')"
    )
    site.put("1-a.json", locale="de", tags=["Web development"])
    site.put("2-b.json", locale="de", tags=["WEB DEVELOPMENT"])
    assert site.publish().counts == {"published": 2}
    assert site.sql("SELECT slug, locale, translation_group FROM taxonomies WHERE id <> 't1'") == [
        ("web-development", "de", "g1")
    ]
    assert labels(site, "1-a.json") == labels(site, "2-b.json") == [("tag", "web-development", "Web development")]


def test_a_user_without_a_byline_gets_one_in_their_name(site: Site) -> None:
    """An e-mail address is nothing to be shown."""
    site.sql("INSERT INTO users (id, email, name) VALUES ('u1', 'ada@example.com', 'Ada Lovelace')")
    site.put("1-a.json", author="ada@example.com")
    site.put("2-b.json", author="ada@example.com")
    site.put("3-c.json", author="ada@example.com", locale="de")
    assert site.publish().counts == {"published": 3}
    rows = site.sql("SELECT display_name, user_id, is_guest, locale, slug LIKE '%example%' FROM _emdash_bylines")
    assert sorted(rows) == [("Ada Lovelace", "u1", 0, "de", 0), ("Ada Lovelace", "u1", 0, "en", 0)]
    assert site.sql("SELECT count(DISTINCT byline_id), count(*) FROM _emdash_content_bylines") == [(1, 3)]


def test_bylines(site: Site) -> None:
    """Found by slug, by name and by the e-mail of its user; else a guest is made, once."""
    site.sql("INSERT INTO users (id, email, name) VALUES ('u1', 'ada@example.com', 'Ada')")
    site.sql(
        "INSERT INTO _emdash_bylines (id, slug, display_name, user_id, locale, translation_group)"
        " VALUES ('b1', 'ada', 'Ada Lovelace', 'u1', 'en', 'b1')"
    )
    site.put("1-slug.json", author="ada")
    site.put("2-name.json", author="Ada Lovelace")
    site.put("3-mail.json", author="ada@example.com")
    site.put("4-guest.json", author="Grace Hopper")
    site.put("5-guest.json", author="Grace Hopper")
    site.put("6-nobody.json")
    assert site.publish().counts == {"published": 6}
    bylines = [post(site, name)["primary_byline_id"] for name in sorted(site.originals)]
    assert bylines[:3] == ["b1"] * 3
    assert bylines[3] == bylines[4]
    assert bylines[5] is None
    guests = site.sql("SELECT display_name, slug, is_guest, locale FROM _emdash_bylines WHERE id <> 'b1'")
    assert guests == [("Grace Hopper", "grace-hopper", 1, "en")]
    assert site.sql("SELECT count(*) FROM _emdash_content_bylines") == [(5,)]
    assert post(site, "3-mail.json")["author_id"] == "u1"


def test_seo(site: Site) -> None:
    image, canonical = "https://example.com/i.png", "https://example.com/a"
    seo = {"title": "T", "description": "D", "image": image, "canonical": canonical, "no_index": True}
    site.put("1-a.json", seo=seo)
    site.put("2-b.json")
    assert site.publish().counts == {"published": 2}
    row = post(site, "1-a.json")
    query = (
        "SELECT collection, content_id, seo_title, seo_description, seo_image, seo_canonical, seo_no_index"
        " FROM _emdash_seo"
    )
    assert site.sql(query) == [
        ("posts", row["id"], "T", "D", image, canonical, 1),
    ]


def test_ledger(site: Site) -> None:
    site.put("1-a.json", id="x", metadata={"cost_usd": 0.25}, platforms=["linkedin"], body_text="one two three")
    site.run("publish-queue")
    (row,) = site.sql("SELECT key, stream, file, locale, slug, number, words, metadata, platforms FROM publish_ledger")
    assert row[:7] == ("id:x:en", "default", "1-a.json", "en", "1-about-1-a", 1, 3)
    assert [json.loads(part) for part in row[7:]] == [{"cost_usd": 0.25}, ["linkedin"]]


def test_translations(site: Site) -> None:
    """The source may come later in the queue; by its id or its slug."""
    site.put("1-german.json", locale="de", translation_of="the-source")
    site.put("2-french.json", locale="fr", translation_of="its-slug")
    site.put("3-source.json", id="the-source", slug="its-slug")
    ran = site.publish()
    assert ran.counts == {"published": 3}
    groups = {post(site, name)["translation_group"] for name in site.originals}
    assert groups == {post(site, "3-source.json")["id"]}
    assert_exactly_once_in_any_series(site)


def assert_exactly_once_in_any_series(site: Site) -> None:
    assert site.waiting() == []
    assert site.archived() == {"published": sorted(site.originals)}
    assert site.sql("SELECT count(*), count(DISTINCT post_id) FROM publish_ledger") == [(3, 3)]


def test_translation_without_its_source(site: Site) -> None:
    """It waits in the queue, is said to wait, and goes once the source is there."""
    site.put("1-german.json", locale="de", translation_of="source")
    ran = site.publish()
    assert ran.code == 0
    assert ran.counts == {"left": 1}
    assert ran.outcomes["1-german.json"]["reason"] == "the post that it translates, source, does not exist yet"
    site.put("2-source.json", slug="source")
    assert site.publish().counts == {"published": 2}


ARTICLES: dict[str, dict[str, str]] = {
    "1-new": {"id": "source"},
    "2-old": {"publish_at": "2020-05-06T07:08:09Z"},
    "3-german": {"locale": "de", "translation_of": "source"},
    "4-later": {"publish_at": "2999-01-01T00:00:00Z"},
    "5-draft": {"status": "draft"},
}
SETTINGS = 'post_path = "/{locale}/blog/{slug}/"\ndefault_locale = "en"\n[streams.default]\nslug = "{name}"\n'
PUBLIC = [("german", "/de/blog/german/"), ("new", "/blog/new/"), ("old", "/blog/old/")]
OUTBOX = """SELECT p.slug, o.path FROM publish_outbox AS o JOIN ec_posts AS p ON p.id = o.post_id
 WHERE o.path_before IS NULL ORDER BY p.slug"""


def fill(site: Site) -> None:
    site.write("emdash.toml", SETTINGS)
    for name, fields in ARTICLES.items():
        site.write(f"queue/{name}.json", {"title": name, "body_text": name} | fields)


def publish(site: Site, port: Port) -> None:
    session = session_in(port, site.root, clock=lambda: NOW)
    task = Publication(session.settings.streams, None, 0, is_preview=False, stopped=lambda: False)
    list(publish_queues(session, task))


@freeze_time(NOW)
def test_what_is_public_is_to_be_announced(any_site: Site) -> None:
    """Backdated articles as well; scheduled ones are announced by the sweep, and drafts once they are published."""
    fill(any_site)
    assert any_site.run("publish-queue", "--dry-run").succeeds()
    assert any_site.sql("SELECT * FROM publish_outbox") == []
    any_site.run("publish-queue").succeeds()
    assert any_site.sql(OUTBOX) == PUBLIC
    assert any_site.sql("SELECT DISTINCT recorded_at FROM publish_outbox") == [(ago(),)]
    fill(any_site)
    any_site.run("publish-queue").succeeds()
    assert len(any_site.sql("SELECT * FROM publish_outbox")) == len(PUBLIC)


def test_a_batch_that_is_sent_twice_records_once(any_site: Site) -> None:
    fill(any_site)
    publish(any_site, SendsTwice(any_site))
    assert any_site.sql(OUTBOX) == PUBLIC
    assert len(any_site.sql("SELECT * FROM publish_outbox")) == len(PUBLIC)


def test_the_rows_are_found_by_the_claim(any_site: Site) -> None:
    fill(any_site)
    port = Recording(any_site)
    publish(any_site, port)
    sent = [statement for statement in port.sent if "INSERT INTO publish_outbox" in statement.sql]
    with closing(sqlite3.connect(any_site.root / "emdash.db")) as connection:
        for statement in sent:
            plan = connection.execute(f"EXPLAIN QUERY PLAN {statement.sql}", statement.params).fetchall()
            searched = [step for *_, step in plan if "publish_ledger" in step]
            assert searched == ["SEARCH publish_ledger USING INDEX publish_ledger_claim (claim>? AND claim<?)"]
    # A translation whose source comes with the same batch is sent again.
    assert len(sent) == 2


@pytest.mark.parametrize("faults", [(), (NOTHING, SENT_TWICE)])
def test_on_d1(tmp_path: Path, d1: Instance, faults: tuple[object, ...]) -> None:
    site = new_d1_site(tmp_path / "site", d1)
    site.settings(SETTINGS)
    for name, fields in ARTICLES.items():
        site.put(f"{name}.json", **fields)
    d1.faults(*faults, cycle=True)  # type: ignore[arg-type]
    assert site.publish().code == 0
    d1.faults()
    assert sorted(site.sql(OUTBOX)) == PUBLIC
    assert site.sql("SELECT count(*) FROM publish_outbox") == [(len(PUBLIC),)]
