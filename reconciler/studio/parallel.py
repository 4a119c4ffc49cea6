"""The same work on many things by a few threads, results in the order of the things."""

from __future__ import annotations

import contextvars
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")
R = TypeVar("R")


def in_parallel(
    work: Callable[[T], R],
    things: Sequence[T],
    *,
    threads: int,
    done: Callable[[int], None] = lambda _: None,
) -> list[R]:
    """
    Do the work on each thing, in copies of the caller's context.

    `done` is told, in the caller's thread, how many are finished. The first
    exception is raised once the work under way has ended; what has not begun
    is dropped.
    """
    if not things:
        return []
    results: list[R] = []
    with ThreadPoolExecutor(max_workers=min(threads, len(things))) as pool:
        futures = [pool.submit(contextvars.copy_context().run, work, thing) for thing in things]
        try:
            for future in futures:
                results.append(future.result())
                done(len(results))
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    return results
