"""Tenants shared out: even, still, moving no more than they must, the same for all who look."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from random import Random
from typing import TypeAlias

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.daemon.sharing import share_out

Willing: TypeAlias = dict[str, frozenset[str]]
Held: TypeAlias = dict[str, str]

ANA, BEN, EVE, STRANGER = "ana", "ben", "eve", "stranger"
SCHOOLS = tuple(f"school-{n}.test" for n in range(300))


def all_would(members: Iterable[str], count: int) -> Willing:
    return dict.fromkeys(members, frozenset(SCHOOLS[:count]))


def wanted(willing: Mapping[str, frozenset[str]]) -> list[str]:
    return sorted(frozenset[str]().union(*willing.values()))


def moves(willing: Willing, held: Held, owners: Mapping[str, str]) -> int:
    """How many seats go from one who would keep them to another."""
    return sum(
        owners[tenant] != holder
        for tenant, holder in held.items()
        if tenant in willing.get(holder, ())
    )


def unevenness(willing: Willing, owners: Mapping[str, str]) -> int:
    loads = Counter(owners.values())
    return sum(loads[member] ** 2 for member in willing)


def every_way(willing: Willing) -> Iterator[dict[str, str]]:
    """All the ways to give every tenant to somebody who would serve it."""
    tenants = wanted(willing)
    servants = ([m for m in willing if tenant in willing[m]] for tenant in tenants)
    for owners in itertools.product(*servants):
        yield dict(zip(tenants, owners, strict=True))


def is_best(willing: Willing, held: Held) -> bool:
    def cost(owners: Mapping[str, str]) -> tuple[int, int]:
        return unevenness(willing, owners), moves(willing, held, owners)

    return cost(share_out(willing, held)) == min(map(cost, every_way(willing)))


@st.composite
def small_worlds(draw: st.DrawFn, tenants: int = 5) -> tuple[Willing, Held]:
    schools = SCHOOLS[: draw(st.integers(0, tenants))]
    some = st.frozensets(st.sampled_from(schools)) if schools else st.just(frozenset[str]())
    willing = draw(st.dictionaries(st.sampled_from([ANA, BEN, EVE]), some, min_size=1))
    holders = st.none() | st.sampled_from([ANA, BEN, EVE, STRANGER])
    held = {each: draw(holders) for each in schools}
    return willing, {tenant: holder for tenant, holder in held.items() if holder is not None}


# --- laws --------------------------------------------------------------------------------


def test_every_world_of_two_members_and_three_tenants_is_shared_out_at_its_best() -> None:
    schools = SCHOOLS[:3]
    sets = [frozenset(c) for n in range(4) for c in itertools.combinations(schools, n)]
    for ana, ben in itertools.product(sets, repeat=2):
        for holders in itertools.product((None, ANA, BEN, STRANGER), repeat=3):
            held = {t: who for t, who in zip(schools, holders, strict=True) if who}
            assert is_best({ANA: ana, BEN: ben}, held)


@given(small_worlds())
def test_no_way_is_more_even_and_none_as_even_moves_fewer(world: tuple[Willing, Held]) -> None:
    assert is_best(*world)


A, B, C, D, E, F = SCHOOLS[:6]


@pytest.mark.parametrize(
    ("willing", "held"),
    [
        pytest.param(
            {ANA: frozenset({A, B, D}), BEN: frozenset({A, D}), EVE: frozenset({B})},
            {A: BEN},
            id="of two that could move the free one does",
        ),
        pytest.param(
            {
                ANA: frozenset({B, C, E}),
                BEN: frozenset({A, B, E}),
                EVE: frozenset({A, C, D, F}),
                "dan": frozenset({A}),
            },
            {A: BEN, C: EVE, E: ANA},
            id="one that moved goes back when another can move instead",
        ),
    ],
)
def test_which_one_moves_is_thought_over(willing: Willing, held: Held) -> None:
    assert is_best(willing, held)


@given(small_worlds(12))
def test_each_tenant_has_one_owner_among_those_who_would(world: tuple[Willing, Held]) -> None:
    willing, held = world
    owners = share_out(willing, held)
    assert sorted(owners) == wanted(willing)
    assert all(tenant in willing[owner] for tenant, owner in owners.items())


@given(small_worlds(12))
def test_what_is_shared_out_stays_so(world: tuple[Willing, Held]) -> None:
    willing, held = world
    owners = share_out(willing, held)
    assert share_out(willing, owners) == owners


@given(small_worlds(12), st.randoms(use_true_random=False))
def test_who_asks_and_in_which_order_does_not_matter(
    world: tuple[Willing, Held], random: Random
) -> None:
    willing, held = world
    members, seats = list(willing.items()), list(held.items())
    random.shuffle(members)
    random.shuffle(seats)
    assert share_out(dict(members), dict(seats)) == share_out(willing, held)


@given(
    st.lists(st.integers(0, 12), min_size=1, max_size=6),
    st.integers(0, 20),
)
def test_where_all_would_serve_all_loads_differ_by_one_and_only_the_surplus_moves(
    loads: list[int], free: int
) -> None:
    members = [f"m{n}" for n in range(len(loads))]
    willing = all_would(members, sum(loads) + free)
    holders = (m for m, load in zip(members, loads, strict=True) for _ in range(load))
    held = dict(zip(SCHOOLS, holders, strict=False))

    owners = share_out(willing, held)

    shares = sorted((Counter(owners.values())[m] for m in members), reverse=True)
    assert shares[0] - shares[-1] <= 1
    surplus = sum(
        max(0, had - has) for had, has in zip(sorted(loads, reverse=True), shares, strict=True)
    )
    assert moves(willing, held, owners) == surplus


# --- examples ----------------------------------------------------------------------------


def test_without_anybody_nobody_gets_anything() -> None:
    assert share_out({}, {"school.test": ANA}) == {}
    assert share_out({ANA: frozenset()}, {"school.test": ANA}) == {}


def test_a_machine_that_joins_gets_a_fair_share_and_the_rest_stays() -> None:
    three = share_out(all_would([ANA, BEN, EVE], 300), {})
    four = share_out(all_would([ANA, BEN, EVE, "dan"], 300), three)
    assert Counter(four.values()) == {ANA: 75, BEN: 75, EVE: 75, "dan": 75}
    assert sum(three[tenant] != four[tenant] for tenant in three) == 75


def test_a_machine_that_goes_leaves_what_it_had_to_the_others_alike() -> None:
    three = share_out(all_would([ANA, BEN, EVE], 300), {})
    two = share_out(all_would([ANA, BEN], 300), three)
    assert Counter(two.values()) == {ANA: 150, BEN: 150}
    assert all(two[tenant] == owner for tenant, owner in three.items() if owner != EVE)


def test_a_tenant_only_one_would_serve_makes_room_by_others_moving_on() -> None:
    willing = {ANA: frozenset({A, B, C, D}), BEN: frozenset({C, D}), EVE: frozenset({D})}
    owners = share_out(willing, {A: ANA, B: ANA, C: ANA, D: BEN})
    assert owners == {A: ANA, B: ANA, C: BEN, D: EVE}


def test_free_tenants_are_not_offered_to_all_in_the_same_order() -> None:
    alone = [share_out(all_would([ANA, BEN, EVE], 30), {}) for _ in range(2)]
    assert alone[0] == alone[1]
    assert list(alone[0].values()) != sorted(alone[0].values())


# --- members that come and go, and see late ----------------------------------------------


@dataclass
class Fleet:
    """Seats that are leases: whoever finds one free has it. What each saw last may be old."""

    willing: Willing
    held: Held = field(default_factory=dict)
    seen: dict[str, tuple[Willing, Held]] = field(default_factory=dict)
    let_go: int = 0

    def look(self, member: str) -> None:
        self.seen[member] = dict(self.willing), dict(self.held)

    def act(self, member: str) -> None:
        """Let go of what is another's, and take what is free and ours, by what was last seen."""
        if member not in self.willing or member not in self.seen:
            return
        owners = share_out(*self.seen[member])
        for tenant, holder in list(self.held.items()):
            if holder == member and owners.get(tenant, member) != member:
                del self.held[tenant]
                self.let_go += 1
        for tenant, owner in owners.items():
            if owner == member:
                self.held.setdefault(tenant, member)

    def die(self, member: str) -> None:
        self.willing.pop(member, None)
        self.held = {tenant: who for tenant, who in self.held.items() if who != member}


