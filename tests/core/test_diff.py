"""Two states to a plan: first what is left alone, then every pair of states in every mode."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from datetime import timedelta

import pytest

from reconciler.core.declared import DeclaredCollection, Window
from reconciler.core.model import OWNER, Foreign, Level, Mode, Permission, Principal, Status
from reconciler.core.observed import Kind, ObservedState, Person, Shares, Sightings, Unreadable
from reconciler.core.plan import Action, CollectionPlan, Doing, Why
from tests.builders import (
    BIOLOGY,
    EDIT,
    ME,
    NOW,
    OWNER_ID,
    VIEW,
    address,
    apply_to,
    by_id,
    declare,
    entry,
    group,
    live,
    observe,
    observe_biology,
    plan_for,
    share,
    user,
)

ANA, BEN, STAFF = user(2), user(3), group(7)
THREE = (ANA, BEN, STAFF)
States = dict[Principal, Permission]
EVERY_STATE: list[States] = [
    {who: level for who, level in zip(THREE, levels, strict=True) if level is not None}
    for levels in itertools.product((None, VIEW, EDIT), repeat=3)
]


def one_plan(
    have: Mapping[Principal, Level],
    want: Mapping[Principal, Permission],
    mode: Mode = Mode.AUTHORITATIVE,
) -> CollectionPlan:
    one = entry(*(share(who, level) for who, level in want.items()), mode=mode)
    return plan_for(declare(one), observe_biology(have)).collections[0]


# --- left alone -------------------------------------------------------------------

ALONE = [
    pytest.param(user(OWNER_ID), VIEW, None, Why.OWNER, id="the-owner-by-id"),
    pytest.param(user(OWNER_ID), None, EDIT, Why.OWNER, id="the-owner-not-listed"),
    pytest.param(user(OWNER_ID), EDIT, EDIT, Why.OWNER, id="the-owner-in-agreement"),
    pytest.param(user(55), OWNER, VIEW, Why.OWNER, id="whoever-is-listed-as-owner"),
    pytest.param(user(ME), VIEW, None, Why.SELF, id="the-token's-own-user"),
    pytest.param(user(ME), None, EDIT, Why.SELF, id="the-token's-own-user-not-listed"),
    pytest.param(ANA, Foreign("manage"), None, Why.FOREIGN, id="a-foreign-word"),
    pytest.param(ANA, Foreign("manage"), EDIT, Why.FOREIGN, id="a-foreign-word-desired-otherwise"),
    pytest.param(STAFF, Foreign(""), None, Why.FOREIGN, id="an-empty-word"),
]


@pytest.mark.parametrize("mode", list(Mode))
@pytest.mark.parametrize(("who", "level", "wanted", "why"), ALONE)
def test_never_part_of_a_change(
    who: Principal, level: Level | None, wanted: Permission | None, why: Why, mode: Mode
) -> None:
    one = one_plan({} if level is None else {who: level}, {who: wanted} if wanted else {}, mode)

    assert one.changes == ()
    assert one.unchanged == 0
    assert one.changeable == 0
    (left,) = one.left_alone
    assert (left.principal, left.level, left.why, left.desired) == (who, level, why, wanted)


@pytest.mark.parametrize("number", [OWNER_ID, ME])
def test_a_group_with_the_number_of_owner_or_self_is_somebody_else(number: int) -> None:
    (gone,) = one_plan({group(number): VIEW}, {}).changes

    assert (gone.principal, gone.action) == (group(number), Action.DESTROY)


@pytest.mark.parametrize("level", [None, VIEW, EDIT])
def test_a_person_whom_two_lines_claim_is_left_alone(level: Permission | None) -> None:
    seen = Sightings({2: Person(2, "Ana", "ana@x.edu")})
    one = entry(share(ANA, VIEW), share(address("ana@x.edu"), EDIT, line=51))
    have = {ANA: level} if level else {}
    plan = plan_for(declare(one), observe_biology(have), seen=seen).collections[0]

    assert plan.changes == ()
    assert [each.why for each in plan.left_alone] == [Why.UNRESOLVED]


HELD_BACK = Unreadable("503")
UNTOUCHED = [
    pytest.param(entry(share(BEN)), observe(live(archived=True)), Status.IGNORED, id="archived"),
    pytest.param(
        entry(share(BEN), id=BIOLOGY), observe(live(archived=True), shares={BIOLOGY: {ANA: VIEW}}),
        Status.IGNORED, id="archived-by-id",
    ),
    pytest.param(
        entry(share(BEN)), observe(live(5), live(6)), Status.AMBIGUOUS, id="two-of-that-name"
    ),
    pytest.param(entry(share(BEN)), observe(live()), Status.UNREADABLE, id="shares-not-read"),
    pytest.param(
        entry(share(BEN)), observe(live(), shares={BIOLOGY: HELD_BACK}), Status.UNREADABLE,
        id="shares-unreadable",
    ),
    pytest.param(entry(share(BEN), id=9), observe(live()), Status.UNREADABLE, id="not-there"),
    pytest.param(
        entry(share(BEN), create=False), observe(), Status.MISSING, id="not-to-be-created"
    ),
    pytest.param(
        entry(share(BEN), mode=Mode.OBSERVE), observe(), Status.MISSING, id="nothing-to-observe"
    ),
]  # fmt: skip


@pytest.mark.parametrize(("one", "observed", "status"), UNTOUCHED)
def test_a_collection_that_is_not_ok_has_no_change_and_says_why(
    one: DeclaredCollection, observed: ObservedState, status: Status
) -> None:
    (plan,) = plan_for(declare(one), observed).collections

    assert (plan.status, plan.action, plan.changes) == (status, Doing.NONE, ())
    assert plan.reason
    assert plan.changeable == 0


@pytest.mark.parametrize("kind", [Kind.USER, Kind.COURSE_WIDE])
def test_my_library_and_course_collections_are_touched_only_by_id(kind: Kind) -> None:
    observed = observe(live(kind=kind), shares={BIOLOGY: {ANA: VIEW}})
    by_name = plan_for(declare(entry()), observed).collections[0]
    pinned = plan_for(declare(entry(id=BIOLOGY)), observed).collections[0]

    assert (by_name.status, by_name.action, by_name.changes) == (Status.IGNORED, Doing.NONE, ())
    assert [each.principal for each in pinned.changes] == [ANA]


def test_what_the_file_does_not_name_is_not_in_the_plan() -> None:
    observed = observe(live(), live(5, "Other"), shares={BIOLOGY: {}, 5: {ANA: EDIT}})
    plan = plan_for(declare(entry(share(BEN))), observed)

    assert [each.id for each in plan.collections] == [BIOLOGY]


# --- every pair of states ---------------------------------------------------------


@pytest.mark.parametrize("have", EVERY_STATE)
def test_authoritative_makes_them_equal(have: States) -> None:
    for want in EVERY_STATE:
        assert apply_to(have, one_plan(have, want).changes) == want


@pytest.mark.parametrize("have", EVERY_STATE)
def test_additive_gives_the_higher_of_both_and_says_what_it_leaves(have: States) -> None:
    for want in EVERY_STATE:
        plan = one_plan(have, want, Mode.ADDITIVE)
        higher = {
            who: max((each[who] for each in (have, want) if who in each), key=lambda x: x.rank)
            for who in have.keys() | want.keys()
        }

        assert apply_to(have, plan.changes) == higher
        assert not any(each.takes_away for each in plan.changes)
        left = {each.principal for each in plan.left_alone if each.why is Why.ADDITIVE}
        assert left == {who for who in higher if higher[who] != want.get(who)}


@pytest.mark.parametrize("have", EVERY_STATE)
def test_observe_changes_nothing_and_shows_every_difference(have: States) -> None:
    for want in EVERY_STATE:
        plan = one_plan(have, want, Mode.OBSERVE)

        assert plan.changes == ()
        assert plan.changeable == 0
        shown = {each.principal: (each.level, each.desired) for each in plan.left_alone}
        differing = {who for who in THREE if have.get(who) != want.get(who)}
        assert shown == {who: (have.get(who), want.get(who)) for who in differing}
        assert {each.why for each in plan.left_alone} <= {Why.OBSERVE}


@pytest.mark.parametrize("mode", list(Mode))
@pytest.mark.parametrize("have", EVERY_STATE)
def test_every_principal_is_told_exactly_once(have: States, mode: Mode) -> None:
    for want in EVERY_STATE:
        plan = one_plan(have, want, mode)
        told = [each.principal for each in plan.changes]
        told += [each.principal for each in plan.left_alone]

        assert len(told) == len(set(told))
        assert len(told) + plan.unchanged == len(have.keys() | want.keys())


@pytest.mark.parametrize("have", EVERY_STATE)
def test_grants_come_first_then_raises_then_lowerings_then_destroys(have: States) -> None:
    for want in EVERY_STATE:
        steps = [
            (each.is_grant, each.is_escalation, each.after is not None)
            for each in one_plan(have, want).changes
        ]

        assert steps == sorted(steps, reverse=True)


@pytest.mark.parametrize("have", EVERY_STATE)
def test_the_base_of_percentages_is_what_the_plan_could_change(have: States) -> None:
    never: dict[Principal, Level] = {
        user(OWNER_ID): OWNER,
        user(ME): EDIT,
        user(90): Foreign("manage"),
    }
    listed: dict[Principal, Level] = {**have, **never}

    assert one_plan(listed, {}).changeable == len(have)
    assert one_plan(listed, {}, Mode.OBSERVE).changeable == 0


# --- what a change says -----------------------------------------------------------


def test_a_grant_has_its_line_and_reason_and_a_destroy_the_line_of_its_collection() -> None:
    one = entry(share(ANA, line=52, reason="ticket 1"), line=40)
    granted, gone = plan_for(declare(one), observe_biology({BEN: VIEW})).collections[0].changes

    assert (granted.source.short, granted.reason) == ("config.yaml:52", "ticket 1")
    assert (gone.source.short, gone.reason) == ("config.yaml:40", None)


HOUR = timedelta(hours=1)
OVER = Window(NOW - 2 * HOUR, NOW - HOUR)


def test_a_share_whose_written_window_is_over_goes_as_an_expiry() -> None:
    one = entry(share(ANA, window=OVER, reason="guest", line=52))
    (gone,) = plan_for(declare(one), observe_biology({ANA: EDIT})).collections[0].changes

    assert gone.is_expiry
    assert not gone.is_removal
    assert gone.reason == "guest; its time was over at 2026-11-23T11:00Z (config.yaml:52)"


def test_a_share_that_no_line_ever_named_goes_as_a_removal() -> None:
    one = entry(share(BEN, window=OVER))
    (gone,) = plan_for(declare(one), observe_biology({ANA: EDIT})).collections[0].changes

    assert gone.is_removal
    assert not gone.is_expiry


def test_a_level_lowered_because_a_window_is_over_is_a_removal() -> None:
    one = entry(share(ANA, EDIT, window=OVER), share_sets=["a"])
    declared = declare(one, share_sets={"a": [share(ANA, VIEW)]})
    (lowered,) = plan_for(declared, observe_biology({ANA: EDIT})).collections[0].changes

    assert lowered.is_removal


# --- collections still to be created ----------------------------------------------


@pytest.mark.parametrize("mode", [Mode.ADDITIVE, Mode.AUTHORITATIVE])
def test_a_collection_that_is_not_there_is_created_with_all_its_shares(mode: Mode) -> None:
    one = entry(share(ANA, EDIT), share(STAFF), mode=mode, owner=by_id(user(OWNER_ID)))
    (plan,) = plan_for(declare(one), observe()).collections

    assert (plan.action, plan.id, plan.owner_id) == (Doing.CREATE, None, OWNER_ID)
    assert apply_to({}, plan.changes) == {ANA: EDIT, STAFF: VIEW}


def test_neither_owner_nor_self_is_given_a_share_of_what_is_created() -> None:
    one = entry(share(user(OWNER_ID)), share(user(ME)), owner=by_id(user(OWNER_ID)))
    (plan,) = plan_for(declare(one), observe()).collections

    assert plan.changes == ()
    assert {each.why for each in plan.left_alone} == {Why.OWNER, Why.SELF}


def test_what_is_created_without_an_owner_belongs_to_the_token() -> None:
    (plan,) = plan_for(declare(entry(share(user(ME)))), observe()).collections

    assert plan.owner_id == ME
    assert [each.why for each in plan.left_alone] == [Why.OWNER]


# --- the whole plan ---------------------------------------------------------------


def test_a_plan_with_nothing_to_do_is_a_plan() -> None:
    plan = plan_for(declare(), observe(live()))

    assert plan.collections == ()
    assert not plan.has_changes


def test_collections_are_in_order_whatever_the_order_of_the_file() -> None:
    entries = [entry(name=name, line=line) for line, name in enumerate("BCA")]
    for order in itertools.permutations(entries):
        plan = plan_for(declare(*order), observe())

        assert [each.name for each in plan.collections] == ["A", "B", "C"]


def test_a_gap_and_a_doubtful_match_are_kept_for_the_guards() -> None:
    observed = observe(live(), shares={BIOLOGY: Shares({ANA: VIEW}, "half")}, gap="page 2")
    (plan,) = plan_for(declare(entry(share(address("new@x.edu")))), observed).collections

    assert plan.observed is not None
    assert plan.observed.gap == "half"
    assert not plan.sure
    assert plan.unresolved == ("new@x.edu",)
