"""Which slug and number an article gets."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.harness.posts import foreign_post

if TYPE_CHECKING:
    from tests.harness.site import Site


def pattern(site: Site, slug: str) -> None:
    site.settings(f'[streams.default]\nqueue = "queue"\narchive = "archive"\nslug = "{slug}"\n')


def slugs(site: Site) -> list[str]:
    """What a run publishes, in order."""
    return [told["slug"] for told in site.publish().json["outcomes"]]


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
