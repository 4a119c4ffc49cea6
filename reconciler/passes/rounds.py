"""
One pass: rounds of reading, planning and writing, until nothing is left that can be done.

The first round is over everything; each later one over what is unsettled only:
an answer that was lost, a refusal because somebody else wrote meanwhile. A
clean pass has one round and reads nothing twice.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from reconciler.core.declared import DeclaredCollection
from reconciler.core.directory import merge
from reconciler.core.guards import Judged, approve
from reconciler.core.model import Status
from reconciler.core.observed import Absent, LiveCollection, Unreadable
from reconciler.core.outcome import Outcomes, Result
from reconciler.core.plan import CollectionKey, Plan
from reconciler.passes.draft import Draft, View, draft, facts, look
from reconciler.passes.ledger import Ledger
from reconciler.passes.ports import Clock, Executor, Recorder, Studio, Task

ROUNDS = 3
BLINK = timedelta(milliseconds=100)  # by how much a wait may end too early


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


def preview(studio: Studio, task: Task, now: datetime, view: View | None = None) -> Preview:
    """
    Observe, compare, judge: a pass stopped before its first write.

    `view` is what was looked at already, where the listing told what else to read.
    """
    made = draft(studio, task, view or look(studio, task), task.entries, now)
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
        entries = _unsettled(entries, judged.plan, outcomes, ledger)
        if not entries or number == ROUNDS:
            return Done(ledger.plan(), ledger.outcomes(), number)
        number += 1
        view = _look_again(studio, task, view, outcomes, clock)
        made = draft(studio, task, view, entries, clock.now())
        ledger.see(made.plan)
        possible = replace(made, plan=ledger.still_possible(made.plan))
        spent = ledger.spent(possible.plan)
        judged = approve(possible.plan, facts(task, possible, spent), task.acknowledgements)


def _unsettled(
    entries: Iterable[DeclaredCollection], plan: Plan, outcomes: Outcomes, ledger: Ledger
) -> tuple[DeclaredCollection, ...]:
    """The entries that this round left open, or could not read to settle an earlier one."""
    open_ones = {key for (key, _), outcome in outcomes.shares.items() if outcome.is_open}
    open_ones |= {key for key, outcome in outcomes.collections.items() if outcome.is_open}
    unread = (each.key for each in plan.collections if each.status is Status.UNREADABLE)
    open_ones |= {key for key in unread if ledger.waits_for(key)}
    return tuple(entry for entry in entries if CollectionKey(entry.name, entry.source) in open_ones)


def _look_again(studio: Studio, task: Task, view: View, outcomes: Outcomes, clock: Clock) -> View:
    """
    Read the listing again where a creation's answer was lost; else it stands.

    A request that timed out may still be under way: what a listing says is
    proof only if it began a whole timeout after. What this pass has created is
    kept, for it may not show in any listing.
    """
    lost = [each for each in outcomes.collections.values() if each.result is Result.UNKNOWN]
    born = {live.id: live for live in outcomes.created.values()}
    if not lost:
        return _pinning(view, {**view.observed.pinned, **born})
    waited = not any(each.may_land for each in lost) or _wait_for_late_ones(task, clock)
    again = look(studio, task)
    if not waited:
        listing = replace(again.observed.listing, gap="a collection may still come to be")
        again.observed = replace(again.observed, listing=listing)
    seen = {id: a for id, a in view.observed.pinned.items() if isinstance(a, LiveCollection)}
    again = replace(again, seen=merge(view.seen, again.seen), found=view.found)
    return _pinning(again, {**seen, **born})


def _pinning(view: View, pinned: Mapping[int, LiveCollection | Absent | Unreadable]) -> View:
    return replace(view, observed=replace(view.observed, pinned=pinned))


def _wait_for_late_ones(task: Task, clock: Clock) -> bool:
    """Wait until no request of this round can land any more; False where a stop cut it short."""
    safe = clock.now() + task.timeout
    clock.wait_until(safe + BLINK, "a collection may still come to be")
    return clock.now() >= safe
