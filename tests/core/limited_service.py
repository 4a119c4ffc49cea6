"""
A service that bears only so much, in simulated time, and a few workers that ask it.

Nobody documents how the real one counts, so it is played in three ways. Time is
a number, chance is seeded: the same run for the same numbers, hours in a blink.
"""

from __future__ import annotations

import heapq
import random
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from reconciler.core.pace import answered, limited, next_slot, stands, steady, taken

Bears: TypeAlias = Callable[[float], bool]
"""Told when a request arrives; whether it is taken."""


def sliding_window(limit: int) -> Bears:
    """So many in any second, what is refused not counted: as the sandbox does."""
    passed: deque[float] = deque(maxlen=limit)

    def bears(now: float) -> bool:
        if len(passed) == limit and passed[0] > now - 1:
            return False
        passed.append(now)
        return True

    return bears


def strict_window(limit: int) -> Bears:
    """So many in any second, what is refused counted too: it must be let alone."""
    asked: deque[float] = deque(maxlen=limit)

    def bears(now: float) -> bool:
        fine = len(asked) < limit or asked[0] <= now - 1
        asked.append(now)
        return fine

    return bears


def fixed_window(limit: int) -> Bears:
    """So many in each second of a clock that is not ours."""
    count = {"second": -1, "requests": 0}

    def bears(now: float) -> bool:
        second = int(now + 0.37)
        if second != count["second"]:
            count.update(second=second, requests=0)
        count["requests"] += 1
        return count["requests"] <= limit

    return bears


def token_bucket(limit: int) -> Bears:
    """A bucket that holds what one second brings."""
    bucket = {"filled": 0.0, "tokens": float(limit)}

    def bears(now: float) -> bool:
        brought = (now - bucket["filled"]) * limit
        tokens = min(float(limit), bucket["tokens"] + brought)
        bucket.update(filled=now, tokens=tokens - 1 if tokens >= 1 else tokens)
        return tokens >= 1

    return bears


@dataclass(frozen=True, slots=True)
class Ran:
    """What came of a run: how many requests were taken and refused, and when the last ones were."""

    taken_at: tuple[float, ...]
    refused_at: tuple[float, ...]

    def used(self, limit: float, seconds: float) -> float:
        """Which part of what the limit allows was used."""
        return len(self.taken_at) / (limit * seconds)

    @property
    def refused(self) -> float:
        """Which part of the answers were refusals."""
        return len(self.refused_at) / (len(self.taken_at) + len(self.refused_at))


def run(
    bears: Bears,
    rate: float,
    seconds: float,
    *,
    workers: int = 8,
    latency: float = 0.1,
    jitter: float = 0.02,
    rest: tuple[float, float] = (0.0, 0.0),
) -> Ran:
    """
    Let some workers ask for so many seconds at a pace whose ceiling is `rate`.

    `jitter` is what a request may lose on its way: some overtake others. From
    `rest[0]` to `rest[1]` nobody asks.
    """
    chance = random.Random(7)  # noqa: S311 - repeatable on purpose
    pace = steady(rate)
    taken_at: list[float] = []
    refused_at: list[float] = []
    # When, a number to keep equal instants in order, and what happens then.
    to_come: list[tuple[float, int, str, float]] = []
    numbers = iter(range(10**9))

    def plan(when: float, what: str, since: float = 0.0) -> None:
        heapq.heappush(to_come, (when, next(numbers), what, since))

    for _ in range(workers):
        plan(0.0, "ask")
    while (event := heapq.heappop(to_come))[0] < seconds:
        now, _, what, since = event
        match what:
            case "ask" if rest[0] <= now < rest[1]:
                plan(rest[1], "ask")
            case "ask":
                slot = next_slot(pace, now)
                pace = taken(pace, slot)
                plan(slot, "send", slot)
            case "send" if not stands(pace, since):
                plan(now, "ask")
            case "send":
                plan(now + latency / 2 + chance.random() * jitter, "arrive", now)
            case "arrive":
                plan(now + latency / 2, "fine" if bears(now) else "refused", since)
            case "fine":
                taken_at.append(now)
                pace = answered(pace, now)
                plan(now, "ask")
            case _:
                refused_at.append(now)
                pace = limited(pace, sent_at=since, now=now, wait=1.0)
                plan(now + 1.0, "ask")
    return Ran(tuple(taken_at), tuple(refused_at))
