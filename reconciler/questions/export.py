"""
The live tenant as entries of a file that plans to nothing.

An entry says what the plan would compare it with: the same collection, the same
principals at the same levels. What the plan never changes (the owner, the
token's own user, a level that is not ours to write) becomes a remark. A list
that was not read in full becomes no entry at all: whoever it leaves out would
lose their share.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from reconciler.core.declared import Declarations, Reference
from reconciler.core.directory import Directory, directory
from reconciler.core.model import OWNER, Level, Permission, Principal, PrincipalType
from reconciler.core.observed import LiveCollection, Person, Shares
from reconciler.questions.quoting import quoted
from reconciler.questions.survey import Survey, why_unreadable

# libyaml takes no longer text for a key.
_LONGEST_KEY = 1000
_ADDRESS = re.compile(r"\S+@\S+")


@dataclass(frozen=True, slots=True)
class Line:
    """One share of the file: by name where that is clear, else by id and with a remark."""

    who: Reference
    permission: Permission
    remark: str | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """One collection of the file, and what is there that the file cannot say."""

    live: LiveCollection
    lines: tuple[Line, ...]
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Unexported:
    """A collection that could not be read in full, and why."""

    live: LiveCollection
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Export:
    """
    Everything the file is made of.

    `users` and `groups` are the directory its lines need; `owners` are the
    people under whom the collections stand, by id.
    """

    entries: tuple[Entry, ...]
    unread: tuple[Unexported, ...]
    users: Mapping[str, int]
    groups: Mapping[str, int]
    owners: Mapping[int, Person]


def export(seen: Survey) -> Export:
    """Make the entries of all collections whose permission lists were asked for."""
    naming = _Naming(directory(Declarations(), seen.seen))
    entries: list[Entry] = []
    unread: list[Unexported] = []
    for id, read in sorted(seen.shares.items()):
        live = seen.collections[id]
        reason = why_unreadable(read)
        if reason is None and isinstance(read, Shares):
            entries.append(_entry(live, read.levels, seen.me, naming))
        else:
            unread.append(Unexported(live, reason or "it was not read"))
    return Export(
        entries=tuple(entries),
        unread=tuple(unread),
        users=naming.users,
        groups=naming.groups,
        owners=seen.seen.people,
    )


def _entry(
    live: LiveCollection, levels: Mapping[Principal, Level], me: int | None, naming: _Naming
) -> Entry:
    lines: list[Line] = []
    remarks: list[str] = []
    for principal, level in _in_order(levels, naming.who):
        if principal == Principal(PrincipalType.USER, live.owner_id or 0):
            continue
        if (never := _never(principal, level, me)) or not isinstance(level, Permission):
            remarks.append(f"{_called(principal, naming.who)}, {level}: {never}")
        else:
            lines.append(naming.line(principal, level))
    return Entry(live, tuple(lines), tuple(remarks))


def _in_order(
    levels: Mapping[Principal, Level], who: Directory
) -> Iterable[tuple[Principal, Level]]:
    """Groups before people, each by what they are called."""
    return sorted(
        levels.items(), key=lambda each: (each[0].type, who.label(each[0]).casefold(), each[0].id)
    )


def _never(principal: Principal, level: Level, me: int | None) -> str | None:
    """Why a share is not the file's to say, in the order in which the plan asks."""
    if level == OWNER:
        return "an owner is never part of a change"
    if principal == Principal(PrincipalType.USER, me or 0):
        return "the token's own user is never part of a change"
    return None if isinstance(level, Permission) else "a permission that is not ours to write"


def _called(principal: Principal, who: Directory) -> str:
    label = who.label(principal)
    return label if label == str(principal) else f"{label} ({principal})"


class _Naming:
    """What the lines call their principals, and the directory this takes."""

    def __init__(self, who: Directory) -> None:
        self.who = who
        self.users: dict[str, int] = {}
        self.groups: dict[str, int] = {}

    def line(self, principal: Principal, permission: Permission) -> Line:
        name = self._name(principal)
        if name is None:
            number = Reference(principal.type, id=principal.id)
            return Line(number, permission, self._told(principal))
        if principal.type is PrincipalType.GROUP:
            self.groups[name] = principal.id
        elif not _ADDRESS.fullmatch(name):
            self.users[name] = principal.id
        return Line(Reference(principal.type, name=name), permission)

    def _name(self, principal: Principal) -> str | None:
        """The name that means this principal and nobody else in sight; None where there is none."""
        if principal.type is PrincipalType.GROUP:
            name = self.who.seen.groups.get(principal.id)
        else:
            name = self._person(principal).email
        if not name or self.who.resolve(Reference(principal.type, name=name)) != principal:
            return None
        if principal.type is PrincipalType.USER and _ADDRESS.fullmatch(name):
            return name
        return None if name.isdecimal() or len(quoted(name)) > _LONGEST_KEY else name

    def _told(self, principal: Principal) -> str | None:
        """Who a number is, for whoever reads the file."""
        if principal.type is PrincipalType.GROUP:
            return self.who.seen.groups.get(principal.id)
        person = self._person(principal)
        return ", ".join(filter(None, (person.name, person.email))) or None

    def _person(self, principal: Principal) -> Person:
        return self.who.seen.people.get(principal.id) or Person(principal.id)
