"""Work side by side: in order, in the caller's context, and dropped when something breaks."""

from __future__ import annotations

import contextvars
import threading

import pytest

from reconciler.studio.parallel import in_parallel

PASS: contextvars.ContextVar[str] = contextvars.ContextVar("PASS")


@pytest.mark.parametrize("count", [0, 1, 3, 250])
@pytest.mark.parametrize("threads", [1, 8])
def test_results_come_in_the_order_of_the_things(count: int, threads: int) -> None:
    things = range(count)
    assert in_parallel(lambda n: n * n, things, threads=threads) == [n * n for n in things]


def test_no_thread_is_left_behind() -> None:
    before = threading.active_count()
    in_parallel(str, range(50), threads=8)
    assert threading.active_count() == before


def test_as_many_work_at_once_as_there_are_threads() -> None:
    # Nobody gets past the barrier unless four are there.
    barrier = threading.Barrier(4, timeout=10)
    in_parallel(lambda _: barrier.wait(), range(8), threads=4)


def test_the_caller_is_told_in_its_own_thread_and_not_of_each_of_many() -> None:
    told: list[tuple[int, int]] = []
    in_parallel(
        str,
        range(1005),
        threads=4,
        done=lambda count: told.append((count, threading.get_ident())),
    )
    assert {ident for _, ident in told} == {threading.get_ident()}
    assert sorted(count for count, _ in told) == [*range(10, 1001, 10), 1005]


def test_the_work_is_done_in_the_callers_context() -> None:
    PASS.set("a pass")
    assert in_parallel(lambda _: PASS.get(), range(5), threads=3) == ["a pass"] * 5


def test_what_has_not_begun_is_dropped_when_something_breaks() -> None:
    begun: list[int] = []

    def work(number: int) -> None:
        begun.append(number)
        if number == 3:
            raise ValueError("three")

    with pytest.raises(ValueError, match="three"):
        in_parallel(work, range(1000), threads=1)
    assert begun == [0, 1, 2, 3]
