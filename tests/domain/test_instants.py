"""Instants as stored, as read from ISO 8601, and where the clocks change."""

from __future__ import annotations

import re
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emdash_cli.domain.errors import UsageError
from emdash_cli.domain.instants import describe, from_utc_text, parse_instant, utc_text, zone_named

BERLIN = ZoneInfo("Europe/Berlin")
ZONES = tuple(
    map(ZoneInfo, ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Pacific/Apia", "Asia/Kathmandu"])
)

# zone, the reading that the clocks skip, and the two readings that can be meant
GAPS = [
    ("Europe/Berlin", "2026-03-29T02:30", "2026-03-29T01:30:00+01:00", "2026-03-29T03:30:00+02:00"),
    ("America/New_York", "2026-03-08T02:30", "2026-03-08T01:30:00-05:00", "2026-03-08T03:30:00-04:00"),
    ("Australia/Lord_Howe", "2026-10-04T02:15", "2026-10-04T01:45:00+10:30", "2026-10-04T02:45:00+11:00"),
    ("Pacific/Apia", "2011-12-30T12:00", "2011-12-29T12:00:00-10:00", "2011-12-31T12:00:00+14:00"),
    ("Africa/Cairo", "2026-04-24", "2026-04-23T23:00:00+02:00", "2026-04-24T01:00:00+03:00"),
]
# zone, the reading that comes twice, and its two offsets
OVERLAPS = [
    ("Europe/Berlin", "2026-10-25T02:30", "+02:00", "+01:00"),
    ("America/New_York", "2026-11-01T01:30", "-04:00", "-05:00"),
    ("Australia/Lord_Howe", "2026-04-05T01:45", "+11:00", "+10:30"),
]


def at(text: str) -> datetime:
    """An instant, read by other code than the one under test."""
    return datetime.fromisoformat(text).astimezone(UTC)


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2026-06-15", "2026-06-14T22:00:00Z"),
        ("2026-06-15T09:00", "2026-06-15T07:00:00Z"),
        ("2026-06-15 09:00", "2026-06-15T07:00:00Z"),
        ("  2026-06-15t09:00 ", "2026-06-15T07:00:00Z"),
        ("2026-06-15T09:00:59", "2026-06-15T07:00:59Z"),
        ("2026-06-15 09:00:59.25", "2026-06-15T07:00:59.250Z"),
        ("2026-06-15 09:00:59,123456789", "2026-06-15T07:00:59.123456Z"),
        ("2026-06-15T09:00Z", "2026-06-15T09:00:00Z"),
        ("2026-06-15T09:00z", "2026-06-15T09:00:00Z"),
        ("2026-06-15T09:00:00.000Z", "2026-06-15T09:00:00Z"),
        ("2026-06-15T09:00+02:00", "2026-06-15T07:00:00Z"),
        ("2026-06-15T09:00 +0200", "2026-06-15T07:00:00Z"),
        ("2026-06-15T09:00:00+02", "2026-06-15T07:00:00Z"),
        ("2026-06-15T09:00-03:30", "2026-06-15T12:30:00Z"),
        ("2026-06-15T09:00+14:00", "2026-06-14T19:00:00Z"),
        ("2026-01-15T09:00", "2026-01-15T08:00:00Z"),
        ("2028-02-29", "2028-02-28T23:00:00Z"),
        ("2026-12-31T23:59:59", "2026-12-31T22:59:59Z"),
        ("2027-01-01 00:30", "2026-12-31T23:30:00Z"),
        ("2026-6-5", "2026-06-04T22:00:00Z"),
        ("2026/6/15", "2026-06-14T22:00:00Z"),
        ("2026.06.15 9:00", "2026-06-15T07:00:00Z"),
        ("2026/06/15 20:46:25", "2026-06-15T18:46:25Z"),
        ("2013-11-22 5:00:00 +0000", "2013-11-22T05:00:00Z"),
        ("2026-06-15T9:00", "2026-06-15T07:00:00Z"),
        ("2026-06-15  09:00", "2026-06-15T07:00:00Z"),
        ("2026-06-15\t09:00:00", "2026-06-15T07:00:00Z"),
        ("2026-06-15 09:00:00 UTC", "2026-06-15T09:00:00Z"),
        ("2026-06-15 09:00:00 GMT", "2026-06-15T09:00:00Z"),
        ("2026-06-15 09:00:00 Z", "2026-06-15T09:00:00Z"),
        ("2026-06-15 09:00:00 +0000 UTC", "2026-06-15T09:00:00Z"),
        ("2026-06-15 09:00:00 +0200 CEST", "2026-06-15T07:00:00Z"),
        ("2026-06-15 09:00:00 GMT+0200 (Central European Summer Time)", "2026-06-15T07:00:00Z"),
        ("2026-06-15 09:00 +02", "2026-06-15T07:00:00Z"),
        ("2001-12-14 21:59:43.10 -5", "2001-12-15T02:59:43.100Z"),
        ("2026-06-15T09:00+2", "2026-06-15T07:00:00Z"),
        ("2026-06-15T09:00+2:30", "2026-06-15T06:30:00Z"),
        ("2026-06-15 09:00 EST", "2026-06-15T14:00:00Z"),
        ("2026-06-15 09:00 PDT", "2026-06-15T16:00:00Z"),
        ("2026-06-15 09:00 America/New_York", "2026-06-15T13:00:00Z"),
        ("2026-06-15 9:00 PM", "2026-06-15T19:00:00Z"),
        ("2026-06-15 12:05 a.m. UTC", "2026-06-15T00:05:00Z"),
        ("2026-06-15 12:05pm Z", "2026-06-15T12:05:00Z"),
        ("2026-06-15T24:00", "2026-06-15T22:00:00Z"),
        ("2026-12-31 24:00:00.000Z", "2027-01-01T00:00:00Z"),
        ("2026-W25-1", "2026-06-14T22:00:00Z"),
        ("2026W251T09:00Z", "2026-06-15T09:00:00Z"),
        ("2026-W53-7 24:00 UTC", "2027-01-04T00:00:00Z"),
        ("2026-06-15T09:00:00.1234567890123Z", "2026-06-15T09:00:00.123456Z"),
    ],
)
def test_accepted_forms(text: str, instant: str) -> None:
    moment = parse_instant(text, BERLIN)
    assert moment == at(instant)
    assert moment.tzinfo is UTC


