from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.config.cron import written_out
from reconciler.daemon.beats import Beats, Cron, Delayed, Every

CHICAGO = ZoneInfo("America/Chicago")
NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
# In Chicago the clocks go from 2:00 to 3:00 on 8 March 2026, and from 2:00 to 1:00 on 1 November.
SPRING = datetime(2026, 3, 7, 12, 0, tzinfo=CHICAGO)
AUTUMN = datetime(2026, 10, 31, 12, 0, tzinfo=CHICAGO)

INSTANTS = st.datetimes(datetime(2026, 1, 1), datetime(2028, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001


def times(beats: Beats, after: datetime, count: int, zone: ZoneInfo = CHICAGO) -> list[str]:
    """The next times, as the clocks of the zone show them."""
    shown = []
    for _ in range(count):
        due = beats.after(after)
        assert due is not None
        assert due > after
        after = due
        shown.append(due.astimezone(zone).strftime("%a %d %H:%M %Z"))
    return shown


ORDINARY = [
    ("*/15 7-19 * * mon-fri", ["Mon 23 07:00 CST", "Mon 23 07:15 CST", "Mon 23 07:30 CST"]),
    ("0 6 * * *", ["Tue 24 06:00 CST", "Wed 25 06:00 CST", "Thu 26 06:00 CST"]),
    ("0 0 * * 1", ["Mon 30 00:00 CST", "Mon 07 00:00 CST", "Mon 14 00:00 CST"]),
    ("0 0 * * 0", ["Sun 29 00:00 CST", "Sun 06 00:00 CST", "Sun 13 00:00 CST"]),
    ("0 0 * * 7", ["Sun 29 00:00 CST", "Sun 06 00:00 CST", "Sun 13 00:00 CST"]),
    ("30 23 * * fri,sat", ["Fri 27 23:30 CST", "Sat 28 23:30 CST", "Fri 04 23:30 CST"]),
    ("0 12 1 * *", ["Tue 01 12:00 CST", "Fri 01 12:00 CST", "Mon 01 12:00 CST"]),
    ("0 12 29 2 *", ["Tue 29 12:00 CST", "Sun 29 12:00 CST", "Fri 29 12:00 CST"]),
    ("0 12 31 * *", ["Thu 31 12:00 CST", "Sun 31 12:00 CST", "Wed 31 12:00 CDT"]),
]


@pytest.mark.parametrize(("expression", "expected"), ORDINARY)
def test_cron_reads_as_cron_does(expression: str, expected: list[str]) -> None:
    after = datetime(2026, 11, 23, 6, 59, tzinfo=CHICAGO)
    assert times(Cron(written_out(expression), CHICAGO), after, 3) == expected


CLOCKS_CHANGE = [
    pytest.param(
        "0 0 * * *", SPRING, ["Sun 08 00:00 CST", "Mon 09 00:00 CDT"], id="midnight-after-spring"
    ),
    pytest.param("0 0 * * mon", SPRING, ["Mon 09 00:00 CDT"], id="monday-after-spring"),
    pytest.param(
        "30 2 * * *", SPRING, ["Sun 08 03:30 CDT", "Mon 09 02:30 CDT"], id="a-skipped-time-is-late"
    ),
    pytest.param(
        "*/30 1-3 * * *",
        SPRING,
        ["Sun 08 01:00 CST", "Sun 08 01:30 CST", "Sun 08 03:00 CDT", "Sun 08 03:30 CDT"],
        id="evenly-through-spring",
    ),
    pytest.param(
        "30 1 * * *",
        AUTUMN,
        ["Sun 01 01:30 CDT", "Sun 01 01:30 CST", "Mon 02 01:30 CST"],
        id="a-time-shown-twice-is-due-twice",
    ),
    pytest.param(
        "30 1 1 11 *", SPRING, ["Sun 01 01:30 CDT", "Sun 01 01:30 CST"], id="twice-from-afar"
    ),
    pytest.param(
        "0 * * * *",
        datetime(2026, 11, 1, 0, 30, tzinfo=CHICAGO),
        ["Sun 01 01:00 CDT", "Sun 01 01:00 CST", "Sun 01 02:00 CST"],
        id="evenly-through-autumn",
    ),
    pytest.param(
        "30 2 * * *", AUTUMN, ["Sun 01 02:30 CST", "Mon 02 02:30 CST"], id="after-the-repeated-hour"
    ),
]


@pytest.mark.parametrize(("expression", "after", "expected"), CLOCKS_CHANGE)
def test_no_run_is_lost_when_the_clocks_change(
    expression: str, after: datetime, expected: list[str]
) -> None:
    assert times(Cron(written_out(expression), CHICAGO), after, len(expected)) == expected


@pytest.mark.parametrize(
    "zone", ["UTC", "Asia/Kathmandu", "Australia/Lord_Howe", "Antarctica/Troll", "Europe/Dublin"]
)
def test_a_cron_of_every_quarter_of_an_hour_is_one_in_every_zone_all_year(zone: str) -> None:
    cron, at = Cron("*/15 * * * *", ZoneInfo(zone)), datetime(2026, 1, 1, tzinfo=UTC)
    for day in range(0, 366, 7):
        first = cron.after(at + timedelta(days=day))
        assert first is not None
        assert cron.after(first) == first + timedelta(minutes=15)


@given(INSTANTS, st.sampled_from(["0 0 * * *", "30 2 * * *", "30 1 * * *", "0 5 * * sun"]))
def test_cron_gives_the_earliest_later_time(moment: datetime, expression: str) -> None:
    """Whatever is asked between two times, the answer is the second."""
    cron = Cron(expression, CHICAGO)
    due = cron.after(moment)
    assert due is not None
    assert due > moment
    assert cron.after(moment + (due - moment) / 2) == due
    assert cron.after(due - timedelta(microseconds=1)) == due


@given(INSTANTS, st.integers(10, 400_000))
def test_an_interval_is_counted_from_its_anchor(moment: datetime, seconds: int) -> None:
    every = timedelta(seconds=seconds)
    due = Every(NOW, every).after(moment)
    assert moment < due <= moment + every
    assert (due - NOW) % every == timedelta(0)


def test_delays_never_add_up_over_weeks() -> None:
    every, jitter = timedelta(minutes=15), timedelta(seconds=30)
    trigger = Delayed(Every(NOW, every), jitter, seed=7)
    at, count = NOW, 4 * 7 * 24 * 4
    delays = set()
    for number in range(1, count + 1):
        due = trigger.get_next_fire_time(at if number > 1 else None, at)
        assert due is not None
        delay = due - (NOW + number * every)
        assert timedelta(0) <= delay < jitter
        delays.add(delay)
        at = due
    assert len(delays) > count / 2


@given(
    seconds=st.integers(10, 100),
    jitter=st.integers(0, 300),
    seed=st.integers(0, 2**64),
)
def test_a_delayed_beat_comes_before_the_next_is_due(seconds: int, jitter: int, seed: int) -> None:
    every = timedelta(seconds=seconds)
    trigger = Delayed(Every(NOW, every), timedelta(seconds=jitter), seed)
    at = NOW
    for number in range(1, 20):
        due = trigger.get_next_fire_time(at, at)
        assert due is not None
        assert NOW + number * every <= due < NOW + (number + 1) * every
        at = due


def test_a_beat_asked_for_again_has_the_same_delay() -> None:
    """APScheduler asks twice: which times were missed, and when the next is."""
    trigger = Delayed(Cron("0 * * * *", CHICAGO), timedelta(minutes=5), seed=1)
    first = trigger.get_next_fire_time(None, NOW)
    assert first == trigger.get_next_fire_time(None, NOW)
    assert first == trigger.get_next_fire_time(None, NOW + timedelta(minutes=30))
