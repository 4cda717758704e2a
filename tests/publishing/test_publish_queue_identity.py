"""Which files are the same article: ids, digests, copies, files that change or come back."""

from __future__ import annotations

import json
import os
import shutil
from typing import TYPE_CHECKING, Any

import pytest

from tests.harness.checks import assert_exactly_once
from tests.harness.posts import foreign_post

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
    assert "that post has since been deleted" in site.reason("2-a.json")
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


def pattern(site: Site, slug: str) -> None:
    site.settings(f'[streams.default]\nqueue = "queue"\narchive = "archive"\nslug = "{slug}"\n')


def slugs(site: Site) -> list[str]:
    """What a run publishes, in order."""
    return [reported["slug"] for reported in site.publish().json["outcomes"]]


def test_counts_on_from_the_last_published_row(site: Site) -> None:
    """Whichever tool wrote it; its zero padding is kept."""
    foreign_post(site, id="p1", slug="040-older", title="Older", published_at="2025-05-01T00:00:00.000Z")
    foreign_post(site, id="p2", slug="041-newer", title="Newer", published_at="2025-06-01T00:00:00.000Z")
    site.put("1-a.json", title="First thing")
    site.put("2-b.json", title="Second thing")
    assert slugs(site) == ["042-first-thing", "043-second-thing"]


def test_counts_on_in_the_next_run(site: Site) -> None:
    site.put("1-a.json", title="One")
    assert slugs(site) == ["1-one"]
    site.put("2-b.json", title="Two")
    assert slugs(site) == ["2-two"]


def test_counts_over_the_padding(site: Site) -> None:
    foreign_post(site, id="p", slug="099-x", title="X")
    site.put("1-a.json", title="A")
    assert slugs(site) == ["100-a"]


def test_another_tool_publishes_in_between(site: Site) -> None:
    site.put("1-a.json", title="A")
    assert slugs(site) == ["1-a"]
    foreign_post(site, id="p", slug="7-by-hand", title="By hand", published_at="2100-01-01T00:00:00.000Z")
    site.put("2-b.json", title="B")
    assert slugs(site) == ["8-b"]


def test_number_of_another_tools_post_that_is_not_the_last(site: Site) -> None:
    """A number that is taken is stepped over, even where the titles differ."""
    site.put("1-a.json", title="A")
    assert slugs(site) == ["1-a"]
    foreign_post(site, id="p", slug="2-by-hand", title="By hand", published_at="2001-01-01T00:00:00.000Z")
    site.put("2-b.json", title="B")
    assert slugs(site) == ["3-b"]


def test_drafts_and_scheduled_posts_use_numbers_too(site: Site) -> None:
    site.put("1-a.json", title="A", status="draft")
    site.put("2-b.json", title="B", publish_at="2100-01-01T00:00:00Z")
    site.put("3-c.json", title="C")
    assert slugs(site) == ["1-a", "2-b", "3-c"]


def test_number_of_a_deleted_post_is_not_given_again(site: Site) -> None:
    site.put("1-a.json", title="A")
    assert slugs(site) == ["1-a"]
    site.sql("DELETE FROM ec_posts")
    site.put("2-b.json", title="B")
    assert slugs(site) == ["2-b"]


def test_slug_of_the_file_wins_and_the_series_goes_on_behind_it(site: Site) -> None:
    site.put("1-a.json", title="A", slug="about-us")
    site.put("2-b.json", title="B", slug="041-first")
    site.put("3-c.json", title="C")
    assert slugs(site) == ["about-us", "041-first", "042-c"]
    site.put("4-d.json", title="D")
    assert slugs(site) == ["043-d"]
    site.put("5-e.json", title="E", slug="050-special", status="draft")
    site.put("6-f.json", title="F")
    assert slugs(site) == ["050-special", "044-f"]


def test_series_of_each_locale(site: Site) -> None:
    site.put("1-a.json", title="A")
    site.put("2-b.json", title="B", locale="de")
    site.put("3-c.json", title="C")
    site.put("4-d.json", title="D", locale="de")
    assert slugs(site) == ["1-a", "1-b", "2-c", "2-d"]


def test_slug_that_is_taken(site: Site) -> None:
    foreign_post(site, id="the-owner", slug="mine", title="Other")
    site.put("1-a.json", slug="mine")
    site.put("2-b.json", slug="mine", locale="de")
    ran = site.publish()
    assert ran.code == 3
    assert ran.counts == {"conflict": 1, "published": 1}
    assert ran.outcomes["1-a.json"]["post_id"] == "the-owner"
    reason = site.reason("1-a.json")
    assert reason.startswith("conflict: the slug mine (en) belongs to another article, post the-owner")
    assert "emdash requeue" in reason


def test_slug_that_a_deleted_post_still_holds(site: Site) -> None:
    foreign_post(site, id="the-owner", slug="mine", title="Other", deleted_at="2025-01-01T00:00:00.000Z")
    site.put("1-a.json", slug="mine")
    ran = site.publish()
    assert ran.counts == {"conflict": 1}
    assert "the-owner" in site.reason("1-a.json")


def test_two_files_with_one_slug(site: Site) -> None:
    site.put("1-a.json", slug="mine")
    site.put("2-b.json", slug="mine")
    assert site.publish().counts == {"published": 1, "conflict": 1}


def test_pattern_without_a_number(site: Site) -> None:
    pattern(site, "{title}")
    site.put("1-a.json", title="Hello there")
    site.put("2-b.json", title="Hello, there!")
    site.put("3-c.json", title="Something else")
    ran = site.publish()
    assert ran.counts == {"published": 2, "conflict": 1}
    assert ran.outcomes["1-a.json"]["slug"] == "hello-there"
    assert ran.outcomes["2-b.json"]["outcome"] == "conflict"
    assert ran.outcomes["3-c.json"]["slug"] == "something-else"


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("{number:03}-{title}", "001-hello-there"),
        ("{title}-{number}", "hello-there-1"),
        ("{yyyy}-{mm}-{dd}-{title}", "2020-03-04-hello-there"),
        ("{number}-{name}", "1-my-file"),
        ("news-{number}", "news-1"),
        ("{name}", "my-file"),
    ],
)
def test_patterns(site: Site, source: str, expected: str) -> None:
    pattern(site, source)
    site.put("0007-my-file.json", title="Hello there", publish_at="2020-03-04T12:00:00Z")
    assert slugs(site) == [expected]


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("Über die Brücke", "1-uber-die-brucke"),
        ("Привет, мир", "1-privet-mir"),
        ("日本語の題名", "1-ri-ben-yu-noti-ming"),
        ("\U0001f600\U0001f389", "1"),
        ("a" * 300, f"1-{'a' * 80}"),
        ("Tom &amp; Jerry's 1,000 cats", "1-tom-jerry-s-1000-cats"),
    ],
)
def test_titles_of_any_script(site: Site, title: str, expected: str) -> None:
    site.put("1-a.json", title=title)
    assert slugs(site) == [expected]
    assert site.sql("SELECT title FROM ec_posts") == [(title,)]


def test_numbers_over_more_than_one_group(site: Site) -> None:
    site.put_many(250)
    assert slugs(site) == [f"{number}-article-{number}" for number in range(1, 251)]
