"""
Writing together: what several threads bring while one writes is written by the next at once.

A transaction costs a dozen ways to the database and back, and few of them depend on how much
it writes. Nobody waits for others to come: whoever finds nobody writing writes alone.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

Item = TypeVar("Item")

MOST: Final = 20
"""How much one takes along: at a thousand rows each, still fewer than a statement may name."""


@dataclass(slots=True)
class _Brought(Generic[Item]):
    item: Item
    is_done: bool = False
    error: BaseException | None = None


class Together(Generic[Item]):
    """Has `write` called with what threads bring, by one of them at a time, in their order."""

    def __init__(self, write: Callable[[Sequence[Item]], None]) -> None:
        self._write = write
        self._waiting: deque[_Brought[Item]] = deque()
        self._writing = threading.Lock()

    def bring(self, item: Item) -> None:
        """Return when it is written. Raises what the writing raised, to all who were in it."""
        brought = _Brought(item)
        self._waiting.append(brought)
        with self._writing:
            while not brought.is_done:
                self._write_some()
        if brought.error is not None:
            raise brought.error

    def _write_some(self) -> None:
        some = [self._waiting.popleft() for _ in range(min(MOST, len(self._waiting)))]
        try:
            self._write([each.item for each in some])
        except BaseException as error:  # noqa: BLE001 - raised by each of them
            for each in some:
                each.error = error
        for each in some:
            each.is_done = True
