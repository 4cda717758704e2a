"""When the period in force began, in zones whose clocks change by an hour, by half of one, by a day."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emdash_cli.domain.cadence import Cadence
from emdash_cli.domain.errors import UsageError

ZONES = ("Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Pacific/Apia", "Africa/Cairo", "UTC")
WORDS = ("hourly-1", "daily-1", "weekly-1", "monthly-1")
CRONS = ("* * * * *", "*/15 * * * *", "30 2 * * *", "45 * * * *", "15 */2 * * *", "0 9 * * 1-5", "0 0 1 * *")


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def start(cadence: str, now: str, zone: str = "Europe/Berlin") -> str:
    """The beginning of the period, as the zone's clocks show it."""
    moment = Cadence.parse(cadence).period_start(at(now), ZoneInfo(zone))
    assert moment.tzinfo is UTC
    return moment.astimezone(ZoneInfo(zone)).isoformat(sep=" ", timespec="seconds")


@pytest.mark.parametrize(
    ("text", "source", "quota"),
    [
        ("weekly-2", "weekly-2", 2),
        ("daily-1", "daily-1", 1),
        ("monthly-4", "monthly-4", 4),
        ("hourly-9999", "hourly-9999", 9999),
        (" Weekly-2 ", "weekly-2", 2),
        ("0 9 * * 1-5", "0 9 * * 1-5", None),
        ("*/15  *  * * *", "*/15 * * * *", None),
        ("0 9 * * mon-fri", "0 9 * * mon-fri", None),
        ("0 9 L * *", "0 9 L * *", None),
        ("0 9 * * 1#1", "0 9 * * 1#1", None),
        ("0 0 29 2 *", "0 0 29 2 *", None),
    ],
)
def test_accepted(text: str, source: str, quota: int | None) -> None:
    cadence = Cadence.parse(text)
    assert cadence.source == source
    assert cadence.quota() == quota


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ("weekly", "invalid cadence", "did you mean weekly-1?"),
        ("weekley-3", "invalid cadence", "did you mean weekly-3?"),
        ("@daily", "invalid cadence", "did you mean daily-1?"),
        ("weekly-0", "invalid cadence", "did you mean weekly-1?"),
        ("weekly-x", "invalid cadence", "did you mean weekly-1?"),
        ("weekly-12345", "invalid cadence", "did you mean weekly-1?"),
        ("weekly--1", "invalid cadence", "did you mean weekly-1?"),
        ("weekly-\u0662", "invalid cadence", "did you mean weekly-1?"),
        ("", "invalid cadence", "write weekly-2"),
        ("sometimes", "invalid cadence", "write weekly-2"),
        ("2", "invalid cadence", "write weekly-2"),
        ("*", "has 1 fields", "minute hour"),
        ("0 9 * *", "has 4 fields", "minute hour"),
        ("0 0 9 * * 1", "has 6 fields", "minute hour"),
        ("every monday at nine please", "invalid minute", "write weekly-2"),
        ("60 9 * * *", "invalid minute", "0 9 * * 1-5"),
        ("0 24 * * *", "invalid hour", "0 9 * * 1-5"),
        ("0 9 0 * *", "invalid day-of-month", "0 9 * * 1-5"),
        ("0 9 * 13 *", "invalid month", "0 9 * * 1-5"),
        ("0 9 * * 8", "invalid day-of-week", "0 9 * * 1-5"),
        ("0 9 31 2 *", "invalid day-of-month", "0 9 * * 1-5"),
        ("0 0 */30 2 1#5", "never comes due", "0 9 * * 1-5"),
        ("*/0 * * * *", "invalid minute", "0 9 * * 1-5"),
    ],
)
def test_refused(text: str, message: str, hint: str) -> None:
    with pytest.raises(UsageError) as caught:
        Cadence.parse(text)
    assert message in caught.value.message
    assert hint in caught.value.hint


@given(
    st.one_of(
        st.text(max_size=20),
        st.lists(st.text(alphabet="0159*/,-#LW ", min_size=1, max_size=5), min_size=5, max_size=5).map(" ".join),
    )
)
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        cadence = Cadence.parse(text)
    except UsageError:
        return
    assert cadence.period_start(at("2026-06-15T07:30:00Z"), ZoneInfo("UTC")) <= at("2026-06-15T07:30:00Z")


