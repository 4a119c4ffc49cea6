"""
Who can see what: a row for every share and every owner, and one for each member of a group.

Pure; what was read, and what could not be, comes in as values.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from reconciler.core.desired import DesiredCollection
from reconciler.core.model import OWNER, Level, Principal, PrincipalType
from reconciler.core.observed import LiveCollection, Person, Shares, Unreadable
from reconciler.questions.survey import Gap, Survey

Members = Mapping[int, tuple[Person, ...] | Unreadable]


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """
    One principal's access to one collection.

    `via` is the group it comes through, None for a share of their own and for
    the owner. `in_file` says whether a line of the file asks for it now; for an
    owner, whether the file names the collection.
    """

    collection: LiveCollection
    principal: Principal
    name: str | None
    email: str | None
    permission: Level
    via: Principal | None = None
    in_file: bool = False


@dataclass(frozen=True, slots=True)
class Access:
    """The rows, by collection, and what could not be read for them."""

    rows: tuple[Row, ...]
    unreadable: tuple[Gap, ...] = ()

    @property
    def complete(self) -> bool:
        return not self.unreadable


@dataclass(frozen=True, slots=True)
class Sources:
    """What the rows are made of: lists, members of groups, and entries of the file, by id."""

    seen: Survey
    members: Members
    ruled: Mapping[int, DesiredCollection]


def rows(ids: Iterable[int], sources: Sources) -> Iterator[Row]:
    """The rows of these collections: of each the owner, people, groups and their members."""
    live = [sources.seen.collections[id] for id in ids]
    for each in sorted(live, key=lambda each: ((each.name or "").casefold(), each.id)):
        yield from _rows(each, sources)


def _rows(live: LiveCollection, sources: Sources) -> Iterator[Row]:
    entry = sources.ruled.get(live.id)
    owner = None
    if live.owner_id is not None:
        owner = Principal(PrincipalType.USER, live.owner_id)
        yield _row(live, owner, OWNER, sources, in_file=entry is not None)
    read = sources.seen.shares.get(live.id)
    levels = read.levels if isinstance(read, Shares) else {}
    for principal, level in sorted(levels.items(), key=lambda each: _order(each[0], sources)):
        if principal == owner:
            continue
        in_file = entry is not None and principal in entry.shares
        yield _row(live, principal, level, sources, in_file=in_file)
        if principal.type is PrincipalType.GROUP:
            yield from _members(live, principal, level, sources, in_file=in_file)


def _members(
    live: LiveCollection, group: Principal, level: Level, sources: Sources, *, in_file: bool
) -> Iterator[Row]:
    members = sources.members.get(group.id, ())
    for person in () if isinstance(members, Unreadable) else sorted(members, key=_called):
        yield Row(
            collection=live,
            principal=Principal(PrincipalType.USER, person.id),
            name=person.name,
            email=person.email,
            permission=level,
            via=group,
            in_file=in_file,
        )


def _row(
    live: LiveCollection, principal: Principal, level: Level, sources: Sources, *, in_file: bool
) -> Row:
    seen = sources.seen.seen
    if principal.type is PrincipalType.GROUP:
        name, email = seen.groups.get(principal.id), None
    else:
        person = seen.people.get(principal.id) or Person(principal.id)
        name, email = person.name, person.email
    return Row(
        collection=live,
        principal=principal,
        name=name,
        email=email,
        permission=level,
        in_file=in_file,
    )


def _order(principal: Principal, sources: Sources) -> tuple[bool, str, int]:
    """People before groups, each by what they are called."""
    seen = sources.seen.seen
    if principal.type is PrincipalType.GROUP:
        return True, (seen.groups.get(principal.id) or "").casefold(), principal.id
    return False, *_called(seen.people.get(principal.id) or Person(principal.id))


def _called(person: Person) -> tuple[str, int]:
    return (person.name or person.email or "").casefold(), person.id
