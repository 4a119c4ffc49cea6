"""The same work on many things by a few threads, results in the order of the things."""

from __future__ import annotations

import contextvars
import itertools
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from queue import SimpleQueue
from typing import TypeVar

T = TypeVar("T")
R = TypeVar("R")

# The caller is woken so often: each time costs what a fifth of a request does.
TIMES_TOLD = 100


def in_parallel(
    work: Callable[[T], R],
    things: Sequence[T],
    *,
    threads: int,
    done: Callable[[int], None] = lambda _: None,
) -> list[R]:
    """
    Do the work on each thing, in copies of the caller's context.

    `done` is told, in the caller's thread and about a hundred times, how many
    are finished. An exception is raised once the work under way has ended;
    what has not begun is dropped. No thread is left behind.
    """
    if not things:
        return []
    results: dict[int, R] = {}
    # Both are taken from by all threads, and give each thing and number to one.
    todo, numbers = enumerate(things), itertools.count(1)
    every = max(1, len(things) // TIMES_TOLD)
    finished: SimpleQueue[int | None] = SimpleQueue()
    dropped = threading.Event()

    def labour() -> None:
        try:
            for place, thing in todo:
                if dropped.is_set():
                    break
                results[place] = work(thing)
                number = next(numbers)
                if number % every == 0 or number == len(things):
                    finished.put(number)
        except BaseException:
            dropped.set()
            raise
        finally:
            finished.put(None)

    workers = min(threads, len(things))
    with ThreadPoolExecutor(max_workers=workers) as pool:
        hands = [pool.submit(contextvars.copy_context().run, labour) for _ in range(workers)]
        try:
            for _ in hands:
                while (number := finished.get()) is not None:
                    done(number)
        finally:
            dropped.set()
    for hand in hands:
        hand.result()
    return [results[place] for place in range(len(things))]
