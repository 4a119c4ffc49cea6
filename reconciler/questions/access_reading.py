"""
What has to be read to say who can see what, and no more.

Whom a person reaches is asked of the service; for a group nobody can say, and
every list is read.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from reconciler.core.directory import directory
from reconciler.core.model import Principal, PrincipalType, Status
from reconciler.core.observed import Listing, LiveCollection, Shares, Sightings, Unreadable
from reconciler.questions.access import Access, Members, Row, Sources, rows
from reconciler.questions.comparison import Comparison
from reconciler.questions.naming import find_collections, find_principal
from reconciler.questions.survey import Gap, Survey, is_in_use, share_gaps, with_shares
from reconciler.studio.observe import Observer, Progress

USER, GROUP = PrincipalType.USER, PrincipalType.GROUP


@dataclass(frozen=True, slots=True)
class Filters:
    """What is asked for, as typed: a user, a group, collections by name or id. All must fit."""

    user: str | None = None
    group: str | None = None
    collections: Sequence[str] = ()


def survey_of(compared: Comparison) -> Survey:
    """What a comparison has read already."""
    observed = compared.observed
    pinned = (each for each in observed.pinned.values() if isinstance(each, LiveCollection))
    gap = observed.listing.gap
    return Survey(
        collections={**{each.id: each for each in pinned}, **observed.listing.collections},
        shares=observed.shares,
        seen=compared.who.seen,
        me=observed.me,
        listing_gaps=() if gap is None else (Gap("the list of collections", gap),),
    )


def read_access(
    studio: Observer, compared: Comparison, filters: Filters, progress: Progress
) -> Access:
    """Read what is not read yet, and say who can see what. Raises NotFound for a bad filter."""
    seen = survey_of(compared)
    user = None
    if filters.user is not None:
        user = find_principal(filters.user, compared.who, studio.people, (USER,))
    ids = _ids(studio, seen, filters, user)
    seen = with_shares(studio, seen, ids)
    group = _group(studio, filters.group, compared, seen)
    members = _members(studio, _groups(seen, ids, group), progress)
    sources = Sources(_with_people(seen, members), members, compared.ruled())
    unreadable = (
        *seen.listing_gaps,
        *share_gaps(seen, ids),
        *(() if filters.collections else _missing(compared, ids)),
        *_unfolded(seen, members),
    )
    fitting = (row for row in rows(ids, sources) if _fits(row, user, group))
    return Access(tuple(fitting), tuple(dict.fromkeys(unreadable)))


def _ids(
    studio: Observer, seen: Survey, filters: Filters, user: Principal | None
) -> tuple[int, ...]:
    """The collections whose lists may show what is asked for."""
    live = seen.collections.values()
    if filters.collections:
        named = (each for name in filters.collections for each in find_collections(name, live))
        return tuple(dict.fromkeys(each.id for each in named))
    used = [each.id for each in live if is_in_use(each) or each.id in seen.shares]
    if user is None:
        return tuple(used)
    reached, _ = studio.library(user.id)
    if not isinstance(reached, Listing) or not reached.complete:
        return tuple(used)
    # What was read already is free, and proof against a service that tells less than all.
    return tuple(id for id in used if id in reached.collections or id in seen.shares)


def _group(
    studio: Observer, text: str | None, compared: Comparison, seen: Survey
) -> Principal | None:
    """Groups are known by the lists they stand in, and so only after those were read."""
    if text is None:
        return None
    who = directory(compared.declarations, seen.seen)
    return find_principal(text, who, studio.people, (GROUP,))


def _groups(seen: Survey, ids: Iterable[int], only: Principal | None) -> tuple[int, ...]:
    shared = (each for id in ids if isinstance(each := seen.shares.get(id), Shares))
    groups = {who for each in shared for who in each.levels if who.type is GROUP}
    return tuple(sorted(each.id for each in groups if only is None or each == only))


def _members(studio: Observer, groups: Collection[int], progress: Progress) -> Members:
    members = {}
    for done, id in enumerate(groups, start=1):
        members[id] = studio.members(id)
        progress("groups", done, len(groups))
    return members


def _with_people(seen: Survey, members: Members) -> Survey:
    """Add the people that only a group's list shows."""
    lists = (each for each in members.values() if not isinstance(each, Unreadable))
    people = {person.id: person for each in lists for person in each}
    known = Sightings({**people, **seen.seen.people}, seen.seen.groups)
    return replace(seen, seen=known)


def _missing(compared: Comparison, ids: Collection[int]) -> Iterator[Gap]:
    """Collections the file names by an id that cannot be seen."""
    for each in compared.plan.collections:
        if each.status is Status.UNREADABLE and each.id not in ids:
            yield Gap(f"“{each.name}” ({each.source.short})", each.reason or "it was not read")


def _unfolded(seen: Survey, members: Members) -> Iterator[Gap]:
    for id, people in members.items():
        if isinstance(people, Unreadable):
            name = seen.seen.groups.get(id)
            yield Gap(f"group {id}" + (f" “{name}”" if name else ""), people.reason)


def _fits(row: Row, user: Principal | None, group: Principal | None) -> bool:
    if user is not None and row.principal != user:
        return False
    return group is None or group in {row.principal, row.via}
