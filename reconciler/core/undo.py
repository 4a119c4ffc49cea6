"""
A recorded pass to the state that stood before it.

Taken back is what the pass surely did, and what it may have done and is seen
now. A share that is no longer as the pass left it was changed by somebody
since, and stays as it is. No collection is ever deleted: one that the pass
created stays, and its shares are taken back.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from reconciler.core.declared import DeclaredCollection
from reconciler.core.desired import DesiredCollection, DesiredShare, DesiredState, Met
from reconciler.core.model import Level, Mode, Notice, Permission, Principal
from reconciler.core.observed import ObservedState, Shares
from reconciler.core.plan import Change, Plan
from reconciler.errors import Location

NAMED = 5  # people named in a notice


@dataclass(frozen=True, slots=True)
class Deed:
    """A change that a pass sent. One that is not `sure` had no answer: it may have happened."""

    change: Change
    sure: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """What a pass did to one collection, in order; `created` when it made the collection too."""

    id: int
    name: str
    deeds: tuple[Deed, ...] = ()
    created: bool = False

    def by_principal(self) -> Mapping[Principal, Sequence[Deed]]:
        """The deeds of each share: later rounds may have changed one again."""
        deeds: dict[Principal, list[Deed]] = {}
        for deed in self.deeds:
            deeds.setdefault(deed.change.principal, []).append(deed)
        return deeds


def entries_of(past: Iterable[Past]) -> tuple[DeclaredCollection, ...]:
    """The collections concerned, as entries pinned to the live ones."""
    return tuple(
        DeclaredCollection(
            name=each.name,
            source=Location("undo", number, 1),
            mode=Mode.AUTHORITATIVE,
            id=each.id,
            allow_empty=True,
        )
        for number, each in enumerate(past, start=1)
    )


def way_back(
    pinned: DesiredState, past: Sequence[Past], observed: ObservedState, file: DesiredState
) -> DesiredState:
    """
    Desire what is observed, but for what the pass did: that as it was before.

    `pinned` are the entries of `entries_of`, resolved; `file` is what the files
    desire now, for windows that have closed and addresses that changed hands.
    """
    collections: list[DesiredCollection] = []
    notices: list[Notice] = []
    written = _met(file)
    for want, each in zip(pinned.collections, past, strict=True):
        have = observed.shares.get(each.id)
        if each.created:
            notices.append(_stays(each))
        if isinstance(want.target, Met) and isinstance(have, Shares):
            want = _before(want, each, have.levels, written.get(each.id))  # noqa: PLW2901
            notices += _changed_since(each, have.levels)
        collections.append(want)
    return DesiredState(tuple(collections), tuple(notices), file.moved)


def returning(plan: Plan, file: DesiredState) -> tuple[Notice, ...]:
    """Tell where the files desire otherwise: the next pass brings that back."""
    written = _met(file)
    notices: list[Notice] = []
    for entry in plan.collections:
        want = written.get(entry.id or 0)
        if want is None:
            continue
        names = [change.who for change in entry.changes if _returns(change, want)]
        if names:
            text = (
                f"{entry.name}: the file asks otherwise for {_listed(names)}, and the next pass "
                "brings that back; change the file first"
            )
            notices.append(Notice(want.declared.source, "undo-will-return", text))
    return tuple(notices)


def _before(
    want: DesiredCollection,
    past: Past,
    levels: Mapping[Principal, Level],
    written: DesiredCollection | None,
) -> DesiredCollection:
    source = want.declared.source
    shares = {
        who: DesiredShare(who, level, source)
        for who, level in levels.items()
        if isinstance(level, Permission)
    }
    for who, deeds in past.by_principal().items():
        if not _is_as_left(deeds, levels.get(who)):
            continue
        before, last = deeds[0].change.before, deeds[-1].change
        if before is None:
            shares.pop(who, None)
        else:
            shares[who] = DesiredShare(who, before, last.source, name=last.who)
    closed = {} if written is None else written.closed
    gone = {who: line for who, line in closed.items() if who not in shares}
    return replace(want, shares=shares, closed=gone)


def _is_as_left(deeds: Sequence[Deed], level: Level | None) -> bool:
    """
    Whether a share is as the pass left it.

    Of what had no answer nobody knows whether it happened: the pass left the
    last level that is sure, or one that it tried after.
    """
    for deed in reversed(deeds):
        if level == deed.change.after:
            return True
        if deed.sure:
            return False
    return False


def _changed_since(past: Past, levels: Mapping[Principal, Level]) -> Iterable[Notice]:
    for who, deeds in past.by_principal().items():
        level, last = levels.get(who), deeds[-1].change
        if level == deeds[0].change.before or _is_as_left(deeds, level):
            continue
        text = (
            f"{past.name}: {last.who} was left with {_word(last.after)} by that pass and has "
            f"{_word(level)} now: changed since, and left alone"
        )
        yield Notice(None, "undo-changed-since", text)


def _stays(past: Past) -> Notice:
    text = (
        f"{past.name} (collection {past.id}) was created by that pass and stays: "
        "no collection is ever deleted, its shares are taken back"
    )
    return Notice(None, "undo-keeps-collection", text)


def _met(file: DesiredState) -> Mapping[int, DesiredCollection]:
    return {each.target.id: each for each in file.collections if isinstance(each.target, Met)}


def _returns(change: Change, want: DesiredCollection) -> bool:
    """Whether a pass over the files would change the share again, once it is taken back."""
    if want.declared.mode is Mode.OBSERVE or change.principal in want.contested:
        return False
    wanted = want.shares.get(change.principal)
    after = wanted.permission if wanted is not None else None
    if want.declared.mode is Mode.AUTHORITATIVE:
        return after != change.after
    return after is not None and (change.after is None or after.rank > change.after.rank)


def _word(level: Level | None) -> str:
    return "no share" if level is None else str(level)


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    return ", ".join(names[:NAMED]) + more