steps = st.lists(
    st.tuples(
        st.sampled_from(["look", "look", "act", "act", "join", "die"]),
        st.sampled_from([ANA, BEN, EVE, "dan"]),
    ),
    max_size=40,
)


@given(steps, st.integers(1, 23), st.permutations([ANA, BEN, EVE, "dan"]))
@pytest.mark.parametrize("likes", ["all", "some"])
def test_whatever_happened_a_few_looks_later_all_sit_evenly_and_no_more_moved_than_had_to(
    likes: str, happened: list[tuple[str, str]], count: int, turns: list[str]
) -> None:
    would = all_would(turns, count)
    if likes == "some":
        would = {m: frozenset(sorted(s)[n :: n + 1]) for n, (m, s) in enumerate(would.items())}
    fleet = Fleet({turns[0]: would[turns[0]]})
    for what, member in happened:
        match what:
            case "look":
                fleet.look(member)
            case "act":
                fleet.act(member)
            case "join":
                fleet.willing[member] = would[member]
            case _:
                fleet.die(member)
    fleet.willing[turns[0]] = would[turns[0]]

    target = share_out(fleet.willing, fleet.held)
    needed, fleet.let_go = moves(fleet.willing, fleet.held, target), 0
    for _ in range(2):
        for member in sorted(fleet.willing):
            fleet.look(member)
            fleet.act(member)

    assert sorted(fleet.held) == wanted(fleet.willing)
    assert unevenness(fleet.willing, fleet.held) == unevenness(fleet.willing, target)
    assert fleet.let_go == needed
