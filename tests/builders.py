"""Core values in few words: who, where, what is declared, what is observed, what is decided."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime

from reconciler.core.declared import (
    ALWAYS,
    Declarations,
    DeclaredCollection,
    DeclaredShare,
    Reference,
    Window,
)
from reconciler.core.desired import DesiredState
from reconciler.core.diff import diff
from reconciler.core.directory import directory
from reconciler.core.limits import Limits
from reconciler.core.matching import match
from reconciler.core.model import Level, Mode, Permission, Principal, PrincipalType, Status
from reconciler.core.observed import (
    NOTHING_REMEMBERED,
    Absent,
    Found,
    Kind,
    Listing,
    LiveCollection,
    Memory,
    ObservedState,
    Shares,
    Sightings,
    Unreadable,
)
from reconciler.core.plan import Change, CollectionPlan, Doing, Plan
from reconciler.core.resolve import resolve
from reconciler.core.verdict import Facts, Protected, Spent
from reconciler.errors import Location

VIEW, EDIT = Permission.VIEW, Permission.EDIT
OWNER_ID = 101
ME = 1
BIOLOGY = 4711
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
OFF = Limits(
    removals_per_collection=None,
    removals_per_pass=None,
    removals_per_day=None,
    escalations_per_pass=None,
    expiries_per_pass=None,
    grants_per_pass=None,
    visibility=None,
    flapping=None,
)


def user(id: int) -> Principal:
    return Principal(PrincipalType.USER, id)


def group(id: int) -> Principal:
    return Principal(PrincipalType.GROUP, id)


def at(line: int, path: str = "config.yaml") -> Location:
    return Location(path, line, 5)


# --- declared ---------------------------------------------------------------------


def by_id(who: Principal) -> Reference:
    return Reference(who.type, id=who.id)


def address(text: str) -> Reference:
    return Reference(PrincipalType.USER, name=text)


def group_named(text: str) -> Reference:
    return Reference(PrincipalType.GROUP, name=text)


def share(
    who: Reference | Principal,
    permission: Permission = VIEW,
    *,
    line: int = 50,
    window: Window = ALWAYS,
    reason: str | None = None,
) -> DeclaredShare:
    """One line of a list of shares."""
    reference = by_id(who) if isinstance(who, Principal) else who
    return DeclaredShare(reference, permission, at(line), window, reason)


def entry(
    *shares: DeclaredShare,
    name: str = "Biology 101",
    line: int = 40,
    mode: Mode = Mode.AUTHORITATIVE,
    id: int | None = None,
    owner: Reference | None = None,
    create: bool = True,
    allow_empty: bool = False,
    share_sets: Sequence[str] = (),
) -> DeclaredCollection:
    """One collection of the file."""
    return DeclaredCollection(
        name=name,
        source=at(line),
        mode=mode,
        id=id,
        owner=owner,
        create=create,
        allow_empty=allow_empty,
        share_sets=tuple(share_sets),
        shares=shares,
    )


def declare(
    *entries: DeclaredCollection,
    share_sets: Mapping[str, Sequence[DeclaredShare]] | None = None,
    users: Mapping[str, int] | None = None,
    groups: Mapping[str, int] | None = None,
) -> Declarations:
    """All that the files say."""
    return Declarations(
        collections=entries,
        share_sets={name: tuple(lines) for name, lines in (share_sets or {}).items()},
        users=users or {},
        groups=groups or {},
    )


# --- observed ---------------------------------------------------------------------


def live(
    id: int = BIOLOGY,
    name: str | None = "Biology 101",
    *,
    owner: int | None = OWNER_ID,
    kind: Kind = Kind.ORDINARY,
    level: Level | None = None,
    archived: bool = False,
) -> LiveCollection:
    """A collection as listed."""
    return LiveCollection(
        id=id, name=name, kind=kind, owner_id=owner, level=level, archived=archived
    )


def listing(*collections: LiveCollection, gap: str | None = None) -> Listing:
    return Listing({each.id: each for each in collections}, gap)


def observe(
    *collections: LiveCollection,
    shares: Mapping[int, Mapping[Principal, Level] | Shares | Unreadable] | None = None,
    gap: str | None = None,
    pinned: Mapping[int, LiveCollection | Absent | Unreadable] | None = None,
    libraries: Mapping[int, Listing | Unreadable] | None = None,
    me: int | None = ME,
) -> ObservedState:
    """What one round saw; a list of shares may be given by its levels alone."""
    return ObservedState(
        listing=listing(*collections, gap=gap),
        shares={
            id: each if isinstance(each, Shares | Unreadable) else Shares(each)
            for id, each in (shares or {}).items()
        },
        pinned=pinned or {},
        libraries=libraries or {},
        me=me,
    )


def observe_biology(
    levels: Mapping[Principal, Level], *, gap: str | None = None, me: int | None = ME
) -> ObservedState:
    """One collection, and who has what on it."""
    return observe(live(), shares={BIOLOGY: Shares(levels, gap)}, me=me)


# --- decided ----------------------------------------------------------------------


def desire(
    declared: Declarations,
    observed: ObservedState,
    *,
    seen: Sightings | None = None,
    found: Mapping[str, Found] | None = None,
    memory: Memory = NOTHING_REMEMBERED,
    now: datetime = NOW,
) -> DesiredState:
    """Match and resolve every entry of the files."""
    who = directory(declared, seen or Sightings(), found)
    matches = match(declared.collections, observed, who, memory)
    return resolve(declared.collections, declared, matches, who, memory=memory, now=now)


def plan_for(
    declared: Declarations,
    observed: ObservedState,
    *,
    seen: Sightings | None = None,
    found: Mapping[str, Found] | None = None,
    memory: Memory = NOTHING_REMEMBERED,
    now: datetime = NOW,
) -> Plan:
    """What would make the observed equal the declared at this instant, not yet judged."""
    desired = desire(declared, observed, seen=seen, found=found, memory=memory, now=now)
    return diff(observed, desired, directory(declared, seen or Sightings(), found))


def change(
    who: Principal,
    before: Permission | None,
    after: Permission | None,
    *,
    expired: bool = False,
    reason: str | None = None,
    label: str | None = None,
) -> Change:
    return Change(
        principal=who,
        before=before,
        after=after,
        who=label or str(who),
        source=at(50),
        reason=reason,
        expired=expired,
    )


def grants(count: int, *, first: int = 1000) -> tuple[Change, ...]:
    return tuple(change(user(first + each), None, VIEW) for each in range(count))


def removals(count: int, *, first: int = 2000) -> tuple[Change, ...]:
    return tuple(change(user(first + each), VIEW, None) for each in range(count))


def lowerings(count: int, *, first: int = 3000) -> tuple[Change, ...]:
    return tuple(change(user(first + each), EDIT, VIEW) for each in range(count))


def escalations(count: int, *, first: int = 4000) -> tuple[Change, ...]:
    return tuple(change(user(first + each), VIEW, EDIT) for each in range(count))


def expiries(count: int, *, first: int = 5000) -> tuple[Change, ...]:
    return tuple(change(user(first + each), VIEW, None, expired=True) for each in range(count))


def planned(
    *changes: Change,
    id: int | None = BIOLOGY,
    name: str = "Biology 101",
    line: int = 40,
    changeable: int = 0,
    gap: str | None = None,
    live: LiveCollection | None = None,
    owner: int | None = OWNER_ID,
    status: Status = Status.OK,
    unresolved: Sequence[str] = (),
    empty: bool = False,
    sure: bool = True,
) -> CollectionPlan:
    """One entry's plan. Without an id its collection is still to be created."""
    return CollectionPlan(
        name=name,
        source=at(line),
        mode=Mode.AUTHORITATIVE,
        status=status,
        action=Doing.CREATE if id is None else Doing.NONE,
        id=id,
        owner_id=owner,
        live=live,
        observed=None if id is None else Shares({}, gap),
        changes=changes,
        changeable=changeable,
        unresolved=tuple(unresolved),
        empty=empty,
        sure=sure,
    )