@pytest.mark.parametrize(
    "text",
    [
        "",
        "soon",
        "2026",
        "15.06.2026",
        "20260615",
        "2026-166",
        "2026-06-15T09",
        "2026-06-15T09:00:00.",
        "2026-06-15T09:00:0",
        "2026-06-15T09:00+02:00:00",
        "2026-06-15Z",
        "2026-06-15T09:00 CEST",
        "2026-06-15T09:00\n2026",
        "\u0662\u0660\u0662\u0666-06-15",
        "2026-00-15",
        "2026-13-15",
        "2026-02-29",
        "2100-02-29",
        "2026-04-31",
        "0000-01-01",
        "2026-06-15T09:60",
        "2026-06-15T24:01",
        "2026-06-15T25:00",
        "2026-06-15T13:00 PM",
        "2026-06-15T0:00 am",
        "2026-W54-1",
        "2026-W25-8",
        "2026-W25",
        "2026-W251",
        "2026-6/15",
        "9999-12-31T24:00",
        "2026-06-15T09:00 +123",
        "2026-06-15T09:00:60",
        "2026-06-15T09:00+24:00",
        "2026-06-15T09:00+02:60",
        "0001-01-01",
        "9999-12-31T23:30-05:00",
        "x" * 100_000,
    ],
)
def test_refused_forms(text: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_instant(text, BERLIN)
    assert "is not a date and time" in caught.value.message
    assert "2026-06-15T09:00+02:00" in caught.value.hint
    assert len(caught.value.message) < 200


@pytest.mark.parametrize(("zone", "text", "first", "second"), GAPS)
def test_skipped_readings_are_refused(zone: str, text: str, first: str, second: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_instant(text, ZoneInfo(zone))
    error = caught.value
    assert error.code == "clock_change"
    assert "does not exist" in error.message
    assert zone in error.message
    assert error.hint == f"write {first} or {second}"
    for meant in (first, second):
        assert describe(at(meant), ZoneInfo(zone)) in error.message
        assert parse_instant(meant, ZoneInfo(zone)) == at(meant)


@pytest.mark.parametrize(("zone", "text", "first", "second"), OVERLAPS)
def test_repeated_readings_are_refused(zone: str, text: str, first: str, second: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_instant(text, ZoneInfo(zone))
    error = caught.value
    assert error.code == "clock_change"
    assert "occurs twice" in error.message
    assert error.hint == f"write {text}:00{first} or {text}:00{second}"
    for offset in (first, second):
        assert describe(at(text + offset), ZoneInfo(zone)) in error.message
        assert parse_instant(text + offset, ZoneInfo(zone)) == at(text + offset)


@pytest.mark.parametrize(
    ("zone", "text", "instant"),
    [
        ("Europe/Berlin", "2026-03-29T01:59:59", "2026-03-29T00:59:59Z"),
        ("Europe/Berlin", "2026-03-29T03:00", "2026-03-29T01:00:00Z"),
        ("Europe/Berlin", "2026-10-25T01:59:59", "2026-10-24T23:59:59Z"),
        ("Europe/Berlin", "2026-10-25T03:00", "2026-10-25T02:00:00Z"),
        ("America/New_York", "2026-03-08T03:00", "2026-03-08T07:00:00Z"),
        ("America/New_York", "2026-11-01T02:00", "2026-11-01T07:00:00Z"),
        ("Australia/Lord_Howe", "2026-10-04T02:30", "2026-10-03T15:30:00Z"),
        ("Australia/Lord_Howe", "2026-04-05T02:00", "2026-04-04T15:30:00Z"),
        ("Pacific/Apia", "2011-12-31", "2011-12-30T10:00:00Z"),
    ],
)
def test_readings_beside_a_change(zone: str, text: str, instant: str) -> None:
    assert parse_instant(text, ZoneInfo(zone)) == at(instant)


@given(
    st.datetimes(datetime(1990, 1, 1), datetime(2037, 1, 1)),  # noqa: DTZ001
    st.sampled_from(ZONES),
)
def test_a_reading_has_one_instant_or_is_refused(wall: datetime, zone: ZoneInfo) -> None:
    meant = {wall.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1)}
    shown = [moment for moment in meant if moment.astimezone(zone).replace(tzinfo=None) == wall]
    try:
        moment = parse_instant(wall.isoformat(), zone)
    except UsageError:
        assert len(shown) != 1
    else:
        assert shown == [moment]


@given(st.datetimes(datetime(1000, 1, 1), datetime(9000, 1, 1), timezones=st.sampled_from(ZONES)))  # noqa: DTZ001
def test_the_stored_form_comes_back_and_sorts_as_time(moment: datetime) -> None:
    text = utc_text(moment)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", text)
    read = from_utc_text(text)
    assert read.tzinfo is UTC
    assert timedelta() <= moment.astimezone(UTC) - read < timedelta(milliseconds=1)
    assert utc_text(read) == text
    assert utc_text(read + timedelta(milliseconds=1)) > text


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2026-06-15T09:00:00.123Z", "2026-06-15T09:00:00.123Z"),
        ("2026-06-15 09:00:00", "2026-06-15T09:00:00.000Z"),
        ("2026-06-15T09:00:00", "2026-06-15T09:00:00.000Z"),
        ("2026-06-15 09:00", "2026-06-15T09:00:00.000Z"),
        ("2026-06-15T09:00:00+02:00", "2026-06-15T07:00:00.000Z"),
        ("2026-06-15 23:30:00-0330", "2026-06-16T03:00:00.000Z"),
        ("2026-06-15", "2026-06-15T00:00:00.000Z"),
        ("0001-01-01T00:00:00.000Z", "0001-01-01T00:00:00.000Z"),
        ("9999-12-31T23:59:59.999Z", "9999-12-31T23:59:59.999Z"),
    ],
)
def test_what_rows_hold(text: str, instant: str) -> None:
    assert utc_text(from_utc_text(text)) == instant


