"""The lines of the file that speak of one principal: which holds now, which is next."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from reconciler.core.declared import DeclaredShare, Reference
from reconciler.core.desired import DesiredCollection
from reconciler.core.diff import diff
from reconciler.core.directory import Directory
from reconciler.core.matching import Matches
from reconciler.core.model import Principal
from reconciler.core.observed import NOTHING_REMEMBERED
from reconciler.core.plan import Change
from reconciler.core.resolve import resolve
from reconciler.questions.comparison import Comparison


@dataclass(frozen=True, slots=True)
class Found:
    """One line, and the share set it stands in (None: the collection's own list)."""

    line: DeclaredShare
    share_set: str | None


def lines_about(
    asked: Principal | Reference, want: DesiredCollection, compared: Comparison
) -> tuple[Found, ...]:
    """The lines of an entry and its share sets that name this principal, in the file's order."""
    return tuple(
        Found(line, share_set)
        for share_set, lines in compared.declarations.lists_of(want.declared)
        for line in lines
        if is_about(line.who, asked, compared.who)
    )


def is_about(written: Reference, asked: Principal | Reference, who: Directory) -> bool:
    """Whether a line means this principal; a name that nobody answers to, by its words."""
    if isinstance(asked, Reference):
        return written.key == asked.key
    return who.resolve(written) == asked


def telling(found: tuple[Found, ...], now: datetime) -> Found | None:
    """The line to tell of: one that is open, else the next to open, else the last to close."""
    if (held := next((each for each in found if each.line.window.contains(now)), None)) is not None:
        return held
    coming = [each for each in found if (opens := each.line.window.opens) and opens > now]
    if coming:
        return min(coming, key=lambda each: each.line.window.opens or now)
    over = [each for each in found if each.line.window.is_closed(now)]
    return max(over, key=lambda each: each.line.window.closes or now, default=None)


@dataclass(frozen=True, slots=True)
class Coming:
    """A change to come, and when: at the next pass (None), or when a window opens or closes."""

    change: Change
    at: datetime | None = None


def coming(
    principal: Principal,
    want: DesiredCollection,
    compared: Comparison,
    now: datetime,
) -> Coming | None:
    """The first change, from now on, that the file's windows bring if nobody changes anything."""
    found = lines_about(principal, want, compared)
    for at in sorted(set(_boundaries(found, now))):
        if (change := _change_at(at, principal, want, compared)) is not None:
            return Coming(change, at)
    return None


def _boundaries(found: tuple[Found, ...], now: datetime) -> Iterator[datetime]:
    for each in found:
        window = each.line.window
        yield from (at for at in (window.opens, window.closes) if at is not None and at > now)


def _change_at(
    at: datetime, principal: Principal, want: DesiredCollection, compared: Comparison
) -> Change | None:
    """What the plan would do about this share at that instant, the tenant being as it is."""
    desired = resolve(
        (want.declared,),
        compared.declarations,
        Matches((want.target,)),
        compared.who,
        memory=NOTHING_REMEMBERED,
        now=at,
    )
    plan = diff(compared.observed, desired, compared.who)
    changes = (change for _, change in plan.changes() if change.principal == principal)
    return next(changes, None)
