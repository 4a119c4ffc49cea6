"""
What a file asks for, told a second time: by the plain text of the file and the world as it is.

Nothing here knows the reconciler. It says which live collections an entry may be, what its lines
want of whom, and whether a tenant agrees with the file.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from reconciler.sandbox.world import ORDINARY, WRITABLE, Collection, PrincipalKey, World
from tests.laws.worlds import Plain


@dataclass(frozen=True, slots=True)
class Asked:
    """One line of the file, at one instant. `whom` are those it may mean."""

    whom: frozenset[PrincipalKey]
    level: str
    is_open: bool
    is_closed: bool
    direct: bool

    @property
    def only(self) -> PrincipalKey | None:
        """Who it means for sure."""
        return next(iter(self.whom)) if len(self.whom) == 1 else None


def rank(word: str | None) -> int:
    return WRITABLE.index(word) if word in WRITABLE else -1


def mode_of(file: Plain, entry: Plain) -> str:
    mode: str = entry["mode"] if "mode" in entry else file["mode"]
    return mode


def entries_of(file: Plain, id: int, names: Iterable[str | None], kind: str) -> Iterator[Plain]:
    """The entries that may be this collection, which has had these names."""
    for entry in file["collections"]:
        if "id" in entry:
            if entry["id"] == id:
                yield entry
        elif kind == ORDINARY and entry["name"] in names:
            yield entry


def lines_of(file: Plain, entry: Plain, world: World, now: datetime) -> Iterator[Asked]:
    """All that is asked for on an entry: its own lines, then its sets'."""
    sets = (file["share_sets"][name] for name in entry.get("share_sets", ()))
    for index, lines in enumerate((entry["shares"], *sets)):
        for line in lines:
            opens, closes = _day(line.get("from")), _day(line.get("until"), after=True)
            is_closed = closes is not None and closes <= now
            yield Asked(
                whom=_whom(file, line, world),
                level=line["permission"],
                is_open=not is_closed and (opens is None or opens <= now),
                is_closed=is_closed,
                direct=index == 0,
            )


def desired(lines: Iterable[Asked]) -> Mapping[PrincipalKey, str] | None:
    """Who should have what; None where a line is nobody, several, or somebody named twice."""
    own: dict[PrincipalKey, str] = {}
    sets: dict[PrincipalKey, str] = {}
    for line in lines:
        if not line.is_open:
            continue
        if line.only is None:
            return None
        mine = own if line.direct else sets
        if line.only in mine:
            return None
        mine[line.only] = line.level
    return {**sets, **own}


def touchable(collection: Collection, world: World) -> Mapping[PrincipalKey, str]:
    """The shares that a file may rule over."""
    never = {("user", collection.owner), ("user", world.me)}
    return {
        who: word
        for who, word in collection.shares.items()
        if word in WRITABLE and who not in never
    }


def disagreement(
    file: Plain, entry: Plain, collection: Collection, world: World, now: datetime
) -> str | None:
    """What keeps this collection from being as its entry says; None where nothing does."""
    wanted = desired(lines_of(file, entry, world, now))
    mode = mode_of(file, entry)
    if wanted is None or mode == "observe":
        return None
    foreign = {who for who, word in collection.shares.items() if word not in WRITABLE}
    never = {("user", collection.owner), ("user", world.me), *foreign}
    asked = {who: level for who, level in wanted.items() if who not in never and world.has(who)}
    have = touchable(collection, world)
    if mode == "authoritative" and have != asked:
        return f"{entry['name']} ({collection.id}): has {have}, the file asks for {asked}"
    lower = {who for who, level in asked.items() if rank(have.get(who)) < rank(level)}
    return f"{entry['name']} ({collection.id}): {lower} have less than asked for" if lower else None


def _whom(file: Plain, line: Plain, world: World) -> frozenset[PrincipalKey]:
    kind = "user" if "user" in line else "group"
    named = line[kind]
    if isinstance(named, int):
        return frozenset({(kind, named)})
    written = file.get("directory", {}).get(f"{kind}s", {})
    if named in written:
        return frozenset({(kind, written[named])})
    if kind == "group":
        return frozenset((kind, each.id) for each in world.groups.values() if each.name == named)
    return frozenset(
        (kind, each.id) for each in world.users.values() if (each.email or "").lower() == named
    )


def _day(written: str | None, *, after: bool = False) -> datetime | None:
    if written is None:
        return None
    midnight = datetime.combine(date.fromisoformat(written), time(), UTC)
    return midnight + timedelta(days=1) if after else midnight
