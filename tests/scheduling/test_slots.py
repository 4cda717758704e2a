"""`emdash slots`: which slots of the streams are free, and which posts take the others."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from freezegun import freeze_time

from tests.harness.posts import NOW, ago, ahead, give_post
from tests.scheduling.support import DRAFT

if TYPE_CHECKING:
    from tests.harness.d1_site import D1Site
    from tests.harness.site import Site

SETTINGS = """
timezone = "Europe/Berlin"
[streams.default]
slots = ["tue 09:00", "thu 09:00"]
[streams.news]
cadence = "weekly-2"
[streams.notes]
"""
"""`NOW` is a Monday at 14:00 in Berlin; 09:00 is at 07:00 in UTC."""


def with_settings(site: Site) -> Site:
    site.settings(SETTINGS)
    for stream in ("news", "notes"):
        (site.queue / stream).mkdir()
        (site.archive / stream).mkdir()
    return site


def planned(site: Site, slug: str, at: str | None, stream: str | None = None, **values: Any) -> None:
    """A scheduled post, of a stream if one published it."""
    give_post(site, slug, **({"draft": DRAFT, "scheduled_at": at} | values))
    if stream:
        names = ("key", "digest", "revision_id", "translation_group", "file", "slug", "run_id")
        row = dict.fromkeys(names, slug) | {"post_id": slug.upper(), "stream": stream, "locale": "en"}
        site.insert("publish_ledger", **row, outcome="draft", recorded_at=ago())


def taken(site: Site, *options: str) -> dict[str, list[str]]:
    """The posts that take each listed slot, by its local time."""
    [stream] = site.run("slots", "--json", *options).succeeds().json["streams"]
    found = {}
    for slot in stream["slots"]:
        assert slot["free"] is not bool(slot["posts"])
        found[slot["local"][5:16]] = [post["slug"] for post in slot["posts"]]
    return found


@freeze_time(NOW)
class TestTaken:
    def test_by_whatever_goes_live_in_the_minute_of_the_slot(self, any_site: Site) -> None:
        site = with_settings(any_site)
        planned(site, "exact", "2026-06-16T07:00:00.000Z")
        planned(site, "late", "2026-06-16T07:00:59.999Z")
        planned(site, "after", "2026-06-16T07:01:00.000Z")
        planned(site, "before", "2026-06-18T06:59:59.999Z")
        planned(site, "offset", "2026-06-23T09:00:00+02:00")
        planned(site, "blank", "2026-06-25 07:00:00")
        planned(site, "unreadable", "2026-06-30 soon")
        assert taken(site, "--stream", "default", "--count", "5") == {
            "06-16T09:00": ["exact", "late"],
            "06-18T09:00": [],
            "06-23T09:00": ["offset"],
            "06-25T09:00": ["blank"],
            "06-30T09:00": [],
        }

    def test_by_posts_of_the_stream_only_and_default_has_those_of_none(self, any_site: Site) -> None:
        site = with_settings(any_site)
        planned(site, "own", "2026-06-16T07:00:00.000Z", "default")
        planned(site, "of-none", "2026-06-18T07:00:00.000Z")
        planned(site, "of-news", "2026-06-23T07:00:00.000Z", "news")
        planned(site, "of-another", "2026-06-25T07:00:00.000Z", "removed")
        found = taken(site, "--stream", "default", "--count", "4")
        assert list(found.values()) == [["own"], ["of-none"], [], []]
        assert ["of-news"] in taken(site, "--stream", "news").values()

    def test_a_change_and_a_held_post_take_theirs_and_a_trashed_or_published_one_takes_none(
        self, any_site: Site
    ) -> None:
        site = with_settings(any_site)
        live: dict[str, Any] = {"status": "published", "live": {"title": "Old"}}
        held = {"held_at": ago(), "held_reason": "its text was changed"}
        planned(site, "change", "2026-06-16T07:00:00.000Z", **live)
        planned(site, "held", None, status="draft", lock={**held, "scheduled_at": "2026-06-18T07:00:00.000Z"})
        planned(site, "trashed", "2026-06-23T07:00:00.000Z", deleted_at=ago())
        planned(site, "live", None, **live, published_at="2026-06-25T07:00:00.000Z")
        planned(site, "archived", "2026-06-30T07:00:00.000Z", status="archived")
        assert list(taken(site, "--stream", "default", "--count", "5").values()) == [["change"], ["held"], [], [], []]
        lines = [line.split("\t") for line in site.run("slots", "--stream", "default", "--count", "3").lines]
        assert lines == [
            ["taken", "default", "2026-06-16T09:00:00+02:00", "change", "en"],
            ["held", "default", "2026-06-18T09:00:00+02:00", "held", "en"],
            ["free", "default", "2026-06-23T09:00:00+02:00", "", ""],
        ]

    def test_a_quota_s_slot_by_whatever_goes_live_before_the_next(self, any_site: Site) -> None:
        site = with_settings(any_site)
        planned(site, "wednesday", ahead(days=9), "news")
        planned(site, "sunday", ahead(days=13), "news")
        assert taken(site, "--stream", "news", "--count", "4") == {
            "06-18T09:00": [],
            "06-22T09:00": ["wednesday"],
            "06-25T09:00": ["sunday"],
            "06-29T09:00": [],
        }

    def test_by_a_post_that_another_writer_of_the_embedded_store_gave_only_its_date(self, site: Site) -> None:
        planned(with_settings(site), "wish", None, published_at="2026-06-16T07:00:00.000Z")
        assert taken(site, "--stream", "default", "--count", "1") == {"06-16T09:00": ["wish"]}


@freeze_time(NOW)
class TestListed:
    def test_the_next_ten_of_each_stream_and_which_has_none(self, site: Site) -> None:
        ran = with_settings(site).run("slots").succeeds()
        assert [line.split("\t")[:2] for line in ran.lines] == [["free", "default"]] * 10 + [["free", "news"]] * 10
        assert ran.err == "stream notes has no slots: add `slots` or `cadence` to it in emdash.toml\n"
        document = site.run("slots", "--json").succeeds().json
        named = {each["stream"]: (each["source"], each["names"]) for each in document["streams"]}
        assert named == {
            "default": ("slots", ["tue 09:00", "thu 09:00"]),
            "news": ("cadence", ["weekly-2"]),
            "notes": (None, []),
        }
        assert document["timezone"] == "Europe/Berlin"
        assert document["streams"][0]["slots"][0] == {
            "at": "2026-06-16T07:00:00.000Z",
            "local": "2026-06-16T09:00:00+02:00",
            "until": "2026-06-16T07:01:00.000Z",
            "free": True,
            "posts": [],
        }

    @pytest.mark.parametrize(
        ("options", "first", "last", "count"),
        [
            (("--from", "2026-06-18"), "06-18", "07-21", 10),
            (("--from", "2026-06-19", "--to", "2026-06-30"), "06-23", "06-30", 3),
            (("--to", "2026-06-15"), None, None, 0),
            (("--from", "2026-01-01", "--to", "2026-06-18"), "06-16", "06-18", 2),
            (("--to", "2026-12-31", "--count", "3"), "06-16", "06-23", 3),
        ],
    )
    def test_days(self, site: Site, options: tuple[str, ...], first: str, last: str, count: int) -> None:
        found = [time[:5] for time in taken(with_settings(site), "--stream", "default", *options)]
        assert (found[:1], found[-1:], len(found)) == ([first] if first else [], [last] if last else [], count)

    def test_a_slot_at_midnight_belongs_to_its_day(self, site: Site) -> None:
        site.write("emdash.toml", '[streams.default]\nslots = ["daily 0:00"]\n')
        assert list(taken(site, "--from", "2026-06-17", "--to", "2026-06-18")) == ["06-17T00:00", "06-18T00:00"]

    def test_more_than_can_be_listed(self, site: Site) -> None:
        site.write("emdash.toml", '[streams.default]\ncadence = "hourly-1"\n')
        ran = site.run("slots", "--to", "2026-12-31")
        assert len(ran.lines) == 1000
        assert "has more slots than these 1000" in ran.err
        assert site.run("slots", "--to", "2026-12-31", "--json").json["streams"][0]["cut"] is True

    def test_on_a_terminal(self, site: Site) -> None:
        planned(with_settings(site), "exact", "2026-06-16T07:00:00.000Z")
        planned(site, "late", "2026-06-16T07:00:30.000Z")
        site.is_terminal = True
        ran = site.run("slots", "--stream", "default", "--count", "2").succeeds()
        assert re.sub(r"\x1b\[[0-9;]*m", "", ran.out).splitlines() == [
            "default: tue 09:00, thu 09:00, times in Europe/Berlin",
            "  Tue 2026-06-16 09:00 CEST  exact (en), late (en) at 2026-06-16 09:00",
            "  Thu 2026-06-18 09:00 CEST  free",
        ]

    def test_what_is_refused(self, site: Site) -> None:
        with_settings(site)
        site.run("slots", "--stream", "new").fails(2, "stream `new` does not exist", "did you mean `news`?")
        site.run("slots", "--from", "2026-06-18", "--to", "2026-06-17").fails(2, "ends before it begins")
        site.run("slots", "--from", "soon").fails(2, "'soon' is not a date")
        site.run("slots", "--to", "9999-12-31").fails(2, "the years 1 to 9999")
        site.run("slots", "--count", "0").fails(2, "--count")


def test_on_d1(d1_site: D1Site) -> None:
    with_settings(d1_site)
    d1_site.put("1-a.json", slug="a", publish_at="2099-01-01T09:00")
    d1_site.run("publish-queue").succeeds()
    assert taken(d1_site, "--stream", "default", "--from", "2099-01-01", "--count", "2") == {
        "01-01T09:00": ["a"],
        "01-06T09:00": [],
    }
