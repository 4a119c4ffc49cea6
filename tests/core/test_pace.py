"""The laws of the pace: never too fast, and hardly slower than the service bears."""

from __future__ import annotations

import math
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.core.pace import (
    LOWEST,
    Pace,
    answered,
    limited,
    next_slot,
    stands,
    steady,
    taken,
)
from tests.core.limited_service import (
    Bears,
    fixed_window,
    run,
    sliding_window,
    strict_window,
    token_bucket,
)

seconds = st.floats(0, 5, allow_nan=False)
# What happens in turn: time goes by, a request asks for a slot, the service takes one or complains.
events = st.lists(
    st.one_of(
        st.tuples(st.just("wait"), seconds),
        st.tuples(st.just("ask"), st.just(0.0)),
        st.tuples(st.just("answer"), st.just(0.0)),
        st.tuples(st.just("complaint"), seconds),
    ),
    max_size=120,
)


def history(rate: float, happenings: list[tuple[str, float]]) -> tuple[list[float], list[Pace]]:
    """The slots that were given and stood when they came, and every pace on the way."""
    now, pace = 1_000_000.0, steady(rate)
    slots: list[float] = []
    paces = [pace]
    for what, amount in happenings:
        match what:
            case "wait":
                now += amount
            case "ask":
                slot = next_slot(pace, now)
                pace = taken(pace, slot)
                slots.append(slot)
            case "answer":
                pace = answered(pace, now)
            case "complaint":
                pace = limited(pace, sent_at=now, now=now, wait=amount)
                slots = [slot for slot in slots if slot < now or stands(pace, slot)]
        paces.append(pace)
    return slots, paces


@given(st.floats(0.2, 50, allow_nan=False), events)
def test_no_second_holds_more_requests_than_the_rate(
    rate: float, happenings: list[tuple[str, float]]
) -> None:
    slots, _ = history(rate, happenings)
    for slot in slots:
        assert sum(slot <= other < slot + 1 for other in slots) <= math.ceil(rate)


@given(st.floats(0.05, 50, allow_nan=False), events)
def test_the_rate_stays_between_its_floor_and_the_ceiling(
    rate: float, happenings: list[tuple[str, float]]
) -> None:
    _, paces = history(rate, happenings)
    assert all(min(rate, LOWEST) <= pace.rate <= rate for pace in paces)


@given(events)
def test_the_rate_rises_only_by_answers_and_falls_only_by_complaints(
    happenings: list[tuple[str, float]],
) -> None:
    _, paces = history(10, happenings)
    for (what, _), before, after in zip(happenings, paces[:-1], paces[1:], strict=True):
        assert what == "answer" or after.rate <= before.rate
        assert what == "complaint" or after.rate >= before.rate


@given(events, seconds)
def test_nobody_starts_while_the_gate_is_closed(
    happenings: list[tuple[str, float]], wait: float
) -> None:
    _, paces = history(10, happenings)
    now = 2_000_000.0
    reserved = next_slot(paces[-1], now)
    closed = limited(paces[-1], sent_at=now, now=now, wait=wait)
    assert next_slot(closed, now) >= now + wait
    assert stands(closed, reserved) == (reserved >= closed.gate)


def test_complaints_of_requests_that_were_under_way_together_count_once() -> None:
    once = limited(steady(10), sent_at=1.0, now=2.0, wait=1.0)
    again = limited(once, sent_at=1.1, now=2.1, wait=5.0)
    assert again.rate == once.rate == 5
    assert again.gate == 7.1


SERVICES = [
    pytest.param(sliding_window, id="sliding-window"),
    pytest.param(strict_window, id="window-that-counts-refusals"),
    pytest.param(fixed_window, id="fixed-window"),
    pytest.param(token_bucket, id="token-bucket"),
]


@pytest.mark.parametrize("service", SERVICES)
@pytest.mark.parametrize("limit", [5, 10, 20, 40])
@pytest.mark.parametrize("times", [1.0, 1.05, 1.5, 5, 100], ids="asked-{}-times".format)
def test_nine_tenths_of_any_limit_are_used_and_hardly_a_request_is_refused(
    service: Callable[[int], Bears], limit: int, times: float
) -> None:
    lasting = max(100, 2000 / limit)
    ran = run(service(limit), limit * times, lasting)
    assert ran.used(limit, lasting) >= 0.9
    assert ran.refused <= 0.02


@pytest.mark.parametrize("service", SERVICES)
@pytest.mark.parametrize("times", [0.5, 0.96], ids="asked-{}-times".format)
def test_a_file_that_asks_for_less_than_the_limit_gets_all_it_asks_for(
    service: Callable[[int], Bears], times: float
) -> None:
    ran = run(service(10), 10 * times, 200)
    assert not ran.refused_at
    assert ran.used(10 * times, 200) >= 0.99


@pytest.mark.parametrize("service", SERVICES)
def test_what_is_borne_is_remembered_so_refusals_grow_rare(
    service: Callable[[int], Bears],
) -> None:
    ran = run(service(10), 15, 1200)
    late = [when for when in ran.refused_at if when > 600]
    assert len(late) <= 12
    assert sum(when > 600 for when in ran.taken_at) >= 0.92 * 10 * 600


def test_a_limit_that_is_lifted_is_noticed() -> None:
    before, after = sliding_window(5), sliding_window(30)
    ran = run(lambda now: (before if now < 100 else after)(now), 30, 500)
    assert sum(when >= 400 for when in ran.taken_at) >= 0.9 * 30 * 100


def test_a_limit_that_is_lowered_is_kept_to() -> None:
    before, after = sliding_window(30), sliding_window(5)
    ran = run(lambda now: (before if now < 100 else after)(now), 30, 500)
    assert sum(when >= 120 for when in ran.taken_at) >= 0.9 * 5 * 380
    assert sum(when >= 120 for when in ran.refused_at) <= 0.02 * 5 * 380


def test_a_long_rest_teaches_nothing() -> None:
    ran = run(sliding_window(10), 15, 4000, rest=(30.0, 3900.0))
    after = [when for when in ran.refused_at if when >= 3900]
    assert len(after) <= 4
    assert sum(when >= 3900 for when in ran.taken_at) >= 0.9 * 10 * 100


def test_who_was_refused_everything_comes_back_in_two_minutes() -> None:
    whole = sliding_window(10)
    ran = run(lambda now: not 50 <= now < 80 and whole(now), 10, 300)
    assert sum(when >= 200 for when in ran.taken_at) >= 0.85 * 10 * 100
