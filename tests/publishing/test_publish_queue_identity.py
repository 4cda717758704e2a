"""Which files are the same article: ids, digests, copies, files that change or come back."""

from __future__ import annotations

import json
import os
import shutil
from typing import TYPE_CHECKING, Any

import pytest

from tests.harness.checks import assert_exactly_once

if TYPE_CHECKING:
    from tests.harness.site import Site


def published(site: Site) -> dict[str, str]:
    """Title of each post by its slug."""
    return dict(site.sql("SELECT slug, title FROM ec_posts"))


def test_same_content_under_another_name(site: Site) -> None:
    site.put("1-a.json")
    assert site.publish().counts == {"published": 1}
    site.put("2-copy.json", **json.loads(site.originals["1-a.json"]))
    ran = site.publish()
    assert ran.code == 0
    assert ran.counts == {"duplicate": 1}
    assert "published before as 1-about-1-a (post " in site.reason("2-copy.json")
    assert ", from 1-a.json" in site.reason("2-copy.json")
    assert_exactly_once(site, {"1-a.json": "published", "2-copy.json": "duplicate"})


def test_copies_in_one_run(site: Site) -> None:
    """The second copy uses up no number."""
    site.put("1-a.json", title="A", body_text="Text.")
    site.put("2-a.json", title="A", body_text="Text.")
    site.put("3-b.json", title="B", body_text="Text.")
    assert site.publish().counts == {"published": 2, "duplicate": 1}
    assert published(site) == {"1-a": "A", "2-b": "B"}


@pytest.mark.parametrize("other", [{"slug": "other"}, {"tags": ["x"]}, {"metadata": {"run": 7}}, {"status": "draft"}])
def test_what_does_not_make_another_article(site: Site, other: dict[str, Any]) -> None:
    site.put("1-a.json", title="A", body_text="Text.")
    site.put("2-a.json", title="A", body_text="Text.", **other)
    assert site.publish().counts == {"published": 1, "duplicate": 1}


@pytest.mark.parametrize("other", [{"title": "B"}, {"body_text": "Other."}, {"locale": "de"}])
def test_what_makes_another_article(site: Site, other: dict[str, Any]) -> None:
    site.put("1-a.json", title="A", body_text="Text.")
    site.put("2-a.json", **({"title": "A", "body_text": "Text."} | other))
    assert site.publish().counts == {"published": 2}


def test_same_id_and_same_text(site: Site) -> None:
    site.put("1-a.json", id="x", title="A", body_text="Text.")
    site.put("2-a.json", id="x", title="A", body_text="Text.")
    assert site.publish().counts == {"published": 1, "duplicate": 1}


def test_same_id_and_other_text(site: Site) -> None:
    """Nobody's text is dropped silently."""
    site.put("1-a.json", id="x", title="A")
    site.put("2-a.json", id="x", title="B")
    ran = site.publish()
    assert ran.code == 3
    assert ran.counts == {"published": 1, "changed": 1}
    ((post,),) = site.sql("SELECT id FROM ec_posts")
    assert f"edited since it was published as 1-a (post {post}, from 1-a.json)" in site.reason("2-a.json")


def test_same_text_under_two_ids(site: Site) -> None:
    """An id is its author's word: two of them are two articles."""
    site.put("1-a.json", id="x", title="A", body_text="Text.")
    site.put("2-a.json", id="y", title="A", body_text="Text.")
    assert site.publish().counts == {"published": 2}


def test_same_id_in_two_locales(site: Site) -> None:
    site.put("1-a.json", id="x", title="A")
    site.put("2-a.json", id="x", title="A", locale="de")
    assert site.publish().counts == {"published": 2}


def test_touched_file_is_the_same_article(site: Site) -> None:
    site.put("1-a.json")
    assert site.publish().counts == {"published": 1}
    os.utime(site.put("1-a.json"), (0, 0))
    assert site.publish().counts == {"duplicate": 1}


