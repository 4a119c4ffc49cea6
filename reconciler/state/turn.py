"""Whose turn it is, among the threads of one process: in the order in which they came."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from reconciler.errors import StateError

SECONDS: Final = 15
"""How long a turn is waited for while none comes to a good end: as long as at the database."""


class Turn:
    """
    What only so many may do at a time; the others stand in line.

    In a crowd the line may be long though each is quick. So who waits is patient
    for as long as those before them get on, and no longer: where the database
    answers nobody, everybody in line learns it at the same time.
    """

    def __init__(self, room: int = 1, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._room = room
        self._monotonic = monotonic
        self._changing = threading.Lock()
        self._line: deque[threading.Event] = deque()
        self._ended = -float("inf")

    @contextmanager
    def taken(self, *, ahead: bool = False) -> Iterator[None]:
        """
        Wait for one's turn, and have it while the context lasts. Raises StateError.

        Who may not be kept waiting, or many lose by it, goes `ahead` of the line.
        """
        mine = self._stand(ahead=ahead)
        try:
            self._wait(mine)
            yield
            self._ended = self._monotonic()
        finally:
            self._leave(mine)

    def _stand(self, *, ahead: bool) -> threading.Event:
        mine = threading.Event()
        with self._changing:
            if self._room:
                self._room -= 1
                mine.set()
            elif ahead:
                self._line.appendleft(mine)
            else:
                self._line.append(mine)
        return mine

    def _wait(self, mine: threading.Event) -> None:
        began = self._monotonic()
        while not mine.wait(max(0.0, self._left(began))):
            if self._left(began) <= 0 and not mine.is_set():
                raise StateError(
                    f"no transaction of this process has come to a good end for {SECONDS} s",
                    remedy="See that the database answers: it is slow, or stands still.",
                )

    def _left(self, began: float) -> float:
        return max(began, self._ended) + SECONDS - self._monotonic()

    def _leave(self, mine: threading.Event) -> None:
        """Give one's turn to the next; who has not had it yet, or was interrupted, the place."""
        with self._changing:
            if not mine.is_set():
                self._line.remove(mine)
            elif self._line:
                self._line.popleft().set()
            else:
                self._room += 1
