"""When the next pass of a tenant is due, whichever worker asks."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as some

from reconciler.config.settings import Schedule
from reconciler.core.declared import Declarations, Window
from reconciler.daemon.rota import LONGEST, next_pass
from tests.builders import declare, entry, share, user

ZONE = ZoneInfo("America/Chicago")
NOON = datetime(2026, 9, 1, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)

instants = some.integers(0, 10**14).map(lambda number: NOON + timedelta(microseconds=number))
tenants = some.from_regex(r"[a-z]{1,9}\.test", fullmatch=True)
intervals = some.integers(10, 86_400).map(lambda seconds: timedelta(seconds=seconds))


def due(
    tenant: str,
    schedule: Schedule,
    began: datetime,
    *,
    was_due: datetime | None = None,
    declarations: Declarations | None = None,
) -> datetime:
    files = declarations or declare()
    return next_pass(tenant, schedule, ZONE, files, began=began, due=was_due)


def every(interval: timedelta, jitter: timedelta = timedelta(0)) -> Schedule:
    return Schedule(every=interval, jitter=jitter)


@given(tenants, intervals, intervals, instants)
def test_a_pass_is_due_after_the_one_before_and_within_an_interval_and_its_jitter(
    tenant: str, interval: timedelta, jitter: timedelta, began: datetime
) -> None:
    following = due(tenant, every(interval, jitter), began)
    assert began < following <= began + min(LONGEST, interval + min(interval, jitter))


@given(tenants, intervals, instants)
def test_a_late_pass_does_not_move_those_after_it(
    tenant: str, interval: timedelta, began: datetime
) -> None:
    first = due(tenant, every(interval), began)
    late = first + interval / 3
    assert due(tenant, every(interval), late) in {first + interval, late + LONGEST}


@given(tenants, intervals, instants, some.integers(0, 5))
def test_a_pass_that_a_faster_clock_began_early_is_not_due_twice(
    tenant: str, interval: timedelta, began: datetime, early: int
) -> None:
    first = due(tenant, every(interval), began)
    too_soon = first - early * SECOND
    assert due(tenant, every(interval), too_soon, was_due=first) > first


def test_tenants_are_spread_over_the_interval() -> None:
    times = sorted(due(f"school-{n}.test", every(15 * MINUTE), NOON) for n in range(300))
    gaps = [after - before for before, after in pairwise(times)]
    assert max(gaps) < MINUTE
    assert times[-1] - times[0] > 14 * MINUTE


def test_cron_is_read_in_the_zone_of_the_file() -> None:
    schedule = Schedule(every=None, cron="30 9 * * *", jitter=timedelta(0))
    assert due("a.test", schedule, NOON) == datetime(2026, 9, 1, 14, 30, tzinfo=UTC)


@pytest.mark.parametrize("skew", [timedelta(0), 5 * SECOND], ids=["in-step", "early"])
def test_a_boundary_of_the_file_comes_before_the_schedule(skew: timedelta) -> None:
    closes = NOON + 7 * SECOND
    files = declare(entry(share(user(1), window=Window(closes=closes))))
    schedule = every(timedelta(hours=12))
    # Seen from a clock that is behind, the boundary is still to come although the job was due.
    assert due("a.test", schedule, closes - skew - SECOND, was_due=closes, declarations=files) == (
        closes
    )


def test_the_end_of_a_pause_is_a_boundary() -> None:
    schedule = Schedule(every=timedelta(hours=12), jitter=timedelta(0), pause_until=NOON + MINUTE)
    assert due("a.test", schedule, NOON) == NOON + MINUTE


def test_a_day_without_a_due_time_ends_with_a_pass() -> None:
    yearly = Schedule(every=None, cron="0 0 1 1 *", jitter=timedelta(0))
    assert due("a.test", yearly, NOON) == NOON + LONGEST
