"""
Which live collection each entry of the file is.

By pinned id, else by name (and owner, where one is written) among the ordinary
collections, else by the id remembered from earlier passes: a collection seen
under another name is that collection, renamed by somebody. Several of one name
are left alone. Only when nothing matches is an entry to be created.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from reconciler.core.declared import DeclaredCollection, collection_key
from reconciler.core.desired import Met, Target, ToCreate, Unmet
from reconciler.core.directory import Directory, NotOne
from reconciler.core.model import Notice, Principal, Status
from reconciler.core.observed import (
    Absent,
    Kind,
    Listing,
    LiveCollection,
    Memory,
    ObservedState,
    Unreadable,
)


@dataclass(frozen=True, slots=True)
class Matches:
    """A target for each entry, in the file's order, and what is to be told."""

    targets: tuple[Target, ...]
    notices: tuple[Notice, ...] = ()

    def met(self) -> tuple[int, ...]:
        """The ids of the live collections that entries are, each once, sorted."""
        return tuple(sorted({each.id for each in self.targets if isinstance(each, Met)}))


def match(
    entries: Sequence[DeclaredCollection],
    observed: ObservedState,
    who: Directory,
    memory: Memory,
    beside: Iterable[DeclaredCollection] = (),
) -> Matches:
    """
    Find the live collection of every entry; those that meet in one are left alone.

    `beside` are the file's entries that nobody asks about now: they have no
    target here, but what one of them is, no other entry may claim either.
    """
    by_name = _by_name(observed)

    def find(entry: DeclaredCollection) -> Target:
        if entry.id is not None:
            return _pinned(entry.id, observed)
        return _named(entry, by_name.get(entry.name, ()), observed, who, memory)

    notices: list[Notice] = []
    targets = [find(entry) for entry in entries]
    others = [(each, met) for each in beside if isinstance(met := find(each), Met)]
    claims = [*zip(entries, targets, strict=True), *others]
    for index, reason in _meeting(claims, who).items():
        if index < len(targets):
            targets[index] = Unmet(Status.AMBIGUOUS, reason)
    for entry, target in zip(entries, targets, strict=True):
        notices += _notices(entry, target, observed)
    return Matches(tuple(targets), tuple(notices))


def unlisted(
    entries: Iterable[DeclaredCollection], listing: Listing, memory: Memory
) -> tuple[int, ...]:
    """
    The ids to ask for directly, because the listing does not show them.

    These are the pinned ones and the remembered ones. Another collection may
    have a remembered one's name by now: before that is taken for it, ask.
    """
    wanted = {
        entry.id if entry.id is not None else memory.collections.get(collection_key(entry))
        for entry in entries
    }
    return tuple(sorted(id for id in wanted if id is not None and id not in listing.collections))


def libraries_to_list(targets: Iterable[Target], observed: ObservedState) -> tuple[int, ...]:
    """
    The owners whose collections must be listed before one is created for them.

    A collection made for somebody else may not show in the token's own listing.
    """
    owners = {each.owner_id for each in targets if isinstance(each, ToCreate)}
    asked = observed.libraries.keys()
    return tuple(
        sorted(id for id in owners if id is not None and id != observed.me and id not in asked)
    )


def _by_name(observed: ObservedState) -> Mapping[str, tuple[LiveCollection, ...]]:
    seen = dict(observed.listing.collections)
    for library in observed.libraries.values():
        if isinstance(library, Listing):
            seen = {**library.collections, **seen}
    for asked in observed.pinned.values():
        if isinstance(asked, LiveCollection):
            seen.setdefault(asked.id, asked)
    names: dict[str, tuple[LiveCollection, ...]] = {}
    for _, each in sorted(seen.items()):
        if each.name is not None:
            names[each.name] = (*names.get(each.name, ()), each)
    return names


def _pinned(id: int, observed: ObservedState) -> Target:
    live = observed.collection(id)
    if live is None:
        match observed.pinned.get(id):
            case Absent(reason) | Unreadable(reason):
                return Unmet(Status.UNREADABLE, f"id {id}: {reason}")
            case _:
                return Unmet(Status.UNREADABLE, f"id {id} is not in the listing")
    if live.archived:
        return Unmet(Status.IGNORED, f"collection {id} is archived")
    return Met(id)