@pytest.mark.parametrize(
    "text", ["", "now", " 2026-06-15", "2026-02-30", "1781514000", "0001-01-01T00:00+01:00", "2026-06-15T25:00:00Z"]
)
def test_rows_that_hold_no_time(text: str) -> None:
    with pytest.raises(ValueError, match=r"\S"):
        from_utc_text(text)


def test_an_instant_needs_a_zone() -> None:
    with pytest.raises(ValueError, match="without a zone"):
        utc_text(datetime(2026, 6, 15))  # noqa: DTZ001


@pytest.mark.parametrize(
    ("instant", "zone", "text"),
    [
        ("2026-06-15T07:00:00.900Z", "Europe/Berlin", "Mon 2026-06-15 09:00 CEST (2026-06-15T07:00:00Z)"),
        ("2026-10-25T00:30:00Z", "Europe/Berlin", "Sun 2026-10-25 02:30 CEST (2026-10-25T00:30:00Z)"),
        ("2026-10-25T01:30:00Z", "Europe/Berlin", "Sun 2026-10-25 02:30 CET (2026-10-25T01:30:00Z)"),
        ("2026-12-31T23:30:00Z", "Asia/Kathmandu", "Fri 2027-01-01 05:15 +0545 (2026-12-31T23:30:00Z)"),
        ("2026-06-15T07:00:00Z", "UTC", "Mon 2026-06-15 07:00 UTC (2026-06-15T07:00:00Z)"),
        ("9999-12-31T23:59:59Z", "Europe/Berlin", "Fri 9999-12-31 23:59 UTC (9999-12-31T23:59:59Z)"),
    ],
)
def test_describe(instant: str, zone: str, text: str) -> None:
    assert describe(from_utc_text(instant), ZoneInfo(zone)) == text


