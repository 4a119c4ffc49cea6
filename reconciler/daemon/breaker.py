"""
The breaker: when a daemon stops writing of itself, and when it begins again.

Writing stops after `FAILURES` failed passes in a row, or when half the writes
of one pass failed (and at least `FAILED_WRITES`, for half of one means nothing:
one id that the service refuses must not keep the others waiting). Passes go on
and only observe. Writing begins again when a pass has planned without error and
a cool-down is over, twice as long each time until a pass has written well; or at
once when a person has changed the file or sent SIGHUP.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta

import structlog

log = structlog.get_logger()

FAILURES = 5
FAILED_WRITES = 5
COOL_DOWN = timedelta(minutes=30)
LONGEST_COOL_DOWN = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Tally:
    """How a pass that ran to its end got on: the changes it sent, and how many of them failed."""

    writes: int = 0
    failed: int = 0

    @property
    def half_failed(self) -> bool:
        return self.failed >= FAILED_WRITES and 2 * self.failed >= self.writes


@dataclass(frozen=True, slots=True)
class Breaker:
    """
    Whether passes may write. A value: each event gives the next one.

    Instants are seconds on a clock that never goes back. `open_until` is None
    while writing is allowed; `planned` says that the last pass since it opened
    had no error; `opened` counts openings since a pass last wrote well.
    """

    failures: int = 0
    opened: int = 0
    open_until: float | None = None
    planned: bool = False

    def may_write(self, now: float) -> bool:
        return self.open_until is None or (self.planned and now >= self.open_until)

    @property
    def cool_down(self) -> timedelta:
        """How long writing stops at the next opening."""
        doubled: timedelta = COOL_DOWN * 2 ** min(self.opened, 10)
        return min(LONGEST_COOL_DOWN, doubled)

    def failed(self, now: float) -> Breaker:
        """After a pass that an expected failure ended."""
        failing = replace(self, failures=self.failures + 1, planned=False)
        if self.open_until is None and failing.failures >= FAILURES:
            return _opened(failing, now)
        return failing

    def ended(self, tally: Tally, now: float) -> Breaker:
        """After a pass that ran to its end."""
        planned = replace(self, failures=0, planned=True)
        if tally.half_failed:
            return _opened(planned, now)
        if not self.may_write(now):
            return planned
        wrote_well = tally.writes > tally.failed
        return replace(planned, open_until=None, opened=0 if wrote_well else self.opened)


def _opened(breaker: Breaker, now: float) -> Breaker:
    return replace(
        breaker,
        open_until=now + breaker.cool_down.total_seconds(),
        opened=breaker.opened + 1,
        planned=False,
    )


def tell_turn(before: Breaker, after: Breaker, now: float) -> None:
    """Log that writing stops by what has just come of a pass, or begins again."""
    if after.opened > before.opened:
        seconds = round((after.open_until or 0.0) - now)
        log.error("writing stopped: too much failed", at_least_seconds=seconds)
    elif before.open_until is not None and after.open_until is None:
        log.info("writing taken up again")
