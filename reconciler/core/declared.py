"""*Declared* is what the files say: names still names, windows of time still open."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from reconciler.core.model import (
    Mode,
    Permission,
    PrincipalType,
)
from reconciler.errors import Location


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
        if self.closes is not None and self.closes <= now:
            return False
        return self.opens is None or self.opens <= now

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


def collection_key(declared: DeclaredCollection) -> str:
    """What an entry is called across passes: its name, and its owner where one is written."""
    return declared.name if declared.owner is None else f"{declared.name}\0{declared.owner.key}"
