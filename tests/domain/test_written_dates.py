"""Dates as people and other tools write them."""

from __future__ import annotations

import pytest

from emdash_cli.domain.errors import UsageError
from emdash_cli.domain.written_dates import iso_text


@pytest.mark.parametrize(
    ("text", "iso"),
    [
        ("Jul 08 2022", "2022-07-08"),
        ("July 8, 2022", "2022-07-08"),
        ("july 8th 2022", "2022-07-08"),
        ("8 July 2022", "2022-07-08"),
        ("8. july 2022", "2022-07-08"),
        ("the 8", None),
        ("22nd of September 2022", "2022-09-22"),
        ("Sept. 9, 2022", "2022-09-09"),
        ("Friday, July 8, 2022 at 9:05 PM", "2022-07-08 9:05 PM"),
        ("2014-Jun-10", "2014-06-10"),
        ("10-Jun-2014 09:00", "2014-06-10 09:00"),
        ("Tue, 10 Jun 2014 09:00:00 +0200", "2014-06-10 09:00:00 +0200"),
        ("Tue, 10 Jun 2014 09:00:00 GMT", "2014-06-10 09:00:00 GMT"),
        ("Tuesday, 10-Jun-14 09:00:00 UTC", "2014-06-10 09:00:00 UTC"),
        ("10 Jun 70 09:00 UTC", "1970-06-10 09:00 UTC"),
        ("Tue Jun 10 2014 09:00:00 GMT+0200 (CEST)", "2014-06-10 09:00:00 GMT+0200 (CEST)"),
        ("Tue Jun 10 09:00:00 2014", "2014-06-10 09:00:00"),
        ("Tue Jun  3 09:00:00 UTC 2014", "2014-06-03 09:00:00 UTC"),
        ("2014年6月10日", "2014-06-10"),
        ("15.06.2026", "2026-06-15"),
        ("1.6.2026 9:00", "2026-06-01 9:00"),
        ("25/12/2017", "2017-12-25"),
        ("12/25/2017 10:00 AM", "2017-12-25 10:00 AM"),
        ("5/5/2017", "2017-05-05"),
        ("soon", None),
        ("Last Modified", None),
        ("marvellous 8 2022", None),
        ("8 августа 2022", None),
        ("2026-06-15", None),
    ],
)
def test_forms(text: str, iso: str | None) -> None:
    assert iso_text(text) == iso


@pytest.mark.parametrize(
    ("text", "iso"),
    [("11-9-2017", "2017-09-11"), ("11/9/2017", "2017-09-11"), ("14-3-3", "2014-03-03"), ("69-3-3", "1969-03-03")],
)
def test_what_ruby_makes_of_numbers(text: str, iso: str) -> None:
    assert iso_text(text, as_ruby=True) == iso
    with pytest.raises(UsageError):
        iso_text(text)


@pytest.mark.parametrize("text", ["11-9-2017", "11/9/2017"])
def test_both_readings_of_an_ambiguous_date_are_named(text: str) -> None:
    with pytest.raises(UsageError) as caught:
        iso_text(text)
    assert caught.value.message == f"{text} can mean 2017-09-11 or 2017-11-09"
    assert caught.value.hint == "write 2017-09-11 or 2017-11-09"


@pytest.mark.parametrize("text", ["31 June 2022", "31.02.2022", "31/31/2022", "0 July 2022"])
def test_days_that_no_calendar_has(text: str) -> None:
    with pytest.raises(ValueError, match=r"day|month"):
        iso_text(text)
