"""The sign of life that the loop gives and that health checks and the watchdog look for."""

from __future__ import annotations

import time
from collections.abc import Callable


class Heartbeat:
    """
    When there was progress last: a wait that ended, a request that was answered.

    Whoever gets on beats: the loop between passes, the pass at each answer, who
    stands by for the seat at each look. Safe to use from any thread.
    """

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._last = monotonic()

    def beat(self) -> None:
        """There was progress just now."""
        self._last = self._monotonic()

    def age(self) -> float:
        """Seconds since the last progress."""
        return self._monotonic() - self._last
