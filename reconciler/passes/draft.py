"""Read what the entries need, resolve, compare: a plan not yet judged, and its facts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from reconciler.core.declared import DeclaredCollection, Reference, collection_key
from reconciler.core.desired import DesiredState
from reconciler.core.diff import diff
from reconciler.core.directory import Directory, NotOne, directory, merge
from reconciler.core.forecast import forecast
from reconciler.core.limits import Limits
from reconciler.core.matching import Matches, libraries_to_list, match, unlisted
from reconciler.core.model import Notice, Principal, PrincipalType
from reconciler.core.observed import Found, ObservedState, Shares, Sightings, Unreadable
from reconciler.core.plan import CollectionKey, Plan
from reconciler.core.resolve import owners, references, resolve
from reconciler.core.verdict import Facts, Protected, Spent
from reconciler.passes.ports import Studio, Task


@dataclass(slots=True)
class View:
    """
    What has been read so far in a pass. Later rounds keep what they need not read again.

    The listing and the people in sight stay; permissions are read anew for the
    entries that a round is about.
    """

    observed: ObservedState
    seen: Sightings
    found: dict[str, Found] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Draft:
    """A plan not yet judged, and what it was made from."""

    plan: Plan
    view: View
    desired: DesiredState
    who: Directory
    protected: Protected


def look(studio: Studio, task: Task) -> View:
    """Read the listing: where every pass begins."""
    listing, seen, me = studio.listing()
    return View(ObservedState(listing=listing, me=task.me if task.me is not None else me), seen)


def draft(
    studio: Studio,
    task: Task,
    view: View,
    entries: Sequence[DeclaredCollection],
    now: datetime,
    *,
    known: Mapping[int, Shares | Unreadable] | None = None,
) -> Draft:
    """
    Read what these entries need, and say what would make them equal to the file.

    Permission lists that are `known` are not read again; without it all are.
    """
    known = known or {}
    matches = _match(studio, task, view, entries)
    shares, seen = studio.shares([id for id in matches.met() if id not in known])
    shares = {**known, **shares}
    view.observed = replace(view.observed, shares=shares)
    view.seen = merge(view.seen, seen)
    named = (*references(entries, task.declarations), *(who for who, _ in task.limits.protect))
    who = _directory(studio, task, view, named)
    desired = resolve(entries, task.declarations, matches, who, memory=task.memory, now=now)
    protected, notices = _protected(task.limits, who)
    plan = diff(view.observed, desired, who)
    told = (*plan.notices, *notices, *_released(task, matches, entries))
    plan = replace(
        plan,
        notices=tuple(sorted(told, key=lambda each: each.order)),
        expiring=forecast(desired, plan, task.declarations, who, now),
    )
    return Draft(plan, view, desired, who, protected)


def facts(task: Task, made: Draft, spent: Spent | None = None) -> Facts:
    """
    What the guards judge a draft by. The first round of a pass has spent nothing.

    Percentages are of all that the file manages, the unread rest as it was last read.
    """
    plan = made.plan
    spent = spent or Spent(
        changeable=plan.changeable,
        changeable_in={each.key: each.changeable for each in plan.collections},
    )
    unreadable, managed = _out_of_sight(task, plan.unreadable + spent.unreadable)
    return Facts(
        observed=made.view.observed,
        limits=task.limits,
        protected=made.protected,
        moved=made.desired.moved,
        memory=task.memory,
        managed=managed,
        unreadable=unreadable,
        spent=replace(spent, changeable=spent.changeable + task.rest.changeable),
    )


def _out_of_sight(task: Task, unreadable: int) -> tuple[int, int]:
    """
    How many collections could not be read, and of how many: the graver of two views.

    Whether the unread rest can be read nobody knows. Those that could not be read
    before either are few among all; those that are news stand for the rest as well,
    so they are weighed among those that were read.
    """
    news, read = unreadable - task.rest.blind, len(task.entries) - task.rest.blind
    managed = len(task.entries) + task.rest.entries
    return (news, read) if news * managed > unreadable * read else (unreadable, managed)


def _match(
    studio: Studio, task: Task, view: View, entries: Sequence[DeclaredCollection]
) -> Matches:
    """Find the live collections, asking directly for what the listing does not show."""
    observed = view.observed
    ids = unlisted(entries, observed.listing, task.memory)
    asked = {id: studio.collection(id) for id in ids if id not in observed.pinned}
    view.observed = replace(observed, pinned={**observed.pinned, **asked})
    who = _directory(studio, task, view, tuple(owners(entries)))
    beside = _beside(task, entries)
    matches = match(entries, view.observed, who, task.memory, beside)
    libraries = libraries_to_list(matches.targets, view.observed)
    if not libraries:
        return matches
    read = {id: studio.library(id) for id in libraries}
    view.seen = merge(view.seen, *(seen for _, seen in read.values()))
    listings = {id: library for id, (library, _) in read.items()}
    view.observed = replace(view.observed, libraries={**view.observed.libraries, **listings})
    return match(entries, view.observed, who, task.memory, beside)


def _beside(task: Task, entries: Sequence[DeclaredCollection]) -> tuple[DeclaredCollection, ...]:
    """The rest of the file, which may claim what these entries seem to be."""
    these = {CollectionKey(each.name, each.source) for each in entries}
    return tuple(
        each
        for each in task.declarations.collections
        if CollectionKey(each.name, each.source) not in these
    )


def _directory(studio: Studio, task: Task, view: View, named: Sequence[Reference]) -> Directory:
    """Who is who; the service is asked only for addresses that are nowhere in sight."""
    seen = _in_sight(task, view)
    who = directory(task.declarations, seen, view.found)
    if unknown := who.unknown_addresses(named):
        view.found.update(studio.people(unknown))
        who = directory(task.declarations, seen, view.found)
    return who


def _in_sight(task: Task, view: View) -> Sightings:
    """
    Who was seen now, and who was when the rest was last read.

    Else a name would be nobody for want of looking, or the one of two that happens
    to be in sight.
    """
    if not task.rest.entries:
        return view.seen
    rest = task.rest.seen
    return Sightings(merge(view.seen, rest).people, merge(rest, view.seen).groups)


def _protected(limits: Limits, who: Directory) -> tuple[Protected, tuple[Notice, ...]]:
    principals: set[Principal] = set()
    unknown: dict[PrincipalType, str] = {}
    notices: list[Notice] = []
    for reference, source in limits.protect:
        found = who.resolve(reference)
        if not isinstance(found, NotOne):
            principals.add(found)
            continue
        principals.update(Principal(reference.type, id) for id in found.candidates)
        if not found.candidates:
            unknown[reference.type] = str(reference)
        text = f"protected {reference.type} {reference}: {found.detail}"
        notices.append(Notice(source, f"unresolved-{reference.type}", text))
    return Protected(frozenset(principals), unknown, who.nameless()), tuple(notices)


def _released(
    task: Task, matches: Matches, entries: Sequence[DeclaredCollection]
) -> tuple[Notice, ...]:
    """Tell of collections that the file named in an earlier pass and names no more."""
    if not task.covers_all or len(entries) != len(task.entries):
        return ()
    keys = {collection_key(entry) for entry in task.declarations.collections}
    still = {*matches.met(), *(entry.id for entry in task.declarations.collections)}
    return tuple(
        Notice(
            None,
            "collection-released",
            f"{key.partition(chr(0))[0]} (collection {id}) is no longer in the file: "
            "its shares stay as they are",
        )
        for key, id in sorted(task.memory.collections.items())
        if key not in keys and id not in still
    )
