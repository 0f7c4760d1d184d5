"""Spans and moments as a person types them."""

from __future__ import annotations

from datetime import datetime, timedelta

import click
import pytest

from commands import times


@pytest.mark.parametrize(("text", "seconds"), [
    ("30s", 30), ("15m", 900), ("1h", 3600), ("2d", 172_800), ("90", 90), (" 1.5 H ", 5400),
])
def test_a_span_is_a_number_with_a_unit_or_seconds(text: str, seconds: float) -> None:
    assert times.span(text) == timedelta(seconds=seconds)


@pytest.mark.parametrize("text", ["", "soon", "5x", "m", "-5m", "0", "0.5s", "1e9", "١٥m", "99999999999999d"])
def test_what_is_no_span_is_refused(text: str) -> None:
    with pytest.raises(click.BadParameter):
        times.span(text)


def test_a_moment_is_a_date_a_time_or_how_long_ago() -> None:
    assert times.since("24h") == timedelta(hours=24)
    assert times.since("2026-01-31T14:00:00+00:00") == datetime.fromisoformat("2026-01-31T14:00:00+00:00")
    moment = times.since("2026-01-31")
    assert isinstance(moment, datetime)
    assert moment.tzinfo is not None
    assert (moment.day, moment.hour) == (31, 0)


@pytest.mark.parametrize("text", ["yesterday", "2026-13-01", "31.01.2026"])
def test_what_is_no_moment_is_refused(text: str) -> None:
    with pytest.raises(click.BadParameter):
        times.since(text)