def _named(
    entry: DeclaredCollection,
    namesakes: Sequence[LiveCollection],
    observed: ObservedState,
    who: Directory,
    memory: Memory,
) -> Target:
    owner_id: int | None = None
    if entry.owner is not None:
        owner = who.resolve(entry.owner)
        if isinstance(owner, NotOne):
            ordinary = any(each.kind is Kind.ORDINARY for each in namesakes)
            status = Status.AMBIGUOUS if ordinary else Status.MISSING
            return Unmet(status, f"its owner {entry.owner} is not known: {owner.detail}")
        owner_id = owner.id
        namesakes = [each for each in namesakes if each.owner_id in {owner_id, None}]
    candidates = [each for each in namesakes if each.kind is Kind.ORDINARY]
    alive = [each for each in candidates if not each.archived]
    remembered = memory.collections.get(collection_key(entry))
    if len(alive) == 1 and (owner_id is None or alive[0].owner_id == owner_id):
        only = alive[0].id
        if (other := _renamed(remembered, only, owner_id, observed)) is not None:
            text = f"collection {other} was this one and has another name now"
            return Unmet(Status.AMBIGUOUS, f"{text}, and {only} has its name; pin one with id")
        return Met(only, sure=only == remembered or _seen_whole(only, observed))
    if alive:
        ids = ", ".join(str(each.id) for each in alive)
        return Unmet(Status.AMBIGUOUS, f"collections {ids} have this name; pin one with id")
    if candidates:
        ids = ", ".join(str(each.id) for each in candidates)
        return Unmet(Status.IGNORED, f"archived, as collection {ids}")
    found = _remembered(remembered, owner_id, observed)
    return _beside_special(namesakes) or found if isinstance(found, ToCreate) else found


def _beside_special(namesakes: Sequence[LiveCollection]) -> Unmet | None:
    """A My Library or a course's collection of that name may be meant: none is made beside it."""
    special = [each for each in namesakes if each.kind is not Kind.ORDINARY and not each.archived]
    if not special:
        return None
    what = "a My Library" if special[0].kind is Kind.USER else "a course's"
    id = special[0].id
    text = f"collection {id} of this name is {what}, which only its id may name (id: {id})"
    return Unmet(Status.IGNORED, text)


def _renamed(
    remembered: int | None, only: int, owner_id: int | None, observed: ObservedState
) -> int | None:
    """The remembered collection, where it lives on beside another one of its name."""
    if remembered is None or remembered == only:
        return None
    live = observed.collection(remembered)
    if live is None or live.archived or live.kind is not Kind.ORDINARY:
        return None
    return remembered if owner_id is None or live.owner_id == owner_id else None


def _seen_whole(id: int, observed: ObservedState) -> bool:
    """Whether the list that shows this collection was read in full."""
    if id in observed.listing.collections:
        return observed.listing.complete
    shown_in = (
        library
        for library in observed.libraries.values()
        if isinstance(library, Listing) and id in library.collections
    )
    return observed.listing.complete and all(library.complete for library in shown_in)


def _remembered(id: int | None, owner_id: int | None, observed: ObservedState) -> Target:
    if id is None:
        return ToCreate(owner_id)
    live = observed.collection(id)
    if live is None:
        match observed.pinned.get(id):
            case Absent():
                return ToCreate(owner_id)
            case Unreadable(reason):
                return Unmet(Status.UNREADABLE, f"it was collection {id}: {reason}")
            case _:
                return Unmet(Status.UNREADABLE, f"it was collection {id}, which is not listed")
    if live.kind is not Kind.ORDINARY:
        return ToCreate(owner_id)
    return Unmet(Status.IGNORED, f"archived, as collection {id}") if live.archived else Met(id)


def _meeting(
    found: Iterable[tuple[DeclaredCollection, Target]], who: Directory
) -> Mapping[int, str]:
    """The entries (by index) that another entry claims too, each with both lines."""
    entries: list[DeclaredCollection] = []
    claims: dict[int | str, list[int]] = {}
    for index, (entry, target) in enumerate(found):
        entries.append(entry)
        if not isinstance(target, Unmet):
            claim = target.id if isinstance(target, Met) else entry.name
            claims.setdefault(claim, []).append(index)
    meeting: dict[int, str] = {}
    for claim, indexes in claims.items():
        if len(indexes) > 1 and _collide(claim, [entries[i] for i in indexes], who):
            lines = " and ".join(each.short for each in sorted(entries[i].source for i in indexes))
            what = f"collection {claim}" if isinstance(claim, int) else "one collection to create"
            reason = f"{lines} are {what}; left alone until only one claims it"
            meeting.update(dict.fromkeys(indexes, reason))
    return meeting


def _collide(claim: int | str, entries: Sequence[DeclaredCollection], who: Directory) -> bool:
    """New ones of one name collide unless each has an owner of its own: any owner matches none."""
    if isinstance(claim, int):
        return True
    owners: set[Principal] = set()
    for entry in entries:
        owner = who.resolve(entry.owner) if entry.owner is not None else None
        if not isinstance(owner, Principal) or owner in owners:
            return True
        owners.add(owner)
    return False


def _notices(
    entry: DeclaredCollection, target: Target, observed: ObservedState
) -> Iterable[Notice]:
    if isinstance(target, Unmet):
        yield Notice(entry.source, f"collection-{target.status}", f"{entry.name}: {target.reason}")
    elif isinstance(target, ToCreate) and not entry.create:
        text = f"{entry.name}: there is no such collection, and create is false"
        yield Notice(entry.source, "collection-missing", text)
    elif isinstance(target, Met):
        live = observed.collection(target.id)
        if live is not None and live.name != entry.name:
            yield Notice(
                entry.source,
                "collection-renamed",
                f"{entry.name}: collection {target.id} is called {live.name or 'nothing'} now; "
                + ("names are never changed by us" if entry.id else f"pin it with id: {target.id}"),
            )
