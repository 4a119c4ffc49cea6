"""The laws of patience."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.core.pacing import (
    FIRST_WAIT,
    GIVEN_UP_IN_A_ROW,
    REST,
    Fuse,
    Patience,
    Trouble,
    backoff,
    retry_after_seconds,
    strained,
)

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
chances = st.floats(0, 1, allow_nan=False)
troubles = st.sampled_from(Trouble)


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
