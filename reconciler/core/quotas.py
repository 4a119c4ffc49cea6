"""
The guards that count: how many changes may go at once.

When more than its limit would go, a quota holds all of its kind, never an
arbitrary part of them: which ones are meant is for a person to say.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from reconciler.core.limits import Limit
from reconciler.core.plan import Change
from reconciler.core.verdict import Facts, Item, Verdict, by_collection


def removals_per_collection(facts: Facts, items: Sequence[Item]) -> Iterator[Verdict]:
    """Hold the removals of a collection that would lose more than its limit."""
    limit = facts.limits.removals_per_collection
    if limit is None:
        return
    for collection, mine in by_collection(_of(items, _is_removal)):
        base = facts.spent.changeable_in.get(collection.key, collection.changeable)
        gone = sum(
            key == collection.key and change.is_removal for key, change in facts.spent.judged()
        )
        if gone + len(mine) > (allowed := limit.allowed(base)):
            detail = (
                f"the plan removes {gone + len(mine)} of {base} shares; "
                f"at most {allowed} may go from one collection"
            )
            yield Verdict(
                guard="removals.per_collection", items=mine, detail=detail, collection=collection
            )


def removals_per_pass(facts: Facts, items: Sequence[Item]) -> Iterator[Verdict]:
    """Hold the removals of a pass over its limit."""
    limit = facts.limits.removals_per_pass
    yield from _per_pass(facts, items, limit, _is_removal, "removals", "removes {} of {}")


def removals_per_day(facts: Facts, items: Sequence[Item]) -> Iterator[Verdict]:
    """
    Hold removals once the rolling day's budget is used up.

    What was acknowledged is not judged, but it counts.
    """
    limit = facts.limits.removals_per_day
    mine = _of(items, _is_removal)
    if limit is None or not mine:
        return
    base = facts.spent.changeable
    used = facts.memory.removed_today + sum(1 for _ in _of(facts.acknowledged, _is_removal))
    used += sum(change.is_removal for _, change in facts.spent.changes)
    if used + len(mine) > (allowed := limit.allowed(base)):
        detail = (
            f"{used} shares went in the last 24 h and the plan removes {len(mine)} more of "
            f"{base}; at most {allowed} may go in a day"
        )
        yield Verdict(guard="removals.per_day", items=mine, detail=detail)


def expiries_per_pass(facts: Facts, items: Sequence[Item]) -> Iterator[Verdict]:
    """Hold the ends of written windows over their limit."""
    limit = facts.limits.expiries_per_pass
    yield from _per_pass(facts, items, limit, _is_expiry, "expiries", "lets end {} of {}")


def escalations_per_pass(facts: Facts, items: Sequence[Item]) -> Iterator[Verdict]:
    """Hold raised levels over their limit."""
    limit = facts.limits.escalations_per_pass
    yield from _per_pass(facts, items, limit, _is_escalation, "escalations", "raises {} of {}")


def grants_per_pass(facts: Facts, items: Sequence[Item]) -> Iterator[Verdict]:
    """Hold new shares over their limit; off unless the file says otherwise."""
    limit = facts.limits.grants_per_pass
    yield from _per_pass(facts, items, limit, _is_grant, "grants", "adds {} to {}")


def _per_pass(  # noqa: PLR0917 - one row of a table: who counts, how many may, how it is told
    facts: Facts,
    items: Sequence[Item],
    limit: Limit | None,
    counts: Callable[[Change], bool],
    kind: str,
    does: str,
) -> Iterator[Verdict]:
    mine = _of(items, counts)
    if limit is None or not mine:
        return
    base = facts.spent.changeable
    total = sum(counts(change) for _, change in facts.spent.judged()) + len(mine)
    if total > (allowed := limit.allowed(base)):
        told = does.format(total, base)
        detail = f"the plan {told} shares; at most {allowed} may go in one pass"
        yield Verdict(guard=f"{kind}.per_pass", items=mine, detail=detail)


def _of(items: Iterable[Item], counts: Callable[[Change], bool]) -> tuple[Item, ...]:
    return tuple(item for item in items if item.change is not None and counts(item.change))


def _is_removal(change: Change) -> bool:
    return change.is_removal


def _is_expiry(change: Change) -> bool:
    return change.is_expiry


def _is_escalation(change: Change) -> bool:
    return change.is_escalation


def _is_grant(change: Change) -> bool:
    return change.is_grant
