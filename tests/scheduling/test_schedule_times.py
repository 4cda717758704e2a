"""`emdash schedule` at times of day and days that not every zone and year has."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import pytest
from freezegun import freeze_time

from tests.harness.posts import NOW, outcomes
from tests.scheduling.drafts import draft

if TYPE_CHECKING:
    from tests.harness.site import Site


@pytest.mark.parametrize(
    ("zone", "wall", "first", "second"),
    [
        ("Europe/Berlin", "2027-03-28 02:30", "2027-03-28T01:30:00+01:00", "2027-03-28T03:30:00+02:00"),
        ("Europe/Berlin", "2026-10-25 02:30", "2026-10-25T02:30:00+02:00", "2026-10-25T02:30:00+01:00"),
        ("America/New_York", "2027-03-14 02:30", "2027-03-14T01:30:00-05:00", "2027-03-14T03:30:00-04:00"),
        ("America/New_York", "2026-11-01 01:30", "2026-11-01T01:30:00-04:00", "2026-11-01T01:30:00-05:00"),
        ("Australia/Lord_Howe", "2026-10-04 02:15", "2026-10-04T01:45:00+10:30", "2026-10-04T02:45:00+11:00"),
        ("Australia/Lord_Howe", "2027-04-04 01:45", "2027-04-04T01:45:00+11:00", "2027-04-04T01:45:00+10:30"),
    ],
)
def test_a_time_that_is_skipped_or_comes_twice_is_refused_and_each_reading_is_taken(
    site: Site, zone: str, wall: str, first: str, second: str
) -> None:
    """Not frozen: freezegun's datetime loses which of two readings is meant when it changes zones."""
    site.write("emdash.toml", f'timezone = "{zone}"\n')
    draft(site)
    site.run("schedule", "a-draft", "--at", wall).fails(2, zone, first, second)
    assert site.post("a-draft")["status"] == "draft"
    for verb, reading in (("schedule", first), ("reschedule", second)):
        site.run(verb, "a-draft", "--at", reading).succeeds()
        stored = site.post("a-draft")["scheduled_at"]
        assert datetime.fromisoformat(stored) == datetime.fromisoformat(reading)
        assert (len(stored), stored[-1]) == (24, "Z")


@freeze_time(NOW)
class TestDaysThatAreNotInEveryYear:
    @pytest.mark.parametrize(
        ("zone", "wall", "instant"),
        [
            ("Europe/Berlin", "2028-02-29 00:00", "2028-02-28T23:00:00.000Z"),
            ("Europe/Berlin", "2026-12-31 23:59", "2026-12-31T22:59:00.000Z"),
            ("America/New_York", "2026-12-31 23:59", "2027-01-01T04:59:00.000Z"),
            ("Pacific/Kiritimati", "2027-01-01 00:00", "2026-12-31T10:00:00.000Z"),
        ],
    )
    def test_leap_day_and_year_s_end(self, site: Site, zone: str, wall: str, instant: str) -> None:
        site.write("emdash.toml", f'timezone = "{zone}"\n')
        draft(site)
        site.run("schedule", "a-draft", "--at", wall).succeeds()
        assert site.post("a-draft")["scheduled_at"] == instant
        with freeze_time(instant.replace(".000Z", "Z"), tick=False):
            assert outcomes(site) == {"a-draft": ("published", "")}
        assert site.post("a-draft")["published_at"] == instant

    def test_no_leap_day_no_post(self, site: Site) -> None:
        draft(site)
        site.run("schedule", "a-draft", "--at", "2027-02-29 09:00").fails(2, "2027-02-29")
