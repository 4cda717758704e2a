"""`emdash calendar`: what goes live when, by the days of a zone."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from freezegun import freeze_time

from emdash_cli.reports.calendar import SYMBOLS, letters, symbols

if TYPE_CHECKING:
    from tests.harness.site import Site

NOW = "2026-06-10T12:00:00Z"
ZONES = [
    # zone, day, its first instant, the first one after it
    ("Europe/Berlin", "2026-03-29", "2026-03-28T23:00:00Z", "2026-03-29T22:00:00Z"),
    ("Europe/Berlin", "2026-10-25", "2026-10-24T22:00:00Z", "2026-10-25T23:00:00Z"),
    ("America/New_York", "2026-03-08", "2026-03-08T05:00:00Z", "2026-03-09T04:00:00Z"),
    ("America/New_York", "2026-11-01", "2026-11-01T04:00:00Z", "2026-11-02T05:00:00Z"),
    ("Australia/Lord_Howe", "2026-04-05", "2026-04-04T13:00:00Z", "2026-04-05T13:30:00Z"),
    ("Australia/Lord_Howe", "2026-10-04", "2026-10-03T13:30:00Z", "2026-10-04T13:00:00Z"),
    # Midnight itself is skipped: the day begins at one.
    ("America/Santiago", "2026-09-06", "2026-09-06T04:00:00Z", "2026-09-07T03:00:00Z"),
    ("UTC", "2028-02-29", "2028-02-29T00:00:00Z", "2028-03-01T00:00:00Z"),
    ("Asia/Kolkata", "2026-12-31", "2026-12-30T18:30:00Z", "2026-12-31T18:30:00Z"),
]


def zone(site: Site, name: str) -> None:
    site.write("emdash.toml", f'timezone = "{name}"\n')


def insert(site: Site, slug: str, **values: Any) -> None:
    """A post as another tool may write it."""
    row = {"id": f"ID-{slug}", "slug": slug, "title": f"About {slug}", "status": "scheduled", "locale": "en"} | values
    marks = ", ".join("?" for _ in row)
    site.sql(f"INSERT INTO ec_posts ({', '.join(row)}) VALUES ({marks})", *row.values())


def shown(site: Site, *words: str) -> list[dict[str, Any]]:
    posts: list[dict[str, Any]] = site.run("calendar", "--json", *words).succeeds().json["posts"]
    return posts


def slugs(site: Site, *words: str) -> list[str]:
    return [post["slug"] for post in shown(site, *words)]


@pytest.mark.parametrize(("name", "day", "first", "after"), ZONES)
@freeze_time("2026-01-01T00:00:00Z")
def test_a_day_begins_and_ends_with_the_clocks_of_the_zone(
    site: Site, name: str, day: str, first: str, after: str
) -> None:
    zone(site, name)
    start, end, second = datetime.fromisoformat(first), datetime.fromisoformat(after), timedelta(seconds=1)
    for slug, at in {"before": start - second, "first": start, "last": end - second, "after": end}.items():
        insert(site, slug, scheduled_at=at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z"))
    found = shown(site, "--from", day, "--days", "1")
    assert [post["slug"] for post in found] == ["first", "last"]
    assert {post["date"] for post in found} == {day}
    assert [post["slug"] for post in shown(site, "--from", day, "--days", "2")] == ["first", "last", "after"]


def test_an_hour_that_comes_twice_is_told_apart_and_in_order(site: Site) -> None:
    """Not in frozen time: freezegun's own datetime forgets which of the two readings it is."""
    zone(site, "Europe/Berlin")
    insert(site, "second", scheduled_at="2026-10-25T01:30:00.000Z")
    insert(site, "first", scheduled_at="2026-10-25T00:30:00.000Z")
    day = ("--from", "2026-10-25", "--days", "1")
    assert [post["local"] for post in shown(site, *day)] == ["2026-10-25T02:30:00+02:00", "2026-10-25T02:30:00+01:00"]
    zones = re.findall(r"<abbr>(\w+)</abbr>", site.run("calendar", "-f", "html", *day).succeeds().out)
    assert zones == ["CEST", "CET"]


