"""
When the next request may start: a pace shared by all who ask one service.

Every request has a slot of its own, spaced evenly (the generic cell rate
algorithm without a burst), and a gate holds everybody until the instant that a
Retry-After named. The file says how fast that may be at most; what the service
bears is found out, and remembered:

- A complaint tells what is borne: less than the rate of now, and no more than
  was truly taken since the gate last opened.
- At that rate it stays for a while. Only then is more tried, in steps that
  begin small and grow; each time it turns out too much, the next while is twice
  as long.
- Time in which nobody asked teaches nothing, and counts for nothing.

Pure: instants are seconds on any clock that does not go back, rates are
requests per second.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace

# A hair more than the even spacing, so that rounding never puts one request
# too many into a second.
SPACING = 1.000001
# Of a rate that was too much: room for requests that overtake each other on the way.
SAFE = 0.97
# Hardly more than what was borne for a while is not worth one more refusal.
HARDLY_MORE = 1.02
# For how many seconds no more is tried than was borne, at first and at most.
FIRST_HOLD = 15.0
LONGEST_HOLD = 240.0
# Then the rate grows by this part a second, by as much more with each second, up to a tenth.
RISE = 0.01
STEEPEST_RISE = 0.1
# Who could try more for so many seconds has found another limit than before.
NEWS = 10.0
# What was taken in so many seconds says what is borne; what came before counts half.
SPAN = 5.0
# So many seconds without a request and nobody was asking.
IDLE = 2.0
LOWEST = 0.25


@dataclass(frozen=True, slots=True)
class Taken:
    """How many requests the service took since an instant."""

    since: float = -math.inf
    count: float = 0.0

    def one_more(self, now: float) -> Taken:
        if not self.count:
            return Taken(now, 1)
        if now - self.since <= SPAN:
            return Taken(self.since, self.count + 1)
        return Taken((self.since + now) / 2, self.count / 2 + 1)

    def rate(self, now: float) -> float:
        """Requests a second. Services count by the second: less than one says nothing more."""
        return self.count / max(1.0, now - self.since)


@dataclass(frozen=True, slots=True)
class Pace:
    """
    Where all requests to one service stand in time.

    `ceiling` and `rate` are what the file allows, and what is asked now.
    `free_at` is the next slot that nobody has taken, `gate` the instant before
    which nobody may start. `slowed_at` is when the service last made the rate
    fall, `held` to what, `hold` for how many seconds no more is tried then,
    `held_until` their end, `risen_at` up to when the time since has been used
    to rise.
    """

    ceiling: float
    rate: float
    free_at: float = -math.inf
    gate: float = -math.inf
    slowed_at: float = -math.inf
    held: float = math.inf
    hold: float = FIRST_HOLD
    held_until: float = -math.inf
    risen_at: float = -math.inf
    taken: Taken = field(default_factory=Taken)

    @property
    def tried(self) -> float:
        """For how many seconds more is tried than was borne; 0 where nobody ever complained."""
        return max(0.0, self.risen_at - self.held_until) if self.slowed_at > -math.inf else 0.0


def steady(requests_per_second: float) -> Pace:
    """The pace to begin with: as fast as the file allows."""
    return Pace(requests_per_second, requests_per_second)


def next_slot(pace: Pace, now: float) -> float:
    """The earliest instant at which one more request may start."""
    return max(now, pace.free_at, pace.gate)


def taken(pace: Pace, slot: float) -> Pace:
    """The pace once a request has that slot."""
    free_at = slot + SPACING / pace.rate
    idle = slot - max(pace.free_at, pace.gate)
    if not IDLE < idle < math.inf:
        return replace(pace, free_at=free_at)
    return replace(
        pace,
        free_at=free_at,
        held_until=pace.held_until + idle,
        risen_at=pace.risen_at + idle,
        taken=Taken(),
    )


def stands(pace: Pace, slot: float) -> bool:
    """Whether a slot taken earlier is still good: the gate may have closed since."""
    return slot >= pace.gate


def answered(pace: Pace, now: float) -> Pace:
    """The pace after the service took a request: held long enough, it rises."""
    if now < pace.gate:
        return pace
    counted = replace(pace, taken=pace.taken.one_more(now))
    if pace.rate >= pace.ceiling or now <= pace.held_until:
        return counted
    trying = now - pace.held_until
    lately = max(0.0, min(trying, now - pace.risen_at))
    rate = pace.rate * math.exp(min(STEEPEST_RISE, RISE * (1 + trying)) * lately)
    return replace(counted, rate=min(pace.ceiling, rate), risen_at=now)


def limited(pace: Pace, *, sent_at: float, now: float, wait: float) -> Pace:
    """
    The pace after the service asked for less: a closed gate, and a lower rate.

    Requests that were under way together complain together; those sent before
    the rate last fell say nothing about the new one.
    """
    gate = max(pace.gate, now + wait)
    waiting = replace(pace, gate=gate, held_until=gate + pace.hold, taken=Taken())
    if sent_at < pace.slowed_at:
        return waiting
    rate = max(_borne(pace, now), min(LOWEST, pace.ceiling))
    hold = _hold(pace, rate)
    return replace(waiting, rate=rate, slowed_at=now, held=rate, hold=hold, held_until=gate + hold)


def _hold(pace: Pace, rate: float) -> float:
    """For how long the lower rate is kept: twice as long each time that more is too much."""
    if pace.tried > NEWS or rate < pace.rate / 2:
        return FIRST_HOLD
    return min(LONGEST_HOLD, pace.hold * 2) if pace.tried else pace.hold


def _borne(pace: Pace, now: float) -> float:
    """What the service surely bears, as far as a complaint tells; half, where nothing was taken."""
    if not pace.taken.count:
        return pace.rate / 2
    borne = min(pace.rate * SAFE, pace.taken.rate(now))
    held_well = pace.tried and pace.held < borne < pace.held * HARDLY_MORE
    return pace.held if held_well else borne
