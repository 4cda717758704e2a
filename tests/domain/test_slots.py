"""Which slots a week, a cron expression or a quota has, also where the clocks change."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import islice, pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emdash_cli.domain.errors import UsageError
from emdash_cli.domain.slots import Slot, Timetable, WeeklyTimes, timetable

ZONES = ("Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Pacific/Apia", "Africa/Cairo", "UTC")
RULES = (
    *(("mon 09:00", "thu 09:00"), ("daily 2:30", "sun 3:00"), ("weekdays 0:00,1:30,23:59",), ("fri-mon noon",)),
    *("hourly-1", "hourly-7", "daily-1", "daily-30", "weekly-2", "weekly-9", "monthly-4", "monthly-60"),
    *("* * * * *", "*/15 * * * *", "30 2 * * *", "0 9 * * 1-5", "15 */2 * * *"),
)
NOW = "2026-06-16T12:00+02:00"
"""A Tuesday."""


def rule(given: tuple[str, ...] | str) -> Timetable:
    found = timetable((), given) if isinstance(given, str) else timetable(given, None)
    assert found
    return found


def slots(given: tuple[str, ...] | str, after: str, zone: str = "Europe/Berlin", count: int = 4) -> list[Slot]:
    found = list(islice(rule(given).slots_after(datetime.fromisoformat(after), ZoneInfo(zone)), count))
    assert all(instant.tzinfo is UTC for slot in found for instant in slot)
    return found


def shown(given: tuple[str, ...] | str, after: str = NOW, zone: str = "Europe/Berlin", count: int = 4) -> list[str]:
    """The slots as the zone's clocks show them."""
    return [f"{slot.at.astimezone(ZoneInfo(zone)):%a %m-%d %H:%M}" for slot in slots(given, after, zone, count)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("mon 09:00", ["Mon 06-22 09:00", "Mon 06-29 09:00"]),
        (" Tue  13:00 ", ["Tue 06-16 13:00", "Tue 06-23 13:00"]),
        ("tue 12:00", ["Tue 06-23 12:00", "Tue 06-30 12:00"]),
        ("mon, thu 9am", ["Thu 06-18 09:00", "Mon 06-22 09:00"]),
        ("monday,THURSDAY at 5:30 pm", ["Thu 06-18 17:30", "Mon 06-22 17:30"]),
        ("sat - mon noon", ["Sat 06-20 12:00", "Sun 06-21 12:00"]),
        ("daily 8:30", ["Wed 06-17 08:30", "Thu 06-18 08:30"]),
        ("day midnight", ["Wed 06-17 00:00", "Thu 06-18 00:00"]),
        ("weekdays 13:00,09:00", ["Tue 06-16 13:00", "Wed 06-17 09:00"]),
        ("weekend 10am", ["Sat 06-20 10:00", "Sun 06-21 10:00"]),
        ("mon,mon-tue 9:00,9am", ["Mon 06-22 09:00", "Tue 06-23 09:00"]),
    ],
)
def test_days_and_times(text: str, expected: list[str]) -> None:
    assert shown((text,), count=2) == expected


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ("", "is not a day of the week with a time", "'mon 09:00'"),
        ("mon", "is not a day of the week with a time", "'weekdays 09:00'"),
        ("09:00", "names no day", "'daily 09:00'"),
        ("funday 09:00", "is not a day of the week with a time", "'mon 09:00'"),
        ("mon,,thu 09:00", "is not a day of the week with a time", "'mon 09:00'"),
        ("mon- 09:00", "is not a day of the week with a time", "'mon 09:00'"),
        ("mon 0900", "is not a day of the week with a time", "'mon 09:00'"),
        ("mon 09:00 17:00", "is not a day of the week with a time", "'mon-fri 09:00,17:00'"),
        ("mon 24:00", "is not a possible time", "'mon 09:00'"),
        ("mon 13pm", "is not a possible time", "'mon 09:00'"),
        ("0 9 * * 1", "is not a day of the week with a time", "'mon 09:00'"),
    ],
)
def test_refused(text: str, message: str, hint: str) -> None:
    with pytest.raises(UsageError) as caught:
        WeeklyTimes.parse([text])
    assert message in caught.value.message
    assert hint in caught.value.hint


def test_a_time_that_is_named_twice_is_refused() -> None:
    with pytest.raises(UsageError, match="'weekdays 09:00' and 'mon,sun 9am' both name Mon 09:00"):
        WeeklyTimes.parse(["weekdays 09:00", "mon,sun 9am"])
    with pytest.raises(UsageError, match="both name Mon 09:00"):
        WeeklyTimes.parse(["mon 09:00"] * 2)


@given(st.one_of(st.text(max_size=20), st.text(alphabet="montuefri-,: 0129apm", max_size=20)))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        found = WeeklyTimes.parse([text])
    except UsageError:
        return
    assert next(found.slots_after(datetime.fromisoformat(NOW), ZoneInfo("UTC")))