def test_post_that_was_deleted_since(site: Site) -> None:
    site.put("1-a.json")
    site.run("publish-queue")
    site.sql("UPDATE ec_posts SET deleted_at = '2026-01-01T00:00:00.000Z'")
    site.put("2-a.json", **json.loads(site.originals["1-a.json"]))
    assert site.publish().counts == {"duplicate": 1}
    assert "that post was deleted since" in site.reason("2-a.json")
    site.sql("DELETE FROM ec_posts")
    site.put("3-a.json", **json.loads(site.originals["1-a.json"]))
    assert site.publish().counts == {"duplicate": 1}
    assert "emdash requeue --again FILE" in site.reason("3-a.json")
    assert published(site) == {}


def test_post_that_was_renamed_since(site: Site) -> None:
    site.put("1-a.json")
    site.run("publish-queue")
    site.sql("UPDATE ec_posts SET slug = 'better'")
    site.put("2-a.json", **json.loads(site.originals["1-a.json"]))
    assert site.publish().counts == {"duplicate": 1}
    assert "its slug is now better" in site.reason("2-a.json")


def test_run_that_was_killed_before_archiving(site: Site) -> None:
    """The file is what was published, not a duplicate of it, and does not count for the limit."""
    site.put("1-a.json")
    site.put("2-b.json")
    site.run("publish-queue", "--limit", "1")
    (place,) = site.archive.glob("published/*/1-a.json")
    place.rename(site.queue / "1-a.json")
    ran = site.publish("--limit", "1")
    assert ran.counts == {"published": 2}
    assert_exactly_once(site)


@pytest.mark.parametrize("status", ["draft", "scheduled"])
def test_run_that_was_killed_before_archiving_what_is_not_live(site: Site, status: str) -> None:
    site.put("1-a.json", **({"status": "draft"} if status == "draft" else {"publish_at": "2100-01-01T00:00:00Z"}))
    site.run("publish-queue")
    (place,) = site.archive.glob(f"{status}/*/1-a.json")
    place.rename(site.queue / "1-a.json")
    assert site.publish().counts == {status: 1}
    assert_exactly_once(site, {"1-a.json": status})


def test_run_that_was_killed_between_link_and_unlink(site: Site) -> None:
    """The file has two names for a moment; both are one file, and the old name goes."""
    site.put("1-a.json")
    site.run("publish-queue")
    (place,) = site.archive.glob("published/*/1-a.json")
    os.link(place, site.queue / "1-a.json")
    assert site.publish().counts == {"published": 1}
    assert_exactly_once(site)


def test_file_of_the_same_name_that_is_in_the_archive(site: Site) -> None:
    """Somebody put it back by hand: that is a duplicate, and the archive keeps both."""
    site.put("1-a.json")
    site.run("publish-queue")
    (place,) = site.archive.glob("published/*/1-a.json")
    shutil.copy(place, site.queue)
    assert site.publish().counts == {"duplicate": 1}
    assert site.archived() == {"published": ["1-a.json"], "duplicate": ["1-a.json"]}


def test_names_that_look_the_same(site: Site) -> None:
    """Composed and decomposed: two files, and neither hides the other."""
    site.put("1-caf\u00e9.json", title="Composed")
    site.put("1-cafe\u0301.json", title="Decomposed")
    assert site.publish().counts == {"published": 2}
    assert sorted(site.archived()["published"]) == ["1-cafe\u0301.json", "1-caf\u00e9.json"]
    assert_exactly_once(site)


def test_text_that_looks_the_same(site: Site) -> None:
    """The text is published as it was written, in either form."""
    site.put("1-a.json", title="Caf\u00e9")
    site.put("2-b.json", title="Cafe\u0301")
    assert site.publish().counts == {"published": 2}
    assert sorted(published(site).values()) == ["Cafe\u0301", "Caf\u00e9"]
