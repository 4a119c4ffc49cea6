"""Days in a time zone: the clocks may skip midnight, strike it twice, or leave out the day."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.config.calendar import Calendar
from reconciler.core.declared import ALWAYS

ZONES = [
    "UTC",
    "America/Chicago",
    "America/Sao_Paulo",
    "America/Havana",
    "Asia/Beirut",
    "Asia/Kathmandu",
    "Australia/Lord_Howe",
    "Pacific/Apia",
    "Africa/Casablanca",
]


@given(
    st.sampled_from(ZONES).map(ZoneInfo),
    st.dates(min_value=date(1990, 1, 1), max_value=date(2037, 12, 31)),
)
def test_a_day_begins_with_its_first_instant(zone: ZoneInfo, day: date) -> None:
    start = Calendar(zone).start_of(day)

    assert start.astimezone(zone).date() >= day
    assert (start - timedelta(seconds=1)).astimezone(zone).date() < day


@given(st.sampled_from(ZONES).map(ZoneInfo), st.dates(date(1990, 1, 1), date(2037, 12, 31)))
def test_days_follow_each_other_without_gap(zone: ZoneInfo, day: date) -> None:
    calendar = Calendar(zone)

    assert calendar.end_of(day) == calendar.start_of(day + timedelta(days=1))
    assert calendar.start_of(day) <= calendar.end_of(day)


BOUNDARIES = [
    pytest.param("America/Sao_Paulo", "2018-11-04", "2018-11-04T03:00Z", id="no-midnight"),
    pytest.param("America/Havana", "2026-11-01", "2026-11-01T04:00Z", id="two-midnights"),
    pytest.param("Asia/Kathmandu", "2026-01-01", "2025-12-31T18:15Z", id="quarter-hours"),
    pytest.param("Pacific/Apia", "2011-12-30", "2011-12-30T10:00Z", id="a-day-left-out"),
]


@pytest.mark.parametrize(("zone", "day", "start"), BOUNDARIES)
def test_the_start_of_odd_days(zone: str, day: str, start: str) -> None:
    began = Calendar(ZoneInfo(zone)).start_of(date.fromisoformat(day))

    assert began == datetime.fromisoformat(start)


def test_a_wall_clock_time_is_taken_in_the_zone_unless_it_names_an_offset() -> None:
    calendar = Calendar(ZoneInfo("America/Chicago"))

    assert calendar.instant(datetime.fromisoformat("2026-12-01T08:00")).hour == 14
    assert calendar.instant(datetime.fromisoformat("2026-12-01T08:00+01:00")).hour == 7


def test_without_dates_a_window_is_always() -> None:
    assert Calendar().window(None, None) is ALWAYS
