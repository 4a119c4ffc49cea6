from __future__ import annotations

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import chain

import pytest

from reconciler.errors import StateError
from reconciler.state.together import MOST, Together
from tests.patience import PATIENCE, until


class Disk:
    """Keeps what is written, write by write; holds the first one up until it is told to go on."""

    def __init__(self) -> None:
        self.writes: list[list[int]] = []
        self.go_on = threading.Event()
        self.at_once = threading.Lock()
        self.broken: BaseException | None = None

    def __call__(self, items: Sequence[int]) -> None:
        assert self.at_once.acquire(blocking=False)
        try:
            self.writes.append(list(items))
            assert self.go_on.wait(PATIENCE)
            if self.broken is not None and len(self.writes) > 1:
                raise self.broken
        finally:
            self.at_once.release()


def brought(disk: Disk, others: int) -> list[BaseException | None]:
    """How it ended for each: 0, who is held up, and for those who come meanwhile."""
    together = Together(disk)
    with ThreadPoolExecutor(others + 1) as threads:
        first = threads.submit(together.bring, 0)
        until(lambda: disk.writes)
        ends = [threads.submit(together.bring, number + 1) for number in range(others)]
        until(lambda: len(together._waiting) == others)
        disk.go_on.set()
        return [end.exception(PATIENCE) for end in (first, *ends)]


def test_what_comes_while_one_writes_is_written_by_the_next_at_once() -> None:
    disk = Disk()
    assert brought(disk, 7) == [None] * 8
    first, rest = disk.writes
    assert (first, sorted(rest)) == ([0], [1, 2, 3, 4, 5, 6, 7])


def test_no_write_takes_more_along_than_a_statement_may_name() -> None:
    disk = Disk()
    assert brought(disk, 2 * MOST + 3) == [None] * (2 * MOST + 4)
    assert [len(each) for each in disk.writes] == [1, MOST, MOST, 3]
    assert sorted(chain.from_iterable(disk.writes)) == list(range(2 * MOST + 4))


@pytest.mark.parametrize(
    "broken",
    [
        pytest.param(StateError("the disk is full"), id="expected"),
        pytest.param(KeyboardInterrupt(), id="not even an Exception"),
    ],
)
def test_all_who_were_in_a_write_learn_that_it_failed(broken: BaseException) -> None:
    disk = Disk()
    disk.broken = broken
    assert brought(disk, 7) == [None] + [broken] * 7


def test_who_is_alone_writes_alone_and_at_once() -> None:
    disk = Disk()
    disk.go_on.set()
    together = Together(disk)
    for number in range(3):
        together.bring(number)
    assert disk.writes == [[0], [1], [2]]
