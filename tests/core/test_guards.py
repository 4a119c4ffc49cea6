"""Every row of the guard table: what holds, what does not, and exactly where the line is."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import TypeAlias

import pytest

from reconciler.core.guards import ApprovedPlan, Judged, approve
from reconciler.core.limits import Acknowledgement, Limit, Limits, Visibility
from reconciler.core.model import (
    NOTHING_REMEMBERED,
    Level,
    Listing,
    Memory,
    ObservedState,
    Principal,
    PrincipalType,
    Status,
    Unreadable,
)
from reconciler.core.plan import Change, CollectionPlan, Doing
from reconciler.core.verdict import Protected, Spent
from tests.builders import (
    BIOLOGY,
    EDIT,
    ME,
    OFF,
    VIEW,
    change,
    escalations,
    expiries,
    facts_of,
    grants,
    listing,
    live,
    lowerings,
    observe,
    plan_of,
    planned,
    removals,
    user,
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
    pytest.param(EDIT, user(9), VIEW, False, id="another-level"),
    pytest.param(None, Principal(PrincipalType.GROUP, 9), VIEW, False, id="a-group"),
]


@pytest.mark.parametrize(("ours", "who", "level", "held"), OURSELVES)
def test_who_may_be_the_token_itself_is_not_removed(
    ours: Level | None, who: Principal, level: Level, held: bool
) -> None:
    assert level is VIEW
    one = planned(change(who, VIEW, None), live=live(level=ours))
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


# --- quotas -----------------------------------------------------------------------


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
