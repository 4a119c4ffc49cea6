"""
Two states to a plan: what would make the observed equal the desired.

Never part of a change: the owner, the token's own user, a level we do not
write, a principal that two lines claim. A collection that could not be read
has no changes, only a status with its reason.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from reconciler.core.declared import DeclaredShare
from reconciler.core.desired import (
    DesiredCollection,
    DesiredShare,
    DesiredState,
    Met,
    ToCreate,
    Unmet,
)
from reconciler.core.directory import Directory
from reconciler.core.model import (
    OWNER,
    Foreign,
    Level,
    Mode,
    Permission,
    Principal,
    PrincipalType,
    Status,
)
from reconciler.core.observed import LiveCollection, ObservedState, Shares, Unreadable
from reconciler.core.plan import Change, CollectionPlan, Doing, LeftAlone, Plan, Why


def diff(observed: ObservedState, desired: DesiredState, who: Directory) -> Plan:
    """
    Say what would make the observed state equal the desired one.

    A collection the files do not name is not ours to touch, so nothing is said
    of it. The plan has an entry for every entry of the files, sorted.
    """
    plans = [_one(each, observed, who) for each in desired.collections]
    plans.sort(key=lambda each: (each.name, each.id or 0, each.source))
    return Plan(collections=tuple(plans), notices=desired.notices)


def _one(want: DesiredCollection, observed: ObservedState, who: Directory) -> CollectionPlan:
    match want.target:
        case Unmet(status, reason):
            return _plan(want, id=want.declared.id, status=status, reason=reason)
        case ToCreate(owner_id):
            return _to_create(want, owner_id or observed.me, observed.me, who)
        case Met(id, sure):
            live, have = observed.collection(id), observed.shares.get(id)
            if live is None or not isinstance(have, Shares):
                reason = have.reason if isinstance(have, Unreadable) else "it was not read"
                return _plan(want, id=id, live=live, status=Status.UNREADABLE, reason=reason)
            return _compare(want, live, have, observed.me, who, sure=sure)


def _to_create(
    want: DesiredCollection, owner_id: int | None, me: int | None, who: Directory
) -> CollectionPlan:
    entry = want.declared
    if not entry.create:
        return _plan(want, status=Status.MISSING, reason="there is none, and create is false")
    new = LiveCollection(id=0, name=entry.name, owner_id=owner_id)
    parts = _split(want, new, {}, me, who)
    if entry.mode is Mode.OBSERVE:
        reason = "there is none, and mode observe creates nothing"
        return _plan(want, status=Status.MISSING, reason=reason, left_alone=tuple(parts.left_alone))
    return _plan(
        want,
        owner_id=owner_id,
        action=Doing.CREATE,
        changes=tuple(parts.changes),
        left_alone=tuple(parts.left_alone),
    )


def _compare(
    want: DesiredCollection,
    live: LiveCollection,
    have: Shares,
    me: int | None,
    who: Directory,
    *,
    sure: bool,
) -> CollectionPlan:
    parts = _split(want, live, have.levels, me, who)
    observing = want.declared.mode is Mode.OBSERVE
    return _plan(
        want,
        id=live.id,
        owner_id=live.owner_id,
        live=live,
        observed=have,
        changes=tuple(parts.changes),
        left_alone=tuple(parts.left_alone),
        unchanged=parts.unchanged,
        changeable=0 if observing else len(have.levels) - parts.untouchable,
        sure=sure,
    )


@dataclass(slots=True)
class _Parts:
    """Every principal in sight, parted. `untouchable` counts observed shares never to change."""

    left_alone: list[LeftAlone] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    unchanged: int = 0
    untouchable: int = 0


def _split(
    want: DesiredCollection,
    live: LiveCollection,
    have: Mapping[Principal, Level],
    me: int | None,
    who: Directory,
) -> _Parts:
    parts = _Parts()
    for principal in sorted(want.shares.keys() | have.keys()):
        level, wanted = have.get(principal), want.shares.get(principal)
        after = wanted.permission if wanted is not None else None
        never = _never(principal, level, live, me, want)
        parts.untouchable += never is not None and level is not None
        if why := never or _not_in_this_mode(want.declared.mode, level, after):
            label = who.label(principal, wanted.name if wanted is not None else None)
            parts.left_alone.append(
                LeftAlone(principal=principal, who=label, level=level, why=why, desired=after)
            )
        elif level == after:
            parts.unchanged += 1
        else:
            before = level if isinstance(level, Permission) else None
            parts.changes.append(_change(want, principal, before, wanted, who))
    parts.changes.sort(key=lambda change: change.order)
    return parts


def _never(
    principal: Principal,
    level: Level | None,
    live: LiveCollection,
    me: int | None,
    want: DesiredCollection,
) -> Why | None:
    """Why this principal's share here can be no part of any change, if so."""
    user = principal.id if principal.type is PrincipalType.USER else 0
    foreign = isinstance(level, Foreign)
    if user == live.owner_id or (foreign and level == OWNER):
        return Why.OWNER
    if user == me:
        return Why.SELF
    if foreign:
        return Why.FOREIGN
    return Why.UNRESOLVED if principal in want.contested else None


def _not_in_this_mode(mode: Mode, before: Level | None, after: Permission | None) -> Why | None:
    if before == after or mode is Mode.AUTHORITATIVE:
        return None
    if mode is Mode.OBSERVE:
        return Why.OBSERVE
    rank = before.rank if isinstance(before, Permission) else -1
    return None if after is not None and after.rank > rank else Why.ADDITIVE


def _change(
    want: DesiredCollection,
    principal: Principal,
    before: Permission | None,
    wanted: DesiredShare | None,
    who: Directory,
) -> Change:
    over = want.closed.get(principal) if wanted is None else None
    return Change(
        principal=principal,
        before=before,
        after=wanted.permission if wanted is not None else None,
        who=who.label(principal, wanted.name if wanted is not None else None),
        source=wanted.source if wanted is not None else want.declared.source,
        reason=wanted.reason if wanted is not None else _ended(over),
        expired=over is not None,
    )


def _ended(over: DeclaredShare | None) -> str | None:
    """Why a share goes whose window is over, with the line that said so."""
    if over is None or over.window.closes is None:
        return None
    ended = f"its time was over at {over.window.closes:%Y-%m-%dT%H:%MZ} ({over.source.short})"
    return f"{over.reason}; {ended}" if over.reason else ended


def _plan(
    want: DesiredCollection,
    *,
    id: int | None = None,
    owner_id: int | None = None,
    live: LiveCollection | None = None,
    observed: Shares | None = None,
    status: Status = Status.OK,
    reason: str | None = None,
    action: Doing = Doing.NONE,
    changes: tuple[Change, ...] = (),
    left_alone: tuple[LeftAlone, ...] = (),
    unchanged: int = 0,
    changeable: int = 0,
    sure: bool = True,
) -> CollectionPlan:
    entry = want.declared
    return CollectionPlan(
        name=entry.name,
        source=entry.source,
        mode=entry.mode,
        status=status,
        reason=reason,
        action=action,
        id=id,
        owner_id=owner_id,
        live=live,
        observed=observed,
        changes=changes,
        left_alone=left_alone,
        unchanged=unchanged,
        changeable=changeable,
        unresolved=tuple(sorted({str(each.who) for each in want.unresolved})),
        empty=want.written_empty and not entry.allow_empty,
        sure=sure,
    )
