"""How long to wait after a failed pass."""

from __future__ import annotations

from datetime import timedelta

FIRST_SECONDS = 10.0
LONGEST_SECONDS = 900.0
_DOUBLINGS = 10


def wait_after(failures: int, *, interval: timedelta | None, jitter: float) -> float:
    """
    Seconds until the next try: doubling with each failure in a row.

    Never longer than the schedule's own interval (None: it has none), nor than
    a quarter of an hour. The jitter, a number from 0 to 1, takes up to half
    away, so that several daemons do not come back together.
    """
    longest = min(LONGEST_SECONDS, interval.total_seconds() if interval else LONGEST_SECONDS)
    doubled = FIRST_SECONDS * 2.0 ** min(failures - 1, _DOUBLINGS)
    return min(longest, doubled) * (1 - jitter / 2)
