from __future__ import annotations

import subprocess
import sys
import threading
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from time_machine import travel

from reconciler.config.settings import Schedule
from reconciler.daemon.schedule import Clockwork, Timetable

CHICAGO, LONDON = ZoneInfo("America/Chicago"), ZoneInfo("Europe/London")
NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
NO_JITTER = timedelta(0)
HOURLY = Schedule(every=timedelta(hours=1), jitter=NO_JITTER)
HALF_HOURLY = Schedule(every=timedelta(minutes=30), jitter=NO_JITTER)
DAILY = Schedule(every=None, cron="0 6 * * *", jitter=NO_JITTER)


def silent() -> None:
    pytest.fail("nothing was due")


def test_it_rings_at_the_due_times() -> None:
    rung = threading.Semaphore(0)
    schedule = Schedule(every=timedelta(milliseconds=10), jitter=NO_JITTER)
    with Timetable(rung.release, schedule, CHICAGO):
        assert all(rung.acquire(timeout=20) for _ in range(3))


def test_many_timetables_go_by_one_clockwork() -> None:
    rung = [threading.Semaphore(0) for _ in range(3)]
    soon = Schedule(every=timedelta(milliseconds=10), jitter=NO_JITTER)
    before = threading.active_count()
    with Clockwork() as clockwork, Timetable(silent, HOURLY, CHICAGO, clockwork):
        with ExitStack() as stack:
            for each in rung:
                stack.enter_context(Timetable(each.release, soon, CHICAGO, clockwork))
            assert threading.active_count() == before + 1
            assert all(each.acquire(timeout=20) for each in rung)
        assert len(clockwork.scheduler.get_jobs()) == 1


def test_the_first_ring_of_an_interval_comes_after_a_whole_one() -> None:
    with travel(NOW, tick=False), Timetable(silent, HOURLY, CHICAGO) as timetable:
        assert timetable.next_due == NOW + timedelta(hours=1)


def test_a_time_that_never_comes_rings_for_nobody() -> None:
    never = Schedule(every=None, cron="0 6 30 2 *", jitter=NO_JITTER)
    with Timetable(silent, never, CHICAGO) as timetable:
        assert timetable.next_due is None


def test_cron_goes_by_the_file_s_zone() -> None:
    with Timetable(silent, DAILY, CHICAGO) as timetable:
        due = timetable.next_due
        assert due is not None
        assert due.astimezone(CHICAGO).strftime("%H:%M") == "06:00"
        timetable.reschedule(DAILY, LONDON)
        due = timetable.next_due
        assert due is not None
        assert due.astimezone(LONDON).strftime("%H:%M") == "06:00"


def test_a_reload_with_the_same_times_postpones_nothing() -> None:
    with travel(NOW, tick=False) as clocks, Timetable(silent, HOURLY, CHICAGO) as timetable:
        clocks.shift(timedelta(minutes=50))
        timetable.reschedule(Schedule(every=HOURLY.every, jitter=NO_JITTER), LONDON)
        assert timetable.next_due == NOW + timedelta(minutes=60)
        timetable.reschedule(HALF_HOURLY, LONDON)
        assert timetable.next_due == NOW + timedelta(minutes=80)


def test_clocks_that_were_set_back_do_not_silence_it() -> None:
    with travel(NOW, tick=False) as clocks, Timetable(silent, HOURLY, CHICAGO) as timetable:
        clocks.move_to(NOW - timedelta(days=300, minutes=20))
        timetable.recheck()
        assert timetable.next_due == NOW - timedelta(days=300)


def test_looking_again_moves_no_due_time() -> None:
    with travel(NOW, tick=False) as clocks, Timetable(silent, HOURLY, CHICAGO) as timetable:
        clocks.shift(timedelta(minutes=50))
        timetable.recheck()
        assert timetable.next_due == NOW + timedelta(minutes=60)


def test_after_clocks_were_set_forward_it_rings_once() -> None:
    rung = threading.Semaphore(0)
    with travel(NOW, tick=False) as clocks, Timetable(rung.release, HOURLY, CHICAGO) as timetable:
        clocks.shift(timedelta(hours=30, minutes=1))
        timetable.recheck()
        assert rung.acquire(timeout=20)
        while timetable.next_due != NOW + timedelta(hours=31):
            pass
    assert not rung.acquire(blocking=False)


def test_nothing_is_due_before_it_starts() -> None:
    assert Timetable(silent, HOURLY, CHICAGO).next_due is None


def test_a_schedule_without_times_is_refused() -> None:
    with pytest.raises(ValueError, match="without times"):
        Timetable(silent, Schedule(every=None, cron=None), CHICAGO)


def test_apscheduler_is_imported_only_by_whom_it_is_needed() -> None:
    code = "import sys, reconciler.daemon.schedule; sys.exit('apscheduler' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], check=False)  # noqa: S603 - our own code
    assert done.returncode == 0
