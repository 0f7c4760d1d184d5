"""Dates as written, and the days they mean."""

from __future__ import annotations

import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.extract.dates import find_date, is_ambiguous, order_of, read_date

DAYS = st.dates(min_value=datetime.date(1970, 1, 1), max_value=datetime.date(2069, 12, 31))


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("18-3-2013", "2013-03-18"),
        ("2/16/2014", "2014-02-16"),
        ("4 March 2013", "2013-03-04"),
        ("April 4 2013", "2013-04-04"),
        ("25aug2013", "2013-08-25"),
        ("6-aug-2013", "2013-08-06"),
        ("14. März 2020", "2020-03-14"),
        ("12 mai 2019", "2019-05-12"),
        ("3 декабря 2018", "2018-12-03"),
        ("2019/6/14", "2019-06-14"),
        ("2021-AUG-03", "2021-08-03"),
        ("2013年3月4日", "2013-03-04"),
        ("2013年3月", "2013-03-01"),
        ("02.05.16", "2016-05-02"),
        ("12-13-10", "2010-12-13"),
    ],
)
def test_a_written_date_means_a_day(text: str, day: str) -> None:
    found = find_date(f"on {text}")
    assert found is not None
    assert read_date(found, day_first=True) == datetime.date.fromisoformat(day)


@pytest.mark.parametrize(
    "text", ["6771-1", "20.02.", "1 of 3", "12.5 x 3", "31-31-2020", "10-2231-01", "192.168.10.20", "12:30:00", "IEC 61346-2"]
)
def test_numbers_are_no_dates(text: str) -> None:
    assert find_date(text) is None


@given(DAYS, st.sampled_from("-./"))
def test_any_day_is_read_back_in_either_order(day: datetime.date, mark: str) -> None:
    first = f"{day.day}{mark}{day.month}{mark}{day.year}"
    swapped = f"{day.month}{mark}{day.day}{mark}{day.year}"
    assert (find_date(first), find_date(swapped)) == (first, swapped)
    assert read_date(first, day_first=True) == day
    assert read_date(swapped, day_first=False) == day
    assert is_ambiguous(first) == (day.day <= 12 and day.day != day.month)


@given(DAYS)
def test_iso_dates_are_never_in_doubt(day: datetime.date) -> None:
    assert find_date(day.isoformat()) == day.isoformat()
    assert read_date(day.isoformat(), day_first=True) == read_date(day.isoformat(), day_first=False) == day


@given(st.text(max_size=40))
def test_no_text_breaks_the_search(text: str) -> None:
    found = find_date(text)
    assert found is None or read_date(found, day_first=True) or read_date(found, day_first=False)


def test_a_date_that_fits_one_order_only_proves_it() -> None:
    assert order_of(["3-7-2013", "drawn 18-3-2013"]) is True
    assert order_of(["2/16/2014"]) is False
    assert order_of(["3-7-2013", "2013-07-03"]) is None
    assert order_of(["18-3-2013", "2/16/2014"]) is None
