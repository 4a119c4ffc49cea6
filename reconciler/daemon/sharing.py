"""
Who should have which tenant, when several daemons would serve them. Pure.

Everybody who sees the same comes to the same: order and ties go by the members themselves,
not by who asks. The shares come out as even as the willingness allows; among all the ways to
do so one is taken that moves the fewest seats, and so none when they are even already.

What moves is found on a small graph of the members, in which an arrow from one to another
is the cheapest tenant that the one has and the other would serve: it costs 1 to take a tenant
from its seat, -1 to put it back, else nothing. Along the cheapest path from a fuller member
to an emptier one each hands a tenant on to the next; that is repeated until none is worth
it (successive shortest paths, by which the cheapest of the even ways is reached).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from hashlib import blake2b
from itertools import pairwise, product
from typing import NamedTuple, TypeAlias, TypeVar

Member = TypeVar("Member", bound=Hashable)

_Way: TypeAlias = tuple[int, int]
"""From whom to whom, by their numbers."""


class _Arrow(NamedTuple):
    cost: int
    rank: int
    tenant: str


class _Path(NamedTuple):
    cost: int
    members: tuple[int, ...]


def share_out(
    willing: Mapping[Member, frozenset[str]], held: Mapping[str, Member]
) -> dict[str, Member]:
    """
    One owner for each tenant that anybody would serve, from among those who would.

    `willing` has every member that lives; `held` says who has a seat now, be it a
    member or not. Members are told apart, and put in order, by their `repr`.
    """
    members = sorted(willing, key=repr)
    number = {member: n for n, member in enumerate(members)}
    shares = _Shares(
        names=[repr(member) for member in members],
        servants={
            tenant: [n for n, member in enumerate(members) if tenant in willing[member]]
            for tenant in sorted(frozenset[str]().union(*willing.values()))
        },
        seats={
            tenant: number[holder]
            for tenant, holder in held.items()
            if holder in number and tenant in willing[holder]
        },
    )
    shares.give_out()
    while shares.even_out():
        pass
    return {tenant: members[n] for tenant, n in shares.owners.items()}


@dataclass(slots=True, kw_only=True)
class _Shares:
    names: Sequence[str]
    servants: Mapping[str, Sequence[int]]
    seats: Mapping[str, int]
    owners: dict[str, int] = field(init=False)
    loads: Counter[int] = field(init=False)

    def __post_init__(self) -> None:
        self.owners = dict(self.seats)
        self.loads = Counter(self.owners.values())

    def give_out(self) -> None:
        """Give out who has no seat: those whom few would serve first, each to the emptiest."""
        free = self.servants.keys() - self.seats.keys()
        for tenant in sorted(free, key=lambda each: (len(self.servants[each]), each)):
            emptiest = min(
                self.servants[tenant],
                key=lambda n: (self.loads[n], _rank(tenant, self.names[n])),
            )
            self.owners[tenant] = emptiest
            self.loads[emptiest] += 1

    def even_out(self) -> bool:
        """Hand tenants on along the path that is worth most. False when none is worth it."""
        everybody = range(len(self.names))
        loads = [self.loads[n] for n in everybody]
        moved = any(self.owners[tenant] != n for tenant, n in self.seats.items())
        if not moved and (not loads or max(loads) - min(loads) <= 1):
            return False
        arrows = self._arrows()
        best = min(
            (
                (loads[path.members[-1]] - loads[path.members[0]], path)
                for path in _cheapest_paths({way: each.cost for way, each in arrows.items()})
            ),
            default=None,
        )
        if best is None or not _is_worth_it(best[0], best[1].cost):
            return False
        for way in pairwise(best[1].members):
            self.owners[arrows[way].tenant] = way[1]
        self.loads = Counter(self.owners.values())
        return True

    def _arrows(self) -> dict[_Way, _Arrow]:
        arrows: dict[_Way, _Arrow] = {}
        for tenant, owner in self.owners.items():
            seat = self.seats.get(tenant)
            for other in self.servants[tenant]:
                if other == owner:
                    continue
                cost = (owner == seat) - (other == seat)
                arrow = _Arrow(cost, _rank(tenant, self.names[other]), tenant)
                arrows[owner, other] = min(arrow, arrows.get((owner, other), arrow))
        return arrows


def _is_worth_it(uphill: int, cost: int) -> bool:
    return uphill < -1 or (uphill == -1 and cost < 0)


def _cheapest_paths(costs: Mapping[_Way, int]) -> list[_Path]:
    """The cheapest path between any two who are joined, and of those a short one."""
    paths = {way: _Path(cost, way) for way, cost in costs.items()}
    everybody = sorted({n for way in costs for n in way})
    for via, one, other in product(everybody, repeat=3):
        first, second = paths.get((one, via)), paths.get((via, other))
        if one == other or first is None or second is None:
            continue
        path = _Path(first.cost + second.cost, first.members + second.members[1:])
        known = paths.get((one, other))
        if known is None or (path.cost, len(path.members)) < (known.cost, len(known.members)):
            paths[one, other] = path
    return list(paths.values())


@lru_cache(maxsize=2**16)
def _rank(tenant: str, member: str) -> int:
    """Smaller for another member with every tenant, and the same wherever it is asked."""
    text = f"{tenant}\0{member}".encode(errors="surrogatepass")
    return int.from_bytes(blake2b(text, digest_size=8).digest())
