"""
Whether a tenant was ever written by two at once, judged by the tenants' own audits.

A write is known by the token it came with, and each daemon has a token of its
own. A seat taken is a row with a fence: a *reign* lasts from one fence to the
next. Pure.
"""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from tests.bench.house import Write


@dataclass(frozen=True, slots=True, order=True)
class Seat:
    """A seat as it was taken: whose it became under this fence, and when (seconds since 1970)."""

    tenant: str
    fence: int
    since: float
    host: str


@dataclass(frozen=True, slots=True)
class Breach:
    """A write that should not have been; `why` tells it to people."""

    write: Write
    why: str


def by_two_at_once(writes: Iterable[Write]) -> list[Breach]:
    """Every write to a tenant that began while another daemon's was under way there."""
    return [
        Breach(later, f"{earlier.token} was writing until {earlier.ended:.3f}")
        for tenant in _by_tenant(writes).values()
        for earlier, later in _overlapping(tenant)
        if earlier.token != later.token
    ]


def outside_reigns(writes: Iterable[Write], seats: Iterable[Seat]) -> list[Breach]:
    """
    Every write of a daemon that had no seat there at that moment.

    A reign ends when a higher fence is given out. A write under way then is a
    breach as well: the new holder might write before it lands.
    """
    reigns = _reigns(seats)
    return [
        Breach(write, f"{write.token} had no seat from {write.began:.3f} to {write.ended:.3f}")
        for write in writes
        if not any(
            host == write.token and since <= write.began and write.ended <= until
            for host, since, until in reigns.get(write.tenant, [])
        )
    ]


def unordered(seats: Iterable[Seat]) -> list[Seat]:
    """Every seat whose fence is higher than one that was given out later, or the same."""
    return [
        later
        for tenant in _seats_by_tenant(seats).values()
        for earlier, later in itertools.pairwise(sorted(tenant, key=lambda seat: seat.since))
        if later.fence <= earlier.fence
    ]


def handovers(writes: Iterable[Write]) -> int:
    """How many tenants more than one daemon has written to, one after the other."""
    tokens = defaultdict(set)
    for write in writes:
        tokens[write.tenant].add(write.token)
    return sum(len(each) > 1 for each in tokens.values())


def _overlapping(writes: list[Write]) -> Iterator[tuple[Write, Write]]:
    under_way: list[Write] = []
    for write in sorted(writes, key=lambda each: each.began):
        under_way = [each for each in under_way if each.ended > write.began]
        yield from ((each, write) for each in under_way)
        under_way.append(write)


def _reigns(seats: Iterable[Seat]) -> Mapping[str, list[tuple[str, float, float]]]:
    reigns: dict[str, list[tuple[str, float, float]]] = {}
    for tenant, taken in _seats_by_tenant(seats).items():
        ordered = sorted(taken, key=lambda seat: seat.fence)
        ends = [*(each.since for each in ordered[1:]), float("inf")]
        reigns[tenant] = [
            (seat.host, seat.since, end) for seat, end in zip(ordered, ends, strict=True)
        ]
    return reigns


def _by_tenant(writes: Iterable[Write]) -> Mapping[str, list[Write]]:
    found = defaultdict(list)
    for write in writes:
        found[write.tenant].append(write)
    return found


def _seats_by_tenant(seats: Iterable[Seat]) -> Mapping[str, list[Seat]]:
    found = defaultdict(list)
    for seat in set(seats):
        found[seat.tenant].append(seat)
    return found
