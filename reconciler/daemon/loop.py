"""
The loop that owns the passes.

One pass at a time, when the bell rings, when a boundary of the file comes, or
when a failed pass is tried again. Expected failures are told and tried again,
each wait longer than the last. A bug is not caught: it ends the loop, a
supervisor starts the program anew, and nothing goes on with a wrong belief.
"""

from __future__ import annotations

import random
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog

from reconciler.daemon.backoff import wait_after
from reconciler.daemon.bell import ASKED_BY_A_PERSON, Bell, Reason
from reconciler.daemon.breaker import Breaker, Tally, tell_turn
from reconciler.errors import ReconcilerError, StateError, Stopped
from reconciler.state.clock import SYSTEM, Clock

log = structlog.get_logger()

LONGEST_WAIT = 10.0
"""Seconds after which the loop looks at the clocks again: they may be set, or have stood still."""


@dataclass(frozen=True, slots=True)
class Call:
    """What the loop asks of a pass: why it begins, and whether it may write or only observe."""

    reasons: frozenset[Reason]
    may_write: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """
    What the loop asks of those around it, whatever configuration is in force by then.

    `boundary` tells the first instant after one at which the file itself changes
    what is desired; `interval` how far apart due times are (None: they are not
    even); `heartbeat` is called at every look, ten seconds apart at most while
    no pass runs.
    """

    boundary: Callable[[datetime], datetime | None] = lambda _: None
    interval: Callable[[], timedelta | None] = lambda: None
    heartbeat: Callable[[], None] = lambda: None


def run_loop(
    one_pass: Callable[[Call], Tally],
    bell: Bell,
    stop: threading.Event,
    around: Surroundings,
    *,
    clock: Clock = SYSTEM,
    jitter: Callable[[], float] = random.random,
) -> None:
    """
    Run a pass now and at every reason for one, until `stop` is set.

    A pass in hand is never cut off from here: it sees `stop` itself. Whoever
    sets `stop` wakes the bell.
    """
    bell.ring(Reason.START)
    loop = _Loop(one_pass, around, clock, jitter)
    while not stop.is_set():
        around.heartbeat()
        if reasons := bell.answer() | loop.due():
            loop.run_pass(reasons)
        # Asked once more: the bell may have been woken for it just before it was answered.
        elif not stop.is_set():
            bell.wait(loop.patience())


@dataclass(slots=True)
class _Loop:
    """What the loop remembers from one pass to the next."""

    one_pass: Callable[[Call], Tally]
    around: Surroundings
    clock: Clock
    jitter: Callable[[], float]
    breaker: Breaker = field(default_factory=Breaker)
    failures: int = 0
    retry_at: float | None = None
    boundary: datetime | None = None

    def due(self) -> frozenset[Reason]:
        """The reasons for a pass that time itself has brought."""
        reasons = set()
        if self.boundary is not None and self.clock.now() >= self.boundary:
            reasons.add(Reason.BOUNDARY)
        if self.retry_at is not None and self.clock.monotonic() >= self.retry_at:
            reasons.add(Reason.RETRY)
        return frozenset(reasons)

    def patience(self) -> float:
        """How many seconds may go by before time itself is looked at again."""
        waits = [LONGEST_WAIT]
        if self.boundary is not None:
            waits.append((self.boundary - self.clock.now()).total_seconds())
        if self.retry_at is not None:
            waits.append(self.retry_at - self.clock.monotonic())
        return max(0.0, min(waits))

    def run_pass(self, reasons: frozenset[Reason]) -> None:
        # A boundary that comes while the pass runs is the next pass's reason.
        began = self.clock.now()
        try:
            tally = self.one_pass(Call(reasons, self._may_write(reasons)))
        except Stopped as error:
            log.info("pass stopped", reason=error.message)
        except ReconcilerError as error:
            self._failed(error)
        else:
            self.failures, self.retry_at = 0, None
            self._turn(self.breaker.ended(tally, self.clock.monotonic()))
        self.boundary = self.around.boundary(began)

    def _failed(self, error: ReconcilerError) -> None:
        self.failures += 1
        wait = wait_after(self.failures, interval=self.around.interval(), jitter=self.jitter())
        now = self.clock.monotonic()
        self.retry_at = now + wait
        log.warning(
            "pass failed",
            error=error.message,
            remedy=error.remedy,
            failures=self.failures,
            retry_in_seconds=round(wait),
        )
        # Without the lease or the journal nothing was sent: no sign that writing does harm.
        if not isinstance(error, StateError):
            self._turn(self.breaker.failed(now))

    def _may_write(self, reasons: frozenset[Reason]) -> bool:
        if reasons & ASKED_BY_A_PERSON:
            self._turn(Breaker())
        return self.breaker.may_write(self.clock.monotonic())

    def _turn(self, breaker: Breaker) -> None:
        """Go by this breaker from now on."""
        tell_turn(self.breaker, breaker, self.clock.monotonic())
        self.breaker = breaker
