"""
*Observed* is what the service answered, and what it did not answer.

What could not be read, was not understood or is not all there is a value of
its own (`Unreadable`, `Foreign`, a `Listing` with a gap), never taken for
empty or absent. What earlier passes knew, `Memory`, is kept beside it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple, TypeAlias

from reconciler.core.model import (
    Level,
    Principal,
)


class Person(NamedTuple):
    """
    A user as seen live. The address may be missing, or be a Canvas login.

    A tuple, for one is made of every share of a user that is read.
    """

    id: int
    name: str | None = None
    email: str | None = None


class Kind(StrEnum):
    """What sort of collection. What is called neither `user` nor `course_wide` is ordinary."""

    ORDINARY = "ordinary"
    USER = "user"
    COURSE_WIDE = "course_wide"


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveCollection:
    """A collection as listed. `level` is what the token's own user may do in it, when told."""

    id: int
    name: str | None
    kind: Kind = Kind.ORDINARY
    owner_id: int | None = None
    level: Level | None = None
    archived: bool = False


@dataclass(frozen=True, slots=True)
class Listing:
    """A list of collections, and why it may not be all of them (None: it is)."""

    collections: Mapping[int, LiveCollection]
    gap: str | None = None

    @property
    def complete(self) -> bool:
        return self.gap is None


@dataclass(frozen=True, slots=True)
class Shares:
    """The permission list of one collection, and why it may not be all of it (None: it is)."""

    levels: Mapping[Principal, Level]
    gap: str | None = None


@dataclass(frozen=True, slots=True)
class Unreadable:
    """What could not be read, and why. Never taken for empty or absent."""

    reason: str


@dataclass(frozen=True, slots=True)
class Absent:
    """The service says, by a 404 to a direct question, that this id is not there."""

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ObservedState:
    """
    What one round of reading saw.

    `pinned` holds answers to direct questions about ids the listing did not
    show; `libraries` the collections of other owners, asked for before one is
    created there; `me` is the token's own user, None where nothing tells.
    """

    listing: Listing
    shares: Mapping[int, Shares | Unreadable] = field(default_factory=dict)
    pinned: Mapping[int, LiveCollection | Absent | Unreadable] = field(default_factory=dict)
    libraries: Mapping[int, Listing | Unreadable] = field(default_factory=dict)
    me: int | None = None

    def collection(self, id: int) -> LiveCollection | None:
        """The collection of that id, wherever it was seen."""
        if (seen := self.listing.collections.get(id)) is not None:
            return seen
        if isinstance(asked := self.pinned.get(id), LiveCollection):
            return asked
        for library in self.libraries.values():
            if isinstance(library, Listing) and id in library.collections:
                return library.collections[id]
        return None


@dataclass(frozen=True, slots=True)
class Sightings:
    """People and groups seen while reading; groups by id with their name."""

    people: Mapping[int, Person] = field(default_factory=dict)
    groups: Mapping[int, str | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class LookupFailed:
    """A search for an address that gave no usable answer."""

    reason: str


Found: TypeAlias = tuple[Person, ...] | LookupFailed


@dataclass(frozen=True, slots=True)
class Memory:
    """
    What earlier passes knew. Losing it loses memory, never correctness.

    `collections` maps what a collection is called in the file (`collection_key`)
    to the id it had; `addresses` maps case-folded addresses to ids; `visible`
    is how many collections the listing showed at the last agreement;
    `removed_today` counts the removals of the last 24 hours; `restored` how
    often a share was put back in them; `lost` are the names and owners' ids of
    creations that were sent and of which nobody knows what became.
    """

    collections: Mapping[str, int] = field(default_factory=dict)
    addresses: Mapping[str, int] = field(default_factory=dict)
    visible: int | None = None
    removed_today: int = 0
    restored: Mapping[tuple[int, Principal], int] = field(default_factory=dict)
    lost: frozenset[tuple[str, int | None]] = frozenset()


NOTHING_REMEMBERED = Memory()
