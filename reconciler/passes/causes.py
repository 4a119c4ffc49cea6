"""What an edit of the file causes, told from what had drifted: two files against one read."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import TypeAlias

from reconciler.core.declared import Declarations, DeclaredCollection
from reconciler.core.model import Permission, Principal
from reconciler.core.plan import Cause, CollectionPlan, Plan
from reconciler.core.verdict import scope
from reconciler.passes.draft import draft
from reconciler.passes.ports import Studio, Task
from reconciler.passes.rounds import Preview

Mark: TypeAlias = tuple[str, Principal, Permission | None, Permission | None]


def with_causes(
    studio: Studio, task: Task, base: Declarations, first: Preview, now: datetime
) -> Plan:
    """
    The previewed plan, each change with its cause.

    What the file before the edit would have planned as well is drift; the rest
    is the edit's doing. Nothing that was read for the first plan is read again.
    """
    entries = _entries(task, base, first.plan)
    before = replace(task, declarations=base, entries=entries)
    seen = first.draft.view
    view = replace(seen, found=dict(seen.found))  # a copy: what this draft sees is not the plan's
    made = draft(studio, before, view, entries, now, known=seen.observed.shares)
    anyway = {mark for each in made.plan.collections for mark in _marks(each)}
    collections = tuple(_told(each, anyway) for each in first.plan.collections)
    return replace(first.plan, collections=collections)


def _entries(task: Task, base: Declarations, plan: Plan) -> tuple[DeclaredCollection, ...]:
    """What the former file says of the collections planned, whichever name it gives them."""
    if task.covers_all:
        return base.collections
    names = {each.name for each in plan.collections}
    ids = {each.id for each in plan.collections} - {None}
    return tuple(each for each in base.collections if each.name in names or each.id in ids)


def _marks(entry: CollectionPlan) -> Iterator[Mark]:
    for change in entry.changes:
        yield scope(entry), change.principal, change.before, change.after


def _told(entry: CollectionPlan, anyway: set[Mark]) -> CollectionPlan:
    changes = (
        replace(change, cause=Cause.DRIFT if mark in anyway else Cause.FILE)
        for change, mark in zip(entry.changes, _marks(entry), strict=True)
    )
    return replace(entry, changes=tuple(changes))
