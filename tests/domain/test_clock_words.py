"""Every form that an editor types, and nonsense."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emdash_cli.domain.errors import UsageError
from emdash_cli.domain.instants import FORMS, from_utc_text, parse_when

BERLIN = ZoneInfo("Europe/Berlin")
MONDAY = from_utc_text("2026-06-15T07:30:10.500Z")
"""Monday, 09:30:10.5 in Berlin."""


def local(text: str, now: datetime = MONDAY, zone: ZoneInfo = BERLIN) -> str:
    """The clock reading that ``text`` means, with its offset."""
    return parse_when(text, zone, now).astimezone(zone).isoformat(sep=" ")


@pytest.mark.parametrize(
    ("text", "reading"),
    [
        ("now", "2026-06-15 09:30:10.500000+02:00"),
        (" NOW ", "2026-06-15 09:30:10.500000+02:00"),
        ("today 18:00", "2026-06-15 18:00:00+02:00"),
        ("today 8:00", "2026-06-15 08:00:00+02:00"),
        ("Today at 18:00", "2026-06-15 18:00:00+02:00"),
        ("today noon", "2026-06-15 12:00:00+02:00"),
        ("tomorrow", "2026-06-16 00:00:00+02:00"),
        ("tomorrow 09:00", "2026-06-16 09:00:00+02:00"),
        ("TOMORROW  9AM", "2026-06-16 09:00:00+02:00"),
        ("tomorrow midnight", "2026-06-16 00:00:00+02:00"),
        ("+2h", "2026-06-15 11:30:10.500000+02:00"),
        ("+90m", "2026-06-15 11:00:10.500000+02:00"),
        ("+1h30m", "2026-06-15 11:00:10.500000+02:00"),
        ("+1H 30M", "2026-06-15 11:00:10.500000+02:00"),
        ("+0m", "2026-06-15 09:30:10.500000+02:00"),
        ("+1d", "2026-06-16 09:30:10.500000+02:00"),
        ("+1w", "2026-06-22 09:30:10.500000+02:00"),
        ("+1w2d3h4m", "2026-06-24 12:34:10.500000+02:00"),
        ("mon 8:30", "2026-06-22 08:30:00+02:00"),
        ("mon 23:30", "2026-06-22 23:30:00+02:00"),
        ("Monday", "2026-06-22 00:00:00+02:00"),
        ("tue", "2026-06-16 00:00:00+02:00"),
        ("tues 9:00", "2026-06-16 09:00:00+02:00"),
        ("wednesday at 17:00", "2026-06-17 17:00:00+02:00"),
        ("thurs 0:00", "2026-06-18 00:00:00+02:00"),
        ("next friday 9:00", "2026-06-19 09:00:00+02:00"),
        ("sat", "2026-06-20 00:00:00+02:00"),
        ("sunday noon", "2026-06-21 12:00:00+02:00"),
        ("9:31", "2026-06-15 09:31:00+02:00"),
        ("at 18:00", "2026-06-15 18:00:00+02:00"),
        ("24:00", "2026-06-16 00:00:00+02:00"),
        ("today 24:00", "2026-06-16 00:00:00+02:00"),
        ("tomorrow at 24:00", "2026-06-17 00:00:00+02:00"),
        ("sat 24:00", "2026-06-21 00:00:00+02:00"),
        ("2026-06-30 24:00", "2026-07-01 00:00:00+02:00"),
        ("2026-06-30T24:00", "2026-07-01 00:00:00+02:00"),
        ("2026-W26-1 9:00", "2026-06-22 09:00:00+02:00"),
        ("9:30", "2026-06-16 09:30:00+02:00"),
        ("09:00", "2026-06-16 09:00:00+02:00"),
        ("9am", "2026-06-16 09:00:00+02:00"),
        ("5:30pm", "2026-06-15 17:30:00+02:00"),
        ("5:30 PM", "2026-06-15 17:30:00+02:00"),
        ("12am", "2026-06-16 00:00:00+02:00"),
        ("12:30am", "2026-06-16 00:30:00+02:00"),
        ("12pm", "2026-06-15 12:00:00+02:00"),
        ("noon", "2026-06-15 12:00:00+02:00"),
        ("midnight", "2026-06-16 00:00:00+02:00"),
        ("2026-07-01", "2026-07-01 00:00:00+02:00"),
        ("2026-07-01 9:00", "2026-07-01 09:00:00+02:00"),
        ("2026-07-01 9am", "2026-07-01 09:00:00+02:00"),
        ("2026-07-01T09:00", "2026-07-01 09:00:00+02:00"),
        ("2026-07-01T09:00:30Z", "2026-07-01 11:00:30+02:00"),
        ("2026-12-01 09:00", "2026-12-01 09:00:00+01:00"),
    ],
)
def test_accepted_forms(text: str, reading: str) -> None:
    assert local(text) == reading
    assert parse_when(text, BERLIN, MONDAY).tzinfo is UTC


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "later",
        "tomorow 09:00",
        "today",
        "today midnight",
        "next",
        "next tomorrow",
        "next 9:00",
        "mo 9:00",
        "monday tuesday",
        "mon8:30",
        "9",
        "mon 9",
        "9:0",
        "9:000",
        "24:01",
        "9:60",
        "0am",
        "13pm",
        "13:30pm",
        "tomorrow 25:00",
        "yesterday",
        "-2h",
        "2h",
        "+",
        "+h",
        "+ 2h",
        "+2",
        "+2x",
        "+30m1h",
        "+1h1h",
        "+1.5h",
        "+999999w",
        "+9999999h",
        "2026-02-30",
        "2026-02-30 9am",
        "2026-06-15 25:00",
        "2026-06-15Tnoon",
        "9:00\0",
        "\u0669:\u0660\u0660",
        "x" * 100_000,
    ],
)
def test_nonsense_is_refused(text: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_when(text, BERLIN, MONDAY)
    assert caught.value.hint
    assert len(caught.value.message) < 200


def test_the_hint_lists_every_form() -> None:
    with pytest.raises(UsageError) as caught:
        parse_when("someday", BERLIN, MONDAY)
    assert FORMS in caught.value.hint
    for form in re.sub(r" \(.*?\)", "", FORMS).split(", "):
        assert parse_when(form, BERLIN, MONDAY)


@pytest.mark.parametrize(
    ("now", "text", "reading"),
    [
        # days keep the clock reading over a change of the clocks, hours do not
        ("2026-03-28T12:00:00Z", "+1d", "2026-03-29 13:00:00+02:00"),
        ("2026-03-28T12:00:00Z", "+24h", "2026-03-29 14:00:00+02:00"),
        ("2026-10-24T12:00:00Z", "+1w", "2026-10-31 14:00:00+01:00"),
        ("2026-10-24T12:00:00Z", "+24h", "2026-10-25 13:00:00+01:00"),
        # in the repeated hour, hours still count from the present instant
        ("2026-10-25T00:30:00Z", "+1h", "2026-10-25 02:30:00+01:00"),
        ("2026-10-25T01:30:00Z", "+0m", "2026-10-25 02:30:00+01:00"),
        ("2026-10-25T01:30:00Z", "now", "2026-10-25 02:30:00+01:00"),
        # the present minute is not the next one
        ("2026-06-15T07:30:00Z", "9:30", "2026-06-16 09:30:00+02:00"),
        # year's end, leap day, and the day that begins in Berlin while it is yesterday in UTC
        ("2026-12-31T20:00:00Z", "tomorrow 9:00", "2027-01-01 09:00:00+01:00"),
        ("2026-12-31T22:59:00Z", "midnight", "2027-01-01 00:00:00+01:00"),
        ("2026-12-31T23:30:00Z", "tomorrow", "2027-01-02 00:00:00+01:00"),
        ("2028-02-28T12:00:00Z", "tomorrow", "2028-02-29 00:00:00+01:00"),
        ("2026-12-28T12:00:00Z", "sun 9:00", "2027-01-03 09:00:00+01:00"),
    ],
)
def test_forms_around_changes(now: str, text: str, reading: str) -> None:
    assert local(text, from_utc_text(now)) == reading


@pytest.mark.parametrize(
    ("zone", "now", "text"),
    [
        ("Europe/Berlin", "2026-03-28T12:00:00Z", "tomorrow 2:30"),
        ("Europe/Berlin", "2026-03-28T01:30:00Z", "+1d"),
        ("Europe/Berlin", "2026-10-24T12:00:00Z", "sunday 2:30am"),
        ("America/New_York", "2026-03-08T05:00:00Z", "2:30"),
        ("America/New_York", "2026-10-31T12:00:00Z", "tomorrow 1:30"),
        ("Australia/Lord_Howe", "2026-10-03T01:00:00Z", "sun 2:15"),
        ("Australia/Lord_Howe", "2026-04-04T01:00:00Z", "tomorrow 1:45"),
    ],
)
def test_skipped_and_repeated_readings_are_refused(zone: str, now: str, text: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_when(text, ZoneInfo(zone), from_utc_text(now))
    assert caught.value.code == "clock_change"


moments = st.datetimes(datetime(1990, 1, 1), datetime(2037, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001


@given(moments, st.sampled_from(["mon", "tue", "wed", "thu", "fri", "sat", "sun"]), st.sampled_from(["", "next "]))
def test_a_weekday_is_the_next_such_day_after_today(now: datetime, day: str, lead: str) -> None:
    zone = ZoneInfo("America/New_York")
    meant = parse_when(f"{lead}{day} 12:00", zone, now).astimezone(zone)
    assert meant.strftime("%a").lower() == day
    assert 1 <= (meant.date() - now.astimezone(zone).date()).days <= 7


@given(moments, st.integers(4, 23), st.integers(0, 59))
def test_a_time_alone_is_the_next_such_time(now: datetime, hour: int, minute: int) -> None:
    meant = parse_when(f"{hour}:{minute:02}", BERLIN, now)
    assert timedelta() < meant - now <= timedelta(hours=25)
    assert (meant.astimezone(BERLIN).hour, meant.astimezone(BERLIN).minute) == (hour, minute)


@given(st.text(alphabet="0123456789 :+-apmwdhtTZ", max_size=20), moments)
def test_any_text_is_read_or_refused(text: str, now: datetime) -> None:
    try:
        moment = parse_when(text, BERLIN, now)
    except UsageError:
        return
    assert moment.tzinfo is UTC
