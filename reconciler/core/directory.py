"""
Names to ids: the file's own directory first, then who was seen live, then who was searched for.

A name that is nobody or several is a value, `NotOne`, never a guess: the wrong
person of two would be given, or lose, somebody else's access.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from reconciler.core.declared import Declarations, Reference
from reconciler.core.model import Principal, PrincipalType
from reconciler.core.observed import Found, LookupFailed, Person, Sightings


@dataclass(frozen=True, slots=True)
class NotOne:
    """A name that is nobody (no candidates) or several (their ids), and how we know."""

    detail: str
    candidates: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Directory:
    """Everything known about who is who, indexed for asking."""

    written_users: Mapping[str, int]
    written_groups: Mapping[str, int]
    seen: Sightings
    found: Mapping[str, Found]
    ids_by_address: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    ids_by_group: Mapping[str, tuple[int, ...]] = field(default_factory=dict)

    def resolve(self, who: Reference) -> Principal | NotOne:
        """The principal that a reference means. A number is taken as it is and not looked up."""
        if who.id is not None:
            return Principal(who.type, who.id)
        if who.type is PrincipalType.GROUP:
            return self._group(who.name or "")
        return self._user((who.name or "").casefold())

    def _user(self, address: str) -> Principal | NotOne:
        if (written := self.written_users.get(address)) is not None:
            return Principal(PrincipalType.USER, written)
        if seen := self.ids_by_address.get(address):
            return _one(PrincipalType.USER, seen, "seen in Studio")
        match self.found.get(address, ()):
            case LookupFailed(reason):
                return NotOne(f"could not be looked up: {reason}")
            case ():
                return NotOne(
                    "nobody in Studio has this address; they appear once they open Studio, "
                    "or write their id under directory.users"
                )
            case people:
                return _one(
                    PrincipalType.USER, tuple(sorted({each.id for each in people})), "found"
                )

    def _group(self, name: str) -> Principal | NotOne:
        if (written := self.written_groups.get(name)) is not None:
            return Principal(PrincipalType.GROUP, written)
        if seen := self.ids_by_group.get(name):
            return _one(PrincipalType.GROUP, seen, "seen in Studio")
        return NotOne(
            "no group of this name was seen, and the service cannot look groups up; "
            "write its id under directory.groups"
        )

    def is_written(self, who: Reference) -> bool:
        """Whether the file itself says which id this name is."""
        if who.name is None:
            return True
        if who.type is PrincipalType.GROUP:
            return who.name in self.written_groups
        return who.name.casefold() in self.written_users

    def unknown_addresses(self, references: Iterable[Reference]) -> tuple[str, ...]:
        """The addresses that nothing so far tells, to be searched for; sorted, case folded."""
        wanted = {
            who.name.casefold()
            for who in references
            if who.type is PrincipalType.USER and who.name is not None
        }
        known = self.written_users.keys() | self.ids_by_address.keys() | self.found.keys()
        return tuple(sorted(wanted - known))

    def label(self, principal: Principal, written: str | None = None) -> str:
        """
        What to call somebody in a plan.

        A user's address, else the words of the line, else their name, else `user:12`.
        """
        if principal.type is PrincipalType.GROUP:
            return self.seen.groups.get(principal.id) or written or str(principal)
        person = self.seen.people.get(principal.id) or Person(principal.id)
        return person.email or written or person.name or str(principal)

    def nameless(self) -> frozenset[Principal]:
        """Who was seen without what they are named by: an address, a group's name."""
        # What Studio shows as an address may be a Canvas login, which names nobody here.
        users = (each.id for each in self.seen.people.values() if "@" not in (each.email or ""))
        groups = (id for id, name in self.seen.groups.items() if not name)
        return frozenset(
            (
                *(Principal(PrincipalType.USER, id) for id in users),
                *(Principal(PrincipalType.GROUP, id) for id in groups),
            )
        )


def directory(
    declarations: Declarations, seen: Sightings, found: Mapping[str, Found] | None = None
) -> Directory:
    """Index who is known. People that a search found count as seen, for their labels."""
    found = found or {}
    hits = (each for _, hit in sorted(found.items()) if isinstance(hit, tuple) for each in hit)
    people = merge(seen, Sightings({each.id: each for each in hits})).people
    groups: dict[str, tuple[int, ...]] = {}
    for id, name in sorted(seen.groups.items()):
        if name is not None:
            groups[name] = (*groups.get(name, ()), id)
    addresses: dict[str, tuple[int, ...]] = {}
    for id, person in sorted(seen.people.items()):
        if person.email:
            key = person.email.casefold()
            addresses[key] = (*addresses.get(key, ()), id)
    return Directory(
        written_users=declarations.users,
        written_groups=declarations.groups,
        seen=Sightings(people, seen.groups),
        found=found,
        ids_by_address=addresses,
        ids_by_group=groups,
    )


def merge(*sightings: Sightings) -> Sightings:
    """All that was seen, what is told later winning where it tells more."""
    people = dict(sightings[0].people) if sightings else {}
    groups = dict(sightings[0].groups) if sightings else {}
    for each in sightings[1:]:
        for id, person in each.people.items():
            known = people.get(id)
            if known is None or (person.email and not known.email):
                people[id] = person
        for id, name in each.groups.items():
            groups[id] = name or groups.get(id)
    return Sightings(people, groups)


def _one(kind: PrincipalType, ids: tuple[int, ...], how: str) -> Principal | NotOne:
    if len(ids) == 1:
        return Principal(kind, ids[0])
    listed = ", ".join(map(str, ids))
    return NotOne(f"{len(ids)} {kind}s {how} have this name: ids {listed}; write the id", ids)
