"""
Who and what a question is about, as people type it.

A name that is nobody or several is told with what is near, and with the ids to
choose from: it is never guessed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping

from reconciler.config.scalars import MOST
from reconciler.config.suggest import near_miss, shown
from reconciler.core.directory import Directory
from reconciler.core.model import Principal, PrincipalType
from reconciler.core.observed import Found, LiveCollection, LookupFailed
from reconciler.errors import ReconcilerError

LookUp = Callable[[Iterable[str]], Mapping[str, Found]]

_ID = re.compile(r"[1-9][0-9]{0,18}", re.ASCII)
USER, GROUP = PrincipalType.USER, PrincipalType.GROUP
KINDS = (USER, GROUP)


class NotFound(ReconcilerError):
    """What was asked about is nothing, or several things; says what is near."""


def number(text: str) -> int | None:
    """The id that a text is, None where it is none."""
    return int(text) if _ID.fullmatch(text) and int(text) <= MOST else None


def find_principal(
    text: str, who: Directory, look_up: LookUp, kinds: tuple[PrincipalType, ...] = KINDS
) -> Principal:
    """
    Find who is meant: `user:12`, `group:12`, a number, an address, a name.

    A bare number is of the first of the `kinds` that may be meant; an id is taken as
    it is. The service is asked only for an address nobody in sight has. Raises
    NotFound.
    """
    kind, name = split(text, kinds)
    if (id := number(name)) is not None:
        return Principal(kind or kinds[0], id)
    wanted = kinds if kind is None else (kind,)
    hits = sorted({hit for each in wanted for hit in _named(name, each, who, look_up)})
    if len(hits) == 1:
        return hits[0]
    if hits:
        told = ", ".join(map(str, hits))
        raise NotFound(f"{shown(text)} is the name of several: {told}", remedy="name one by its id")
    nobody = "no group" if wanted == (GROUP,) else "nobody"
    near = near_miss(name, _names(who, wanted))
    raise NotFound(f"{nobody} in sight is called {shown(text)}{near}")


def find_collections(text: str, among: Iterable[LiveCollection]) -> tuple[LiveCollection, ...]:
    """Find the collections of this name, else the one of this id. Raises NotFound."""
    seen = tuple(among)
    if hits := tuple(each for each in seen if each.name == text):
        return hits
    id = number(text)
    if hits := tuple(each for each in seen if each.id == id):
        return hits
    near = near_miss(text, sorted({each.name for each in seen if each.name}))
    raise NotFound(f"no collection in sight is called {shown(text)}{near}")


def split(text: str, kinds: tuple[PrincipalType, ...]) -> tuple[PrincipalType | None, str]:
    """Part `group:Biology Faculty` into kind and name; anything else is a name as it stands."""
    for kind in kinds:
        if text.startswith(f"{kind}:"):
            return kind, text.removeprefix(f"{kind}:")
    return None, text


def _named(name: str, kind: PrincipalType, who: Directory, look_up: LookUp) -> Iterable[Principal]:
    ids = _groups(name, who) if kind is GROUP else _users(name, who, look_up)
    return (Principal(kind, id) for id in ids)


def _groups(name: str, who: Directory) -> Iterable[int]:
    if (written := who.written_groups.get(name)) is not None:
        return (written,)
    return who.ids_by_group.get(name, ())


def _users(name: str, who: Directory, look_up: LookUp) -> Iterable[int]:
    """By the file's own directory, by address, by name, and last by asking the service."""
    folded = name.casefold()
    if (written := who.written_users.get(folded)) is not None:
        return (written,)
    if seen := who.ids_by_address.get(folded):
        return seen
    people = who.seen.people.values()
    if called := [each.id for each in people if (each.name or "").casefold() == folded]:
        return called
    return _searched(name, look_up) if "@" in name else ()


def _searched(address: str, look_up: LookUp) -> Iterable[int]:
    found = look_up([address])[address]
    if isinstance(found, LookupFailed):
        raise NotFound(
            f"nobody in sight is called {shown(address)}, and the search failed: {found.reason}",
            remedy="name them by id, as in user:12",
        )
    return (each.id for each in found)


def _names(who: Directory, kinds: Iterable[PrincipalType]) -> list[str]:
    """All names that would have done, for the near miss."""
    names: set[str] = set()
    if USER in kinds:
        people = who.seen.people.values()
        names |= {text for each in people for text in (each.email, each.name) if text}
        names |= who.written_users.keys()
    if GROUP in kinds:
        names |= who.written_groups.keys() | who.ids_by_group.keys()
    return sorted(names)
