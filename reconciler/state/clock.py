"""The two clocks a lease is judged by, handed in so that tests can turn them."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime


@dataclass(frozen=True, slots=True)
class Clock:
    """The time of day, for what is written down; and seconds that only grow, for judging."""

    now: Callable[[], datetime]
    monotonic: Callable[[], float]


def _seconds() -> float:
    # Linux stops its monotonic clock while the machine sleeps; others go on and take over.
    if hasattr(time, "CLOCK_BOOTTIME"):
        return time.clock_gettime(time.CLOCK_BOOTTIME)
    return time.monotonic()


SYSTEM = Clock(now=lambda: datetime.now(UTC), monotonic=_seconds)
