"""What a pass has planned, done and held so far, over all its rounds."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from reconciler.core.guards import Judged
from reconciler.core.model import Status
from reconciler.core.outcome import APPLIED, Outcome, Outcomes, Result, judge
from reconciler.core.plan import (
    Change,
    ChangeKey,
    CollectionKey,
    CollectionPlan,
    Doing,
    Hold,
    Plan,
)
from reconciler.core.verdict import Deed, ItemKey, Spent


@dataclass(slots=True)
class Ledger:
    """
    The first plan, and what every round added to it.

    A later round may plan what an earlier one did not (somebody wrote
    meanwhile): its changes join the entry they belong to, so that one pass is
    told as one plan.
    """

    first: Plan
    entries: dict[CollectionKey, CollectionPlan] = field(default_factory=dict)
    holds: dict[str, Hold] = field(default_factory=dict)
    held: dict[ItemKey, Hold] = field(default_factory=dict)
    acknowledged: frozenset[Deed] = frozenset()
    shares: dict[ChangeKey, Outcome] = field(default_factory=dict)
    collections: dict[CollectionKey, Outcome] = field(default_factory=dict)
    created: dict[CollectionKey, int] = field(default_factory=dict)
    undone: list[tuple[CollectionKey, Change]] = field(default_factory=list)

    def enter(self, judged: Judged, outcomes: Outcomes) -> None:
        """Take in what a round planned, held and did."""
        # Done in an earlier round, undone by somebody, and done again: that is twice.
        self.undone += [
            (key, change)
            for key, change in self._changes()
            if self._is_applied(key, change) and (key, change.principal) in outcomes.shares
        ]
        for entry in judged.plan.collections:
            known = self.entries.get(entry.key)
            self.entries[entry.key] = entry if known is None else _joined(known, entry)
        self.holds.update({hold.id: hold for hold in judged.plan.holds})
        self.held.update(judged.held)
        self.acknowledged |= judged.acknowledged
        self.shares.update(outcomes.shares)
        self.collections.update(outcomes.collections)
        self.created.update({key: live.id for key, live in outcomes.created.items()})

    def see(self, plan: Plan) -> None:
        """Settle by a fresh read what an earlier round left open, where the read shows it."""
        for entry in plan.collections:
            if entry.status is not Status.OK:
                continue
            if entry.action is Doing.NONE and _is_open(self.collections.get(entry.key)):
                self.collections[entry.key] = APPLIED
                self.created[entry.key] = entry.id or 0
            for change in self.entries[entry.key].changes:
                key = (entry.key, change.principal)
                if _is_open(self.shares.get(key)) and _is_seen(entry, change):
                    self.shares[key] = APPLIED

    def waits_for(self, key: CollectionKey) -> bool:
        """Whether an earlier round left something of this entry open."""
        return _is_open(self.collections.get(key)) or any(
            _is_open(outcome) for (entry, _), outcome in self.shares.items() if entry == key
        )

    def still_possible(self, plan: Plan) -> Plan:
        """The plan without what failed for good in this pass."""
        return replace(plan, collections=tuple(map(self._possible, plan.collections)))

    def _possible(self, entry: CollectionPlan) -> CollectionPlan:
        born = self.collections.get(entry.key)
        if born is not None and born.final and entry.action is Doing.CREATE:
            return replace(entry, action=Doing.NONE, changes=())
        changes = tuple(
            change
            for change in entry.changes
            if not ((known := self.shares.get((entry.key, change.principal))) and known.final)
        )
        return replace(entry, changes=changes)

    def spent(self, plan: Plan) -> Spent:
        """
        What the guards must count in when they judge this plan of a later round.

        What may have happened counts as done, unless the plan has it again: then
        it is counted there.
        """
        again = {(entry.key, change.principal) for entry, change in plan.changes()}
        done = (
            (key, change)
            for key, change in self._changes()
            if self._is_applied(key, change)
            or (self._is_unknown(key, change) and (key, change.principal) not in again)
        )
        return Spent(
            changeable=self.first.changeable,
            changeable_in={each.key: each.changeable for each in self.first.collections},
            changes=(*self.undone, *done),
            held=self.held,
            acknowledged=self.acknowledged,
            unreadable=self.first.unreadable,
            lost=frozenset(
                (each.name, each.owner_id)
                for key, each in self.entries.items()
                if (born := self.collections.get(key)) and born.result is Result.UNKNOWN
            ),
        )

    def plan(self) -> Plan:
        """The whole pass as one plan, in the first plan's order."""
        entries = (self.entries.get(each.key, each) for each in self.first.collections)
        known = {hold.id for hold in self.first.holds}
        later = tuple(hold for id, hold in sorted(self.holds.items()) if id not in known)
        return replace(
            self.first,
            collections=tuple(self._with_id(each) for each in entries),
            holds=(*self.first.holds, *later),
        )

    def outcomes(self) -> Outcomes:
        return Outcomes(shares=dict(self.shares), collections=dict(self.collections))

    def _with_id(self, entry: CollectionPlan) -> CollectionPlan:
        id = self.created.get(entry.key)
        return entry if id is None else replace(entry, id=id)

    def _changes(self) -> Iterator[tuple[CollectionKey, Change]]:
        for key, entry in self.entries.items():
            for change in entry.changes:
                yield key, change

    def _is_applied(self, key: CollectionKey, change: Change) -> bool:
        return self.shares.get((key, change.principal)) == APPLIED

    def _is_unknown(self, key: CollectionKey, change: Change) -> bool:
        outcome = self.shares.get((key, change.principal))
        return outcome is not None and outcome.result is Result.UNKNOWN


def _is_open(outcome: Outcome | None) -> bool:
    return outcome is not None and outcome.is_open


def _is_seen(entry: CollectionPlan, change: Change) -> bool:
    return entry.observed is not None and judge(entry.observed, change) == APPLIED


def _joined(known: CollectionPlan, later: CollectionPlan) -> CollectionPlan:
    changes = {each.principal: each for each in (*known.changes, *later.changes)}
    ordered = sorted(changes.values(), key=lambda change: change.order)
    return replace(known, id=later.id or known.id, changes=tuple(ordered))
