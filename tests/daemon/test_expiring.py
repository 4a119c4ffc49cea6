"""What ends within thirty days."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.core.model import DeclaredShare, Mode, Window
from reconciler.daemon.expiring import SOON, expiring
from tests.builders import EDIT, NOW, address, declare, entry, share

GRACE = address("grace@school.edu")


def until(days: float, *, opens: float | None = None, line: int = 50) -> DeclaredShare:
    begins = None if opens is None else NOW + timedelta(days=opens)
    return share(GRACE, line=line, window=Window(begins, NOW + timedelta(days=days)))


def ends(*shares: DeclaredShare, mode: Mode = Mode.AUTHORITATIVE) -> list[float]:
    found = expiring(declare(entry(*shares, mode=mode)), NOW)
    return [(each.closes - NOW) / timedelta(days=1) for each in found]


@given(st.floats(min_value=-100, max_value=100))
def test_only_what_closes_within_the_time_is_told(days: float) -> None:
    closes = timedelta(days=days)

    assert bool(ends(until(days))) is (timedelta(0) < closes <= SOON)


def test_what_has_no_end_does_not_end() -> None:
    assert ends(share(GRACE)) == []


@pytest.mark.parametrize("mode", [Mode.ADDITIVE, Mode.OBSERVE])
def test_a_collection_that_loses_nobody_has_no_ends(mode: Mode) -> None:
    assert ends(until(9), mode=mode) == []


def test_an_end_where_the_next_window_begins_is_none() -> None:
    assert ends(until(9), until(20, opens=9, line=51)) == [20]


def test_a_set_that_goes_on_keeps_the_share() -> None:
    declared = declare(entry(until(9), share_sets=["staff"]), share_sets={"staff": [share(GRACE)]})

    assert expiring(declared, NOW) == ()


def test_the_line_of_a_set_is_told_for_each_collection_that_takes_it() -> None:
    declared = declare(
        entry(name="A", share_sets=["staff"]),
        entry(name="B", line=60, share_sets=["staff"]),
        share_sets={"staff": [until(9, line=12)]},
    )

    told = expiring(declared, NOW)

    assert [(each.collection, each.source.line) for each in told] == [("A", 12), ("B", 12)]


def test_the_soonest_comes_first() -> None:
    lin = share(address("lin@school.edu"), EDIT, window=Window(None, NOW + timedelta(days=2)))

    assert ends(until(9), lin) == [2, 9]
