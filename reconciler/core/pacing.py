"""
How long to wait, given what happened: the two questions beside the pace.

*May this request be tried again, and when?* `backoff`. *Is there anybody at
all?* A `Fuse` blows after many questions in a row were given up, so that an
outage costs a pass a minute and not an hour. When the next request may start
at all is the `pace`'s to say.

Instants are seconds on any clock that does not go back; jitter is a number
from 0 to 1 that the caller draws. Pure.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from enum import StrEnum

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
