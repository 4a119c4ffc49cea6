"""The laws of pace and patience."""

from __future__ import annotations

import math
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.core.pacing import (
    FIRST_WAIT,
    GIVEN_UP_IN_A_ROW,
    LOWEST,
    REST,
    Fuse,
    Pace,
    Patience,
    Trouble,
    answered,
    backoff,
    limited,
    next_slot,
    retry_after_seconds,
    stands,
    steady,
    strained,
    taken,
)

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
seconds = st.floats(0, 5, allow_nan=False)
chances = st.floats(0, 1, allow_nan=False)
troubles = st.sampled_from(Trouble)
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
                pace = answered(pace)
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


@given(st.floats(0.2, 50, allow_nan=False), events)
def test_the_rate_stays_between_its_floor_and_the_ceiling(
    rate: float, happenings: list[tuple[str, float]]
) -> None:
    _, paces = history(rate, happenings)
    assert all(rate * LOWEST <= pace.rate <= rate for pace in paces)


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


def test_the_pace_recovers_in_full() -> None:
    pace = limited(steady(10), sent_at=1.0, now=2.0, wait=1.0)
    for _ in range(101):
        pace = answered(pace)
    assert pace.rate == 10


@given(troubles, st.integers(1, 20), st.floats(0, 500), chances, st.none() | st.floats(0, 500))
def test_patience_ends(
    trouble: Trouble, tried: int, elapsed: float, jitter: float, asked: float | None
) -> None:
    patience = Patience(tries=5, seconds=120)
    wait = backoff(
        trouble,
        tried=tried,
        elapsed=elapsed,
        patience=patience,
        jitter=jitter,
        retry_after=asked,
    )
    if wait is not None:
        assert tried < patience.tries
        assert elapsed + wait <= patience.seconds
        assert wait >= max(asked or 0, FIRST_WAIT[trouble] / 2)
    else:
        assert tried >= 5 or elapsed + max(30, asked or 0) > 120


@pytest.mark.parametrize("trouble", Trouble)
def test_each_wait_is_longer_than_the_one_before(trouble: Trouble) -> None:
    patience = Patience(tries=9, seconds=1000)
    waits = [
        backoff(trouble, tried=n, elapsed=0, patience=patience, jitter=0.0) or 0
        for n in range(1, 6)
    ]
    assert waits == sorted(set(waits))


def test_a_fuse_blows_after_many_failures_in_a_row_and_rests_for_a_while() -> None:
    fuse = Fuse()
    for _ in range(GIVEN_UP_IN_A_ROW - 1):
        fuse = strained(fuse, 100.0)
        assert not fuse.is_blown
        assert not fuse.rests(100.0)
    fuse = strained(fuse, 100.0)
    assert fuse.is_blown
    assert fuse.rests(100.0 + REST - 1)
    assert not fuse.rests(100.0 + REST)


@pytest.mark.parametrize(
    ("header", "wait"),
    [
        pytest.param("7", 7.0, id="seconds"),
        pytest.param(" 0 ", 0.0, id="at-once"),
        pytest.param("Mon, 23 Nov 2026 12:00:30 GMT", 30.0, id="date"),
        pytest.param("Mon, 23 Nov 2026 11:00:00 GMT", 0.0, id="date-in-the-past"),
        pytest.param("Mon, 23 Nov 2026 12:00:30 -0000", 30.0, id="date-without-zone"),
        pytest.param(None, None, id="missing"),
        pytest.param("", None, id="empty"),
        pytest.param("soon", None, id="words"),
        pytest.param("-5", None, id="negative"),
        pytest.param("1.5", None, id="fraction"),
        pytest.param("٣", None, id="other-digits"),
        pytest.param("9" * 5000, 999_999_999_999.0, id="huge"),
    ],
)
def test_retry_after(header: str | None, wait: float | None) -> None:
    assert retry_after_seconds(header, NOW) == wait


@given(st.text())
def test_no_retry_after_breaks_the_reader(header: str) -> None:
    wait = retry_after_seconds(header, NOW)
    assert wait is None or wait >= 0
