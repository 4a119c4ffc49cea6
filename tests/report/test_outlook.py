from __future__ import annotations

import pytest

from reconciler.core.plan import Plan
from reconciler.core.reach import Reach, Turn
from reconciler.report import outlook
from tests.report.plans import caused, collection, create, destroy, rich


def some(count: int) -> frozenset[int]:
    return frozenset(range(count))


TURNS = [
    pytest.param(Turn(gain=some(12), lose=some(3)), "12 people gain access, 3 lose it", id="both"),
    pytest.param(Turn(gain=some(1), lose=some(1)), "1 person gains access, 1 loses it", id="one"),
    pytest.param(Turn(lose=some(2)), "2 people lose access", id="losing"),
    pytest.param(
        Turn(raised=some(2), lowered=some(1)),
        "2 people are raised to edit, 1 is lowered to view",
        id="levels",
    ),
    pytest.param(Turn(), "", id="nobody"),
]


@pytest.mark.parametrize(("turn", "told"), TURNS)
def test_people_are_counted_by_which_way_they_go(turn: Turn, told: str) -> None:
    assert outlook.turn(turn) == told


def people(*, unread: tuple[str, ...] = (), held: bool = False) -> str:
    plan = Plan(collections=(collection(create("a", 1), destroy("b", 2, hold="h" * held or None)),))
    turns = {plan.collections[0].key: Turn(gain=some(1))}
    return outlook.people(Reach(turns=turns, unread=unread), plan)


def test_what_the_count_leaves_out_is_said() -> None:
    assert people() == "1 person gains access."
    assert people(held=True) == "1 person gains access (what is held not counted)."
    assert people(unread=("Staff",)) == (
        "1 person gains access (members of 1 group could not be read: “Staff”)."
    )
    assert people(unread=tuple("ABCDE"), held=True) == (
        "1 person gains access (what is held not counted; "
        "members of 5 groups could not be read: “A”, “B”, “C” and 2 more)."
    )


def test_changes_that_change_nobody_s_access_say_so() -> None:
    plan = Plan(collections=(collection(create("a", 1)),))

    assert outlook.people(Reach(), plan) == "Nobody gains or loses access."


def test_where_groups_were_not_asked_for_nothing_is_said_of_people() -> None:
    assert outlook.people(None, rich()) == ""
    assert outlook.people(Reach(), Plan()) == ""


def test_causes_are_counted_where_they_are_known() -> None:
    assert outlook.causes(caused()) == "5 by this change, 2 drifted."
    assert outlook.causes(rich()) == ""
