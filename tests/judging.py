"""Plans judged in few words, and the quotas as a table: what the tests of guards share."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import TypeAlias

import pytest

from reconciler.core.guards import Judged, approve
from reconciler.core.limits import Acknowledgement, Limit, Limits
from reconciler.core.model import Principal
from reconciler.core.observed import NOTHING_REMEMBERED, Memory, ObservedState
from reconciler.core.plan import Change, CollectionPlan
from reconciler.core.verdict import Protected, Spent
from tests.builders import (
    OFF,
    escalations,
    expiries,
    facts_of,
    grants,
    lowerings,
    plan_of,
    removals,
)

Maker: TypeAlias = Callable[[int], tuple[Change, ...]]
NONE = Limit(0, Decimal(0))


def judge(
    *collections: CollectionPlan,
    limits: Limits = OFF,
    observed: ObservedState | None = None,
    memory: Memory = NOTHING_REMEMBERED,
    protected: Protected | None = None,
    moved: Mapping[Principal, str] | None = None,
    spent: Spent | None = None,
    acknowledged: Iterable[str] = (),
) -> Judged:
    plan = plan_of(*collections)
    facts = facts_of(
        plan,
        limits,
        observed=observed,
        memory=memory,
        protected=protected,
        moved=moved,
        spent=spent,
    )
    return approve(plan, facts, [Acknowledgement(each) for each in acknowledged])


def guards_of(judged: Judged) -> list[str]:
    return [hold.guard for hold in judged.plan.holds]


def held_of(judged: Judged) -> set[Principal]:
    return {each.principal for _, each in judged.plan.changes() if each.hold is not None}


def approved_of(judged: Judged) -> set[Principal]:
    return {each.principal for one in judged.approved.collections for each in one.changes}


def principals(changes: Iterable[Change]) -> set[Principal]:
    return {each.principal for each in changes}


def only(guard: str, limit: Limit | None) -> Limits:
    """Every limit off but one."""
    match guard:
        case "removals.per_collection":
            return replace(OFF, removals_per_collection=limit)
        case "removals.per_pass":
            return replace(OFF, removals_per_pass=limit)
        case "removals.per_day":
            return replace(OFF, removals_per_day=limit)
        case "expiries.per_pass":
            return replace(OFF, expiries_per_pass=limit)
        case "escalations.per_pass":
            return replace(OFF, escalations_per_pass=limit)
    return replace(OFF, grants_per_pass=limit)


QUOTAS = [
    pytest.param("removals.per_collection", removals, id="removed-per-collection"),
    pytest.param("removals.per_collection", lowerings, id="lowered-per-collection"),
    pytest.param("removals.per_pass", removals, id="removed-per-pass"),
    pytest.param("removals.per_pass", lowerings, id="lowered-per-pass"),
    pytest.param("removals.per_day", removals, id="removed-per-day"),
    pytest.param("removals.per_day", lowerings, id="lowered-per-day"),
    pytest.param("expiries.per_pass", expiries, id="expired"),
    pytest.param("escalations.per_pass", escalations, id="raised"),
    pytest.param("grants.per_pass", grants, id="granted"),
]
MAKERS: tuple[Maker, ...] = (removals, lowerings, expiries, escalations, grants)