def test_zones() -> None:
    assert zone_named("Australia/Lord_Howe").key == "Australia/Lord_Howe"
    assert zone_named("UTC").key == "UTC"


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("Europe/Berlim", "Europe/Berlin"),
        ("europe/berlin", "did you mean Europe/Berlin?"),
        ("berlin", "did you mean Europe/Berlin?"),
        ("New York", "did you mean America/New_York?"),
        ("Mars/Olympus", "write a name such as"),
        ("Europe", "did you mean Europe/"),
        ("../../etc/passwd", "write a name such as"),
        ("/etc/localtime", ""),
        ("", "write a name such as"),
        ("Europe/Berlin\0", "Europe/Berlin"),
        ("\ud800", "write a name such as"),
    ],
)
def test_unknown_zones(name: str, hint: str) -> None:
    with pytest.raises(UsageError, match="unknown time zone") as caught:
        zone_named(name)
    assert hint in caught.value.hint


def test_a_system_without_zones() -> None:
    code = (
        "import sys, zoneinfo; sys.modules['tzdata'] = None; zoneinfo.reset_tzpath([])\n"
        "from emdash_cli.domain import errors, instants\n"
        "try: instants.zone_named('Europe/Berlin')\n"
        "except errors.UsageError as error: print(error.hint)"
    )
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert "pip install tzdata" in done.stdout
