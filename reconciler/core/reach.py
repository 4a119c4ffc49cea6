"""
Whom a plan reaches: the people whose access changes, groups unfolded into their members.

What counts is *effective* access: the highest level that somebody has on a
collection, by a share of their own or through any group with a share there.
Who goes from a share of their own to a group's of the same level gains and
loses nothing. The owner and the token's own user keep what they have, whatever
the plan says. Changes that are held back do not happen, and are not counted.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from reconciler.core.model import Level, Permission, Principal, PrincipalType
from reconciler.core.plan import Change, CollectionKey, CollectionPlan, Plan

Members: TypeAlias = Mapping[int, tuple[int, ...] | None]
"""The user ids of each group's members; None where they could not be read."""

_GROUP = PrincipalType.GROUP
# A level we do not write may be any: above ours, no share of ours adds to it.
_FOREIGN_POWER = len(Permission) + 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """Whose access changes, by user id, and which way. Nobody is in two of them on a collection."""

    gain: frozenset[int] = frozenset()
    lose: frozenset[int] = frozenset()
    raised: frozenset[int] = frozenset()
    lowered: frozenset[int] = frozenset()

    @property
    def is_any(self) -> bool:
        return bool(self.gain or self.lose or self.raised or self.lowered)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """
    Whose access changes on each collection, as far as groups could be unfolded.

    `unread` names the groups whose members could not be read: they are not
    counted, and some who seem to lose may keep their access through them.
    """

    turns: Mapping[CollectionKey, Turn] = field(default_factory=dict)
    unread: tuple[str, ...] = ()

    @property
    def people(self) -> Turn:
        """Everybody, once: who gains here and loses there is among both."""
        turns = self.turns.values()
        return Turn(
            gain=frozenset().union(*(turn.gain for turn in turns)),
            lose=frozenset().union(*(turn.lose for turn in turns)),
            raised=frozenset().union(*(turn.raised for turn in turns)),
            lowered=frozenset().union(*(turn.lowered for turn in turns)),
        )


def groups_that_matter(plan: Plan) -> tuple[int, ...]:
    """The ids of the groups with a share, before or after, where the plan will change something."""
    groups = {
        who.id
        for each in plan.collections
        if _changes(each)
        for who in (*_observed(each), *(change.principal for change in _changes(each)))
        if who.type is _GROUP
    }
    return tuple(sorted(groups))


def reach(plan: Plan, members: Members, me: int | None, label: Callable[[Principal], str]) -> Reach:
    """Say who gains, loses, is raised or lowered; `label` names the groups that stay folded."""
    turns = {
        each.key: _turn(each, members, {each.owner_id, me})
        for each in plan.collections
        if _changes(each)
    }
    folded = (id for id in groups_that_matter(plan) if members.get(id) is None)
    return Reach(turns=turns, unread=tuple(sorted(label(Principal(_GROUP, id)) for id in folded)))


def _changes(entry: CollectionPlan) -> tuple[Change, ...]:
    """What will happen: nothing held, and no share in a collection whose creation is held."""
    if entry.hold is not None:
        return ()
    return tuple(change for change in entry.changes if change.hold is None)


def _observed(entry: CollectionPlan) -> Mapping[Principal, Level]:
    return entry.observed.levels if entry.observed is not None else {}


def _turn(entry: CollectionPlan, members: Members, outside: Collection[int | None]) -> Turn:
    levels = dict(_observed(entry))
    before = _effective(levels.items(), members)
    for change in _changes(entry):
        if change.after is None:
            levels.pop(change.principal, None)
        else:
            levels[change.principal] = change.after
    after = _effective(levels.items(), members)
    moves = {
        id: (before.get(id, 0), after.get(id, 0))
        for id in before.keys() | after.keys()
        if id not in outside
    }
    return Turn(
        gain=frozenset(id for id, (old, new) in moves.items() if old == 0 < new),
        lose=frozenset(id for id, (old, new) in moves.items() if new == 0 < old),
        raised=frozenset(id for id, (old, new) in moves.items() if 0 < old < new),
        lowered=frozenset(id for id, (old, new) in moves.items() if 0 < new < old),
    )


def _effective(levels: Iterable[tuple[Principal, Level]], members: Members) -> dict[int, int]:
    """How much each person may do, by user id; who is not there may do nothing."""
    powers: dict[int, int] = {}
    for who, level in levels:
        power = level.rank + 1 if isinstance(level, Permission) else _FOREIGN_POWER
        for id in _people(who, members):
            powers[id] = max(powers.get(id, 0), power)
    return powers


def _people(who: Principal, members: Members) -> Iterator[int]:
    if who.type is _GROUP:
        yield from members.get(who.id) or ()
    else:
        yield who.id
