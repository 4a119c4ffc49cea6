"""
The nouns: what is declared, what is observed, what is desired.

*Declared* is what the files say, names still names and windows of time still
open questions. *Observed* is what the service answered, with what it did not
answer kept as a value of its own: `Unreadable`, `Foreign`, an incomplete
`Listing`. *Desired* is the declared, resolved against the observed at one instant.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import TypeAlias

from reconciler.errors import Location


class PrincipalType(StrEnum):
    """User ids and group ids are separate spaces: user 7 is not group 7."""

    USER = "user"
    GROUP = "group"


@dataclass(frozen=True, slots=True, order=True)
class Principal:
    """Somebody a collection can be shared with, by Studio id."""

    type: PrincipalType
    id: int

    @property
    def order(self) -> tuple[str, int]:
        """A cheap key to sort by: users after groups, by id."""
        return self.type.value, self.id

    def __str__(self) -> str:
        return f"{self.type}:{self.id}"


class Permission(StrEnum):
    """The levels the endpoint lets us write, the lowest first."""

    VIEW = "view"
    EDIT = "edit"

    @property
    def rank(self) -> int:
        """Order of power: a higher rank may do all that a lower one may."""
        return list(Permission).index(self)


@dataclass(frozen=True, slots=True)
class Foreign:
    """A level the service answered that we do not write: `owner`, or a word unknown to us."""

    word: str

    def __str__(self) -> str:
        return self.word


Level: TypeAlias = Permission | Foreign
OWNER = Foreign("owner")


class Mode(StrEnum):
    """How far the file rules: only looks, only adds, or makes equal."""

    OBSERVE = "observe"
    ADDITIVE = "additive"
    AUTHORITATIVE = "authoritative"


# --- declared: what the files say -------------------------------------------------


@dataclass(frozen=True, slots=True, order=True)
class Reference:
    """
    A principal as written: a Studio id, or a name still to be looked up.

    Exactly one of `id` and `name` is set. Users are named by e-mail address,
    groups by name.
    """

    type: PrincipalType
    id: int | None = None
    name: str | None = None

    @property
    def key(self) -> str:
        """What makes two references the same: addresses compare without case, names exactly."""
        if self.name is None:
            return f"{self.type}:{self.id}"
        name = self.name.casefold() if self.type is PrincipalType.USER else self.name
        return f"{self.type}={name}"

    def __str__(self) -> str:
        return self.name if self.name is not None else f"{self.type}:{self.id}"


@dataclass(frozen=True, slots=True)
class Window:
    """The instants in which a share is desired: from `opens` on, up to but without `closes`."""

    opens: datetime | None = None
    closes: datetime | None = None

    def contains(self, now: datetime) -> bool:
        return not self.is_closed(now) and (self.opens is None or self.opens <= now)

    def is_closed(self, now: datetime) -> bool:
        return self.closes is not None and self.closes <= now


ALWAYS = Window()


@dataclass(frozen=True, slots=True)
class DeclaredShare:
    """One line of a list of shares."""

    who: Reference
    permission: Permission
    source: Location
    window: Window = ALWAYS
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclaredCollection:
    """One collection of the file: its own lines, and the names of the share sets it takes."""

    name: str
    source: Location
    mode: Mode
    id: int | None = None
    owner: Reference | None = None
    create: bool = True
    allow_empty: bool = False
    share_sets: tuple[str, ...] = ()
    shares: tuple[DeclaredShare, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Declarations:
    """
    Everything the files declare.

    `users` maps addresses (case folded) to ids, `groups` names to ids: the
    file's own directory, which is asked before anything live.
    """

    collections: tuple[DeclaredCollection, ...] = ()
    share_sets: Mapping[str, tuple[DeclaredShare, ...]] = field(default_factory=dict)
    users: Mapping[str, int] = field(default_factory=dict)
    groups: Mapping[str, int] = field(default_factory=dict)

    def lists_of(
        self, collection: DeclaredCollection
    ) -> tuple[tuple[str | None, tuple[DeclaredShare, ...]], ...]:
        """The lists that make up a collection's shares: its own (named None), then its sets."""
        sets = tuple((name, self.share_sets[name]) for name in collection.share_sets)
        return ((None, collection.shares), *sets)


