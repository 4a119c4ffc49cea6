"""Exit statuses: what scripts rely on, the same for every output format."""

from __future__ import annotations

from collections.abc import Iterable
from enum import IntEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from reconciler.core.outcome import Outcome
    from reconciler.core.plan import Plan
    from reconciler.passes.rounds import Done


class Exit(IntEnum):
    """The contract's statuses."""

    DONE = 0
    FAILED = 1
    PENDING = 2
    HELD = 3
    STALE = 4
    PARTLY = 5
    USAGE = 64
    CONFIG = 78
    INTERRUPTED = 130


_FIRST = (Exit.FAILED, Exit.PARTLY, Exit.STALE, Exit.HELD, Exit.PENDING)


def first_of(statuses: Iterable[Exit]) -> Exit:
    """The one to exit with where several hold."""
    holding = set(statuses)
    return next((each for each in _FIRST if each in holding), Exit.DONE)


def of_plan(plan: Plan, *, detailed: bool = False) -> Exit:
    """The status of a plan that was only shown."""
    statuses = _of_seeing(plan)
    if detailed and plan.has_changes:
        statuses.append(Exit.PENDING)
    return first_of(statuses)


def of_done(done: Done) -> Exit:
    """The status of a plan that was carried out."""
    from reconciler.core.outcome import Result  # noqa: PLC0415 - every command imports this module

    statuses = _of_seeing(done.plan)
    if done.moved:
        statuses.append(Exit.STALE)
    if any(each.result is not Result.APPLIED for each in _tried(done)):
        statuses.append(Exit.PARTLY)
    return first_of(statuses)


def _tried(done: Done) -> Iterable[Outcome]:
    """The outcomes, but for entries that were skipped on purpose."""
    for (entry, _), outcome in done.outcomes.shares.items():
        if entry not in done.moved:
            yield outcome
    for entry, outcome in done.outcomes.collections.items():
        if entry not in done.moved:
            yield outcome


def _of_seeing(plan: Plan) -> list[Exit]:
    statuses: list[Exit] = []
    if plan.unreadable:
        statuses.append(Exit.PARTLY)
    if plan.holds:
        statuses.append(Exit.HELD)
    return statuses
