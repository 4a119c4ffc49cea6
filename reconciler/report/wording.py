"""
What a plan says, in the words every format uses.

Nothing here is escaped: names are as they came, and each format makes them
harmless in its own way.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import timedelta

from reconciler.core.document import Header
from reconciler.core.model import Permission, PrincipalType, Status
from reconciler.core.plan import (
    Action,
    Change,
    CollectionPlan,
    Doing,
    Hold,
    LeftAlone,
    Plan,
    Why,
    summarize,
)

AGREEMENT = "No changes. Studio agrees with the file."
NOTHING_NAMED = "No changes. The file names no collection, and only what it names is touched."
SYMBOLS = {Action.CREATE: "+", Action.UPDATE: "~", Action.DESTROY: "-"}

_ACKNOWLEDGED_FOR = timedelta(days=7)
_NAMES_TOLD = 3
_COMMIT_TOLD = 12
_ALONE = {
    Why.OWNER: "the owner is never part of a change",
    Why.SELF: "the token's own user is never part of a change",
    Why.FOREIGN: "a permission we do not write",
    Why.ADDITIVE: "additive mode takes nothing away",
    Why.OBSERVE: "observe mode changes nothing",
    Why.UNRESOLVED: "the file does not make clear who this is",
}


def counted(number: int, one: str, many: str | None = None) -> str:
    """Put a number and its noun together: `1 share`, `2 shares`, `2 people`."""
    return f"{number} {one if number == 1 else many or one + 's'}"


def verdict(plan: Plan) -> str:
    """Say in one line what the plan would do, or that there is nothing to do, and why."""
    if plan.has_changes:
        return f"Plan: {_actions(plan)}; {_rest(plan)}."
    open_ends = _open_ends(plan)
    if not open_ends:
        return AGREEMENT if plan.collections else NOTHING_NAMED
    return f"No changes to make, but not everything agrees with the file: {', '.join(open_ends)}."


def _actions(plan: Plan) -> str:
    summary = summarize(plan)
    parts = [
        f"{summary.create} to create",
        f"{summary.update} to update",
        f"{summary.destroy} to destroy{_held(summary.held)}",
    ]
    if summary.create_collection:
        held = sum(each.hold is not None for each in plan.collections)
        new = counted(summary.create_collection, "collection")
        parts.insert(0, f"{new} to create{_held(held)}")
    return ", ".join(parts)


def _held(number: int) -> str:
    return f" ({number} held)" if number else ""


def _rest(plan: Plan) -> str:
    return ", ".join([f"{summarize(plan).unchanged} unchanged", *_open_ends(plan)])


def _open_ends(plan: Plan) -> list[str]:
    alone = sum(differs(left) for each in plan.collections for left in each.left_alone)
    statuses = Counter(each.status for each in plan.collections if each.status is not Status.OK)
    ends = [f"{alone} left alone"] if alone else []
    if unresolved := summarize(plan).unresolved:
        ends.append(f"{unresolved} unresolved")
    ends += [f"{counted(statuses[each], 'collection')} {each}" for each in sorted(statuses)]
    return ends


def reach(plan: Plan) -> str:
    """Say how many principals and collections the changes touch; people counted once each."""
    touched = {change.principal for _, change in plan.changes()}
    users = sum(principal.type is PrincipalType.USER for principal in touched)
    collections = sum(bool(each.changes) for each in plan.collections)
    whom = [counted(users, "person", "people")] if users else []
    if groups := len(touched) - users:
        whom.append(counted(groups, "group"))
    if not whom:
        return ""
    return f"Touches {' and '.join(whom)} in {counted(collections, 'collection')}."


def origin(header: Header) -> str:
    """Say which tenant, file, commit and pass the plan is of."""
    file = header.config_path
    if header.commit is not None:
        file = f"{file} at {header.commit[:_COMMIT_TOLD]}"
    return f"{header.studio} · {file} · {header.id}"


# --- one change ----------------------------------------------------------------------


def levels(before: Permission | None, after: Permission | None) -> str:
    """Say which level is given or taken, or both with an arrow."""
    return " → ".join(level for level in (before, after) if level is not None)


def remarks(change: Change) -> list[str]:
    """What there is to know about a change besides itself."""
    notes = ["its window has closed"] if change.expired else []
    return notes + ([f"({change.reason})"] if change.reason else [])


# --- what is left alone --------------------------------------------------------------


def differs(left: LeftAlone) -> bool:
    """
    Whether a share left alone is one on which file and Studio disagree.

    The owner has all there is to give. An additive collection may hold more
    than its list: that is what it is for.
    """
    if left.why in (Why.SELF, Why.ADDITIVE):
        return left.desired is not None and left.desired != left.level
    return left.why is not Why.OWNER


def why_alone(left: LeftAlone) -> str:
    """Say why a share is left alone, and what would be done about it otherwise."""
    if left.why is Why.OBSERVE:
        return f"would {_would(left)}; {_ALONE[left.why]}"
    if left.desired is not None and left.desired != left.level:
        return f"{_ALONE[left.why]}; the file asks for {left.desired}"
    return _ALONE[left.why]


def _would(left: LeftAlone) -> str:
    if left.level is None:
        return f"create {left.desired}"
    if left.desired is None:
        return f"destroy {left.level}"
    return f"update {left.level} → {left.desired}"


def agrees(collection: CollectionPlan) -> bool:
    """Whether there is nothing to tell about a collection but that all is well."""
    return (
        collection.status is Status.OK
        and collection.action is Doing.NONE
        and not collection.changes
        and not any(differs(left) for left in collection.left_alone)
    )


# --- one collection --------------------------------------------------------------------


def owner(collection: CollectionPlan) -> str:
    """Say whose library the collection is in, or is to be created in."""
    if collection.owner_id is not None:
        return f"owner user:{collection.owner_id}"
    return "owner: the token's own user" if collection.action is Doing.CREATE else "owner not known"


def particulars(collection: CollectionPlan, creation: str = "will be created") -> list[str]:
    """What a heading tells beside the name; `creation` is what became of one that was to be."""
    facts = [creation] if collection.action is Doing.CREATE else []
    if collection.id is not None:
        facts.append(f"id {collection.id}")
    if collection.status is Status.OK:
        facts.append(owner(collection))
    facts += [collection.mode, collection.source.short]
    return [*facts, f"{collection.unchanged} unchanged"] if collection.unchanged else facts


# --- one hold ----------------------------------------------------------------------------


def scope(hold: Hold) -> str:
    """Say over what the hold was judged."""
    return "the whole pass" if hold.collection is None else f"“{hold.collection}”"


def held_back(hold: Hold, plan: Plan) -> str:
    """Say which changes the hold keeps back: how many of each action, and where."""
    held = [(each.name, change) for each, change in plan.changes() if change.hold == hold.id]
    actions = Counter(change.action for _, change in held)
    parts = [f"{actions[action]} to {action}" for action in Action if actions[action]]
    created = [each.name for each in plan.collections if each.hold == hold.id]
    if created:
        parts.insert(0, f"{counted(len(created), 'collection')} to create")
    if not parts:
        return counted(hold.changes, "change")
    return f"{', '.join(parts)} in {listed([*created, *(name for name, _ in held)])}"


def listed(names: Iterable[str]) -> str:
    """Name the first few, each once, and say how many more there are."""
    told = [f"“{name}”" for name in dict.fromkeys(names)]
    if len(told) <= _NAMES_TOLD:
        return ", ".join(told)
    return f"{', '.join(told[:_NAMES_TOLD])} and {len(told) - _NAMES_TOLD} more"


def acknowledge_entry(hold: Hold, header: Header) -> str:
    """The line to paste under `acknowledge:`; it lets the hold through for a week."""
    until = (header.created_at + _ACKNOWLEDGED_FOR).date()
    return f'- {{hold: {hold.id}, until: {until}, reason: "…"}}'


def acknowledge_flag(hold: Hold) -> str:
    """The option of `apply` that lets the hold through this once."""
    return f"--acknowledge {hold.id}"


NEVER_ACKNOWLEDGED = "This cannot be acknowledged: it goes away with its cause."