@pytest.mark.parametrize(
    ("cadence", "now", "began"),
    [
        ("hourly-1", "2026-06-15T09:30:59+02:00", "2026-06-15 09:00:00+02:00"),
        ("hourly-1", "2026-06-15T09:00:00+02:00", "2026-06-15 09:00:00+02:00"),
        ("daily-1", "2026-06-15T23:30:00Z", "2026-06-16 00:00:00+02:00"),
        ("daily-1", "2026-06-15T21:59:59Z", "2026-06-15 00:00:00+02:00"),
        ("weekly-2", "2026-06-15T00:00:00+02:00", "2026-06-15 00:00:00+02:00"),
        ("weekly-2", "2026-06-14T23:59:59+02:00", "2026-06-08 00:00:00+02:00"),
        ("weekly-2", "2026-06-21T12:00:00+02:00", "2026-06-15 00:00:00+02:00"),
        # ISO week 53 of 2026 begins in one year and ends in the next
        ("weekly-2", "2027-01-03T12:00:00+01:00", "2026-12-28 00:00:00+01:00"),
        ("weekly-2", "2027-01-04T00:00:00+01:00", "2027-01-04 00:00:00+01:00"),
        ("monthly-4", "2026-12-31T23:59:59+01:00", "2026-12-01 00:00:00+01:00"),
        ("monthly-4", "2026-12-31T23:30:00Z", "2027-01-01 00:00:00+01:00"),
        ("monthly-4", "2028-02-29T12:00:00+01:00", "2028-02-01 00:00:00+01:00"),
        ("daily-1", "2028-02-29T12:00:00+01:00", "2028-02-29 00:00:00+01:00"),
        # a period over a change of the clocks begins by the clocks of its beginning
        ("monthly-4", "2026-03-30T12:00:00+02:00", "2026-03-01 00:00:00+01:00"),
        ("daily-1", "2026-03-29T12:00:00+02:00", "2026-03-29 00:00:00+01:00"),
        ("weekly-2", "2026-10-25T12:00:00+01:00", "2026-10-19 00:00:00+02:00"),
        # the hour that comes twice is two hours
        ("hourly-1", "2026-10-25T02:30:00+02:00", "2026-10-25 02:00:00+02:00"),
        ("hourly-1", "2026-10-25T02:30:00+01:00", "2026-10-25 02:00:00+01:00"),
        ("hourly-1", "2026-03-29T03:30:00+02:00", "2026-03-29 03:00:00+02:00"),
        ("0 9 * * 1-5", "2026-06-15T09:00:00+02:00", "2026-06-15 09:00:00+02:00"),
        ("0 9 * * 1-5", "2026-06-15T08:59:59.999+02:00", "2026-06-12 09:00:00+02:00"),
        ("0 9 * * 1-5", "2026-06-14T12:00:00+02:00", "2026-06-12 09:00:00+02:00"),
        ("*/15 * * * *", "2026-06-15T09:14:59.999+02:00", "2026-06-15 09:00:00+02:00"),
        ("*/15 * * * *", "2026-06-15T09:15:00.001+02:00", "2026-06-15 09:15:00+02:00"),
        ("0 0 1 1 *", "2026-12-31T23:59:00+01:00", "2026-01-01 00:00:00+01:00"),
        ("0 0 29 2 *", "2027-06-01T12:00:00+02:00", "2024-02-29 00:00:00+01:00"),
        ("0 9 L * *", "2026-03-01T08:00:00+01:00", "2026-02-28 09:00:00+01:00"),
    ],
)
def test_periods_in_berlin(cadence: str, now: str, began: str) -> None:
    assert start(cadence, now) == began


