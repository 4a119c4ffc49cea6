"""What a pass leaves to the next: which collection was which, whose address was whose."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from reconciler.cli import exits
from reconciler.cli.exits import Exit
from reconciler.cli.site import now
from reconciler.core.declared import collection_key
from reconciler.core.model import Principal, PrincipalType
from reconciler.core.plan import CollectionKey
from reconciler.core.resolve import references
from reconciler.passes.ports import Task
from reconciler.passes.rounds import Done, Preview
from reconciler.state.memory import forget, remember
from reconciler.state.store import Store


def remember_pass(store: Store, task: Task, first: Preview, done: Done) -> None:
    """Keep what a pass learned; how many collections are visible, if it ended in agreement."""
    desired, view = first.draft.desired, first.draft.view
    ids = {entry.key: entry.id for entry in done.plan.collections if entry.id is not None}
    known = {
        collection_key(each.declared): id
        for each in desired.collections
        if (id := ids.get(CollectionKey(each.declared.name, each.declared.source))) is not None
    }
    pending = any(_pending(done))
    agreed = task.covers_all and not pending and view.observed.listing.complete
    remember(
        store,
        collections=known,
        addresses=_addresses(task, first),
        visible=len(view.observed.listing.collections) if agreed else None,
        at=now(),
    )
    if task.covers_all:
        keys = {collection_key(entry) for entry in task.declarations.collections}
        forget(store, task.memory.collections.keys() - keys)


def _pending(done: Done) -> Iterator[bool]:
    """Whether anything keeps the tenant from agreeing with the file."""
    yield exits.of_done(done) is not Exit.DONE
    yield done.plan.has_changes and not done.rounds


def _addresses(task: Task, first: Preview) -> Mapping[str, int]:
    """Whose address is whose, but for those whose change of owner waits to be acknowledged."""
    who, moved = first.draft.who, first.draft.desired.moved
    waiting = any(hold.guard == "identity" for hold in first.plan.holds)
    ids: dict[str, int] = {}
    for reference in references(task.entries, task.declarations):
        if reference.type is PrincipalType.USER and reference.name is not None:
            found = who.resolve(reference)
            if isinstance(found, Principal) and not (waiting and found in moved):
                ids[reference.name.casefold()] = found.id
    return ids
