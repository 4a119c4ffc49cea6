"""A saved plan, carried out exactly: what moved since is skipped, the rest is judged again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from reconciler.core.declared import DeclaredCollection, Reference
from reconciler.core.document import observed_fingerprint
from reconciler.core.model import Notice, PrincipalType, Status
from reconciler.core.outcome import Outcome, Outcomes, Result
from reconciler.core.plan import CollectionKey, CollectionPlan, Doing, Hold
from reconciler.core.saved import SavedPlan
from reconciler.core.verdict import ItemKey
from reconciler.passes.draft import draft, look
from reconciler.passes.exact import about, carry_out_once, judge
from reconciler.passes.ports import Executor, Recorder, Studio, Task
from reconciler.passes.rounds import Done, Preview

MOVED = Outcome(Result.NOT_TRIED, "the collection moved since it was planned", final=True)


@dataclass(frozen=True, slots=True)
class Review:
    """A saved plan, judged again over a fresh read; `moved` are the entries to skip."""

    preview: Preview
    moved: tuple[CollectionPlan, ...]


def review(studio: Studio, task: Task, saved: SavedPlan, now: datetime) -> Review:
    """
    Read every collection that the plan covers, and judge its changes again.

    All of them are read, those without changes too: the guards' percentages
    are of the same shares then as when it was planned.
    """
    view = look(studio, task)
    elsewhere = {each.name for each in task.declarations.collections if each.owner is not None}
    entries = [
        _entry(each, any_owner=each.owner_id == view.observed.me and each.name not in elsewhere)
        for each in saved.collections
    ]
    asked = about(task, entries)
    made = draft(studio, asked, view, asked.entries, now)
    fresh = {each.key: each for each in made.plan.collections}
    pairs = [
        (each, then, fresh[each.key])
        for each, then in zip(saved.collections, saved.as_planned, strict=True)
    ]
    moved = tuple(each for each, then, seen in pairs if _has_moved(each, then, seen))
    skipped = {each.key for each in moved}
    plan = replace(
        made.plan,
        collections=tuple(_as_saved(each, seen, skipped) for each, _, seen in pairs),
        notices=tuple(map(_notice, moved)),
    )
    held = _still_held(saved, frozenset(each.hold for each in task.acknowledgements))
    return Review(judge(asked, replace(made, plan=plan), held), moved)


def carry_out_exactly(reviewed: Review, execute: Executor, recorder: Recorder) -> Done:
    """Carry out what was reviewed, in one round; nothing else is planned."""
    return with_moved(reviewed, carry_out_once(reviewed.preview, execute, recorder).outcomes)


def with_moved(reviewed: Review, outcomes: Outcomes) -> Done:
    """Tell of the skipped entries too: their changes are on the plan, and were not tried."""
    moved = {each.key: each for each in reviewed.moved}
    plan = reviewed.preview.judged.plan
    told = tuple(_told(each, moved) for each in plan.collections)
    shares = {
        (each.key, change.principal): MOVED for each in reviewed.moved for change in each.changes
    }
    born = {each.key: MOVED for each in reviewed.moved if each.action is Doing.CREATE}
    whole = replace(
        outcomes,
        shares={**outcomes.shares, **shares},
        collections={**outcomes.collections, **born},
    )
    created = {key: live.id for key, live in outcomes.created.items()}
    named = tuple(replace(each, id=created.get(each.key, each.id)) for each in told)
    return Done(replace(plan, collections=named), whole, 1, frozenset(moved))


def _entry(plan: CollectionPlan, *, any_owner: bool) -> DeclaredCollection:
    """
    What was planned, to be found again; with `any_owner`, whoever has it by now.

    A plan does not tell whether its owner was written or is the token's own user
    for want of one. In doubt one of that name is it, so that no second is made.
    """
    owner = None if any_owner or not plan.owner_id else plan.owner_id
    return DeclaredCollection(
        name=plan.name,
        source=plan.source,
        mode=plan.mode,
        id=plan.id,
        owner=Reference(PrincipalType.USER, id=owner) if owner and plan.id is None else None,
    )


def _has_moved(plan: CollectionPlan, then: str | None, seen: CollectionPlan) -> bool:
    if not plan.changes and plan.action is Doing.NONE:
        return False
    if plan.action is Doing.CREATE:
        return seen.action is not Doing.CREATE
    return seen.status is not Status.OK or observed_fingerprint(seen.observed) != then


def _as_saved(
    plan: CollectionPlan, seen: CollectionPlan, skipped: set[CollectionKey]
) -> CollectionPlan:
    """The entry as seen now, with the changes as saved."""
    exact = replace(seen, changes=(), left_alone=(), unresolved=(), empty=False, action=Doing.NONE)
    if plan.key in skipped:
        return exact
    changes = tuple(replace(change, hold=None) for change in plan.changes)
    return replace(exact, changes=changes, action=plan.action)


def _still_held(saved: SavedPlan, acknowledged: frozenset[str]) -> Mapping[ItemKey, Hold]:
    """What was held when planned stays held, unless a person has let it through since."""
    holds = {
        hold.id: hold
        for hold in saved.holds
        if not (hold.can_be_acknowledged and hold.id in acknowledged)
    }
    held: dict[ItemKey, Hold] = {}
    for each in saved.collections:
        if each.hold in holds:
            held[each.key] = holds[each.hold]
        for change in each.changes:
            if change.hold in holds:
                held[(each.key, change.principal)] = holds[change.hold]
    return held


def _told(plan: CollectionPlan, moved: Mapping[CollectionKey, CollectionPlan]) -> CollectionPlan:
    was = moved.get(plan.key)
    return plan if was is None else replace(plan, changes=was.changes, action=was.action)


def _notice(plan: CollectionPlan) -> Notice:
    what = f"collection {plan.id}" if plan.id is not None else "a collection to create"
    text = f"{plan.name} ({what}) moved since it was planned and is skipped; plan again"
    return Notice(None, "collection-moved", text)
