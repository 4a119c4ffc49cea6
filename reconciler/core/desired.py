"""*Desired* is the declared, resolved against the observed at one instant."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple, TypeAlias

from reconciler.core.declared import (
    ALWAYS,
    DeclaredCollection,
    DeclaredShare,
    Reference,
    Window,
)
from reconciler.core.model import (
    Notice,
    Permission,
    Principal,
    Status,
)
from reconciler.errors import Location


class DesiredShare(NamedTuple):
    """
    One principal's share as it should be, with the line that says so and its words.

    A tuple, for one is made of every line.
    """

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
class DesiredState:
    """
    All entries of the file, resolved, and what is to be told about them.

    `moved` are the principals of addresses that belong to another id than is
    remembered, the former and the present one, each with the words for it.
    """

    collections: tuple[DesiredCollection, ...]
    notices: tuple[Notice, ...] = ()
    moved: Mapping[Principal, str] = field(default_factory=dict)
