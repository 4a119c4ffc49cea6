from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.daemon.backoff import LONGEST_SECONDS, wait_after
from reconciler.daemon.breaker import COOL_DOWN, LONGEST_COOL_DOWN, Breaker, Tally

MINUTES_30 = COOL_DOWN.total_seconds()
NOTHING = Tally()
GOOD = Tally(writes=10, failed=1)
BAD = Tally(writes=10, failed=5)

STEPS = st.lists(
    st.tuples(st.sampled_from([None, NOTHING, GOOD, BAD]), st.floats(0, 10_000)), max_size=40
)


def broken(at: float = 0.0) -> Breaker:
    return Breaker().ended(BAD, at)


def test_writing_is_allowed_at_first() -> None:
    assert Breaker().may_write(0.0)


def test_the_fifth_failure_in_a_row_stops_writing() -> None:
    breaker = Breaker()
    for _ in range(4):
        breaker = breaker.failed(0.0)
    assert breaker.may_write(0.0)
    assert not breaker.failed(0.0).may_write(0.0)


def test_a_pass_that_ends_forgets_the_failures_before() -> None:
    breaker = Breaker()
    for _ in range(4):
        breaker = breaker.failed(0.0)
    breaker = breaker.ended(NOTHING, 0.0)
    for _ in range(4):
        breaker = breaker.failed(0.0)
    assert breaker.may_write(0.0)


@pytest.mark.parametrize(
    ("tally", "stops"),
    [
        pytest.param(NOTHING, False, id="nothing-written"),
        pytest.param(Tally(1, 1), False, id="one-that-the-service-refuses"),
        pytest.param(Tally(4, 4), False, id="too-few-to-mean-anything"),
        pytest.param(Tally(5, 5), True, id="all-of-five"),
        pytest.param(Tally(10, 5), True, id="half"),
        pytest.param(Tally(11, 5), False, id="less-than-half"),
    ],
)
def test_half_the_writes_failing_stops_writing(tally: Tally, stops: bool) -> None:
    assert Breaker().ended(tally, 0.0).may_write(0.0) is not stops


def test_writing_needs_a_pass_without_error_and_the_cool_down() -> None:
    assert not broken().may_write(MINUTES_30)
    planned = broken().ended(NOTHING, 60.0)
    assert not planned.may_write(MINUTES_30 - 1)
    assert planned.may_write(MINUTES_30)
    assert not planned.failed(120.0).may_write(MINUTES_30)


def test_failures_while_writing_is_stopped_make_the_cool_down_no_longer() -> None:
    breaker = Breaker()
    for minute in range(20):
        breaker = breaker.failed(minute * 60.0)
    # It stopped with the fifth failure, after four minutes.
    assert breaker.ended(NOTHING, MINUTES_30).may_write(MINUTES_30 + 4 * 60.0)


def test_the_cool_down_doubles_until_a_pass_has_written_well() -> None:
    breaker, at = Breaker(), 0.0
    for times in (1, 2, 4):
        breaker = breaker.ended(BAD, at).ended(NOTHING, at)
        assert not breaker.may_write(at + times * MINUTES_30 - 1)
        at += times * MINUTES_30
        assert breaker.may_write(at)
    breaker = breaker.ended(GOOD, at).ended(BAD, at).ended(NOTHING, at)
    assert breaker.may_write(at + MINUTES_30)


@given(STEPS)
def test_writing_never_stops_for_good(steps: list[tuple[Tally | None, float]]) -> None:
    breaker, now = Breaker(), 0.0
    for tally, seconds in steps:
        now += seconds
        breaker = breaker.failed(now) if tally is None else breaker.ended(tally, now)
    assert breaker.ended(NOTHING, now).may_write(now + LONGEST_COOL_DOWN.total_seconds())


@given(STEPS)
def test_after_trouble_nothing_is_written_before_half_an_hour(
    steps: list[tuple[Tally | None, float]],
) -> None:
    breaker, now, broke = Breaker(), 0.0, -MINUTES_30
    for tally, seconds in steps:
        now += seconds
        allowed = breaker.may_write(now)
        assert not allowed or now - broke >= MINUTES_30
        breaker = breaker.failed(now) if tally is None else breaker.ended(tally, now)
        if allowed and tally == BAD:
            broke = now


@given(st.integers(1, 10_000), st.floats(0, 1))
def test_backoff_is_bounded(failures: int, jitter: float) -> None:
    wait = wait_after(failures, interval=None, jitter=jitter)
    assert 5.0 <= wait <= LONGEST_SECONDS


@given(st.integers(1, 10_000), st.floats(0, 1), st.timedeltas(min_value=COOL_DOWN / 180))
def test_backoff_is_never_longer_than_the_interval(
    failures: int, jitter: float, interval: timedelta
) -> None:
    wait = wait_after(failures, interval=interval, jitter=jitter)
    assert 0 < wait <= min(LONGEST_SECONDS, interval.total_seconds())


@given(st.integers(1, 100))
def test_each_wait_is_as_long_as_the_last_or_longer(failures: int) -> None:
    first, second = (wait_after(n, interval=None, jitter=0.5) for n in (failures, failures + 1))
    assert second == min(2 * first, LONGEST_SECONDS * 0.75)
