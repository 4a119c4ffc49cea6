"""
Declarations at one instant, names become ids: what is desired.

A share outside its window is not desired. A direct share overrides a set's;
between sets the stronger permission wins. A name that is nobody or several is
kept with its place, and so is a person whom two lines of one list call by two
names: neither is guessed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from reconciler.core.declared import Declarations, DeclaredCollection, DeclaredShare, Reference
from reconciler.core.desired import (
    DesiredCollection,
    DesiredShare,
    DesiredState,
    Target,
    Unresolved,
)
from reconciler.core.directory import Directory, NotOne
from reconciler.core.matching import Matches
from reconciler.core.model import Notice, Principal, PrincipalType
from reconciler.core.observed import Memory


def references(
    entries: Iterable[DeclaredCollection], declarations: Declarations
) -> Iterable[Reference]:
    """Every principal that the entries name: owners, and each line of their lists."""
    for entry in entries:
        if entry.owner is not None:
            yield entry.owner
        for _, lines in declarations.lists_of(entry):
            for line in lines:
                yield line.who


def owners(entries: Iterable[DeclaredCollection]) -> Iterable[Reference]:
    """The owners that matching by name needs to know."""
    return (each.owner for each in entries if each.owner is not None and each.id is None)


def resolve(
    entries: Sequence[DeclaredCollection],
    declarations: Declarations,
    matches: Matches,
    who: Directory,
    *,
    memory: Memory,
    now: datetime,
) -> DesiredState:
    """Say what each entry desires at this instant, and of whom nothing can be said."""
    lists = {
        name: _resolve_list(lines, who, now) for name, lines in declarations.share_sets.items()
    }
    collections = tuple(
        _collection(
            entry,
            target,
            _resolve_list(entry.shares, who, now),
            {name: lists[name] for name in entry.share_sets},
            written_empty=not any(lines for _, lines in declarations.lists_of(entry)),
        )
        for entry, target in zip(entries, matches.targets, strict=True)
    )
    doubtful = {each for one in collections for each in one.unresolved}
    contested = {
        Notice(one.declared.source, "one-person-twice", f"{one.declared.name}: {text}")
        for one in collections
        for text in one.contested.values()
    }
    notices = {*matches.notices, *map(_notice, doubtful), *contested}
    moved = _moved(references(entries, declarations), who, memory)
    return DesiredState(collections, tuple(sorted(notices, key=lambda each: each.order)), moved)


@dataclass(slots=True)
class _List:
    """One list of shares at one instant."""

    wanted: dict[Principal, DeclaredShare] = field(default_factory=dict)
    closed: dict[Principal, DeclaredShare] = field(default_factory=dict)
    contested: dict[Principal, str] = field(default_factory=dict)
    unresolved: list[Unresolved] = field(default_factory=list)


def _resolve_list(lines: Iterable[DeclaredShare], who: Directory, now: datetime) -> _List:
    result = _List()
    for line in lines:
        open_now = line.window.contains(now)
        if not open_now and not line.window.is_closed(now):
            continue
        principal = who.resolve(line.who)
        if isinstance(principal, NotOne):
            if open_now:
                doubt = Unresolved(line.who, line.source, principal.detail, principal.candidates)
                result.unresolved.append(doubt)
        elif not open_now:
            result.closed[principal] = line
        elif (first := result.wanted.setdefault(principal, line)) is not line:
            result.contested[principal] = (
                f"{first.who} ({first.source.short}) and {line.who} ({line.source.short}) "
                f"are both {principal}; left alone until one of the lines goes"
            )
    return result


def _collection(
    entry: DeclaredCollection,
    target: Target,
    own: _List,
    sets: Mapping[str, _List],
    *,
    written_empty: bool,
) -> DesiredCollection:
    shares = {who: _desired(who, line, None) for who, line in own.wanted.items()}
    closed, contested, unresolved = dict(own.closed), dict(own.contested), list(own.unresolved)
    for name, taken in sets.items():
        closed = {**taken.closed, **closed}
        unresolved += taken.unresolved
        for principal, text in taken.contested.items():
            if principal not in own.wanted:
                contested.setdefault(principal, text)
        for principal, line in taken.wanted.items():
            if _prevails(line, shares.get(principal)):
                shares[principal] = _desired(principal, line, name)
    return DesiredCollection(
        declared=entry,
        target=target,
        shares=shares,
        closed={who: line for who, line in closed.items() if who not in shares},
        contested=contested,
        unresolved=tuple(dict.fromkeys(unresolved)),
        written_empty=written_empty,
    )


def _prevails(line: DeclaredShare, known: DesiredShare | None) -> bool:
    """Whether a set's line takes the place of what is known: never of a direct share."""
    if known is None:
        return True
    return known.share_set is not None and line.permission.rank > known.permission.rank


def _desired(principal: Principal, line: DeclaredShare, share_set: str | None) -> DesiredShare:
    return DesiredShare(
        principal,
        line.permission,
        line.source,
        name=line.who.name,
        reason=line.reason,
        share_set=share_set,
        window=line.window,
    )


def _notice(doubt: Unresolved) -> Notice:
    kind = "ambiguous" if doubt.candidates else "unresolved"
    text = f"{doubt.who.type} {doubt.who}: {doubt.detail}"
    return Notice(doubt.source, f"{kind}-{doubt.who.type}", text)


def _moved(named: Iterable[Reference], who: Directory, memory: Memory) -> Mapping[Principal, str]:
    """
    Who is concerned by an address that belongs to another id than last time.

    An id that the file's own directory gives is a person's word, not a surprise.
    """
    moved: dict[Principal, set[str]] = {}
    for reference in named:
        if reference.name is None or reference.type is PrincipalType.GROUP:
            continue
        if who.is_written(reference):
            continue
        before = memory.addresses.get(reference.name.casefold())
        after = who.resolve(reference)
        if before is None or isinstance(after, NotOne) or after.id == before:
            continue
        text = f"{reference.name} was {reference.type}:{before} and is {after} now"
        for principal in (Principal(reference.type, before), after):
            moved.setdefault(principal, set()).add(text)
    return {principal: "; ".join(sorted(texts)) for principal, texts in moved.items()}
