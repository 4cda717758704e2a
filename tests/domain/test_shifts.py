"""Spans by which many times are moved: days by the wall clock, hours by the stopwatch, weekends skipped in order."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emdash_cli.domain.errors import UsageError
from emdash_cli.domain.instants import zone_named
from emdash_cli.domain.shifts import in_order, parse_shift, shifted

BERLIN = zone_named("Europe/Berlin")


def moved(text: str, by: str, *, skip: bool = False) -> str:
    """The local time in Berlin to which a local time there is moved."""
    at = datetime.fromisoformat(text).replace(tzinfo=BERLIN)
    found = shifted(at.astimezone(UTC), parse_shift(by, skips_weekends=skip), BERLIN)
    return found.astimezone(BERLIN).isoformat(timespec="minutes")


@pytest.mark.parametrize(
    ("text", "days", "exact"),
    [
        ("+7d", 7, 0),
        ("-2D", -2, 0),
        ("+1w", 7, 0),
        ("+3h", 0, 180),
        ("-90m", 0, -90),
        (" +1w 2d 3h 4m ", 9, 184),
        ("-1w2h", -7, -120),
    ],
)
def test_spans(text: str, days: int, exact: int) -> None:
    found = parse_shift(text)
    assert (found.days, found.exact) == (timedelta(days=days), timedelta(minutes=exact))


@pytest.mark.parametrize(
    "text", ["", "7d", "+", "-", "+0d", "+7", "+7 days", "+d", "+1.5d", "++1d", "+1d-2h", "+9999999h"]
)
def test_what_is_no_span(text: str) -> None:
    with pytest.raises(UsageError, match="is not a span of time with a sign") as refused:
        parse_shift(text)
    assert "+7d" in refused.value.hint


@pytest.mark.parametrize(
    ("at", "by", "expected"),
    [
        ("2026-10-20 09:00", "+7d", "2026-10-27T09:00+01:00"),
        ("2027-03-26 09:00", "+1w", "2027-04-02T09:00+02:00"),
        ("2026-10-27 09:00", "-7d", "2026-10-20T09:00+02:00"),
        ("2026-10-24 09:00", "+24h", "2026-10-25T08:00+01:00"),
        ("2026-10-24 09:00", "+1d3h", "2026-10-25T12:00+01:00"),
        ("2026-10-24 23:30", "+3h", "2026-10-25T02:30+02:00"),
        ("2026-10-24 23:30", "+4h", "2026-10-25T02:30+01:00"),
        ("2028-02-29 09:00", "+1d", "2028-03-01T09:00+01:00"),
    ],
)
def test_days_keep_the_local_time_and_hours_do_not(at: str, by: str, expected: str) -> None:
    assert moved(at, by) == expected


@pytest.mark.parametrize(
    ("at", "by", "words"),
    [("2026-10-18 02:30", "+7d", "occurs twice"), ("2027-03-21 02:30", "+7d", "does not exist")],
)
def test_a_local_time_that_is_skipped_or_comes_twice_is_refused(at: str, by: str, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        moved(at, by)


@pytest.mark.parametrize(
    ("at", "by", "expected"),
    [
        ("2026-06-10 09:00", "+3d", "2026-06-15T09:00+02:00"),
        ("2026-06-11 18:00", "+3d", "2026-06-15T18:00+02:00"),
        ("2026-06-12 09:00", "+3d", "2026-06-15T09:00+02:00"),
        ("2026-06-09 09:00", "+3d", "2026-06-12T09:00+02:00"),
        ("2026-06-15 09:00", "-1d", "2026-06-15T09:00+02:00"),
        ("2026-10-22 02:30", "+2d", "2026-10-26T02:30+01:00"),
    ],
)
def test_weekends_are_skipped(at: str, by: str, expected: str) -> None:
    assert moved(at, by, skip=True) == expected


def test_what_would_overtake_follows_by_a_minute() -> None:
    """Saturday evening, Sunday morning and Monday morning all come on one Monday."""
    before = [datetime.fromisoformat(f"2026-06-{day}").replace(tzinfo=UTC) for day in
              ("14T09:00", "13T18:00", "15T08:00", "13T18:00", "15T20:00")]  # fmt: skip
    utc = zone_named("UTC")
    after = [shifted(at, parse_shift("+7d", skips_weekends=True), utc) for at in before]
    new = [at.strftime("%d %H:%M") for at in in_order(before, after, utc)]
    assert new == ["22 18:01", "22 18:00", "22 18:02", "22 18:00", "22 20:00"]


@given(
    st.lists(st.timedeltas(timedelta(), timedelta(days=700)), max_size=30),
    st.integers(-20, 20).filter(bool),
)
def test_the_order_is_kept_and_nothing_comes_on_a_weekend(starts: list[timedelta], days: int) -> None:
    before = [datetime(2026, 1, 1, tzinfo=UTC) + start for start in starts]
    utc = zone_named("UTC")
    shift = parse_shift(f"{days:+}d", skips_weekends=True)
    after = in_order(before, [shifted(at, shift, utc) for at in before], utc)
    assert all(at.weekday() < 5 for at in after)
    pairs = sorted(zip(before, after, strict=True))
    assert all((one[0] < two[0]) == (one[1] < two[1]) for one in pairs for two in pairs)
