"""
The guards that ask: do we know enough to do this?

What was not read in full is never evidence of absence, and what somebody may
lose because of a slip, a stranger or a swing is held until a person has looked.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial

from reconciler.core.model import OWNER, Permission, Principal, PrincipalType
from reconciler.core.observed import Listing, Unreadable
from reconciler.core.plan import CollectionPlan
from reconciler.core.verdict import Facts, Item, Verdict, by_collection


def completeness(facts: Facts, items: Sequence[Item]) -> Iterator[Verdict]:
    """Hold whatever would rest on something not read in full."""
    for collection, mine in by_collection(items):
        if gap := _gap_before_creating(facts, collection, mine):
            yield _held("completeness", collection, mine, gap)
            continue
        yield from _because("completeness", mine, partial(_gap, facts), collection)


def _gap_before_creating(
    facts: Facts, collection: CollectionPlan, items: Sequence[Item]
) -> str | None:
    if not any(item.creates_collection for item in items):
        return None
    if (gap := facts.observed.listing.gap) is not None:
        return f"it may exist where we did not see: {gap}"
    library = facts.observed.libraries.get(collection.owner_id or 0)
    if isinstance(library, Listing):
        return f"its owner may have it already: {library.gap}" if library.gap else None
    lost = facts.memory.lost | facts.spent.lost
    if _is_blind(facts, collection) and (collection.name, collection.owner_id) in lost:
        return (
            "it was sent once and the answer was lost, so it may exist where we cannot see: "
            "look in Studio, make it there if need be, and write its id"
        )
    return None


def _gap(facts: Facts, item: Item) -> str | None:
    change, collection = item.change, item.collection
    if change is None or not change.takes_away:
        return None
    if collection.observed is not None and collection.observed.gap is not None:
        return f"its permissions were not read in full: {collection.observed.gap}"
    if not collection.sure:
        gap = facts.observed.listing.gap or "its owner's library was not read in full"
        return (
            f"a second collection of this name may exist where we did not see ({gap}); "
            "pin its id to go on"
        )
    if facts.observed.me is None and _may_be_ourselves(item):
        return (
            f"{change.who} may be the token's own user, which the service does not show; "
            "write it as studio.me"
        )
    return None


def _may_be_ourselves(item: Item) -> bool:
    """
    The service tells what we may do in each collection: a share of more than that is not ours.

    One of less may be, for a role or a group may give us the rest. An owner has none.
    """
    change, live = item.change, item.collection.live
    if change is None or change.before is None or change.principal.type is not PrincipalType.USER:
        return False
    if live is None or not isinstance(live.level, Permission):
        return live is None or live.level != OWNER
    return change.before.rank <= live.level.rank


def protect(facts: Facts, items: Sequence[Item]) -> Iterator[Verdict]:
    """Hold removals of protected principals, whatever the file says."""
    for collection, mine in by_collection(items):
        yield from _because("protect", mine, partial(_protection, facts), collection)


def _protection(facts: Facts, item: Item) -> str | None:
    change = item.change
    if change is None or not change.takes_away:
        return None
    if change.principal in facts.protected.principals:
        return f"{change.who} is protected (guards.protect)"
    unknown = facts.protected.unknown.get(change.principal.type)
    if unknown is not None and change.principal in facts.protected.nameless:
        return f"{change.who} may be {unknown}, who is protected and could not be found"
    return None


def visibility(facts: Facts, items: Sequence[Item]) -> Iterator[Verdict]:
    """Hold removals and creations when too much is out of sight to trust the rest."""
    detail = _out_of_sight(facts)
    if detail is None:
        return
    born = {item.collection.key for item in items if item.creates_collection}
    held = tuple(item for item in items if item.takes_away or item.collection.key in born)
    if held:
        yield Verdict(guard="visibility", items=held, detail=detail)


def _out_of_sight(facts: Facts) -> str | None:
    limit = facts.limits.visibility
    if limit is None:
        return None
    unreadable, managed = facts.unreadable, facts.managed
    if unreadable >= max(limit.count, 1) and unreadable * 100 > limit.percent * managed:
        return (
            f"{unreadable} of {managed} managed collections could not be read; at least "
            f"{limit.count} and more than {limit.percent} % is too many to trust the rest"
        )
    before, now = facts.memory.visible, len(facts.observed.listing.collections)
    if limit.drop_percent is None or not before or now >= before:
        return None
    if (before - now) * 100 < limit.drop_percent * before:
        return None
    return (
        f"{now} collections are visible, {before} were at the last agreement; "
        f"{limit.drop_percent} % fewer is too many"
    )


def identity(facts: Facts, items: Sequence[Item]) -> Iterator[Verdict]:
    """Hold changes for an address that now belongs to another id than the state remembers."""
    strangers = {
        item.collection.key: told
        for item in items
        if item.creates_collection and (told := _moved_owner(facts, item.collection))
    }

    def stranger(item: Item) -> str | None:
        return strangers.get(item.collection.key) or _moved(facts, item)

    yield from _because("identity", items, stranger)


def _moved(facts: Facts, item: Item) -> str | None:
    return facts.moved.get(item.change.principal) if item.change is not None else None


def _moved_owner(facts: Facts, collection: CollectionPlan) -> str | None:
    """A collection made for the wrong owner gives them all that is shared in it."""
    if collection.owner_id is None:
        return None
    return facts.moved.get(Principal(PrincipalType.USER, collection.owner_id))


def unresolved(_facts: Facts, items: Sequence[Item]) -> Iterator[Verdict]:
    """Hold removals where a line is nobody we know: they may be one of those about to go."""
    for collection, mine in by_collection(items):
        held = tuple(item for item in mine if item.takes_away)
        if held and collection.unresolved:
            names = ", ".join(collection.unresolved)
            detail = f"{names} could not be resolved and may be one of those about to go"
            yield _held("unresolved", collection, held, detail)


def allow_empty(_facts: Facts, items: Sequence[Item]) -> Iterator[Verdict]:
    """Hold removals where the written list is empty: more often a slip than a wish."""
    for collection, mine in by_collection(items):
        held = tuple(item for item in mine if item.takes_away)
        if held and collection.empty:
            detail = "the file lists no share for it; if that is meant, write allow_empty: true"
            yield _held("allow_empty", collection, held, detail)


def blind_create(facts: Facts, items: Sequence[Item]) -> Iterator[Verdict]:
    """Hold a creation for an owner whose library this token cannot list: it might exist."""
    for collection, mine in by_collection(items):
        if any(item.creates_collection for item in mine) and _is_blind(facts, collection):
            owner = collection.owner_id
            library = facts.observed.libraries.get(owner or 0)
            why = library.reason if isinstance(library, Unreadable) else "it was not asked for"
            detail = f"the collections of user:{owner} cannot be listed ({why}): it may exist"
            yield _held("blind_create", collection, mine, detail)


def _is_blind(facts: Facts, collection: CollectionPlan) -> bool:
    """Whether it would be created where neither the listing nor a library lets us look."""
    owner = collection.owner_id
    if owner is None or owner == facts.observed.me:
        return False
    return not isinstance(facts.observed.libraries.get(owner), Listing)


def flapping(facts: Facts, items: Sequence[Item]) -> Iterator[Verdict]:
    """Hold the share that somebody undoes as often as we restore it."""
    limit = facts.limits.flapping
    if limit is None:
        return
    counted = [
        (item, times) for item in items if (times := _restored(facts, item)) >= max(limit, 1)
    ]
    if counted:
        told = sorted(
            f"{item.change.who} on {item.collection.name} ({times} times)"
            for item, times in counted
            if item.change
        )
        detail = f"restored in the last 24 h as often as {limit} times: {', '.join(told)}"
        held = tuple(item for item, _ in counted)
        yield Verdict(guard="flapping", items=held, detail=detail)


def _restored(facts: Facts, item: Item) -> int:
    """How often the share was put back that this item would put back once more."""
    change, id = item.change, item.collection.id
    if change is None or change.after is None or id is None:
        return 0
    return facts.memory.restored.get((id, change.principal), 0)


def _because(
    guard: str,
    items: Sequence[Item],
    reason_for: Callable[[Item], str | None],
    collection: CollectionPlan | None = None,
) -> Iterator[Verdict]:
    """Hold the items there is a reason for, and tell each reason once."""
    reasons = [(item, reason) for item in items if (reason := reason_for(item))]
    if reasons:
        held = tuple(item for item, _ in reasons)
        detail = "; ".join(dict.fromkeys(reason for _, reason in reasons))
        yield Verdict(guard=guard, items=held, detail=detail, collection=collection)


def _held(guard: str, collection: CollectionPlan, items: Sequence[Item], detail: str) -> Verdict:
    return Verdict(
        guard=guard,
        items=tuple(items),
        detail=detail,
        collection=collection,
    )
