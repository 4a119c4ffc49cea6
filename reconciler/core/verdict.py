"""What guards look at, and what they say: the vocabulary of `evidence`, `quotas` and `guards`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from reconciler.core.limits import Limits
from reconciler.core.model import Permission, Principal, PrincipalType
from reconciler.core.observed import Memory, ObservedState
from reconciler.core.plan import (
    Change,
    ChangeKey,
    CollectionKey,
    CollectionPlan,
    Hold,
)

ItemKey: TypeAlias = ChangeKey | CollectionKey
Deed: TypeAlias = tuple[ItemKey, Permission | None, Permission | None]


def deed(key: ItemKey, change: Change | None) -> Deed:
    """What exactly would be done: another level for the same person is another deed."""
    return (key, change.before, change.after) if change is not None else (key, None, None)


@dataclass(frozen=True, slots=True)
class Item:
    """One thing a guard may hold: a change of a share or, without one, a collection's creation."""

    collection: CollectionPlan
    change: Change | None = None
    key: ItemKey = field(init=False, compare=False)

    def __post_init__(self) -> None:
        # Every guard asks for it: made once.
        entry = self.collection.key
        key = entry if self.change is None else (entry, self.change.principal)
        object.__setattr__(self, "key", key)

    @property
    def deed(self) -> Deed:
        return deed(self.key, self.change)

    @property
    def takes_away(self) -> bool:
        return self.change is not None and self.change.takes_away

    @property
    def creates_collection(self) -> bool:
        return self.change is None

    @property
    def digest_line(self) -> str:
        """The item as a hold's id knows it: the same wherever it stands in the file."""
        where = scope(self.collection)
        if self.change is None:
            return f"{where}\0create"
        change = self.change
        return f"{where}\0{change.principal}\0{change.before}\0{change.after}"


def scope(collection: CollectionPlan) -> str:
    """What a collection is called in a digest: its id, or its name and owner to be."""
    return str(collection.id) if collection.id else f"{collection.name}\0{collection.owner_id}"


@dataclass(frozen=True, slots=True)
class Protected:
    """
    Who is never removed or lowered.

    `unknown` are the written names that are nobody we know: until they are,
    nobody whose own name was not seen (`nameless`) is removed, for it may be them.
    """

    principals: frozenset[Principal] = frozenset()
    unknown: Mapping[PrincipalType, str] = field(default_factory=dict)
    nameless: frozenset[Principal] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Spent:
    """
    What earlier rounds of the same pass did and held, and the base they share.

    Percentages are of the shares observed first; what was held stays held, and
    what a person let through needs no second word. `unreadable` counts the
    entries that the first round could not read; `lost` are the names and
    owners' ids of creations whose answer was lost.
    """

    changeable: int
    changeable_in: Mapping[CollectionKey, int] = field(default_factory=dict)
    changes: tuple[tuple[CollectionKey, Change], ...] = ()
    held: Mapping[ItemKey, Hold] = field(default_factory=dict)
    acknowledged: frozenset[Deed] = frozenset()
    unreadable: int = 0
    lost: frozenset[tuple[str, int | None]] = frozenset()

    def judged(self) -> tuple[tuple[CollectionKey, Change], ...]:
        """The changes done that count towards limits: all but what a person let through."""
        return tuple(
            (key, change)
            for key, change in self.changes
            if deed((key, change.principal), change) not in self.acknowledged
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """
    Everything a guard may judge by, besides the changes it is shown.

    `acknowledged` is what a person let through at an earlier guard: no quota
    judges it, but it counts in the day's.
    """

    observed: ObservedState
    limits: Limits = field(default_factory=Limits)
    protected: Protected = field(default_factory=Protected)
    moved: Mapping[Principal, str] = field(default_factory=dict)
    memory: Memory = field(default_factory=Memory)
    managed: int = 0
    unreadable: int = 0
    spent: Spent
    acknowledged: tuple[Item, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """A guard's word: these items are held, for this reason. `collection` is the scope, if any."""

    guard: str
    items: tuple[Item, ...]
    detail: str
    collection: CollectionPlan | None = None


Guard: TypeAlias = Callable[[Facts, Sequence[Item]], Iterable[Verdict]]


def by_collection(items: Iterable[Item]) -> Iterable[tuple[CollectionPlan, tuple[Item, ...]]]:
    """The items of each collection, in the plan's order."""
    groups: dict[CollectionKey, list[Item]] = {}
    for item in items:
        groups.setdefault(item.collection.key, []).append(item)
    return ((group[0].collection, tuple(group)) for group in groups.values())
