"""The way back from a recorded pass: planned over a fresh read, judged like any plan."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from reconciler.core.declared import DeclaredCollection, collection_key
from reconciler.core.diff import diff
from reconciler.core.observed import Listing
from reconciler.core.undo import Past, entries_of, returning, way_back
from reconciler.passes.draft import draft, look
from reconciler.passes.exact import about, judge
from reconciler.passes.ports import Studio, Task
from reconciler.passes.rounds import Preview


def preview_undo(studio: Studio, task: Task, past: Sequence[Past], now: datetime) -> Preview:
    """
    Plan and judge what takes a pass back.

    `task` is the whole file's: its guards hold here too, and where it desires
    otherwise that is told.
    """
    view = look(studio, task)
    ours = _concerned(task, view.observed.listing, past)
    file = draft(studio, task, view, ours, now).desired
    pinned = about(task, entries_of(past))
    made = draft(studio, pinned, view, pinned.entries, now)
    desired = way_back(made.desired, past, made.view.observed, file)
    plan = diff(made.view.observed, desired, made.who)
    told = (*plan.notices, *returning(plan, file))
    return judge(pinned, replace(made, plan=replace(plan, notices=told), desired=desired))


def _concerned(
    task: Task, listing: Listing, past: Sequence[Past]
) -> tuple[DeclaredCollection, ...]:
    """The entries of the file that may be about these collections."""
    ids = {each.id for each in past}
    live = (listing.collections.get(id) for id in ids)
    names = {each.name for each in past} | {each.name for each in live if each is not None}
    return tuple(
        entry
        for entry in task.entries
        if entry.id in ids
        or task.memory.collections.get(collection_key(entry)) in ids
        or (entry.id is None and entry.name in names)
    )