@freeze_time(NOW)
def test_days_count_over_the_end_of_a_year_and_a_leap_day(site: Site) -> None:
    for day in ("2027-12-31", "2028-01-01", "2028-02-29", "2028-03-01"):
        insert(site, day, scheduled_at=f"{day}T10:00:00.000Z")
    document = site.run("calendar", "--json", "--from", "2027-12-31", "--days", "61").succeeds().json
    assert (document["from"], document["to"]) == ("2027-12-31", "2028-02-29")
    assert [post["date"] for post in document["posts"]] == ["2027-12-31", "2028-01-01", "2028-02-29"]


@freeze_time(NOW)
def test_coming_is_what_is_scheduled_and_what_is_overdue(site: Site) -> None:
    insert(site, "late", scheduled_at="2026-06-01T09:00:00.000Z")
    insert(site, "this-morning", scheduled_at="2026-06-10T09:00:00.000Z")
    insert(site, "next", scheduled_at="2026-06-20T09:00:00.000Z")
    insert(site, "in-july", scheduled_at="2026-07-20T09:00:00.000Z")
    insert(site, "out", status="published", published_at="2026-06-10T08:00:00.000Z")
    insert(site, "draft", status="draft", scheduled_at="2026-06-11T08:00:00.000Z")
    insert(site, "trashed", deleted_at=NOW, scheduled_at="2026-06-11T08:00:00.000Z")
    assert [(post["slug"], post["overdue"]) for post in shown(site)] == [
        ("late", True),
        ("this-morning", True),
        ("next", False),
    ]


@freeze_time(NOW)
def test_with_a_first_day_it_is_these_days_and_what_was_published_then(site: Site) -> None:
    insert(site, "late", scheduled_at="2026-06-07T20:00:00.000Z")
    insert(site, "out", status="published", published_at="2026-06-09T08:00:00.000Z")
    insert(site, "earlier", status="published", published_at="2026-06-07T23:59:59.999Z")
    insert(site, "next", scheduled_at="2026-06-11T09:00:00.000Z")
    found = shown(site, "--from", "2026-06-08", "--days", "4")
    assert [(post["slug"], post["kind"]) for post in found] == [("out", "published"), ("next", "scheduled")]
    assert slugs(site, "--from", "2026-06-08", "--days", "3") == ["out"]


@freeze_time(NOW)
def test_times_that_other_tools_wrote_stand_on_their_days(site: Site) -> None:
    insert(site, "offset", scheduled_at="2026-06-12T01:00:00+14:00")
    insert(site, "west", scheduled_at="2026-06-10T23:00:00-05:00")
    insert(site, "blank", scheduled_at="2026-06-12 08:00:00")
    insert(site, "alone", published_at="2026-06-13T08:00:00.000Z")
    insert(site, "no-time", scheduled_at="soon")
    found = shown(site, "--from", "2026-06-11", "--days", "3")
    assert [(post["slug"], post["date"]) for post in found] == [
        ("west", "2026-06-11"),
        ("offset", "2026-06-11"),
        ("blank", "2026-06-12"),
        ("alone", "2026-06-13"),
    ]


@freeze_time(NOW)
def test_a_change_of_a_published_post_has_the_title_that_it_will_have(site: Site) -> None:
    site.write("queue/01-a.json", {"title": "Old title", "slug": "a", "body_text": "Text."})
    site.run("publish-queue").succeeds()
    site.write("new.md", "---\ntitle: New title\n---\n\nOther text.\n")
    site.run("edit", "a", "--file", "new.md").succeeds()
    site.run("schedule", "a", "--at", "2026-06-12 09:00").succeeds()
    [post] = shown(site)
    assert (post["kind"], post["title"]) == ("change", "New title")