@pytest.mark.parametrize(
    ("cadence", "expected"),
    [
        ("weekly-2", ["Thu 06-18 09:00", "Mon 06-22 09:00", "Thu 06-25 09:00", "Mon 06-29 09:00"]),
        ("weekly-9", ["Tue 06-16 15:40", "Wed 06-17 13:00", "Thu 06-18 10:20", "Thu 06-18 19:40"]),
        ("daily-1", ["Wed 06-17 09:00", "Thu 06-18 09:00", "Fri 06-19 09:00", "Sat 06-20 09:00"]),
        ("daily-3", ["Tue 06-16 13:00", "Tue 06-16 17:00", "Wed 06-17 09:00", "Wed 06-17 13:00"]),
        ("monthly-4", ["Tue 06-23 09:00", "Wed 07-01 09:00", "Wed 07-08 09:00", "Thu 07-16 09:00"]),
        ("hourly-2", ["Tue 06-16 12:30", "Tue 06-16 13:00", "Tue 06-16 13:30", "Tue 06-16 14:00"]),
        ("0 9 * * 1-5", ["Wed 06-17 09:00", "Thu 06-18 09:00", "Fri 06-19 09:00", "Mon 06-22 09:00"]),
        ("0 0 29 2 *", ["Tue 02-29 00:00", "Sun 02-29 00:00", "Fri 02-29 00:00", "Wed 02-29 00:00"]),
    ],
)
def test_cadences(cadence: str, expected: list[str]) -> None:
    assert shown(cadence) == expected


def test_slots_take_precedence_over_the_cadence_and_without_both_there_are_none() -> None:
    assert timetable(("mon 09:00",), "daily-1") == WeeklyTimes.parse(["mon 09:00"])
    assert timetable((), None) is None


@pytest.mark.parametrize(
    ("given", "until"),
    [(("mon 09:00",), "09:01"), ("0 9 * * *", "09:01"), ("daily-1", "09:00"), ("daily-3", "13:00")],
)
def test_a_quota_s_slot_lasts_until_the_next_one_any_other_one_minute(given: tuple[str, ...] | str, until: str) -> None:
    [slot] = slots(given, "2026-06-17T00:00+00:00", "UTC", 1)
    assert f"{slot.until:%H:%M}" == until


@pytest.mark.parametrize("given", [("daily 2:30",), "30 2 * * *"])
def test_a_time_that_the_clocks_skip_is_when_they_move(given: tuple[str, ...] | str) -> None:
    assert shown(given, "2026-03-28T00:00+01:00", count=3) == ["Sat 03-28 02:30", "Sun 03-29 03:00", "Mon 03-30 02:30"]


@pytest.mark.parametrize("given", [("daily 2:30",), "30 2 * * *"])
def test_a_time_that_the_clocks_show_twice_is_the_first(given: tuple[str, ...] | str) -> None:
    instants = [slot.at.isoformat() for slot in slots(given, "2026-10-24T12:00+02:00", count=2)]
    assert instants == ["2026-10-25T00:30:00+00:00", "2026-10-26T01:30:00+00:00"]


def test_two_times_that_fall_together_when_the_clocks_move_are_one_slot() -> None:
    assert shown(("sun 2:30", "sun 3:00"), "2026-03-28T00:00+01:00", count=3) == [
        *("Sun 03-29 03:00", "Sun 04-05 02:30", "Sun 04-05 03:00")
    ]


@pytest.mark.parametrize("given", ["*/30 * * * *", "hourly-2"])
def test_what_happens_each_hour_happens_in_each_of_two_equal_hours(given: str) -> None:
    found = slots(given, "2026-10-25T01:30+02:00", count=6)
    assert [slot.at.isoformat()[11:16] for slot in found] == ["00:00", "00:30", "01:00", "01:30", "02:00", "02:30"]


@given(
    st.sampled_from(RULES),
    st.sampled_from(ZONES),
    st.datetimes(min_value=datetime(1995, 1, 1), max_value=datetime(2035, 1, 1)),  # noqa: DTZ001 - made aware below
)
def test_slots_ascend_do_not_overlap_and_do_not_depend_on_when_one_asks(
    given: tuple[str, ...] | str, zone: str, naive: datetime
) -> None:
    moment = naive.replace(tzinfo=UTC)
    found = slots(given, moment.isoformat(), zone, 12)
    assert len(found) == 12
    assert found[0].at > moment
    assert all(one.at < one.until <= other.at for one, other in pairwise(found))
    for number in (0, 5):
        for after in (found[number].at, found[number + 1].at - timedelta(microseconds=1)):
            assert slots(given, after.isoformat(), zone, 6) == found[number + 1 : number + 7]


@given(st.sampled_from(ZONES), st.datetimes(min_value=datetime(1995, 1, 1), max_value=datetime(2035, 1, 1)))  # noqa: DTZ001
def test_every_day_has_its_slot_at_its_local_time_unless_the_clocks_skip_it(zone: str, naive: datetime) -> None:
    for slot in slots(("daily 9:00",), naive.replace(tzinfo=UTC).isoformat(), zone, 8):
        local = slot.at.astimezone(ZoneInfo(zone))
        assert f"{local:%H:%M}" == "09:00" or f"{local.date()}" == "2011-12-31", "Apia skipped the day before"


@pytest.mark.parametrize("given", [rule for rule in RULES if rule != "* * * * *"])
def test_they_end_before_time_does(given: tuple[str, ...] | str) -> None:
    late = "9999-12-20T00:00+00:00"
    for zone in ("Pacific/Kiritimati", "America/New_York"):
        assert len(slots(given, late, zone, 10_000)) < 1_000
