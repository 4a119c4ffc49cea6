"""
Reasons to hold: the only maker of an `ApprovedPlan`.

Guards judge in a fixed order over the whole plan, before the first write and
in dry runs alike. A change that one holds does not count towards the next.
What a person has acknowledged is let through by that guard and judged by no
later quota; the guards that ask for evidence still look at it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from reconciler.core import evidence, quotas
from reconciler.core.limits import Acknowledgement
from reconciler.core.model import Notice
from reconciler.core.plan import CollectionPlan, Doing, Hold, Plan
from reconciler.core.verdict import Deed, Facts, Guard, Item, ItemKey, Verdict, scope

EVIDENCE: tuple[Guard, ...] = (
    evidence.completeness,
    evidence.protect,
    evidence.visibility,
    evidence.identity,
    evidence.unresolved,
    evidence.allow_empty,
    evidence.blind_create,
    evidence.flapping,
)
QUOTAS: tuple[Guard, ...] = (
    quotas.removals_per_collection,
    quotas.removals_per_pass,
    quotas.removals_per_day,
    quotas.expiries_per_pass,
    quotas.escalations_per_pass,
    quotas.grants_per_pass,
)
FINAL_GUARDS = frozenset({"completeness", "protect"})  # nobody can acknowledge what they hold
_MAKER = object()


class ApprovedPlan:
    """
    What may be carried out: the entries with work to do, without what is held.

    The executor takes nothing else, and only `approve` makes one.
    """

    __slots__ = ("collections",)

    def __init__(self, collections: tuple[CollectionPlan, ...], maker: object) -> None:
        if maker is not _MAKER:
            raise TypeError("only reconciler.core.guards.approve makes an ApprovedPlan")
        self.collections = collections


@dataclass(frozen=True, slots=True)
class Judged:
    """
    A plan with its holds written in, what of it may be done, and what is held by key.

    `acknowledged` is what a person let through, in this round or an earlier one.
    """

    plan: Plan
    approved: ApprovedPlan
    held: Mapping[ItemKey, Hold]
    acknowledged: frozenset[Deed] = frozenset()


@dataclass(slots=True)
class _Bench:
    """The judgement so far."""

    acknowledged_ids: frozenset[str]
    before: frozenset[Deed]
    held: dict[ItemKey, Hold] = field(default_factory=dict)
    through: dict[ItemKey, Item] = field(default_factory=dict)
    acknowledged: list[Hold] = field(default_factory=list)

    def hear(self, verdicts: Iterable[Verdict]) -> None:
        for verdict in map(self._less_what_was_let_through, verdicts):
            if not verdict.items:
                continue
            hold = _hold(verdict)
            if hold.can_be_acknowledged and hold.id in self.acknowledged_ids:
                self.acknowledged.append(hold)
                self.through.update({item.key: item for item in verdict.items})
            else:
                self.held.update({item.key: hold for item in verdict.items})

    def _less_what_was_let_through(self, verdict: Verdict) -> Verdict:
        # A round that finishes what an earlier one began has a smaller set of changes, so
        # another hold; what a person let through is the change, and it needs no second word.
        if verdict.guard in FINAL_GUARDS or not self.before:
            return verdict
        items = tuple(item for item in verdict.items if item.deed not in self.before)
        return replace(verdict, items=items)


def approve(plan: Plan, facts: Facts, acknowledgements: Iterable[Acknowledgement] = ()) -> Judged:
    """
    Judge a plan. Every hold is named at once; nothing held is in the approved part.

    The acknowledgements are those in force; one whose hold is not there is told.
    """
    acknowledgements = tuple(acknowledgements)
    before = facts.spent.acknowledged
    bench = _Bench(frozenset(each.hold for each in acknowledgements), before)
    items = tuple(_items(plan))
    bench.through.update({item.key: item for item in items if item.deed in before})
    bench.held.update(
        {item.key: facts.spent.held[item.key] for item in items if item.key in facts.spent.held}
    )
    for guard in EVIDENCE:
        bench.hear(guard(facts, [item for item in items if item.key not in bench.held]))
    for guard in QUOTAS:
        judged = [i for i in items if i.key not in bench.held and i.key not in bench.through]
        bench.hear(guard(replace(facts, acknowledged=tuple(bench.through.values())), judged))
    return _written_in(plan, bench, _unknown(acknowledgements, bench))


def _items(plan: Plan) -> Iterable[Item]:
    for collection in plan.collections:
        if collection.action is Doing.CREATE:
            yield Item(collection)
        for change in collection.changes:
            yield Item(collection, change)


def _hold(verdict: Verdict) -> Hold:
    where = scope(verdict.collection) if verdict.collection is not None else ""
    lines = sorted(item.digest_line for item in verdict.items)
    digest = hashlib.sha256("\n".join((verdict.guard, where, *lines)).encode()).hexdigest()
    shares = sum(item.change is not None for item in verdict.items)
    return Hold(
        id=digest[:8],
        guard=verdict.guard,
        collection=verdict.collection.name if verdict.collection is not None else None,
        detail=verdict.detail,
        changes=shares or len(verdict.items),
        can_be_acknowledged=verdict.guard not in FINAL_GUARDS,
    )


def _unknown(acknowledgements: Iterable[Acknowledgement], bench: _Bench) -> tuple[Notice, ...]:
    known = {hold.id for hold in (*bench.held.values(), *bench.acknowledged)}
    notices = {
        Notice(
            each.source,
            "acknowledge-unknown",
            f"hold {each.hold} is not there: what it held has changed, or is done",
        )
        for each in acknowledgements
        if each.hold not in known
    }
    return tuple(sorted(notices, key=lambda each: each.order))


def _written_in(plan: Plan, bench: _Bench, notices: tuple[Notice, ...]) -> Judged:
    collections = tuple(_with_holds(each, bench.held) for each in plan.collections)
    order = {guard.__name__: place for place, guard in enumerate((*EVIDENCE, *QUOTAS))}
    holds = sorted(
        set(bench.held.values()),
        key=lambda hold: (order[hold.guard.replace(".", "_")], hold.collection or "", hold.id),
    )
    judged = replace(
        plan,
        collections=collections,
        holds=tuple(holds),
        acknowledged=tuple(bench.acknowledged),
        notices=(*plan.notices, *notices),
    )
    workable = (_without_held(each) for each in collections)
    approved = tuple(each for each in workable if each.changes or each.action is Doing.CREATE)
    let_through = frozenset(item.deed for item in bench.through.values())
    return Judged(
        judged, ApprovedPlan(approved, _MAKER), dict(bench.held), bench.before | let_through
    )


def _with_holds(entry: CollectionPlan, held: Mapping[ItemKey, Hold]) -> CollectionPlan:
    if not entry.changes and entry.action is Doing.NONE:
        return entry
    own = held.get(entry.key)
    changes = tuple(
        replace(change, hold=hold.id)
        if (hold := held.get((entry.key, change.principal))) is not None
        else change
        for change in entry.changes
    )
    return replace(entry, hold=own.id if own is not None else None, changes=changes)


def _without_held(entry: CollectionPlan) -> CollectionPlan:
    if entry.hold is not None:
        return replace(entry, action=Doing.NONE, changes=())
    return replace(entry, changes=tuple(each for each in entry.changes if each.hold is None))
