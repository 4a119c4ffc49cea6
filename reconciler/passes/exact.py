"""Changes that the files do not ask for themselves, judged over a fresh read all the same."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from reconciler.core.declared import DeclaredCollection
from reconciler.core.guards import approve
from reconciler.core.plan import Hold
from reconciler.core.verdict import ItemKey, Spent
from reconciler.passes.draft import Draft, facts
from reconciler.passes.ports import Executor, Recorder, Task
from reconciler.passes.rounds import Done, Preview


def about(task: Task, entries: Sequence[DeclaredCollection]) -> Task:
    """The task of looking at these entries and at no other, under the same rules."""
    return replace(
        task,
        declarations=replace(task.declarations, collections=tuple(entries), share_sets={}),
        entries=tuple(entries),
        memory=replace(task.memory, collections={}),
    )


def judge(task: Task, made: Draft, held: Mapping[ItemKey, Hold] | None = None) -> Preview:
    """
    Judge a draft whose changes were put in by hand.

    Percentages are of the shares on the collections it covers; `held` is what
    was held before and stays so.
    """
    plan = made.plan
    spent = Spent(
        changeable=plan.changeable,
        changeable_in={each.key: each.changeable for each in plan.collections},
        held=held or {},
    )
    return Preview(made, approve(plan, facts(task, made, spent), task.acknowledgements))


def carry_out_once(first: Preview, execute: Executor, recorder: Recorder) -> Done:
    """Carry out what was judged, in one round; nothing else is planned."""
    recorder.planned(1, first.plan)
    return Done(first.plan, execute(first.judged.approved, 1), 1)
