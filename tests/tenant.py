"""
A tenant in memory and a hand that writes to it, for passes without HTTP.

Answers can get lost, requests be refused, and people meddle between rounds. What
it does not do: page, refuse a batch as one, or show a share in another order.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum, auto
from typing import TypeAlias

from reconciler.core.guards import ApprovedPlan
from reconciler.core.model import Level, Principal
from reconciler.core.observed import (
    Absent,
    Found,
    Listing,
    LiveCollection,
    Shares,
    Sightings,
    Unreadable,
)
from reconciler.core.outcome import APPLIED, Outcome, Outcomes, Result
from reconciler.core.plan import Change, ChangeKey, CollectionKey, CollectionPlan, Doing, Plan
from tests.builders import ME, NOW, apply_to, live


class Fate(Enum):
    """What befalls a write. The default is that it is done and the answer says so."""

    LOST_DONE = auto()
    LOST_UNDONE = auto()
    TIMED_OUT = auto()
    REFUSED = auto()
    OVERTAKEN = auto()


Fates: TypeAlias = Mapping[tuple[int, str], Fate]
FATES = {
    Fate.LOST_DONE: Outcome(Result.UNKNOWN, "the connection broke"),
    Fate.LOST_UNDONE: Outcome(Result.UNKNOWN, "the connection broke"),
    Fate.TIMED_OUT: Outcome(Result.UNKNOWN, "no answer in time", may_land=True),
    Fate.REFUSED: Outcome(Result.FAILED, "refused with 422", final=True),
    Fate.OVERTAKEN: Outcome(Result.NOT_TRIED, "it moved while we wrote"),
}


@dataclass
class Tenant:
    """Collections and their shares, with a count of every read."""

    collections: dict[int, LiveCollection] = field(default_factory=dict)
    levels: dict[int, dict[Principal, Level]] = field(default_factory=dict)
    hidden: set[int] = field(default_factory=set)
    closed_libraries: set[int] = field(default_factory=set)
    unreadable: set[int] = field(default_factory=set)
    unseen: dict[int, Principal] = field(default_factory=dict)
    reads: Counter[str] = field(default_factory=Counter)

    def add(self, id: int, name: str, levels: Mapping[Principal, Level]) -> None:
        self.collections[id] = live(id, name)
        self.levels[id] = dict(levels)

    def create(self, name: str, owner: int | None) -> LiveCollection:
        made = live(9000 + len(self.collections), name, owner=owner or ME)
        self.collections[made.id] = made
        self.levels[made.id] = {}
        if owner not in {None, ME}:
            self.hidden.add(made.id)
        return made

    def named(self, name: str) -> list[int]:
        return [id for id, each in self.collections.items() if each.name == name]

    def listing(self) -> tuple[Listing, Sightings, int | None]:
        self.reads["listing"] += 1
        shown = {id: each for id, each in self.collections.items() if id not in self.hidden}
        return Listing(shown), Sightings(), ME

    def collection(self, id: int) -> LiveCollection | Absent | Unreadable:
        self.reads[f"collection {id}"] += 1
        return self.collections.get(id, Absent("404"))

    def shares(self, ids: Collection[int]) -> tuple[Mapping[int, Shares | Unreadable], Sightings]:
        self.reads.update(f"shares {id}" for id in ids)
        return {id: self._list(id) for id in ids}, Sightings()

    def _list(self, id: int) -> Shares | Unreadable:
        if id in self.unreadable:
            return Unreadable("503")
        unseen = self.unseen.get(id)
        shown = {who: level for who, level in self.levels[id].items() if who != unseen}
        return Shares(shown, None if unseen is None else "a row is broken")

    def people(self, addresses: Collection[str]) -> Mapping[str, Found]:
        self.reads.update(f"people {each}" for each in addresses)
        return dict.fromkeys(addresses, ())

    def library(self, user_id: int) -> tuple[Listing | Unreadable, Sightings]:
        self.reads[f"library {user_id}"] += 1
        if user_id in self.closed_libraries:
            return Unreadable("403"), Sightings()
        owned = {id: each for id, each in self.collections.items() if each.owner_id == user_id}
        return Listing(owned), Sightings()


@dataclass
class Hand:
    """Carries out what is approved. `fates` is by round and by principal or collection name."""

    tenant: Tenant
    fates: Fates = field(default_factory=dict)
    meddling: Mapping[int, Callable[[Tenant], None]] = field(default_factory=dict)
    sent: list[tuple[int, str]] = field(default_factory=list)
    landed: list[tuple[int, Change]] = field(default_factory=list)

    def __call__(self, approved: ApprovedPlan, round: int) -> Outcomes:
        shares: dict[ChangeKey, Outcome] = {}
        collections: dict[CollectionKey, Outcome] = {}
        created: dict[CollectionKey, LiveCollection] = {}
        for each in approved.collections:
            id = each.id
            if each.action is Doing.CREATE:
                made, collections[each.key] = self._create(each, round)
                id = made.id if made is not None else None
                if made is not None:
                    created[each.key] = made
            for change in each.changes:
                shares[each.key, change.principal] = self._share(id, change, round)
        if meddle := self.meddling.get(round):
            meddle(self.tenant)
        return Outcomes(shares, collections, created)

    @property
    def removed(self) -> int:
        return sum(change.is_removal for _, change in self.landed)

    def _create(self, each: CollectionPlan, round: int) -> tuple[LiveCollection | None, Outcome]:
        self.sent.append((round, each.name))
        fate = self.fates.get((round, each.name))
        if fate in {None, Fate.LOST_DONE}:
            made = self.tenant.create(each.name, each.owner_id)
            return (made, APPLIED) if fate is None else (None, FATES[Fate.LOST_DONE])
        assert fate is not None
        return None, FATES[fate]

    def _share(self, id: int | None, change: Change, round: int) -> Outcome:
        if id is None:
            return Outcome(Result.NOT_TRIED, "its collection was not created")
        self.sent.append((round, str(change.principal)))
        fate = self.fates.get((round, str(change.principal)))
        if fate in {None, Fate.LOST_DONE}:
            self.tenant.levels[id] = apply_to(self.tenant.levels[id], [change])
            self.landed.append((id, change))
        return APPLIED if fate is None else FATES[fate]


@dataclass
class Watch:
    """A clock that goes on only by being waited for; once stopped, waiting ends at once."""

    time: datetime = NOW
    stopped: bool = False
    waits: list[datetime] = field(default_factory=list)

    def now(self) -> datetime:
        return self.time

    def wait_until(self, when: datetime, why: str) -> None:
        assert why
        self.waits.append(when)
        if not self.stopped:
            self.time = max(self.time, when)


@dataclass
class Diary:
    """What was planned, by round, before anything of it was done."""

    hand: Hand
    plans: list[Plan] = field(default_factory=list)

    def planned(self, round: int, plan: Plan) -> None:
        assert round == len(self.plans) + 1
        assert all(sent_in < round for sent_in, _ in self.hand.sent)
        self.plans.append(plan)