# --- observed: what the service answered -------------------------------------------


@dataclass(frozen=True, slots=True)
class Person:
    """A user as seen live. The address may be missing, or be a Canvas login."""

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
    often a share was put back in them.
    """

    collections: Mapping[str, int] = field(default_factory=dict)
    addresses: Mapping[str, int] = field(default_factory=dict)
    visible: int | None = None
    removed_today: int = 0
    restored: Mapping[tuple[int, Principal], int] = field(default_factory=dict)


NOTHING_REMEMBERED = Memory()


# --- desired: the declared, resolved -------------------------------------------------


@dataclass(frozen=True, slots=True)
class DesiredShare:
    """One principal's share as it should be, with the line that says so and its words."""

    principal: Principal
    permission: Permission
    source: Location
    name: str | None = None
    reason: str | None = None
    share_set: str | None = None
    window: Window = ALWAYS


@dataclass(frozen=True, slots=True)
class Unresolved:
    """A name that is nobody (no candidates) or several (their ids)."""

    who: Reference
    source: Location
    detail: str
    candidates: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Met:
    """
    The entry is this live collection.

    `sure` is False for a match by name in an incomplete listing: a second one
    of that name may be where we did not see.
    """

    id: int
    sure: bool = True


@dataclass(frozen=True, slots=True)
class ToCreate:
    """No such collection: to be created, for this owner (None: the token's own user)."""

    owner_id: int | None


class Status(StrEnum):
    """How an entry stands, in the plan's words."""

    OK = "ok"
    UNREADABLE = "unreadable"
    MISSING = "missing"
    AMBIGUOUS = "ambiguous"
    IGNORED = "ignored"


@dataclass(frozen=True, slots=True)
class Unmet:
    """The entry has no live collection we may touch, and none is created. Status is never OK."""

    status: Status
    reason: str


Target: TypeAlias = Met | ToCreate | Unmet


@dataclass(frozen=True, slots=True, kw_only=True)
class DesiredCollection:
    """
    One entry of the file, resolved.

    `closed` are the principals whose written window is over (their going is an
    expiry, not a removal); `contested` those that two lines of one list claim
    under different names, with both lines: they are left alone.
    """

    declared: DeclaredCollection
    target: Target
    shares: Mapping[Principal, DesiredShare] = field(default_factory=dict)
    closed: Mapping[Principal, DeclaredShare] = field(default_factory=dict)
    contested: Mapping[Principal, str] = field(default_factory=dict)
    unresolved: tuple[Unresolved, ...] = ()
    written_empty: bool = False


@dataclass(frozen=True, slots=True)
class Notice:
    """A warning of the plan: something a person should know. It changes no exit status."""

    source: Location | None
    code: str
    message: str

    @property
    def order(self) -> tuple[str, int, int, str, str]:
        """By place in the files, those without one first."""
        where = self.source or Location("", 0, 0)
        return where.path, where.line, where.column, self.code, self.message


@dataclass(frozen=True, slots=True)
class DesiredState:
    """
    All entries of the file, resolved, and what is to be told about them.

    `moved` are the principals of addresses that belong to another id than is
    remembered, the former and the present one, each with the words for it.
    """

    collections: tuple[DesiredCollection, ...]
    notices: tuple[Notice, ...] = ()
    moved: Mapping[Principal, str] = field(default_factory=dict)


def collection_key(declared: DeclaredCollection) -> str:
    """What an entry is called across passes: its name, and its owner where one is written."""
    return declared.name if declared.owner is None else f"{declared.name}\0{declared.owner.key}"
