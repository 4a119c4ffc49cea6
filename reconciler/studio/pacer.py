"""The pace shared by all threads, and time as the HTTP edge sees it."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum, auto

from reconciler.core import pace


def utc_now() -> datetime:
    """The calendar of this machine."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """
    Clock, calendar, sleep and chance, so that tests bring their own.

    `clock` gives seconds that never go back, `now` the date (Retry-After may
    name one, tokens expire at one). A wait ends early when `stop` is set.
    """

    stop: threading.Event
    clock: Callable[[], float] = time.monotonic
    now: Callable[[], datetime] = utc_now
    sleep: Callable[[float], object] | None = None
    jitter: Callable[[], float] = random.random

    def stopped_during(self, seconds: float) -> bool:
        """Wait so long; True as soon as somebody asks to stop."""
        if self.sleep is None:
            return self.stop.wait(seconds)
        self.sleep(seconds)
        return self.stop.is_set()


class Turn(Enum):
    """How waiting for a slot ended."""

    COME = auto()
    STOPPED = auto()
    TOO_LATE = auto()


class Pacer:
    """One `Pace` for all threads that talk to a tenant, reading or writing."""

    def __init__(self, requests_per_second: float, timing: Timing) -> None:
        self._pace = pace.steady(requests_per_second)
        self._timing = timing
        self._lock = threading.Lock()

    def wait_for_turn(self, until: float) -> Turn:
        """
        Wait for a slot of one's own.

        A gate that opens after `until` is not waited for; a long queue at a
        slow pace is, for it moves.
        """
        while not self._timing.stop.is_set():
            slot = self._take(until)
            if slot is None:
                return Turn.TOO_LATE
            wait = slot - self._timing.clock()
            if wait > 0 and self._timing.stopped_during(wait):
                break
            if pace.stands(self._pace, slot):
                return Turn.COME
        return Turn.STOPPED

    def answered(self) -> None:
        """The service took a request."""
        with self._lock:
            self._pace = pace.answered(self._pace, self._timing.clock())

    def limited(self, *, sent_at: float, wait: float) -> None:
        """The service asked everybody to wait so many seconds."""
        with self._lock:
            self._pace = pace.limited(
                self._pace, sent_at=sent_at, now=self._timing.clock(), wait=wait
            )

    def _take(self, until: float) -> float | None:
        with self._lock:
            if self._pace.gate > until:
                return None
            slot = pace.next_slot(self._pace, self._timing.clock())
            self._pace = pace.taken(self._pace, slot)
            return slot