@pytest.mark.parametrize(
    ("zone", "cadence", "now", "began"),
    [
        # a tick that the clocks skip happens as they move
        ("Europe/Berlin", "30 2 * * *", "2026-03-29T03:00:00+02:00", "2026-03-29 03:00:00+02:00"),
        ("Europe/Berlin", "30 2 * * *", "2026-03-29T01:59:59+01:00", "2026-03-28 02:30:00+01:00"),
        ("America/New_York", "30 2 * * *", "2026-03-08T12:00:00-04:00", "2026-03-08 03:00:00-04:00"),
        ("Australia/Lord_Howe", "15 2 * * *", "2026-10-04T12:00:00+11:00", "2026-10-04 02:30:00+11:00"),
        ("Pacific/Apia", "0 9 * * *", "2011-12-31T08:00:00+14:00", "2011-12-31 00:00:00+14:00"),
        # a tick that names an hour happens once, at the first reading
        ("Europe/Berlin", "30 2 * * *", "2026-10-25T02:29:00+02:00", "2026-10-24 02:30:00+02:00"),
        ("Europe/Berlin", "30 2 * * *", "2026-10-25T02:15:00+01:00", "2026-10-25 02:30:00+02:00"),
        ("Europe/Berlin", "30 2 * * *", "2026-10-25T02:45:00+01:00", "2026-10-25 02:30:00+02:00"),
        ("America/New_York", "30 1 * * *", "2026-11-01T01:45:00-05:00", "2026-11-01 01:30:00-04:00"),
        ("Australia/Lord_Howe", "45 1 * * *", "2026-04-05T01:50:00+10:30", "2026-04-05 01:45:00+11:00"),
        # one that counts time happens twice
        ("Europe/Berlin", "*/15 * * * *", "2026-10-25T02:20:00+01:00", "2026-10-25 02:15:00+01:00"),
        ("Europe/Berlin", "*/15 2 * * *", "2026-10-25T02:20:00+01:00", "2026-10-25 02:15:00+01:00"),
        ("Europe/Berlin", "30 * * * *", "2026-10-25T02:20:00+01:00", "2026-10-25 02:30:00+02:00"),
        ("Europe/Berlin", "30 * * * *", "2026-10-25T02:30:00+01:00", "2026-10-25 02:30:00+01:00"),
        ("America/New_York", "*/15 * * * *", "2026-11-01T01:05:00-05:00", "2026-11-01 01:00:00-05:00"),
        ("Australia/Lord_Howe", "*/15 * * * *", "2026-04-05T01:40:00+10:30", "2026-04-05 01:30:00+10:30"),
        ("Australia/Lord_Howe", "45 */2 * * *", "2026-10-04T04:50:00+11:00", "2026-10-04 04:45:00+11:00"),
        ("Australia/Lord_Howe", "45 * * * *", "2026-10-04T02:46:00+11:00", "2026-10-04 02:45:00+11:00"),
        # a day that begins after its midnight, a week whose Friday does not exist, a half hour's shift
        ("Africa/Cairo", "daily-1", "2026-04-24T12:00:00+03:00", "2026-04-24 01:00:00+03:00"),
        ("Pacific/Apia", "weekly-1", "2011-12-31T12:00:00+14:00", "2011-12-26 00:00:00-10:00"),
        ("Pacific/Apia", "daily-1", "2011-12-31T12:00:00+14:00", "2011-12-31 00:00:00+14:00"),
        ("America/Toronto", "daily-1", "1919-03-31T12:00:00-04:00", "1919-03-31 00:30:00-04:00"),
        ("Australia/Lord_Howe", "hourly-1", "2026-10-04T02:45:00+11:00", "2026-10-04 02:30:00+11:00"),
        ("Australia/Lord_Howe", "hourly-1", "2026-04-05T01:45:00+10:30", "2026-04-05 01:00:00+11:00"),
        ("Asia/Kathmandu", "hourly-1", "2026-06-15T09:50:00+05:45", "2026-06-15 09:00:00+05:45"),
    ],
)
def test_changes_of_the_clocks(zone: str, cadence: str, now: str, began: str) -> None:
    assert start(cadence, now, zone) == began


def test_a_cron_expression_that_never_ticked() -> None:
    never = Cadence("0 0 */30 2 1#5", "cron", None)
    with pytest.raises(UsageError, match="never comes due"):
        never.period_start(at("2026-06-15T09:00:00Z"), ZoneInfo("UTC"))


moments = st.one_of(
    st.datetimes(datetime(2000, 1, 1), datetime(2037, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
    st.builds(
        lambda change, offset: change + timedelta(seconds=offset),
        st.sampled_from(
            [
                at(text)
                for text in (
                    "2026-03-29T01:00:00Z",
                    "2026-10-25T01:00:00Z",
                    "2026-03-08T07:00:00Z",
                    "2026-11-01T06:00:00Z",
                    "2026-10-03T15:30:00Z",
                    "2026-04-04T15:00:00Z",
                    "2011-12-30T10:00:00Z",
                    "2026-04-23T22:00:00Z",
                )
            ]
        ),
        st.integers(-10_000, 10_000),
    ),
)


@given(st.sampled_from(WORDS + CRONS), moments, st.sampled_from(ZONES), st.integers(0, 7200))
def test_periods_follow_each_other(text: str, now: datetime, zone: str, later: int) -> None:
    cadence, place = Cadence.parse(text), ZoneInfo(zone)
    began = cadence.period_start(now, place)
    assert began <= now
    assert cadence.period_start(began, place) == began
    assert cadence.period_start(began - timedelta(microseconds=1), place) < began
    assert cadence.period_start(now + timedelta(seconds=later), place) >= began


@given(moments, st.sampled_from(ZONES))
def test_every_minute_is_a_tick(now: datetime, zone: str) -> None:
    began = Cadence.parse("* * * * *").period_start(now, ZoneInfo(zone))
    assert began == now.replace(second=0, microsecond=0)
