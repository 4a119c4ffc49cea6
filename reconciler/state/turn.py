"""A tenant's writers in one process, one after the other, before they ask for a connection."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from reconciler.errors import StateError

SECONDS: Final = 15
"""How long a turn is waited for while none comes to a good end: as long as at the database."""


class Turn:
    """
    Who writes now. Those who wait for each other at the database each keep a connection.

    In a crowd the line may be long though each is quick. So who waits is patient
    for as long as those before them get on, and no longer: where the database
    answers nobody, everybody in line learns it at the same time.
    """

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._changed = threading.Condition()
        self._taken = False
        self._ended = -float("inf")

    @contextmanager
    def taken(self) -> Iterator[None]:
        """Wait for one's turn, and have it while the context lasts. Raises StateError."""
        self._take()
        try:
            yield
            self._ended = self._monotonic()
        finally:
            with self._changed:
                self._taken = False
                self._changed.notify()

    def _take(self) -> None:
        began = self._monotonic()
        with self._changed:
            while self._taken:
                left = max(began, self._ended) + SECONDS - self._monotonic()
                if left <= 0:
                    raise StateError(
                        f"a transaction of this process has been under way for {SECONDS} s",
                        remedy="See that the database answers: it is slow, or stands still.",
                    )
                self._changed.wait(left)
            self._taken = True
