"""The guards that ask for evidence: what holds, what does not, and exactly where the line is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal

import pytest

from reconciler.core.limits import Visibility
from reconciler.core.model import OWNER, Level, Permission, Principal, PrincipalType, Status
from reconciler.core.observed import Listing, Memory, ObservedState, Unreadable
from reconciler.core.plan import Change, CollectionPlan, Doing
from reconciler.core.verdict import Protected
from tests.builders import (
    BIOLOGY,
    EDIT,
    ME,
    OFF,
    VIEW,
    change,
    escalations,
    expiries,
    grants,
    listing,
    live,
    lowerings,
    observe,
    planned,
    removals,
    user,
)
from tests.judging import (
    approved_of,
    guards_of,
    held_of,
    judge,
    principals,
)

# --- completeness -----------------------------------------------------------------

TAKING = (*removals(1), *lowerings(1), *expiries(1))
GIVING = (*grants(1), *escalations(1))


def test_nothing_is_taken_away_on_a_list_that_was_not_read_in_full() -> None:
    judged = judge(planned(*GIVING, *TAKING, gap="a row is broken"))

    assert guards_of(judged) == ["completeness"]
    assert held_of(judged) == principals(TAKING)
    assert "a row is broken" in judged.plan.holds[0].detail


def test_nothing_is_taken_away_on_a_match_that_is_not_sure() -> None:
    judged = judge(planned(*GIVING, *TAKING, sure=False), observed=observe(gap="page 2"))

    assert guards_of(judged) == ["completeness"]
    assert held_of(judged) == principals(TAKING)
    assert "page 2" in judged.plan.holds[0].detail


def test_a_match_that_is_not_sure_in_a_library_is_told_without_an_empty_reason() -> None:
    assert "None" not in judge(planned(*TAKING, sure=False)).plan.holds[0].detail


CREATIONS = [
    pytest.param(observe(), [], id="listing-whole"),
    pytest.param(observe(gap="page 2"), ["completeness"], id="listing-incomplete"),
    pytest.param(observe(libraries={7: listing()}), [], id="library-whole"),
    pytest.param(
        observe(libraries={7: listing(gap="page 2")}), ["completeness"], id="library-incomplete"
    ),
    pytest.param(observe(libraries={7: Unreadable("403")}), ["blind_create"], id="unreadable"),
]


@pytest.mark.parametrize(("observed", "guards"), CREATIONS)
def test_a_collection_is_created_only_where_everything_was_seen(
    observed: ObservedState, guards: list[str]
) -> None:
    owner = None if not observed.libraries else 7
    judged = judge(planned(*grants(2), id=None, owner=owner), observed=observed)

    assert guards_of(judged) == guards
    assert bool(judged.approved.collections) == (not guards)
    assert judged.plan.collections[0].hold == (judged.plan.holds[0].id if guards else None)


OURSELVES = [
    pytest.param(None, user(9), VIEW, True, id="nothing-tells"),
    pytest.param(VIEW, user(9), VIEW, True, id="the-level-is-ours"),
    pytest.param(EDIT, user(9), VIEW, True, id="a-role-may-give-us-more"),
    pytest.param(VIEW, user(9), EDIT, False, id="more-than-we-may"),
    pytest.param(OWNER, user(9), VIEW, False, id="an-owner-has-no-share"),
    pytest.param(None, Principal(PrincipalType.GROUP, 9), VIEW, False, id="a-group"),
]


@pytest.mark.parametrize(("ours", "who", "level", "held"), OURSELVES)
def test_who_may_be_the_token_itself_is_not_removed(
    ours: Level | None, who: Principal, level: Permission, held: bool
) -> None:
    one = planned(change(who, level, None), live=live(level=ours))
    judged = judge(one, observed=observe(me=None))

    assert (guards_of(judged) == ["completeness"]) is held
    assert (approved_of(judged) == set()) is held


# --- protect ----------------------------------------------------------------------


@pytest.mark.parametrize("taken", TAKING, ids=["removed", "lowered", "expired"])
def test_a_protected_principal_loses_nothing(taken: Change) -> None:
    protected = Protected(frozenset({taken.principal}))
    judged = judge(planned(*GIVING, taken, *removals(1, first=9)), protected=protected)

    assert guards_of(judged) == ["protect"]
    assert held_of(judged) == {taken.principal}


@pytest.mark.parametrize("given", GIVING, ids=["granted", "raised"])
def test_a_protected_principal_may_gain(given: Change) -> None:
    assert judge(planned(given), protected=Protected(frozenset({given.principal}))).held == {}


def test_while_a_protected_name_is_nobody_nobody_nameless_is_removed() -> None:
    gone = removals(2)
    protected = Protected(
        unknown={PrincipalType.USER: "ada@x.edu"}, nameless=frozenset({gone[0].principal})
    )
    judged = judge(planned(*gone), protected=protected)

    assert held_of(judged) == {gone[0].principal}
    assert "ada@x.edu" in judged.plan.holds[0].detail


# --- never acknowledged -----------------------------------------------------------

FINAL = [
    pytest.param(planned(*removals(1), gap="half"), observe(), id="completeness-of-shares"),
    pytest.param(planned(*grants(1), id=None), observe(gap="half"), id="completeness-of-listing"),
    pytest.param(planned(*removals(1, first=77)), observe(), id="protect"),
]


@pytest.mark.parametrize(("one", "observed"), FINAL)
def test_what_rests_on_nothing_or_is_protected_can_never_be_acknowledged(
    one: CollectionPlan, observed: ObservedState
) -> None:
    protected = Protected(frozenset({user(77)}))
    (hold,) = judge(one, observed=observed, protected=protected).plan.holds
    again = judge(one, observed=observed, protected=protected, acknowledged=[hold.id])

    assert not hold.can_be_acknowledged
    assert again.approved.collections == ()
    assert again.plan.holds == (hold,)
    assert again.plan.acknowledged == ()
    assert again.plan.notices == ()


# --- visibility -------------------------------------------------------------------


def seen_of(unreadable: int, managed: int) -> tuple[CollectionPlan, ...]:
    one = planned(*GIVING, *TAKING)
    new = planned(*grants(1, first=8000), id=None, name="New", owner=ME)
    rest = managed - unreadable - 2
    lost = [
        planned(name=f"lost {each}", id=None, status=Status.UNREADABLE)
        for each in range(unreadable)
    ]
    fine = [planned(name=f"fine {each}", id=100 + each) for each in range(rest)]
    return (one, new, *(replace(each, action=Doing.NONE) for each in lost), *fine)


VISIBILITY = [
    pytest.param(Visibility(3, Decimal(5)), 2, 10, False, id="one-under-the-count"),
    pytest.param(Visibility(3, Decimal(5)), 3, 10, True, id="at-the-count"),
    pytest.param(Visibility(3, Decimal(5)), 3, 60, False, id="exactly-the-percent"),
    pytest.param(Visibility(3, Decimal(5)), 3, 59, True, id="more-than-the-percent"),
    pytest.param(Visibility(0, Decimal(0)), 0, 10, False, id="none-allowed-none-missing"),
    pytest.param(Visibility(0, Decimal(0)), 1, 10, True, id="none-allowed-one-missing"),
    pytest.param(None, 8, 10, False, id="off"),
]


@pytest.mark.parametrize(("limit", "unreadable", "managed", "held"), VISIBILITY)
def test_too_many_unreadable_collections_hold_removals_and_creations(
    limit: Visibility | None, unreadable: int, managed: int, held: bool
) -> None:
    judged = judge(*seen_of(unreadable, managed), limits=replace(OFF, visibility=limit))

    assert guards_of(judged) == (["visibility"] if held else [])
    new = grants(1, first=8000)
    assert held_of(judged) == (principals((*TAKING, *new)) if held else set())
    assert (judged.plan.collections[1].hold is not None) is held


DROPS = [
    pytest.param(10, 7, Decimal(30), True, id="exactly-so-many-fewer"),
    pytest.param(10, 8, Decimal(30), False, id="one-less-than-so-many"),
    pytest.param(10, 10, Decimal(0), False, id="none-allowed-none-fewer"),
    pytest.param(10, 9, Decimal(0), True, id="none-allowed-one-fewer"),
    pytest.param(5, 9, Decimal(30), False, id="more-than-before"),
    pytest.param(10, 0, None, False, id="off"),
    pytest.param(None, 0, Decimal(30), False, id="no-agreement-yet"),
]


@pytest.mark.parametrize(("before", "now", "drop", "held"), DROPS)
def test_a_listing_that_shrank_holds_removals(
    before: int | None, now: int, drop: Decimal | None, held: bool
) -> None:
    shown = observe(*(live(id) for id in range(1, now + 1)))
    judged = judge(
        planned(*TAKING),
        limits=replace(OFF, visibility=Visibility(3, Decimal(5), drop)),
        observed=shown,
        memory=Memory(visible=before),
    )

    assert guards_of(judged) == (["visibility"] if held else [])


# --- identity ---------------------------------------------------------------------


def test_every_change_of_an_address_that_moved_is_held() -> None:
    changes = (*GIVING, *TAKING)
    moved = {changes[0].principal: "a was 1, is 2", changes[2].principal: "a was 1, is 2"}
    judged = judge(planned(*changes), moved=moved)

    assert guards_of(judged) == ["identity"]
    assert held_of(judged) == set(moved)


def test_nothing_is_created_for_an_owner_whose_address_moved() -> None:
    one = planned(*grants(1), id=None, owner=7)
    observed = observe(libraries={7: listing()})
    judged = judge(one, observed=observed, moved={user(7): "ada@x.edu was 6, is 7"})

    assert guards_of(judged) == ["identity"]
    assert judged.approved.collections == ()


# --- unresolved, allow_empty, blind_create ----------------------------------------


def test_a_name_that_is_nobody_holds_the_removals_of_its_collection_alone() -> None:
    doubtful = planned(*GIVING, *TAKING, unresolved=["new@x.edu"])
    other = planned(*removals(1, first=9), id=5, name="Other")
    judged = judge(doubtful, other)

    assert guards_of(judged) == ["unresolved"]
    assert held_of(judged) == principals(TAKING)
    assert "new@x.edu" in judged.plan.holds[0].detail


def test_an_empty_list_holds_the_removals_of_its_collection_alone() -> None:
    judged = judge(planned(*TAKING, empty=True), planned(*removals(1, first=9), id=5, name="Other"))

    assert guards_of(judged) == ["allow_empty"]
    assert held_of(judged) == principals(TAKING)


BLIND = [
    pytest.param(7, {}, True, id="nobody-asked"),
    pytest.param(7, {7: Unreadable("403")}, True, id="not-to-be-listed"),
    pytest.param(7, {7: listing()}, False, id="listed-and-not-there"),
    pytest.param(ME, {}, False, id="our-own"),
    pytest.param(None, {}, False, id="the-token's-own-user"),
]


@pytest.mark.parametrize(("owner", "libraries", "held"), BLIND)
def test_a_collection_is_not_created_blindly(
    owner: int | None, libraries: Mapping[int, Listing | Unreadable], held: bool
) -> None:
    one = planned(*grants(2), id=None, owner=owner)
    judged = judge(one, observed=observe(libraries=libraries))

    assert guards_of(judged) == (["blind_create"] if held else [])
    assert bool(judged.approved.collections) is not held


LOST = [
    pytest.param(7, {7: Unreadable("403")}, ["completeness"], id="it-may-be-there"),
    pytest.param(7, {7: listing()}, [], id="listed-and-not-there"),
    pytest.param(ME, {}, [], id="our-own-would-show"),
]


@pytest.mark.parametrize(("owner", "libraries", "guards"), LOST)
def test_a_creation_whose_answer_was_lost_is_never_repeated_blindly(
    owner: int, libraries: Mapping[int, Listing | Unreadable], guards: list[str]
) -> None:
    one = planned(*grants(2), id=None, owner=owner)
    memory = Memory(lost=frozenset({(one.name, owner)}))
    judged = judge(one, observed=observe(libraries=libraries), memory=memory)

    assert guards_of(judged) == guards
    assert bool(judged.approved.collections) == (not guards)
    assert all(not each.can_be_acknowledged for each in judged.plan.holds)


def test_a_collection_that_is_there_needs_no_library() -> None:
    assert judge(planned(*grants(1), owner=7)).held == {}


# --- flapping ---------------------------------------------------------------------

RESTORED = [
    pytest.param(3, 2, False, id="fewer-than-the-limit"),
    pytest.param(3, 3, True, id="once-more-than-the-limit"),
    pytest.param(0, 0, False, id="none-allowed-but-never-restored"),
    pytest.param(0, 1, True, id="none-allowed"),
    pytest.param(None, 99, False, id="off"),
]


@pytest.mark.parametrize(("limit", "times", "held"), RESTORED)
def test_a_share_restored_too_often_is_held(limit: int | None, times: int, held: bool) -> None:
    swinging, *others = (*grants(2), *escalations(1))
    memory = Memory(restored={(BIOLOGY, swinging.principal): times})
    judged = judge(planned(swinging, *others), limits=replace(OFF, flapping=limit), memory=memory)

    assert guards_of(judged) == (["flapping"] if held else [])
    assert held_of(judged) == ({swinging.principal} if held else set())


def test_taking_away_is_no_restoring() -> None:
    (gone,) = removals(1)
    memory = Memory(restored={(BIOLOGY, gone.principal): 9})

    assert judge(planned(gone), limits=replace(OFF, flapping=3), memory=memory).held == {}


def test_a_share_restored_elsewhere_is_another_share() -> None:
    (given,) = grants(1)
    memory = Memory(restored={(5, given.principal): 9})

    assert judge(planned(given), limits=replace(OFF, flapping=3), memory=memory).held == {}
