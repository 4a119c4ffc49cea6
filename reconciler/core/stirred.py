"""
What has happened to an entry since it was last read, as far as can be told without reading it.

Somebody edited what the files say of it, a window of one of its shares opened or
closed, or the listing shows its collection, or one of its name, otherwise than before.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TypeVar

from reconciler.core.declared import Declarations, DeclaredCollection, DeclaredShare
from reconciler.core.model import PrincipalType
from reconciler.core.observed import Listing
from reconciler.core.resolve import references
from reconciler.core.sweep import EntryKey, Reading, entry_key
from reconciler.errors import Location

IdT = TypeVar("IdT")


def edited(before: Declarations, after: Declarations) -> frozenset[EntryKey]:
    """
    The entries of `after` of which `before` said something else, or nothing.

    Lines that only stand elsewhere say the same. What the files' own directory
    makes of a name is part of what they say wherever the name is used.
    """
    if before is after:
        return frozenset()
    known = {entry_key(each): each for each in before.collections}
    sets = {
        name
        for name, lines in after.share_sets.items()
        if not _say_the_same(before.share_sets.get(name, ()), lines)
    }
    users, groups = _differing(before.users, after.users), _differing(before.groups, after.groups)

    def is_edited(entry: DeclaredCollection) -> bool:
        former = known.get(entry_key(entry))
        return (
            former is None
            or not _is_the_same(former, entry)
            or not sets.isdisjoint(entry.share_sets)
            or (bool(users or groups) and _names_any(entry, after, users, groups))
        )

    return frozenset(entry_key(each) for each in after.collections if is_edited(each))


def moved(before: Declarations, after: Declarations) -> Mapping[Location, Location]:
    """Where each line stands now of a list that said the same before, by where it stood."""
    if before is after:
        return {}
    known = {entry_key(each): each.shares for each in before.collections}
    lists = [(known.get(entry_key(each), ()), each.shares) for each in after.collections]
    lists += [(before.share_sets.get(name, ()), now) for name, now in after.share_sets.items()]
    return {
        old.source: new.source
        for was, now in lists
        if _say_the_same(was, now)
        for old, new in zip(was, now, strict=True)
    }


def _is_the_same(before: DeclaredCollection, after: DeclaredCollection) -> bool:
    bare = replace(after, source=before.source, shares=before.shares)
    return bare == before and _say_the_same(before.shares, after.shares)


def _say_the_same(before: Sequence[DeclaredShare], after: Sequence[DeclaredShare]) -> bool:
    return len(before) == len(after) and all(
        replace(new, source=old.source) == old for old, new in zip(before, after, strict=True)
    )


def _differing(before: Mapping[str, int], after: Mapping[str, int]) -> frozenset[str]:
    return frozenset(name for name, _ in before.items() ^ after.items())


def _names_any(
    entry: DeclaredCollection,
    declarations: Declarations,
    users: frozenset[str],
    groups: frozenset[str],
) -> bool:
    return any(
        who.name is not None
        and (who.name.casefold() in users if who.type is PrincipalType.USER else who.name in groups)
        for who in references((entry,), declarations)
    )


def crossed(
    declarations: Declarations, readings: Mapping[EntryKey, Reading], now: datetime
) -> Iterator[EntryKey]:
    """The entries that had a window open or close since they were last read."""
    sets = {name: _instants(lines) for name, lines in declarations.share_sets.items()}
    for entry in declarations.collections:
        reading = readings.get(entry_key(entry))
        if reading is None:
            continue
        lists = (_instants(entry.shares), *(sets[name] for name in entry.share_sets))
        if any(reading.at < instant <= now for instants in lists for instant in instants):
            yield entry_key(entry)


def _instants(lines: Iterable[DeclaredShare]) -> tuple[datetime, ...]:
    windows = [line.window for line in lines]
    both = (instant for each in windows for instant in (each.opens, each.closes))
    return tuple(instant for instant in both if instant is not None)


def relisted(
    entries: Iterable[DeclaredCollection],
    readings: Mapping[EntryKey, Reading],
    before: Listing,
    after: Listing,
) -> Iterator[EntryKey]:
    """The entries whose collection, or another of its name, is not listed as it was before."""
    was, now = before.collections, after.collections
    ids = {id for id in was.keys() | now.keys() if was.get(id) != now.get(id)}
    names = {each.name for id in ids for each in (was.get(id), now.get(id)) if each is not None}
    for entry in entries:
        reading = readings.get(entry_key(entry))
        is_it = reading is not None and reading.plan.id in ids
        if is_it or (entry.id is None and entry.name in names):
            yield entry_key(entry)
