from __future__ import annotations

from typing import Final

import pytest

from tests.bench.fleet.audit import Seat, by_two_at_once, handovers, outside_reigns, unordered
from tests.bench.house import Write

TENANT: Final = "127.0.1.1"


def write(token: str, began: float, ended: float, tenant: str = TENANT) -> Write:
    return Write(
        tenant=tenant, token=token, collection=1, began=began, ended=ended, status=200, actions=3
    )


def seat(fence: int, since: float, host: str) -> Seat:
    return Seat(TENANT, fence, since, host)


OVERLAPS = [
    pytest.param([write("a", 1, 2), write("b", 2, 3)], 0, id="one-after-the-other"),
    pytest.param([write("a", 1, 3), write("a", 2, 4)], 0, id="one-daemon-side-by-side"),
    pytest.param([write("a", 1, 3), write("b", 2, 4)], 1, id="two-at-once"),
    pytest.param([write("b", 2, 4), write("a", 1, 3)], 1, id="in-any-order"),
    pytest.param([write("a", 1, 9), write("a", 2, 3), write("b", 4, 5)], 1, id="a-long-one"),
    pytest.param([write("a", 1, 3), write("b", 2, 4, "127.0.1.2")], 0, id="two-tenants"),
]


@pytest.mark.parametrize(("writes", "breaches"), OVERLAPS)
def test_two_at_once_are_found(writes: list[Write], breaches: int) -> None:
    assert len(by_two_at_once(writes)) == breaches


SEATS: Final = [seat(1, 0.0, "a"), seat(2, 10.0, "b"), seat(3, 20.0, "a")]
REIGNS = [
    pytest.param(write("a", 1, 2), True, id="in-the-first"),
    pytest.param(write("b", 10, 11), True, id="from-its-first-moment"),
    pytest.param(write("a", 21, 99), True, id="in-one-that-has-no-end"),
    pytest.param(write("a", 11, 12), False, id="after-another-has-taken-over"),
    pytest.param(write("a", 9, 10.5), False, id="under-way-when-another-takes-over"),
    pytest.param(write("b", 9, 9.5), False, id="before-it-has-the-seat"),
    pytest.param(write("c", 5, 6), False, id="without-any-seat"),
    pytest.param(write("a", 1, 2, "127.0.1.2"), False, id="at-another-tenant"),
]


@pytest.mark.parametrize(("written", "is_fine"), REIGNS)
def test_a_write_belongs_in_a_reign(written: Write, is_fine: bool) -> None:
    assert (outside_reigns([written], SEATS) == []) is is_fine


def test_fences_grow_with_time() -> None:
    assert unordered(SEATS) == []
    assert unordered([*SEATS, seat(3, 30.0, "c")]) == [seat(3, 30.0, "c")]


def test_a_tenant_handed_over_is_one_that_two_have_written_to() -> None:
    assert handovers([write("a", 1, 2), write("a", 3, 4)]) == 0
    assert handovers([write("a", 1, 2), write("b", 3, 4)]) == 1
