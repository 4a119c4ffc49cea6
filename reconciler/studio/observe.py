"""
Reading made into nouns: listings, permission lists, people, members.

What was not read in full says so: a list has a gap, a collection or a lookup is
a value that holds the reason. Only when the first page of the listing fails is
there no service to speak of, and an exception.

In agreement a pass costs one request a page of fifty, and one a collection.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from http import HTTPStatus
from typing import TypeAlias, TypeVar

from reconciler.core.model import OWNER, Permission
from reconciler.core.observed import (
    Absent,
    Found,
    Kind,
    Listing,
    LiveCollection,
    LookupFailed,
    Person,
    Shares,
    Sightings,
    Unreadable,
)
from reconciler.studio import wire
from reconciler.studio.answers import Document
from reconciler.studio.client import Failed, Reader, unusable
from reconciler.studio.lists import Source, collections, read_page, read_rest
from reconciler.studio.paging import Ask, Missing, Page, Rows
from reconciler.studio.parallel import in_parallel
from reconciler.studio.routes import Route

T = TypeVar("T")
R = TypeVar("R")
Progress: TypeAlias = Callable[[str, int, int], None]


def _silent(_what: str, _done: int, _total: int) -> None:
    """Tell nobody."""


class Observer:
    """
    Reads one tenant through a `Reader`, on a few threads.

    `progress` is told what is being read, how many are done, and of how many,
    always in the caller's thread.
    """

    def __init__(
        self, reader: Reader, *, concurrency: int, progress: Progress | None = None
    ) -> None:
        self._reader = reader
        self._concurrency = concurrency
        self._progress = progress or _silent

    def listing(self) -> tuple[Listing, Sightings, int | None]:
        """
        Every collection this token can see, their owners, and the token's own user.

        The own user is who owns the My Library in the listing, where that is
        not one shared with us; None where nothing tells. Raises Unreachable or
        Unauthorized when the first page cannot be read.
        """
        source = collections(Route.COLLECTIONS)
        first = read_page(self._reader, source, 1)
        if isinstance(first, Failed):
            raise unusable(self._reader.host, first)
        listing, sightings = _listing(self._rest(source, first))
        return listing, sightings, _own_user(listing.collections.values())

    def library(self, user_id: int) -> tuple[Listing | Unreadable, Sightings]:
        """Every collection that user can reach, as far as this token may ask."""
        source = collections(Route.USER_COLLECTIONS, user_id)
        first = read_page(self._reader, source, 1)
        if isinstance(first, Failed):
            return Unreadable(f"the collections of user {user_id}: {first.reason}"), Sightings()
        return _listing(self._rest(source, first))

    def collection(self, id: int) -> LiveCollection | Absent | Unreadable:
        """Ask for one collection directly."""
        answer = self._reader.get(Route.COLLECTION, id=id)
        if isinstance(answer, Failed):
            reason = f"collection {id}: {answer.reason}"
            gone = answer.status == HTTPStatus.NOT_FOUND
            return Absent(reason) if gone else Unreadable(reason)
        try:
            live, _ = wire.one_collection(answer.value)
        except wire.NotUnderstood as error:
            return Unreadable(f"collection {id}: {error}")
        if live.id != id:
            return Unreadable(f"collection {id}: the service answered collection {live.id}")
        return live

    def shares(self, ids: Iterable[int]) -> tuple[dict[int, Shares | Unreadable], Sightings]:
        """The permission list of each collection, in the order asked for."""
        wanted = list(dict.fromkeys(ids))
        answers = self._all("permissions", self._shares, wanted)
        shares = {id: levels for id, (levels, _) in zip(wanted, answers, strict=True)}
        return shares, merge(sightings for _, sightings in answers)

    def people(self, addresses: Iterable[str]) -> dict[str, Found]:
        """Who has each address, by exact match without regard to case."""
        wanted = list(dict.fromkeys(addresses))
        return dict(zip(wanted, self._all("people", self._search, wanted), strict=True))

    def members(self, group_id: int) -> tuple[Person, ...] | Unreadable:
        """The people of a group, where this token may read them."""
        source = Source(route=Route.GROUP_USERS, key="group_users", id=group_id)
        people = self._people(source)
        if isinstance(people, Failed):
            return Unreadable(f"the members of group {group_id}: {people.reason}")
        return people

    def _shares(self, id: int) -> tuple[Shares | Unreadable, Sightings]:
        answer = self._reader.get(Route.PERMISSIONS, id=id)
        if isinstance(answer, Document):
            return wire.shares(answer.value)
        return Unreadable(f"permissions: {answer.reason}"), Sightings()

    def _search(self, address: str) -> Found:
        source = Source(route=Route.USER_SEARCH, key="users", query={"email": address})
        people = self._people(source)
        if isinstance(people, Failed):
            lacking = people.status == HTTPStatus.NOT_FOUND
            reason = "this tenant does not offer the search" if lacking else people.reason
            return LookupFailed(reason)
        folded = address.casefold()
        hits = {each.id: each for each in people if (each.email or "").casefold() == folded}
        return tuple(hits.values())

    def _people(self, source: Source) -> tuple[Person, ...] | Failed:
        """A whole list of people; half a list is a failure, for nobody may be missing."""
        first = read_page(self._reader, source, 1)
        if isinstance(first, Failed):
            return first
        rows = read_rest(self._reader, source, first)
        if (gap := wire.one_gap(rows.gaps)) is not None:
            return Failed(gap)
        try:
            return tuple(wire.person(row) for row in rows.rows)
        except wire.NotUnderstood as error:
            return Failed(f"a person that cannot be understood: {error}")

    def _rest(self, source: Source, first: Page) -> Rows:
        def ask_all(ask: Ask, numbers: Sequence[int]) -> list[Page | Missing]:
            return self._all("pages of collections", ask, numbers)

        return read_rest(self._reader, source, first, ask_all)

    def _all(self, what: str, ask: Callable[[T], R], things: Sequence[T]) -> list[R]:
        return in_parallel(
            ask,
            things,
            threads=self._concurrency,
            done=lambda count: self._progress(what, count, len(things)),
        )


def merge(seen: Iterable[Sightings]) -> Sightings:
    """All sightings in one; of two of the same person, one that tells the address."""
    people: dict[int, Person] = {}
    groups: dict[int, str | None] = {}
    for sightings in seen:
        for id, person in sightings.people.items():
            if id not in people or people[id].email is None:
                people[id] = person
        for id, name in sightings.groups.items():
            groups[id] = groups.get(id) or name
    return Sightings(people, groups)


def _listing(rows: Rows) -> tuple[Listing, Sightings]:
    found: dict[int, LiveCollection] = {}
    owners: dict[int, Person] = {}
    gaps = list(rows.gaps)
    for row in rows.rows:
        try:
            live, owner = wire.collection(row)
        except wire.NotUnderstood as error:
            gaps.append(f"a collection that cannot be understood: {error}")
            continue
        found[live.id] = live
        if owner is not None:
            owners[owner.id] = owner
    return Listing(found, wire.one_gap(gaps)), Sightings(people=owners)


def _own_user(collections: Iterable[LiveCollection]) -> int | None:
    """Who owns the one My Library that may be ours: others may be shared with us."""
    libraries = [each for each in collections if each.kind is Kind.USER]
    ours = [each for each in libraries if each.level == OWNER] or [
        each for each in libraries if each.level is not Permission.VIEW
    ]
    owners = {each.owner_id for each in ours}
    return owners.pop() if len(owners) == 1 else None
