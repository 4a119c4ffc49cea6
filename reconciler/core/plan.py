"""
The plan: every change one round would make, in the order it would make it.

A plan is a sorted value with many readers (text, JSON, digest, guards,
executor). A round with nothing to do has an empty plan, never None. Grants go
first, so that nobody moved from a direct share to a group's is locked out in
between; there is no change that deletes, archives, renames or re-owns a
collection, so no bug can make one.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple, TypeAlias

from reconciler.core.model import Level, Mode, Notice, Permission, Principal, Status
from reconciler.core.observed import LiveCollection, Shares
from reconciler.errors import Location


class Action(StrEnum):
    """The endpoint's own verbs."""

    CREATE = "create"
    UPDATE = "update"
    DESTROY = "destroy"


class Cause(StrEnum):
    """Whether an edit of the file brings a change about, or what happened in Studio."""

    FILE = "file"
    DRIFT = "drift"


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """
    One share to create (no `before`), update (both) or destroy (no `after`).

    `expired` marks the end of a written window: such a destroy is an expiry,
    never a removal. `hold` is the id of the hold that keeps it back.
    """

    principal: Principal
    before: Permission | None
    after: Permission | None
    who: str
    source: Location
    reason: str | None = None
    expired: bool = False
    hold: str | None = None
    cause: Cause | None = None

    def __post_init__(self) -> None:
        if self.before == self.after:
            raise ValueError(f"a change of {self.principal} from {self.before} to itself")

    @property
    def action(self) -> Action:
        if self.before is None:
            return Action.CREATE
        return Action.DESTROY if self.after is None else Action.UPDATE

    @property
    def is_grant(self) -> bool:
        return self.before is None

    @property
    def is_expiry(self) -> bool:
        return self.after is None and self.expired

    @property
    def is_removal(self) -> bool:
        """Takes away what somebody has, wholly or in part."""
        if self.before is None:
            return False
        if self.after is None:
            return not self.expired
        return self.after.rank < self.before.rank

    @property
    def is_escalation(self) -> bool:
        if self.before is None or self.after is None:
            return False
        return self.after.rank > self.before.rank

    @property
    def takes_away(self) -> bool:
        """A removal or an expiry: what must never rest on something not seen."""
        return self.is_removal or self.is_expiry

    @property
    def order(self) -> tuple[int, str, int]:
        """Grants, then raised levels, then lowered ones, then destroys."""
        step = 3 if self.after is None else 0 if self.is_grant else 1 if self.is_escalation else 2
        return step, *self.principal


class Why(StrEnum):
    """Why a share that differs, or is never ours to touch, is left alone."""

    OWNER = "owner"
    SELF = "self"
    FOREIGN = "foreign"
    ADDITIVE = "additive"
    OBSERVE = "observe"
    UNRESOLVED = "unresolved"


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftAlone:
    """A share that the plan does not touch: what is seen, what the file asks for, and why not."""

    principal: Principal
    who: str
    level: Level | None
    why: Why
    desired: Permission | None = None


class Doing(StrEnum):
    """What is done about the collection itself."""

    NONE = "none"
    CREATE = "create"


@dataclass(frozen=True, slots=True, kw_only=True)
class CollectionPlan:
    """
    One entry of the file and what becomes of it.

    `live` is the collection as seen (None where there is none yet), `observed`
    its permission list (None where it was not read). `changeable` counts the
    observed shares that the plan could change: the base of percentages.
    `unresolved` says that a line's principal is nobody or several, `empty` that
    the written list is empty and `allow_empty` is not given, `sure` that the
    match rests on a complete listing or a pinned or remembered id.
    """

    name: str
    source: Location
    mode: Mode
    status: Status = Status.OK
    reason: str | None = None
    action: Doing = Doing.NONE
    hold: str | None = None
    id: int | None = None
    owner_id: int | None = None
    live: LiveCollection | None = None
    observed: Shares | None = None
    changes: tuple[Change, ...] = ()
    left_alone: tuple[LeftAlone, ...] = ()
    unchanged: int = 0
    changeable: int = 0
    unresolved: tuple[str, ...] = ()
    empty: bool = False
    sure: bool = True

    @property
    def key(self) -> CollectionKey:
        return CollectionKey(self.name, self.source)


class CollectionKey(NamedTuple):
    """An entry of the file, whether or not it has a live collection yet."""

    name: str
    source: Location


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """
    A set of changes that a guard keeps back.

    The id is a digest of the guard, its scope and the set of changes: another
    set is another hold. `collection` is None when the hold is over the pass.
    """

    id: str
    guard: str
    collection: str | None
    detail: str
    changes: int
    can_be_acknowledged: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Expiry:
    """A share whose written window closes soon, and what other lines leave of it then."""

    closes: datetime
    collection: str
    principal: Principal
    who: str
    permission: Permission
    source: Location
    remaining: Permission | None = None

    @property
    def order(self) -> tuple[datetime, str, str, int, Location]:
        return self.closes, self.collection, *self.principal, self.source


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """
    Everything one round would do.

    `acknowledged` are the holds a person let through. `expiring` is what will
    go by itself before long: no part of what is done now, nor of the plan's
    document, for it changes with the time alone.
    """

    collections: tuple[CollectionPlan, ...] = ()
    notices: tuple[Notice, ...] = ()
    holds: tuple[Hold, ...] = ()
    acknowledged: tuple[Hold, ...] = ()
    expiring: tuple[Expiry, ...] = ()

    def changes(self) -> Iterator[tuple[CollectionPlan, Change]]:
        """Every change with the collection it belongs to, in the plan's order."""
        for collection in self.collections:
            for change in collection.changes:
                yield collection, change

    @property
    def changeable(self) -> int:
        """The observed shares this plan could change: what percentages are of."""
        return sum(collection.changeable for collection in self.collections)

    @property
    def has_changes(self) -> bool:
        return any(
            collection.changes or collection.action is Doing.CREATE
            for collection in self.collections
        )

    @property
    def unreadable(self) -> int:
        return sum(each.status is Status.UNREADABLE for each in self.collections)


@dataclass(frozen=True, slots=True)
class Summary:
    """The counts of a plan; creates, updates and destroys include what is held."""

    collections: int
    create_collection: int
    create: int
    update: int
    destroy: int
    held: int
    unchanged: int
    unresolved: int
    unreadable: int


def summarize(plan: Plan) -> Summary:
    actions = [change.action for _, change in plan.changes()]
    return Summary(
        collections=len(plan.collections),
        create_collection=sum(each.action is Doing.CREATE for each in plan.collections),
        create=actions.count(Action.CREATE),
        update=actions.count(Action.UPDATE),
        destroy=actions.count(Action.DESTROY),
        held=sum(change.hold is not None for _, change in plan.changes()),
        unchanged=sum(each.unchanged for each in plan.collections),
        unresolved=len({who for each in plan.collections for who in each.unresolved}),
        unreadable=plan.unreadable,
    )


ChangeKey: TypeAlias = tuple[CollectionKey, Principal]