def plan_of(*collections: CollectionPlan) -> Plan:
    return Plan(collections=collections)


def first_spent(plan: Plan) -> Spent:
    """What a pass has spent before its first round: nothing, and the base is this plan's."""
    return Spent(
        changeable=plan.changeable,
        changeable_in={each.key: each.changeable for each in plan.collections},
    )


def facts_of(
    plan: Plan,
    limits: Limits = OFF,
    *,
    observed: ObservedState | None = None,
    memory: Memory = NOTHING_REMEMBERED,
    protected: Protected | None = None,
    moved: Mapping[Principal, str] | None = None,
    spent: Spent | None = None,
) -> Facts:
    """What guards judge this plan by; every limit is off unless given."""
    return Facts(
        observed=observed or observe(),
        limits=limits,
        protected=protected or Protected(),
        moved=moved or {},
        memory=memory,
        managed=len(plan.collections),
        unreadable=plan.unreadable,
        spent=spent or first_spent(plan),
    )


def apply_to(
    levels: Mapping[Principal, Level], changes: Iterable[Change]
) -> dict[Principal, Level]:
    """The list after these changes, each checked to start where it says it does."""
    result = dict(levels)
    for each in changes:
        assert result.get(each.principal) == each.before
        if each.after is None:
            del result[each.principal]
        else:
            result[each.principal] = each.after
    return result
