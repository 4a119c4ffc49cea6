"""Random small tenants and files: few names, so that they meet often."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal
from typing import TypeVar

from hypothesis import strategies as st

from reconciler.core.declared import (
    Declarations,
    DeclaredCollection,
    DeclaredShare,
    Reference,
    Window,
    collection_key,
)
from reconciler.core.desired import DesiredState
from reconciler.core.directory import Directory, directory
from reconciler.core.guards import Judged, approve
from reconciler.core.limits import Acknowledgement, Limit, Limits, Visibility
from reconciler.core.model import OWNER, Foreign, Level, Mode
from reconciler.core.observed import (
    Kind,
    Listing,
    LiveCollection,
    Memory,
    ObservedState,
    Person,
    Shares,
    Sightings,
    Unreadable,
)
from reconciler.core.plan import Plan
from reconciler.core.verdict import Protected
from tests.builders import (
    EDIT,
    ME,
    NOW,
    OWNER_ID,
    VIEW,
    address,
    at,
    by_id,
    desire,
    facts_of,
    group,
    group_named,
    plan_for,
    user,
)

Key = TypeVar("Key")
Value = TypeVar("Value")

ADA, BOB = "ada@x.edu", "bob@x.edu"
NAMES = ("Art", "Biology", "Chemistry")
IDS = (11, 12, 13, 14)
PRINCIPALS = (user(ME), user(OWNER_ID), *(user(id) for id in (2, 3, 4)), group(7), group(8))
WHO: tuple[Reference, ...] = (
    *map(by_id, PRINCIPALS),
    address(ADA),
    address("BOB@x.edu"),
    address("nobody@x.edu"),
    group_named("Staff"),
    group_named("Twins"),
)
HOUR = timedelta(hours=1)
SEEN = Sightings(
    {2: Person(2, "Ada", ADA), 3: Person(3, "Bob", BOB), 4: Person(4, None, None)},
    {7: "Staff", 8: None, 21: "Twins", 22: "Twins"},
)


def mostly(usual: Value, *others: Value) -> st.SearchStrategy[Value]:
    """The usual case four times in five, so that what is special stands out against it."""
    return st.sampled_from((*(usual,) * (4 * len(others)), *others))


permissions = st.sampled_from((VIEW, EDIT))
levels: st.SearchStrategy[Level] = st.sampled_from(
    (VIEW, EDIT, VIEW, EDIT, OWNER, Foreign("manage"))
)
windows = st.sampled_from(
    (
        Window(),
        Window(),
        Window(NOW - HOUR, NOW + HOUR),
        Window(NOW + HOUR, None),
        Window(None, NOW - HOUR),
        Window(None, NOW),
    )
)
gaps = mostly(None, "page 2 is missing")
limits_of_one_kind = st.one_of(
    st.none(),
    st.builds(Limit, st.integers(0, 3), st.sampled_from((Decimal(0), Decimal(30), Decimal(100)))),
)


@st.composite
def lines(draw: st.DrawFn) -> tuple[DeclaredShare, ...]:
    """One list of shares: as in a file that validates, no reference is in it twice."""
    who = draw(st.lists(st.sampled_from(WHO), unique_by=lambda each: each.key, max_size=5))
    return tuple(
        DeclaredShare(each, draw(permissions), at(draw(st.integers(50, 99))), draw(windows))
        for each in who
    )


@st.composite
def entries(draw: st.DrawFn) -> tuple[DeclaredCollection, ...]:
    """A few entries, each on a line of its own."""
    return tuple(
        DeclaredCollection(
            name=draw(mostly(NAMES[place], *NAMES)),
            source=at(10 + place),
            mode=draw(mostly(Mode.AUTHORITATIVE, *Mode)),
            id=draw(mostly(None, *IDS)),
            owner=draw(mostly(None, by_id(user(OWNER_ID)), address(ADA))),
            create=draw(st.booleans()),
            allow_empty=draw(st.booleans()),
            share_sets=draw(st.sampled_from(((), ("a",), ("a", "b")))),
            shares=draw(lines()),
        )
        for place in range(draw(st.integers(1, 3)))
    )


declarations = st.builds(
    Declarations,
    collections=entries(),
    share_sets=st.fixed_dictionaries({"a": lines(), "b": lines()}),
    users=st.sampled_from(({}, {ADA: 3})),
    groups=st.sampled_from(({}, {"Twins": 8})),
)


@st.composite
def collections(draw: st.DrawFn) -> Mapping[int, LiveCollection]:
    """What is live: names meet, some are archived, a course's or somebody's library."""
    return {
        id: LiveCollection(
            id=id,
            name=draw(mostly((*NAMES, None)[place], *NAMES, None)),
            kind=draw(mostly(Kind.ORDINARY, *Kind)),
            owner_id=draw(mostly(OWNER_ID, ME, 2, None)),
            level=draw(st.sampled_from((None, VIEW, EDIT))),
            archived=draw(mostly(False, True)),
        )
        for place, id in enumerate(IDS)
        if draw(mostly(True, False))
    }


@st.composite
def lists_of_shares(draw: st.DrawFn) -> Shares | Unreadable:
    if draw(mostly(False, True)):
        return Unreadable("503")
    return Shares(draw(st.dictionaries(st.sampled_from(PRINCIPALS), levels)), draw(gaps))


@st.composite
def observations(draw: st.DrawFn) -> ObservedState:
    """One round of reading, any part of which may have failed."""
    live = draw(collections())
    listed = {id: each for id, each in live.items() if draw(st.integers(0, 4))}
    return ObservedState(
        listing=Listing(listed, draw(gaps)),
        shares={id: draw(lists_of_shares()) for id in live},
        pinned={id: each for id, each in live.items() if id not in listed},
        libraries=draw(
            st.dictionaries(
                st.sampled_from((OWNER_ID, 2)),
                st.one_of(st.just(Unreadable("403")), st.builds(Listing, st.just({}), gaps)),
            )
        ),
        me=draw(st.sampled_from((ME, ME, ME, None))),
    )


limits = st.builds(
    Limits,
    removals_per_collection=limits_of_one_kind,
    removals_per_pass=limits_of_one_kind,
    removals_per_day=limits_of_one_kind,
    escalations_per_pass=limits_of_one_kind,
    expiries_per_pass=limits_of_one_kind,
    grants_per_pass=limits_of_one_kind,
    visibility=st.sampled_from((None, Visibility(1, Decimal(30), Decimal(30)))),
    flapping=st.sampled_from((None, 0, 2)),
)
restored = st.dictionaries(
    st.tuples(st.sampled_from(IDS), st.sampled_from(PRINCIPALS)), st.integers(1, 3), max_size=3
)


@dataclass(frozen=True)
class World:
    """A file, a tenant, what is remembered and how it is judged."""

    declared: Declarations
    observed: ObservedState
    memory: Memory
    limits: Limits
    protected: Protected

    def who(self) -> Directory:
        return directory(self.declared, SEEN)

    def desired(self) -> DesiredState:
        return desire(self.declared, self.observed, seen=SEEN, memory=self.memory)

    def plan(self) -> Plan:
        return plan_for(self.declared, self.observed, seen=SEEN, memory=self.memory)

    def judged(self, acknowledged: frozenset[str] = frozenset()) -> Judged:
        plan = self.plan()
        facts = facts_of(
            plan,
            self.limits,
            observed=self.observed,
            memory=self.memory,
            protected=self.protected,
            moved=self.desired().moved,
        )
        return approve(plan, facts, [Acknowledgement(each) for each in sorted(acknowledged)])

    def shuffled(self, seed: int) -> World:
        """The same world, told in another order."""
        dice = random.Random(seed)  # noqa: S311 - a shuffle, not a secret
        seen = self.observed
        declared = replace(
            self.declared,
            collections=tuple(
                dice.sample(self.declared.collections, k=len(self.declared.collections))
            ),
            share_sets=_shuffled(dice, self.declared.share_sets),
            users=_shuffled(dice, self.declared.users),
        )
        observed = replace(
            seen,
            listing=replace(seen.listing, collections=_shuffled(dice, seen.listing.collections)),
            shares={
                id: replace(each, levels=_shuffled(dice, each.levels))
                if isinstance(each, Shares)
                else each
                for id, each in _shuffled(dice, seen.shares).items()
            },
            pinned=_shuffled(dice, seen.pinned),
            libraries=_shuffled(dice, seen.libraries),
        )
        memory = replace(self.memory, restored=_shuffled(dice, self.memory.restored))
        return replace(self, declared=declared, observed=observed, memory=memory)


@st.composite
def worlds(draw: st.DrawFn) -> World:
    declared = draw(declarations)
    remembered = {
        collection_key(each): draw(st.sampled_from(IDS))
        for each in declared.collections
        if not draw(st.integers(0, 4))
    }
    memory = Memory(
        collections=remembered,
        addresses=draw(st.sampled_from(({}, {}, {ADA: 2}, {ADA: 4, BOB: 2}))),
        visible=draw(st.sampled_from((None, 2, 4))),
        removed_today=draw(st.integers(0, 3)),
        restored=draw(restored),
    )
    protected = draw(st.sets(st.sampled_from(PRINCIPALS), max_size=2))
    return World(
        declared, draw(observations()), memory, draw(limits), Protected(frozenset(protected))
    )


def _shuffled(dice: random.Random, mapping: Mapping[Key, Value]) -> dict[Key, Value]:
    return dict(dice.sample(list(mapping.items()), k=len(mapping)))
