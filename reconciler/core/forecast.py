"""
What is about to expire: shares whose written window closes within the next days.

Told is what will truly go by itself: only where the file rules (in additive and
observe mode nothing is taken away), only what the plan could change, and not
what another line gives on from that very instant.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from reconciler.core.declared import Declarations
from reconciler.core.desired import DesiredCollection, DesiredState
from reconciler.core.directory import Directory
from reconciler.core.matching import Matches
from reconciler.core.model import Mode, Status
from reconciler.core.observed import NOTHING_REMEMBERED
from reconciler.core.plan import CollectionKey, CollectionPlan, Expiry, Plan
from reconciler.core.resolve import resolve

HORIZON = timedelta(days=30)
"""How far ahead is looked."""


def forecast(
    desired: DesiredState, plan: Plan, declarations: Declarations, who: Directory, now: datetime
) -> tuple[Expiry, ...]:
    """What of the desired closes after now and within `HORIZON`, the soonest first."""
    entries = {each.key: each for each in plan.collections}
    told: list[Expiry] = []
    for instant, wants in _closings(desired, entries, now).items():
        later = _desired_at(instant, wants, declarations, who)
        for want, then in zip(wants, later.collections, strict=True):
            told += _expiring(want, then, entries[_key(want)], who, instant)
    return tuple(sorted(told, key=lambda each: each.order))


def _key(want: DesiredCollection) -> CollectionKey:
    return CollectionKey(want.declared.name, want.declared.source)


def _closings(
    desired: DesiredState, entries: dict[CollectionKey, CollectionPlan], now: datetime
) -> dict[datetime, list[DesiredCollection]]:
    """Every instant at which something closes, with the collections it closes on."""
    found: dict[datetime, list[DesiredCollection]] = {}
    for want in desired.collections:
        entry = entries[_key(want)]
        if entry.status is not Status.OK or entry.mode is not Mode.AUTHORITATIVE:
            continue
        for instant in {share.window.closes for share in want.shares.values()}:
            if instant is not None and now < instant <= now + HORIZON:
                found.setdefault(instant, []).append(want)
    return found


def _desired_at(
    instant: datetime,
    wants: Sequence[DesiredCollection],
    declarations: Declarations,
    who: Directory,
) -> DesiredState:
    """What the same lines ask for once the instant has come."""
    matches = Matches(tuple(want.target for want in wants))
    entries = [want.declared for want in wants]
    return resolve(entries, declarations, matches, who, memory=NOTHING_REMEMBERED, now=instant)


def _expiring(
    want: DesiredCollection,
    then: DesiredCollection,
    entry: CollectionPlan,
    who: Directory,
    instant: datetime,
) -> Iterator[Expiry]:
    alone = {left.principal for left in entry.left_alone}
    for principal, share in want.shares.items():
        left = then.shares.get(principal)
        goes_on = left is not None and left.permission.rank >= share.permission.rank
        if share.window.closes == instant and principal not in alone and not goes_on:
            yield Expiry(
                closes=instant,
                collection=entry.name,
                principal=principal,
                who=who.label(principal, share.name),
                permission=share.permission,
                remaining=left.permission if left is not None else None,
                source=share.source,
            )