@freeze_time(NOW)
def test_a_post_that_is_held_says_why(site: Site) -> None:
    site.write("queue/01-a.json", {"title": "A", "slug": "a", "body_text": "Text.", "publish_at": "2026-06-12T09:00Z"})
    site.run("publish-queue").succeeds()
    site.sql("UPDATE schedule_locks SET held_at = '2026-06-10T00:00:00.000Z', held_reason = 'its text was changed'")
    assert shown(site)[0]["held"] == "its text was changed"
    assert "its text was changed" in site.run("calendar", "-f", "html").out
    assert "STATUS:TENTATIVE" in site.run("calendar", "-f", "ics").out


@freeze_time(NOW)
def test_author_and_categories_are_those_of_the_language(site: Site) -> None:
    article = {"body_text": "Text.", "author": "Ada Lovelace", "publish_at": "2026-06-12T09:00Z"}
    site.write("queue/01-a.json", {**article, "title": "A", "slug": "a", "category": "News"})
    german = {"title": "B", "slug": "b", "category": "Neues", "locale": "de", "translation_of": "a"}
    site.write("queue/02-b.json", {**article, **german})
    site.run("publish-queue").succeeds()
    assert [(post["slug"], post["author"], post["categories"]) for post in shown(site)] == [
        ("a", "Ada Lovelace", ["News"]),
        ("b", "Ada Lovelace", ["Neues"]),
    ]


@freeze_time(NOW)
def test_in_a_pipe_a_post_is_a_line(site: Site) -> None:
    zone(site, "Europe/Berlin")
    insert(site, "a", title="Tab\there\x1b[31m", scheduled_at="2026-06-12T09:00:00.000Z")
    result = site.run("calendar").succeeds()
    assert result.lines == ["2026-06-12T11:00:00+02:00\tscheduled\t\ta\ten\t\t\tTab here[31m"]


@freeze_time(NOW)
def test_nothing_is_coming(site: Site) -> None:
    assert site.run("calendar").succeeds().out == ""
    assert "Nothing is coming" in site.run("calendar", "-f", "html").succeeds().out
    assert shown(site) == []


@freeze_time(NOW)
def test_an_output_file_is_replaced_whole_and_its_ending_tells_the_format(site: Site) -> None:
    insert(site, "a", scheduled_at="2026-06-12T09:00:00.000Z")
    site.write("site/c.ics", "old")
    assert site.run("calendar", "-o", "site/c.ics").succeeds().out == ""
    assert (site.root / "site/c.ics").read_bytes().startswith(b"BEGIN:VCALENDAR\r\n")
    site.run("calendar", "--output", "site/c.html").succeeds()
    assert (site.root / "site/c.html").read_text("utf-8").startswith("<!doctype html>")
    site.run("calendar", "--output", "site/c.txt", "--format", "json").succeeds()
    assert json.loads((site.root / "site/c.txt").read_text("utf-8"))["posts"]
    assert site.files("site") == ["c.html", "c.ics", "c.txt"]
    site.run("calendar", "-o", "c.txt").fails(2, "--format")
    site.run("calendar", "-o", "missing/c.ics").fails(2, "cannot be written")


@pytest.mark.parametrize("day", ["2026-02-29", "tomorrow", "2026-6-1", "20260601"])
def test_a_day_that_is_none_is_refused(site: Site, day: str) -> None:
    site.run("calendar", "--from", day).fails(2, "is not a date")


def test_days_beyond_all_years_are_refused(site: Site) -> None:
    site.run("calendar", "--from", "9999-12-20").fails(2, "9999")


# The feed


def unfolded(text: str) -> list[str]:
    """Content lines of a feed that keeps to the letter of RFC 5545."""
    assert text.endswith("\r\n")
    assert "\n" not in text.replace("\r\n", "")
    for line in text.split("\r\n"):
        assert len(line.encode()) <= 75, line
    return text.removesuffix("\r\n").replace("\r\n ", "").split("\r\n")


