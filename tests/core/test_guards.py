"""All guards together: their order, what a person let through, and the names of holds."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from reconciler.core.guards import ApprovedPlan, Judged
from reconciler.core.limits import Limit, Limits, Visibility
from reconciler.core.observed import Memory
from reconciler.core.plan import CollectionPlan
from reconciler.core.verdict import Protected
from tests.builders import (
    BIOLOGY,
    EDIT,
    OFF,
    VIEW,
    change,
    escalations,
    expiries,
    grants,
    planned,
    removals,
    user,
)
from tests.judging import (
    NONE,
    approved_of,
    guards_of,
    judge,
    only,
    principals,
)

# --- nothing to hold --------------------------------------------------------------


def test_an_ordinary_plan_goes_through_whole() -> None:
    judged = judge(planned(*grants(1), *removals(1), changeable=20), limits=Limits())

    assert judged.plan.holds == ()
    assert approved_of(judged) == principals((*grants(1), *removals(1)))


def test_an_empty_plan_approves_nothing() -> None:
    assert judge().approved.collections == ()


def test_an_entry_with_nothing_to_do_is_not_in_the_approved_plan() -> None:
    assert judge(planned(changeable=9)).approved.collections == ()


def test_only_approve_makes_an_approved_plan() -> None:
    with pytest.raises(TypeError, match="only reconciler"):
        ApprovedPlan((), object())


# --- in order, and apart ----------------------------------------------------------

ALL_ROWS = [
    "completeness",
    "protect",
    "visibility",
    "identity",
    "unresolved",
    "allow_empty",
    "blind_create",
    "flapping",
    "removals.per_collection",
    "removals.per_pass",
    "expiries.per_pass",
    "escalations.per_pass",
    "grants.per_pass",
]


def test_every_guard_judges_in_the_order_of_the_table() -> None:
    swinging = grants(1, first=600)
    judged = judge(
        planned(*removals(1, first=1), gap="half", id=1, name="a"),
        planned(*removals(1, first=77), id=2, name="b"),
        planned(*removals(1, first=88), id=3, name="c"),
        planned(*removals(1, first=2), unresolved=["x@x.edu"], empty=True, id=4, name="d"),
        planned(*removals(1, first=3), empty=True, id=5, name="e"),
        planned(*grants(1, first=4), id=None, owner=7, name="f"),
        planned(*swinging, *escalations(1), *expiries(1), *grants(1), id=6, name="g"),
        planned(*removals(2, first=10), id=7, name="h"),
        planned(*removals(1, first=20), id=8, name="i"),
        limits=Limits(
            removals_per_collection=Limit(1),
            removals_per_pass=NONE,
            removals_per_day=NONE,
            escalations_per_pass=NONE,
            expiries_per_pass=NONE,
            grants_per_pass=NONE,
            visibility=None,
        ),
        protected=Protected(frozenset({user(77)})),
        moved={user(88): "x was 1 and is 88"},
        memory=Memory(restored={(6, swinging[0].principal): 3}),
    )

    assert guards_of(judged) == [each for each in ALL_ROWS if each != "visibility"]
    assert judged.approved.collections == ()


def test_what_one_guard_holds_does_not_count_towards_the_next() -> None:
    doubtful = planned(*removals(5), unresolved=["x@x.edu"], changeable=10)
    other = planned(*removals(2, first=9), id=5, name="Other", changeable=10)
    judged = judge(doubtful, other, limits=only("removals.per_pass", Limit(2)))

    assert guards_of(judged) == ["unresolved"]
    assert approved_of(judged) == principals(removals(2, first=9))


def test_what_a_collection_holds_does_not_count_towards_the_pass() -> None:
    limits = replace(only("removals.per_pass", Limit(2)), removals_per_collection=Limit(2))
    judged = judge(
        planned(*removals(5)), planned(*removals(2, first=9), id=5, name="Other"), limits=limits
    )

    assert guards_of(judged) == ["removals.per_collection"]


def test_grants_go_on_beside_what_is_held() -> None:
    judged = judge(planned(*grants(4), *removals(9)), limits=only("removals.per_pass", NONE))

    assert approved_of(judged) == principals(grants(4))


# --- acknowledged -----------------------------------------------------------------

SWINGING = (BIOLOGY, grants(1)[0].principal)
MAY_BE = [
    pytest.param(
        (planned(*removals(1)),), replace(OFF, visibility=Visibility(0, Decimal(0), Decimal(0))),
        id="visibility",
    ),
    pytest.param((planned(*removals(1, first=88)),), OFF, id="identity"),
    pytest.param((planned(*removals(1), unresolved=["x"]),), OFF, id="unresolved"),
    pytest.param((planned(*removals(1), empty=True),), OFF, id="allow_empty"),
    pytest.param((planned(*grants(1), id=None, owner=7),), OFF, id="blind_create"),
    pytest.param((planned(*grants(1)),), replace(OFF, flapping=3), id="flapping"),
    *(
        pytest.param((planned(*make(2)),), only(guard, NONE), id=f"{guard}-{make.__name__}")
        for guard, make in (
            ("removals.per_collection", removals),
            ("removals.per_pass", removals),
            ("removals.per_day", removals),
            ("expiries.per_pass", expiries),
            ("escalations.per_pass", escalations),
            ("grants.per_pass", grants),
        )
    ),
]  # fmt: skip


@pytest.mark.parametrize(("collections", "limits"), MAY_BE)
def test_an_acknowledged_hold_lets_its_changes_through(
    collections: tuple[CollectionPlan, ...], limits: Limits
) -> None:
    def again(*acknowledged: str) -> Judged:
        return judge(
            *collections,
            limits=limits,
            memory=Memory(visible=1, restored={SWINGING: 3}),
            moved={user(88): "x was 1 and is 88"},
            acknowledged=acknowledged,
        )

    (hold,) = again().plan.holds
    through = again(hold.id)

    assert hold.can_be_acknowledged
    assert through.held == {}
    assert through.plan.holds == ()
    assert through.plan.acknowledged == (hold,)
    assert through.plan.notices == ()
    assert approved_of(through) == {each.principal for each in collections[0].changes}


def test_acknowledging_a_hold_that_is_not_there_is_told_and_lets_nothing_through() -> None:
    judged = judge(
        planned(*removals(2)), limits=only("removals.per_pass", NONE), acknowledged=["x"]
    )

    assert [each.code for each in judged.plan.notices] == ["acknowledge-unknown"]
    assert approved_of(judged) == set()


def test_acknowledgements_that_are_not_there_are_told_once_in_one_order() -> None:
    told = judge(acknowledged=["b", "a", "b"]).plan.notices

    assert told == judge(acknowledged=["a", "b"]).plan.notices
    assert len(told) == 2


def test_what_is_acknowledged_is_judged_by_no_later_limit() -> None:
    limits = replace(
        only("removals.per_collection", NONE), removals_per_pass=NONE, removals_per_day=NONE
    )
    (hold,) = judge(planned(*removals(2)), limits=limits).plan.holds
    through = judge(planned(*removals(2)), limits=limits, acknowledged=[hold.id])

    assert through.held == {}


def test_what_is_acknowledged_counts_in_the_day_and_in_nothing_else() -> None:
    doubtful = planned(*removals(5), unresolved=["x"])
    other = planned(*removals(2, first=9), id=5, name="Other")
    (hold,) = judge(doubtful).plan.holds

    def left(limits: Limits) -> list[str]:
        return guards_of(judge(doubtful, other, limits=limits, acknowledged=[hold.id]))

    assert left(only("removals.per_pass", Limit(2))) == []
    assert left(only("removals.per_day", Limit(7))) == []
    assert left(only("removals.per_day", Limit(6))) == ["removals.per_day"]


def test_evidence_is_asked_for_after_an_acknowledgement_too() -> None:
    one = planned(*removals(1), unresolved=["x"], empty=True)
    (hold,) = judge(one).plan.holds
    (next_hold,) = judge(one, acknowledged=[hold.id]).plan.holds

    assert (hold.guard, next_hold.guard) == ("unresolved", "allow_empty")
    assert judge(one, acknowledged=[hold.id, next_hold.id]).held == {}


# --- the id of a hold -------------------------------------------------------------


def hold_id(*collections: CollectionPlan, guard: str = "removals.per_pass") -> str:
    (hold,) = judge(*collections, limits=only(guard, NONE)).plan.holds
    return hold.id


GONE = removals(3)
SAME = [
    pytest.param(planned(*reversed(GONE)), id="order"),
    pytest.param(planned(*(replace(each, reason="x") for each in GONE)), id="reason"),
    pytest.param(planned(*(replace(each, who="x") for each in GONE)), id="label"),
    pytest.param(planned(*GONE, line=99), id="line"),
    pytest.param(planned(*GONE, name="Renamed"), id="name"),
    pytest.param(planned(*GONE, changeable=99), id="base"),
    pytest.param(planned(*GONE, *grants(4)), id="what-it-does-not-hold"),
]


@pytest.mark.parametrize("other", SAME)
def test_a_hold_is_the_same_for_the_same_set_of_changes(other: CollectionPlan) -> None:
    assert hold_id(other) == hold_id(planned(*GONE))


OTHER = [
    pytest.param(planned(*GONE[:2]), id="fewer"),
    pytest.param(planned(*removals(4)), id="more"),
    pytest.param(planned(*GONE[:2], change(user(9), VIEW, None)), id="somebody-else"),
    pytest.param(
        planned(*GONE[:2], change(GONE[2].principal, EDIT, None)), id="another-level-before"
    ),
    pytest.param(
        planned(*GONE[:2], change(GONE[2].principal, EDIT, VIEW)), id="another-level-after"
    ),
    pytest.param(planned(*GONE, id=5), id="another-collection"),
]


@pytest.mark.parametrize("other", OTHER)
def test_a_hold_is_another_for_another_set_of_changes(other: CollectionPlan) -> None:
    assert hold_id(other) != hold_id(planned(*GONE))


def test_two_guards_over_one_set_are_two_holds() -> None:
    assert hold_id(planned(*GONE)) != hold_id(planned(*GONE), guard="removals.per_day")


def test_the_order_of_collections_changes_no_hold() -> None:
    first, second = planned(*GONE), planned(*removals(1, first=9), id=5, name="Other")

    assert hold_id(first, second) == hold_id(second, first)
