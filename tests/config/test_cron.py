"""Cron as cron means it, judged minute by minute, and as APScheduler then fires."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from apscheduler.triggers.cron import CronTrigger
from hypothesis import given
from hypothesis import strategies as st

from reconciler.config.cron import written_out

START = datetime(2026, 11, 23, 14, 31, tzinfo=UTC)  # a Monday


def fires(cron: str, count: int = 3) -> list[datetime]:
    trigger = CronTrigger.from_crontab(written_out(cron), timezone=UTC)
    times: list[datetime] = []
    now = START
    for _ in range(count):
        due = trigger.get_next_fire_time(None, now)
        times.append(due)
        now = due + timedelta(seconds=1)
    return times


MEANT = [
    pytest.param("0 9 * * 1", "2026-11-30 09:00", id="1-is-monday"),
    pytest.param("0 9 * * 0", "2026-11-29 09:00", id="0-is-sunday"),
    pytest.param("0 9 * * 7", "2026-11-29 09:00", id="7-is-sunday"),
    pytest.param("0 9 * * SUN", "2026-11-29 09:00", id="capitals"),
    pytest.param("0 9 * * 5-7", "2026-11-27 09:00", id="over-the-weekend"),
    pytest.param("0 9 * * sat-sun", "2026-11-28 09:00", id="named-weekend"),
    pytest.param("0 9 * * */3", "2026-11-25 09:00", id="weekday-steps-count-from-sunday"),
    pytest.param("0 9 1 jan *", "2027-01-01 09:00", id="named-month"),
    pytest.param("0 0 29 2 *", "2028-02-29 00:00", id="leap-day"),
    pytest.param("5/20 15 * * *", "2026-11-23 15:05", id="from-on-in-steps"),
]


@pytest.mark.parametrize(("cron", "first"), MEANT)
def test_weekdays_and_months_are_those_of_cron(cron: str, first: str) -> None:
    assert f"{fires(cron, 1)[0]:%Y-%m-%d %H:%M}" == first


def test_the_contract_s_example() -> None:
    written = written_out("*/15 7-19 * * mon-fri")

    hours = ",".join(str(hour) for hour in range(7, 20))
    assert written == f"0,15,30,45 {hours} * * mon,tue,wed,thu,fri"


def test_steps_in_weekdays_end_with_saturday() -> None:
    assert written_out("0 0 * * 5/1") == "0 0 * * fri,sat"
    assert written_out("0 0 * * */6") == "0 0 * * sun,sat"


FIELDS = st.sampled_from(["*", "*/7", "0", "5-40/5", "3,9-11", "59"])
HOURS = st.sampled_from(["*", "*/5", "0", "7-19", "23"])
WEEKDAYS = st.sampled_from(["*", "0", "7", "1-5", "6-7", "*/2", "mon,3", "fri-sun", "5/1"])
# What each weekday field means, as Python counts days: Monday is 0.
DAYS = {
    "*": {0, 1, 2, 3, 4, 5, 6},
    "0": {6},
    "7": {6},
    "1-5": {0, 1, 2, 3, 4},
    "6-7": {5, 6},
    "*/2": {6, 1, 3, 5},
    "mon,3": {0, 2},
    "fri-sun": {4, 5, 6},
    "5/1": {4, 5},
}


@given(FIELDS, HOURS, WEEKDAYS)
def test_apscheduler_fires_on_the_weekdays_that_were_meant(
    minute: str, hour: str, weekday: str
) -> None:
    due = fires(f"{minute} {hour} * * {weekday}", 1)[0]

    wanted = DAYS[weekday]
    first = next(day for day in range(8) if (START.weekday() + day) % 7 in wanted)
    assert due.weekday() in wanted
    assert first <= (due.date() - START.date()).days <= first + 7


REFUSED = [
    pytest.param("* * * *", "4 fields", id="four-fields"),
    pytest.param("0 * * * * *", "6 fields", id="seconds"),
    pytest.param("@daily", 'write "0 0 * * *"', id="shorthand"),
    pytest.param("0 0 1 * mon", "use only one", id="either-or"),
    pytest.param("0 0 */2 * 1", "use only one", id="either-or-by-steps"),
    pytest.param("60 * * * *", "write 0-59", id="minute"),
    pytest.param("* 24 * * *", "write 0-23", id="hour"),
    pytest.param("* * 0 * *", "write 1-31", id="day"),
    pytest.param("* * * 13 *", "write 1-12 or jan-dec", id="month"),
    pytest.param("* * * * 8", "write 0-7 or sun-sat", id="weekday"),
    pytest.param("*/0 * * * *", "step", id="step-of-nothing"),
    pytest.param("*/90 * * * *", "step", id="step-over-the-field"),
    pytest.param("0 22-6 * * *", "backwards", id="backwards"),
    pytest.param("0 0 30 2 *", "never a day 30", id="never"),
    pytest.param("0 0 L * *", "is not a day", id="last"),
    pytest.param("0 0 ? * mon", "use only one", id="question-mark"),
    pytest.param("1,,2 * * * *", "cannot be read", id="empty-part"),
    pytest.param("٣ * * * *", "cannot be read", id="other-digits"),
]


@pytest.mark.parametrize(("cron", "message"), REFUSED)
def test_what_cron_or_apscheduler_would_take_otherwise_is_refused(cron: str, message: str) -> None:
    with pytest.raises(ValueError, match=message.replace("*", r"\*")):
        written_out(cron)


@given(st.text(alphabet="0123456789*/,-monfri ", max_size=30))
def test_any_text_is_written_out_or_refused(text: str) -> None:
    try:
        written = written_out(text)
    except ValueError:
        return
    assert CronTrigger.from_crontab(written, timezone=UTC).get_next_fire_time(None, START)
    assert written_out(written) == written