def events(site: Site, *words: str) -> list[dict[str, str]]:
    """The properties of each event; every event has those that it must have, once."""
    lines = unfolded(site.run("calendar", "-f", "ics", *words).succeeds().out)
    assert (lines[0], lines[1], lines[-1]) == ("BEGIN:VCALENDAR", "VERSION:2.0", "END:VCALENDAR")
    found: list[dict[str, str]] = []
    for line in lines:
        name, _, value = line.partition(":")
        if line == "BEGIN:VEVENT":
            found.append({})
        elif found and name not in {"END", "BEGIN"}:
            assert name not in found[-1], f"{name} comes twice"
            found[-1][name] = value
    for event in found:
        assert {"UID", "DTSTAMP", "DTSTART", "SUMMARY", "SEQUENCE", "LAST-MODIFIED"} <= event.keys()
        assert re.fullmatch(r"\d{8}T\d{6}Z", event["DTSTART"])
    assert len({event["UID"] for event in found}) == len(found)
    return found


def said(value: str) -> str:
    return re.sub(r"\\(.)", lambda escaped: "\n" if escaped[1] in "nN" else escaped[1], value)


TITLES = [
    "Semicolons; commas, and back\\slashes\\n",
    "ü" * 200,
    "東京" * 40 + "☕",
    "👩‍👩‍👧‍👦" * 12,
    "BEGIN:VEVENT\r\nUID:evil",
    "x" * 66,
    "x" * 67,
]


@pytest.mark.parametrize("title", TITLES)
@freeze_time(NOW)
def test_any_title_survives_the_feed(site: Site, title: str) -> None:
    insert(site, "a", title=title, scheduled_at="2026-06-12T09:00:00.000Z")
    [event] = events(site)
    assert re.fullmatch(r"(?:[^\\;,]|\\[\\;,n])*", event["SUMMARY"])
    assert said(event["SUMMARY"]) == title.replace("\r\n", "\n")
    assert event["UID"] == "ID-a@emdash"


def test_an_event_keeps_its_identity_and_its_sequence_grows(site: Site) -> None:
    with freeze_time(NOW) as clock:
        site.write("queue/01-a.json", {"title": "A", "slug": "a", "body_text": "T.", "publish_at": "2026-06-12T09:00Z"})
        site.run("publish-queue").succeeds()
        [before] = events(site)
        assert events(site) == [before]
        clock.tick(timedelta(hours=1))
        assert events(site) == [before], "it changes although nothing has happened"
        site.run("reschedule", "a", "--at", "2026-06-13 10:00").succeeds()
        [moved] = events(site)
        clock.move_to("2026-06-14T00:00:00Z")
        site.run("sweep").succeeds()
        [live] = events(site, "--from", "2026-06-13")
    assert before["UID"] == moved["UID"] == live["UID"]
    assert int(before["SEQUENCE"]) < int(moved["SEQUENCE"]) < int(live["SEQUENCE"])
    assert (before["DTSTART"], moved["DTSTART"], live["DTSTART"]) == (
        "20260612T090000Z",
        "20260613T100000Z",
        "20260613T100000Z",
    )
    assert moved["LAST-MODIFIED"] == "20260610T130000Z"


@freeze_time(NOW)
def test_a_published_post_and_its_coming_change_are_two_events(site: Site) -> None:
    times = {"published_at": "2026-06-11T09:00:00.000Z", "scheduled_at": "2026-06-12T09:00:00.000Z"}
    insert(site, "a", status="published", **times)
    first, second = events(site, "--from", "2026-06-10")
    assert (first["UID"], second["UID"]) == ("ID-a@emdash", "ID-a-change@emdash")


def test_every_author_has_a_letter_of_their_own() -> None:
    names = ["Ada", "Alan", "alan", "Grace Hopper", "Ängström", "42", "李", *(f"Same {number}" for number in range(60))]
    given = letters(names)
    assert len(set(given.values())) == len(set(names))
    assert (given["Ada"], given["Grace Hopper"], given["李"]) == ("A", "G", "李")


def test_every_category_has_a_symbol_of_its_own() -> None:
    names = [f"c{number:03}" for number in range(300)]
    assert len(set(symbols(names).values())) == 300
    assert symbols(["b", "a"]) == {"a": SYMBOLS[0], "b": SYMBOLS[1]}
