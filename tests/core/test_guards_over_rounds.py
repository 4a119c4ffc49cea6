"""What guards make of what earlier rounds of the same pass did, held and let through."""

from __future__ import annotations

from decimal import Decimal

import pytest

from reconciler.core.limits import Limit
from reconciler.core.verdict import Spent
from tests.builders import (
    EDIT,
    change,
    grants,
    listing,
    lowerings,
    observe,
    planned,
    removals,
)
from tests.judging import (
    NONE,
    QUOTAS,
    Maker,
    guards_of,
    judge,
    only,
)

# --- over the rounds of a pass ----------------------------------------------------


def test_what_an_earlier_round_held_stays_held() -> None:
    one = planned(*removals(1))
    held = judge(one, limits=only("removals.per_pass", NONE)).held
    again = judge(one, spent=Spent(changeable=100, held=held))

    assert again.held == held
    assert again.approved.collections == ()


@pytest.mark.parametrize(("allowed", "held"), [(5, False), (4, True)])
@pytest.mark.parametrize(("guard", "make"), QUOTAS)
def test_what_an_earlier_round_did_counts(
    guard: str, make: Maker, allowed: int, held: bool
) -> None:
    before, now = make(5)[:3], make(5)[3:]
    one = planned(*now)
    spent = Spent(changeable=0, changes=tuple((one.key, each) for each in before))
    judged = judge(one, limits=only(guard, Limit(allowed)), spent=spent)

    assert (guards_of(judged) == [guard]) is held


def test_percentages_are_of_what_was_observed_first() -> None:
    one = planned(*removals(5), changeable=1)
    spent = Spent(changeable=100, changeable_in={one.key: 50})

    for guard, percent in (("removals.per_collection", 10), ("removals.per_pass", 5)):
        limits = only(guard, Limit(0, Decimal(percent)))
        assert judge(one, limits=limits, spent=spent).held == {}


def test_what_was_acknowledged_in_an_earlier_round_needs_no_second_word() -> None:
    one = planned(*removals(3), unresolved=["x"])
    (hold,) = judge(one).plan.holds
    first = judge(one, acknowledged=[hold.id])
    left = planned(*removals(1), unresolved=["x"])
    spent = Spent(changeable=0, acknowledged=first.acknowledged)
    limits = only("removals.per_pass", NONE)

    assert judge(left, spent=spent, limits=limits).held == {}


def test_an_acknowledgement_is_of_that_change_and_of_no_other_of_the_same_person() -> None:
    one = planned(*lowerings(1), unresolved=["x"])
    (hold,) = judge(one).plan.holds
    first = judge(one, acknowledged=[hold.id])
    worse = planned(change(one.changes[0].principal, EDIT, None), unresolved=["x"])
    spent = Spent(changeable=0, acknowledged=first.acknowledged)

    assert guards_of(judge(worse, spent=spent)) == ["unresolved"]


def test_what_was_acknowledged_and_done_counts_in_the_day_and_in_nothing_else() -> None:
    done, now = removals(3)[:2], removals(3)[2:]
    before = planned(*done, unresolved=["x"])
    (hold,) = judge(before).plan.holds
    let_through = judge(before, acknowledged=[hold.id]).acknowledged
    one = planned(*now)
    spent = Spent(
        changeable=0,
        changes=tuple((one.key, each) for each in done),
        acknowledged=let_through,
    )

    def left(guard: str, allowed: int) -> list[str]:
        return guards_of(judge(one, limits=only(guard, Limit(allowed)), spent=spent))

    assert left("removals.per_collection", 1) == []
    assert left("removals.per_pass", 1) == []
    assert left("removals.per_day", 3) == []
    assert left("removals.per_day", 2) == ["removals.per_day"]


def test_an_entry_whose_creation_is_held_keeps_all_its_shares_back() -> None:
    one = planned(*grants(2), id=None, owner=7)
    held = judge(one).held
    more = planned(*grants(3), id=None, owner=7)
    judged = judge(
        more, observed=observe(libraries={7: listing()}), spent=Spent(changeable=0, held=held)
    )

    assert judged.approved.collections == ()
