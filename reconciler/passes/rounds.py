"""
One pass: rounds of reading, planning and writing, until nothing is left that can be done.

The first round is over everything; each later one over what is unsettled only:
an answer that was lost, a refusal because somebody else wrote meanwhile. A
clean pass has one round and reads nothing twice.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime

from reconciler.core.guards import Judged, approve
from reconciler.core.model import DeclaredCollection
from reconciler.core.outcome import Outcomes, Result
from reconciler.core.plan import CollectionKey, Plan
from reconciler.passes.draft import Draft, View, draft, facts, look
from reconciler.passes.ledger import Ledger
from reconciler.passes.ports import Clock, Executor, Recorder, Studio, Task

ROUNDS = 3


@dataclass(frozen=True, slots=True)
class Preview:
    """A judged plan and what it was made from: all that a dry run makes."""

    draft: Draft
    judged: Judged

    @property
    def plan(self) -> Plan:
        return self.judged.plan


@dataclass(frozen=True, slots=True)
class Done:
    """
    A pass carried out: its whole plan, what became of each change, and in how many rounds.

    `moved` are the entries of a saved plan that were skipped: they are no longer
    what was planned.
    """

    plan: Plan
    outcomes: Outcomes = field(default_factory=Outcomes)
    rounds: int = 0
    moved: frozenset[CollectionKey] = frozenset()


def preview(studio: Studio, task: Task, now: datetime) -> Preview:
    """Observe, compare, judge: a pass stopped before its first write."""
    made = draft(studio, task, look(studio, task), task.entries, now)
    return Preview(made, approve(made.plan, facts(task, made), task.acknowledgements))


def carry_out(  # noqa: PLR0917 - a pass is a straight function over the parts handed to it
    studio: Studio,
    task: Task,
    first: Preview,
    execute: Executor,
    recorder: Recorder,
    clock: Clock,
) -> Done:
    """Carry out what was previewed, then whatever that left unsettled."""
    ledger = Ledger(first.plan)
    view, judged, entries = first.draft.view, first.judged, tuple(task.entries)
    number = 1
    while True:
        recorder.planned(number, judged.plan)
        outcomes = execute(judged.approved, number)
        ledger.enter(judged, outcomes)
        entries = _unsettled(entries, outcomes)
        if not entries or number == ROUNDS:
            return Done(ledger.plan(), ledger.outcomes(), number)
        number += 1
        view = _look_again(studio, task, view, outcomes, clock)
        made = draft(studio, task, view, entries, clock.now())
        ledger.see(made.plan)
        possible = replace(made, plan=ledger.still_possible(made.plan))
        judged = approve(
            possible.plan, facts(task, possible, ledger.spent()), task.acknowledgements
        )


def _unsettled(
    entries: Iterable[DeclaredCollection], outcomes: Outcomes
) -> tuple[DeclaredCollection, ...]:
    open_ones = {key for (key, _), outcome in outcomes.shares.items() if outcome.is_open}
    open_ones |= {key for key, outcome in outcomes.collections.items() if outcome.is_open}
    return tuple(entry for entry in entries if CollectionKey(entry.name, entry.source) in open_ones)


def _look_again(studio: Studio, task: Task, view: View, outcomes: Outcomes, clock: Clock) -> View:
    """
    Read the listing again where a creation's answer was lost; else it stands.

    A request that timed out may still be under way: what a listing says is
    proof only if it began a whole timeout after.
    """
    lost = [each for each in outcomes.collections.values() if each.result is Result.UNKNOWN]
    if not lost:
        born = {live.id: live for live in outcomes.created.values()}
        listing = view.observed.listing
        shown = replace(listing, collections={**listing.collections, **born})
        return replace(view, observed=replace(view.observed, listing=shown))
    if any(each.may_land for each in lost):
        clock.wait_until(clock.now() + task.timeout, "a collection may still come to be")
    again = look(studio, task)
    pinned = {live.id: live for live in outcomes.created.values()}
    return replace(again, observed=replace(again.observed, pinned=pinned), found=view.found)
