"""
How long to wait, given what happened.

Three questions, all pure. *When may the next request start?* A `Pace` gives
every request a slot of its own, spaced evenly (the generic cell rate algorithm
without a burst), at a rate that halves when the service complains and climbs
back in small steps; a gate holds everybody until the instant that a
Retry-After named. *May this request be tried again, and when?* `backoff`. *Is
there anybody at all?* A `Fuse` blows after many questions in a row were given
up, so that an outage costs a pass a minute and not an hour.

Instants are seconds on any clock that does not go back; jitter is a number
from 0 to 1 that the caller draws.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from enum import StrEnum

# A hair more than the even spacing, so that rounding never puts one request
# too many into a second.
SPACING = 1.000001
FALL = 0.5
RISE = 1 / 200
LOWEST = 1 / 32
LONGEST_WAIT = 30.0
# More than the threads that usually ask at once: one slow moment blows nothing.
GIVEN_UP_IN_A_ROW = 10
REST = 30.0


class Trouble(StrEnum):
    """What kept a request from a usable answer, when asking again may help."""

    RATE_LIMIT = "rate limit"
    SERVER = "server error"
    CONNECT = "no connection"
    RESET = "broken connection"
    TIMEOUT = "timeout"
    GARBAGE = "unreadable answer"


# The first wait, in seconds; each further one is twice as long.
FIRST_WAIT = {
    Trouble.RATE_LIMIT: 1.0,
    Trouble.SERVER: 0.5,
    Trouble.CONNECT: 0.25,
    Trouble.RESET: 0.25,
    Trouble.TIMEOUT: 0.5,
    Trouble.GARBAGE: 0.5,
}


@dataclass(frozen=True, slots=True)
class Pace:
    """
    Where all requests to one service stand in time.

    `ceiling` and `rate` are requests per second: what the file allows, and
    what the service bears at the moment. `free_at` is the next slot that nobody
    has taken, `gate` the instant before which nobody may start, `slowed_at`
    when the rate last fell.
    """

    ceiling: float
    rate: float
    free_at: float = -math.inf
    gate: float = -math.inf
    slowed_at: float = -math.inf


def steady(requests_per_second: float) -> Pace:
    """The pace to begin with: as fast as the file allows."""
    return Pace(requests_per_second, requests_per_second)


def next_slot(pace: Pace, now: float) -> float:
    """The earliest instant at which one more request may start."""
    return max(now, pace.free_at, pace.gate)


def taken(pace: Pace, slot: float) -> Pace:
    """The pace once a request has that slot."""
    return replace(pace, free_at=slot + SPACING / pace.rate)


def stands(pace: Pace, slot: float) -> bool:
    """Whether a slot taken earlier is still good: the gate may have closed since."""
    return slot >= pace.gate


def answered(pace: Pace) -> Pace:
    """The pace after the service took a request: a small step back up."""
    if pace.rate >= pace.ceiling:
        return pace
    return replace(pace, rate=min(pace.ceiling, pace.rate + pace.ceiling * RISE))


def limited(pace: Pace, *, sent_at: float, now: float, wait: float) -> Pace:
    """
    The pace after the service asked for less: a closed gate, and half the rate.

    Requests that were under way together complain together; those sent before
    the rate last fell say nothing about the new one.
    """
    gate = max(pace.gate, now + wait)
    if sent_at < pace.slowed_at:
        return replace(pace, gate=gate)
    rate = max(pace.rate * FALL, pace.ceiling * LOWEST)
    return replace(pace, gate=gate, rate=rate, slowed_at=now)


@dataclass(frozen=True, slots=True)
class Patience:
    """How often one request is tried, and how many seconds all its tries may take."""

    tries: int = 5
    seconds: float = 120.0


def wait_before_next(
    trouble: Trouble, *, tried: int, jitter: float, retry_after: float | None = None
) -> float:
    """
    Seconds to wait after `tried` tries: doubling, jittered, at least what was asked for.

    The jitter takes up to half of it away, so that several processes do not
    come back together; what a Retry-After asked for is never cut.
    """
    doubled = min(LONGEST_WAIT, FIRST_WAIT[trouble] * 2.0 ** min(tried - 1, 10))
    return max(doubled * (1 - jitter / 2), retry_after or 0.0)


def backoff(
    trouble: Trouble,
    *,
    tried: int,
    elapsed: float,
    patience: Patience,
    jitter: float,
    retry_after: float | None = None,
) -> float | None:
    """Seconds to wait before one more try; None when patience ends before it."""
    wait = wait_before_next(trouble, tried=tried, jitter=jitter, retry_after=retry_after)
    if tried >= patience.tries or elapsed + wait > patience.seconds:
        return None
    return wait


@dataclass(frozen=True, slots=True)
class Fuse:
    """How many questions in a row were given up, and until when none more is put."""

    given_up: int = 0
    rests_until: float = -math.inf

    @property
    def is_blown(self) -> bool:
        """Whether a question, if one is put at all, gets a single try."""
        return self.given_up >= GIVEN_UP_IN_A_ROW

    def rests(self, now: float) -> bool:
        """Whether no question is put now."""
        return now < self.rests_until


def strained(fuse: Fuse, now: float) -> Fuse:
    """The fuse after one more question was given up; any answer makes a new `Fuse()`."""
    more = Fuse(fuse.given_up + 1)
    return replace(more, rests_until=now + REST) if more.is_blown else more


def retry_after_seconds(header: str | None, now: datetime) -> float | None:
    """
    Read a Retry-After header: seconds, or a date (RFC 9110, 10.2.3).

    A date in the past is 0; what is neither is as good as missing.
    """
    text = (header or "").strip()
    if text.isascii() and text.isdigit():
        return float(text[:12])
    try:
        date = parsedate_to_datetime(text)
        at = date if date.tzinfo is not None else date.replace(tzinfo=UTC)
        return max(0.0, (at - now).total_seconds())
    except (ValueError, OverflowError):
        return None
