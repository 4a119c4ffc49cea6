"""The guards that count: what they let through, exactly at the limit and one over."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from reconciler.core.limits import Limit
from reconciler.core.observed import Memory
from tests.builders import (
    expiries,
    grants,
    lowerings,
    planned,
    removals,
)
from tests.judging import (
    MAKERS,
    NONE,
    QUOTAS,
    Maker,
    approved_of,
    guards_of,
    held_of,
    judge,
    only,
    principals,
)

# --- quotas -----------------------------------------------------------------------


LIMITS = [
    pytest.param(Limit(3), 100, 3, id="the-count"),
    pytest.param(Limit(0, Decimal(10)), 39, 3, id="the-whole-part-of-the-percent"),
    pytest.param(Limit(0, Decimal("7.5")), 40, 3, id="a-broken-percent"),
    pytest.param(Limit(3, Decimal(10)), 20, 3, id="the-larger-is-the-count"),
    pytest.param(Limit(1, Decimal(10)), 30, 3, id="the-larger-is-the-percent"),
    pytest.param(Limit(0, Decimal("0.1")), 3000, 3, id="a-small-percent-is-exact"),
    pytest.param(NONE, 100, 0, id="none"),
    pytest.param(Limit(0, Decimal(30)), 3, 0, id="less-than-one-is-none"),
    pytest.param(Limit(0, Decimal(100)), 3, 3, id="all"),
]


@pytest.mark.parametrize(("limit", "base", "allowed"), LIMITS)
@pytest.mark.parametrize(("guard", "make"), QUOTAS)
def test_a_limit_lets_through_what_it_allows_and_holds_all_beyond(
    guard: str, make: Maker, limit: Limit, base: int, allowed: int
) -> None:
    limits = only(guard, limit)
    within = judge(planned(*make(allowed), changeable=base), limits=limits)
    beyond = judge(planned(*make(allowed + 1), changeable=base), limits=limits)

    assert within.held == {}
    assert guards_of(beyond) == [guard]
    assert beyond.approved.collections == ()
    assert beyond.plan.holds[0].changes == allowed + 1


@pytest.mark.parametrize(("guard", "make"), QUOTAS)
def test_a_limit_that_is_off_holds_nothing(guard: str, make: Maker) -> None:
    assert judge(planned(*make(500)), limits=only(guard, None)).held == {}


@pytest.mark.parametrize(("guard", "make"), QUOTAS)
def test_a_limit_judges_its_own_kind_alone(guard: str, make: Maker) -> None:
    own = {removals, lowerings} if guard.startswith("removals") else {make}
    others = [each for maker in MAKERS if maker not in own for each in maker(9)]

    assert judge(planned(*others), limits=only(guard, NONE)).held == {}


@pytest.mark.parametrize(("guard", "make"), QUOTAS)
def test_a_limit_holds_its_own_kind_alone(guard: str, make: Maker) -> None:
    judged = judge(
        planned(*(each for maker in MAKERS for each in maker(1))), limits=only(guard, NONE)
    )

    own = (*removals(1), *lowerings(1)) if guard.startswith("removals") else make(1)
    assert held_of(judged) == principals(own)


def test_expiries_are_no_removals_and_removals_no_expiries() -> None:
    limits = replace(only("removals.per_pass", Limit(2)), expiries_per_pass=Limit(3))

    assert judge(planned(*removals(2), *expiries(3)), limits=limits).held == {}


TWO = (
    planned(*removals(2), changeable=20),
    planned(*removals(2, first=9), id=5, name="Other", changeable=30),
)


def test_a_collection_is_judged_by_its_own_shares() -> None:
    judged = judge(*TWO, limits=only("removals.per_collection", Limit(0, Decimal("9.9"))))

    assert [hold.collection for hold in judged.plan.holds] == ["Biology 101"]
    assert approved_of(judged) == principals(removals(2, first=9))


@pytest.mark.parametrize("guard", ["removals.per_pass", "removals.per_day"])
def test_a_pass_is_judged_by_all_its_shares(guard: str) -> None:
    assert judge(*TWO, limits=only(guard, Limit(0, Decimal(8)))).held == {}
    beyond = judge(*TWO, limits=only(guard, Limit(0, Decimal("7.9"))))

    assert guards_of(beyond) == [guard]
    assert beyond.plan.holds[0].collection is None
    assert approved_of(beyond) == set()


@pytest.mark.parametrize(("before", "held"), [(0, False), (2, False), (3, True), (99, True)])
def test_the_day_counts_what_went_before(before: int, held: bool) -> None:
    judged = judge(
        planned(*removals(2)),
        limits=only("removals.per_day", Limit(4)),
        memory=Memory(removed_today=before),
    )

    assert (guards_of(judged) == ["removals.per_day"]) is held


def test_a_day_that_is_used_up_holds_nothing_where_nothing_is_removed() -> None:
    judged = judge(
        planned(*grants(2), *expiries(2)),
        limits=only("removals.per_day", NONE),
        memory=Memory(removed_today=99),
    )

    assert judged.held == {}


def test_a_hold_tells_both_numbers() -> None:
    limits = only("removals.per_pass", Limit(10, Decimal(10)))
    (hold,) = judge(planned(*removals(40), changeable=118), limits=limits).plan.holds

    assert hold.detail == "the plan removes 40 of 118 shares; at most 11 may go in one pass"
    assert hold.changes == 40
