"""
An approved entry to the requests that carry it out, and what a refusal leaves to do.

One batch a collection, in the plan's order. A refused batch may have been
applied in part: what is left is found by reading again, never by assuming.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from reconciler.core.model import Principal
from reconciler.core.observed import Shares
from reconciler.core.outcome import APPLIED, Outcome, Result, judge
from reconciler.core.plan import Change


def batches(changes: Sequence[Change], size: int) -> tuple[tuple[Change, ...], ...]:
    """The changes in requests of at most `size` actions, in order."""
    return tuple(tuple(changes[at : at + size]) for at in range(0, len(changes), size))


@dataclass(frozen=True, slots=True)
class Remainder:
    """What is still to be sent, and what needs no sending any more."""

    to_do: tuple[Change, ...]
    settled: Mapping[Principal, Outcome]


def remainder(changes: Sequence[Change], fresh: Shares) -> Remainder:
    """
    Compare changes that a refused request carried with a list read after it.

    A change whose aim is met is applied. One that still starts where it was
    approved to start is to be sent again. Where somebody else moved the share
    meanwhile it is not tried: what was approved is not what it would do now. Half
    a list is no proof that a share went, and nothing is taken away over one.
    """
    to_do: list[Change] = []
    settled: dict[Principal, Outcome] = {}
    for change in changes:
        seen = fresh.levels.get(change.principal)
        if (outcome := judge(fresh, change)) == APPLIED:
            settled[change.principal] = APPLIED
        elif seen == change.before and (fresh.gap is None or not change.takes_away):
            to_do.append(change)
        elif fresh.gap is not None and seen is None:
            settled[change.principal] = outcome
        elif seen == change.before:
            text = f"refused, and the list read after it is not whole: {fresh.gap}"
            settled[change.principal] = Outcome(Result.NOT_TRIED, text)
        else:
            found = seen if seen is not None else "no share"
            text = f"it moved while we wrote: {change.before or 'no share'} was planned from, "
            settled[change.principal] = Outcome(Result.NOT_TRIED, f"{text}{found} is there")
    return Remainder(tuple(to_do), settled)
